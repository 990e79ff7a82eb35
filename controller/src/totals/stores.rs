//! How stores are used, by their level.

use shared::model::Role;
use shared::variant::Swing;

use crate::results::Column;

/// A store, by its level in percent.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) name: String,
    /// The first and the last level, in percent; `None` where there is no number.
    pub(crate) levels: Option<(f64, f64)>,
    /// All that the level has risen and fallen, in percent.
    moved: f64,
}

/// Whether a column is the level of a store.
pub(super) fn is_level(column: &Column) -> bool {
    column.role == Some(Role::Level) && column.unit.as_deref() == Some("%")
}

impl Store {
    /// The store of a column, whose level has not moved.
    pub(super) fn new(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            levels: None,
            moved: 0.0,
        }
    }

    /// Its level has moved like this.
    pub(super) fn settle(&mut self, swing: &Swing) {
        (self.levels, self.moved) = (swing.levels, swing.moved);
    }

    /// How often it was filled and emptied again, as a whole: the ways up and down of its level, from the
    /// end of the first step on, through twice its size.
    pub(crate) fn cycles(&self) -> f64 {
        self.moved / 200.0
    }
}
