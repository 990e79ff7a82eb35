//! The energy meter.

use shared::model::{
    Build, Input, Literal, Memory, Model, ModelType, Parameter, Published, SectionPolicy, Step,
    StepError,
};
use shared::model_type;
use shared::value::Number;

model_type! {
    /// Energy meter: adds up the power that it sees.
    ///
    /// # Model
    ///
    /// In each step of Δt = `time_resolution` × `time_step_size` / 3600 hours, E grows by P·Δt.
    pub static METER = ModelType::new("Meter", |build| Ok(Box::new(Meter::new(build))))
        .with_sections(SectionPolicy::Merge);
    parameters {
        READING = Parameter::number("reading", "kWh", "reading at the start")
            .with_default(Literal::Int(0)),
    }
    inputs {
        POWER = Input::number("power", "kW", "power to be metered").symbol("P"),
    }
    published {
        ENERGY = Published::state("energy", "kWh", "reading after the step").symbol("E").memory(),
    }
}

struct Meter {
    energy: Number,
    /// The length of a step.
    hours: f64,
}

impl Meter {
    fn new(build: &mut Build<'_>) -> Self {
        Self {
            energy: build.number(READING),
            hours: build.step_hours(),
        }
    }
}

impl Model for Meter {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.energy = self.energy + step.number(POWER)? * self.hours;
        step.publish_number(ENERGY, self.energy);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.energy);
        true
    }
}
