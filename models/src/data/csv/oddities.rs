//! What stands in the cells and cannot be meant.

use std::sync::Arc;

use shared::model::{Examination, Expected, Finding, Range, Taker};
use shared::value::Value;

use super::cells::{Cells, Sink, mapping};
use super::examine::Report;
use super::hints;
use super::reader::Reader;
use super::rows::{Ahead, Rows, shown};

/// Numbers from here on, on either side of zero, may be codes.
const CODES_BELOW: f64 = -998.0;
const CODES_ABOVE: f64 = 9998.0;

/// What to do about a value that is missing.
const REMEDY: &str = "fill the gap with a measurement or an estimate";

/// What is known of the columns of a file while it is read.
pub(super) struct Columns {
    cells: Vec<Column>,
    /// Who gets rows as a whole.
    takers: Vec<Taker>,
    /// The first row with cells beyond the columns, and how many there are.
    extra: Option<(Finding, u64)>,
}

/// A column of the file that is read.
struct Column {
    name: String,
    expected: Option<Expected>,
    /// Numbers that need no further look: from the one to the other.
    plain: (f64, f64),
    /// The largest size of a plausible number.
    largest: f64,
    odd: [Option<Odd>; 3],
}

/// Numbers of one kind that cannot be meant.
struct Odd {
    /// The first of them.
    first: Finding,
    number: f64,
    /// How many there are.
    count: u64,
}

/// The kinds of numbers that cannot be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotFinite,
    /// A code for a missing value, where the other numbers are far from it.
    Code,
    Impossible,
}

impl Columns {
    /// The columns of a sink.
    pub(super) fn new(sink: &Sink, examination: &Examination<'_>) -> Self {
        let columns = match sink {
            Sink::Columns(columns) => columns,
            Sink::Row(_, slot) => {
                let expected = examination.expected(*slot);
                return Self {
                    cells: Vec::new(),
                    takers: expected.map_or_else(Vec::new, |e| e.takers.clone()),
                    extra: None,
                };
            }
        };
        let column = |(name, slot): &(String, Option<_>)| {
            let expected = slot.and_then(|slot| examination.expected(slot).cloned());
            Column::new(name, expected)
        };
        Self {
            cells: columns.iter().map(column).collect(),
            takers: Vec::new(),
            extra: None,
        }
    }

    /// Whether the numbers of a row need no closer look.
    #[inline]
    pub(super) fn are_plain(&mut self, numbers: &[f64]) -> bool {
        for (column, x) in self.cells.iter_mut().zip(numbers) {
            if !(column.plain.0 <= *x && *x <= column.plain.1) {
                return false;
            }
            column.largest = column.largest.max(x.abs());
        }
        true
    }

    /// Looks at the row at hand, cell by cell, in the way in which a step reads it.
    pub(super) fn look(&mut self, reader: &Reader, number: usize, report: &mut Report) {
        let rows = &reader.files[number];
        let end = rows.line().1.len();
        let at = |rest: Option<&str>| end - rest.map_or(0, str::len);
        let mark = reader.cells.delimiter.0.len();
        let cell_end = |rest: Option<&str>| at(rest) - rest.map_or(0, |_| mark);
        let mut cells = Cells::of(rows, &reader.cells);
        match &reader.sink {
            Sink::Columns(columns) => {
                for ((name, slot), column) in columns.iter().zip(&mut self.cells) {
                    let before = cells.rest();
                    let result = match slot {
                        Some(_) => cells.number(name).map(Some),
                        None => cells.next(name).map(|_| None),
                    };
                    match result {
                        Ok(Some(x)) if column.plain.0 <= x && x <= column.plain.1 => {
                            column.largest = column.largest.max(x.abs());
                        }
                        Ok(None) => {}
                        Ok(Some(x)) => {
                            let place = (at(before), cell_end(cells.rest()));
                            column.look(x, rows, place, report);
                        }
                        Err(error) => {
                            let place = (at(before), cell_end(cells.rest()));
                            let is_short = before.is_none();
                            let error = hints::about_cell(before, &reader.cells, &error);
                            report.error(rows, place, &error);
                            if is_short {
                                return;
                            }
                        }
                    }
                }
            }
            Sink::Row(names, _) => {
                let stamp = match rows.ahead() {
                    Ahead::Row(stamp) => reader.format.format(*stamp),
                    _ => String::new(),
                };
                match mapping(names, &stamp, &mut cells) {
                    Ok(row) => self.offer(&row, names, reader, rows, report),
                    Err(error) => {
                        report.error(rows, (0, end), &error);
                        return;
                    }
                }
            }
        }
        if let Some(rest) = cells.rest() {
            self.look_beyond(rest, at(cells.rest()), reader, rows, report);
        }
    }

