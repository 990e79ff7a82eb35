//! Where the cells of a row go.

use std::sync::Arc;

use shared::model::{Build, BuildError, PublishedSlot, Step, StepError};
use shared::time::WallTime;
use shared::value::{Kind, Origin, Value};

use super::SEND_ROW;
use super::date_format::DateFormat;
use super::number;
use super::reader::at_file;
use super::rows::{Delimiter, Rows};

/// Where the cells of a row go.
pub(super) enum Sink {
    /// One state a column; `None` for one without a name.
    Columns(Vec<(String, Option<PublishedSlot>)>),
    /// One state for the whole row, with these keys.
    Row(Vec<Arc<str>>, PublishedSlot),
}

impl Sink {
    pub(super) fn new(
        build: &mut Build<'_>,
        header: &[String],
        rows: &Rows,
    ) -> Result<Self, BuildError> {
        if build.flag(SEND_ROW) {
            let slot = build.publish_also("row", Origin::State, Kind::Map)?;
            return Ok(Sink::Row(
                header.iter().map(|name| name.as_str().into()).collect(),
                slot,
            ));
        }
        let mut columns = Vec::new();
        for name in header.iter().skip(1) {
            let name = name.split('#').next().unwrap_or_default().trim();
            let slot =
                match name {
                    "" => None,
                    name => Some(
                        build
                            .publish_also(name, Origin::State, Kind::Number)
                            .map_err(|_| {
                                at_file(rows.error(
                        format!("duplicate_column:{name}"),
                        &format!("two columns are called '{name}'; give each a name of its own"),
                    ))
                            })?,
                    ),
                };
            columns.push((name.to_owned(), slot));
        }
        if columns.iter().any(|(_, slot)| slot.is_none()) {
            let path = rows.path();
            build.warn(format!(
                "'{path}' has a column without a name, which is not read"
            ));
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
            rest: Some(rows.text()),
        };
        cells.next("time")?;
        match self {
            Sink::Columns(columns) => {
                for (name, slot) in columns {
                    let cell = cells.next(name)?;
                    if let Some(slot) = slot {
                        step.publish(*slot, cells.number(name, cell)?);
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
    fn number(&self, column: &str, cell: &str) -> Result<f64, StepError> {
        number::parse(cell).ok_or_else(|| {
            let message = format!("'{cell}' in column '{column}' is not a number");
            self.rows.error(format!("bad_cell:{column}"), &message)
        })
    }
}
