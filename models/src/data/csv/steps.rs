//! The model: which row of which file is published in a step.

use shared::model::{Memory, Model, Step, StepError};
use shared::time::WallTime;
use shared::value::Value;

use super::FILE_INDEX;
#[cfg(any(test, feature = "examination"))]
use super::examine::examine;
use super::mismatch::unexpected_stamp;
use super::parameters::whole;
use super::reader::{Reader, about_end};
use super::rows::Ahead;

impl Model for Reader {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = step.tick();
        let wanted = step.value(FILE_INDEX);
        if !self.early.publish(step, &self.sink) && !self.publish_at_hand(step, wanted)? {
            return Ok(());
        }
        if !self.early.is_used_up() {
            return Ok(());
        }
        let due = self.expected(self.after(tick));
        let rows = &mut self.files[self.index];
        if wanted.is_none() && self.early.take_kept(rows, due) {
            return Ok(());
        }
        rows.advance(&mut self.format, &self.cells.delimiter);
        if *rows.ahead() == Ahead::End && self.after(tick) < self.grid.ticks {
            step.notice(about_end(self.files[self.index].path()));
            if wanted.is_none() {
                step.never_again();
            }
        }
        Ok(())
    }

    /// Which file is read, and how far each of them has been read. Rows that were read before their steps count as
    /// if they had not been: then a memory is the same whether its reader reads early or not.
    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        let (early, step) = (self.early.left(&self.sink), self.pace().step);
        let read = self.index;
        for (number, rows) in self.files.iter_mut().enumerate() {
            let early = if number == read { early } else { 0 };
            rows.memory(memory, (early, step), &mut self.format, &self.cells);
        }
        if let Some(index) = memory.keep_made(|| read as u64) {
            match usize::try_from(index) {
                Ok(index) if index < self.files.len() => self.index = index,
                _ => memory.spoil(),
            }
        }
        true
    }

    #[cfg(any(test, feature = "examination"))]
    fn examine(&mut self, examination: &mut shared::model::Examination<'_>) {
        examine(self, examination);
    }

    #[cfg(any(test, feature = "examination"))]
    fn has_at_hand(&self) -> bool {
        self.early.are_all_kept()
    }
}

impl Reader {
    /// Goes to another file if the input says so.
    fn switch(&mut self, wanted: Option<&Value>, expected: WallTime) -> Result<(), StepError> {
        let Some(wanted) = wanted else { return Ok(()) };
        let count = self.files.len();
        let index = whole(wanted).and_then(|index| usize::try_from(index).ok());
        let index = index.filter(|index| *index < count).ok_or_else(|| {
            StepError::new(
                "file_index_out_of_range",
                format!(
                    "input 'file_index' must be from 0 to {}, not {wanted}",
                    count - 1
                ),
            )
        })?;
        if self.files[index].path() == self.files[self.index].path() {
            return Ok(());
        }
        self.index = index;
        // Time only goes forward: a file that was left goes on where it was.
        let rows = &mut self.files[index];
        if !rows.is_begun() {
            rows.header(&mut self.format, &self.cells)?;
            rows.advance(&mut self.format, &self.cells.delimiter);
        }
        rows.skip_to(expected, &mut self.format, &self.cells.delimiter)?;
        if *rows.ahead() == Ahead::End {
            let message = format!(
                "the file ends before the row for {expected}, which is due where 'file_index' \
                 changes to it"
            );
            return Err(rows.error("unexpected_time_stamp", &message));
        }
        Ok(())
    }

    /// Publishes the row at hand; `false` where there is none, since the file has ended.
    fn publish_at_hand(
        &mut self,
        step: &mut Step<'_>,
        wanted: Option<&Value>,
    ) -> Result<bool, StepError> {
        let expected = self.expected(step.tick());
        self.switch(wanted, expected)?;
        let rows = &self.files[self.index];
        match rows.ahead() {
            Ahead::Row(stamp) if *stamp == expected => {}
            Ahead::Row(stamp) => {
                return Err(unexpected_stamp(rows, expected, *stamp, self.pace()));
            }
            Ahead::Broken(error) => return Err(error.clone()),
            // The last row holds; a connected index may still lead to another file.
            Ahead::End => return Ok(false),
        }
        self.sink
            .publish(step, rows, &self.cells, &self.format, expected)?;
        if wanted.is_none() {
            let next = self.expected(self.after(step.tick()));
            let rows = &mut self.files[self.index];
            self.early.fill(rows, &self.sink, next);
        }
        Ok(true)
    }
}
