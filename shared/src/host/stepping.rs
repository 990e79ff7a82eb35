//! Steps and rows: what a host does with what is there.

use std::io;

use super::member::Member;
use super::{FULL_BATCH, Failure, Host, MAX_RECORD, Rows, Source, Turn};
use crate::memory::OutOfMemory;
use crate::model::{MAX_SIDE_FILE, Notice, StepError, Stepped, WrittenFile};
use crate::time::Tick;

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
        if tick >= self.until || !self.can_step(number) {
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
            readers,
            histories,
            links,
            sources,
            ..
        } = self;
        let member = &members[number];
        for reader in &readers[member.readers.clone()] {
            if !histories[reader.history].is_final_for(reader) {
                if let Source::Import { .. } = sources[reader.history] {
                    self.blocked = Some(number);
                }
                return false;
            }
        }
        if let Some((history, _)) = member.history
            && !histories[history].has_room(readers)
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
            wiring,
            readers,
            histories,
            links,
            notices,
            files,
            file_bytes,
            account,
            ..
        } = self;
        let member = &mut members[number];
        wiring.gather(member, readers, histories)?;
        let Member {
            id,
            instance,
            next,
            inputs,
            published,
            history,
            exports,
            is_scalar,
            ..
        } = member;
        let tick = *next;
        let Stepped {
            next: after,
            notices: said,
            files: asked,
        } = instance.step(tick, inputs, published)?;
        if !said.is_empty() {
            notices.extend(said.into_iter().map(|text| Notice {
                model: *id,
                tick,
                text,
            }));
        }
        if let Some((history, slots)) = history {
            let history = &mut histories[*history];
            let values = history.push(tick, after, account).map_err(out_of_memory)?;
            for (value, &slot) in values.iter_mut().zip(slots.iter()) {
                *value = published[slot].clone().unwrap_or_default();
            }
            if !*is_scalar && account.is_limited() {
                history.weigh(account).map_err(out_of_memory)?;
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
        if account.is_limited() {
            member.weigh(account).map_err(out_of_memory)?;
        }
        Ok(())
    }

    /// After a step: moves the member's readers on, and wakes whom the step concerns.
    fn settle(&mut self, number: usize) {
        let Self {
            members,
            readers,
            histories,
            sources,
            ready,
            horizon,
            ..
        } = self;
        let member = &members[number];
        for reader in &mut readers[member.readers.clone()] {
            reader.go_on(member.next, *horizon);
            if histories[reader.history].take_wait()
                && let Source::Member(source) = sources[reader.history]
            {
                ready.insert(source);
            }
        }
        if let Some((history, _)) = member.history {
            ready.insert_all(histories[history].owners());
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
            .map(|input| input.name.to_string());
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
            readers,
            histories,
            sources,
            ready,
            horizon,
            until,
            ..
        } = self
        else {
            return Ok(());
        };
        if watch.tick >= *until {
            return Ok(());
        }
        for reader in &readers[watch.readers.clone()] {
            if !histories[reader.history].is_final_for(reader) {
                if let Source::Import { .. } = sources[reader.history] {
                    self.blocked = Some(self.members.len());
                }
                return Ok(());
            }
        }
        for reader in &mut readers[watch.readers.clone()] {
            histories[reader.history].seek(reader);
        }
        watch.row.clear();
        watch
            .row
            .extend(watch.items.iter().map(|&(reader, attribute)| {
                let reader = &readers[reader];
                histories[reader.history].value(reader, attribute).clone()
            }));
        rows.row(watch.tick, &watch.row)?;
        watch.tick += 1;
        for reader in &mut readers[watch.readers.clone()] {
            reader.go_on(watch.tick, *horizon);
            if histories[reader.history].take_wait()
                && let Source::Member(source) = sources[reader.history]
            {
                ready.insert(source);
            }
        }
        ready.insert(self.members.len());
        Ok(())
    }
}

/// The failure of a model for whose values there is no room.
fn out_of_memory(error: OutOfMemory) -> StepError {
    let message = format!(
        "its values and those that wait for their readers take memory {error}; put fewer models on \
         this node"
    );
    StepError::new("out_of_memory", message)
}
