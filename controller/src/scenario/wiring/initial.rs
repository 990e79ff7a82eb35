//! What time-shifted connections deliver at the first tick.

use shared::model::{Input, ModelType, Section, SectionPolicy};
use shared::value::Value;

use crate::scenario::models::Candidate;
use crate::scenario::problems::Position;

/// The first value of a time-shifted connection into this input: the scenario's, or that of the
/// type where it merges its sections. The position is that of the scenario's.
pub(crate) fn initial_value(
    candidate: &Candidate,
    model_type: &ModelType,
    input: &Input,
) -> Option<(Value, Option<Position>)> {
    match candidate.entry.find(Section::Inputs, &input.name) {
        Some(given) => Some((given.value.clone(), Some(given.position))),
        None if model_type.sections == SectionPolicy::Merge => {
            Some(((&input.initial).into(), None))
        }
        None => None,
    }
}
