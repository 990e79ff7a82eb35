//! Whether time-shifted connections have something to deliver at the first tick.

use shared::index::Index;
use shared::model::{Input, InputSlot, ModelType, Section};
use shared::value::{Kind, Origin, Value};

use super::wording::described;
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Problems, as_yaml};
use crate::scenario::wiring::{Arrangement, Connection, begins_with_source, initial_value};

/// Checks that time-shifted connections into a model have something to deliver at the first tick.
pub(super) fn check_initial_values(
    candidate: &Candidate,
    arrangement: &Arrangement,
    connections: &[Connection],
    problems: &mut Problems,
) {
    let Some(model_type) = &candidate.model_type else {
        return;
    };
    if candidate.entry.is_broken(Section::Inputs) {
        return;
    }
    let lost = arrangement.superseded.iter().map(|(loser, _)| *loser);
    let fed = arrangement.feeds.iter().flat_map(|feed| &feed.connections);
    let mut places: Vec<usize> = lost.chain(fed.copied()).collect();
    places.sort_unstable();
    for place in places {
        let connection = &connections[place];
        if connection.shifted != Some(true) && !needs_first_value(candidate, connection) {
            continue;
        }
        let Some(input) = connection
            .input()
            .and_then(|input| model_type.inputs.get(input))
        else {
            continue;
        };
        let alone = arrangement
            .feeds
            .iter()
            .any(|feed| feed.connections.as_slice() == [place]);
        check_initial_value(candidate, model_type, input, connection, alone, problems);
    }
}

fn check_initial_value(
    candidate: &Candidate,
    model_type: &ModelType,
    input: &Input,
    connection: &Connection,
    alone: bool,
    problems: &mut Problems,
) {
    let name = &input.name;
    let label = &candidate.entry.label;
    let Some((value, position)) = initial_value(candidate, model_type, input) else {
        let how = if connection.weak.is_some() {
            "weak"
        } else {
            "time-shifted"
        };
        let message = format!(
            "{} is {how} and needs a value for the first step; add '{name}: {}' under \
             'inputs' of {label}",
            connection.label,
            as_yaml(&(&input.initial).into())
        );
        problems.error(
            format!("missing_initial:{name}"),
            connection.to_position,
            message,
        );
        return;
    };
    if candidate.entity.is_some() {
        // Its program knows what it takes.
        return;
    }
    if begins_with_source(model_type, input, &value) {
        return;
    }
    // That nothing flows at first is no assumption.
    let is_assumed = position.is_none() && value.as_number().is_some_and(|first| first != 0);
    if is_assumed && connection.shifted == Some(true) {
        let message = format!(
            "{} is time-shifted, and in the first step the type assumes {}{}; add '{name}: …' under 'inputs' of {label}",
            connection.label,
            as_yaml(&value),
            described(input)
        );
        problems.warning(
            format!("assumed_initial:{name}"),
            connection.to_position,
            message,
        );
    }
    let position = position.unwrap_or(connection.to_position);
    let code = format!("type_mismatch:{name}");
    let wanted = match connection.published.map(|p| p.origin) {
        Some(Origin::Output) if !Kind::Number.accepts(value.kind()) => Kind::Number,
        Some(Origin::State) if alone && !input.kind.accepts(value.kind()) => input.kind,
        _ => return,
    };
    let message = format!(
        "{label}: '{name}' under 'inputs' is the first value of {}, so it must be a {wanted}, \
         not {}",
        connection.label,
        as_yaml(&value)
    );
    if value == Value::Null
        && connection
            .published
            .is_some_and(|p| p.origin == Origin::State)
    {
        problems.warning(code, position, message);
    } else {
        problems.error(code, position, message);
    }
}

/// Whether a weak connection leads to something that is looked at in each step, and not only when it arrives.
fn needs_first_value(target: &Candidate, connection: &Connection) -> bool {
    let input = connection.input().map(InputSlot::at);
    let place = input.and_then(|input| target.place_input(input));
    let attribute = place.and_then(|place| place.attribute.as_ref());
    connection.weak.is_some() && attribute.is_some_and(|attribute| !attribute.is_trigger)
}
