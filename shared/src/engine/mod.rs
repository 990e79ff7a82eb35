//! The engine: steps the models of one site.
//!
//! An engine steps a model as soon as everything is there that the model can want at its next tick.
//! There is no global tick and no barrier: what depends on nothing remote runs ahead, up to the
//! window of its readers. Order within a tick and the combination of values come from the plan, so
//! nothing depends on what arrives first.
//!
//! An engine does no input or output: whoever drives it calls [`Engine::run`], carries the batches of
//! [`Engine::take_batch`] to the other sites and hands theirs to [`Engine::receive`].

mod ahead;
mod batch;
mod border;
pub mod combine;
mod cursor;
mod exchange;
mod history;
mod member;
mod ready;
mod stepping;
#[cfg(test)]
mod tests;
mod waits;
mod wiring;

use std::fmt;
use std::io;
use std::mem;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::led::LedAttribute;
use crate::memory::{Account, OutOfMemory};
use crate::model::{BuildError, Notice, WrittenFile};
use crate::plan::{Feed, Import, SiteId};
use crate::time::{Tick, TimeGrid};
use crate::value::Value;

use border::Link;
use cursor::Reader;
use history::History;
use member::{Member, Wiring};
use ready::ReadySet;

pub use batch::BatchError;
pub use border::{FULL_BATCH, MAX_BATCH, MAX_RECORD};
pub use exchange::Waiting;
pub use waits::Wait;

/// Steps the models of one site.
#[derive(Debug)]
pub struct Engine {
    grid: TimeGrid,
    /// Steps and rows before this tick are made; it falls to the tick of a failure.
    horizon: Tick,
    /// Those before this tick may be made now; the others wait until it is raised.
    release: Tick,
    /// The earlier of the two.
    until: Tick,
    members: Vec<Member>,
    wiring: Wiring,
    /// Of the members, those of one together, and of the monitor at the end.
    readers: Vec<Reader>,
    /// Of members with local readers, then of imports.
    histories: Vec<History>,
    /// The member or the import that fills each history.
    sources: Vec<Source>,
    links: Vec<Link>,
    ready: ReadySet,
    watch: Option<Watch>,
    failure: Option<Failure>,
    notices: Vec<Notice>,
    files: Vec<WrittenFile>,
    /// What the files hold.
    file_bytes: usize,
    /// What it takes, where a peer wants it to.
    account: Account,
    steps: u64,
    /// The member that could not step last for want of something from another site; the number of
    /// members stands for the monitor.
    blocked: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Member(usize),
    Import {
        from: SiteId,
        model: u32,
        link: usize,
        stream: usize,
    },
}

/// The monitor's part in an engine: one row per tick.
#[derive(Debug)]
struct Watch {
    tick: Tick,
    /// Its readers, among those of the engine.
    readers: Range<usize>,
    /// Reader and attribute of each item.
    items: Vec<(usize, usize)>,
    row: Vec<Value>,
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
    /// The model's place in the scenario file.
    pub model: u32,
    /// The tick of the step.
    pub tick: Tick,
    /// Machine-readable category.
    pub code: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What stood at the model's inputs, by name.
    pub inputs: Vec<(String, Value)>,
}

/// An engine cannot be made from a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanError {
    /// The plan names a type that is not in the catalogue.
    UnknownType {
        /// The model's place in the scenario file.
        model: u32,
        /// The name of the type.
        model_type: String,
    },
    /// A model cannot be built.
    Build {
        /// The model's place in the scenario file.
        model: u32,
        /// What is wrong with it.
        errors: Vec<BuildError>,
    },
    /// The plan refers to something that is not there.
    Inconsistent,
    /// It takes too much memory.
    OutOfMemory(OutOfMemory),
    /// Nobody wants it any more.
    Abandoned,
}

impl From<OutOfMemory> for PlanError {
    fn from(error: OutOfMemory) -> Self {
        Self::OutOfMemory(error)
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType { model, model_type } => {
                write!(
                    f,
                    "model {model} is of type '{model_type}', which is not there"
                )
            }
            Self::Build { model, errors } => {
                write!(f, "model {model} cannot be built")?;
                errors.iter().try_for_each(|error| write!(f, "; {error}"))
            }
            Self::Inconsistent => f.write_str("the plan refers to something that is not there"),
            Self::OutOfMemory(error) => write!(f, "the plan takes memory {error}"),
            Self::Abandoned => f.write_str("nobody wants the plan any more"),
        }
    }
}

impl std::error::Error for PlanError {}

impl Engine {
    /// Lowers the end: nothing at or after this tick is to be done any more. What lies before it
    /// still is.
    pub fn limit(&mut self, tick: Tick) {
        self.horizon = self.horizon.min(tick);
        self.until = self.horizon.min(self.release);
    }

    /// Sets the release: nothing at or after this tick is done until a later call raises it. At first
    /// there is none. What has been done beyond it stays.
    ///
    /// Where all sites of a run have the same release, none is ahead of it, however large windows are: it
    /// takes their place while a run is held.
    pub fn release(&mut self, tick: Tick) {
        self.release = tick;
        self.until = self.horizon.min(tick);
        // Whoever was held looks again.
        for number in 0..self.members.len() + usize::from(self.watch.is_some()) {
            self.ready.insert(number);
        }
    }

    /// Whether everything before the end is done.
    pub fn is_finished(&self) -> bool {
        self.members
            .iter()
            .all(|member| member.next >= self.horizon)
            && self
                .watch
                .as_ref()
                .is_none_or(|watch| watch.tick >= self.horizon)
    }

    /// The earliest failure so far.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What the models said since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        mem::take(&mut self.notices)
    }

    /// The files that the models asked for since the last call, in the order of the steps. A turn
    /// ends early where they hold [`MAX_SIDE_FILE`](crate::model::MAX_SIDE_FILE) and more.
    pub fn take_files(&mut self) -> Vec<WrittenFile> {
        self.file_bytes = 0;
        mem::take(&mut self.files)
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What an attribute of the model with this index in the plan has come to; `None` before
    /// there is a value.
    pub fn attribute(&self, model: usize, attribute: LedAttribute) -> Option<&Value> {
        let member = self.members.get(model)?;
        let (values, slot) = match attribute {
            LedAttribute::Published(slot) => (&member.published, slot),
            LedAttribute::Input(slot) => (&member.inputs, slot),
        };
        values.get(slot as usize)?.as_ref()
    }

    /// Rows handed out so far.
    pub fn rows(&self) -> Tick {
        self.watch.as_ref().map_or(0, |watch| watch.tick)
    }

    /// The simulated time.
    pub fn grid(&self) -> TimeGrid {
        self.grid
    }

    /// The tick before which every model has stepped.
    pub fn progress(&self) -> Tick {
        let ticks = self
            .members
            .iter()
            .map(|member| member.next.min(self.horizon));
        ticks.min().unwrap_or(self.horizon)
    }
}
