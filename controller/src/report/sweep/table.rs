//! The table of a sweep: what each variant was given, and what came of it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv::ByteRecord;

use crate::results::ResultError;

/// What the header of such a table begins with.
const FIRST: &str = "simulationID";

/// What is in the name of a column that is a parameter.
const PARAMETER: &str = ".parameter.";

/// The table of a sweep. Values are not-a-number where there is no number.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) factors: Vec<Column>,
    pub(super) indicators: Vec<Column>,
    pub(super) rows: usize,
}

/// A column of it.
#[derive(Debug)]
pub(super) struct Column {
    /// `Store.max_energy`, or the name of an indicator.
    pub(super) name: String,
    /// The unit of an indicator; empty where there is none.
    pub(super) unit: String,
    pub(super) values: Vec<f64>,
    /// The words of a parameter that is none of numbers: its values are their places.
    pub(super) words: Vec<String>,
}

/// Whether a file is the table of a sweep with indicators.
pub(crate) fn is_table(path: &Path) -> bool {
    let mut line = Vec::new();
    let file = File::open(path).map(|file| BufReader::new(file.take(64 * 1024)));
    let read = file.and_then(|mut file| file.read_until(b'\n', &mut line));
    read.is_ok() && line.starts_with(FIRST.as_bytes())
}

impl Table {
    /// Reads a table.
    pub(super) fn read(path: &Path) -> Result<Self, ResultError> {
        let unreadable = |cause: csv::Error| ResultError::unreadable(path, cause.into());
        let file = File::open(path).map_err(|cause| ResultError::unreadable(path, cause))?;
        let mut reader = csv::Reader::from_reader(BufReader::new(file));
        let header = reader.headers().map_err(unreadable)?.clone();
        let mut columns: Vec<Column> = header.iter().skip(1).map(Column::named).collect();
        let (mut record, mut rows) = (ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            for (column, cell) in columns.iter_mut().zip(record.iter().skip(1)) {
                column.take(&String::from_utf8_lossy(cell));
            }
            rows += 1;
        }
        let is_factor: Vec<bool> = header
            .iter()
            .skip(1)
            .map(|name| name.contains(PARAMETER))
            .collect();
        let mut is_factor = is_factor.into_iter();
        let (factors, indicators) = columns
            .into_iter()
            .partition(|_| is_factor.next() == Some(true));
        Ok(Self {
            factors,
            indicators,
            rows,
        })
    }
}

impl Column {
    fn named(header: &str) -> Self {
        let (name, unit) = match header
            .strip_suffix(']')
            .and_then(|rest| rest.rsplit_once(" ["))
        {
            Some((name, unit)) if !header.contains(PARAMETER) => (name, unit),
            _ => (header, ""),
        };
        Self {
            name: name.replacen(PARAMETER, ".", 1),
            unit: unit.replace('-', ""),
            values: Vec::new(),
            words: Vec::new(),
        }
    }

    fn take(&mut self, cell: &str) {
        let number = match cell {
            "" => f64::NAN,
            _ => cell.parse().unwrap_or_else(|_| self.place_of(cell)),
        };
        self.values.push(number);
    }

    /// The place of a word among all that come.
    fn place_of(&mut self, word: &str) -> f64 {
        let known = self.words.iter().position(|known| known == word);
        let place = known.unwrap_or_else(|| {
            self.words.push(word.to_owned());
            self.words.len() - 1
        });
        place as f64
    }

    /// A value as it was written.
    pub(super) fn written(&self, value: f64) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is the place of a word"
        )]
        let word = self.words.get(value as usize);
        word.cloned().unwrap_or_else(|| value.to_string())
    }
}
