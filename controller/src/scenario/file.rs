//! The scenario file: its keys, and what their values have to be. What the names in it mean is
//! not looked at here.

use std::path::PathBuf;

use shared::time::{Tick, TimeGrid, WallTime};

use super::entry::ModelEntry;
use super::fields::{Fields, filled_list, list, text, wrong_kind};
use super::graph::Dates;
use super::paths::backslash_in;
use super::problem::{Position, Problems};
use super::reference::Reference;
use super::yaml::{Content, Node, shortened};

/// The keys of the file.
const KEYS: &[&str] = &["scenario", "models", "connections", "monitor"];

/// The keys of the section `scenario`.
const SCENARIO_KEYS: &[&str] = &[
    "name",
    "start_time",
    "end_time",
    "time_resolution",
    "align_parameters",
];

/// The keys of the section `monitor`.
const MONITOR_KEYS: &[&str] = &["file", "items", "dates"];

/// Seconds per tick where the scenario does not say.
const DEFAULT_RESOLUTION: u32 = 900;

/// The result file where the scenario does not say.
const DEFAULT_RESULT: &str = "./out.csv";

/// A scenario file, as far as it could be read.
#[derive(Debug)]
pub(super) struct ScenarioFile {
    pub(super) name: Option<String>,
    /// Start and resolution as they are written. No ticks where the end is missing or wrong.
    pub(super) grid: Option<TimeGrid>,
    pub(super) models: Vec<ModelEntry>,
    /// Whether the names of all models could be read.
    pub(super) are_names_known: bool,
    /// `None` where there is no list of them.
    pub(super) connections: Option<Vec<ConnectionEntry>>,
    pub(super) result: Option<PathBuf>,
    pub(super) dates: Dates,
    pub(super) items: Vec<Reference>,
}

/// An entry under `connections`, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct ConnectionEntry {
    pub(super) from: Option<Reference>,
    pub(super) to: Option<Reference>,
    /// `None` where `time_shifted` is there and wrong.
    pub(super) shifted: Option<bool>,
}

