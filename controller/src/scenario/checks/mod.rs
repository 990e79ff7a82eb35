//! What cannot run, or runs and surprises, once it is known what flows where.

mod choices;
mod data;
mod initial;
mod inputs;
mod needs;
mod outputs;
mod plausible;
mod units;
mod wording;

pub(crate) use data::{Wiring, examine_files};
pub(crate) use inputs::check_inputs;
pub(crate) use needs::check_needs;
pub(crate) use outputs::refuse_split_outputs;
pub(crate) use plausible::check_percent;
pub(crate) use units::check_units;
