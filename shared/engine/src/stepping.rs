//! Steps and rows: what an engine does with what is there.

use std::io;
use std::ops::Range;

use super::making::out_of_memory;
use super::publications::Publications;
use super::rows::Rows;
use super::site::Engine;
use super::state::{GroupState, State};
use super::wiring::{
    BorderId, Group, GroupId, Model, Publisher, ReaderId, SourceId, ValueId, Wiring,
};
use shared::memory::OutOfMemory;
use shared::model::MAX_SIDE_FILE;
use shared::plan::StreamId;
use shared::time::{NEVER, Tick};
use shared::value::Value;
use shared::wire::FULL_BATCH;

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

impl Engine {
    /// Does up to `budget` steps and rows; a row that comes behind the steps of a group is not counted.
    ///
    /// An error is the rows' own; the engine can go on after it.
    pub fn run(&mut self, budget: usize, rows: &mut dyn Rows) -> io::Result<Turn> {
        let Self { wiring, state } = self;
        let mut turn = Turn::Again;
        let mut left = budget;
        while left > 0 {
            let Some(place) = state.ready.take_next() else {
                turn = Turn::Blocked;
                break;
            };
            left -= 1;
            if place < wiring.monitor_place() {
                state.try_step(wiring, place, &mut left, rows)?;
            } else {
                state.try_row(wiring, rows)?;
            }
            if state.has_to_go() {
                break;
            }
        }
        state.return_credit(wiring);
        Ok(match turn {
            Turn::Blocked if self.is_finished() => Turn::Finished,
            turn => turn,
        })
    }

    /// Hands out the rows for which everything is there, without a step.
    pub fn finish_rows(&mut self, rows: &mut dyn Rows) -> io::Result<()> {
        let Self { wiring, state } = self;
        if let Some(id) = wiring.row_of
            && state.groups[id].done == wiring.groups[id].members.len()
        {
            return state.try_step(wiring, id, &mut 0, rows);
        }
        loop {
            let before = self.rows();
            self.state.try_row(&self.wiring, rows)?;
            if self.rows() == before {
                return Ok(());
            }
        }
    }
}

impl State {
    /// Whether a batch is so long, or files are so many, that they should go.
    fn has_to_go(&self) -> bool {
        let borders = &mut self.borders.iter();
        self.file_bytes >= MAX_SIDE_FILE || borders.any(|border| border.outbox.len() >= FULL_BATCH)
    }

    /// Steps the members of a group if they can, the first one and so many more, and makes the row where the monitor
    /// stands in the group.
    fn try_step(
        &mut self,
        wiring: &Wiring,
        id: GroupId,
        left: &mut usize,
        rows: &mut dyn Rows,
    ) -> io::Result<()> {
        let group = &wiring.groups[id];
        let GroupState { next: tick, done } = self.groups[id];
        // Who is left over from a step that was interrupted has what it wants, as all others had: but that may have got
        // another place since.
        let has_all = |state: &mut Self| match done {
            0 => state.can_step(wiring, id, group),
            _ => state.look(&group.readers).is_none(),
        };
        if tick >= self.until || !has_all(self) {
            return Ok(());
        }
        // The last one that may step in this turn.
        let last = done.saturating_add(*left);
        for (number, &member) in group.members.iter().enumerate().skip(done) {
            let model = &wiring.models[member];
            self.hold(model);
            if self.models[member].next != tick {
                continue;
            }
            match self.step(wiring, member, model, tick) {
                #[cfg(feature = "described")]
                Ok(false) => {
                    // A new release tries all models.
                    if !self.put_off.contains(&member) {
                        self.put_off.push(member);
                    }
                    return Ok(());
                }
                Ok(_) => self.steps += 1,
                Err(error) => {
                    self.fail(member, model, tick, error);
                    return Ok(());
                }
            }
            // Only what it sends or writes may fill a batch.
            let may_fill = self.file_bytes > 0 || !model.exports.is_empty();
            let has_to_wait = number >= last || (may_fill && self.has_to_go());
            if has_to_wait && number + 1 < group.members.len() {
                *left = last.saturating_sub(number);
                self.groups[id].done = number + 1;
                self.ready.insert(id);
                return Ok(());
            }
        }
        *left = last.saturating_sub(group.members.len() - 1);
        if let Some(items) = &group.row {
            // Where the row is not taken, it is made again.
            self.groups[id].done = group.members.len();
            self.ready.insert(id);
            self.make_row(items, tick, rows)?;
        }
        self.settle(wiring, id, group, tick);
        Ok(())
    }

    /// Makes the row of a tick of what a group has published.
    fn make_row(&mut self, items: &[ValueId], tick: Tick, rows: &mut dyn Rows) -> io::Result<()> {
        if self.row_values.len() < items.len() {
            self.row_values.resize(items.len(), Value::Null);
        }
        for (place, &item) in self.row_values.iter_mut().zip(items) {
            place.clone_from(self.values[item].as_ref().unwrap_or(&Value::Null));
        }
        rows.row(tick, &mut self.row_values)?;
        self.row = tick + 1;
        Ok(())
    }

