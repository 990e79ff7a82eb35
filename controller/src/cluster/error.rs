//! What can go wrong with nodes.

use std::fmt;
use std::time::Duration;

use session::LossCause;
use shared::led::reserved_for;
use shared::time::Tick;
use shared::wire::{ConnectionError, FrameError, Refusal};

use crate::output::printable_line;

/// A node failed, or cannot be used.
#[derive(Debug)]
pub(crate) enum ClusterError {
    /// Nodes cannot be reached or refuse the run, each with its reason.
    Unreachable(Vec<Unreachable>),
    /// A node was lost in mid-run.
    Lost {
        /// Its address.
        node: String,
        /// The models that it ran.
        models: Vec<String>,
        /// The tick before which all of its models had stepped, as far as is known.
        progress: Tick,
        /// What happened.
        cause: LossCause,
        /// How long this machine was away shortly before, if it was.
        away: Option<Duration>,
    },
    /// Two nodes that are there lost each other in mid-run.
    LinkLost {
        /// The address of the one that says so.
        node: String,
        /// The address of the other one.
        other: String,
        /// The tick before which all models of the first one had stepped.
        progress: Tick,
        /// What the first one says.
        cause: String,
    },
    /// A model that was built here cannot be built there.
    NotReady {
        /// The address of the node.
        node: String,
        /// The name of the model.
        model: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file for a node cannot be sent.
    File {
        /// The address of the node.
        node: String,
        /// What is wrong with the file.
        message: String,
    },
    /// Something for a node is too large to be sent.
    TooLarge {
        /// The address of the node.
        node: String,
        /// What the limit is.
        cause: FrameError,
    },
}

/// A node that cannot be used.
#[derive(Debug)]
pub(crate) struct Unreachable {
    /// `host:port` as the scenario has it.
    pub(crate) node: String,
    /// The models that should run there.
    pub(crate) models: Vec<String>,
    /// Why not, and what to do.
    pub(crate) reason: String,
}

impl ClusterError {
    /// The machine-readable category.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "node_unreachable",
            Self::Lost {
                cause: LossCause::Silent(_),
                ..
            } => "node_silent",
            Self::Lost {
                cause: LossCause::Stalled(_),
                ..
            } => "node_stalled",
            Self::Lost { .. } => "node_lost",
            Self::LinkLost { .. } => "link_lost",
            Self::NotReady { .. } => "node_not_ready",
            Self::File { .. } => "file_not_sent",
            Self::TooLarge { .. } => "too_large_for_node",
        }
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(nodes) => {
                for (i, node) in nodes.iter().enumerate() {
                    write!(f, "{}{node}", if i == 0 { "" } else { "\n" })?;
                }
                Ok(())
            }
            Self::Lost {
                node,
                models,
                progress,
                cause,
                away,
            } => {
                let models = models.join(", ");
                write!(
                    f,
                    "lost node {node}, which ran {models} and had done at least {progress} ticks: "
                )?;
                if let Some(away) = away {
                    write!(
                        f,
                        "this machine was away for {} s (it slept, or this program was stopped): ",
                        away.as_secs()
                    )?;
                }
                // A node may say what it likes; here it stays on its line.
                f.write_str(&printable_line(&Explained(cause).to_string()))
            }
            Self::LinkLost {
                node,
                other,
                progress,
                cause,
            } => write!(
                f,
                "the link between nodes {node} and {other} broke when {node} had done {progress} \
                 ticks: it says: {}; see whether the network between them is sound",
                printable_line(cause)
            ),
            Self::NotReady {
                node,
                model,
                message,
            } => {
                let message = printable_line(message);
                write!(f, "node {node} cannot build model '{model}': {message}")
            }
            Self::File { node, message } => {
                write!(f, "cannot send a file to node {node}: {message}")
            }
            Self::TooLarge { node, cause } => {
                write!(f, "cannot send its plan to node {node}: {cause}")
            }
        }
    }
}

