//! Parquet files: the rows of a run, and the tables of sweeps.

mod column;
mod rows;

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use shared::time::{Tick, TimeGrid};
use shared::value::Value;

use super::growing::WORTH_SYNCING;
use super::planned::PARQUET;
use super::sink::{Ending, Header, Sink};
use crate::places::{Claim, Place, WriteError, or_here};
pub(crate) use rows::{Key, ParquetRows, Title};

/// The name of the column with the time, as in the result in CSV.
const TIME: &str = "date";

const MICROSECONDS: i64 = 1_000_000;

/// The rows of a run as a Parquet file: a column with the time and one for each item.
pub(crate) struct ParquetFile {
    claim: Claim,
    header: Option<Header>,
    /// Once there is a row.
    written: Option<Written>,
}

struct Written {
    rows: ParquetRows,
    grid: TimeGrid,
    since: Instant,
}

impl ParquetFile {
    /// The right to write to this place, which nobody else has until it is dropped.
    pub(crate) fn claim(place: &Place) -> Result<Self, WriteError> {
        let claim = Claim::new(place).map_err(|error| error.chosen_with(PARQUET))?;
        Ok(Self {
            claim,
            header: None,
            written: None,
        })
    }

    fn error(&self, cause: io::Error) -> WriteError {
        WriteError::new(&self.path(), cause).chosen_with(PARQUET)
    }

    /// Begins with the first row: until then everything is as it was.
    fn begin_file(&mut self) -> Result<(), WriteError> {
        let Some(header) = self.header.as_ref().filter(|_| self.written.is_none()) else {
            return Ok(());
        };
        let title = |column: &super::Column| Title {
            name: column.name.clone(),
            unit: column.unit.clone(),
            kind: column.kind,
        };
        let (titles, grid) = (header.columns.iter().map(title).collect(), header.grid);
        let begun = self.claim.begin();
        let file = begun.and_then(|()| self.claim.partial().try_clone());
        let file = file.map_err(|cause| self.error(cause))?;
        let path = self.path();
        let folder = or_here(path.parent().unwrap_or(&path)).to_owned();
        self.written = Some(Written {
            rows: ParquetRows::new(file, folder, Key::Time(TIME), titles),
            grid,
            since: Instant::now(),
        });
        Ok(())
    }
}

impl Sink for ParquetFile {
    fn begin(&mut self, header: &Header) {
        self.header = Some(header.clone());
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError> {
        self.begin_file()?;
        let Some(Written { rows, grid, .. }) = &mut self.written else {
            return Ok(());
        };
        let time = grid.at(tick).seconds().saturating_mul(MICROSECONDS);
        let added = rows.add(time, values);
        added.map_err(|cause| self.error(cause))
    }

    /// A run that failed before its first row leaves no file.
    fn end(&mut self, ending: Ending) -> Result<(), WriteError> {
        if ending == Ending::Complete {
            self.begin_file()?;
        }
        let Some(Written { rows, since, .. }) = &mut self.written else {
            return Ok(());
        };
        let is_worth_syncing = since.elapsed() > WORTH_SYNCING;
        let length = rows.finish().map_err(|cause| self.error(cause))?;
        if is_worth_syncing {
            self.claim.sync().map_err(|cause| self.error(cause))?;
        }
        self.claim.verify(length)
    }

    fn settle(&mut self) -> Result<(), WriteError> {
        let settled = self.claim.settle();
        settled.map_err(|error| error.chosen_with(PARQUET))
    }

    fn rows(&self) -> Tick {
        self.written
            .as_ref()
            .map_or(0, |written| written.rows.rows())
    }

    fn path(&self) -> PathBuf {
        self.claim.place().partial()
    }
}

#[cfg(test)]
mod tests;
