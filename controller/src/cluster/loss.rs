//! How a node was lost, or why it refuses, and what the user can do about it.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use session::LossCause;
use shared::led::reserved_for;
use shared::wire::{ConnectionError, Refusal};

use super::service::Service;
use crate::output::printable_line;

/// How a node was lost, and what to do.
#[derive(Debug)]
pub struct Loss {
    /// What happened.
    pub(crate) cause: LossCause,
    /// What is lost.
    pub(crate) service: Service,
    /// How long this machine was away shortly before, if it was.
    pub(crate) away: Option<Duration>,
    /// `--timeout` allows longer silences.
    pub(crate) has_timeout: bool,
}

impl Loss {
    /// One that this machine and its options have nothing to do with.
    pub(crate) fn new(cause: LossCause, service: Service) -> Self {
        Self {
            cause,
            service,
            away: None,
            has_timeout: false,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(away) = self.away {
            write!(
                f,
                "this machine was away for {} s (it slept, or this program was stopped): ",
                away.as_secs()
            )?;
        }
        // A node may say what it likes; here it stays on its line.
        f.write_str(&printable_line(&explain_loss(&self.cause, self.service)))?;
        let is_silent = matches!(self.cause, LossCause::Silent(_) | LossCause::Stalled(_));
        if self.has_timeout && is_silent {
            f.write_str(", or allow more with --timeout")?;
        }
        Ok(())
    }
}

impl Error for Loss {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            LossCause::Connection(ConnectionError::Io(error)) => Some(error),
            _ => None,
        }
    }
}

fn explain_loss(cause: &LossCause, service: Service) -> String {
    match cause {
        LossCause::Connection(ConnectionError::Closed) => {
            format!(
                "the peer closed the connection without a word, as one that is killed or switched off \
                 does; see what its log says ('journalctl --unit {service}')"
            )
        }
        LossCause::Connection(ConnectionError::Io(_)) => "the connection to it broke".to_owned(),
        LossCause::Connection(error) => error.to_string(),
        LossCause::Silent(seconds) => format!(
            "no sign of life for {seconds} s; see whether the node hangs or the network is down"
        ),
        LossCause::Stalled(seconds) => format!(
            "it says that it is there and has taken nothing of what is sent to it for \
             {seconds} s; see whether the node hangs"
        ),
        LossCause::Stopped => "somebody stopped the node".to_owned(),
        LossCause::Refused(refusal) => explain(refusal, service),
        LossCause::Confused(what) => what.clone(),
        LossCause::Unfinished(wait) => format!(
            "it says that it has finished, and values of it for tick {} are missing",
            wait.tick
        ),
    }
}

/// Why a node refuses, and what to do.
pub(crate) fn refusal_text(refusal: &Refusal, service: Service) -> String {
    printable_line(&explain(refusal, service)).into_owned()
}

fn explain(refusal: &Refusal, service: Service) -> String {
    match refusal {
        Refusal::Busy { sessions } => {
            format!("it already has {sessions} sessions, as many as it takes; wait for one to end")
        }
        Refusal::MissingTypes(types) => format!(
            "it has no model type {}; update {service} there to the release of this controller",
            types.join(", ")
        ),
        Refusal::DifferentTypes(types) => format!(
            "its model type {} has another interface; install the same release on node and controller",
            types.join(", ")
        ),
        Refusal::FilesTooLarge { limit } => format!(
            "the files that its models read are over the limit of {} MiB; run these models on the \
             controller (leave out `connect`), or cut the files to the days of the scenario",
            limit / (1024 * 1024)
        ),
        Refusal::OtherType(name) => format!(
            "it was started to run models of type {name} only; start it with '{service} serve'"
        ),
        Refusal::InconsistentPlan => {
            "it finds the plan inconsistent; please report this".to_owned()
        }
        Refusal::ModelsTooLarge { limit } => format!(
            "its models take more than the {} MiB that a node has for them; give some of them to \
             other nodes",
            limit / (1024 * 1024)
        ),
        Refusal::Silence { seconds } => {
            format!("it ended the session, as it had heard nothing of this machine for {seconds} s")
        }
        Refusal::System(what) => {
            // Whatever it is, it is a word of the node.
            let what: String = what.chars().take(200).collect();
            format!("its system lacks something: {what}")
        }
        Refusal::OutOfMemory(error) => format!(
            "the plan or the values there take memory {error}; put fewer models on it, or wait for \
             other runs there to end"
        ),
        Refusal::ReservedPin { pin, .. } => format!(
            "an LED of its models wants pin {pin}, which is reserved for {}; give it another pin, or \
             have the node allow it: 'allow = [{pin}]' under [leds] in its /etc/illuminator/node.toml",
            reserved_for(*pin).unwrap_or("something else")
        ),
        Refusal::OutOfOrder => {
            "it got a message that it did not expect; please report this".to_owned()
        }
    }
}
