//! Where nodes are said to be.

use std::fmt;

use crate::scenario::{Connect, Graph};

/// Where a node is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// IPv4 or IPv6 address, the latter with its zone where it needs one, or host name.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

impl Endpoint {
    /// Reads `host`, `host:port`, `ipv6` or `[ipv6]:port`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Connect::parse(text).map(|connect| Self::of(&connect))
    }

    /// Where a scenario wants a model to run.
    pub(crate) fn of(connect: &Connect) -> Self {
        Self {
            host: connect.host.clone(),
            port: connect.port,
        }
    }

    /// All that a scenario names, each once, in the order of the file.
    pub(crate) fn all_of(graph: &Graph) -> Vec<Self> {
        let mut endpoints: Vec<Self> = Vec::new();
        for connect in graph.models.iter().filter_map(|m| m.connect.as_ref()) {
            let endpoint = Self::of(connect);
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
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
}
