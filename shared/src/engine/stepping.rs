//! Steps and rows: what an engine does with what is there.

use std::io;
use std::ops::Range;

use super::border::{FULL_BATCH, MAX_PUBLICATION};
use super::failure::Failure;
use super::inputs::{gather, seek};
use super::publications::Publications;
use super::rows::Rows;
use super::site::Engine;
use super::state::State;
use super::wiring::{BorderId, Model, Publisher, ReaderId, SourceId, Wiring};
use crate::index::Index;
use crate::memory::OutOfMemory;
use crate::model::{MAX_SIDE_FILE, Notice, StepError, Stepped, WrittenFile};
use crate::plan::{LocalId, StreamId};
use crate::time::Tick;

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
    /// Does up to `budget` steps and rows.
    ///
    /// An error is the rows' own; the engine can go on after it.
    pub fn run(&mut self, budget: usize, rows: &mut dyn Rows) -> io::Result<Turn> {
        let Self { wiring, state } = self;
        let mut turn = Turn::Again;
        for _ in 0..budget {
            let Some(place) = state.ready.take_next() else {
                turn = Turn::Blocked;
                break;
            };
            if place < wiring.monitor_place() {
                state.try_step(wiring, place);
            } else {
                state.try_row(wiring, rows)?;
            }
            if state.file_bytes >= MAX_SIDE_FILE || state.has_full_batch() {
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
    /// Whether a batch is so long that it should go.
    fn has_full_batch(&self) -> bool {
        let borders = &mut self.borders.iter();
        borders.any(|border| border.outbox.len() >= FULL_BATCH)
    }

    /// Steps a model if it can.
    fn try_step(&mut self, wiring: &Wiring, place: LocalId) {
        let model = &wiring.models[place];
        let tick = self.models[place].next;
        if tick >= self.until || !self.can_step(wiring, place, model) {
            return;
        }
        match self.step(wiring, place, model) {
            Ok(()) => {
                self.steps += 1;
                self.settle(wiring, place, model);
            }
            Err(error) => self.fail(place, model, tick, error),
        }
    }

    /// Whether everything is there that a model can want, and its readers have room.
    fn can_step(&mut self, wiring: &Wiring, place: LocalId, model: &Model) -> bool {
        if let Some(source) = self.missing(wiring, &model.readers) {
            if wiring.sources[source].is_import() {
                self.blocked = Some(place);
            }
            return false;
        }
        if let Some(source) = model.source
            && !self.publications[source].has_room(&wiring.sources[source], &mut self.cursors)
        {
            return false;
        }
        if self.full_export(wiring, model).is_some() {
            self.blocked = Some(place);
            return false;
        }
        true
    }

    /// What some of these readers want and is not there yet.
    #[inline]
    fn missing(&self, wiring: &Wiring, readers: &Range<ReaderId>) -> Option<SourceId> {
        let cursors = self.cursors[readers].iter();
        let mut readers = wiring.readers[readers].iter().zip(cursors);
        let lacks = readers.find(|(reader, cursor)| {
            let publications = &self.publications[reader.source];
            !publications.is_final_for(cursor)
        });
        lacks.map(|(reader, _)| reader.source)
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

    /// Makes the step of a model, and hands what it publishes to its readers.
    fn step(&mut self, wiring: &Wiring, place: LocalId, model: &Model) -> Result<(), StepError> {
        let own = &mut self.models[place];
        gather(wiring, model, own, &mut self.cursors, &self.publications)?;
        let tick = own.next;
        let Stepped {
            next,
            notices,
            files,
        } = own.instance.step(tick, &own.inputs, &mut own.published)?;
        let model_id = model.id;
        self.notices.extend(notices.into_iter().map(|text| Notice {
            model: model_id,
            tick,
            text,
        }));
        self.publish(wiring, place, model, (tick, next))?;
        for file in files {
            self.file_bytes += file.path.len() + file.content.len();
            self.files.push(WrittenFile {
                model: model_id,
                tick,
                file,
            });
        }
        let own = &mut self.models[place];
        own.next = next;
        if self.account.is_limited() {
            own.weigh(model, &mut self.account).map_err(out_of_memory)?;
        }
        Ok(())
    }

    /// Gives what a model has published to its readers here, and to the borders that it crosses.
    #[inline]
    fn publish(
        &mut self,
        wiring: &Wiring,
        place: LocalId,
        model: &Model,
        (tick, next): (Tick, Tick),
    ) -> Result<(), StepError> {
        let published = &self.models[place].published;
        if let Some(source) = model.source {
            let (wired, account) = (&wiring.sources[source], &mut self.account);
            let publications = &mut self.publications[source];
            let values = publications.push(wired, tick, next, account);
            for (value, &slot) in values.map_err(out_of_memory)?.iter_mut().zip(&model.kept) {
                *value = published[slot.place()].clone().unwrap_or_default();
            }
            if !model.is_scalar && account.is_limited() {
                publications.weigh(wired, account).map_err(out_of_memory)?;
            }
        }
        for &(border, stream) in &model.exports {
            let wired = &wiring.borders[border];
            if !self.borders[border].publish(wired, stream, (tick, next), published) {
                return Err(too_large());
            }
        }
        Ok(())
    }

    /// After a step: moves the model's readers on, and wakes whom the step concerns.
    fn settle(&mut self, wiring: &Wiring, place: LocalId, model: &Model) {
        let next = self.models[place].next;
        self.move_on(wiring, &model.readers, next);
        if let Some(source) = model.source {
            self.ready.insert_all(&wiring.sources[source].owners);
        }
        if next < self.horizon {
            self.ready.insert(place);
        }
    }

    /// Moves readers on to the next tick of their owner, and wakes the models that have room now.
    #[inline]
    fn move_on(&mut self, wiring: &Wiring, readers: &Range<ReaderId>, next: Tick) {
        let cursors = &mut self.cursors[readers];
        for (reader, cursor) in wiring.readers[readers].iter().zip(cursors) {
            cursor.go_on(reader.shifted, next, self.horizon);
            if self.publications[reader.source].take_wait()
                && let Publisher::Local(model) = wiring.sources[reader.source].publisher
            {
                self.ready.insert(model);
            }
        }
    }

    /// Notes a failure. What lies before it can still be done, what lies after it never will.
    fn fail(&mut self, place: LocalId, model: &Model, tick: Tick, error: StepError) {
        let own = &self.models[place];
        let declared = own.instance.model_type.inputs.iter();
        let inputs = declared
            .zip(&own.inputs)
            .filter_map(|(input, value)| Some((input.name.to_string(), value.clone()?)));
        let failure = Failure {
            model: model.id,
            tick,
            code: error.code.into_owned(),
            message: error.message,
            inputs: inputs.collect(),
        };
        let known = self.failure.as_ref();
        if known.is_none_or(|known| (tick, failure.model) < (known.tick, known.model)) {
            self.failure = Some(failure);
        }
        self.limit(tick);
    }

    /// Hands out a row if all its values are there.
    fn try_row(&mut self, wiring: &Wiring, rows: &mut dyn Rows) -> io::Result<()> {
        let Some(monitor) = &wiring.monitor else {
            return Ok(());
        };
        if self.row >= self.until {
            return Ok(());
        }
        if let Some(source) = self.missing(wiring, &monitor.readers) {
            if wiring.sources[source].is_import() {
                self.blocked = Some(wiring.monitor_place());
            }
            return Ok(());
        }
        let (cursors, publications) = (&mut self.cursors, &self.publications);
        seek(wiring, &monitor.readers, cursors, publications);
        self.row_values.clear();
        let value = |&(reader, source, position)| {
            let source: &Publications = &publications[source];
            source.value(&cursors[reader], position).clone()
        };
        self.row_values.extend(monitor.items.iter().map(value));
        rows.row(self.row, &self.row_values)?;
        self.row += 1;
        self.move_on(wiring, &monitor.readers, self.row);
        self.ready.insert(wiring.monitor_place());
        Ok(())
    }
}

/// The failure of a model whose values nobody sends.
#[cold]
fn too_large() -> StepError {
    let message = format!(
        "its values take more than {MAX_PUBLICATION} bytes, the limit for what goes to another \
         site; put its readers on the same node"
    );
    StepError::new("value_too_large", message)
}

/// The failure of a model for whose values there is no room.
#[cold]
fn out_of_memory(error: OutOfMemory) -> StepError {
    let message = format!(
        "its values and those that wait for their readers take memory {error}; put fewer models on \
         this node"
    );
    StepError::new("out_of_memory", message)
}
