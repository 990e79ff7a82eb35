//! The rows of a run for charts: any range of them, in as many pieces as there is room for, within a limit of
//! memory however long the run is.
//!
//! Of each column there are extents (the least and the largest value) of 16 ticks, of 256 and so on. Values
//! themselves are in a file without a name; where there is no room for one, charts go down to 16 ticks. Of
//! runs so long that even the extents pass the limit, the finest are dropped: what they were made from is
//! in the file.

use std::ops::Range;

use shared::time::Tick;

use super::spill::{ROWS, Spill};

/// Ticks of an extent of the finest level, and extents of a level in one of the next.
const FACTOR: usize = 16;

/// The coarsest level that may become the finest: its extents are as long as a block.
const COARSEST: usize = 2;

/// The most bytes that the extents of all columns may take.
const MEMORY: usize = 40 * 1024 * 1024;

/// The most rows of one answer, whatever is asked for.
pub(super) const MAX_POINTS: u64 = 16_384;

/// The least and the largest of some values; both are NaN where none of them is a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Extent {
    const NONE: Self = Self {
        low: f64::NAN,
        high: f64::NAN,
    };

    pub(super) fn of(value: f64) -> Self {
        Self {
            low: value,
            high: value,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }
}

/// A part of a column, in pieces of `width` ticks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) width: Tick,
    /// The first tick of each piece, and what is in it.
    pub(super) pieces: Vec<(Tick, Extent)>,
}

/// A column.
#[derive(Debug, Default)]
struct Column {
    /// The values of rows that are not in the file yet.
    open: Vec<f64>,
    /// Extents of 16 ticks, of 256 and so on; the last of each level grows.
    levels: Vec<Vec<Extent>>,
}

/// The rows of a run.
#[derive(Debug)]
pub(super) struct Store {
    columns: Vec<Column>,
    rows: Tick,
    /// `None` where no file could be had, or it is full.
    spill: Option<Spill>,
    /// Rows that are neither in the file nor open, as there was no room.
    lost: Range<Tick>,
    /// The finest level that is still there.
    finest: usize,
    memory: usize,
}

impl Store {
    pub(super) fn new(columns: usize) -> Self {
        Self::within(columns, MEMORY)
    }

    fn within(columns: usize, memory: usize) -> Self {
        Self {
            columns: (0..columns).map(|_| Column::default()).collect(),
            rows: 0,
            spill: Spill::new(columns).ok(),
            lost: 0..0,
            finest: 0,
            memory,
        }
    }

    /// The rows that it has.
    pub(super) fn rows(&self) -> Tick {
        self.rows
    }

    /// Takes rows that follow, as the values of each column.
    pub(super) fn extend(&mut self, columns: &[Vec<f64>]) {
        let count = columns.first().map_or(0, Vec::len);
        let mut taken = 0;
        while taken < count {
            let open = self.columns.first().map_or(0, |column| column.open.len());
            let more = (ROWS - open).min(count - taken);
            let first = place(self.rows);
            for (column, values) in self.columns.iter_mut().zip(columns) {
                column.open.extend_from_slice(&values[taken..taken + more]);
                column.grow(first, first + more, self.finest);
            }
            self.rows += more as Tick;
            taken += more;
            if open + more == ROWS {
                self.close_block();
            }
        }
        self.keep_limit();
    }

    /// Has the file take a block that is full.
    fn close_block(&mut self) {
        let block: Vec<Vec<f64>> = self
            .columns
            .iter_mut()
            .map(|c| std::mem::take(&mut c.open))
            .collect();
        let is_written = match &mut self.spill {
            // The blocks of the file follow each other, so one that is lost was the last of them.
            Some(spill) if self.lost.is_empty() => spill.push(&block).is_ok(),
            _ => false,
        };
        if !is_written {
            let from = self.spill.as_ref().map_or(0, Spill::rows);
            self.lost = from..self.rows;
        }
    }

    /// Drops the finest extents where all of them take more than they may.
    fn keep_limit(&mut self) {
        let bytes = |column: &Column| -> usize {
            column
                .levels
                .iter()
                .map(|level| level.len() * size_of::<Extent>())
                .sum()
        };
        while self.finest < COARSEST
            && self.lost.is_empty()
            && self.rows > ROWS as Tick
            && self.columns.iter().map(bytes).sum::<usize>() > self.memory
        {
            for column in &mut self.columns {
                column.levels[self.finest] = Vec::new();
            }
            self.finest += 1;
        }
    }

