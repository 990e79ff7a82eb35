//! Inputs that a model has in place of others, and those that take one connection only.

use shared::index::Index;
use shared::model::{Input, InputSlot, ModelType};

use crate::scenario::models::Candidate;
use crate::scenario::problems::Problems;
use crate::scenario::wiring::{Arrangement, Connection, Feed};

/// Refuses connections to inputs that the model does not have as it is configured.
pub(super) fn refuse_left_out(
    candidate: &Candidate,
    feed: &Feed,
    connections: &[Connection],
    problems: &mut Problems,
) {
    let instance = candidate.instance.as_ref();
    let Some(why) = instance.and_then(|i| i.lacks(InputSlot::at(feed.input))) else {
        return;
    };
    for connection in feed.connections.iter().map(|place| &connections[*place]) {
        let (label, to_text) = (&connection.label, &connection.to_text);
        let (_, name) = to_text.split_once('.').unwrap_or(("", to_text));
        let message = format!("{label}: {why}");
        let code = format!("wrong_variant:{name}");
        problems.error(code, connection.to_position, message);
    }
}

/// Refuses more than one connection into an input that takes one.
pub(super) fn refuse_several(
    input: &Input,
    feed: &Feed,
    connections: &[Connection],
    problems: &mut Problems,
) {
    let mut places = feed.connections.clone();
    places.sort_unstable();
    let (true, [first, others @ ..]) = (input.is_single, places.as_slice()) else {
        return;
    };
    let first = &connections[*first];
    for connection in others.iter().map(|place| &connections[*place]) {
        let message = format!(
            "{}: '{}' takes one connection, and '{}' (line {}) leads there already; remove one of \
             the two",
            connection.label, connection.to_text, first.from_text, first.position.line
        );
        let code = format!("several_sources:{}", input.name);
        problems.error(code, connection.to_position, message);
    }
}

/// Refuses connections to both names of one input.
pub(super) fn refuse_both_names(
    candidate: &Candidate,
    model_type: &ModelType,
    arrangement: &Arrangement,
    connections: &[Connection],
    problems: &mut Problems,
) {
    let fed = |name: &str| {
        let place = model_type.inputs.iter().position(|i| i.name == name)?;
        let mut feeds = arrangement.feeds.iter();
        let feed = feeds.find(|feed| feed.input == place)?;
        feed.connections.iter().min().map(|at| &connections[*at])
    };
    for input in &*model_type.inputs {
        let Some(other) = input.instead_of.as_deref() else {
            continue;
        };
        let (Some(second), Some(first)) = (fed(&input.name), fed(other)) else {
            continue;
        };
        let (name, label) = (&input.name, &candidate.entry.label);
        let message = format!(
            "{label}: '{other}' (line {}) and '{name}' (line {}) are two names of one input, and \
             both are connected; connect '{other}' or '{name}', not both",
            first.to_position.line, second.to_position.line
        );
        problems.error(
            format!("both_names:{name}"),
            second.to_position.max(first.to_position),
            message,
        );
    }
}

/// The second name of an input, and its place.
pub(super) fn second_name<'a>(model_type: &'a ModelType, name: &str) -> Option<(usize, &'a Input)> {
    let mut inputs = model_type.inputs.iter().enumerate();
    inputs.find(|(_, input)| input.instead_of.as_deref() == Some(name))
}
