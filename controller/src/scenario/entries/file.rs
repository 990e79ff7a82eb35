//! The scenario file: its keys, and what their values have to be. What the names in it mean is
//! not looked at here.

use shared::time::TimeGrid;

use super::connection::ConnectionEntry;
use super::fields::{Fields, list};
use super::grid::read_grid;
use super::indicator::{IndicatorEntry, read_indicators};
use super::model::ModelEntry;
use super::monitor::MonitorEntry;
use super::reference::ModelNames;
use super::simulator::{SimulatorEntry, read_simulators};
use crate::scenario::problems::{Position, Problems};
use crate::scenario::yaml::Node;

/// The keys of the file.
const KEYS: &[&str] = &[
    "scenario",
    "simulators",
    "models",
    "connections",
    "monitor",
    "indicators",
];

/// The keys of the section `scenario`.
const SCENARIO_KEYS: &[&str] = &[
    "name",
    "start_time",
    "end_time",
    "time_resolution",
    "align_parameters",
];

/// A scenario file, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct ScenarioFile {
    pub(crate) name: Option<String>,
    /// Start and resolution as they are written. No ticks where the end is missing or wrong.
    pub(crate) grid: Option<TimeGrid>,
    /// Whether the values of a sweep belong together one by one, and where that is said.
    pub(crate) aligned: Option<(bool, Position)>,
    /// Programs whose models are models of the scenario.
    pub(crate) simulators: Vec<SimulatorEntry>,
    pub(crate) models: Vec<ModelEntry>,
    /// Whether the names of all models could be read.
    pub(crate) are_names_known: bool,
    /// `None` where there is no list of them.
    pub(crate) connections: Option<Vec<ConnectionEntry>>,
    pub(crate) monitor: MonitorEntry,
    /// What is one number of each variant in a sweep.
    pub(crate) indicators: Vec<IndicatorEntry>,
    /// Rows have what these are made of, as in a sweep.
    pub(crate) has_indicators_in_rows: bool,
}

impl ScenarioFile {
    /// Reads the document; `None` where it is no mapping.
    pub(crate) fn read(root: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::of(root, "the scenario file", KEYS, problems)?;
        fields.refuse_unknown(problems);
        let mut file = Self {
            name: None,
            grid: None,
            aligned: None,
            simulators: Vec::new(),
            models: Vec::new(),
            are_names_known: false,
            connections: None,
            monitor: MonitorEntry::default(),
            indicators: Vec::new(),
            has_indicators_in_rows: false,
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
        if let Some(node) = fields.get("indicators") {
            file.indicators = read_indicators(node, &names, problems);
        }
        Some(file)
    }

    /// The names of its models.
    pub(crate) fn names(&self) -> ModelNames<'_> {
        ModelNames::of(&self.models, &self.simulators)
    }

    fn read_scenario(&mut self, node: &Node, problems: &mut Problems) {
        let Some(fields) = Fields::of(node, "'scenario'", SCENARIO_KEYS, problems) else {
            return;
        };
        fields.refuse_unknown(problems);
        let name = fields.required_text("name", problems);
        self.name = name.map(|(name, _)| name.to_owned());
        let aligned = fields.boolean("align_parameters", problems);
        self.aligned = aligned.zip(fields.place_of("align_parameters"));
        self.grid = read_grid(&fields, problems);
    }

    /// Warns of what says how a sweep is, in a single run.
    pub(crate) fn warn_of_sweep(&self, problems: &mut Problems) {
        if let Some((_, place)) = self.aligned {
            let message =
                "a single run ignores 'align_parameters', which 'controller sweep' follows";
            problems.warning("ignored_key", place, message);
        }
        for model in &self.models {
            if let Some(place) = model.varied_at {
                let message = format!(
                    "{}: a single run ignores 'multi_parameters', which 'controller sweep' follows",
                    model.label
                );
                problems.warning("ignored_key", place, message);
            }
        }
    }
}
