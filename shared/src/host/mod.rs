//! The host: steps the models of one site.
//!
//! A host steps a model as soon as everything is there that the model can want at its next tick.
//! There is no global tick and no barrier: what depends on nothing remote runs ahead, up to the
//! window of its readers. Order within a tick and the combination of values come from the plan, so
//! nothing depends on what arrives first.
//!
//! A host does no input or output: whoever drives it calls [`Host::run`], carries the batches of
//! [`Host::take_batch`] to the other sites and hands theirs to [`Host::receive`].

pub mod combine;
mod history;
mod link;
mod member;
mod ready;
#[cfg(test)]
mod tests;
mod waits;
mod wiring;

use std::fmt;
use std::io;
use std::mem;

use serde::{Deserialize, Serialize};

use crate::model::{BuildError, MAX_SIDE_FILE, Notice, StepError, Stepped, WrittenFile};
use crate::plan::{Feed, Import, SiteId};
use crate::time::{Tick, TimeGrid};
use crate::value::Value;

use history::{History, PAST_THE_END};
use link::{BatchReader, Head, Link};
use member::Member;
use ready::ReadySet;

pub use link::{BatchError, FULL_BATCH, MAX_BATCH, MAX_RECORD};
pub use waits::Wait;

/// Steps the models of one site.
#[derive(Debug)]
pub struct Host {
    grid: TimeGrid,
    /// Steps and rows before this tick are made; it falls to the tick of a failure.
    horizon: Tick,
    members: Vec<Member>,
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

/// The monitor's part in a host: one row per tick.
#[derive(Debug)]
struct Watch {
    tick: Tick,
    readers: Vec<member::ReaderOf>,
    /// Reader and attribute of each item.
    items: Vec<(usize, usize)>,
    row: Vec<Value>,
}

/// Takes the rows of the monitor.
pub trait Rows {
    /// One row, with a value for each item.
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()>;
}

/// For a host without a monitor.
#[derive(Clone, Copy, Debug)]
pub struct NoRows;

impl Rows for NoRows {
    fn row(&mut self, _: Tick, _: &[Value]) -> io::Result<()> {
        Ok(())
    }
}

/// What a call of [`Host::run`] came to.
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

/// A host cannot be made from a plan.
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
        }
    }
}

impl std::error::Error for PlanError {}

impl Host {
    /// Does up to `budget` steps and rows.
    ///
    /// An error is the rows' own; the host can go on after it.
    pub fn run(&mut self, budget: usize, rows: &mut dyn Rows) -> io::Result<Turn> {
        for _ in 0..budget {
            let Some(number) = self.ready.take_next() else {
                self.return_credit();
                return Ok(if self.is_finished() {
                    Turn::Finished
                } else {
                    Turn::Blocked
                });
            };
            if number < self.members.len() {
                self.try_step(number);
            } else {
                self.try_row(rows)?;
            }
            if self.file_bytes >= MAX_SIDE_FILE
                || self
                    .links
                    .iter()
                    .any(|link| link.outbox.len() >= FULL_BATCH)
            {
                break;
            }
        }
        self.return_credit();
        Ok(Turn::Again)
    }

    /// Hands out the rows for which everything is there, without a step.
    pub fn finish_rows(&mut self, rows: &mut dyn Rows) -> io::Result<()> {
        loop {
            let before = self.rows();
            self.try_row(rows)?;
            if self.rows() == before {
                return Ok(());
            }
        }
    }

    /// Steps a member if it can.
    fn try_step(&mut self, number: usize) {
        let tick = self.members[number].next;
        if tick >= self.horizon || !self.can_step(number) {
            return;
        }
        match self.step(number) {
            Ok(()) => {
                self.steps += 1;
                self.settle(number);
            }
            Err(error) => self.fail(number, tick, error),
        }
    }