impl std::error::Error for ClusterError {}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            node,
            models,
            reason,
        } = self;
        write!(f, "node {node} (for {}): {reason}", models.join(", "))
    }
}

/// How a node was lost, and what to do.
pub(super) struct Explained<'a>(pub(super) &'a LossCause);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            LossCause::Connection(ConnectionError::Closed) => f.write_str(
                "the peer closed the connection without a word, as one that is killed or switched off \
                 does; see what its log says ('journalctl --unit illuminator-node')",
            ),
            LossCause::Connection(ConnectionError::Io(error)) => {
                write!(f, "the connection to it broke: {error}")
            }
            LossCause::Connection(error) => error.fmt(f),
            LossCause::Silent(seconds) => write!(
                f,
                "no sign of life for {seconds} s; see whether the node hangs or the network is \
                 down, or allow more with --timeout"
            ),
            LossCause::Stalled(seconds) => write!(
                f,
                "it says that it is there and has taken nothing of what is sent to it for \
                 {seconds} s; see whether the node hangs, or allow more with --timeout"
            ),
            LossCause::Stopped => f.write_str("somebody stopped the node"),
            LossCause::Refused(refusal) => explain(refusal, f),
            LossCause::Confused(what) => f.write_str(what),
            LossCause::Unfinished(wait) => write!(
                f,
                "it says that it has finished, and values of it for tick {} are missing",
                wait.tick
            ),
        }
    }
}

/// Why a node refuses, and what to do.
pub(crate) fn refusal_text(refusal: &Refusal) -> String {
    struct Text<'a>(&'a Refusal);
    impl fmt::Display for Text<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            explain(self.0, f)
        }
    }
    printable_line(&Text(refusal).to_string()).into_owned()
}

fn explain(refusal: &Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match refusal {
        Refusal::Busy { sessions } => write!(
            f,
            "it already has {sessions} sessions, as many as it takes; wait for one to end"
        ),
        Refusal::MissingTypes(types) => write!(
            f,
            "it has no model type {}; update illuminator-node there to the release of this controller",
            types.join(", ")
        ),
        Refusal::DifferentTypes(types) => write!(
            f,
            "its model type {} has another interface; install the same release on node and controller",
            types.join(", ")
        ),
        Refusal::FilesTooLarge { limit } => write!(
            f,
            "the files that its models read are over the limit of {} MiB; run these models on the \
             controller (leave out `connect`), or cut the files to the days of the scenario",
            limit / (1024 * 1024)
        ),
        Refusal::OtherType(name) => write!(
            f,
            "it was started to run models of type {name} only; start it with 'illuminator-node serve'"
        ),
        Refusal::InconsistentPlan => {
            f.write_str("it finds the plan inconsistent; please report this")
        }
        Refusal::ModelsTooLarge { limit } => write!(
            f,
            "its models take more than the {} MiB that a node has for them; give some of them to \
             other nodes",
            limit / (1024 * 1024)
        ),
        Refusal::Silence { seconds } => write!(
            f,
            "it ended the session, as it had heard nothing of this machine for {seconds} s"
        ),
        Refusal::System(what) => {
            // Whatever it is, it is a word of the node.
            let what: String = what.chars().take(200).collect();
            write!(f, "its system lacks something: {what}")
        }
        Refusal::OutOfMemory(error) => write!(
            f,
            "the plan or the values there take memory {error}; put fewer models on it, or wait for \
             other runs there to end"
        ),
        Refusal::ReservedPin { pin, .. } => write!(
            f,
            "an LED of its models wants pin {pin}, which is reserved for {}; give it another pin, or \
             have the node allow it: 'allow = [{pin}]' under [leds] in its /etc/illuminator/node.toml",
            reserved_for(*pin).unwrap_or("something else")
        ),
        Refusal::OutOfOrder => {
            f.write_str("it got a message that it did not expect; please report this")
        }
    }
}
