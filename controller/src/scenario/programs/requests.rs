//! From entries to what is asked of a host.

use std::path::Path;
use std::sync::Arc;

use foreign::{EntityRequest, SimulatorRequest};
use shared::model::{Entries, ModelConfig, Section};
use shared::time::TimeGrid;
use shared::value::Value;

use crate::scenario::entries::{SECTIONS, SimulatorEntry};
use crate::scenario::models::Candidate;

/// A program that is to be started, and the models that it is to make.
pub(super) struct Wanted {
    pub(super) request: SimulatorRequest,
    /// The simulator, as a place in the scenario's section.
    pub(super) simulator: usize,
    /// The models, in the order of the file.
    pub(super) models: Vec<usize>,
}

/// The programs of a scenario: a simulator for all of its models, and a class in Python for each.
pub(super) fn programs(
    simulators: &[SimulatorEntry],
    candidates: &[Candidate],
    grid: TimeGrid,
    scenario: &str,
) -> Vec<Wanted> {
    let folders = folders(scenario);
    let mut all = Vec::new();
    for (place, simulator) in simulators.iter().enumerate() {
        let is_of_it = |model: &usize| {
            let entity = candidates[*model].entity.as_ref();
            entity.is_some_and(|entity| entity.simulator == place)
        };
        let models: Vec<usize> = (0..candidates.len()).filter(is_of_it).collect();
        let groups: Vec<Vec<usize>> = if simulator.is_class() {
            models.into_iter().map(|model| vec![model]).collect()
        } else if models.is_empty() {
            Vec::new()
        } else {
            vec![models]
        };
        for models in groups {
            if let Some(request) = request(simulator, &models, candidates, grid, &folders) {
                all.push(Wanted {
                    request,
                    simulator: place,
                    models,
                });
            }
        }
    }
    all
}

fn request(
    simulator: &SimulatorEntry,
    models: &[usize],
    candidates: &[Candidate],
    grid: TimeGrid,
    folders: &[String],
) -> Option<SimulatorRequest> {
    let first = &candidates[*models.first()?];
    let is_class = simulator.is_class();
    let (name, init) = if is_class {
        (first.name().to_owned(), entry_of(first, grid))
    } else {
        (simulator.name.clone(), simulator.init.clone())
    };
    let entity = |model: &usize| {
        let candidate = &candidates[*model];
        let entity = candidate.entity.as_ref();
        let parameters = candidate.entry.config().parameters.unwrap_or_default();
        EntityRequest {
            name: candidate.name().to_owned(),
            model: entity.and_then(|entity| entity.model.clone()),
            parameters: if is_class { Entries::new() } else { parameters },
        }
    };
    Some(SimulatorRequest {
        name,
        listed_as: simulator.name.clone(),
        program: simulator.program.clone()?,
        folders: folders.to_vec(),
        resolution: grid.resolution,
        ticks: grid.ticks,
        init,
        entities: models.iter().map(entity).collect(),
        calls: simulator.calls.clone(),
        pipeline: simulator.pipeline,
    })
}

/// What a class in Python is told of its model: `sim_params`, with its entry under its name; and when the run
/// begins, for readers of files.
fn entry_of(candidate: &Candidate, grid: TimeGrid) -> Entries {
    let config: ModelConfig = candidate.entry.config();
    let text = |key: &str, text: &str| (Arc::from(key), Value::text(text));
    let mut entry = vec![text("name", &config.name), text("type", &config.model_type)];
    for section in SECTIONS {
        if let Some(entries) = config.section(section) {
            entry.push((Arc::from(Section::key(section)), map(entries.clone())));
        }
    }
    if let Some(size) = config.time_step_size {
        let size = Value::Int(i64::from(size));
        entry.push((Arc::from("time_step_size"), size));
    }
    let entries = vec![(Arc::from(config.name.as_str()), map(entry))];
    vec![
        (Arc::from("sim_params"), map(entries)),
        text("start_time", &grid.start.to_string()),
    ]
}

fn map(entries: Entries) -> Value {
    Value::Map(entries.into())
}

/// Where modules in Python are looked for: the working directory, and the folder of the scenario.
fn folders(scenario: &str) -> Vec<String> {
    let beside = Path::new(scenario).parent().unwrap_or(Path::new(""));
    let absolute = |folder: &Path| {
        let folder = std::env::current_dir().ok()?.join(folder);
        Some(folder.display().to_string())
    };
    let mut folders: Vec<String> = [Path::new(""), beside]
        .into_iter()
        .filter_map(absolute)
        .collect();
    folders.dedup();
    folders
}