    /// Whether everything is there that a member can want, and its readers have room.
    fn can_step(&mut self, number: usize) -> bool {
        let Self {
            members,
            histories,
            links,
            sources,
            ..
        } = self;
        let member = &members[number];
        for reader in &member.readers {
            if !histories[reader.history].is_final_for(reader.reader) {
                if let Source::Import { .. } = sources[reader.history] {
                    self.blocked = Some(number);
                }
                return false;
            }
        }
        if let Some((history, _)) = member.history
            && !histories[history].has_room()
        {
            return false;
        }
        for &(link, stream) in &member.exports {
            if !links[link].exports[stream].has_room() {
                self.blocked = Some(number);
                return false;
            }
        }
        true
    }

    /// Makes the step of a member, and hands what it publishes to its readers.
    fn step(&mut self, number: usize) -> Result<(), StepError> {
        let Self {
            members,
            histories,
            links,
            notices,
            files,
            file_bytes,
            ..
        } = self;
        let member = &mut members[number];
        member.gather(histories)?;
        let Member {
            id,
            instance,
            next,
            inputs,
            published,
            history,
            exports,
            ..
        } = member;
        let tick = *next;
        let Stepped {
            next: after,
            notices: said,
            files: asked,
        } = instance.step(tick, inputs, published)?;
        notices.extend(said.into_iter().map(|text| Notice {
            model: *id,
            tick,
            text,
        }));
        if let Some((history, slots)) = history {
            let history = &mut histories[*history];
            history.push(tick, after);
            for &slot in slots.iter() {
                history.push_value(published[slot].clone().unwrap_or_default());
            }
        }
        for &(link, stream) in exports.iter() {
            if !links[link].publish(stream, tick, after, published) {
                return Err(StepError::new(
                    "value_too_large",
                    format!(
                        "its values take more than {MAX_RECORD} bytes, the limit for what goes to another site; put its readers on the same node"
                    ),
                ));
            }
        }
        for file in asked {
            *file_bytes += file.path.len() + file.content.len();
            files.push(WrittenFile {
                model: *id,
                tick,
                file,
            });
        }
        *next = after;
        Ok(())
    }

    /// After a step: moves the member's readers on, and wakes whom the step concerns.
    fn settle(&mut self, number: usize) {
        let Self {
            members,
            histories,
            sources,
            ready,
            horizon,
            ..
        } = self;
        let member = &members[number];
        for reader in &member.readers {
            let look = if member.next >= *horizon {
                PAST_THE_END
            } else {
                reader.look(member.next)
            };
            if histories[reader.history].look(reader.reader, look)
                && let Source::Member(source) = sources[reader.history]
            {
                ready.insert(source);
            }
        }
        if let Some((history, _)) = member.history {
            histories[history]
                .owners()
                .for_each(|owner| ready.insert(owner));
        }
        if member.next < *horizon {
            ready.insert(number);
        }
    }

