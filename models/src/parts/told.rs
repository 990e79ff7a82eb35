//! What the user is told once, and again when it changes.

use shared::model::{Memory, Step};

/// What was said to be so in the step before: the words, which are the same where what they say is. So they can be
/// kept, whatever they are made of.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<String>);

impl Told {
    /// Tells what was not so in the step before.
    pub(crate) fn tell(&mut self, step: &mut Step<'_>, now: Vec<String>) {
        for what in &now {
            if !self.0.contains(what) {
                step.remark(what.clone());
            }
        }
        self.0 = now;
    }

    /// What was told is not told again.
    pub(crate) fn memory(&mut self, memory: &mut Memory<'_>) {
        memory.keep(&mut self.0);
    }
}
