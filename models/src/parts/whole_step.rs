//! How many hours of a step are booked as energy.

use shared::model::{Build, Literal, Parameter, ParameterSlot};

/// The parameter `whole_step`, which a type declares that books energy.
pub(crate) const WHOLE_STEP: Parameter = Parameter::flag(
    "whole_step",
    "book the energy of all ticks of a step, not of one",
)
.with_default(Literal::Bool(false))
.if_missing(Literal::Bool(false));

/// The hours that are booked for a step: those of one tick, as the Python Illuminator does, or
/// with the flag those of all its ticks. Where that makes a difference, the user is told.
pub(crate) fn booked_hours(build: &mut Build<'_>, flag: ParameterSlot) -> f64 {
    let step_size = build.step_size();
    if build.flag(flag) || step_size == 1 {
        return build.step_hours();
    }
    if !build.is_given(flag) {
        build.warn(|| {
            format!(
                "a step has {step_size} ticks and the energy of one is booked, as in the Python \
             Illuminator; write 'whole_step: true' under 'parameters' to book all of it, or \
             'whole_step: false' to keep it so"
            )
        });
    }
    f64::from(build.grid().resolution) / 60.0 / 60.0
}
