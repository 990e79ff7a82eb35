//! What the scenario says of entities, against what their simulators say.

use shared::model::{Registry, Section};

use crate::scenario::entries::{Given, SimulatorEntry};
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Problems, nearest, shortened, suggestion};
use crate::scenario::wiring::{Connection, Units};

/// Refuses connections that only simulators can have, where others are at one of their ends.
pub(crate) fn refuse_turns_elsewhere(
    candidates: &[Candidate],
    connections: &[Connection],
    problems: &mut Problems,
) {
    for connection in connections {
        let ends = [connection.source_model, connection.target_model];
        let is_other = |model: &usize| candidates[*model].entity.is_none();
        let Some(other) = ends.into_iter().flatten().find(is_other) else {
            continue;
        };
        for (place, key, what) in [
            (
                connection.weak,
                "weak",
                "goes through a loop again within a tick",
            ),
            (
                connection.asynchronous,
                "async_requests",
                "asks for values in the middle of a step",
            ),
        ] {
            if let Some(place) = place {
                let message = format!(
                    "{}: '{key}' is for connections between simulators, and '{}' is of the Illuminator: \
                     nothing there {what}; remove '{key}'",
                    connection.label,
                    candidates[other].name()
                );
                problems.error("only_between_simulators", place, message);
            }
        }
    }
}

/// Checks what is said of entities against what their simulators say, and that the programs of a unit can be in one
/// place.
pub(crate) fn check_entities(
    simulators: &[SimulatorEntry],
    candidates: &[Candidate],
    units: &Units,
    problems: &mut Problems,
) {
    for candidate in candidates {
        warn_of_unknown_keys(candidate, problems);
        if let Some(entity) = candidate.entity.as_ref().filter(|entity| entity.is_class) {
            warn_of_parameters(candidate, &simulators[entity.simulator].name, problems);
        }
    }
    for members in units.members() {
        refuse_two_places(members, candidates, problems);
    }
}

fn warn_of_unknown_keys(candidate: &Candidate, problems: &mut Problems) {
    let Some(met) = candidate.met() else { return };
    for section in [Section::Inputs, Section::Outputs, Section::States] {
        for Given { name, position, .. } in candidate.entry.given(section) {
            if let Some(why) = met.check_key(candidate.name(), name) {
                let key = section.key();
                let message = format!(
                    "{}: this value under '{key}' is not used, because {why}",
                    candidate.entry.label
                );
                let what = key.trim_end_matches('s');
                problems.warning(format!("unknown_{what}:{name}"), *position, message);
            }
        }
    }
}

/// The parameters that a class in Python does not have.
fn warn_of_parameters(candidate: &Candidate, class: &str, problems: &mut Problems) {
    let Some(met) = candidate.met() else { return };
    let known = met.description.entity_type(&met.entity.entity_type);
    let known: Vec<&str> = known.map_or(Vec::new(), |known| {
        known.parameters.iter().map(String::as_str).collect()
    });
    for Given { name, position, .. } in candidate.entry.given(Section::Parameters) {
        let is_misspelt = nearest(name, known.iter().copied()).is_some();
        if !known.contains(&&**name) && is_misspelt {
            let message = format!(
                "{}: the class '{class}' does not use a parameter '{}'{}",
                candidate.entry.label,
                shortened(name),
                suggestion(name, "parameters", &known)
            );
            problems.warning(format!("unknown_parameter:{name}"), *position, message);
        }
    }
}

/// Simulators that have to take turns are in one place.
fn refuse_two_places(members: &[usize], candidates: &[Candidate], problems: &mut Problems) {
    let place = |model: usize| {
        let connect = candidates[model].entry.connect.as_ref();
        connect.map(|connect| (connect.host.as_str(), connect.port))
    };
    let Some((&first, others)) = members.split_first() else {
        return;
    };
    if let Some(&other) = others.iter().find(|other| place(**other) != place(first)) {
        let entry = &candidates[other].entry;
        let message = format!(
            "{}: it steps together with '{}' (line {}), so both need the same 'connect', or none",
            entry.label,
            candidates[first].name(),
            candidates[first].entry.position.line
        );
        problems.error("unit_in_two_places", entry.position, message);
    }
}

/// Warns of simulators that nobody uses. Returns which of them take the place of a built-in type.
pub(crate) fn notes(
    simulators: &[SimulatorEntry],
    candidates: &[Candidate],
    catalogue: &Registry,
    problems: &mut Problems,
) -> Vec<String> {
    let mut notes = Vec::new();
    for (place, simulator) in simulators.iter().enumerate() {
        let is_of_it = |candidate: &Candidate| {
            let entity = candidate.entity.as_ref();
            entity.is_some_and(|entity| entity.simulator == place)
        };
        let SimulatorEntry { name, label, .. } = simulator;
        if !candidates.iter().any(is_of_it) {
            let wanted = if simulator.is_class() { "" } else { "', or '" };
            let of_models = if simulator.is_class() {
                String::new()
            } else {
                format!("{name}.MODEL")
            };
            let message = format!(
                "{label} is not started, because no model is of the type '{name}{wanted}{of_models}'; add one, \
                 or remove it"
            );
            problems.warning("unused_simulator", simulator.position, message);
        } else if catalogue.find(name).is_some() {
            notes.push(format!(
                "{label} takes the place of the built-in type '{name}' in this scenario"
            ));
        }
    }
    notes
}