    /// Has those look at a row who will get it.
    fn offer(
        &self,
        row: &Value,
        names: &[Arc<str>],
        reader: &Reader,
        rows: &Rows,
        report: &mut Report,
    ) {
        for Taker { input, accepts } in &self.takers {
            let Err(mut error) = accepts(row) else {
                continue;
            };
            // Codes name the column that they are about.
            let column = error.code.split_once(':').map_or("", |(_, column)| column);
            let place = place_of(names, column, reader, rows);
            error.message = format!("{}; the row goes to '{input}'", error.message);
            report.error(rows, place, &error);
        }
    }

    /// Looks at cells beyond the columns. Empty ones are harmless: many programs end their lines
    /// with a delimiter.
    #[cold]
    fn look_beyond(
        &mut self,
        rest: &str,
        at: usize,
        reader: &Reader,
        rows: &Rows,
        report: &Report,
    ) {
        let is_empty = rest
            .split(&*reader.cells.delimiter.0)
            .all(|c| c.trim().is_empty());
        if is_empty {
            return;
        }
        if let Some((_, count)) = &mut self.extra {
            *count += 1;
            return;
        }
        let columns = match &reader.sink {
            Sink::Columns(columns) => columns.len() + 1,
            Sink::Row(names, _) => names.len(),
        };
        let message = hints::about_extra_cells(rows, &reader.cells, columns);
        let end = rows.line().1.len();
        let finding = report.finding(rows, (at, end), "extra_cells".into(), message);
        self.extra = Some((finding, 1));
    }

    /// Adds what has been found to the report.
    pub(super) fn tell(self, report: &mut Report) {
        if let Some((mut first, count)) = self.extra {
            first.message.push_str(&and_others(count, "row"));
            report.add(first);
        }
        for column in self.cells {
            let others = column.largest;
            for odd in column.odd.into_iter().flatten() {
                let is_code = odd.first.code.starts_with("missing_value_code");
                // Where the other numbers reach as far, it is one of them.
                if !is_code || others < odd.number.abs() / 2.0 {
                    let mut finding = odd.first;
                    finding.message.push_str(&and_others(odd.count, "row"));
                    report.add(finding);
                }
            }
        }
    }
}

/// Where the cell of a column stands in the row at hand; all of the row if there is no such column.
fn place_of(names: &[Arc<str>], column: &str, reader: &Reader, rows: &Rows) -> (usize, usize) {
    let end = rows.line().1.len();
    let Some(number) = names.iter().position(|name| **name == *column) else {
        return (0, end);
    };
    let start = end - rows.text().len();
    let delimiter = &reader.cells.delimiter.0;
    let cells = rows.text().split(&**delimiter).map(str::len);
    let before: usize = cells
        .clone()
        .take(number)
        .map(|length| length + delimiter.len())
        .sum();
    let length = cells.clone().nth(number).unwrap_or(0);
    (start + before, start + before + length)
}

/// How many more there are.
fn and_others(count: u64, what: &str) -> String {
    match count {
        0 | 1 => String::new(),
        2 => format!(" (1 more {what} like this)"),
        more => format!(" ({} more {what}s like this)", more - 1),
    }
}

