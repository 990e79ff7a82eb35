//! How stores are used, by their level.

use shared::model::Role;

use crate::results::Column;

/// A store, by its level in percent.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    place: usize,
    pub(crate) name: String,
    /// The first and the last level, in percent; `None` where there is no number.
    pub(crate) levels: Option<(f64, f64)>,
    /// All that the level has risen and fallen, in percent.
    moved: f64,
}

impl Store {
    /// The store of a column, if it is the level of one.
    pub(super) fn of(place: usize, column: &Column) -> Option<Self> {
        let is_level = column.role == Some(Role::Level) && column.unit.as_deref() == Some("%");
        is_level.then(|| Self {
            place,
            name: column.name.clone(),
            levels: None,
            moved: 0.0,
        })
    }

    pub(super) fn take(&mut self, values: &[f64]) {
        let level = values[self.place];
        if level.is_finite() {
            let (first, last) = self.levels.unwrap_or((level, level));
            self.moved += (level - last).abs();
            self.levels = Some((first, level));
        }
    }

    /// How often it was filled and emptied again, as a whole: the ways up and down of its level, from the
    /// end of the first step on, through twice its size.
    pub(crate) fn cycles(&self) -> f64 {
        self.moved / 200.0
    }
}
