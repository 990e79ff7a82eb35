//! What stands in the cells of a file, looked at as the steps read it.

use std::sync::Arc;

use shared::model::{Examination, Finding, PublishedSlot, Taker};
use shared::value::Value;

use super::cells::{Cells, Sink, mapping};
use super::hints;
use super::oddities::{Column, and_others};
use super::reader::Reader;
use super::report::Report;
use super::rows::{Ahead, Rows};

/// What is known of the columns of a file while it is read.
pub(super) struct Columns {
    cells: Vec<Column>,
    /// The numbers of the row that was looked at last, as far as it has them.
    numbers: Vec<f64>,
    /// Who gets rows as a whole.
    takers: Vec<Taker>,
    /// The first row with cells beyond the columns, and how many there are.
    extra: Option<(Finding, u64)>,
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
                    numbers: Vec::new(),
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
            numbers: Vec::with_capacity(columns.len()),
            takers: Vec::new(),
            extra: None,
        }
    }

    /// Whether the numbers of a row need no closer look.
    #[inline]
    pub(super) fn are_plain(&mut self, numbers: &[f64]) -> bool {
        for (column, x) in self.cells.iter_mut().zip(numbers) {
            if !column.is_plain(*x) {
                return false;
            }
        }
        true
    }

    /// The numbers of the row that was looked at last, where it has all of them.
    pub(super) fn numbers(&self) -> Option<&[f64]> {
        (self.numbers.len() == self.cells.len()).then_some(&self.numbers)
    }

    /// Looks at the row at hand, cell by cell, in the way in which a step reads it.
    pub(super) fn look(&mut self, reader: &Reader, number: usize, report: &mut Report) {
        let rows = &reader.files[number];
        let mut cells = Cells::of(rows, &reader.cells);
        let is_whole = match &reader.sink {
            Sink::Columns(columns) => {
                self.look_at_numbers(columns, &mut cells, reader, rows, report)
            }
            Sink::Row(names, _) => self.look_at_row(names, &mut cells, reader, rows, report),
        };
        if let (true, Some(rest)) = (is_whole, cells.rest()) {
            let at = rows.line().1.len() - rest.len();
            self.look_beyond(rest, at, reader, rows, report);
        }
    }

    /// Looks at the numbers of the row at hand; returns whether it has all of them.
    #[inline]
    fn look_at_numbers(
        &mut self,
        columns: &[(String, Option<PublishedSlot>)],
        cells: &mut Cells<'_>,
        reader: &Reader,
        rows: &Rows,
        report: &mut Report,
    ) -> bool {
        let end = rows.line().1.len();
        let mark = reader.cells.delimiter.0.len();
        // The cell between what was left of the row before it and what is left after it.
        let place = |before: Option<&str>, after: Option<&str>| {
            let start = end - before.map_or(0, str::len);
            (start, end - after.map_or(0, |after| after.len() + mark))
        };
        self.numbers.clear();
        for ((name, slot), column) in columns.iter().zip(&mut self.cells) {
            let before = cells.rest();
            let result = match slot {
                Some(_) => cells.number(name).map(Some),
                None => cells.next(name).map(|_| None),
            };
            if let Ok(Some(x)) = result {
                self.numbers.push(x);
            }
            match result {
                Ok(None) => {}
                Ok(Some(x)) if column.is_plain(x) => {}
                Ok(Some(x)) => column.look(x, rows, place(before, cells.rest()), report),
                Err(error) => {
                    let error = hints::about_cell(before, &reader.cells, &error);
                    report.error(rows, place(before, cells.rest()), &error);
                    if before.is_none() {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Has those look at the row at hand who get it as a whole; returns whether it is whole.
    fn look_at_row(
        &self,
        names: &[Arc<str>],
        cells: &mut Cells<'_>,
        reader: &Reader,
        rows: &Rows,
        report: &mut Report,
    ) -> bool {
        let stamp = match rows.ahead() {
            Ahead::Row(stamp) => reader.format.format(*stamp),
            _ => String::new(),
        };
        match mapping(names, &stamp, cells) {
            Ok(row) => {
                self.offer(&row, names, reader, rows, report);
                true
            }
            Err(error) => {
                report.error(rows, (0, rows.line().1.len()), &error);
                false
            }
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
            first.message.push_str(&and_others(count));
            report.add(first);
        }
        for column in self.cells {
            column.tell(report);
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
