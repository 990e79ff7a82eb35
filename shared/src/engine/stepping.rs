//! Steps and rows: what an engine does with what is there.

use std::io;
use std::ops::Range;

use super::border::{BorderState, FULL_BATCH, MAX_PUBLICATION};
use super::failure::Failure;
use super::inputs::gather;
use super::publications::Publications;
use super::rows::Rows;
use super::site::Engine;
use super::state::{ModelState, State};
use super::wiring::{BorderId, Model, Publisher, ReaderId, SourceId, Wiring};
use crate::index::{Index, Table};
use crate::journal::{Adjustable, Adjustment, Entry, What};
use crate::memory::{Account, OutOfMemory};
use crate::model::{
    Instance, MAX_SIDE_FILE, Notice, Said, Severity, StepError, Stepped, WrittenFile,
};
use crate::plan::{LocalId, ModelId, StreamId};
use crate::time::Tick;
use crate::value::Value;

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
            #[cfg(feature = "described")]
            Ok(next) if next == tick => {
                // A new release tries all models.
                if !self.put_off.contains(&place) {
                    self.put_off.push(place);
                }
            }
            Ok(next) => {
                self.steps += 1;
                self.settle(wiring, place, model, next);
            }
            Err(error) => self.fail(place, model, tick, error),
        }
    }

    /// Whether everything is there that a model can want, and its readers have room.
    fn can_step(&mut self, wiring: &Wiring, place: LocalId, model: &Model) -> bool {
        if let Some(source) = self.look(&model.readers) {
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

    /// Makes the step of a model, and hands what it publishes to its readers. Returns the tick of the next
    /// one.
    fn step(&mut self, wiring: &Wiring, place: LocalId, model: &Model) -> Result<Tick, StepError> {
        let Self {
            models,
            cursors,
            publications,
            borders,
            notices,
            entries,
            files,
            file_bytes,
            account,
            ..
        } = self;
        let own = &mut models[place];
        gather(wiring, model, own, cursors, publications)?;
        let tick = own.next;
        let model_id = model.id;
        let Stepped {
            next,
            notices: said,
            files: written,
            #[cfg(feature = "described")]
            asked,
        } = if own.outlook.is_none() {
            own.instance.step(tick, &own.inputs, &mut own.published)?
        } else {
            own.step_with_outlook(model_id, entries)?
        };
        // Few steps come with any.
        if !said.is_empty() {
            notices.extend(said.into_iter().map(|said| Notice {
                model: model_id,
                tick,
                severity: said.severity,
                text: said.text,
            }));
        }
        #[cfg(feature = "described")]
        if next == tick {
            return Ok(tick);
        }
        #[cfg(feature = "described")]
        entries.extend(asked.into_iter().map(|simulator| Entry {
            model: model_id,
            tick,
            what: What::Asked { simulator },
        }));
        keep(model, &own.published, (tick, next), publications, account)?;
        send(wiring, model, &own.published, (tick, next), borders)?;
        for file in written {
            *file_bytes += file.path.len() + file.content.len();
            files.push(WrittenFile {
                model: model_id,
                tick,
                file,
            });
        }
        own.next = next;
        if account.is_limited() {
            own.weigh(model, account).map_err(out_of_memory)?;
        }
        Ok(next)
    }

    /// After a step: moves the model's readers on, and wakes whom the step concerns.
    fn settle(&mut self, wiring: &Wiring, place: LocalId, model: &Model, next: Tick) {
        self.move_on(wiring, &model.readers, next);
        if let Some(source) = model.source {
            self.ready.insert_all(&wiring.sources[source].owners);
        }
        if next < self.horizon {
            self.ready.insert(place);
        }
    }

    /// Moves readers on to the next tick of their owner, and wakes the models that have room now.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "a step runs through it, over one reader or two"
    )]
    fn move_on(&mut self, wiring: &Wiring, readers: &Range<ReaderId>, next: Tick) {
        for cursor in &mut self.cursors[readers] {
            cursor.go_on(next, self.horizon);
            if self.publications[cursor.source].take_wait()
                && let Publisher::Local(model) = wiring.sources[cursor.source].publisher
            {
                self.ready.insert(model);
            }
        }
    }

    /// Notes a failure. What lies before it can still be done, what lies after it never will.
    fn fail(&mut self, place: LocalId, model: &Model, tick: Tick, error: StepError) {
        let own = &mut self.models[place];
        if let Some(outlook) = &mut own.outlook {
            outlook.fail();
        }
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
        if let Some(source) = self.look(&monitor.readers) {
            if wiring.sources[source].is_import() {
                self.blocked = Some(wiring.monitor_place());
            }
            return Ok(());
        }
        let (cursors, publications) = (&self.cursors, &self.publications);
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

impl ModelState {
    /// Makes the step of a model that has something of the world outside.
    #[cold]
    fn step_with_outlook(
        &mut self,
        model: ModelId,
        entries: &mut Vec<Entry>,
    ) -> Result<Stepped, StepError> {
        let tick = self.next;
        let outlook = self.outlook.as_mut().expect("it has an outlook");
        outlook.look(tick);
        while let Some(what) = outlook.next(tick) {
            match what {
                What::Seen { socket, cable } => {
                    outlook.window.set_sight(socket.into(), cable.into());
                }
                What::Adjusted(adjustment) => {
                    if adjust(&mut self.instance, &mut self.inputs, adjustment) {
                        entries.push(Entry { model, tick, what });
                    }
                }
                // Programs have heard of the ones before the first step; the others go out.
                What::Asked { .. } | What::Told { .. } => {}
            }
        }
        let window = Some(&mut outlook.window);
        let stepped = self
            .instance
            .step_with(tick, &self.inputs, &mut self.published, window);
        // Also where the step failed: what was seen may be why.
        let news = outlook.settle(model, tick, entries);
        let mut stepped = stepped?;
        // Of the world outside the scenario knows nothing.
        stepped.notices.extend(news.map(|text| Said {
            severity: Severity::Note,
            text,
        }));
        Ok(stepped)
    }
}

/// Changes a value of a model; returns whether it is one that can be changed, to a number that makes sense.
fn adjust(instance: &mut Instance, inputs: &mut [Option<Value>], adjustment: Adjustment) -> bool {
    let number = adjustment.number();
    match adjustment.target {
        Adjustable::Input(slot) => {
            let place = inputs.get_mut(slot.place());
            place.is_some_and(|place| {
                *place = number.to_value().ok();
                true
            })
        }
        Adjustable::Parameter(slot) => {
            let declared = instance.model_type.parameters.get(slot.place());
            declared.is_some_and(|known| known.range.contains(adjustment.value))
                && instance.model.adjust(slot, number)
        }
    }
}

/// Keeps what a model has published for its readers on this site.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a step runs through it")]
pub(super) fn keep(
    model: &Model,
    published: &[Option<Value>],
    (tick, next): (Tick, Tick),
    publications: &mut Table<SourceId, Publications>,
    account: &mut Account,
) -> Result<(), StepError> {
    let Some(source) = model.source else {
        return Ok(());
    };
    let publications = &mut publications[source];
    let values = publications.push(tick, next, account);
    for (value, &slot) in values.map_err(out_of_memory)?.iter_mut().zip(&model.kept) {
        *value = published[slot.place()].clone().unwrap_or_default();
    }
    if !model.is_scalar && account.is_limited() {
        publications.weigh(account).map_err(out_of_memory)?;
    }
    Ok(())
}

/// Has what a model has published sent to the sites that read it.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a step runs through it")]
pub(super) fn send(
    wiring: &Wiring,
    model: &Model,
    published: &[Option<Value>],
    (tick, next): (Tick, Tick),
    borders: &mut Table<BorderId, BorderState>,
) -> Result<(), StepError> {
    for &(border, stream) in &model.exports {
        let (wired, border) = (&wiring.borders[border], &mut borders[border]);
        if !border.publish(wired, stream, (tick, next), published) {
            return Err(too_large());
        }
    }
    Ok(())
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