impl ScenarioFile {
    /// Reads the document; `None` where it is no mapping.
    pub(super) fn read(root: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::of(root, "the scenario file", KEYS, problems)?;
        fields.refuse_unknown(problems);
        let mut file = Self {
            name: None,
            grid: None,
            models: Vec::new(),
            are_names_known: false,
            connections: None,
            result: None,
            dates: Dates::default(),
            items: Vec::new(),
        };
        if let Some(node) = fields.required("scenario", problems) {
            file.read_scenario(node, problems);
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
        if let Some(node) = fields.required("connections", problems)
            && let Some(entries) = list(node, "'connections'", problems)
        {
            let connections = entries.iter().enumerate();
            let read =
                connections.map(|(number, entry)| ConnectionEntry::read(entry, number, problems));
            file.connections = Some(read.collect());
        }
        if let Some(node) = fields.required("monitor", problems) {
            file.read_monitor(node, problems);
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

    fn read_monitor(&mut self, node: &Node, problems: &mut Problems) {
        let Some(fields) = Fields::of(node, "'monitor'", MONITOR_KEYS, problems) else {
            return;
        };
        fields.refuse_unknown(problems);
        self.result = match fields.get("file") {
            None => Some(DEFAULT_RESULT.into()),
            Some(_) => fields
                .text("file", problems)
                .and_then(|(path, place)| result_file(path, place, problems)),
        };
        if let Some((dates, place)) = fields.text("dates", problems) {
            match dates {
                "short" => self.dates = Dates::Short,
                "whole" => self.dates = Dates::Whole,
                other => {
                    let message = format!(
                        "'dates' of 'monitor' must be 'whole' (every row has date and time) or \
                         'short' (a row at midnight has no time), not '{}'",
                        shortened(other)
                    );
                    problems.error("invalid_choice", place, message);
                }
            }
        }
        let Some(items) = fields.required("items", problems) else {
            return;
        };
        let items = filled_list(items, &fields.name_of("items"), problems).unwrap_or_default();
        for (number, item) in items.iter().enumerate() {
            let name = format!("monitor item {}", number + 1);
            self.items.extend(Reference::of(item, &name, problems));
        }
    }
}

fn result_file(path: &str, place: Position, problems: &mut Problems) -> Option<PathBuf> {
    let shown = shortened(path);
    if path.contains('\0') {
        let message = "'file' of 'monitor' contains a character that no path has";
        problems.error("invalid_path", place, message);
        return None;
    }
    if let Some(what) = backslash_in(path) {
        let message = format!("'file' of 'monitor': {what}");
        problems.error("invalid_path", place, message);
        return None;
    }
    let file = PathBuf::from(path);
    if path.ends_with(std::path::is_separator) || file.is_dir() {
        let message = format!("'file' of 'monitor': '{shown}' is a folder; name a file in it");
        problems.error("result_is_folder", place, message);
        return None;
    }
    Some(file)
}

/// Start, resolution and length. Where the end is missing or wrong there are no ticks.
fn read_grid(fields: &Fields<'_>, problems: &mut Problems) -> Option<TimeGrid> {
    let start = read_time(fields, "start_time", problems);
    let end = read_time(fields, "end_time", problems);
    let resolution = match fields.get("time_resolution") {
        None => Some(DEFAULT_RESOLUTION),
        Some(_) => fields.integer("time_resolution", 1..=u32::MAX, problems),
    };
    let (start, _) = start?;
    let seconds = end.map_or(0, |(end, _)| end.seconds() - start.seconds());
    if let Some((end, place)) = end
        && seconds <= 0
    {
        let message = format!(
            "'end_time' must be later than 'start_time', and {end} is not later than {start}"
        );
        problems.error("end_before_start", place, message);
    }
    let resolution = resolution?;
    let ticks = Tick::try_from(seconds).unwrap_or(0) / Tick::from(resolution);
    if let Some((_, place)) = end
        && seconds > 0
        && ticks == 0
    {
        let message = format!(
            "the run is shorter than one step of {resolution} s, so nothing is simulated and the \
             result file has a header only"
        );
        problems.warning("no_steps", place, message);
    }
    if let Some((end, place)) = end
        && ticks > 0
        && let rest @ 1.. = seconds % i64::from(resolution)
    {
        let last = start.plus(seconds - rest);
        let whole = start.plus(seconds - rest + i64::from(resolution));
        let message = format!(
            "'end_time' {end} lies inside a tick of {resolution} s, and the tick at {last} is not \
             simulated; write '{whole}' to have it, or '{last}' to end before it"
        );
        problems.warning("end_inside_tick", place, message);
    }
    Some(TimeGrid {
        start,
        resolution,
        ticks,
    })
}

/// A date and time. An unquoted one is reported and read all the same, so that what depends on it
/// can be checked.
fn read_time(
    fields: &Fields<'_>,
    key: &str,
    problems: &mut Problems,
) -> Option<(WallTime, Position)> {
    let node = fields.required(key, problems)?;
    let name = fields.name_of(key);
    if let Content::Timestamp(written) = &node.content {
        let read =
            WallTime::parse(written).or_else(|| WallTime::parse(&format!("{written} 00:00:00")));
        let right = read.map_or("YYYY-MM-DD HH:mm:ss".to_owned(), |time| time.to_string());
        let message = format!("{name} must be in quotes: '{right}'");
        problems.error("unquoted_time", node.position, message);
        return read.map(|time| (time, node.position));
    }
    let Content::Text(_) = &node.content else {
        let wanted = "a date and time in quotes, such as '2012-06-01 00:00:00'";
        wrong_kind(node, &name, wanted, problems);
        return None;
    };
    let written = text(node, &name, problems)?;
    let time = WallTime::parse(written);
    if time.is_none() {
        let message = if has_form(written) {
            format!("{name}: there is no '{written}' in the calendar")
        } else {
            format!(
                "{name} must have the form '2012-06-01 00:00:00', not '{}'",
                shortened(written)
            )
        };
        problems.error("invalid_time", node.position, message);
    }
    time.map(|time| (time, node.position))
}

/// Whether a text has the form of a date and time, real or not.
fn has_form(written: &str) -> bool {
    let pattern = written
        .bytes()
        .map(|b| if b.is_ascii_digit() { b'd' } else { b });
    pattern.eq(*b"dddd-dd-dd dd:dd:dd")
}

impl ConnectionEntry {
    fn read(node: &Node, number: usize, problems: &mut Problems) -> Self {
        let object = format!("connection number {}", number + 1);
        let known = &["from", "to", "time_shifted"];
        let Some(fields) = Fields::of(node, object, known, problems) else {
            return Self::default();
        };
        fields.refuse_unknown(problems);
        let mut end = |key: &str| {
            let node = fields.required(key, problems)?;
            Reference::of(node, &fields.name_of(key), problems)
        };
        let (from, to) = (end("from"), end("to"));
        let shifted = match fields.get("time_shifted") {
            None => Some(false),
            Some(_) => fields.boolean("time_shifted", problems),
        };
        Self { from, to, shifted }
    }
}
