//! Rows as they should be, many at a time: the time stamp that is due, and a plain number in each
//! cell. That is most rows of most files, and several times as fast as looking for all that a row can
//! be, which is left to [`Rows::advance`].

use shared::model::Step;
use shared::time::WallTime;

use super::cells::Sink;
use super::kept::Kept;
use super::rows::Rows;
use crate::data::text::cell_format::CellFormat;
use crate::data::text::date_format::{DateFormat, Stamps};
use crate::data::text::number;

/// How plain rows of a file look.
pub(super) struct PlainRows {
    stamps: Stamps,
    delimiter: u8,
    point: u8,
    columns: usize,
    /// The numbers of a row.
    numbers: Vec<f64>,
}

/// Rows that have been read before their steps.
#[derive(Default)]
pub(super) struct Early {
    plain: Option<PlainRows>,
    /// Those that were read before the run.
    kept: Option<Kept>,
    numbers: Vec<f64>,
    used: usize,
}

/// The most numbers that are read early, if a row has fewer.
const EARLY: usize = 1024;

impl PlainRows {
    /// Rows for a sink, `step` seconds apart, from the one time to the other. `None` where what is
    /// meant cannot be told from bytes alone.
    pub(super) fn new(
        format: &DateFormat,
        cells: &CellFormat,
        sink: &Sink,
        span: (WallTime, WallTime),
        step: i64,
    ) -> Option<Self> {
        let Sink::Columns(columns) = sink else {
            return None;
        };
        let (delimiter, point) = (cells.delimiter.byte()?, cells.point);
        let stamps = format.stamps(span, step)?;
        let text = stamps.text();
        let is_mark = |byte: u8| byte.is_ascii_graphic() || byte == b' ' || byte == b'\t';
        let is_clear = !columns.is_empty()
            && columns.iter().all(|(_, slot)| slot.is_some())
            && is_mark(delimiter)
            && !delimiter.is_ascii_digit()
            && !text.contains(&delimiter)
            && ![b'-', point].contains(&delimiter)
            && text.iter().all(|&byte| is_mark(byte))
            && text.first().is_some_and(u8::is_ascii_digit);
        is_clear.then(|| Self {
            stamps,
            delimiter,
            point,
            columns: columns.len(),
            numbers: Vec::with_capacity(columns.len()),
        })
    }

    /// Passes rows, from the one for a time on, at most so many, as long as they are plain and
    /// `accept` takes their numbers. Returns how many.
    pub(super) fn pass(
        &mut self,
        rows: &mut Rows,
        (from, most): (WallTime, u64),
        mut accept: impl FnMut(&[f64]) -> bool,
    ) -> u64 {
        let mut count = 0;
        self.stamps.go_to(from);
        rows.pass(|bytes| {
            let length = (count < most).then(|| self.read(bytes))??;
            let is_taken = accept(&self.numbers);
            if is_taken {
                self.stamps.advance();
                count += 1;
            }
            is_taken.then_some(length)
        });
        rows.note_passed(from, self.stamps.step(), count);
        count
    }

    /// Reads the row at the front of a text; returns its length with the end of its line.
    #[inline]
    fn read(&mut self, text: &[u8]) -> Option<usize> {
        let mut rest = text.strip_prefix(self.stamps.text())?;
        self.numbers.clear();
        for _ in 0..self.columns {
            let (delimiter, mut cell) = rest.split_first()?;
            if *delimiter != self.delimiter {
                return None;
            }
            while let [b' ', after @ ..] = cell {
                cell = after;
            }
            let (number, length) = number::digits(cell, self.point)?;
            self.numbers.push(number);
            rest = &cell[length..];
        }
        // Many programs end their lines with a delimiter.
        if rest.first() == Some(&self.delimiter) {
            rest = &rest[1..];
        }
        let ([b'\n', after @ ..] | [b'\r', b'\n', after @ ..]) = rest else {
            return None;
        };
        Some(text.len() - after.len())
    }
}

impl Early {
    /// No rows yet, of files that have such rows.
    pub(super) fn new(plain: Option<PlainRows>) -> Self {
        Self {
            plain,
            ..Self::default()
        }
    }

    /// With rows that have been read already, behind the one at hand.
    pub(super) fn keep(&mut self, kept: Kept) {
        self.kept = Some(kept);
    }

    /// Whether these are all rows of the run.
    pub(super) fn are_all_kept(&self) -> bool {
        self.kept.as_ref().is_some_and(Kept::are_all)
    }

    /// Publishes the next row; `false` where there is none.
    #[inline]
    pub(super) fn publish(&mut self, step: &mut Step<'_>, sink: &Sink) -> bool {
        let Sink::Columns(columns) = sink else {
            return false;
        };
        let row = self.numbers.get(self.used..self.used + columns.len());
        let Some(row @ [_, ..]) = row else {
            return false;
        };
        for ((_, slot), number) in columns.iter().zip(row) {
            if let Some(slot) = slot {
                step.publish(*slot, *number);
            }
        }
        self.used += columns.len();
        true
    }

    /// Whether all rows have been published.
    #[inline]
    pub(super) fn is_used_up(&self) -> bool {
        self.used == self.numbers.len()
    }

    /// How many rows have been read and not been published.
    pub(super) fn left(&self, sink: &Sink) -> u64 {
        match sink {
            Sink::Columns(columns) if !self.is_used_up() => {
                ((self.numbers.len() - self.used) / columns.len()) as u64
            }
            Sink::Columns(_) | Sink::Row(..) => 0,
        }
    }

    /// Goes on with rows that were kept, where the next one of them is due at this time.
    #[inline]
    pub(super) fn take_kept(&mut self, rows: &mut Rows, due: WallTime) -> bool {
        let Some(kept) = &mut self.kept else {
            return false;
        };
        let Some(numbers) = kept.take(rows, due) else {
            self.kept = None;
            return false;
        };
        (self.numbers, self.used) = (numbers, 0);
        true
    }

    /// Reads rows from the one for a time on, which follows the row at hand, as long as they are plain; none where there
    /// are some that were kept.
    pub(super) fn fill(&mut self, rows: &mut Rows, sink: &Sink, from: WallTime) {
        if self.kept.is_some() {
            return;
        }
        let (Some(plain), Sink::Columns(columns)) = (&mut self.plain, sink) else {
            return;
        };
        self.numbers.clear();
        self.used = 0;
        let most = EARLY.div_ceil(columns.len()) as u64;
        plain.pass(rows, (from, most), |numbers| {
            self.numbers.extend_from_slice(numbers);
            true
        });
    }
}