impl Column {
    fn new(name: &str, expected: Option<Expected>) -> Self {
        let range = expected.as_ref().map_or(Range::ANY, |e| e.range);
        let low = range.low.map_or(f64::NEG_INFINITY, |(low, _)| low);
        let high = range.high.map_or(f64::INFINITY, |(high, _)| high);
        let plain = match &expected {
            Some(_) => (low.max(CODES_BELOW), high.min(CODES_ABOVE)),
            None => (f64::NEG_INFINITY, f64::INFINITY),
        };
        Self {
            name: name.to_owned(),
            expected,
            plain,
            largest: 0.0,
            odd: [None, None, None],
        }
    }

    /// Looks at a number that may not be meant.
    #[cold]
    fn look(&mut self, x: f64, rows: &Rows, place: (usize, usize), report: &Report) {
        let Some(expected) = &self.expected else {
            return;
        };
        let kind = if !x.is_finite() {
            Kind::NotFinite
        } else if !expected.range.contains(x) {
            Kind::Impossible
        } else if is_code(x) {
            Kind::Code
        } else {
            self.largest = self.largest.max(x.abs());
            return;
        };
        match &mut self.odd[kind as usize] {
            Some(odd) if kind == Kind::Code && odd.number != x => {
                self.largest = self.largest.max(x.abs());
            }
            Some(odd) => odd.count += 1,
            place_of_odd => {
                let line = rows.line().1;
                let cell = line.get(place.0..place.1).unwrap_or_default();
                let cell = shown(cell.trim());
                let (code, message) = message_about(kind, &self.name, &cell, x, expected);
                *place_of_odd = Some(Odd {
                    first: report.finding(rows, place, code.into(), message),
                    number: x,
                    count: 1,
                });
            }
        }
    }
}

/// Code and message about a number that cannot be meant.
fn message_about(
    kind: Kind,
    column: &str,
    cell: &str,
    x: f64,
    expected: &Expected,
) -> (String, String) {
    let Expected {
        used_by,
        unit,
        range,
        ..
    } = expected;
    match kind {
        Kind::NotFinite => (
            format!("not_finite:{column}"),
            format!("'{cell}' in column '{column}' is no size that '{used_by}' can have; {REMEDY}"),
        ),
        Kind::Code => (
            format!("missing_value_code:{column}"),
            format!(
                "'{cell}' in column '{column}' looks like a code for a missing value, and goes to \
                 '{used_by}' as a number; {REMEDY}"
            ),
        ),
        Kind::Impossible => {
            let unit = if *unit == "-" {
                String::new()
            } else {
                format!(" {unit}")
            };
            let limit = match (range.low, range.high) {
                (Some((low, _)), _) if x <= low => format!("below {low}{unit}"),
                (_, Some((high, _))) => format!("above {high}{unit}"),
                _ => format!("outside of {range}{unit}"),
            };
            let what = if is_code(x) || (x.abs() >= 99.0 && has_nines_only(x)) {
                format!("it looks like a code for a missing value; {REMEDY}")
            } else {
                "check the value and its unit".to_owned()
            };
            (
                format!("impossible_value:{column}"),
                format!("'{cell}' in column '{column}' is {limit} at '{used_by}'; {what}"),
            )
        }
    }
}

/// Whether a number is one that data files have where there is no measurement.
fn is_code(x: f64) -> bool {
    let is_far = x <= CODES_BELOW || x >= CODES_ABOVE;
    let others = [-6999.0, -7777.0, -7999.0, -8888.0, -88888.0, -32768.0];
    (is_far && has_nines_only(x)) || others.contains(&x) || x.abs() >= 1e20
}

/// Whether all digits of a number are nines.
fn has_nines_only(x: f64) -> bool {
    let text = x.abs().to_string();
    text.bytes().all(|digit| digit == b'9' || digit == b'.')
}
