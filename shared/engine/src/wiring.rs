//! What a plan fixes in an engine: who reads what of whom, and how far ahead of its readers a source
//! may be.
//!
//! Nothing here changes once an engine has been made. What a run changes is in
//! [`State`](super::state::State), in tables with the same indices.

use std::ops::Range;

use shared::index::{Index, Table, index_types};
use shared::model::{InputSlot, PublishedSlot};
use shared::plan::{LocalId, ModelId, Position, SiteId, StreamId};
use shared::time::TimeGrid;
use shared::value::{Origin, Value};

index_types! {
    /// Models that step together.
    pub(super) GroupId(u32);
    /// The place of a value: at an input, or of what a model publishes, or of what it had published before.
    pub(super) ValueId(u32);
    /// What publishes for readers of this site.
    pub(super) SourceId(u32);
    /// Somebody who reads a source.
    pub(super) ReaderId(u32);
    /// A connected input of a model.
    pub(super) InputId(u32);
    /// An input that takes a value of its group as it stands.
    pub(super) DirectId(u32);
    /// A connection into an input.
    pub(super) ConnectionId(u32);
    /// The border to another site.
    pub(super) BorderId(u32);
}

/// All that a plan fixes.
#[derive(Debug)]
pub(super) struct Wiring {
    pub(super) grid: TimeGrid,
    pub(super) models: Table<LocalId, Model>,
    pub(super) groups: Table<GroupId, Group>,
    /// Those of one group follow each other; those of the monitor come last.
    pub(super) readers: Table<ReaderId, Reader>,
    /// Those of one model follow each other.
    pub(super) inputs: Table<InputId, Input>,
    /// Those of one input follow each other.
    pub(super) connections: Table<ConnectionId, Connection>,
    /// Those of one model follow each other.
    pub(super) directs: Table<DirectId, Direct>,
    /// The imports, in the order of the plan, then the groups with readers on this site.
    pub(super) sources: Table<SourceId, Source>,
    pub(super) borders: Table<BorderId, Border>,
    /// How many values there are: those of models follow each other, and behind them are those that are held for later
    /// members of groups.
    pub(super) values: usize,
    /// The group that the monitor stands in, if it does: behind the steps of each tick comes the row.
    pub(super) row_of: Option<GroupId>,
    /// The monitor, where it stands in no group.
    pub(super) monitor: Option<Monitor>,
}

/// A model of the site.
#[derive(Debug)]
pub(super) struct Model {
    /// What it is in the scenario.
    pub(super) id: ModelId,
    pub(super) group: GroupId,
    pub(super) inputs: Range<InputId>,
    /// The same inputs, where each of them takes one value of the group; none where one does not.
    pub(super) directs: Range<DirectId>,
    /// What it sees at its inputs, then what it publishes.
    pub(super) values: Range<ValueId>,
    /// How many of these are at its inputs.
    pub(super) seen: usize,
    /// What later members of its group still want of it once it has made its next step, and where they find it.
    pub(super) held: Vec<(ValueId, ValueId)>,
    /// All that it publishes has a fixed small size.
    pub(super) is_scalar: bool,
    /// So has all that it takes.
    pub(super) takes_scalars: bool,
    /// Its streams to other sites.
    pub(super) exports: Vec<(BorderId, StreamId)>,
}

/// Models that step together, see [`groups`](super::groups).
#[derive(Debug)]
pub(super) struct Group {
    /// In the order of their steps.
    pub(super) members: Vec<LocalId>,
    /// Of what comes from elsewhere: one for each pair of source and shift.
    pub(super) readers: Range<ReaderId>,
    /// What takes its publications for readers of this site that are not in it.
    pub(super) source: Option<SourceId>,
    /// What these want of it, in the order of the source's values.
    pub(super) kept: Vec<ValueId>,
    /// All that its members publish has a fixed small size.
    pub(super) is_scalar: bool,
    /// Some of it goes to other sites.
    pub(super) is_exported: bool,
    /// The items of the monitor, where that stands in the group.
    pub(super) row: Option<Vec<ValueId>>,
}

