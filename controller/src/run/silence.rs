//! Nodes of which nothing is heard for a while. Their connection may only be interrupted: then the run goes on as soon as
//! it works again, and nothing has to be computed once more.

use std::time::{Duration, Instant};

use shared::plan::SiteId;
use shared::time::Tick;

use super::outcome::Interruption;

/// How a node is waited for of which nothing is heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grace {
    /// So much longer than [`Options::timeout`](super::Options::timeout), until its connection is given up.
    pub(super) time: Duration,
    /// It is a bridge, whose programs nobody else can run.
    pub(super) is_bridge: bool,
}

/// What holds a run: nothing is heard of a node any more.
#[derive(Clone, Debug)]
pub(super) struct Silence {
    pub(super) site: SiteId,
    pub(super) cause: String,
    /// There were rows for all ticks before this one.
    pub(super) tick: Tick,
    /// Since when the run holds.
    pub(super) since: Instant,
}

impl Silence {
    /// It is over: the node, which has this name, is heard again. The steps of the run began at that time.
    pub(super) fn end(self, node: &str, begun: Instant) -> Interruption {
        Interruption {
            cause: self.cause,
            node: Some(node.to_owned()),
            tick: self.tick,
            since: self.since.saturating_duration_since(begun),
            held: self.since.elapsed(),
            again: 0,
            computing: Duration::ZERO,
            takeovers: Vec::new(),
        }
    }
}