    /// Whether everything is there that the members of a group can want, and their readers have room.
    fn can_step(&mut self, wiring: &Wiring, id: GroupId, group: &Group) -> bool {
        if let Some(source) = self.look(&group.readers) {
            if wiring.sources[source].is_import() {
                self.blocked = Some(id);
            }
            return false;
        }
        if let Some(source) = group.source
            && !self.publications[source].has_room(&wiring.sources[source], &mut self.cursors)
        {
            return false;
        }
        if group.is_exported && self.has_full_export(wiring, group) {
            self.blocked = Some(id);
            return false;
        }
        true
    }

    /// Whether there is a stream of any member whose reader has to read before more may be sent.
    fn has_full_export(&self, wiring: &Wiring, group: &Group) -> bool {
        let mut members = group.members.iter().map(|&member| &wiring.models[member]);
        members.any(|model| self.full_export(wiring, model).is_some())
    }

    /// Moves readers to what they want at the ticks they look at. Returns the first source that does not
    /// have it yet, where one has not.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a step runs through it, over one reader or two"
    )]
    fn look(&mut self, readers: &Range<ReaderId>) -> Option<SourceId> {
        for cursor in &mut self.cursors[readers] {
            let publications = &self.publications[cursor.source];
            if !publications.is_final_for(cursor) {
                return Some(cursor.source);
            }
            publications.seek(cursor);
        }
        None
    }

    /// The first stream of a model whose reader has to read before more may be sent.
    #[inline]
    pub(super) fn full_export<'a>(
        &self,
        wiring: &Wiring,
        model: &'a Model,
    ) -> Option<&'a (BorderId, StreamId)> {
        let mut exports = model.exports.iter();
        exports.find(|&&(border, stream)| {
            let wired = &wiring.borders[border];
            !self.borders[border].has_room(wired, stream)
        })
    }

    /// After a step of all members: hands what they have published to their readers, moves their own readers
    /// on, and wakes whom the step concerns.
    fn settle(&mut self, wiring: &Wiring, id: GroupId, group: &Group, tick: Tick) {
        let nexts = group.members.iter().map(|&member| self.models[member].next);
        let row = group.row.as_ref().map_or(NEVER, |_| self.row);
        let next = nexts.fold(row, Tick::min);
        if let Err(error) = self.keep(group, tick, next)
            && let Some(&last) = group.members.last()
        {
            return self.fail(last, &wiring.models[last], tick, out_of_memory(error));
        }
        self.groups[id] = GroupState { next, done: 0 };
        self.move_on(wiring, &group.readers, next);
        if let Some(source) = group.source {
            self.ready.insert_all(&wiring.sources[source].owners);
        }
        if next < self.horizon {
            self.ready.insert(id);
        }
    }

    /// Keeps what a group has published for its readers on this site.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a step runs through it")]
    pub(super) fn keep(
        &mut self,
        group: &Group,
        tick: Tick,
        next: Tick,
    ) -> Result<(), OutOfMemory> {
        let Some(source) = group.source else {
            return Ok(());
        };
        let (publications, account) = (&mut self.publications[source], &mut self.account);
        let values = publications.push(tick, next, account)?;
        for (value, &kept) in values.iter_mut().zip(&group.kept) {
            value.clone_from(self.values[kept].as_ref().unwrap_or(&Value::Null));
        }
        if !group.is_scalar && account.is_limited() {
            publications.weigh(account)?;
        }
        Ok(())
    }

    /// Moves readers on to the next tick of their owner, and wakes the groups that have room now.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a step runs through it, over one reader or two"
    )]
    fn move_on(&mut self, wiring: &Wiring, readers: &Range<ReaderId>, next: Tick) {
        for cursor in &mut self.cursors[readers] {
            cursor.go_on(next, self.horizon);
            if self.publications[cursor.source].take_wait()
                && let Publisher::Local(group) = wiring.sources[cursor.source].publisher
            {
                self.ready.insert(group);
            }
        }
    }

    /// Hands out a row if all its values are there.
    fn try_row(&mut self, wiring: &Wiring, rows: &mut dyn Rows) -> io::Result<()> {
        let Some(monitor) = &wiring.monitor else {
            return Ok(());
        };
        if self.row >= self.until {
            return Ok(());
        }
        if let Some(source) = self.look(&monitor.readers) {
            if wiring.sources[source].is_import() {
                self.blocked = Some(wiring.monitor_place());
            }
            return Ok(());
        }
        let (cursors, publications) = (&self.cursors, &self.publications);
        self.row_values.resize(monitor.items.len(), Value::Null);
        for (place, &(reader, source, position)) in self.row_values.iter_mut().zip(&monitor.items) {
            let source: &Publications = &publications[source];
            place.clone_from(source.value(&cursors[reader], position));
        }
        // Where the row is not taken, it is made again.
        self.ready.insert(wiring.monitor_place());
        rows.row(self.row, &mut self.row_values)?;
        self.row += 1;
        self.move_on(wiring, &monitor.readers, self.row);
        Ok(())
    }
}
