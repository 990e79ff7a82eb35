//! A profile of demand or production: scaled to a number of units, and converted.

use shared::model::{
    Build, BuildError, InputSlot, Literal, Memory, Model, Parameter, ParameterKind, ParameterSlot,
    PublishedSlot, Range, Step, StepError,
};
use shared::value::Number;

use super::hydrogen::{DENSITY_NORMAL, HHV, LHV};
use super::quantities::{Received, float, publish};

/// How many there are of those whose profile it is.
pub(crate) const fn units(meaning: &'static str) -> Parameter {
    Parameter::number("units", "-", meaning)
        .symbol("n")
        .with_default(Literal::Int(1))
        .in_range(Range::NOT_NEGATIVE)
        .adjustable(0.0, 100.0)
}

/// The units of profiles of hydrogen.
pub(crate) const HYDROGEN_UNIT: Parameter = Parameter::choice(
    "input_unit",
    &["kg/h", "kg/step", "Nm3/h", "Nm3/min", "kW_LHV", "kW_HHV"],
    "unit of the profile",
)
.with_default(Literal::text("kg/h"));

/// The units of profiles of heat.
pub(crate) const HEAT_UNIT: Parameter = Parameter::choice(
    "input_unit",
    &["kW", "W", "kWh/step", "MJ/step"],
    "unit of the profile",
)
.with_default(Literal::text("kW"));

/// What the units of hydrogen are in kg/h, in steps of so many hours.
pub(crate) fn in_kilograms_per_hour(hours: f64) -> [f64; 6] {
    let normal = DENSITY_NORMAL;
    [
        1.0,
        1.0 / hours,
        normal,
        60.0 * normal,
        1.0 / LHV,
        1.0 / HHV,
    ]
}

/// What the units of heat are in kW.
pub(crate) fn in_kilowatts(hours: f64) -> [f64; 4] {
    [1.0, 0.001, 1.0 / hours, 1.0 / (3.6 * hours)]
}

/// A type whose one input is the profile and whose one output is the flow.
pub(crate) struct Profile {
    received: Received,
    units: f64,
    factor: f64,
}

const UNITS: ParameterSlot = ParameterSlot::new(0);
const INPUT_UNIT: ParameterSlot = ParameterSlot::new(1);
const PROFILE: InputSlot = InputSlot::new(0);
const FLOW: PublishedSlot = PublishedSlot::new(0);

impl Profile {
    /// The factors are those of the units that can be chosen, in their order.
    pub(crate) fn new(build: &Build<'_>, factors: &[f64]) -> Result<Self, BuildError> {
        let chosen = build.text(INPUT_UNIT);
        let place = match &build.model_type().parameters[1].kind {
            ParameterKind::Choice(units) => units.iter().position(|unit| unit == chosen),
            _ => None,
        };
        Ok(Self {
            received: Received::new(build)?,
            units: float(build, UNITS),
            factor: factors[place.unwrap_or(0)],
        })
    }
}

impl Model for Profile {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == UNITS {
            self.units = value.to_f64();
        }
        parameter == UNITS
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let profile = self.received.sum(step, PROFILE)?;
        publish(step, &[(FLOW, self.units * profile * self.factor)]);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.units);
        true
    }
}
