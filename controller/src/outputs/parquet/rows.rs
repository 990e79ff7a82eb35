//! Rows of values in a Parquet file, whose columns are what their values turn out to be.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::Int64Type;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use shared::value::{Kind, Value};

use super::column::{Class, Column};

/// A group of rows has about so many values, within the limits below. It is kept in memory until it is
/// written.
const GROUP_VALUES: usize = 1 << 22;

/// Rows of a group: fewer make a file that is mostly about itself, more do not help who reads it.
const FEWEST_ROWS: usize = 4096;
pub(super) const MOST_ROWS: usize = 65_536;

/// A group is written before its texts are more than this.
const TEXT_BYTES: usize = 32 << 20;

/// The first column, of which no cell is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Microseconds on the clock of the scenario, which is in no zone: of the units that the format has, the finest
    /// that reaches from year 1 to 9999.
    Time(&'static str),
    /// Integers.
    Number(&'static str),
}

impl Key {
    fn field(self) -> Result<Type> {
        let (name, logical) = match self {
            Self::Time(name) => (name, Some(LogicalType::timestamp(false, TimeUnit::MICROS))),
            Self::Number(name) => (name, None),
        };
        Type::primitive_type_builder(name, Physical::INT64)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
    }
}

/// What is known of a column before its values come.
#[derive(Clone, Debug)]
pub(crate) struct Title {
    pub(crate) name: String,
    /// Its unit, `-` where there is none; unless nobody knows.
    pub(crate) unit: Option<String>,
    /// What it is if no value comes.
    pub(crate) kind: Kind,
}

/// Rows that go into a Parquet file in groups. Its index comes last, so it can be read once it has ended.
pub(crate) struct ParquetRows {
    file: File,
    /// Where there is room for such a file.
    folder: PathBuf,
    key: Key,
    titles: Vec<Title>,
    /// The rows of the next group.
    keys: Vec<i64>,
    columns: Vec<Column>,
    /// Bytes of texts in it.
    text: usize,
    /// What is written to once there is a group; with what its columns are there.
    written: Option<Written>,
    /// Rows of the groups that are written.
    rows: u64,
}

struct Written {
    file: SerializedFileWriter<File>,
    classes: Vec<Class>,
}

impl ParquetRows {
    /// No rows, in an empty file that can be read as well. A scratch file goes into the folder where a column turns out
    /// to be something else.
    pub(crate) fn new(file: File, folder: PathBuf, key: Key, titles: Vec<Title>) -> Self {
        Self {
            file,
            folder,
            key,
            columns: titles.iter().map(|_| Column::of(Class::Nothing)).collect(),
            titles,
            keys: Vec::new(),
            text: 0,
            written: None,
            rows: 0,
        }
    }

    /// Adds a row, with a value for each column.
    pub(crate) fn add<'a>(
        &mut self,
        key: i64,
        values: impl IntoIterator<Item = &'a Value>,
    ) -> io::Result<()> {
        self.keys.push(key);
        for (column, value) in self.columns.iter_mut().zip(values) {
            self.text += column.push(value);
        }
        let most = GROUP_VALUES / self.columns.len().max(1);
        if self.keys.len() >= most.clamp(FEWEST_ROWS, MOST_ROWS) || self.text >= TEXT_BYTES {
            self.write_group().map_err(io_error)?;
        }
        Ok(())
    }

    /// No more rows come. Returns how long the file is.
    pub(crate) fn finish(&mut self) -> io::Result<u64> {
        self.write_group().map_err(io_error)?;
        let Some(mut written) = self.written.take() else {
            return Ok(0);
        };
        written.file.finish().map_err(io_error)?;
        Ok(written.file.bytes_written() as u64)
    }

    /// How many rows are in the file.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the rows that wait as a group.
    fn write_group(&mut self) -> Result<()> {
        let classes: Vec<Class> = self.columns.iter().map(Column::class).collect();
        let mut written = match self.written.take() {
            Some(written) if self.says_else(&written.classes, &classes) => {
                self.widened(written, classes)?
            }
            Some(written) => Written { classes, ..written },
            None => self.open(classes)?,
        };
        if !self.keys.is_empty() {
            write_columns(&mut written.file, &self.keys, &self.columns)?;
        }
        self.written = Some(written);
        self.rows += self.keys.len() as u64;
        self.keys.clear();
        self.columns.iter_mut().for_each(Column::clear);
        self.text = 0;
        Ok(())
    }

    /// Whether a file with columns of one list of classes says of any something else than one with the other. What
    /// was empty so far was declared as something, and nothing is to be done where it turns out to be that.
    fn says_else(&self, before: &[Class], now: &[Class]) -> bool {
        let mut classes = self.titles.iter().zip(before.iter().zip(now));
        classes.any(|(title, (before, now))| before.in_file(title.kind) != now.in_file(title.kind))
    }

    /// Begins to write the file, with columns of these classes.
    fn open(&self, classes: Vec<Class>) -> Result<Written> {
        let properties = WriterProperties::builder()
            .set_created_by(concat!("Illuminator Cluster ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(units(&self.titles)))
            .build();
        let schema = schema(self.key, &self.titles, &classes)?;
        let file = SerializedFileWriter::new(self.file.try_clone()?, schema, Arc::new(properties))?;
        Ok(Written { file, classes })
    }

    /// Writes what is written again, with columns of these classes.
    fn widened(&self, written: Written, classes: Vec<Class>) -> Result<Written> {
        written.file.close()?;
        let mut partial = &self.file;
        let mut before = tempfile::tempfile_in(&self.folder)?;
        partial.seek(SeekFrom::Start(0))?;
        io::copy(&mut partial, &mut before)?;
        // What comes then is written from the beginning on, also by one that does not append.
        partial.set_len(0)?;
        partial.seek(SeekFrom::Start(0))?;
        let reader = SerializedFileReader::new(before)?;
        let mut wide = self.open(classes)?;
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let keys = Column::read(Class::Int, group.get_column_reader(0)?, rows)?;
            let mut columns = Vec::new();
            for (place, class) in written.classes.iter().enumerate() {
                let mut column = Column::read(*class, group.get_column_reader(place + 1)?, rows)?;
                column.widen(wide.classes[place]);
                columns.push(column);
            }
            write_columns(&mut wide.file, keys.ints(), &columns)?;
        }
        Ok(wide)
    }
}

/// The columns of the file.
fn schema(key: Key, titles: &[Title], classes: &[Class]) -> Result<TypePtr> {
    let mut fields = vec![Arc::new(key.field()?)];
    for (title, class) in titles.iter().zip(classes) {
        fields.push(Arc::new(class.field(&title.name, title.kind)?));
    }
    let rows = Type::group_type_builder("rows")
        .with_fields(fields)
        .build()?;
    Ok(Arc::new(rows))
}

/// The units of the columns, in the words that describe the file: `unit Battery1.soc`.
fn units(titles: &[Title]) -> Vec<KeyValue> {
    let unit = |title: &Title| {
        let unit = title.unit.clone()?;
        Some(KeyValue::new(format!("unit {}", title.name), unit))
    };
    titles.iter().filter_map(unit).collect()
}

fn write_columns(
    file: &mut SerializedFileWriter<File>,
    keys: &[i64],
    columns: &[Column],
) -> Result<()> {
    let mut group = file.next_row_group()?;
    if let Some(mut column) = group.next_column()? {
        column.typed::<Int64Type>().write_batch(keys, None, None)?;
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
