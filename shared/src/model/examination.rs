//! What can be known of the files of a model before it steps.
//!
//! A node has none of this: what it gets has been examined by its controller.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{InputSlot, Instance, PublishedSlot, Range, StepError};
use crate::value::Value;

/// Something in a file that a run would fail at, or that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether a run would fail there.
    pub is_error: bool,
    /// Machine-readable category, such as `bad_cell:load`.
    pub code: Cow<'static, str>,
    /// The path of the file, as the scenario has it.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
    /// The place in the line, in characters, from 1.
    pub column: usize,
    /// How many characters are meant.
    pub length: usize,
    /// The line itself; empty where it is not at hand.
    pub text: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What the model says of it in the run, which so need not be said again.
    pub notice: Option<String>,
}

/// What is expected of the values under a published attribute.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Where they are used, such as `Panels.G_Gh`.
    pub used_by: String,
    /// The unit in which they are used; `-` where there is none.
    pub unit: Cow<'static, str>,
    /// What is physically possible.
    pub range: &'static Range,
    /// Models that look at the values as such.
    pub takers: Vec<Taker>,
}

/// A model that says before the run which values it cannot work with.
#[derive(Clone)]
pub struct Taker {
    /// The input that gets the values, such as `Company.portfolio`.
    pub input: String,
    /// Looks at a value as the step that gets it will.
    pub accepts: Acceptance,
}

/// See [`Taker::accepts`].
pub type Acceptance = Arc<dyn Fn(&Value) -> Result<(), StepError> + Send + Sync>;

impl fmt::Debug for Taker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Taker").field(&self.input).finish()
    }
}

/// What a model examines its files with, and what it found.
#[derive(Debug)]
pub struct Examination<'a> {
    /// By slot; `None` where nobody reads the attribute.
    expected: &'a [Option<Expected>],
    /// By slot: whether something is connected to the input.
    connected: &'a [bool],
    /// Bytes that may still be kept.
    room: &'a AtomicUsize,
    findings: Vec<Finding>,
}

impl Examination<'_> {
    /// What is expected of the numbers under an attribute; `None` where nobody reads it.
    pub fn expected(&self, attribute: PublishedSlot) -> Option<&Expected> {
        self.expected.get(attribute.0)?.as_ref()
    }

    /// Whether something is connected to an input.
    pub fn is_connected(&self, input: InputSlot) -> bool {
        self.connected.get(input.0) == Some(&true)
    }

    /// Takes so much memory, in bytes, for what is kept of files for the steps; `false` where there is not so much left.
    pub fn take_room(&self, bytes: usize) -> bool {
        let taken = |room: usize| room.checked_sub(bytes);
        let (order, load) = (Ordering::Relaxed, Ordering::Relaxed);
        self.room.fetch_update(order, load, taken).is_ok()
    }

    /// Adds what was found.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}

impl Instance {
    /// Reads the files of the model as a run would, as far as they can be read twice, and tells
    /// what is found in them. The model is as before, but may keep what it has read, in this `room` of
    /// so many bytes, so that its steps need not read it again. `expected` is by published attribute,
    /// `connected` by input.
    pub fn examine(
        &mut self,
        expected: &[Option<Expected>],
        connected: &[bool],
        room: &AtomicUsize,
    ) -> Vec<Finding> {
        let mut examination = Examination {
            expected,
            connected,
            room,
            findings: Vec::new(),
        };
        self.model.examine(&mut examination);
        examination.findings
    }
}