    /// The part of a column between two ticks, in about so many pieces.
    pub(super) fn part(&mut self, column: usize, range: Range<Tick>, points: u64) -> Part {
        let range = range.start..range.end.min(self.rows);
        let span = range.end.saturating_sub(range.start);
        let width = span.div_ceil(points.clamp(1, MAX_POINTS)).max(1);
        let mut part = Part::new(width);
        if span == 0 || column >= self.columns.len() {
            return part;
        }
        match self.level_for(width, &range) {
            Some(level) => self.take_level(column, level, &range, &mut part),
            None => self.take_values(column, &range, &mut part),
        }
        part
    }

    /// The coarsest level that is fine enough for pieces of this width; `None` is the values themselves.
    fn level_for(&self, width: Tick, range: &Range<Tick>) -> Option<usize> {
        let levels = self.columns.first().map_or(0, |column| column.levels.len());
        let fine = |level: &usize| ticks_of(*level) <= width;
        let found = (self.finest..levels).take_while(fine).last();
        let is_lost = range.start < self.lost.end && self.lost.start < range.end;
        found.or(is_lost.then_some(self.finest))
    }

    fn take_level(&self, column: usize, level: usize, range: &Range<Tick>, part: &mut Part) {
        let ticks = ticks_of(level);
        part.width = part.width.next_multiple_of(ticks);
        let level = &self.columns[column].levels[level];
        let (first, last) = (range.start / ticks, range.end.div_ceil(ticks));
        for number in first..last.min(level.len() as Tick) {
            part.add(number * ticks, level[place(number)]);
        }
    }

    fn take_values(&mut self, column: usize, range: &Range<Tick>, part: &mut Part) {
        let spilled = self.spill.as_ref().map_or(0, Spill::rows);
        let mut tick = range.start;
        while tick < range.end.min(spilled) {
            let block = place(tick) / ROWS;
            let read = self.spill.as_mut().map(|spill| spill.read(block, column));
            let Some(Ok(values)) = read else { break };
            let first = (block * ROWS) as Tick;
            let end = (first + ROWS as Tick).min(range.end);
            for at in tick..end {
                part.add(at, Extent::of(values[place(at - first)]));
            }
            tick = end;
        }
        let open = &self.columns[column].open;
        let first = self.rows - open.len() as Tick;
        for at in tick.max(first)..range.end {
            part.add(at, Extent::of(open[place(at - first)]));
        }
    }
}

impl Part {
    /// Nothing yet, in pieces of this width.
    pub(super) fn new(width: Tick) -> Self {
        Self {
            width,
            pieces: Vec::new(),
        }
    }

    /// Adds what is at a tick to the piece that it belongs to.
    pub(super) fn add(&mut self, tick: Tick, extent: Extent) {
        let start = tick - tick % self.width;
        match self.pieces.last_mut() {
            Some((first, known)) if *first == start => *known = known.and(extent),
            _ => self.pieces.push((start, extent)),
        }
    }
}

impl Column {
    /// Brings the extents up to date with rows from `first` to `end`, all of them in the open block. Extents
    /// that are made of values end where a block does.
    fn grow(&mut self, first: usize, end: usize, finest: usize) {
        let (mut from, mut to) = (first, end);
        for level in 0.. {
            (from, to) = (from / FACTOR, to.div_ceil(FACTOR));
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            if level >= finest {
                let fresh: Vec<Extent> = (from..to)
                    .map(|n| self.extent(level, n, end, finest))
                    .collect();
                self.levels[level].truncate(from);
                self.levels[level].extend(fresh);
                if to <= 1 {
                    return;
                }
            }
        }
    }

    /// An extent, made of those below it; one of the finest level of the values, up to row `end`.
    fn extent(&self, level: usize, number: usize, end: usize, finest: usize) -> Extent {
        if level == finest {
            let ticks = place(ticks_of(level));
            let block = end - self.open.len();
            let (from, to) = (number * ticks, ((number + 1) * ticks).min(end));
            let open = self.open[from - block..to - block].iter();
            return open.fold(Extent::NONE, |all, value| all.and(Extent::of(*value)));
        }
        let below = &self.levels[level - 1];
        let parts = number * FACTOR..((number + 1) * FACTOR).min(below.len());
        below[parts]
            .iter()
            .fold(Extent::NONE, |all, extent| all.and(*extent))
    }
}

