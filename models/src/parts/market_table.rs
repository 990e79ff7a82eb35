//! The tables that the models of a market exchange: bids, and results.

use std::fmt;
use std::sync::Arc;

use shared::model::StepError;
use shared::value::{Kind, Number, OverflowError, Value, write_cell, write_quoted};

pub(crate) const COMPANY: &str = "Company";
pub(crate) const TECHNOLOGY: &str = "Technology";
pub(crate) const CAPACITY: &str = "Capacity (MW)";
pub(crate) const COST: &str = "Cost (€/MWh)";
pub(crate) const AVAILABILITY: &str = "Availability";
pub(crate) const AVAILABLE_CAPACITY: &str = "Available Capacity (MW)";
pub(crate) const BID_CAPACITY: &str = "Bid Capacity (MW)";
pub(crate) const BID_PRICE: &str = "Bid Price (€/MWh)";
pub(crate) const SUPPLIED_CAPACITY: &str = "Supplied Capacity (MW)";
pub(crate) const REVENUE: &str = "Revenue (€)";
pub(crate) const TOTAL_COSTS: &str = "Total Costs (€)";
pub(crate) const PROFIT: &str = "Profit (€)";

/// Named columns of equal length, in order. As a value it is a mapping from the names to mappings
/// from row numbers to cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    columns: Vec<(Arc<str>, Vec<Value>)>,
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableError(String);

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TableError {
    /// The error of a step in which the table came to an input.
    pub(crate) fn at_input(self, input: &str, wanted: &str) -> StepError {
        StepError::new(
            format!("type_mismatch:{input}"),
            format!("input '{input}' wants {wanted}: {self}"),
        )
    }
}

impl Table {
    /// Appends a column with as many cells as the table has rows.
    pub(crate) fn push(&mut self, name: impl Into<Arc<str>>, cells: Vec<Value>) {
        self.columns.push((name.into(), cells));
    }

    /// Appends a column of numbers.
    pub(crate) fn push_numbers(
        &mut self,
        name: &str,
        numbers: &[Number],
    ) -> Result<(), OverflowError> {
        let cells = numbers.iter().map(|number| number.to_value());
        let cells = cells.collect::<Result<_, _>>()?;
        self.push(name, cells);
        Ok(())
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// The columns with their names, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&Arc<str>, &[Value])> {
        self.columns
            .iter()
            .map(|(name, cells)| (name, cells.as_slice()))
    }

    /// The cells of a column.
    pub(crate) fn cells(&self, name: &str) -> Result<&[Value], TableError> {
        let column = self.columns.iter().find(|(known, _)| **known == *name);
        column.map(|(_, cells)| cells.as_slice()).ok_or_else(|| {
            let known: Vec<&str> = self.columns.iter().map(|(name, _)| &**name).collect();
            TableError(format!(
                "there is no column '{name}' (has: {})",
                known.join(", ")
            ))
        })
    }

