//! What a run changes in an engine.

use std::mem;

use super::border::BorderState;
use super::cursor::Cursor;
use super::outlook::Outlook;
use super::publications::Publications;
use super::ready::ReadySet;
use super::wiring::{BorderId, GroupId, Model, ReaderId, Source, SourceId, ValueId, Wiring};
use shared::index::Table;
use shared::journal::Entry;
use shared::memory::{Account, OutOfMemory};
use shared::model::{Instance, Notice, WrittenFile};
use shared::plan::LocalId;
use shared::progress::Failure;
use shared::time::Tick;
use shared::value::Value;

/// All that a run changes.
#[derive(Debug)]
pub(super) struct State {
    /// Steps and rows before this tick are made; it falls to the tick of a failure.
    pub(super) horizon: Tick,
    /// Those before this tick may be made now; the others wait until it is raised.
    pub(super) release: Tick,
    /// The earlier of the two.
    pub(super) until: Tick,
    pub(super) models: Table<LocalId, ModelState>,
    pub(super) groups: Table<GroupId, GroupState>,
    /// What models see in a step, what stands published, and what stood before, where later members of a group want
    /// that.
    pub(super) values: Table<ValueId, Option<Value>>,
    pub(super) cursors: Table<ReaderId, Cursor>,
    pub(super) publications: Table<SourceId, Publications>,
    pub(super) borders: Table<BorderId, BorderState>,
    pub(super) ready: ReadySet,
    /// The tick of the next row.
    pub(super) row: Tick,
    /// Room for the values of a row.
    pub(super) row_values: Vec<Value>,
    pub(super) failure: Option<Failure>,
    pub(super) notices: Vec<Notice>,
    /// What passed between models and the world outside.
    pub(super) entries: Vec<Entry>,
    pub(super) files: Vec<WrittenFile>,
    /// What the files hold.
    pub(super) file_bytes: usize,
    /// What it takes, where a peer wants it to.
    pub(super) account: Account,
    pub(super) steps: u64,
    /// Models whose steps are put off.
    #[cfg(feature = "described")]
    pub(super) put_off: Vec<LocalId>,
    /// Models that listen between steps.
    #[cfg(feature = "described")]
    pub(super) listening: Vec<LocalId>,
    /// The group that could not step last for want of something from another site, or the monitor.
    pub(super) blocked: Option<GroupId>,
}

impl State {
    /// What there is before the first step.
    pub(super) fn new(
        wiring: &Wiring,
        instances: Table<LocalId, Instance>,
        account: Account,
        from: Tick,
    ) -> Self {
        let publications = |source: &Source| Publications::new(source.stride, held_at(from));
        Self {
            horizon: wiring.grid.ticks,
            release: Tick::MAX,
            until: wiring.grid.ticks,
            values: vec![None; wiring.values].into(),
            groups: wiring
                .groups
                .iter()
                .map(|_| GroupState::default())
                .collect(),
            models: instances.into_iter().map(ModelState::new).collect(),
            cursors: wiring.readers.iter().map(Cursor::new).collect(),
            publications: wiring.sources.iter().map(publications).collect(),
            borders: wiring.borders.iter().map(BorderState::new).collect(),
            ready: ReadySet::all(wiring.places().count()),
            row: from,
            row_values: Vec::new(),
            failure: None,
            notices: Vec::new(),
            entries: Vec::new(),
            files: Vec::new(),
            file_bytes: 0,
            account,
            steps: 0,
            #[cfg(feature = "described")]
            put_off: Vec::new(),
            #[cfg(feature = "described")]
            listening: Vec::new(),
            blocked: None,
        }
    }

    /// Lowers the end: nothing at or after this tick is to be done any more.
    pub(super) fn limit(&mut self, tick: Tick) {
        self.horizon = self.horizon.min(tick);
        self.until = self.horizon.min(self.release);
    }
}

/// The tick of the first publication of every source, where steps are made from this tick on: it is what holds then.
pub(super) fn held_at(from: Tick) -> Tick {
    from.saturating_sub(1)
}

/// A group in a run.
#[derive(Debug, Default)]
pub(super) struct GroupState {
    /// The tick of its next step.
    pub(super) next: Tick,
    /// How many of its members have made that step: none, unless it was interrupted.
    pub(super) done: usize,
}

/// A model in a run.
#[derive(Debug)]
pub(super) struct ModelState {
    pub(super) instance: Instance,
    /// The tick of its next step.
    pub(super) next: Tick,
    /// What it has of the world outside, if it has sockets.
    pub(super) outlook: Option<Box<Outlook>>,
    /// Its steps can be put off.
    pub(super) is_patient: bool,
    /// What its values take beside their places, where that is booked.
    weight: usize,
}

impl ModelState {
    fn new(instance: Instance) -> Self {
        Self {
            next: 0,
            outlook: None,
            is_patient: false,
            weight: 0,
            instance,
        }
    }

    /// Books what its values take after a step, in place of what they took before.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a step runs through it")]
    pub(super) fn weigh(
        &mut self,
        model: &Model,
        values: &[Option<Value>],
        account: &mut Account,
    ) -> Result<(), OutOfMemory> {
        if model.is_scalar && model.takes_scalars {
            return Ok(());
        }
        let values = values.iter().flatten();
        let weight = values.map(Value::heap_bytes).sum();
        account.give(mem::replace(&mut self.weight, 0));
        account.take(weight)?;
        self.weight = weight;
        Ok(())
    }
}
