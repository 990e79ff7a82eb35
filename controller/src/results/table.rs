//! A result as a whole, in memory.

use std::path::Path;

use super::column::{Column, describe};
use super::error::ResultError;
use super::provenance::Provenance;
use super::reader::Reader;

/// A result in memory: 8 bytes a value.
#[derive(Clone, Debug)]
pub struct Table {
    /// What the columns are, without that of the date.
    pub columns: Vec<Column>,
    /// When each row was: seconds since 1970-01-01 00:00:00 of the scenario's clock.
    pub times: Vec<i64>,
    /// The values of each column, not-a-number where there is no number.
    pub values: Vec<Vec<f64>>,
}

impl Table {
    /// Reads a result file. What its columns are says the scenario that the record beside it names, as
    /// far as that is still there, else the catalogue by the names of attributes.
    ///
    /// # Errors
    /// The file cannot be read, or is no result.
    pub fn open(path: &Path) -> Result<Self, ResultError> {
        let mut reader = Reader::open(path)?;
        let provenance = Provenance::of(path);
        let columns = describe(reader.names(), &provenance);
        let (mut times, mut values) = (Vec::new(), vec![Vec::new(); columns.len()]);
        reader.each(None, |row| {
            times.push(row.time);
            for (column, value) in values.iter_mut().zip(row.values) {
                column.push(*value);
            }
        })?;
        Ok(Self {
            columns,
            times,
            values,
        })
    }
}
