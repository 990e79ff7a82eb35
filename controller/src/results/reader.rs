//! The rows of a result file, one after the other: a file of any length takes no more memory than a row.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use csv::ByteRecord;

use super::error::ResultError;
use super::moment::parse_moment;

/// How much is read at once, in bytes.
const BUFFER: usize = 256 * 1024;

/// Reads a result file: as a run writes it, and as the Python Illuminator does.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    csv: csv::Reader<BufReader<File>>,
    names: Vec<String>,
    record: ByteRecord,
    /// When the last row was that has been read.
    time: Option<i64>,
    values: Vec<f64>,
}

/// A row of a result, and how long it holds.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Seconds since 1970-01-01 00:00:00 of the scenario's clock.
    pub time: i64,
    /// Seconds until the next row. The last row holds as long as the one before it.
    pub seconds: i64,
    /// A value for each column, not-a-number where there is no number.
    pub values: &'a [f64],
}

impl Reader {
    /// Opens a result file and reads its header.
    ///
    /// # Errors
    /// The file cannot be read, or does not begin as a result does.
    pub fn open(path: &Path) -> Result<Self, ResultError> {
        let unreadable = |cause| ResultError::unreadable(path, cause);
        let file = shared::files::open(path).map_err(unreadable)?;
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::with_capacity(BUFFER, file));
        let mut reader = Self {
            path: path.to_owned(),
            csv,
            names: Vec::new(),
            record: ByteRecord::new(),
            time: None,
            values: Vec::new(),
        };
        reader.read_header()?;
        Ok(reader)
    }

    /// The columns, as the header has them, without that of the date.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Goes through all rows that are left. Where there is one only, it holds for `alone` seconds.
    ///
    /// # Errors
    /// The file cannot be read any further, or a line is none of a result.
    pub fn each(
        &mut self,
        alone: Option<u32>,
        mut take: impl FnMut(Row<'_>),
    ) -> Result<(), ResultError> {
        let (mut held, mut values) = (None, Vec::new());
        let mut seconds = alone.map_or(0, i64::from);
        while let Some(time) = self.read_row()? {
            if let Some(before) = held.replace(time) {
                seconds = time - before;
                take(Row {
                    time: before,
                    seconds,
                    values: &values,
                });
            }
            std::mem::swap(&mut values, &mut self.values);
        }
        if let Some(time) = held {
            take(Row {
                time,
                seconds,
                values: &values,
            });
        }
        Ok(())
    }

    fn read_header(&mut self) -> Result<(), ResultError> {
        let is_there = self.read_record()?;
        let mut fields = self.record.iter().map(String::from_utf8_lossy);
        let first = fields.next().unwrap_or_default().into_owned();
        self.names = fields.map(std::borrow::Cow::into_owned).collect();
        // Some editors put a mark there that says nothing.
        let first = first.strip_prefix('\u{feff}').unwrap_or(&first);
        if !is_there {
            return Err(self
                .wrong("it is empty; the header of a result is 'date' and its items".to_owned()));
        }
        // Rows that pandas has written without a name for their index.
        if !matches!(first, "date" | "") || self.names.is_empty() {
            let first = shown(first);
            return Err(self.wrong(format!(
                "a result has the column 'date' first, then one for each item, and this begins with \
                 '{first}'; name the CSV file that a run has written"
            )));
        }
        Ok(())
    }

    /// Reads a row into `values`; its time, or `None` at the end.
    fn read_row(&mut self) -> Result<Option<i64>, ResultError> {
        if !self.read_record()? {
            return Ok(None);
        }
        let (fields, wanted) = (self.record.len(), self.names.len() + 1);
        if fields != wanted {
            return Err(self.wrong(format!(
                "{fields} fields, where the header has {wanted}; the row is cut off, or not of this result"
            )));
        }
        let date = std::str::from_utf8(&self.record[0]).unwrap_or("?");
        let Some(time) = parse_moment(date) else {
            let date = shown(date);
            return Err(self.wrong(format!(
                "'{date}' is no date of a result, which is 'YYYY-MM-DD' or 'YYYY-MM-DD HH:mm:ss'"
            )));
        };
        if self.time.is_some_and(|before| before >= time) {
            let date = shown(date);
            return Err(self.wrong(format!(
                "'{date}' is not later than the row before; rows of a result are in the order of time"
            )));
        }
        self.time = Some(time);
        let fields = self.record.iter().skip(1).map(number);
        self.values.clear();
        self.values.extend(fields);
        Ok(Some(time))
    }

    fn read_record(&mut self) -> Result<bool, ResultError> {
        let read = self.csv.read_byte_record(&mut self.record);
        read.map_err(|cause| ResultError::unreadable(&self.path, cause.into()))
    }

    fn wrong(&self, what: String) -> ResultError {
        ResultError::Wrong {
            path: self.path.clone(),
            line: self.record.position().map_or(1, csv::Position::line),
            what,
        }
    }
}

/// The number in a cell.
fn number(cell: &[u8]) -> f64 {
    let text = std::str::from_utf8(cell).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

/// The beginning of a cell, on one line.
fn shown(cell: &str) -> String {
    const LONGEST: usize = 40;
    let mut text: String = cell.chars().take(LONGEST).collect();
    if text.len() < cell.len() {
        text.push('…');
    }
    crate::output::printable_line(&text).into_owned()
}
