//! In which order models step.

use shared::index::Index;
use shared::plan::ModelId;

use super::connection::Connection;
use super::initial::initial_value;
use super::loops::{self, Arrow, Loop};
use super::units::Units;
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Problems, as_yaml};

/// The order in which units step, which respects direct connections, by their first models. Reports loops: of
/// programs, and where there are none, of units.
pub(crate) fn find_order(
    candidates: &[Candidate],
    connections: &[Connection],
    units: &Units,
    problems: &mut Problems,
) -> Option<Vec<usize>> {
    let ordered = |node: &dyn Fn(usize) -> usize, is_one: &dyn Fn(&Connection) -> bool| {
        let arrow = |(place, connection): (usize, &Connection)| {
            let (from, to) = (connection.source_model?, connection.target_model?);
            (connection.is_direct() && !is_one(connection)).then(|| Arrow {
                from: node(from),
                to: node(to),
                connection: place,
                is_shiftable: missing_initial(&candidates[to], connection).is_none(),
            })
        };
        let arrows: Vec<Arrow> = connections.iter().enumerate().filter_map(arrow).collect();
        loops::order(candidates.len(), &arrows).map_err(|loops| (loops, node_of(candidates, node)))
    };
    let by_program = ordered(&|model| units.program(model), &|_| false);
    let by_unit = by_program.and_then(|_| {
        // Loops within one have been found already.
        ordered(&|model| units.first(model), &|connection| {
            units.is_inside(connection)
        })
    });
    match by_unit {
        Ok(order) => {
            let is_first = |model: &usize| units.first(*model) == *model;
            Some(order.into_iter().filter(is_first).collect())
        }
        Err((loops, nodes)) => {
            for found in &loops {
                report_loop(found, &nodes, candidates, connections, problems);
            }
            None
        }
    }
}

/// The node of each model.
fn node_of(candidates: &[Candidate], node: &dyn Fn(usize) -> usize) -> Vec<usize> {
    (0..candidates.len()).map(node).collect()
}

/// What has to be added under `inputs` of the target before a connection can be shifted.
fn missing_initial(target: &Candidate, connection: &Connection) -> Option<String> {
    let model_type = target.model_type.as_ref()?;
    let input = model_type.inputs.get(connection.input()?)?;
    match initial_value(target, model_type, input) {
        Some(_) => None,
        None => Some(format!(
            "{}: {}",
            input.name,
            as_yaml(&(&input.initial).into())
        )),
    }
}

/// The models of a node of a loop that connections of the loop lead to, or come from: `Net1 and Net2 (Grid)`.
fn on_loop(
    node: usize,
    found: &Loop,
    nodes: &[usize],
    candidates: &[Candidate],
    connections: &[Connection],
) -> String {
    let is_on_it = |model: usize| found.models.contains(&nodes[model]);
    let name = |model: usize| candidates[model].entry.name.as_deref().unwrap_or("?");
    let mut ends: Vec<usize> = Vec::new();
    for connection in connections
        .iter()
        .filter(|connection| connection.is_direct())
    {
        let (Some(from), Some(to)) = (connection.source_model, connection.target_model) else {
            continue;
        };
        let is_between = nodes[from] != nodes[to] || found.models.len() == 1;
        if is_on_it(from) && is_on_it(to) && is_between {
            ends.extend([from, to].into_iter().filter(|end| nodes[*end] == node));
        }
    }
    ends.sort_unstable();
    ends.dedup();
    match ends.as_slice() {
        [] => name(node).to_owned(),
        [only] => name(*only).to_owned(),
        several => {
            let names: Vec<&str> = several.iter().map(|model| name(*model)).collect();
            format!("{} (which step together)", names.join(" and "))
        }
    }
}

fn report_loop(
    found: &Loop,
    nodes: &[usize],
    candidates: &[Candidate],
    connections: &[Connection],
    problems: &mut Problems,
) {
    let around = found.models.iter().chain(found.models.first());
    let around: Vec<String> = around
        .map(|node| on_loop(*node, found, nodes, candidates, connections))
        .collect();
    let shifted: Vec<&Connection> = found
        .shift
        .iter()
        .map(|place| &connections[*place])
        .collect();
    let labels: Vec<String> = shifted
        .iter()
        .map(|connection| format!("{} (line {})", connection.label, connection.position.line))
        .collect();
    let mut initial: Vec<String> = shifted
        .iter()
        .filter_map(|connection| missing_initial(&candidates[connection.target_model?], connection))
        .map(|entry| format!("'{entry}'"))
        .collect();
    initial.dedup();
    let initial = match (initial.is_empty(), found.models.first(), shifted.first()) {
        (false, Some(_), Some(connection)) => format!(
            ", and {} under 'inputs' of {}",
            initial.join(", "),
            connection
                .target_model
                .map_or("its target", |model| &candidates[model].entry.label)
        ),
        _ => String::new(),
    };
    let message = format!(
        "loop without a time-shifted connection: {}; add 'time_shifted: true' to {}{initial}",
        around.join(" → "),
        labels.join(" and ")
    );
    if let Some(connection) = shifted.first() {
        problems.error("loop", connection.position, message);
    }
}

/// The units with a direct connection into each unit, in the order of the file.
pub(crate) fn direct_sources(units: &Units, connections: &[Connection]) -> Vec<Vec<ModelId>> {
    let mut sources = vec![Vec::new(); units.members().len()];
    let outside = connections
        .iter()
        .filter(|connection| connection.is_direct() && !units.is_inside(connection));
    for connection in outside {
        if let (Some(from), Some(to)) = (connection.source_model, connection.target_model) {
            sources[units.place(to)].push(ModelId::at(units.place(from)));
        }
    }
    for after in &mut sources {
        after.sort_unstable();
        after.dedup();
    }
    sources
}
