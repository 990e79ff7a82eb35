//! Computing again what a run has come to: all models in this process, from the newest snapshot on.

use std::io;

use shared::engine::{Engine, NoRows, PlanError, Turn};
use shared::files::Files;
use shared::index::Table;
use shared::journal::{Entry, Outside};
use shared::model::{Instance, Notice, WrittenFile};
use shared::plan::{CONTROLLER, ModelId, PlannedModel};
use shared::time::{NEVER, Tick};

use super::Sources;
use crate::placement::{self, Snapshot};
use crate::scenario::Graph;

/// Steps in one go: between two of them somebody may want the run to end.
const BUDGET: usize = 64 * 1024;

/// All models of a run, on their way from a snapshot to a later tick.
pub(crate) struct Again {
    engine: Engine,
    to: Tick,
    /// The place of each model of the plan in the scenario.
    models: Vec<ModelId>,
}

/// What came of it beside the values, as it had come of the steps before, on whatever sites they were made.
#[derive(Debug, Default)]
pub(crate) struct Asides {
    pub(crate) notices: Vec<Notice>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) files: Vec<WrittenFile>,
}

impl Again {
    /// Begins with a snapshot, to go to this tick, with what came from outside in between.
    ///
    /// # Errors
    /// A model cannot be built any more, from files that have been changed for example.
    pub(crate) fn new(
        graph: &Graph,
        sources: &Sources,
        snapshot: &Snapshot,
        to: Tick,
        entries: &[Entry],
        files: &dyn Files,
    ) -> Result<Self, PlanError> {
        let site_of: Table<ModelId, _> = graph.models.iter().map(|_| CONTROLLER).collect();
        let mut plans = placement::plan(graph, &site_of, 1, snapshot);
        let mut plan = plans.sites.remove(0);
        for planned in &mut plan.models {
            planned.outside = recorded(planned, entries);
        }
        let instances: Result<Vec<Instance>, PlanError> = plan
            .models
            .iter()
            .map(|planned| {
                let built = sources.build(graph, planned, plan.grid, files);
                built.map_err(|errors| PlanError::Build {
                    model: planned.id,
                    errors,
                })
            })
            .collect();
        let mut engine = Engine::new(&plan, instances?, &[])?;
        engine.release(to);
        Ok(Self {
            engine,
            to,
            models: plan.models.iter().map(|planned| planned.id).collect(),
        })
    }

    /// Goes on for a moment. Returns whether there is more to do.
    ///
    /// # Errors
    /// Never: no row is written.
    pub(crate) fn go_on(&mut self, asides: &mut Asides) -> io::Result<bool> {
        let turn = self.engine.run(BUDGET, &mut NoRows)?;
        asides.notices.append(&mut self.engine.take_notices());
        asides.entries.append(&mut self.engine.take_entries());
        asides.files.append(&mut self.engine.take_files());
        Ok(turn == Turn::Again)
    }

    /// What the models have become; `None` where a model has failed this time, or cannot be had again.
    pub(crate) fn snapshot(mut self) -> Option<Snapshot> {
        if self.engine.failure().is_some() || self.engine.progress() < self.to {
            return None;
        }
        let mut saved: Table<ModelId, Vec<u8>> = self.models.iter().map(|_| Vec::new()).collect();
        for (model, bytes) in self.models.iter().zip(self.engine.save()?) {
            saved[*model] = bytes;
        }
        Some(Snapshot {
            tick: self.to,
            saved,
        })
    }
}

/// What came to a model from outside, and nothing else.
fn recorded(planned: &PlannedModel, entries: &[Entry]) -> Outside {
    let own = entries.iter().filter(|entry| entry.model == planned.id);
    let comes = own.filter(|entry| entry.what.comes_in());
    Outside {
        comes: comes.map(|entry| (entry.tick, entry.what)).collect(),
        recorded: NEVER,
        log: planned.outside.log,
        ..Outside::default()
    }
}
