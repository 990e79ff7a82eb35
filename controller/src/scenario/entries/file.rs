//! The scenario file: its keys, and what their values have to be. What the names in it mean is
//! not looked at here.

use shared::time::TimeGrid;

use super::connection::ConnectionEntry;
use super::fields::{Fields, list};
use super::grid::read_grid;
use super::model::ModelEntry;
use super::monitor::MonitorEntry;
use super::reference::ModelNames;
use super::simulator::{SimulatorEntry, read_simulators};
use crate::scenario::problems::Problems;
use crate::scenario::yaml::Node;

/// The keys of the file.
const KEYS: &[&str] = &["scenario", "simulators", "models", "connections", "monitor"];

/// The keys of the section `scenario`.
const SCENARIO_KEYS: &[&str] = &[
    "name",
    "start_time",
    "end_time",
    "time_resolution",
    "align_parameters",
];

/// A scenario file, as far as it could be read.
#[derive(Debug)]
pub(crate) struct ScenarioFile {
    pub(crate) name: Option<String>,
    /// Start and resolution as they are written. No ticks where the end is missing or wrong.
    pub(crate) grid: Option<TimeGrid>,
    /// Programs whose models are models of the scenario.
    pub(crate) simulators: Vec<SimulatorEntry>,
    pub(crate) models: Vec<ModelEntry>,
    /// Whether the names of all models could be read.
    pub(crate) are_names_known: bool,
    /// `None` where there is no list of them.
    pub(crate) connections: Option<Vec<ConnectionEntry>>,
    pub(crate) monitor: MonitorEntry,
}

impl ScenarioFile {
    /// Reads the document; `None` where it is no mapping.
    pub(crate) fn read(root: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::of(root, "the scenario file", KEYS, problems)?;
        fields.refuse_unknown(problems);
        let mut file = Self {
            name: None,
            grid: None,
            simulators: Vec::new(),
            models: Vec::new(),
            are_names_known: false,
            connections: None,
            monitor: MonitorEntry::default(),
        };
        if let Some(node) = fields.required("scenario", problems) {
            file.read_scenario(node, problems);
        }
        if let Some(node) = fields.get("simulators") {
            file.simulators = read_simulators(node, problems);
        }
        if let Some(node) = fields.required("models", problems)
            && let Some(entries) = list(node, "'models'", problems)
        {
            let models = entries.iter().enumerate();
            file.models = models
                .filter_map(|(number, entry)| ModelEntry::read(entry, number, problems))
                .collect();
            file.are_names_known = file.models.len() == entries.len()
                && file.models.iter().all(|model| model.name.is_some());
        }
        let names = ModelNames::of(&file.models, &file.simulators);
        if let Some(node) = fields.required("connections", problems)
            && let Some(entries) = list(node, "'connections'", problems)
        {
            let connections = entries.iter().enumerate();
            let read = connections
                .map(|(number, entry)| ConnectionEntry::read(entry, number, &names, problems));
            file.connections = Some(read.collect());
        }
        if let Some(node) = fields.required("monitor", problems) {
            file.monitor = MonitorEntry::read(node, &names, problems);
        }
        Some(file)
    }

    fn read_scenario(&mut self, node: &Node, problems: &mut Problems) {
        let Some(fields) = Fields::of(node, "'scenario'", SCENARIO_KEYS, problems) else {
            return;
        };
        fields.refuse_unknown(problems);
        let name = fields.required_text("name", problems);
        self.name = name.map(|(name, _)| name.to_owned());
        if fields.boolean("align_parameters", problems).is_some()
            && let Some(place) = fields.place_of("align_parameters")
        {
            let message = "a single run ignores 'align_parameters'";
            problems.warning("ignored_key", place, message);
        }
        self.grid = read_grid(&fields, problems);
    }
}
