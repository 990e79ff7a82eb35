//! Who starts programs and runs units of them: this process, or a bridge on another machine.

use std::sync::Arc;

use shared::model::{Model, ModelType};

use crate::remote::Bridge;
use crate::{Fault, SimulatorDescription, SimulatorRequest, UnitWiring};

/// Starts programs, and makes types of them. What it has started ends with it, unless a model has it by then.
///
/// Several of them can work at the same time.
pub trait Host: Send {
    /// Starts simulators, all at the same time, and has each create its entities. The numbers of those of later calls
    /// go on from those of the first. `tell` hears whom it waits for, if that takes long.
    ///
    /// The result has one entry for each.
    fn start(
        &mut self,
        requests: Vec<SimulatorRequest>,
        tell: &mut dyn FnMut(&str),
    ) -> Vec<Result<SimulatorDescription, Fault>>;

    /// A unit as a model: the programs that are running. Nothing can be created in them any more.
    ///
    /// # Errors
    /// Where a simulator cannot be wired in this way.
    fn unit(&mut self, wiring: &UnitWiring) -> Result<Box<dyn Model>, Fault>;

    /// Makes the type of a unit. One instance of it can be built: the programs that are running.
    ///
    /// # Errors
    /// Where a simulator cannot be wired in this way.
    fn wire(&mut self, wiring: UnitWiring) -> Result<ModelType, Fault> {
        let unit = self.unit(&wiring)?;
        Ok(wiring.type_of(unit))
    }

    /// The bridge that it is, if its programs are on another machine.
    fn bridge(&self) -> Option<Arc<dyn Bridge>> {
        None
    }
}
