//! Steps that were made and cannot be made again: what came of each, and what it was asked.

use std::mem::size_of;

use serde::{Deserialize, Serialize};

use super::{Step, StepError};
use crate::append::Append;
use crate::memory::block;
use crate::time::Tick;
use crate::value::Value;

/// A step that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Its tick.
    tick: Tick,
    /// What stood at the inputs, in few bytes.
    inputs: u64,
    next: Tick,
    published: Vec<Option<Value>>,
    asked: Vec<u16>,
}

impl Made {
    /// What came of a step, which was not put off.
    pub fn of(step: &Step<'_>) -> Self {
        Self {
            tick: step.tick,
            inputs: fingerprint(step.inputs),
            next: step.next,
            published: step.published.to_vec(),
            asked: step.asides.as_ref().map_or(Vec::new(), |a| a.asked.clone()),
        }
    }

    /// Has the same come of a step.
    ///
    /// # Errors
    /// It is another step.
    pub fn repeat(&self, step: &mut Step<'_>) -> Result<(), StepError> {
        if (self.tick, self.inputs) != (step.tick, fingerprint(step.inputs))
            || self.published.len() != step.published.len()
        {
            return Err(Self::not_again(
                step.tick,
                "its program has made the step with other values before",
            ));
        }
        step.published.clone_from_slice(&self.published);
        step.next = self.next;
        for &simulator in &self.asked {
            step.note_asked(simulator);
        }
        Ok(())
    }

    /// A step of which is not known what came of it: a program is not to be asked for something twice.
    pub fn not_again(tick: Tick, why: &str) -> StepError {
        StepError::new(
            "not_again",
            format!(
                "after a loss the run went on before tick {tick}, and {why}: what programs do is not taken back"
            ),
        )
    }

    /// What it takes of memory, in bytes.
    pub fn bytes(&self) -> usize {
        let values = self.published.iter().flatten().map(Value::heap_bytes);
        size_of::<Self>()
            + block(self.published.len() * size_of::<Option<Value>>())
            + block(self.asked.len() * size_of::<u16>())
            + values.sum::<usize>()
    }
}

/// Other values have another number, as good as always; the same ones have the same, in every program of ours.
#[expect(
    clippy::missing_panics_doc,
    reason = "a vector grows, and a value knows its length"
)]
pub fn fingerprint<T: Serialize + ?Sized>(values: &T) -> u64 {
    let mut encoded = Vec::new();
    postcard::serialize_with_flavor(values, Append(&mut encoded)).expect("values have an encoding");
    // The hash of Fowler, Noll and Vo, 64 bits: the same on every platform.
    encoded.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
