//! Rows that were read when their file was examined, for the steps: as long as the file is as it was then, these have
//! nothing to read.

use std::mem;
use std::vec;

use shared::files::State;
use shared::model::Examination;
use shared::time::WallTime;

use super::rows::{Mark, Rows};

/// A lot has so many numbers, or more.
const LOT: usize = 4096;

/// The rows of a run behind its first one, as far as they are kept.
pub(super) struct Kept {
    /// What the file looked like before it was read.
    state: State,
    lots: vec::IntoIter<Lot>,
    /// There are no others.
    are_all: bool,
}

/// Rows one after the other, without a line between them.
struct Lot {
    /// When the first of them is due.
    from: WallTime,
    numbers: Vec<f64>,
    /// Where the reading stands behind them.
    end: Mark,
}

impl Kept {
    /// Whether these are all that the run reads.
    pub(super) fn are_all(&self) -> bool {
        self.are_all
    }

    /// The numbers of the next rows, where the first of them is due at this time; the reading then stands behind them.
    /// `None` where there are none, or the file is another one by now: then the reading goes on where it stands.
    pub(super) fn take(&mut self, rows: &mut Rows, due: WallTime) -> Option<Vec<f64>> {
        let Lot { from, numbers, end } = self.lots.next()?;
        let is_as_it_was = from == due && rows.state() == Some(self.state);
        (is_as_it_was && rows.back_to(end).is_ok()).then_some(numbers)
    }
}

/// Rows while they are being kept.
pub(super) struct Keeping<'e> {
    examination: &'e Examination<'e>,
    state: State,
    lots: Vec<Lot>,
    /// Of the lot that grows: when its first row is due, its numbers, and the line of its last row.
    from: WallTime,
    numbers: Vec<f64>,
    line: u64,
    /// There is no room for more, or a row that cannot be kept.
    is_over: bool,
    are_all: bool,
}

impl<'e> Keeping<'e> {
    /// Nothing yet, of rows that are due from a time on. `None` where nobody can tell later whether the file is another
    /// one.
    pub(super) fn new(
        rows: &Rows,
        from: WallTime,
        examination: &'e Examination<'e>,
    ) -> Option<Self> {
        Some(Self {
            examination,
            state: rows.state()?,
            lots: Vec::new(),
            from,
            numbers: Vec::new(),
            line: 0,
            is_over: false,
            are_all: false,
        })
    }

    /// Keeps the row at hand, which has these numbers if it has all.
    pub(super) fn row(&mut self, rows: &Rows, due: WallTime, numbers: Option<&[f64]>) {
        let follows = self.numbers.is_empty() || rows.line().0 == self.line + 1;
        match numbers.filter(|_| follows) {
            Some(numbers) => {
                self.begin(due);
                self.add(numbers);
            }
            None => self.is_over = true,
        }
    }

    /// Rows follow, the first of which is due at this time.
    pub(super) fn begin(&mut self, due: WallTime) {
        if self.numbers.is_empty() {
            self.from = due;
        }
    }

    /// Keeps the numbers of a row.
    #[inline]
    pub(super) fn add(&mut self, numbers: &[f64]) {
        if !self.is_over {
            self.numbers.extend_from_slice(numbers);
        }
    }

    /// The reading stands behind the row that was added last. There the lot is complete, if it is long enough or there
    /// `are_all` rows.
    pub(super) fn settle(&mut self, rows: &mut Rows, are_all: bool) {
        self.line = rows.line().0;
        let is_complete = self.numbers.len() >= LOT || (are_all && !self.numbers.is_empty());
        if self.is_over || !is_complete {
            return;
        }
        let bytes = size_of_val(&*self.numbers);
        let end = rows.mark().ok();
        let Some(end) = end.filter(|_| self.examination.take_room(bytes)) else {
            self.is_over = true;
            return;
        };
        let next = Vec::with_capacity(self.numbers.len());
        self.lots.push(Lot {
            from: self.from,
            numbers: mem::replace(&mut self.numbers, next),
            end,
        });
        self.are_all = are_all;
    }

    /// What is kept.
    pub(super) fn kept(self) -> Kept {
        Kept {
            state: self.state,
            lots: self.lots.into_iter(),
            are_all: self.are_all,
        }
    }
}
