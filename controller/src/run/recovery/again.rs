//! Computing again what a run has come to: all models in this process, from a snapshot on.

use engine::{Engine, PlanError, Turn};
use shared::files::Files;
use shared::index::Table;
use shared::journal::{Entry, Outside};
use shared::model::{Instance, Notice, WrittenFile};
use shared::plan::{CONTROLLER, ModelId, PlannedModel};
use shared::time::{NEVER, Tick};

use super::heard::Part;
use super::seen::Comparison;
use super::{NotAgain, Sources};
use crate::placement::{self, Snapshot};
use crate::scenario::Graph;

/// Steps in one go: between two of them somebody may want the run to end.
const BUDGET: usize = 64 * 1024;

/// All models of a run, on their way from a snapshot to a later tick.
pub(crate) struct Again {
    engine: Engine,
    until: Tick,
    /// The place of each model of the plan in the scenario.
    models: Vec<ModelId>,
    /// What rows are compared with.
    rows: Comparison,
}

/// What came of it beside the values, as it had come of the steps before, on whatever sites they were made.
#[derive(Debug, Default)]
pub(crate) struct Asides {
    pub(crate) notices: Vec<Notice>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) files: Vec<WrittenFile>,
}

impl Again {
    /// Begins with a snapshot, to go through a part of what came from outside. Up to the later tick `to` nothing else came
    /// than what is on record. Rows are compared as far as there are any to compare with.
    ///
    /// # Errors
    /// A model cannot be built any more, from files that have been changed for example.
    pub(crate) fn new(
        graph: &Graph,
        sources: &Sources,
        snapshot: &Snapshot,
        part: &Part,
        to: Tick,
        rows: Comparison,
        files: &dyn Files,
    ) -> Result<Self, PlanError> {
        let site_of: Table<ModelId, _> = graph.models.iter().map(|_| CONTROLLER).collect();
        let mut plans = placement::plan(graph, &site_of, 1, snapshot);
        let mut plan = plans.sites.remove(0);
        for planned in &mut plan.models {
            planned.outside = recorded(planned, &part.entries);
        }
        let instances: Result<Vec<Instance>, PlanError> = plan
            .models
            .iter()
            .map(|planned| {
                let built = sources.again(graph, planned, to, plan.grid, files);
                built.map_err(|errors| PlanError::Build {
                    model: planned.id,
                    errors,
                })
            })
            .collect();
        let mut engine = Engine::new(&plan, instances?, &plans.items)?;
        engine.release(part.until);
        Ok(Self {
            engine,
            until: part.until,
            models: plan.models.iter().map(|planned| planned.id).collect(),
            rows,
        })
    }

    /// Goes on for a moment. Returns whether there is more to do.
    pub(crate) fn go_on(&mut self, asides: &mut Asides) -> bool {
        // A row is refused where it is not what it was, which ends it.
        let turn = self.engine.run(BUDGET, &mut self.rows);
        asides.notices.append(&mut self.engine.take_notices());
        asides.entries.append(&mut self.engine.take_entries());
        asides.files.append(&mut self.engine.take_files());
        matches!(turn, Ok(Turn::Again))
    }

    /// What the models have become by the end of the part, and the rows for the next one.
    ///
    /// # Errors
    /// They cannot be had again.
    pub(crate) fn snapshot(mut self) -> Result<(Snapshot, Comparison), NotAgain> {
        if let Some(failure) = self.engine.failure() {
            return Err(NotAgain::Failed(failure.clone()));
        }
        if let Some(unlike) = self.rows.unlike.take() {
            return Err(unlike.into());
        }
        if self.engine.progress() < self.until
            || (self.rows.compares() && self.engine.rows() < self.until)
        {
            return Err(NotAgain::Other);
        }
        let mut saved: Table<ModelId, Vec<u8>> = self.models.iter().map(|_| Vec::new()).collect();
        for (model, bytes) in self
            .models
            .iter()
            .zip(self.engine.save().ok_or(NotAgain::Other)?)
        {
            saved[*model] = bytes;
        }
        let snapshot = Snapshot {
            tick: self.until,
            saved,
        };
        Ok((snapshot, self.rows))
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
