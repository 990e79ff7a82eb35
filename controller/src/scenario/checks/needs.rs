//! Whether everything that models need is connected.

use shared::index::Index;
use shared::model::{InputSlot, Need, SectionPolicy};

use super::choices::second_name;
use super::wording::described;
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Problems, as_yaml};
use crate::scenario::wiring::{Feeding, Names};

/// Checks that everything that models need is connected.
pub(crate) fn check_needs(
    candidates: &[Candidate],
    names: &Names<'_>,
    feeding: &Feeding,
    problems: &mut Problems,
) {
    for (place, candidate) in candidates.iter().enumerate() {
        // Connections cannot name the second model of one name, so they say nothing about it.
        if names.is_named(place) {
            check_needs_of(candidate, place, feeding, problems);
        }
    }
}

/// An input is fed where any connection leads
/// into it, be that right or wrong otherwise, and where one that cannot be read may do so.
fn check_needs_of(candidate: &Candidate, model: usize, feeding: &Feeding, problems: &mut Problems) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    let (label, position) = (&candidate.entry.label, candidate.entry.position);
    for (place, input) in model_type.inputs.iter().enumerate() {
        if feeding.may_feed(model, place, &input.name) {
            continue;
        }
        let name = &input.name;
        let second = second_name(model_type, name);
        if second.is_some_and(|(place, second)| feeding.may_feed(model, place, &second.name)) {
            continue;
        }
        let (slot, instance) = (InputSlot::at(place), candidate.instance.as_ref());
        if instance.is_some_and(|instance| instance.lacks(slot).is_some()) {
            continue;
        }
        let what = described(input);
        let required = instance.map_or(input.need == Need::Required, |i| i.requires(slot));
        if required {
            let or = if model_type.sections == SectionPolicy::Merge {
                format!(", or '{name}: …' under 'inputs'")
            } else {
                String::new()
            };
            let message = format!(
                "{label}: nothing is connected to its input '{name}'{what}, which it needs; \
                 add a connection to '{}.{name}'{or}",
                candidate.entry.name.as_deref().unwrap_or("?")
            );
            problems.error(format!("missing_input:{name}"), position, message);
        } else if let Need::Else(value) = &input.need {
            let message = format!(
                "{label}: nothing is connected to its input '{name}'{what}, so it takes {} in \
                 every step",
                as_yaml(&value.into())
            );
            problems.warning(format!("unconnected_input:{name}"), position, message);
        }
    }
}
