//! Where the cells of a row go.

use std::sync::Arc;

use shared::model::{Build, BuildError, PublishedSlot, Step, StepError};
use shared::time::WallTime;
use shared::value::{Kind, Origin, Value};

use super::SEND_ROW;
use super::date_format::DateFormat;
use super::number;
use super::reader::at_file;
use super::rows::{Delimiter, Rows, shown};

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
        rows: &Rows,
    ) -> Result<Self, BuildError> {
        let names = match header {
            [] | [_] => {
                let message = format!(
                    "'{}' names no column beside the time; is 'delimiter' what stands between the \
                     names?",
                    shown(&header.concat())
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
            build.warn(format!(
                "{place}: a column has no name, so that it is not read"
            ));
        }
        // Many programs end each line with a delimiter: rows need no cell for the name after it.
        while columns.last().is_some_and(|(_, slot)| slot.is_none()) {
            columns.pop();
        }
        Ok(Sink::Columns(columns))
    }

    /// Publishes the row at hand.
    pub(super) fn publish(
        &self,
        step: &mut Step<'_>,
        rows: &Rows,
        delimiter: &Delimiter,
        format: &DateFormat,
        stamp: WallTime,
    ) -> Result<(), StepError> {
        let mut cells = Cells {
            rows,
            delimiter,
            rest: rows.cells(),
        };
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
                let mut entries = Vec::with_capacity(names.len());
                for (column, name) in names.iter().enumerate() {
                    let text = match column {
                        0 => Value::text(&format.format(stamp)),
                        _ => Value::text(cells.next(name)?),
                    };
                    entries.push((Arc::clone(name), text));
                }
                step.publish(*slot, Value::Map(entries.into()));
            }
        }
        Ok(())
    }
}

fn duplicate_column(name: &str, rows: &Rows) -> BuildError {
    let message = format!("two columns are called '{name}'; give each a name of its own");
    at_file(rows.error(format!("duplicate_column:{name}"), &message))
}

/// The cells of the row at hand, one after the other.
struct Cells<'a> {
    rows: &'a Rows,
    delimiter: &'a Delimiter,
    rest: Option<&'a str>,
}

impl<'a> Cells<'a> {
    #[inline]
    fn next(&mut self, column: &str) -> Result<&'a str, StepError> {
        let Some(text) = self.rest else {
            let message = format!("the row is too short; it has no cell for column '{column}'");
            return Err(self.rows.error("short_row", &message));
        };
        let (cell, rest) = self.delimiter.split_once(text);
        self.rest = rest;
        Ok(cell)
    }

    #[inline]
    fn number(&mut self, column: &str) -> Result<f64, StepError> {
        if let (Some(text), Some(end)) = (self.rest, self.delimiter.byte())
            && let Some((number, length)) = number::plain(text.as_bytes(), end)
        {
            self.rest = text.get(length + 1..);
            return Ok(number);
        }
        let cell = self.next(column)?;
        number::parse(cell).ok_or_else(|| {
            let message = format!("'{}' in column '{column}' is not a number", shown(cell));
            self.rows.error(format!("bad_cell:{column}"), &message)
        })
    }
}
