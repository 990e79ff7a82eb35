//! Where nodes and bridges are said to be.

use std::fmt;

use super::service::Service;
use crate::scenario::{Connect, Machine};

/// Where a node or a bridge is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// IPv4 or IPv6 address, the latter with its zone where it needs one, or host name.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What is said to listen there.
    pub(crate) service: Service,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

impl Endpoint {
    /// A node that is named `host`, `host:port`, `ipv6` or `[ipv6]:port`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Connect::parse(text).map(|connect| Self::of(&connect, Service::Node))
    }

    /// Where a scenario wants a model to run.
    pub(crate) fn of(connect: &Connect, service: Service) -> Self {
        Self {
            host: connect.host.clone(),
            port: connect.port,
            service,
        }
    }

    /// Whether it is where a scenario wants a model to run.
    pub(crate) fn is_at(&self, connect: &Connect) -> bool {
        (&self.host, self.port) == (&connect.host, connect.port)
    }

    /// All of these machines, each once, in their order. Where a model is that programs run, a bridge is meant.
    pub(crate) fn all_of<'a>(machines: impl Iterator<Item = Machine<'a>>) -> Vec<Self> {
        let mut endpoints: Vec<Self> = Vec::new();
        for machine in machines {
            let service = if machine.runs_programs {
                Service::Bridge
            } else {
                Service::Node
            };
            let new = Self::of(machine.connect, service);
            match endpoints
                .iter_mut()
                .find(|known| known.is_at(machine.connect))
            {
                Some(known) if machine.runs_programs => known.service = service,
                Some(_) => {}
                None => endpoints.push(new),
            }
        }
        endpoints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_host_and_port_or_host_alone() {
        for (text, host, port, shown) in [
            ("pi3.local", "pi3.local", 5123, "pi3.local:5123"),
            ("192.168.0.1:80", "192.168.0.1", 80, "192.168.0.1:80"),
            ("fd98::1", "fd98::1", 5123, "[fd98::1]:5123"),
            ("[fd98::1]", "fd98::1", 5123, "[fd98::1]:5123"),
            ("fe80::1%eth0", "fe80::1%eth0", 5123, "[fe80::1%eth0]:5123"),
            ("[fe80::1%eth0]:7", "fe80::1%eth0", 7, "[fe80::1%eth0]:7"),
            ("[::1]:99", "::1", 99, "[::1]:99"),
        ] {
            let endpoint = Endpoint::parse(text).expect("valid");
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port));
            assert_eq!(endpoint.to_string(), shown);
        }
        for text in [
            "", "pi:0", "pi:70000", "pi:", "a b", "1.2.3", "-pi", "[::1]x:5", ":5", "fe80::1",
        ] {
            let error = Endpoint::parse(text);
            assert!(error.is_err(), "{text}: {error:?}");
        }
    }

    #[test]
    fn an_endpoint_is_named_once_and_is_a_bridge_where_programs_run() {
        let connects = ["pi1", "pi2", "pi1:5124", "pi2", "pi1"].map(Connect::parse);
        let connects = connects.map(|connect| connect.expect("valid"));
        let programs = [false, false, true, true, false];
        let machines = connects.iter().zip(programs);
        let machines = machines.map(|(connect, runs_programs)| Machine {
            connect,
            runs_programs,
        });
        let endpoints = Endpoint::all_of(machines).into_iter();
        let shown: Vec<String> = endpoints.map(|e| format!("{} {e}", e.service)).collect();
        assert_eq!(
            shown,
            [
                "illuminator-node pi1:5123",
                "illuminator-bridge pi2:5123",
                "illuminator-bridge pi1:5124"
            ]
        );
    }
}
