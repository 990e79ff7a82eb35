//! The rows of a file, one read ahead.

#[cfg(any(test, feature = "examination"))]
use std::io;

#[cfg(any(test, feature = "examination"))]
use shared::files::State;
use shared::model::{Memory, StepError};
use shared::time::WallTime;

use crate::data::text::cell_format::{CellFormat, Delimiter, names};
use crate::data::text::date_format::DateFormat;
#[cfg(any(test, feature = "examination"))]
use crate::data::text::lines;
use crate::data::text::lines::{Lines, shown};

/// Whether a cell is a time stamp and nothing else. Names may well have one among other words.
fn looks_like_stamp(cell: &str, format: &mut DateFormat) -> bool {
    let cell = cell.trim().trim_matches('"');
    let is_short = cell.len() < format.pattern().len() + 12;
    is_short && cell.starts_with(|c: char| c.is_ascii_digit()) && format.parse(cell).is_ok()
}

/// An open file at one of its rows.
pub(super) struct Rows {
    lines: Lines,
    at: Standing,
}

/// How far the reading of a file has come.
#[derive(Clone)]
struct Standing {
    /// Where the cells of the line at hand start, after the time stamp; `None` where it has none.
    cells: Option<usize>,
    /// The line of names.
    names: u64,
    /// Whether the line at hand is the first row, since there is no title.
    is_first_row: bool,
    ahead: Ahead,
    /// The stamps of the two rows before, the later one first.
    before: [Option<WallTime>; 2],
}

/// The row at hand.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ahead {
    /// A row with this time stamp.
    Row(WallTime),
    /// There is none.
    End,
    /// It cannot be read. That is reported when the row is needed, so one that is not does no harm.
    Broken(StepError),
}

/// A place in a file to come back to.
#[cfg(any(test, feature = "examination"))]
pub(super) struct Mark {
    lines: lines::Mark,
    at: Standing,
}

