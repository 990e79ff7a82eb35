//! What the user is told once, and again when it changes.

use std::fmt::Display;

use shared::model::Step;

/// What was so in the step before.
#[derive(Debug)]
pub(crate) struct Told<What>(Vec<What>);

impl<What> Default for Told<What> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<What: PartialEq + Display> Told<What> {
    /// Tells what was not so in the step before.
    pub(crate) fn tell(&mut self, step: &mut Step<'_>, now: Vec<What>) {
        for what in &now {
            if !self.0.contains(what) {
                step.remark(what.to_string());
            }
        }
        self.0 = now;
    }
}
