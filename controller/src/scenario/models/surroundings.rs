//! What all models are built with.

use shared::files::Files;
use shared::model::Registry;
use shared::time::TimeGrid;

use super::files::Base;
use crate::scenario::entries::SimulatorEntry;

/// What all models are built with.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) grid: Option<TimeGrid>,
    pub(crate) catalogue: &'a Registry,
    pub(crate) simulators: &'a [SimulatorEntry],
    pub(crate) files: &'a dyn Files,
    pub(crate) base: Base<'a>,
}
