//! The tables of a sweep: which values each variant has, and what came of it.

use std::fmt::Write;

use shared::value::{PythonFloat, Value, write_cell};

use super::design::{Design, Variant};

/// The first column.
pub(crate) const NUMBER: &str = "simulationID";

/// Writes the lines of a table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The factors, in the order of their columns: by model, then parameter.
    order: Vec<usize>,
    end: &'static str,
}

impl Table {
    /// The table of combinations, as the Python Illuminator writes it: its lines end with CR and LF.
    pub(crate) fn of_combinations(design: &Design) -> Self {
        Self::new(design, "\r\n")
    }

    /// The table of indicators.
    pub(crate) fn of_indicators(design: &Design) -> Self {
        Self::new(design, "\n")
    }

    fn new(design: &Design, end: &'static str) -> Self {
        let factors = &design.factors;
        let mut order: Vec<usize> = (0..factors.len()).collect();
        order.sort_by_key(|place| (&factors[*place].model_name, &factors[*place].key));
        Self { order, end }
    }

    /// The columns of the factors.
    pub(crate) fn factors<'a>(&'a self, design: &'a Design) -> impl Iterator<Item = String> + 'a {
        let columns = self.order.iter();
        columns.map(|place| design.factors[*place].column())
    }

    /// The values of a variant, in the order of these columns.
    pub(crate) fn in_order<'a>(&'a self, variant: &'a Variant) -> impl Iterator<Item = &'a Value> {
        self.order.iter().map(|place| &variant.values[*place])
    }

    /// The first line, with these columns after those of the factors.
    pub(crate) fn header(&self, design: &Design, more: &[String]) -> Vec<u8> {
        let mut line = NUMBER.as_bytes().to_vec();
        for name in self.factors(design).chain(more.iter().cloned()) {
            line.push(b',');
            write_field(&mut line, &name);
        }
        line.extend_from_slice(self.end.as_bytes());
        line
    }

    /// Appends the line of a variant, with what came of it.
    pub(crate) fn write(&self, line: &mut Vec<u8>, variant: &Variant, more: &[Option<f64>]) {
        let mut number = String::new();
        // Writing into a string cannot fail.
        let _ = write!(number, "{}", variant.id);
        line.extend_from_slice(number.as_bytes());
        for value in self.in_order(variant) {
            line.push(b',');
            write_value(line, value);
        }
        for number in more {
            line.push(b',');
            if let Some(number) = number {
                write_cell(line, &Value::Float(*number));
            }
        }
        line.extend_from_slice(self.end.as_bytes());
    }
}

/// The name of an indicator and its unit, `-` where it has none, of what its column is called: `made [kWh]`.
pub(crate) fn name_and_unit(column: &str) -> Option<(&str, &str)> {
    column.strip_suffix(']')?.rsplit_once(" [")
}

/// A value as Python's table of combinations has it.
fn write_value(line: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(text) => write_field(line, text),
        Value::Float(float) | Value::Numpy(float) if float.is_nan() => {
            line.extend_from_slice(PythonFloat(*float).to_string().as_bytes());
        }
        Value::List(_) | Value::Map(_) => write_field(line, &value.to_string()),
        other => write_cell(line, other),
    }
}

/// Text, in double quotes where it could be mistaken for more than one field.
fn write_field(line: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        line.push(b'"');
        line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}
