//! The lines of a file, one after the other.

use std::io;

use shared::files::Content;
#[cfg(any(test, feature = "examination"))]
use shared::files::State;
use shared::model::{Build, BuildError, StepError};

/// The longest line, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// The beginning of a text from a file, enough to recognize it in a message, on one line.
pub(in crate::data) fn shown(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.replace(char::is_control, " ")
}

/// An error in the file, reported where the scenario names it.
pub(in crate::data) fn at_file(error: StepError) -> BuildError {
    BuildError {
        code: error.code,
        ..BuildError::invalid_parameter("file_path", error.message)
    }
}

/// An open file at one of its lines.
pub(in crate::data) struct Lines {
    path: String,
    content: Box<dyn Content>,
    at: Line,
}

/// The line at hand.
#[derive(Clone, Default)]
struct Line {
    /// Without blanks at its end.
    text: String,
    /// Where its text starts.
    start: usize,
    /// From 1; 0 before the first line.
    number: u64,
}

/// A place in a file to come back to.
pub(in crate::data) struct Mark {
    offset: u64,
    at: Line,
}

impl Lines {
    /// Opens a file that a parameter names; nothing of it has been read.
    pub(in crate::data) fn open(build: &Build<'_>, path: &str) -> Result<Self, BuildError> {
        let content = build.open(path).map_err(|error| BuildError {
            code: format!("file_unreadable:{path}").into(),
            ..BuildError::invalid_parameter("file_path", error.to_string())
        })?;
        Ok(Self {
            path: path.to_owned(),
            content,
            at: Line::default(),
        })
    }

    /// The path of the file.
    pub(in crate::data) fn path(&self) -> &str {
        &self.path
    }

    /// The number of the line at hand, from 1.
    #[inline]
    pub(in crate::data) fn number(&self) -> u64 {
        self.at.number
    }

    /// The line at hand without blanks at its end.
    #[inline]
    pub(in crate::data) fn line(&self) -> &str {
        &self.at.text
    }

    /// The text of the line at hand, without blanks around it.
    #[inline]
    pub(in crate::data) fn text(&self) -> &str {
        &self.at.text[self.at.start..]
    }

    /// An error at the line at hand.
    pub(in crate::data) fn error(&self, code: impl Into<String>, message: &str) -> StepError {
        StepError::new(code.into(), format!("{}: {message}", self.place()))
    }

    /// The error where reading fails.
    pub(in crate::data) fn unreadable(&self, cause: &io::Error) -> StepError {
        let code = format!("file_unreadable:{}", self.path);
        self.error(code, &format!("cannot be read: {cause}"))
    }

    /// File and line, such as `load.csv:2`.
    pub(in crate::data) fn place(&self) -> String {
        format!("{}:{}", self.path, self.at.number)
    }

    /// What the file looks like now, if that can be told.
    #[cfg(any(test, feature = "examination"))]
    pub(in crate::data) fn state(&self) -> Option<State> {
        self.content.state()
    }

    /// Where the reading stands, to come back to with [`Lines::back_to`].
    ///
    /// # Errors
    /// Where the file cannot be read twice, as what comes through a pipe.
    pub(in crate::data) fn mark(&mut self) -> io::Result<Mark> {
        Ok(Mark {
            offset: self.content.stream_position()?,
            at: self.at.clone(),
        })
    }

    /// Goes back to a place.
    pub(in crate::data) fn back_to(&mut self, mark: &Mark) -> io::Result<()> {
        self.content.seek(io::SeekFrom::Start(mark.offset))?;
        self.at.clone_from(&mark.at);
        Ok(())
    }

    /// Passes the lines at hand in the buffer, as long as `take` says how long the first of the bytes
    /// that it gets is, with its end.
    #[cfg(any(test, feature = "examination"))]
    #[inline]
    pub(in crate::data) fn pass(&mut self, mut take: impl FnMut(&[u8]) -> Option<usize>) {
        // What cannot be read is reported by the line that is wanted next.
        let Ok(bytes) = self.content.fill_buf() else {
            return;
        };
        let mut rest = bytes;
        while let Some(after) = take(rest).and_then(|length| rest.get(length..)) {
            rest = after;
            self.at.number += 1;
        }
        let length = bytes.len() - rest.len();
        self.content.consume(length);
    }

    /// Skips blank lines, a buffer at a time: one by one they take 20 times as long, and a file may
    /// hold nothing else.
    pub(in crate::data) fn skip_blank(&mut self) {
        // What cannot be read is reported by the line that is wanted next.
        while let Ok(bytes) = self.content.fill_buf() {
            let is_blank = |byte: &u8| matches!(byte, b'\n' | b'\r' | b' ' | b'\t');
            let blanks = bytes.iter().take_while(|byte| is_blank(byte)).count();
            let blanks = &bytes[..blanks];
            // What stands before a cell belongs to its line.
            let Some(end) = blanks.iter().rposition(|byte| *byte == b'\n') else {
                return;
            };
            for byte in blanks {
                self.at.number += u64::from(*byte == b'\n');
            }
            self.content.consume(end + 1);
        }
    }

    /// Reads the next line; `false` at the end of the file.
    pub(in crate::data) fn next(&mut self) -> Result<bool, StepError> {
        let mut bytes = std::mem::take(&mut self.at.text).into_bytes();
        bytes.clear();
        self.at.start = 0;
        let count = self.content.take_line(MAX_LINE + 1, &mut bytes);
        self.at.number += 1;
        let count = count.map_err(|error| self.unreadable(&error))?;
        if count > MAX_LINE {
            let message = format!("the line is longer than {MAX_LINE} bytes");
            return Err(self.error("line_too_long", &message));
        }
        if self.at.number == 1 {
            if bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
            } else if bytes.contains(&0) {
                let message = "the file is UTF-16 or no text; save it as UTF-8";
                return Err(self.error("not_utf8", message));
            }
        }
        self.at.text = String::from_utf8(bytes)
            .map_err(|_| self.error("not_utf8", "the line is not UTF-8; save the file as UTF-8"))?;
        let end = self.at.text.trim_end().len();
        self.at.text.truncate(end);
        self.at.start = end - self.at.text.trim_start().len();
        Ok(count > 0)
    }
}
