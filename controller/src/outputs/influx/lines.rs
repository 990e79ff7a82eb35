//! Rows in the line protocol of `InfluxDB`.

use shared::time::{Tick, TimeGrid};
use shared::value::Value;

use super::super::cell;
use super::super::sink::Header;

/// What all points begin with: the measurement, and a tag that says who measures.
const SERIES: &[u8] = b"energy_metrics,source=illuminator";

/// Nanoseconds in a second: the unit of time of the points.
const NANOSECONDS: i64 = 1_000_000_000;

/// Makes lines of rows.
#[derive(Debug)]
pub(super) struct Lines {
    grid: TimeGrid,
    columns: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    /// The name as a key, with what follows it.
    key: Vec<u8>,
    /// Whether a value of it was no number.
    is_left_out: bool,
}

impl Lines {
    pub(super) fn new(header: &Header) -> Self {
        let field = |name: &String| Field {
            name: name.clone(),
            key: key(name),
            is_left_out: false,
        };
        let names = header.columns.iter().map(|column| &column.name);
        Self {
            grid: header.grid,
            columns: names.map(field).collect(),
        }
    }

    /// Appends the line of a row; `false` where it has no number.
    pub(super) fn append(&mut self, text: &mut Vec<u8>, tick: Tick, values: &[Value]) -> bool {
        let start = text.len();
        text.extend_from_slice(SERIES);
        let mut mark = b' ';
        for (field, value) in self.columns.iter_mut().zip(values) {
            match value {
                Value::Null => continue,
                Value::Float(float) | Value::Numpy(float) if float.is_nan() => continue,
                Value::Float(float) | Value::Numpy(float) if float.is_finite() => {}
                Value::Int(_) | Value::Bool(_) => {}
                _ => {
                    field.is_left_out = true;
                    continue;
                }
            }
            text.push(mark);
            text.extend_from_slice(&field.key);
            match value {
                // One kind for each field: a number without a letter behind it is a float.
                Value::Bool(flag) => text.push(b'0' + u8::from(*flag)),
                number => cell::write(text, number),
            }
            mark = b',';
        }
        if mark == b' ' {
            text.truncate(start);
            return false;
        }
        let time = self.grid.at(tick).seconds().saturating_mul(NANOSECONDS);
        text.push(b' ');
        text.extend_from_slice(time.to_string().as_bytes());
        text.push(b'\n');
        true
    }

    /// The columns of which something was left out.
    pub(super) fn left_out(&self) -> Vec<&str> {
        let left_out = self.columns.iter().filter(|field| field.is_left_out);
        left_out.map(|field| field.name.as_str()).collect()
    }
}

/// Whether the times of all rows can be told to an `InfluxDB`, which counts nanoseconds since 1970.
pub(super) fn fits(grid: &TimeGrid) -> bool {
    let ends = [grid.at(0), grid.at(grid.ticks)];
    ends.iter()
        .all(|time| time.seconds().checked_mul(NANOSECONDS).is_some())
}

/// A name as the key of a field. A line has its own meaning for some characters, and none for a backslash at the
/// end of a key or for the end of a line in it.
fn key(name: &str) -> Vec<u8> {
    let mut key = String::new();
    for letter in name.chars() {
        match letter {
            ',' | '=' | ' ' => key.extend(['\\', letter]),
            letter if letter.is_control() => key.push('_'),
            '\\' => key.push('/'),
            letter => key.push(letter),
        }
    }
    key.push('=');
    key.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::super::sink::header;
    use super::*;
    use shared::time::WallTime;

    fn grid(start: &str) -> TimeGrid {
        TimeGrid {
            start: WallTime::parse(start).expect("valid"),
            resolution: 60,
            ticks: 10,
        }
    }

    #[test]
    fn a_row_is_a_line_of_floats() {
        let names = ["A.x", "A.a b,c=d", "A.e\\", "A.f\n", "A.g"];
        let mut lines = Lines::new(&header(grid("1970-01-01 00:01:00"), &names));
        let mut text = Vec::new();
        let values = [
            Value::Int(3),
            Value::Float(1e-5),
            Value::Bool(true),
            Value::Numpy(-0.5),
            Value::Null,
        ];
        assert!(lines.append(&mut text, 1, &values));
        let written = String::from_utf8(text).expect("text");
        let expected = "energy_metrics,source=illuminator A.x=3,A.a\\ b\\,c\\=d=1e-05,A.e/=1,A.f_=-0.5 120000000000\n";
        assert_eq!(written, expected);
        assert!(lines.left_out().is_empty());
    }

    #[test]
    fn what_is_no_number_is_left_out_and_a_row_without_any_is_no_line() {
        let mut lines = Lines::new(&header(grid("2012-01-01 00:00:00"), &["A.x", "A.y", "A.z"]));
        let mut text = Vec::new();
        let values = [
            Value::text("on"),
            Value::Float(f64::INFINITY),
            Value::Float(f64::NAN),
        ];
        assert!(!lines.append(&mut text, 0, &values));
        assert!(text.is_empty());
        assert_eq!(lines.left_out(), ["A.x", "A.y"]);
    }

    #[test]
    fn times_are_those_that_nanoseconds_reach() {
        for (start, is_told) in [
            ("2012-01-01 00:00:00", true),
            ("1677-01-01 00:00:00", false),
            ("2262-04-11 23:30:00", true),
            ("2262-04-11 23:47:00", false),
        ] {
            assert_eq!(fits(&grid(start)), is_told, "{start}");
        }
    }
}