    /// Notes a failure. What lies before it can still be done, what lies after it never will.
    fn fail(&mut self, number: usize, tick: Tick, error: StepError) {
        let member = &self.members[number];
        let names = member
            .instance
            .model_type
            .inputs
            .iter()
            .map(|input| input.name.to_owned());
        let inputs = names
            .zip(&member.inputs)
            .filter_map(|(name, v)| Some((name, v.clone()?)));
        let failure = Failure {
            model: member.id,
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

    /// Writes a row if all its values are there.
    fn try_row(&mut self, rows: &mut dyn Rows) -> io::Result<()> {
        let Self {
            watch: Some(watch),
            histories,
            sources,
            ready,
            horizon,
            ..
        } = self
        else {
            return Ok(());
        };
        if watch.tick >= *horizon {
            return Ok(());
        }
        for reader in &watch.readers {
            if !histories[reader.history].is_final_for(reader.reader) {
                if let Source::Import { .. } = sources[reader.history] {
                    self.blocked = Some(self.members.len());
                }
                return Ok(());
            }
        }
        for reader in &watch.readers {
            histories[reader.history].seek(reader.reader);
        }
        watch.row.clear();
        for &(reader, attribute) in &watch.items {
            let reader = watch.readers[reader];
            watch.row.push(
                histories[reader.history]
                    .value(reader.reader, attribute)
                    .clone(),
            );
        }
        rows.row(watch.tick, &watch.row)?;
        watch.tick += 1;
        for reader in &watch.readers {
            let look = if watch.tick >= *horizon {
                PAST_THE_END
            } else {
                reader.look(watch.tick)
            };
            if histories[reader.history].look(reader.reader, look)
                && let Source::Member(source) = sources[reader.history]
            {
                ready.insert(source);
            }
        }
        ready.insert(self.members.len());
        Ok(())
    }

    /// Tells the other sites what has been read, once it is worth a record.
    fn return_credit(&mut self) {
        let Self {
            histories,
            sources,
            links,
            ..
        } = self;
        for (history, source) in histories.iter_mut().zip(sources) {
            if let Source::Import { link, stream, .. } = *source
                && history.len() > history.window() / 4
            {
                let read = history.trim();
                if read > 0 {
                    links[link].credit(stream, read);
                }
            }
        }
    }

    /// Takes a batch that another site sent.
    pub fn receive(&mut self, from: SiteId, batch: &[u8]) -> Result<(), BatchError> {
        let link = self.links.iter().position(|link| link.peer == from);
        let mut reader = BatchReader(batch);
        while let Some(head) = reader.head()? {
            match head {
                Head::Publication { stream, tick, next } => {
                    let unknown = BatchError::UnknownStream(stream);
                    let links = &self.links;
                    let imports = link.map_or(&[][..], |link| &links[link].imports);
                    let &history = imports.get(stream as usize).ok_or(unknown)?;
                    let history = &mut self.histories[history];
                    take_publication(history, stream, tick, next, &mut reader)?;
                    history.owners().for_each(|owner| self.ready.insert(owner));
                }
                Head::Credit { stream, read } => {
                    let link = link.ok_or(BatchError::UnknownStream(stream))?;
                    let member = self.links[link].book(stream, read)?;
                    self.ready.insert(member);
                }
            }
        }
        Ok(())
    }

    /// The records that wait for a site; empty where there are none. Give the buffer back with
    /// [`Host::recycle`].
    pub fn take_batch(&mut self, to: SiteId) -> Vec<u8> {
        let link = self.links.iter_mut().find(|link| link.peer == to);
        link.map(|link| mem::take(&mut link.outbox))
            .unwrap_or_default()
    }

    /// Gives back a buffer of [`Host::take_batch`], so that the next batch needs no new one.
    pub fn recycle(&mut self, to: SiteId, mut batch: Vec<u8>) {
        if let Some(link) = self.links.iter_mut().find(|link| link.peer == to)
            && link.outbox.is_empty()
        {
            batch.clear();
            link.outbox = batch;
        }
    }

    /// The sites that this one exchanges values with.
    pub fn peers(&self) -> Vec<SiteId> {
        self.links.iter().map(|link| link.peer).collect()
    }

    /// Lowers the end: nothing at or after this tick is to be done any more. What lies before it
    /// still is.
    pub fn limit(&mut self, tick: Tick) {
        self.horizon = self.horizon.min(tick);
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
    /// ends early where they hold [`MAX_SIDE_FILE`] and more.
    pub fn take_files(&mut self) -> Vec<WrittenFile> {
        self.file_bytes = 0;
        mem::take(&mut self.files)
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
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

/// Takes a publication of a stream into its history.
fn take_publication(
    history: &mut History,
    stream: u32,
    tick: Tick,
    next: Tick,
    reader: &mut BatchReader<'_>,
) -> Result<(), BatchError> {
    if tick != history.next() {
        return Err(BatchError::UnexpectedTick {
            stream,
            due: history.next(),
            got: tick,
        });
    }
    if history.len() >= history.window() {
        return Err(BatchError::WindowExceeded(stream));
    }
    history.push(tick, next);
    for _ in 0..history.stride() {
        history.push_value(reader.take()?);
    }
    Ok(())
}
