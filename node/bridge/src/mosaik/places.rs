//! Where models run.

use std::sync::atomic::{AtomicUsize, Ordering};

use controller::NodeAccess;
use controller::scenario::Connect;

/// The nodes that run models, if any do.
#[derive(Debug, Default)]
pub(super) struct Places {
    nodes: Vec<Connect>,
    /// How they are met.
    pub(super) access: NodeAccess,
    /// Models that have been given a node, in all sessions.
    given: AtomicUsize,
}

impl Places {
    pub(super) fn new(nodes: Vec<Connect>, access: NodeAccess) -> Self {
        Self {
            nodes,
            access,
            given: AtomicUsize::new(0),
        }
    }

    /// Nodes for so many models, each in its turn; none where they run in this process.
    pub(super) fn for_models(&self, count: usize) -> Option<Vec<Connect>> {
        if self.nodes.is_empty() {
            return None;
        }
        let first = self.given.fetch_add(count, Ordering::Relaxed);
        let first = first % self.nodes.len();
        let turns = self.nodes.iter().cycle().skip(first);
        Some(turns.take(count).cloned().collect())
    }
}