    /// A column that must hold texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<Arc<str>>, TableError> {
        let text = |(row, cell): (usize, &Value)| match cell {
            Value::Text(text) => Ok(Arc::clone(text)),
            other => Err(unfit(name, row, "text", other)),
        };
        self.cells(name)?.iter().enumerate().map(text).collect()
    }

    /// A column that must hold finite numbers.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<Number>, TableError> {
        let number = |(row, cell): (usize, &Value)| match *cell {
            Value::Int(int) => Ok(Number::Int(int)),
            Value::Float(float) | Value::Numpy(float) if float.is_finite() => {
                Ok(Number::Float(float))
            }
            ref other => Err(unfit(name, row, "a finite number", other)),
        };
        self.cells(name)?.iter().enumerate().map(number).collect()
    }

    /// A column that must hold finite numbers of zero and up.
    pub(crate) fn sizes(&self, name: &str) -> Result<Vec<Number>, TableError> {
        let numbers = self.numbers(name)?;
        let negative = numbers.iter().position(|number| *number < 0);
        match negative {
            Some(row) => Err(unfit(
                name,
                row,
                "a number of zero and up",
                &self.cells(name)?[row],
            )),
            None => Ok(numbers),
        }
    }

    /// Gives each column of numbers one kind: integers, or floats where any of them is one or is
    /// missing.
    pub(crate) fn unify_kinds(&mut self) {
        for (_, cells) in &mut self.columns {
            unify_kind(cells);
        }
    }

    /// The rows of all tables, with the columns of all of them, each column of one kind. Where a
    /// table lacks a column, its rows have nothing there.
    pub(crate) fn stacked(tables: &[Table]) -> Self {
        let mut stacked = Self::default();
        let mut names: Vec<&Arc<str>> = Vec::new();
        for (name, _) in tables.iter().flat_map(Table::columns) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let cells = tables.iter().flat_map(|table| match table.cells(name) {
                Ok(cells) => cells.to_vec(),
                Err(_) => vec![Value::Null; table.rows()],
            });
            stacked.push(Arc::clone(name), cells.collect());
        }
        stacked.unify_kinds();
        stacked
    }

    /// The rows with these numbers, in this order.
    pub(crate) fn rows_in_order(&self, order: &[usize]) -> Self {
        let columns = self.columns.iter().map(|(name, cells)| {
            let cells = order.iter().map(|&row| cells[row].clone()).collect();
            (Arc::clone(name), cells)
        });
        Self {
            columns: columns.collect(),
        }
    }

    /// The table in a value. All columns must have the same rows in the same order.
    pub(crate) fn from_value(value: &Value) -> Result<Self, TableError> {
        let Value::Map(columns) = value else {
            let kind = value.kind();
            return Err(TableError(format!("a table is a mapping, not a {kind}")));
        };
        let mut table = Self::default();
        let mut first: Option<&[(Arc<str>, Value)]> = None;
        for (name, column) in columns.iter() {
            let Value::Map(cells) = column else {
                return Err(TableError(format!("column '{name}' is no mapping of rows")));
            };
            let rows = cells.iter().map(|(row, _)| row);
            if !first.is_none_or(|first| first.iter().map(|(row, _)| row).eq(rows)) {
                return Err(TableError(format!(
                    "column '{name}' has other rows than the one before it"
                )));
            }
            first = Some(cells);
            table.push(
                Arc::clone(name),
                cells.iter().map(|(_, cell)| cell.clone()).collect(),
            );
        }
        Ok(table)
    }

    /// The table as a value.
    pub(crate) fn to_value(&self) -> Value {
        let numbers: Vec<Arc<str>> = (0..self.rows()).map(|row| row.to_string().into()).collect();
        let columns = self.columns.iter().map(|(name, cells)| {
            let rows = numbers.iter().cloned().zip(cells.iter().cloned());
            (Arc::clone(name), Value::Map(rows.collect()))
        });
        Value::Map(columns.collect())
    }

    /// The table as a file with commas: the names, then a line for each row.
    pub(crate) fn to_csv(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (position, (name, _)) in self.columns.iter().enumerate() {
            separate(&mut text, position);
            write_quoted(&mut text, name);
        }
        text.push(b'\n');
        for row in 0..self.rows() {
            for (position, (_, cells)) in self.columns.iter().enumerate() {
                separate(&mut text, position);
                write_cell(&mut text, &cells[row]);
            }
            text.push(b'\n');
        }
        text
    }
}

fn unfit(column: &str, row: usize, wanted: &str, got: &Value) -> TableError {
    TableError(format!(
        "column '{column}' wants {wanted} in row {} and has {got}",
        row + 1
    ))
}

fn separate(text: &mut Vec<u8>, position: usize) {
    if position > 0 {
        text.push(b',');
    }
}

/// Gives a column one kind, if it holds numbers only: integers, or floats where any of them is one
/// or is missing.
pub(crate) fn unify_kind(cells: &mut [Value]) {
    let integers = cells.iter().all(|cell| matches!(cell, Value::Int(_)));
    let numbers = cells
        .iter()
        .all(|cell| matches!(cell.kind(), Kind::Number | Kind::Null));
    if numbers && !integers {
        to_floats(cells);
    }
}

