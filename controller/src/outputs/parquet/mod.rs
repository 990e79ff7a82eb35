//! The rows as a Parquet file.

mod column;

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::Int64Type;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use shared::time::Tick;
use shared::value::Value;

use super::growing::WORTH_SYNCING;
use super::planned::PARQUET;
use super::sink::{Ending, Header, Sink};
use crate::places::{Claim, Place, WriteError, or_here};
use column::{Class, Column};

/// A group of rows has about so many values, within the limits below. It is kept in memory until it is
/// written.
const GROUP_VALUES: usize = 1 << 22;

/// Rows of a group: fewer make a file that is mostly about itself, more do not help who reads it.
const FEWEST_ROWS: usize = 4096;
const MOST_ROWS: usize = 65_536;

/// A group is written before its texts are more than this.
const TEXT_BYTES: usize = 32 << 20;

/// The name of the column with the time, as in the result in CSV.
const TIME: &str = "date";

/// A Parquet file: a column with the time and one for each item, in groups of rows that are written as the run
/// goes. Its index comes last, so it can be read once it has ended.
pub(crate) struct ParquetFile {
    claim: Claim,
    header: Option<Header>,
    /// The rows of the next group.
    times: Vec<i64>,
    columns: Vec<Column>,
    /// Bytes of texts in it.
    text: usize,
    /// What is written to once there is a group; with what its columns are there.
    written: Option<Written>,
    begun: Option<Instant>,
    rows: Tick,
}

struct Written {
    file: SerializedFileWriter<File>,
    classes: Vec<Class>,
}

impl ParquetFile {
    /// The right to write to this place, which nobody else has until it is dropped.
    pub(crate) fn claim(place: &Place) -> std::result::Result<Self, WriteError> {
        let claim = Claim::new(place).map_err(|error| error.chosen_with(PARQUET))?;
        Ok(Self {
            claim,
            header: None,
            times: Vec::new(),
            columns: Vec::new(),
            text: 0,
            written: None,
            begun: None,
            rows: 0,
        })
    }

    /// Writes the rows that wait as a group.
    fn write_group(&mut self) -> std::result::Result<(), WriteError> {
        let written = self.try_write_group();
        written.map_err(|error| self.error(io_error(error)))
    }

    fn try_write_group(&mut self) -> Result<()> {
        let classes: Vec<Class> = self.columns.iter().map(Column::class).collect();
        let mut written = match self.written.take() {
            Some(written) if self.says_else(&written.classes, &classes) => {
                self.widened(written, classes)?
            }
            Some(written) => Written { classes, ..written },
            None => self.open(classes)?,
        };
        if !self.times.is_empty() {
            write_columns(&mut written.file, &self.times, &self.columns)?;
        }
        self.written = Some(written);
        self.rows += self.times.len() as Tick;
        self.times.clear();
        self.columns.iter_mut().for_each(Column::clear);
        self.text = 0;
        Ok(())
    }

    /// Whether a file with columns of one list of classes says of any something else than one with the other. What
    /// was empty so far was declared as something, and nothing is to be done where it turns out to be that.
    fn says_else(&self, before: &[Class], now: &[Class]) -> bool {
        let columns = self.header.iter().flat_map(|header| &header.columns);
        let mut classes = columns.zip(before.iter().zip(now));
        classes
            .any(|(column, (before, now))| before.in_file(column.kind) != now.in_file(column.kind))
    }

    /// Begins to write the file, with columns of these classes.
    fn open(&self, classes: Vec<Class>) -> Result<Written> {
        let header = self.header.as_ref();
        let schema = header.map_or_else(|| schema(&[], &[]), |h| schema(&h.columns, &classes))?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("Illuminator Cluster ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(header.map(units))
            .build();
        let file = self.claim.partial().try_clone()?;
        let file = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        Ok(Written { file, classes })
    }

    /// Writes what is written again, with columns of these classes.
    fn widened(&self, written: Written, classes: Vec<Class>) -> Result<Written> {
        written.file.close()?;
        let mut partial = self.claim.partial();
        // On the same disk, where there is room for such a file.
        let path = self.claim.place().partial();
        let mut before = tempfile::tempfile_in(or_here(path.parent().unwrap_or(&path)))?;
        partial.seek(SeekFrom::Start(0))?;
        io::copy(&mut partial, &mut before)?;
        partial.set_len(0)?;
        let reader = SerializedFileReader::new(before)?;
        let mut wide = self.open(classes)?;
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let times = Column::read(Class::Int, group.get_column_reader(0)?, rows)?;
            let mut columns = Vec::new();
            for (place, class) in written.classes.iter().enumerate() {
                let mut column = Column::read(*class, group.get_column_reader(place + 1)?, rows)?;
                column.widen(wide.classes[place]);
                columns.push(column);
            }
            write_columns(&mut wide.file, times.ints(), &columns)?;
        }
        Ok(wide)
    }

