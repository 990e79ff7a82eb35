//! Rows in memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::time::Tick;
use shared::value::Value;

use super::sink::{Column, Ending, Header, Sink};
use crate::places::WriteError;

/// Keeps the rows of a run in memory. Copies of it are the same table, so one can be given to the run
/// and another one read afterwards.
#[derive(Clone, Debug, Default)]
pub struct Table(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    columns: Vec<Column>,
    /// Row by row.
    values: Vec<Value>,
    rows: Tick,
}

impl Table {
    /// The columns, in the order of the scenario's monitor; none before the run has begun.
    pub fn columns(&self) -> Vec<Column> {
        self.content().columns.clone()
    }

    /// The number of rows.
    pub fn rows(&self) -> Tick {
        self.content().rows
    }

    /// The values of the column with this name, such as `Battery1.soc`, a value for each tick. `None`
    /// where there is no such column.
    pub fn column(&self, name: &str) -> Option<Vec<Value>> {
        let content = self.content();
        let place = content.columns.iter().position(|c| c.name == name)?;
        let rows = content.values.chunks_exact(content.columns.len());
        Some(rows.map(|row| row[place].clone()).collect())
    }

    /// Nothing that is done with it leaves it half changed, so a panic elsewhere does no harm.
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Table {
    fn begin(&mut self, header: &Header) {
        *self.content() = Content {
            columns: header.columns.clone(),
            ..Content::default()
        };
    }

    fn row(&mut self, tick: Tick, values: &[Value]) -> Result<(), WriteError> {
        let mut content = self.content();
        content.values.extend_from_slice(values);
        content.rows = tick + 1;
        Ok(())
    }

    fn end(&mut self, _: Ending) -> Result<(), WriteError> {
        Ok(())
    }

    fn rows(&self) -> Tick {
        self.content().rows
    }

    fn path(&self) -> PathBuf {
        "memory".into()
    }
}
