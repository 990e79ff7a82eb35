//! In which order models step.

use shared::index::Index;
use shared::plan::ModelId;

use super::connection::Connection;
use super::initial::initial_value;
use super::loops::{self, Arrow, Loop};
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Problems, as_yaml};

/// The order in which models step, which respects direct connections. Reports loops of them.
pub(crate) fn find_order(
    candidates: &[Candidate],
    connections: &[Connection],
    problems: &mut Problems,
) -> Option<Vec<usize>> {
    let arrow = |(place, connection): (usize, &Connection)| {
        let (from, to) = (connection.source_model?, connection.target_model?);
        (connection.shifted == Some(false)).then(|| Arrow {
            from,
            to,
            connection: place,
            is_shiftable: missing_initial(&candidates[to], connection).is_none(),
        })
    };
    let arrows: Vec<Arrow> = connections.iter().enumerate().filter_map(arrow).collect();
    match loops::order(candidates.len(), &arrows) {
        Ok(order) => Some(order),
        Err(loops) => {
            for found in &loops {
                report_loop(found, candidates, connections, problems);
            }
            None
        }
    }
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

fn report_loop(
    found: &Loop,
    candidates: &[Candidate],
    connections: &[Connection],
    problems: &mut Problems,
) {
    let name = |model: &usize| candidates[*model].entry.name.as_deref().unwrap_or("?");
    let around = found.models.iter().chain(found.models.first());
    let around: Vec<&str> = around.map(name).collect();
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

/// The models with a direct connection into each model, in the order of the file.
pub(crate) fn direct_sources(models: usize, connections: &[Connection]) -> Vec<Vec<ModelId>> {
    let mut sources = vec![Vec::new(); models];
    for connection in connections
        .iter()
        .filter(|connection| connection.shifted == Some(false))
    {
        if let (Some(from), Some(to)) = (connection.source_model, connection.target_model) {
            sources[to].push(ModelId::at(from));
        }
    }
    for after in &mut sources {
        after.sort_unstable();
        after.dedup();
    }
    sources
}
