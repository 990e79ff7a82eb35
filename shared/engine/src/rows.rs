//! Where the rows of the monitor go.

use std::io;

use shared::time::Tick;
use shared::value::Value;

/// Takes the rows of the monitor.
pub trait Rows {
    /// One row, with a value for each item.
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()>;
}

/// For an engine without a monitor.
#[derive(Clone, Copy, Debug)]
pub struct NoRows;

impl Rows for NoRows {
    fn row(&mut self, _: Tick, _: &[Value]) -> io::Result<()> {
        Ok(())
    }
}
