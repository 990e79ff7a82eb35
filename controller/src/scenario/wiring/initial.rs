//! What time-shifted connections deliver at the first tick.

use shared::model::{Input, Literal, ModelType, PublishedSlot, Section, SectionPolicy};
use shared::value::Value;

use crate::scenario::models::Candidate;
use crate::scenario::problems::Position;

/// What a connection delivers first that is time-shifted: what the input [begins with](initial_value), or where that is
/// null and the type merges its sections, what the source begins with.
pub(crate) fn first_value(
    candidate: &Candidate,
    model_type: &ModelType,
    input: &Input,
    (source, slot): (&Candidate, PublishedSlot),
) -> Option<Value> {
    let (value, _) = initial_value(candidate, model_type, input)?;
    if begins_with_source(model_type, input, &value) {
        let instance = source.instance.as_ref();
        let initial = instance.and_then(|instance| instance.initial(slot));
        return Some(initial.cloned().unwrap_or(value));
    }
    Some(value)
}

/// Whether this value of an input means what the source begins with.
pub(crate) fn begins_with_source(model_type: &ModelType, input: &Input, value: &Value) -> bool {
    let is_merged = model_type.sections == SectionPolicy::Merge;
    is_merged && input.initial == Literal::Null && *value == Value::Null
}

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
