//! The values of one column between two groups of rows.

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::writer::SerializedColumnWriter;
use parquet::schema::types::Type;
use shared::value::{Kind, Value};

use super::super::cell;

/// What all values of a column are that are there. The file says so before its values come, so where a later
/// one is something else, what is written is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// There is none yet.
    Nothing,
    Bool,
    Int,
    /// Floats, with integers among them or not.
    Float,
    /// Texts, lists, mappings; or values of which no class is left.
    Text,
}

/// Values of a column: those that are there, and which those are.
#[derive(Debug)]
pub(super) struct Column {
    /// 1 where there is a value, 0 for an empty cell.
    present: Vec<i16>,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Nothing,
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Texts(Vec<ByteArray>),
}

impl Class {
    /// The class of a value; `None` for what is an empty cell of the result.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Float(float) | Value::Numpy(float) if float.is_nan() => None,
            Value::Float(_) | Value::Numpy(_) => Some(Self::Float),
            Value::Int(_) => Some(Self::Int),
            Value::Bool(_) => Some(Self::Bool),
            Value::Text(_) | Value::List(_) | Value::Map(_) => Some(Self::Text),
        }
    }

    /// The class of values of both.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        }
    }

    /// What the file says of the column. One without any value is as its type declares it.
    pub(super) fn in_file(self, declared: Kind) -> Self {
        match (self, declared) {
            (Self::Nothing, Kind::Bool) => Self::Bool,
            (Self::Nothing, Kind::Text | Kind::List | Kind::Map) => Self::Text,
            (Self::Nothing, Kind::Number | Kind::Null | Kind::Any) => Self::Float,
            (class, _) => class,
        }
    }

    /// The column of the file.
    pub(super) fn field(self, name: &str, declared: Kind) -> Result<Type> {
        let (physical, logical) = match self.in_file(declared) {
            Self::Bool => (Physical::BOOLEAN, None),
            Self::Int => (Physical::INT64, None),
            Self::Nothing | Self::Float => (Physical::DOUBLE, None),
            Self::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
    }
}

impl Column {
    /// No values, of a class that is known from those before.
    pub(super) fn of(class: Class) -> Self {
        let values = match class {
            Class::Nothing => Values::Nothing,
            Class::Bool => Values::Bools(Vec::new()),
            Class::Int => Values::Ints(Vec::new()),
            Class::Float => Values::Floats(Vec::new()),
            Class::Text => Values::Texts(Vec::new()),
        };
        Self {
            present: Vec::new(),
            values,
        }
    }

    /// What its values are.
    pub(super) fn class(&self) -> Class {
        match self.values {
            Values::Nothing => Class::Nothing,
            Values::Bools(_) => Class::Bool,
            Values::Ints(_) => Class::Int,
            Values::Floats(_) => Class::Float,
            Values::Texts(_) => Class::Text,
        }
    }

    /// Its values, where they are integers.
    pub(super) fn ints(&self) -> &[i64] {
        match &self.values {
            Values::Ints(all) => all,
            _ => &[],
        }
    }

    /// Forgets its values, but not what they were.
    pub(super) fn clear(&mut self) {
        self.present.clear();
        match &mut self.values {
            Values::Nothing => {}
            Values::Bools(all) => all.clear(),
            Values::Ints(all) => all.clear(),
            Values::Floats(all) => all.clear(),
            Values::Texts(all) => all.clear(),
        }
    }

    /// Takes a value; returns how many bytes it has if it is text.
    pub(super) fn push(&mut self, value: &Value) -> usize {
        let Some(class) = Class::of(value) else {
            self.present.push(0);
            return 0;
        };
        self.present.push(1);
        self.widen(class);
        match (&mut self.values, value) {
            (Values::Floats(all), Value::Float(float) | Value::Numpy(float)) => all.push(*float),
            (Values::Floats(all), Value::Int(int)) => all.push(*int as f64),
            (Values::Ints(all), Value::Int(int)) => all.push(*int),
            (Values::Bools(all), Value::Bool(flag)) => all.push(*flag),
            (Values::Texts(all), value) => {
                let text = cell::text(value);
                let bytes = text.len();
                all.push(text.into());
                return bytes;
            }
            // It has been widened to hold the value.
            _ => {}
        }
        0
    }

    /// Makes its values those of a class that has both.
    pub(super) fn widen(&mut self, other: Class) {
        let class = self.class().with(other);
        if class == self.class() {
            return;
        }
        let values = std::mem::replace(&mut self.values, Values::Nothing);
        self.values = match (class, values) {
            (Class::Float, Values::Ints(ints)) => {
                Values::Floats(ints.into_iter().map(|int| int as f64).collect())
            }
            (Class::Text, Values::Bools(all)) => texts(all.into_iter().map(Value::Bool)),
            (Class::Text, Values::Ints(all)) => texts(all.into_iter().map(Value::Int)),
            (Class::Text, Values::Floats(all)) => texts(all.into_iter().map(Value::Float)),
            // There were none.
            (class, _) => Self::of(class).values,
        };
    }

    /// Writes the column of a group.
    pub(super) fn write(&self, mut column: SerializedColumnWriter<'_>) -> Result<()> {
        let present = Some(self.present.as_slice());
        match &self.values {
            Values::Bools(all) => column.typed::<BoolType>().write_batch(all, present, None)?,
            Values::Ints(all) => column
                .typed::<Int64Type>()
                .write_batch(all, present, None)?,
            Values::Floats(all) => column
                .typed::<DoubleType>()
                .write_batch(all, present, None)?,
            Values::Texts(all) => column
                .typed::<ByteArrayType>()
                .write_batch(all, present, None)?,
            Values::Nothing => self.write_nothing(&mut column)?,
        };
        column.close()
    }

    /// Writes empty cells, into a column of whatever type.
    fn write_nothing(&self, column: &mut SerializedColumnWriter<'_>) -> Result<usize> {
        let present = Some(self.present.as_slice());
        match column.untyped() {
            ColumnWriter::BoolColumnWriter(column) => column.write_batch(&[], present, None),
            ColumnWriter::ByteArrayColumnWriter(column) => column.write_batch(&[], present, None),
            _ => column.typed::<DoubleType>().write_batch(&[], present, None),
        }
    }

    /// Reads the column of a group with so many rows, whose values are of this class.
    pub(super) fn read(class: Class, column: ColumnReader, rows: usize) -> Result<Self> {
        let mut read = Self::of(class);
        let present = &mut read.present;
        match (&mut read.values, column) {
            (Values::Bools(all), ColumnReader::BoolColumnReader(mut column)) => {
                column.read_records(rows, Some(present), None, all)?;
            }
            (Values::Ints(all), ColumnReader::Int64ColumnReader(mut column)) => {
                column.read_records(rows, Some(present), None, all)?;
            }
            (Values::Floats(all), ColumnReader::DoubleColumnReader(mut column)) => {
                column.read_records(rows, Some(present), None, all)?;
            }
            (Values::Texts(all), ColumnReader::ByteArrayColumnReader(mut column)) => {
                column.read_records(rows, Some(present), None, all)?;
            }
            // A column without a class has empty cells only.
            _ => present.resize(rows, 0),
        }
        Ok(read)
    }
}

fn texts(values: impl Iterator<Item = Value>) -> Values {
    Values::Texts(values.map(|value| cell::text(&value).into()).collect())
}
