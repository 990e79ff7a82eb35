//! Where the cells of a row go.

use std::sync::Arc;

use shared::model::{Build, BuildError, PublishedSlot, Step, StepError};
use shared::time::WallTime;
use shared::value::{Kind, Origin, Value};

use super::SEND_ROW;
use super::rows::Rows;
use crate::data::text::cell_format::CellFormat;
use crate::data::text::date_format::DateFormat;
use crate::data::text::lines::{at_file, shown};
use crate::data::text::number;

/// Where the cells of a row go.
pub(super) enum Sink {
    /// One state a column; `None` for one without a name.
    Columns(Vec<(String, Option<PublishedSlot>)>),
    /// One state for the whole row, with these keys.
    Row(Vec<Arc<str>>, PublishedSlot),
}

impl Sink {
    /// Declares what is published; `rows` is at the line of names, `header`.
    pub(super) fn new(
        build: &mut Build<'_>,
        header: &[String],
        format: &CellFormat,
        rows: &Rows,
    ) -> Result<Self, BuildError> {
        let names = match header {
            [] | [_] => {
                let line = header.concat();
                let message = format!(
                    "'{}' names no column beside the time{}",
                    shown(&line),
                    other_delimiter(&line, &format.delimiter.0)
                );
                return Err(at_file(rows.error("file_without_columns", &message)));
            }
            [_, names @ ..] => names,
        };
        if build.flag(SEND_ROW) {
            Self::row(build, header, rows)
        } else {
            Self::columns(build, names, rows)
        }
    }

    fn row(build: &mut Build<'_>, header: &[String], rows: &Rows) -> Result<Self, BuildError> {
        for (column, name) in header.iter().enumerate() {
            if header[..column].contains(name) {
                return Err(duplicate_column(name, rows));
            }
        }
        let slot = build.publish_also("row", Origin::State, Kind::Map)?;
        let names = header.iter().map(|name| name.as_str().into());
        Ok(Sink::Row(names.collect(), slot))
    }

    fn columns(build: &mut Build<'_>, names: &[String], rows: &Rows) -> Result<Self, BuildError> {
        let mut columns = Vec::new();
        for name in names {
            let name = name.split('#').next().unwrap_or_default().trim();
            let slot = match name {
                "" => None,
                name => {
                    let added = build.publish_also(name, Origin::State, Kind::Number);
                    Some(added.map_err(|_| duplicate_column(name, rows))?)
                }
            };
            columns.push((name.to_owned(), slot));
        }
        if columns.iter().any(|(_, slot)| slot.is_none()) {
            let place = rows.place();
            build.warn(|| format!("{place}: a column has no name, so that it is not read"));
        }
        // Many programs end each line with a delimiter: rows need no cell for the name after it.
        while columns.last().is_some_and(|(_, slot)| slot.is_none()) {
            columns.pop();
        }
        Ok(Sink::Columns(columns))
    }

    /// A name that stands in quotes.
    #[cfg(any(test, feature = "examination"))]
    pub(super) fn quoted_name(&self) -> Option<&str> {
        let is_quoted = |name: &&str| name.trim().starts_with('"');
        match self {
            Sink::Columns(columns) => columns.iter().map(|(name, _)| &**name).find(is_quoted),
            Sink::Row(names, _) => names.iter().map(|name| &**name).find(is_quoted),
        }
    }

    /// Publishes the row at hand.
    pub(super) fn publish(
        &self,
        step: &mut Step<'_>,
        rows: &Rows,
        cells: &CellFormat,
        format: &DateFormat,
        stamp: WallTime,
    ) -> Result<(), StepError> {
        let mut cells = Cells::of(rows, cells);
        match self {
            Sink::Columns(columns) => {
                for (name, slot) in columns {
                    match slot {
                        Some(slot) => step.publish(*slot, cells.number(name)?),
                        None => cells.next(name).map(|_| ())?,
                    }
                }
            }
            Sink::Row(names, slot) => {
                let stamp = format.format(stamp);
                step.publish(*slot, mapping(names, &stamp, &mut cells)?);
            }
        }
        Ok(())
    }
}

/// The row at hand as a mapping of text.
pub(super) fn mapping(
    names: &[Arc<str>],
    stamp: &str,
    cells: &mut Cells<'_>,
) -> Result<Value, StepError> {
    let mut entries = Vec::with_capacity(names.len());
    for (column, name) in names.iter().enumerate() {
        let text = match column {
            0 => Value::text(stamp),
            _ => Value::text(cells.next(name)?),
        };
        entries.push((Arc::clone(name), text));
    }
    Ok(Value::Map(entries.into()))
}

/// What may stand between the names of a line that has not been cut.
fn other_delimiter(line: &str, delimiter: &str) -> String {
    let other = [(';', ";"), ('\t', "\\t"), ('|', "|"), (',', ",")]
        .into_iter()
        .find(|(mark, _)| line.contains(*mark) && !delimiter.contains(*mark));
    match other {
        Some((_, mark)) => format!("; write 'delimiter: \"{mark}\"' for this reader"),
        None => "; is 'delimiter' what stands between the names?".to_owned(),
    }
}

fn duplicate_column(name: &str, rows: &Rows) -> BuildError {
    let message = format!("two columns are called '{name}'; give each a name of its own");
    at_file(rows.error(format!("duplicate_column:{name}"), &message))
}

/// The cells of the row at hand, one after the other.
pub(super) struct Cells<'a> {
    rows: &'a Rows,
    format: &'a CellFormat,
    rest: Option<&'a str>,
}

impl<'a> Cells<'a> {
    #[inline]
    pub(super) fn of(rows: &'a Rows, format: &'a CellFormat) -> Self {
        let rest = rows.cells();
        Self { rows, format, rest }
    }

    /// What has not been read of the row.
    #[cfg(any(test, feature = "examination"))]
    #[inline]
    pub(super) fn rest(&self) -> Option<&'a str> {
        self.rest
    }

    /// The text of the next cell.
    #[inline]
    pub(super) fn next(&mut self, column: &str) -> Result<&'a str, StepError> {
        let Some(text) = self.rest else {
            let message = format!("the row is too short; it has no cell for column '{column}'");
            return Err(self.rows.error("short_row", &message));
        };
        let (cell, rest) = self.format.delimiter.split_once(text);
        self.rest = rest;
        Ok(cell)
    }

    /// The number in the next cell.
    #[inline]
    pub(super) fn number(&mut self, column: &str) -> Result<f64, StepError> {
        if let (Some(text), Some(end)) = (self.rest, self.format.delimiter.byte())
            && let Some((number, length)) = number::plain(text.as_bytes(), end, self.format.point)
        {
            self.rest = text.get(length + 1..);
            return Ok(number);
        }
        let cell = self.next(column)?;
        self.format.number(cell).ok_or_else(|| {
            let message = format!("'{}' in column '{column}' is not a number", shown(cell));
            self.rows.error(format!("bad_cell:{column}"), &message)
        })
    }
}
