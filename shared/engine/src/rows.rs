//! Where the rows of the monitor go.

use std::io;

use shared::time::Tick;
use shared::value::Value;

/// Takes the rows of the monitor.
pub trait Rows {
    /// One row, with a value for each item. What is left in their places is of no interest.
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()>;
}

/// For an engine without a monitor.
#[derive(Clone, Copy, Debug)]
pub struct NoRows;

impl Rows for NoRows {
    fn row(&mut self, _: Tick, _: &mut [Value]) -> io::Result<()> {
        Ok(())
    }
}