/// Makes floats of the numbers of a column.
pub(crate) fn to_floats(cells: &mut [Value]) {
    for cell in cells {
        if cell.kind() == Kind::Number
            && let Some(number) = cell.as_number()
        {
            *cell = Value::Float(number.to_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, &[Value])]) -> Table {
        let mut table = Table::default();
        for (name, cells) in columns {
            table.push(*name, cells.to_vec());
        }
        table
    }

    #[test]
    fn a_table_is_a_mapping_of_columns_and_comes_back() {
        let table = table(&[
            ("a", &[Value::Int(1), Value::Float(2.0)]),
            ("b", &[Value::text("x"), Value::Null]),
        ]);
        let value = table.to_value();
        assert_eq!(
            value.to_string(),
            "{'a': {'0': 1, '1': 2.0}, 'b': {'0': 'x', '1': None}}"
        );
        assert_eq!(Table::from_value(&value), Ok(table));
        assert_eq!(Table::default().to_value(), Value::Map([].into()));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let rows = |keys: &[&str]| Value::Map(keys.iter().map(|&k| (k.into(), 1.into())).collect());
        let columns = |columns: &[(&str, Value)]| {
            Value::Map(
                columns
                    .iter()
                    .map(|(n, c)| ((*n).into(), c.clone()))
                    .collect(),
            )
        };
        for (value, message) in [
            (Value::Null, "a table is a mapping, not a null"),
            (columns(&[("a", Value::Int(1))]), "'a' is no mapping"),
            (
                columns(&[("a", rows(&["0", "1"])), ("b", rows(&["0"]))]),
                "'b' has other rows",
            ),
            (
                columns(&[("a", rows(&["0", "1"])), ("b", rows(&["1", "0"]))]),
                "'b' has other rows",
            ),
        ] {
            let error = Table::from_value(&value).expect_err("no table");
            assert!(error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_column_of_numbers_has_one_kind() {
        let mut table = table(&[
            ("integers", &[Value::Int(1), Value::Int(2)]),
            ("mixed", &[Value::Int(1), Value::Float(0.5)]),
            ("with text", &[Value::Int(1), Value::text("x")]),
            ("with a flag", &[Value::Int(1), Value::Bool(true)]),
        ]);
        table.unify_kinds();
        assert_eq!(table.cells("integers"), Ok(&[1.into(), 2.into()][..]));
        assert_eq!(table.cells("mixed"), Ok(&[1.0.into(), 0.5.into()][..]));
        assert_eq!(
            table.cells("with text"),
            Ok(&[1.into(), Value::text("x")][..])
        );
        assert_eq!(table.cells("with a flag"), Ok(&[1.into(), true.into()][..]));
    }

    #[test]
    fn tables_are_stacked_with_the_columns_of_all() {
        let first = table(&[("a", &[Value::Int(1)]), ("b", &[Value::Int(2)])]);
        let second = table(&[("c", &[Value::text("x")]), ("a", &[Value::Float(0.5)])]);
        let stacked = Table::stacked(&[first, second]);
        let expected = "a,b,c\n1.0,2.0,\n0.5,,x\n";
        assert_eq!(String::from_utf8_lossy(&stacked.to_csv()), expected);
        let turned = stacked.rows_in_order(&[1, 0]);
        let expected = "a,b,c\n0.5,,x\n1.0,2.0,\n";
        assert_eq!(String::from_utf8_lossy(&turned.to_csv()), expected);
    }

    #[test]
    fn columns_are_read_as_texts_or_numbers() {
        let table = table(&[
            ("name", &[Value::text("x"), Value::text("y")]),
            ("size", &[Value::Int(-1), Value::Float(2.5)]),
            ("odd", &[Value::Float(f64::NAN), Value::Bool(true)]),
        ]);
        assert_eq!(table.texts("name").expect("texts")[1], "y".into());
        assert_eq!(
            table.numbers("size").expect("numbers")[1],
            Number::Float(2.5)
        );
        for (error, message) in [
            (
                table.texts("size").err(),
                "'size' wants text in row 1 and has -1",
            ),
            (
                table.numbers("odd").err(),
                "a finite number in row 1 and has nan",
            ),
            (
                table.sizes("size").err(),
                "of zero and up in row 1 and has -1",
            ),
            (
                table.numbers("none").err(),
                "no column 'none' (has: name, size, odd)",
            ),
        ] {
            let error = error.expect("refused").to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn names_and_cells_are_quoted_in_a_file() {
        let table = table(&[("a, b", &[Value::text("say \"x\"")])]);
        let expected = "\"a, b\"\n\"say \"\"x\"\"\"\n";
        assert_eq!(String::from_utf8_lossy(&table.to_csv()), expected);
    }
}
