//! Why a node cannot be used, and what the user can do about it.

use shared::wire::{HandshakeError, PreambleError, Refusal, Stranger};
use thiserror::Error;

use super::loss::refusal_text;
use super::service::Service;
use crate::key::explain;

/// A node cannot be used.
#[derive(Clone, Debug, Error)]
#[error("{reason}")]
pub(super) struct Unusable {
    /// Why, and what to do.
    pub(super) reason: String,
    pub(super) retry: Retry,
    /// What answers there.
    pub(super) who: Who,
}

/// What answers where a node should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Nothing does.
    Nobody,
    /// A node that has another key than this controller.
    OtherKey,
    /// Something else.
    Somebody,
}

/// Whether another attempt may come to something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Retry {
    /// It will not.
    Never,
    /// It may, while a machine starts, say.
    Later,
    /// It may in a moment, while a service starts anew, say.
    Soon,
}

impl Unusable {
    pub(super) fn new(reason: impl Into<String>, retry: Retry) -> Self {
        Self {
            reason: reason.into(),
            retry,
            who: Who::Nobody,
        }
    }

    /// The same, with what answers there.
    pub(super) fn of(self, who: Who) -> Self {
        Self { who, ..self }
    }

    /// A node that refuses a session.
    pub(super) fn refused(refusal: &Refusal, service: Service) -> Self {
        let retry = match refusal {
            Refusal::Busy { .. } | Refusal::Silence { .. } | Refusal::System(_) => Retry::Later,
            _ => Retry::Never,
        };
        Self::new(refusal_text(refusal, service), retry)
    }

    /// Something that listens at this port, and is no node or bridge to talk to.
    pub(super) fn no_handshake(error: &HandshakeError, service: Service, port: u16) -> Self {
        let name = service.kind();
        match error {
            HandshakeError::TimedOut { limit, greeted } => {
                let did = if *greeted {
                    "greets"
                } else {
                    "accepts connections"
                };
                let reason = format!(
                    "no answer for {} s: it {did} and then says nothing; it hangs, or something else \
                     listens there; restart the {name} ('systemctl restart {service}'), and see whether the \
                     port is the right one",
                    limit.as_secs_f32()
                );
                Self::new(reason, Retry::Later)
            }
            HandshakeError::Closed => Self::new(
                format!(
                    "it accepts connections to port {port} and closes them without a word; see what \
                     listens there, and what the log of the {name} says ('journalctl --unit \
                     {service}')"
                ),
                Retry::Soon,
            ),
            HandshakeError::Preamble(PreambleError::Foreign(stranger)) => {
                let seems = match stranger {
                    Stranger::Ssh => ": it is an ssh server",
                    Stranger::Web => ": it is a web server",
                    Stranger::Tls => ": it is a server that speaks TLS",
                    Stranger::Unknown => "",
                };
                let reason = format!(
                    "what answers there is not part of an Illuminator cluster{seems}; see whether \
                     {port} is the port of the {name}"
                );
                Self::new(reason, Retry::Never)
            }
            error => Self::new(explain(error), Retry::Never),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_there_and_is_no_node_is_named() {
        let foreign = |stranger| HandshakeError::Preamble(PreambleError::Foreign(stranger));
        let limit = std::time::Duration::from_secs(5);
        for (error, said) in [
            (
                foreign(Stranger::Ssh),
                "it is an ssh server; see whether 22 is the port",
            ),
            (foreign(Stranger::Web), "it is a web server"),
            (foreign(Stranger::Tls), "speaks TLS"),
            (HandshakeError::Closed, "closes them without a word"),
            (
                HandshakeError::TimedOut {
                    limit,
                    greeted: false,
                },
                "no answer for 5 s: it accepts connections and then says nothing; it hangs",
            ),
            (
                HandshakeError::TimedOut {
                    limit,
                    greeted: true,
                },
                "it greets and then says nothing",
            ),
            (HandshakeError::KeyMissing, "it asks for the cluster's key"),
        ] {
            let reason = Unusable::no_handshake(&error, Service::Node, 22).reason;
            assert!(reason.contains(said), "{reason}");
        }
        let reset = Unusable::no_handshake(&HandshakeError::Closed, Service::Bridge, 22).reason;
        assert!(
            reset.contains("the log of the bridge says ('journalctl --unit illuminator-bridge')"),
            "{reset}"
        );
    }
}
