//! Why a run ends early, seen from its controller.

use std::io;

use shared::model::BuildError;
use shared::plan::{ModelId, SiteId};
use shared::progress::Wait;
use shared::time::Tick;
use shared::wire::{ConnectionError, FrameError, Refusal};

/// Why a run ends early.
#[derive(Debug)]
pub enum End {
    /// A node is lost.
    Lost(SiteId, LossCause),
    /// Two nodes that are there lost each other.
    LinkLost(LinkLoss),
    /// A model that was built here cannot be built there.
    NotReady(SiteId, ModelId, Vec<BuildError>),
    /// Something for a node is too large to be sent.
    TooLarge(SiteId, FrameError),
    /// The rows cannot be taken.
    Rows(io::Error),
}

/// Two nodes that are there lost each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkLoss {
    /// The one that says so.
    pub site: SiteId,
    /// The other one.
    pub other: SiteId,
    /// The tick before which all models of the first one had stepped.
    pub progress: Tick,
    /// What the first one says.
    pub cause: String,
}

/// How a node was lost.
#[derive(Debug)]
pub enum LossCause {
    /// The connection is of no use any more.
    Connection(ConnectionError),
    /// The node has said nothing for this many seconds.
    Silent(u64),
    /// The node has taken nothing of what is sent to it for this many seconds.
    Stalled(u64),
    /// The node is being stopped.
    Stopped,
    /// The node ended the session.
    Refused(Refusal),
    /// The node sent what does not belong there.
    Confused(String),
    /// The node says that it has finished, and somebody waits for values of it.
    Unfinished(Wait),
}
