//! The rows of a file, one read ahead.

use std::io::{self, BufRead, Read};

use shared::files::Content;
use shared::model::StepError;
use shared::time::WallTime;

use super::date_format::DateFormat;

/// The longest line, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// What separates cells.
#[derive(Clone, Debug)]
pub(super) struct Delimiter(pub(super) String);

impl Delimiter {
    /// The delimiter, where it is a single byte.
    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        match *self.0.as_bytes() {
            [byte] => Some(byte),
            _ => None,
        }
    }

    /// The text before the next delimiter, and what comes after it, if there is one.
    #[inline]
    pub(super) fn split_once<'t>(&self, text: &'t str) -> (&'t str, Option<&'t str>) {
        let at = match self.byte() {
            Some(byte) => text.as_bytes().iter().position(|&b| b == byte),
            None => text.find(&self.0),
        };
        match at {
            Some(at) => (&text[..at], Some(&text[at + self.0.len()..])),
            None => (text, None),
        }
    }
}

/// The beginning of a text from a file, enough to recognize it in a message, on one line.
pub(super) fn shown(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.replace(char::is_control, " ")
}

/// An open file at one of its rows.
pub(super) struct Rows {
    path: String,
    content: Box<dyn Content>,
    /// The line at hand without blanks at its end, where its text starts, and its number.
    line: String,
    start: usize,
    /// Where its cells start, after the time stamp; `None` where it has none.
    cells: Option<usize>,
    number: u64,
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
    /// It cannot be read. That is told when the row is needed, so one that is not does no harm.
    Broken(StepError),
}

impl Rows {
    /// The rows of a file of which nothing has been read; [`Rows::header`] comes first.
    pub(super) fn new(path: &str, content: Box<dyn Content>) -> Self {
        Self {
            path: path.to_owned(),
            content,
            line: String::new(),
            start: 0,
            cells: None,
            number: 0,
            ahead: Ahead::End,
            before: [None; 2],
        }
    }

    /// Whether the header has been read.
    pub(super) fn is_begun(&self) -> bool {
        self.number > 0
    }

    /// Reads title and header: the names as they stand, the time column first. [`Rows::advance`]
    /// then goes to the first row.
    pub(super) fn header(&mut self, delimiter: &Delimiter) -> Result<Vec<String>, StepError> {
        let complete = self.next_line()? && self.next_line()?;
        if !complete {
            return Err(self.error(
                "file_without_header",
                "the file ends early; it must have a title line and a line of column names",
            ));
        }
        let mut names = Vec::new();
        let mut rest = Some(self.text());
        while let Some(text) = rest {
            let (name, after) = delimiter.split_once(text);
            names.push(name.to_owned());
            rest = after;
        }
        Ok(names)
    }

    /// Passes rows before a time.
    pub(super) fn skip_to(
        &mut self,
        time: WallTime,
        format: &mut DateFormat,
        delimiter: &Delimiter,
    ) -> Result<(), StepError> {
        loop {
            match &self.ahead {
                Ahead::Row(stamp) if *stamp < time => self.advance(format, delimiter),
                Ahead::Broken(error) => return Err(error.clone()),
                Ahead::Row(_) | Ahead::End => return Ok(()),
            }
        }
    }

    /// The row at hand.
    pub(super) fn ahead(&self) -> &Ahead {
        &self.ahead
    }

    /// The text of the row at hand, without blanks around it.
    #[inline]
    pub(super) fn text(&self) -> &str {
        &self.line[self.start..]
    }

    /// What follows the time stamp in the row at hand.
    #[inline]
    pub(super) fn cells(&self) -> Option<&str> {
        self.cells.map(|start| &self.line[start..])
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The time from the row before to the one at hand, in seconds.
    pub(super) fn spacing(&self) -> Option<i64> {
        match self.ahead {
            Ahead::Row(time) => Some(time.seconds() - self.before[0]?.seconds()),
            _ => None,
        }
    }

    /// The time between the two rows before, in seconds.
    pub(super) fn spacing_before(&self) -> Option<i64> {
        Some(self.before[0]?.seconds() - self.before[1]?.seconds())
    }

    /// An error at the line at hand.
    pub(super) fn error(&self, code: impl Into<String>, message: &str) -> StepError {
        StepError::new(code.into(), format!("{}: {message}", self.place()))
    }

    fn unreadable(&self, cause: &io::Error) -> StepError {
        let code = format!("file_unreadable:{}", self.path);
        self.error(code, &format!("cannot be read: {cause}"))
    }

    /// File and line, such as `load.csv:2`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.path, self.number)
    }

    /// Goes on to the next row.
    pub(super) fn advance(&mut self, format: &mut DateFormat, delimiter: &Delimiter) {
        if let Ahead::Row(time) = self.ahead {
            self.before = [Some(time), self.before[0]];
        }
        self.ahead = match self.read_row(format, delimiter) {
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
        loop {
            if !self.next_line()? {
                return Ok(None);
            }
            if !self.text().is_empty() {
                break;
            }
        }
        let (stamp, cells) = delimiter.split_once(&self.line[self.start..]);
        self.cells = cells.map(|cells| self.line.len() - cells.len());
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
        let mut bytes = std::mem::take(&mut self.line).into_bytes();
        bytes.clear();
        self.start = 0;
        let limit = MAX_LINE as u64 + 1;
        let count = (&mut self.content)
            .take(limit)
            .read_until(b'\n', &mut bytes);
        self.number += 1;
        let count = count.map_err(|error| self.unreadable(&error))?;
        if count > MAX_LINE {
            let message = format!("the line is longer than {MAX_LINE} bytes");
            return Err(self.error("line_too_long", &message));
        }
        if self.number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        self.line = String::from_utf8(bytes)
            .map_err(|_| self.error("not_utf8", "the line is not UTF-8; save the file as UTF-8"))?;
        let end = self.line.trim_end().len();
        self.line.truncate(end);
        self.start = end - self.line.trim_start().len();
        Ok(count > 0)
    }
}