/// A reader of a source: a group of the site, or the monitor.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) source: SourceId,
    /// It sees what stood before the tick of its owner.
    pub(super) shifted: bool,
}

/// A connected input.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) slot: InputSlot,
    pub(super) origin: Origin,
    pub(super) connections: Range<ConnectionId>,
}

/// One connection into an input.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) from: Provenance,
    /// What a time-shifted connection delivers in the first step, before there is anything.
    pub(super) initial: Option<Value>,
}

/// An input with one connection, and that from a member of the group.
#[derive(Debug)]
pub(super) struct Direct {
    pub(super) from: ValueId,
    pub(super) to: ValueId,
    pub(super) origin: Origin,
}

/// Where a connection finds its value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Provenance {
    /// What a member of the group has published, or had published before the step that it has made at this tick.
    Group(ValueId),
    /// What comes from other groups and other sites.
    Read(ReaderId, SourceId, Position),
}

/// What publishes for readers of this site.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) publisher: Publisher,
    /// Values of a publication.
    pub(super) stride: usize,
    /// The most publications that it may be ahead of its slowest reader; at least two.
    pub(super) window: usize,
    pub(super) readers: Vec<ReaderId>,
    /// The groups that read, in the order of the readers.
    pub(super) owners: Vec<GroupId>,
}

impl Source {
    pub(super) fn new(publisher: Publisher, stride: usize, window: usize) -> Self {
        Self {
            publisher,
            stride,
            window: window.max(2),
            readers: Vec::new(),
            owners: Vec::new(),
        }
    }

    /// Whether its publications come from another site.
    pub(super) fn is_import(&self) -> bool {
        matches!(self.publisher, Publisher::Import { .. })
    }
}

/// Whose publications a source has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Publisher {
    /// Those of a group of this site.
    Local(GroupId),
    /// Those of a model of another one.
    Import {
        from: SiteId,
        model: ModelId,
        border: BorderId,
        stream: StreamId,
    },
}

/// The border to one other site.
#[derive(Debug)]
pub(super) struct Border {
    pub(super) peer: SiteId,
    pub(super) exports: Table<StreamId, Export>,
    /// What each stream from there fills.
    pub(super) imports: Table<StreamId, SourceId>,
}

/// A stream to another site.
#[derive(Debug)]
pub(super) struct Export {
    pub(super) model: LocalId,
    /// What it carries.
    pub(super) slots: Vec<PublishedSlot>,
    /// No model waits for its publications.
    pub(super) lazy: bool,
    /// The most publications that may be unread; at least two.
    pub(super) window: u32,
}

/// What makes one row per tick.
#[derive(Debug)]
pub(super) struct Monitor {
    pub(super) readers: Range<ReaderId>,
    /// For each item its reader, what that reads, and which value of it.
    pub(super) items: Vec<(ReaderId, SourceId, Position)>,
}

impl Model {
    /// What it publishes.
    pub(super) fn published(&self) -> Range<ValueId> {
        ValueId::at(self.values.start.place() + self.seen)..self.values.end
    }

    /// What it sees at its inputs, and what it publishes.
    #[inline]
    pub(super) fn values_in<'a>(
        &self,
        values: &'a mut Table<ValueId, Option<Value>>,
    ) -> (&'a mut [Option<Value>], &'a mut [Option<Value>]) {
        values[&self.values].split_at_mut(self.seen)
    }
}

impl Wiring {
    /// The places of all that can go on: the groups, and the monitor if there is one.
    pub(super) fn places(&self) -> impl Iterator<Item = GroupId> + use<> {
        let monitor = usize::from(self.monitor.is_some());
        (0..self.groups.len() + monitor).map(GroupId::at)
    }

    /// The place of the monitor among all that can go on: behind the groups.
    #[inline]
    pub(super) fn monitor_place(&self) -> GroupId {
        self.groups.end()
    }
}
