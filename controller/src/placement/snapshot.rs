//! What all models of a run have become by a tick.

use shared::index::Table;
use shared::plan::ModelId;
use shared::time::Tick;

use crate::scenario::Graph;

/// What all models of a run have become by a tick: once all steps before it are made, and none at it or after it. From
/// there a run can go on, on whatever sites.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// The tick. At the first one, models are as they are built.
    pub(crate) tick: Tick,
    /// What each model has become, as engines save it; empty at the first tick.
    pub(crate) saved: Table<ModelId, Vec<u8>>,
}

impl Snapshot {
    /// Before the first step.
    pub(crate) fn start(graph: &Graph) -> Self {
        Self {
            tick: 0,
            saved: graph.models.iter().map(|_| Vec::new()).collect(),
        }
    }
}
