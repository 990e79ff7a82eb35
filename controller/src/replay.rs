//! A journal that was written in an earlier run, read so that what came from outside comes again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use shared::cable::CableId;
use shared::index::Table;
use shared::journal::{Adjustment, What};
use shared::plan::ModelId;
use shared::time::Tick;
use thiserror::Error;

use crate::adjusting::Adjustables;
use crate::outputs::{JOURNAL_HEADER, STEP};
use crate::scenario::Graph;

/// Why a journal cannot be replayed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("the journal '{}' cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: csv::Error,
    },
    /// A line is none of a journal of this scenario.
    #[error("{}:{line}: {what}", .path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it, and what would be right.
        what: String,
    },
}

/// What came from outside, by model, in the order of the ticks.
pub(crate) type Records = Table<ModelId, Vec<(Tick, What)>>;

/// Reads a journal of a scenario.
pub(crate) fn read(
    path: &Path,
    graph: &Graph,
    adjustables: &Adjustables,
) -> Result<Records, ReplayError> {
    let file = File::open(path).map_err(|cause| ReplayError::Unreadable {
        path: path.to_owned(),
        cause: cause.into(),
    })?;
    read_from(file, path, graph, adjustables)
}

/// Reads a journal of a scenario from a file that is open; the path is for messages.
pub(crate) fn read_from(
    file: impl Read,
    path: &Path,
    graph: &Graph,
    adjustables: &Adjustables,
) -> Result<Records, ReplayError> {
    let unreadable = |cause| ReplayError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(file);
    let mut records: Records = graph.models.iter().map(|_| Vec::new()).collect();
    let mut has_header = false;
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let line = row.position().map_or(1, csv::Position::line);
        let wrong = |what| ReplayError::Wrong {
            path: path.to_owned(),
            line,
            what,
        };
        if !std::mem::replace(&mut has_header, true) {
            check_header(&row).map_err(wrong)?;
            continue;
        }
        let (model, tick, what) = entry(&row, graph, adjustables).map_err(wrong)?;
        records[model].push((tick, what));
    }
    if !has_header {
        return Err(ReplayError::Wrong {
            path: path.to_owned(),
            line: 1,
            what: format!("it is empty; a journal begins with '{JOURNAL_HEADER}'"),
        });
    }
    for record in &mut records {
        record.sort_by_key(|(tick, _)| *tick);
    }
    Ok(records)
}

/// Values by their names, `Model.houses`.
pub(crate) fn values(
    given: &BTreeMap<String, f64>,
    adjustables: &Adjustables,
) -> Result<Vec<(ModelId, Adjustment)>, String> {
    let value = |(name, value): (&String, &f64)| {
        let (model, attribute) = name.split_once('.').unwrap_or((name, ""));
        adjustables.adjustment(model, attribute, *value)
    };
    given.iter().map(value).collect()
}

fn check_header(row: &csv::StringRecord) -> Result<(), String> {
    let fields: Vec<&str> = row.iter().collect();
    let first = fields.join(",");
    // Some editors put a mark there that says nothing.
    if first.strip_prefix('\u{feff}').unwrap_or(&first) == JOURNAL_HEADER {
        return Ok(());
    }
    Err(format!(
        "'{}' is not the first line of a journal, which is '{JOURNAL_HEADER}'",
        shown(&first)
    ))
}

/// What a line says.
fn entry(
    row: &csv::StringRecord,
    graph: &Graph,
    adjustables: &Adjustables,
) -> Result<(ModelId, Tick, What), String> {
    let fields: Vec<&str> = row.iter().collect();
    let [tick, model, what, value] = fields.as_slice() else {
        return Err(format!(
            "{} fields, and a journal has four: {JOURNAL_HEADER}",
            fields.len()
        ));
    };
    let (tick, id) = (tick_of(tick, graph)?, model_of(model, graph)?);
    let changed = what
        .strip_prefix("parameter ")
        .or_else(|| what.strip_prefix("input "));
    if let Some(attribute) = changed {
        let number = value
            .parse()
            .map_err(|_| format!("'{}' is no number", shown(value)))?;
        let (id, adjustment) = adjustables.adjustment(model, attribute, number)?;
        return Ok((id, tick, What::Adjusted(adjustment)));
    }
    if *what == STEP {
        let simulator = simulator_of(value, model, id, graph)?;
        return Ok((id, tick, What::Asked { simulator }));
    }
    let socket = socket_of(what, model, id, graph)?;
    let cable = match *value {
        "" => None,
        id => Some(CableId::parse(id).ok_or_else(|| {
            format!(
                "'{}' is no id of a cable: one printable character, or nothing where it is gone",
                shown(id)
            )
        })?),
    };
    Ok((id, tick, What::Seen { socket, cable }))
}

fn tick_of(text: &str, graph: &Graph) -> Result<Tick, String> {
    let ticks = graph.grid.ticks;
    let tick: Tick = text
        .parse()
        .map_err(|_| format!("'{}' is no tick: a whole number from 0 on", shown(text)))?;
    if tick < ticks {
        return Ok(tick);
    }
    Err(format!(
        "tick {tick} lies behind the end of the scenario, which has {ticks}; is it the journal of another one?"
    ))
}

fn model_of(name: &str, graph: &Graph) -> Result<ModelId, String> {
    let mut models = graph.models.enumerate();
    let found = models.find(|(_, model)| model.config.name == name);
    found.map(|(id, _)| id).ok_or_else(|| {
        format!(
            "the scenario has no model '{}'; is it the journal of another one?",
            shown(name)
        )
    })
}

/// The socket of a model that a line is about.
fn socket_of(what: &str, name: &str, id: ModelId, graph: &Graph) -> Result<u8, String> {
    let sockets = graph.models[id].instance.sockets.as_ref();
    let sockets = sockets.map_or(0, |wish| wish.devices.len());
    let number = what.strip_prefix("socket ");
    let Some(number) = number.and_then(|number| number.parse::<u8>().ok()) else {
        return Err(format!(
            "'{}' is nothing that this version knows; it knows 'socket 0' and so on, '{STEP}', 'parameter NAME' and \
             'input NAME'",
            shown(what)
        ));
    };
    if usize::from(number) < sockets {
        return Ok(number);
    }
    Err(match sockets {
        0 => format!("model '{name}' has no sockets"),
        _ => format!(
            "model '{name}' has no socket {number}, but 0 to {}",
            sockets - 1
        ),
    })
}

/// The simulator of a model that a line is about.
fn simulator_of(value: &str, name: &str, id: ModelId, graph: &Graph) -> Result<u16, String> {
    let programs = graph.models[id].programs.as_ref();
    let simulators = programs.map_or(0, |programs| programs.simulators);
    if let Ok(place) = value.parse::<u16>()
        && usize::from(place) < simulators
    {
        return Ok(place);
    }
    Err(match simulators {
        0 => format!("'{name}' is no model that programs step, so none of them asks for a step"),
        _ => format!(
            "'{}' is no simulator of '{name}', which has 0 to {}",
            shown(value),
            simulators - 1
        ),
    })
}

/// So much of a text as a message needs.
fn shown(text: &str) -> String {
    text.chars()
        .take(60)
        .collect::<String>()
        .escape_debug()
        .to_string()
}
