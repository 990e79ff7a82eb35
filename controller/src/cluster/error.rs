//! What can go wrong with nodes.

use session::LossCause;
use shared::time::Tick;
use shared::wire::FrameError;
use thiserror::Error;

use super::loss::Loss;
use super::upload::FileNotSent;
use crate::output::printable_line;

/// A node failed, or cannot be used.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// Nodes cannot be reached or refuse the run, each with its reason.
    #[error("{}", one_a_line(.0))]
    Unreachable(Vec<Unreachable>),
    /// A node was lost in mid-run.
    #[error(
        "lost node {node}, which ran {} and had done at least {progress} ticks",
        models.join(", ")
    )]
    Lost {
        /// Its address.
        node: String,
        /// The models that it ran.
        models: Vec<String>,
        /// The tick before which all of its models had stepped, as far as is known.
        progress: Tick,
        /// What happened.
        source: Loss,
    },
    /// Two nodes that are there lost each other in mid-run.
    #[error(
        "the link between nodes {node} and {other} broke when {node} had done {progress} ticks: it \
         says: {}; see whether the network between them is sound",
        printable_line(cause)
    )]
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
    #[error(
        "node {node} cannot build model '{model}': {}",
        printable_line(message)
    )]
    NotReady {
        /// The address of the node.
        node: String,
        /// The name of the model.
        model: String,
        /// What the node says is wrong with it.
        message: String,
    },
    /// A file for a node cannot be sent.
    #[error("cannot send a file to node {node}")]
    File {
        /// The address of the node.
        node: String,
        /// What is wrong with the file.
        source: FileNotSent,
    },
    /// Something for a node is too large to be sent.
    #[error("cannot send its plan to node {node}")]
    TooLarge {
        /// The address of the node.
        node: String,
        /// What the limit is.
        source: FrameError,
    },
}

/// A node that cannot be used.
#[derive(Debug, Error)]
#[error("node {node} (for {}): {reason}", models.join(", "))]
pub struct Unreachable {
    /// `host:port` as the scenario has it.
    pub node: String,
    /// The models that should run there.
    pub models: Vec<String>,
    /// Why not, and what to do.
    pub reason: String,
}

fn one_a_line(nodes: &[Unreachable]) -> String {
    let lines: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

impl ClusterError {
    /// The machine-readable category.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "node_unreachable",
            Self::Lost { source, .. } => match source.cause {
                LossCause::Silent(_) => "node_silent",
                LossCause::Stalled(_) => "node_stalled",
                _ => "node_lost",
            },
            Self::LinkLost { .. } => "link_lost",
            Self::NotReady { .. } => "node_not_ready",
            Self::File { .. } => "file_not_sent",
            Self::TooLarge { .. } => "too_large_for_node",
        }
    }
}