impl Rows {
    /// The rows of a file of which nothing has been read; [`Rows::header`] comes first.
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lines,
            at: Standing {
                cells: None,
                names: 0,
                is_first_row: false,
                ahead: Ahead::End,
                before: [None; 2],
            },
        }
    }

    /// Whether the header has been read.
    pub(super) fn is_begun(&self) -> bool {
        self.lines.number() > 0
    }

    /// Reads title and header: the names as they stand, the time column first. [`Rows::advance`]
    /// then goes to the first row.
    ///
    /// Where the second line is a row, the first one has the names and there is no title.
    pub(super) fn header(
        &mut self,
        format: &mut DateFormat,
        cells: &CellFormat,
    ) -> Result<Vec<String>, StepError> {
        let mut complete = self.next_line()?;
        let first = names(self.text(), &cells.delimiter);
        complete = complete && self.next_line()?;
        if !complete {
            let message = if first.iter().any(|name| name.contains('\r')) {
                "the file has one line; save it with line ends of LF or CRLF, not of CR alone"
            } else {
                "the file ends early; it must have a title line and a line of column names"
            };
            return Err(self.error("file_without_header", message));
        }
        self.at.names = self.lines.number();
        if first.len() > 1
            && !looks_like_stamp(first.first().map_or("", String::as_str), format)
            && self.is_row(format, cells)
        {
            self.at.names -= 1;
            self.at.is_first_row = true;
            return Ok(first);
        }
        Ok(names(self.text(), &cells.delimiter))
    }

    /// Whether the line at hand is a time stamp and numbers.
    fn is_row(&self, format: &mut DateFormat, cells: &CellFormat) -> bool {
        let (stamp, mut rest) = cells.delimiter.split_once(self.text());
        if rest.is_none() || !looks_like_stamp(stamp, format) {
            return false;
        }
        while let Some(text) = rest {
            let (cell, after) = cells.delimiter.split_once(text);
            if cells.number(cell).is_none() && !cell.trim().is_empty() {
                return false;
            }
            rest = after;
        }
        true
    }

    /// The line of names, and whether there is a title before it.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn names_line(&self) -> (u64, bool) {
        (self.at.names, self.at.names > 1)
    }

    /// Passes rows before a time.
    pub(super) fn skip_to(
        &mut self,
        time: WallTime,
        format: &mut DateFormat,
        delimiter: &Delimiter,
    ) -> Result<(), StepError> {
        loop {
            match &self.at.ahead {
                Ahead::Row(stamp) if *stamp < time => self.advance(format, delimiter),
                Ahead::Broken(error) => return Err(error.clone()),
                Ahead::Row(_) | Ahead::End => return Ok(()),
            }
        }
    }

    /// The row at hand.
    pub(super) fn ahead(&self) -> &Ahead {
        &self.at.ahead
    }

    /// The text of the row at hand, without blanks around it.
    #[inline]
    pub(super) fn text(&self) -> &str {
        self.lines.text()
    }

    /// What follows the time stamp in the row at hand.
    #[inline]
    pub(super) fn cells(&self) -> Option<&str> {
        self.at.cells.map(|start| &self.lines.line()[start..])
    }

    /// Keeps how far the reading has come, or goes there: by reading again, since what was read before a row is what
    /// errors at it are about. So many rows have been passed that are still to come, some seconds apart.
    pub(super) fn memory(
        &mut self,
        memory: &mut Memory<'_>,
        (early, step): (u64, i64),
        format: &mut DateFormat,
        cells: &CellFormat,
    ) {
        let (line, row) = self.reached(early, step);
        let line = memory.keep_made(|| line);
        let row = memory.keep_made(|| row);
        let (Some(line), Some(row)) = (line, row) else {
            return;
        };
        if line > 0 && !self.is_begun() && self.header(format, cells).is_ok() {
            self.advance(format, &cells.delimiter);
        }
        while self.lines.number() < line && matches!(self.at.ahead, Ahead::Row(_)) {
            self.advance(format, &cells.delimiter);
        }
        // Another file, or one that cannot be read twice.
        if self.reached(0, step) != (line, row) {
            memory.spoil();
        }
    }

    /// The line of the row that is to come next, and what is there: its time stamp in seconds, or why there is none.
    fn reached(&self, early: u64, step: i64) -> (u64, u64) {
        // Of rows that have been passed, the last one is at hand; each has a line, and there are no others between.
        let back = early.saturating_sub(1);
        let row = match self.at.ahead {
            Ahead::Row(time) => time.seconds() - back.cast_signed() * step,
            Ahead::End => i64::MAX,
            Ahead::Broken(_) => i64::MIN,
        };
        (self.lines.number() - back, row.cast_unsigned())
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &str {
        self.lines.path()
    }

    /// The time from the row before to the one at hand, in seconds.
    pub(super) fn spacing(&self) -> Option<i64> {
        match self.at.ahead {
            Ahead::Row(time) => Some(time.seconds() - self.at.before[0]?.seconds()),
            _ => None,
        }
    }

    /// The time between the two rows before, in seconds.
    pub(super) fn spacing_before(&self) -> Option<i64> {
        Some(self.at.before[0]?.seconds() - self.at.before[1]?.seconds())
    }

    /// An error at the line at hand.
    pub(super) fn error(&self, code: impl Into<String>, message: &str) -> StepError {
        self.lines.error(code, message)
    }

    #[cfg(any(test, feature = "examination"))]
    pub(super) fn unreadable(&self, cause: &io::Error) -> StepError {
        self.lines.unreadable(cause)
    }

    /// File and line, such as `load.csv:2`.
    pub(super) fn place(&self) -> String {
        self.lines.place()
    }

    /// The number of the line at hand, and the line without blanks at its end.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn line(&self) -> (u64, &str) {
        (self.lines.number(), self.lines.line())
    }

    /// What the file looks like now, if that can be told.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn state(&self) -> Option<State> {
        self.lines.state()
    }

    /// Where the reading stands, to come back to with [`Rows::back_to`].
    ///
    /// # Errors
    /// Where the file cannot be read twice, as what comes through a pipe.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn mark(&mut self) -> io::Result<Mark> {
        Ok(Mark {
            lines: self.lines.mark()?,
            at: self.at.clone(),
        })
    }

    /// Goes back to a place.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn back_to(&mut self, mark: Mark) -> io::Result<()> {
        self.lines.back_to(&mark.lines)?;
        self.at = mark.at;
        Ok(())
    }

    /// Passes the lines at hand in the buffer, as long as `take` says how long the first of the bytes
    /// that it gets is, with its end.
    #[cfg(any(test, feature = "examination"))]
    #[inline]
    pub(super) fn pass(&mut self, take: impl FnMut(&[u8]) -> Option<usize>) {
        self.lines.pass(take);
    }

    /// Takes note of the stamps of rows that have been passed: so many, from the first one on.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn note_passed(&mut self, first: WallTime, step: i64, count: u64) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        for number in count.saturating_sub(3).max(0)..count {
            self.note_stamp();
            self.at.ahead = Ahead::Row(first.plus(number.saturating_mul(step)));
        }
    }

    /// Keeps the stamp of the row at hand for [`spacing`](Self::spacing).
    fn note_stamp(&mut self) {
        if let Ahead::Row(time) = self.at.ahead {
            self.at.before = [Some(time), self.at.before[0]];
        }
    }

    /// Goes on to the next row.
    pub(super) fn advance(&mut self, format: &mut DateFormat, delimiter: &Delimiter) {
        self.note_stamp();
        self.at.ahead = match self.read_row(format, delimiter) {
            Ok(Some(time)) => Ahead::Row(time),
            Ok(None) => Ahead::End,
            Err(error) => Ahead::Broken(error),
        };
    }

    fn read_row(
        &mut self,
        format: &mut DateFormat,
        delimiter: &Delimiter,
    ) -> Result<Option<WallTime>, StepError> {
        if !std::mem::take(&mut self.at.is_first_row) {
            loop {
                if !self.next_line()? {
                    return Ok(None);
                }
                if !self.text().is_empty() {
                    break;
                }
                self.lines.skip_blank();
            }
        }
        let (stamp, cells) = delimiter.split_once(self.lines.text());
        self.at.cells = cells.map(|cells| self.lines.line().len() - cells.len());
        match format.parse(stamp) {
            Ok(time) => Ok(Some(time)),
            Err(error) => {
                let message = format!("the time stamp {}", format.explain(&shown(stamp), error));
                Err(self.error("bad_time_stamp", &message))
            }
        }
    }

    /// Reads the next line; `false` at the end of the file.
    fn next_line(&mut self) -> Result<bool, StepError> {
        self.at.cells = None;
        self.lines.next()
    }
}
