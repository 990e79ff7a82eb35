//! Who uses a node or a bridge that is there: asked before it is replaced, stopped or taken away.

use shared::wire::{Key, NodeStatus};

use super::found::Installed;
use super::hosts::Host;
use super::script;
use super::service::Service;
use super::ssh::{self, Line};
use crate::cluster::{Visit, visit};
use crate::key::Keyring;
use crate::output::count;

/// A node or a bridge that is there, as far as it can be seen from here.
#[derive(Debug)]
pub(super) struct Presence {
    program: Service,
    /// It has another key than the cluster; what it says about that.
    pub(super) other_key: Option<String>,
    /// What it runs, for whom; empty if nothing.
    pub(super) runs: String,
    /// It could be asked for that.
    has_answered: bool,
    /// Why nothing answers, by port.
    unanswered: Vec<(u16, String)>,
}

impl Presence {
    /// Asks a program of a host: on the ports that it listens on, and on `port`.
    pub(super) async fn of(
        host: &Host,
        port: u16,
        program: Service,
        found: &Installed,
        key: Option<&Key>,
        line: &Line<'_>,
    ) -> Result<Self, String> {
        let mut presence = Self::unseen(program);
        let keyring = Keyring::maybe(key.cloned());
        let mut ports = found.listens.clone();
        if !ports.contains(&port) {
            ports.push(port);
        }
        for port in ports {
            presence.ask(host, port, found, &keyring, line).await?;
        }
        // Sessions of a node that cannot be asked are connections all the same.
        if !presence.has_answered && found.connections > 0 {
            presence.runs = format!(
                "something: it has {} and cannot be asked",
                count(found.connections as u64, "connection")
            );
        }
        Ok(presence)
    }

    /// Nothing has been asked.
    fn unseen(program: Service) -> Self {
        Self {
            program,
            other_key: None,
            runs: String::new(),
            has_answered: false,
            unanswered: Vec::new(),
        }
    }

    async fn ask(
        &mut self,
        host: &Host,
        port: u16,
        found: &Installed,
        keyring: &Keyring,
        line: &Line<'_>,
    ) -> Result<(), String> {
        let endpoint = self.program.at(host, port);
        match visit(endpoint.clone(), keyring).await {
            Visit::Node(status) => {
                self.runs = runs(&status);
                self.has_answered = true;
            }
            Visit::OtherKey(reason) => {
                self.other_key = Some(reason);
                // Root may read that key anyway.
                let script = script::KEY.as_bytes();
                let said = line.run(ssh::AS_ROOT, script, ssh::LOOK_LIMIT).await?;
                let key = script::read_key(&said.stdout);
                if let Some(key) = key
                    && let Visit::Node(status) = visit(endpoint, &Keyring::of(key)).await
                {
                    self.runs = runs(&status);
                    self.has_answered = true;
                }
            }
            // One of another release, say.
            Visit::Unusable(_) if found.listens.contains(&port) => {}
            Visit::Unusable(reason) => {
                return Err(format!(
                    "something that 'controller deploy' did not install listens at {endpoint}: {reason}"
                ));
            }
            Visit::NoAnswer(reason) => self.unanswered.push((port, reason)),
        }
        Ok(())
    }

    /// Why nothing answers at a port.
    pub(super) fn silence(&self, port: u16) -> Option<&str> {
        let mut silent = self.unanswered.iter();
        let (_, reason) = silent.find(|(known, _)| *known == port)?;
        Some(reason)
    }

    /// Refuses one that somebody has started by hand: it has the port that the service wants. `listens` is
    /// where the service does.
    pub(super) fn check_installed(&self, listens: &[u16]) -> Result<(), String> {
        if !listens.is_empty() || !(self.has_answered || self.other_key.is_some()) {
            return Ok(());
        }
        let kind = self.program.kind();
        Err(format!(
            "a {kind} runs there that 'controller deploy' did not install; end it, and deploy again"
        ))
    }

    /// Refuses what somebody else uses, or owns.
    pub(super) fn check_owner(&self) -> Result<(), String> {
        if self.other_key.is_none() {
            return Ok(());
        }
        let runs = match self.runs.as_str() {
            "" => String::new(),
            runs => format!(", and it runs {runs}"),
        };
        let kind = self.program.kind();
        Err(format!(
            "the {kind} there has another key than this controller, so it is that of somebody \
             else{runs}; --force takes it over, and ends what it runs"
        ))
    }

    /// Why the node must not stop now; empty if it may.
    pub(super) fn busy(&self) -> String {
        match self.runs.as_str() {
            "" => String::new(),
            runs => busy(self.program, runs),
        }
    }
}

/// Why a program must not stop that runs this.
pub(super) fn busy(program: Service, runs: &str) -> String {
    let kind = program.kind();
    format!("the {kind} runs {runs}; wait for the end of that, or end it with --force")
}

/// What a node runs, for whom.
pub(super) fn runs(status: &NodeStatus) -> String {
    let sessions = status.sessions.iter().map(|session| {
        let models = count(session.models.into(), "model");
        format!("'{}' ({models}) for {}", session.scenario, session.peer)
    });
    sessions.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::wire::SessionStatus;

    fn presence() -> Presence {
        let session = |scenario: &str, models| SessionStatus {
            scenario: scenario.to_owned(),
            models,
            peer: "10.0.0.9".to_owned(),
            ..SessionStatus::default()
        };
        let status = NodeStatus {
            sessions: vec![session("long", 3), session("other", 1)],
            ..NodeStatus::default()
        };
        Presence {
            runs: runs(&status),
            ..Presence::unseen(Service::Node)
        }
    }

    #[test]
    fn what_would_be_ended_is_named_with_those_who_would_miss_it() {
        let mut node = presence();
        let busy = node.busy();
        assert!(
            busy.contains("'long' (3 models) for 10.0.0.9, 'other' (1 model) for 10.0.0.9;"),
            "{busy}"
        );
        assert_eq!(node.check_owner(), Ok(()));
        node.other_key = Some("another key".to_owned());
        let refused = node.check_owner().expect_err("refused");
        assert!(
            refused.contains("runs 'long'") && refused.contains("--force"),
            "{refused}"
        );
        assert_eq!(Presence::unseen(Service::Node).busy(), "");
    }

    #[test]
    fn a_bridge_that_was_started_by_hand_has_to_be_ended_by_hand() {
        let mut bridge = Presence::unseen(Service::Bridge);
        assert_eq!(bridge.check_installed(&[]), Ok(()));
        bridge.has_answered = true;
        assert_eq!(bridge.check_installed(&[5124]), Ok(()));
        let refused = bridge.check_installed(&[]).expect_err("by hand");
        assert!(refused.starts_with("a bridge runs there that"), "{refused}");
    }
}
