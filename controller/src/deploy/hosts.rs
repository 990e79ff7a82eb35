//! Which hosts: from the command line, or from the `connect` entries of a scenario.

use shared::wire::DEFAULT_PORT;

use super::error::DeployError;
use crate::cluster::Endpoint;
use crate::scenario::{Graph, check_host};
use crate::targets::Target;

/// A machine for a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// Address or name, for ssh as for the node. Never begins with `-`.
    pub(super) name: String,
    /// Where the node is to listen, if the user says so.
    pub(super) port: Option<u16>,
}

impl Host {
    /// A port of the host.
    pub(super) fn at(&self, port: u16) -> Endpoint {
        Endpoint {
            host: self.name.clone(),
            port,
        }
    }

    /// The name under which a node arrives in the user's folder. It tells hosts apart, as they may
    /// share that folder.
    pub(super) fn upload_name(&self) -> String {
        format!(".illuminator-node.{}", self.name.replace([':', '%'], "-"))
    }
}

/// The hosts that the command line names, each once. A target that is a file, or is called like
/// one, stands for the hosts of that scenario.
pub(super) fn read(targets: &[String], port: Option<u16>) -> Result<Vec<Host>, DeployError> {
    let mut hosts: Vec<Host> = Vec::new();
    for target in targets {
        let more = match Target::read(target)? {
            Target::Scenario(graph) => {
                let hosts = of_graph(&graph).into_iter().map(|(host, _)| host);
                hosts.collect()
            }
            Target::Named(name) => vec![named(&name)?],
        };
        for mut host in more {
            host.port = port.or(host.port);
            if !hosts.iter().any(|known| known.name == host.name) {
                hosts.push(host);
            }
        }
    }
    if hosts.is_empty() {
        let text =
            "say which hosts: 'controller deploy scenario.yaml' or 'controller deploy pi1 pi2'";
        return Err(DeployError::Usage(text.to_owned()));
    }
    Ok(hosts)
}

fn named(target: &str) -> Result<Host, DeployError> {
    if let Some((user, host)) = target.split_once('@') {
        return Err(DeployError::Usage(format!(
            "'{target}': name the host alone, and its user with '--user {user}': {host}"
        )));
    }
    match check_host(target) {
        Ok(()) => Ok(Host {
            name: target.to_owned(),
            port: None,
        }),
        Err(what) => Err(DeployError::Usage(format!("'{target}' {what}"))),
    }
}

/// The hosts of a scenario in its order, each with all ports that it names. One node serves them
/// all: it listens on the usual port if that is among them, otherwise on the first.
pub(super) fn of_graph(graph: &Graph) -> Vec<(Host, Vec<u16>)> {
    let mut hosts: Vec<(Host, Vec<u16>)> = Vec::new();
    for connect in graph
        .models
        .iter()
        .filter_map(|model| model.connect.as_ref())
    {
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
            };
            hosts.push((host, vec![port]));
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(targets: &[&str], port: Option<u16>) -> Result<Vec<String>, String> {
        let targets: Vec<String> = targets.iter().map(|&target| target.to_owned()).collect();
        match read(&targets, port) {
            Ok(hosts) => {
                let port = |host: &Host| host.port.unwrap_or(DEFAULT_PORT);
                let hosts = hosts.iter().map(|host| host.at(port(host)).to_string());
                Ok(hosts.collect())
            }
            Err(DeployError::Usage(text)) => Err(text),
            Err(DeployError::Run(error)) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_host_is_taken_once() {
        let hosts = targets(&["pi1", "192.168.0.2", "pi1", "fd98::1"], None);
        let expected = ["pi1:5123", "192.168.0.2:5123", "[fd98::1]:5123"];
        assert_eq!(hosts, Ok(expected.map(str::to_owned).to_vec()));
        assert_eq!(
            targets(&["pi1"], Some(7000)),
            Ok(vec!["pi1:7000".to_owned()])
        );
    }

    #[test]
    fn what_ssh_could_take_for_something_else_is_refused() {
        for target in [
            "-oProxyCommand=x",
            "pi 1",
            "pi1;reboot",
            "$(reboot)",
            "a'b",
            "",
        ] {
            assert!(targets(&[target], None).is_err(), "{target}");
        }
        let user = targets(&["pi@pi1"], None).expect_err("refused");
        assert!(user.contains("--user pi"), "{user}");
    }

    #[test]
    fn a_scenario_that_is_not_there_is_no_host() {
        let missing = targets(&["no-such-file.yaml"], None).expect_err("refused");
        assert!(missing.contains("cannot read the scenario"), "{missing}");
        assert!(targets(&[], None).is_err());
    }
}
