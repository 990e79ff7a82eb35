//! What is the same in all variants, played back in each.

use std::fmt;
use std::io;
use std::sync::Arc;

use shared::append::Append;
use shared::memory::{Account, OutOfMemory, items};
use shared::model::{Model, PublishedSlot, Step, StepError};
use shared::time::Tick;
use shared::value::Value;

use crate::rows::Rows;

/// The values of attributes that are the same in all variants, at every tick.
pub struct Trace {
    width: usize,
    values: Vec<Value>,
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl Trace {
    /// A trace of so many attributes, with room for so many values, that has no tick yet: rows become its ticks.
    pub fn new(width: usize, values: usize) -> Self {
        Self {
            width,
            values: Vec::with_capacity(values),
        }
    }

    /// How many values there are at a tick.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values, tick by tick.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// All values as bytes, for [`read`](Self::read).
    #[cfg(feature = "saving")]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.values
            .iter()
            .for_each(|value| append_value(&mut bytes, value));
        bytes
    }

    /// Reads the values of a trace, which are booked on the account; `None` where the bytes
    /// are none. Whether there is one for each tick, sees who knows how many ticks there are.
    #[cold]
    pub fn read(
        width: usize,
        mut bytes: &[u8],
        account: &mut Account,
    ) -> Result<Option<Self>, OutOfMemory> {
        let mut values = Vec::new();
        while !bytes.is_empty() {
            if values.len() == values.capacity() {
                let more = values.capacity().max(1024);
                account.take(items::<Value>(more))?;
                values.reserve_exact(more);
            }
            let Some(value) = take_value(&mut bytes) else {
                return Ok(None);
            };
            account.take(value.heap_bytes())?;
            values.push(value);
        }
        Ok(Some(Self { width, values }))
    }
}

/// Appends a value to others that are on their way.
pub fn append_value(bytes: &mut Vec<u8>, value: &Value) {
    // A vector takes whatever comes.
    let _ = postcard::serialize_with_flavor(value, Append(bytes));
}

/// Takes the first one of values that were on their way; `None` where there is none.
pub fn take_value(bytes: &mut &[u8]) -> Option<Value> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    *bytes = rest;
    Some(value)
}

impl Rows for Trace {
    fn row(&mut self, _: Tick, values: &mut [Value]) -> io::Result<()> {
        self.values.extend_from_slice(values);
        Ok(())
    }
}

/// A model that publishes at every tick what it has published at that tick once: whoever reads it at a tick, or what was
/// valid before, gets the same, however seldom the model stepped.
#[derive(Clone, Debug)]
pub(super) struct Playback {
    pub(super) trace: Arc<Trace>,
    /// The columns of the trace, and the slots that they go to.
    pub(super) columns: Vec<(u32, PublishedSlot)>,
}

impl Model for Playback {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let Trace { width, values } = &*self.trace;
        let tick = usize::try_from(step.tick()).unwrap_or(usize::MAX);
        let row = values.get(tick.saturating_mul(*width)..);
        let row = row.and_then(|rest| rest.get(..*width)).unwrap_or(&[]);
        for (column, slot) in &self.columns {
            if let Some(value) = row.get(*column as usize) {
                step.publish_copy(*slot, value);
            }
        }
        Ok(())
    }
}
