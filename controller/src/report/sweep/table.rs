//! The table of a sweep: what each variant was given, and what came of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::ByteRecord;

use crate::results::ResultError;
use crate::sweep::{NUMBER, name_and_unit};

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
    /// It is a parameter, and no indicator.
    pub(super) is_factor: bool,
    pub(super) values: Vec<f64>,
    /// The words of a parameter that is none of numbers: its values are their places.
    pub(super) words: Vec<String>,
}

/// Whether a file is the table of a sweep with indicators.
pub(crate) fn is_table(path: &Path) -> bool {
    #[cfg(feature = "sinks")]
    if super::parquet::is_parquet(path) {
        return super::parquet::first_column(path).as_deref() == Some(NUMBER);
    }
    let mut line = Vec::new();
    let file = File::open(path).map(|file| BufReader::new(file.take(64 * 1024)));
    let read = file.and_then(|mut file| file.read_until(b'\n', &mut line));
    read.is_ok() && line.starts_with(NUMBER.as_bytes())
}

impl Table {
    /// Reads a table.
    pub(super) fn read(path: &Path) -> Result<Self, ResultError> {
        #[cfg(feature = "sinks")]
        if super::parquet::is_parquet(path) {
            let read = super::parquet::read(path);
            return read.map_err(|cause| ResultError::unreadable(path, cause));
        }
        let read = Self::read_csv(path);
        read.map_err(|cause| ResultError::unreadable(path, cause))
    }

    fn read_csv(path: &Path) -> io::Result<Self> {
        let mut reader = csv::Reader::from_reader(BufReader::new(File::open(path)?));
        let names = reader.headers()?.iter().skip(1);
        let mut columns: Vec<Column> = names.map(Column::named).collect();
        let (mut record, mut rows) = (ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record)? {
            for (column, cell) in columns.iter_mut().zip(record.iter().skip(1)) {
                column.take(&String::from_utf8_lossy(cell));
            }
            rows += 1;
        }
        Ok(Self::of(columns, rows))
    }

    /// A table of these columns, behind that with the numbers of variants.
    pub(super) fn of(columns: Vec<Column>, rows: usize) -> Self {
        let (factors, indicators) = columns.into_iter().partition(|column| column.is_factor);
        Self {
            factors,
            indicators,
            rows,
        }
    }
}

impl Column {
    /// A column that is called so, without values.
    pub(super) fn named(header: &str) -> Self {
        let is_factor = header.contains(PARAMETER);
        let (name, unit) = name_and_unit(header)
            .filter(|_| !is_factor)
            .unwrap_or((header, ""));
        Self {
            name: name.replacen(PARAMETER, ".", 1),
            unit: unit.replace('-', ""),
            is_factor,
            values: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Takes a cell, which is a number if it can be one.
    pub(super) fn take(&mut self, cell: &str) {
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
