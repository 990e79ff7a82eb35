//! The engine: steps the models of one site.
//!
//! An engine steps a model as soon as everything is there that the model can want at its next tick.
//! There is no global tick and no barrier: what depends on nothing remote runs ahead, up to the
//! window of its readers. Order within a tick and the combination of values come from the plan, so
//! nothing depends on what arrives first.
//!
//! What a plan fixes is in its wiring, which never changes; what a run changes is in its state.
//!
//! An engine does no input or output: whoever drives it calls [`Engine::run`], carries the batches of
//! [`Engine::take_batch`] to the other sites and hands theirs to [`Engine::receive`].

mod ahead;
mod batch;
mod booking;
mod border;
mod build;
pub mod combine;
mod cursor;
mod error;
mod exchange;
mod publications;
mod ready;
mod state;
mod stepping;
#[cfg(test)]
mod tests;
mod waits;
mod wiring;

use std::io;
use std::mem;

use serde::{Deserialize, Serialize};

use crate::led::LedAttribute;
use crate::model::{Notice, WrittenFile};
use crate::plan::{LocalId, ModelId};
use crate::time::{Tick, TimeGrid};
use crate::value::Value;

use state::State;
use wiring::Wiring;

pub use batch::BatchError;
pub use border::{FULL_BATCH, MAX_BATCH, MAX_PUBLICATION};
pub use error::PlanError;
pub use exchange::Waiting;
pub use waits::Wait;

/// Steps the models of one site.
#[derive(Debug)]
pub struct Engine {
    /// What the plan fixes.
    wiring: Wiring,
    /// What the run changes.
    state: State,
}

/// Takes the rows of the monitor.
pub trait Rows {
    /// One row, with a value for each item.
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()>;
}

/// For an engine without a monitor.
#[derive(Clone, Copy, Debug)]
pub struct NoRows;

impl Rows for NoRows {
    fn row(&mut self, _: Tick, _: &[Value]) -> io::Result<()> {
        Ok(())
    }
}

/// What a call of [`Engine::run`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// There is more to do; the budget is used up, a batch is full or files wait.
    Again,
    /// Nothing can step until something arrives.
    Blocked,
    /// Everything before the end (or before a failure) is done.
    Finished,
}

/// A model that failed. Everything before its tick can still be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// Machine-readable category.
    pub code: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What stood at the model's inputs, by name.
    pub inputs: Vec<(String, Value)>,
}

impl Engine {
    /// Lowers the end: nothing at or after this tick is to be done any more. What lies before it
    /// still is.
    pub fn limit(&mut self, tick: Tick) {
        self.state.limit(tick);
    }

    /// Sets the release: nothing at or after this tick is done until a later call raises it. At first
    /// there is none. What has been done beyond it stays.
    ///
    /// Where all sites of a run have the same release, none is ahead of it, however large windows are: it
    /// takes their place while a run is held.
    pub fn release(&mut self, tick: Tick) {
        self.state.release = tick;
        self.state.until = self.state.horizon.min(tick);
        // Whoever was held looks again.
        let monitor = self.wiring.monitor.as_ref();
        let monitor = monitor.map(|_| self.wiring.monitor_place());
        for place in self.wiring.models.ids().chain(monitor) {
            self.state.ready.insert(place);
        }
    }

    /// Whether everything before the end is done.
    pub fn is_finished(&self) -> bool {
        let State { horizon, row, .. } = self.state;
        let models = &mut self.state.models.iter();
        models.all(|model| model.next >= horizon)
            && (self.wiring.monitor.is_none() || row >= horizon)
    }

    /// The earliest failure so far.
    pub fn failure(&self) -> Option<&Failure> {
        self.state.failure.as_ref()
    }

    /// What the models said since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        mem::take(&mut self.state.notices)
    }

    /// The files that the models asked for since the last call, in the order of the steps. A turn
    /// ends early where they hold [`MAX_SIDE_FILE`](crate::model::MAX_SIDE_FILE) and more.
    pub fn take_files(&mut self) -> Vec<WrittenFile> {
        self.state.file_bytes = 0;
        mem::take(&mut self.state.files)
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.state.steps
    }

    /// What an attribute of a model has come to; `None` before there is a value.
    pub fn attribute(&self, model: LocalId, attribute: LedAttribute) -> Option<&Value> {
        let model = self.state.models.get(model)?;
        let value = match attribute {
            LedAttribute::Published(slot) => model.published.get(slot.index()),
            LedAttribute::Input(slot) => model.inputs.get(slot.index()),
        };
        value?.as_ref()
    }

    /// Rows handed out so far.
    pub fn rows(&self) -> Tick {
        self.state.row
    }

    /// The simulated time.
    pub fn grid(&self) -> TimeGrid {
        self.wiring.grid
    }

    /// The tick before which every model has stepped.
    pub fn progress(&self) -> Tick {
        let horizon = self.state.horizon;
        let models = self.state.models.iter();
        let ticks = models.map(|model| model.next.min(horizon));
        ticks.min().unwrap_or(horizon)
    }
}