    fn error(&self, cause: io::Error) -> WriteError {
        WriteError::new(&self.path(), cause).chosen_with(PARQUET)
    }

    /// Begins with the first row: until then everything is as it was.
    fn begin_file(&mut self) -> std::result::Result<(), WriteError> {
        if self.begun.is_none() {
            self.claim.begin().map_err(|cause| self.error(cause))?;
            self.begun = Some(Instant::now());
        }
        Ok(())
    }
}

impl Sink for ParquetFile {
    fn begin(&mut self, header: &Header) {
        let columns = header.columns.iter();
        self.columns = columns.map(|_| Column::of(Class::Nothing)).collect();
        self.header = Some(header.clone());
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> std::result::Result<(), WriteError> {
        self.begin_file()?;
        let Some(header) = &self.header else {
            return Ok(());
        };
        self.times
            .push(header.grid.at(tick).seconds().saturating_mul(MICROSECONDS));
        for (column, value) in self.columns.iter_mut().zip(values) {
            self.text += column.push(value);
        }
        let most = GROUP_VALUES / values.len().max(1);
        if self.times.len() >= most.clamp(FEWEST_ROWS, MOST_ROWS) || self.text >= TEXT_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// A run that failed before its first row leaves no file.
    fn end(&mut self, ending: Ending) -> std::result::Result<(), WriteError> {
        if ending == Ending::Complete {
            self.begin_file()?;
        }
        let Some(begun) = self.begun else {
            return Ok(());
        };
        self.write_group()?;
        let Some(mut written) = self.written.take() else {
            return Ok(());
        };
        let finished = written.file.finish();
        finished.map_err(|error| self.error(io_error(error)))?;
        if begun.elapsed() > WORTH_SYNCING {
            self.claim.sync().map_err(|cause| self.error(cause))?;
        }
        self.claim.verify(written.file.bytes_written() as u64)
    }

    fn settle(&mut self) -> std::result::Result<(), WriteError> {
        let settled = self.claim.settle();
        settled.map_err(|error| error.chosen_with(PARQUET))
    }

    fn rows(&self) -> Tick {
        self.rows
    }

    fn path(&self) -> PathBuf {
        self.claim.place().partial()
    }
}

/// Microseconds in a second: of the units that the format has, the finest that reaches from year 1 to 9999.
const MICROSECONDS: i64 = 1_000_000;

/// The columns of the file: the time on the clock of the scenario, which is in no zone, and the items.
fn schema(columns: &[super::Column], classes: &[Class]) -> Result<TypePtr> {
    let time = Type::primitive_type_builder(TIME, Physical::INT64)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::timestamp(false, TimeUnit::MICROS)))
        .build()?;
    let mut fields = vec![Arc::new(time)];
    for (column, class) in columns.iter().zip(classes) {
        fields.push(Arc::new(class.field(&column.name, column.kind)?));
    }
    let rows = Type::group_type_builder("rows")
        .with_fields(fields)
        .build()?;
    Ok(Arc::new(rows))
}

/// The units of the columns, in the words that describe the file: `unit Battery1.soc`.
fn units(header: &Header) -> Vec<KeyValue> {
    let unit = |column: &super::Column| {
        let unit = column.unit.clone()?;
        Some(KeyValue::new(format!("unit {}", column.name), unit))
    };
    header.columns.iter().filter_map(unit).collect()
}

fn write_columns(
    file: &mut SerializedFileWriter<File>,
    times: &[i64],
    columns: &[Column],
) -> Result<()> {
    let mut group = file.next_row_group()?;
    if let Some(mut column) = group.next_column()? {
        column.typed::<Int64Type>().write_batch(times, None, None)?;
        column.close()?;
    }
    for values in columns {
        if let Some(column) = group.next_column()? {
            values.write(column)?;
        }
    }
    group.close()?;
    Ok(())
}

/// What the system says, where it is that.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests;
