//! A simulator that has been started, as units have it.

use crate::SimulatorDescription;
use crate::said::Interface;
use crate::simulator::Simulator;

/// A simulator that is there, with all that is known of it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) simulator: Simulator,
    pub(crate) description: SimulatorDescription,
    pub(crate) interface: Interface,
    /// The number of ticks of the run.
    pub(crate) ticks: u64,
    /// Whether a step and the question for its results may be under way together.
    pub(crate) pipeline: bool,
    /// Whether values travel in envelopes that say what they mean.
    pub(crate) has_envelopes: bool,
}
