//! What is looked up by name before there is a plan.

use std::collections::BTreeMap;

/// Names, each with the place of what it names in a list. There is one kind of such maps, since each kind has
/// its own code in a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(BTreeMap<String, usize>);

impl Names {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn place_of(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }

    /// Adds a name, or gives it another place. Returns the place that it had.
    #[inline(never)]
    pub(crate) fn insert(&mut self, name: String, place: usize) -> Option<usize> {
        self.0.insert(name, place)
    }
}