/// Where something is in memory, or too far for it.
fn place(tick: Tick) -> usize {
    usize::try_from(tick).unwrap_or(usize::MAX)
}

/// The ticks of an extent of a level.
fn ticks_of(level: usize) -> Tick {
    (FACTOR as Tick).saturating_pow(u32::try_from(level + 1).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wave with a peak that is one tick wide, and a gap.
    fn value(tick: u64) -> f64 {
        match tick {
            54_321 => 1000.0,
            100..200 => f64::NAN,
            _ => (tick % 977) as f64,
        }
    }

    fn filled(rows: u64, memory: usize, mut batch: u64) -> Store {
        let mut store = Store::within(2, memory);
        let mut first = 0;
        while first < rows {
            let end = (first + batch).min(rows);
            let values: Vec<f64> = (first..end).map(value).collect();
            let others = values.iter().map(|value| -value).collect();
            store.extend(&[values, others]);
            first = end;
            batch = batch % 1000 + 7;
        }
        assert_eq!(store.rows(), rows);
        store
    }

    /// What a part should be, computed from the values.
    fn expected(range: Range<u64>, width: u64) -> Vec<(u64, Extent)> {
        let mut part = Part::new(width);
        for tick in range {
            part.add(tick, Extent::of(value(tick)));
        }
        part.pieces
    }

    fn same(found: &[(u64, Extent)], right: &[(u64, Extent)]) -> bool {
        let bits = |(tick, e): &(u64, Extent)| (*tick, e.low.to_bits(), e.high.to_bits());
        found.iter().map(bits).eq(right.iter().map(bits))
    }

    #[test]
    fn any_part_of_the_rows_has_the_least_and_largest_value_of_each_piece() {
        for memory in [MEMORY, 1] {
            let mut store = filled(100_003, memory, 1);
            assert_eq!(store.finest, if memory == 1 { COARSEST } else { 0 });
            for (from, to, points) in [
                (0, 200_000, 100),
                (0, 100_003, 1),
                (50, 250, 1000),
                (4000, 4200, 50),
                (54_000, 55_000, 300),
                (99_000, 100_003, 2000),
                (16 * 977, 80_000, 900),
                (7, 7, 10),
            ] {
                let part = store.part(0, from..to, points);
                let (first, last) = (from, to.min(100_003));
                assert!(
                    part.pieces.len() as u64 <= points + 2,
                    "{from}..{to} in {points}"
                );
                // Pieces from extents begin where these do.
                let first = if part.width > 1 && ticks_of(store.finest) <= part.width {
                    part.pieces.first().map_or(first, |(tick, _)| *tick)
                } else {
                    first
                };
                let ticks = ticks_of(store.finest);
                let last = if ticks <= part.width {
                    last.next_multiple_of(ticks).min(100_003)
                } else {
                    last
                };
                let right = expected(first..last, part.width);
                let peaks =
                    |pieces: &[(u64, Extent)]| pieces.iter().filter(|p| p.1.high == 1000.0).count();
                assert_eq!(
                    peaks(&part.pieces),
                    peaks(&right),
                    "{from}..{to} in {points}"
                );
                if part.width == 1 {
                    assert!(same(&part.pieces, &right), "{from}..{to} in {points}");
                }
            }
        }
    }

    #[test]
    fn without_a_file_charts_are_as_fine_as_extents_are() {
        let mut store = Store::new(1);
        store.spill = None;
        store.extend(&[(0..10_000).map(value).collect()]);
        let part = store.part(0, 160..320, 1000);
        assert_eq!((part.width, part.pieces.len()), (16, 10));
        assert_eq!(
            part.pieces[3],
            (
                208,
                Extent {
                    low: 208.0,
                    high: 223.0
                }
            )
        );
        let newest = store.part(0, 9_000..10_000, 2000);
        assert_eq!((newest.width, newest.pieces.len()), (1, 1000));
    }
}
