//! Numbers that cannot be meant.

use shared::model::{Expected, Finding, Range};

use super::report::Report;
use super::rows::Rows;
use crate::data::text::lines::shown;

/// Numbers from here on, on either side of zero, may be codes.
const CODES_BELOW: f64 = -998.0;
const CODES_ABOVE: f64 = 9998.0;

/// What to do about a value that is missing.
const REMEDY: &str = "fill the gap with a measurement or an estimate";

/// A column of the file that is read.
pub(super) struct Column {
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

impl Column {
    /// A column, and what is expected of it.
    pub(super) fn new(name: &str, expected: Option<Expected>) -> Self {
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

    /// Whether a number needs no further look.
    #[inline]
    pub(super) fn is_plain(&mut self, x: f64) -> bool {
        let is_plain = self.plain.0 <= x && x <= self.plain.1;
        if is_plain {
            self.largest = self.largest.max(x.abs());
        }
        is_plain
    }

    /// Looks at a number that may not be meant.
    #[cold]
    pub(super) fn look(&mut self, x: f64, rows: &Rows, place: (usize, usize), report: &Report) {
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
    /// Adds what has been found to the report.
    pub(super) fn tell(self, report: &mut Report) {
        for odd in self.odd.into_iter().flatten() {
            let is_code = odd.first.code.starts_with("missing_value_code");
            // Where the other numbers reach as far, it is one of them.
            if !is_code || self.largest < odd.number.abs() / 2.0 {
                let mut finding = odd.first;
                finding.message.push_str(&and_others(odd.count));
                report.add(finding);
            }
        }
    }
}

/// How many more rows there are like the one at hand.
pub(super) fn and_others(count: u64) -> String {
    match count {
        0 | 1 => String::new(),
        2 => " (1 more row like this)".to_owned(),
        more => format!(" ({} more rows like this)", more - 1),
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
