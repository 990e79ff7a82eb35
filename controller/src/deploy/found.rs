//! What there is on a machine.

use shared::wire::{BRIDGE_PORT, DEFAULT_PORT};

use super::hosts::Host;
use super::script::answer;
use super::service::{Ports, RELEASE, Service};

/// What a machine has of a program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Installed {
    /// Checksum and length; empty where it is not there.
    pub(super) sum: String,
    /// What it says of itself.
    pub(super) release: String,
    /// The ports on which its service listens.
    pub(super) listens: Vec<u16>,
    /// How many connections that has.
    pub(super) connections: usize,
}

impl Installed {
    /// Reads what [`LOOK`](super::script::LOOK) has a machine print of a program.
    fn read(answer: &str, kind: &str) -> Option<Self> {
        let words = |name| {
            let lead = format!("{kind}-{name} ");
            let line = answer.lines().find_map(|line| line.strip_prefix(&*lead))?;
            Some(line.split_whitespace())
        };
        let ports = words("listens")?.filter_map(|word| word.parse().ok());
        Some(Self {
            sum: words("binary")?.collect::<Vec<_>>().join(" "),
            release: words("release")?.collect::<Vec<_>>().join(" "),
            listens: ports.collect(),
            connections: words("connections")?.next()?.parse().unwrap_or(0),
        })
    }
}

/// What a machine is and has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// What `uname -m` says.
    pub(super) processor: String,
    /// The node there.
    pub(super) node: Installed,
    /// The bridge there.
    pub(super) bridge: Installed,
    /// Whether it was 'controller deploy' that put the bridge there.
    pub(super) is_bridge_deployed: bool,
    /// The port that the installed node was given.
    pub(super) port: Option<u16>,
    /// Folders whose content may be gone after the next start.
    pub(super) passing: Vec<String>,
    /// `yes`, or `no` and why.
    root: String,
}

impl Found {
    /// Reads what [`LOOK`](super::script::LOOK) has a machine print.
    pub(super) fn read(stdout: &str) -> Option<Self> {
        let answer = answer(stdout)?;
        let all = |name: &'static str| {
            let lines = answer.lines();
            lines.filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        let text = |name| Some(all(name).next()?.trim().to_owned());
        Some(Self {
            node: Installed::read(answer, "node")?,
            bridge: Installed::read(answer, "bridge")?,
            is_bridge_deployed: all("bridge-deployed").next().is_some(),
            port: text("port").and_then(|port| port.parse().ok()),
            passing: all("passing").map(str::to_owned).collect(),
            processor: text("processor")?,
            root: text("root")?,
        })
    }

    /// What there is of a program.
    pub(super) fn of(&self, program: Service) -> &Installed {
        match program {
            Service::Node => &self.node,
            Service::Bridge => &self.bridge,
        }
    }

    /// Where a program is wanted and where it is to be met: its own configuration wins, unless the user names a
    /// port, which is one of the node.
    pub(super) fn ports(&self, program: Service, host: &Host) -> Ports {
        let (named, given, usual) = match program {
            Service::Node => (host.port, self.port, DEFAULT_PORT),
            Service::Bridge => (None, None, BRIDGE_PORT),
        };
        let configured = named.or(given).unwrap_or(usual);
        let met = named.or(self.of(program).listens.first().copied());
        Ports {
            named,
            configured,
            met: met.unwrap_or(configured),
        }
    }

    /// Whether the installed node is of this release.
    pub(super) fn has_this_release(&self) -> bool {
        self.node.release == format!("illuminator-node {RELEASE}")
    }

    /// Refuses a machine on which the user cannot become root.
    pub(super) fn check_root(&self) -> Result<(), String> {
        if self.root == "yes" {
            return Ok(());
        }
        let said = self.root.strip_prefix("no").unwrap_or(&self.root).trim();
        let said = crate::output::printable(said);
        Err(format!(
            "this user cannot become root there: {said}; log in as another user with --user, or \
             let this one use sudo without a password: a line 'NAME ALL=(ALL) NOPASSWD: ALL' in \
             /etc/sudoers.d/illuminator"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "root no\nWelcome to pi1\nilluminator answers:\nprocessor aarch64\n\
        node-binary 12  34\nnode-release \nnode-listens 6000 6001 \nnode-connections 2\n\
        bridge-binary \nbridge-release illuminator-bridge 0.0.9\nbridge-listens \nbridge-connections 0\n\
        bridge-deployed yes\nport 6000\npassing /etc\nroot yes\n";

    #[test]
    fn an_answer_is_read_behind_what_a_login_prints() {
        let found = Found::read(ANSWER).expect("complete");
        assert_eq!((&*found.processor, found.port), ("aarch64", Some(6000)));
        let node = Installed {
            sum: "12 34".to_owned(),
            release: String::new(),
            listens: vec![6000, 6001],
            connections: 2,
        };
        assert_eq!(*found.of(Service::Node), node);
        let bridge = Installed {
            release: "illuminator-bridge 0.0.9".to_owned(),
            ..Installed::default()
        };
        assert_eq!(*found.of(Service::Bridge), bridge);
        assert!(found.is_bridge_deployed);
        assert_eq!(found.passing, ["/etc"]);
        assert!(!found.has_this_release());
        assert_eq!(found.check_root(), Ok(()));
        assert_eq!(Found::read(&ANSWER.replace("processor", "x")), None);
        assert_eq!(Found::read(&ANSWER.replace("answers", "x")), None);
    }

    #[test]
    fn a_user_who_cannot_become_root_is_told_what_to_do() {
        let answer = ANSWER.replace("root yes", "root no sudo: a password is required");
        let refused = Found::read(&answer).expect("complete").check_root();
        let refused = refused.expect_err("no root");
        assert!(
            refused.contains("there: sudo: a password is required;"),
            "{refused}"
        );
        assert!(refused.contains("NOPASSWD"), "{refused}");
    }
}
