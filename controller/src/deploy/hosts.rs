//! Which hosts: by name, or from the `connect` entries of a scenario.

use shared::wire::DEFAULT_PORT;

use crate::cluster::{Endpoint, Service};
use crate::scenario::{Machine, check_host};

/// A machine for a node, and for a bridge beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// Address or name, for ssh as for the node. Never begins with `-`.
    pub(crate) name: String,
    /// Where the node is to listen, if the user says so.
    pub(crate) port: Option<u16>,
    /// A bridge comes with the node. One that is there is brought up to date in any case.
    pub(crate) bridge: bool,
}

impl Host {
    /// The host with this address or name.
    ///
    /// # Errors
    /// What `ssh` could take for something else, in words.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if let Some((user, host)) = name.split_once('@') {
            return Err(format!(
                "'{name}': name the host alone, and its user with '--user {user}': {host}"
            ));
        }
        check_host(name).map_err(|what| format!("'{name}' {what}"))?;
        Ok(Self {
            name: name.to_owned(),
            port: None,
            bridge: false,
        })
    }

    /// A port of the host.
    pub(crate) fn at(&self, port: u16) -> Endpoint {
        Endpoint {
            host: self.name.clone(),
            port,
            service: Service::Node,
        }
    }
}

/// The hosts of a scenario in its order, each with all ports that it names. One node serves them
/// all: it listens on the usual port if that is among them, otherwise on the first. Where there are only
/// programs of a bridge, no node is wanted.
pub(crate) fn hosts_of<'a>(machines: impl Iterator<Item = Machine<'a>>) -> Vec<(Host, Vec<u16>)> {
    let mut hosts: Vec<(Host, Vec<u16>)> = Vec::new();
    for Machine { connect, .. } in machines.filter(|machine| !machine.runs_programs) {
        let port = connect.port;
        let known = hosts.iter_mut().find(|(host, _)| host.name == connect.host);
        if let Some((host, ports)) = known {
            if port == DEFAULT_PORT {
                host.port = Some(port);
            }
            if !ports.contains(&port) {
                ports.push(port);
            }
        } else {
            let host = Host {
                name: connect.host.clone(),
                port: Some(port),
                bridge: false,
            };
            hosts.push((host, vec![port]));
        }
    }
    hosts
}
