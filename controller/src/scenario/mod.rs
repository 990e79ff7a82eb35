//! From the text of a scenario file to a graph that is checked in full and ready to run.
//!
//! A file that cannot run gets all its errors at once, each with its place; nothing is run. The
//! way goes in stages, and each takes what the one before could make of the file, so that an error
//! here does not hide another one there:
//!
//! 1. `yaml`: text → tree with places; what is valid YAML, and what plain scalars mean.
//! 2. `file`: tree → typed entries; which keys there are and what their values have to be.
//! 3. `models`: entries → instances; types are found, parameters checked, data files opened.
//! 4. `assemble`: names → places; connections, loops, monitor items; the [`Graph`]. With the
//!    connections known, `data` looks at what is in the data files.
//!
//! Nothing of this depends on where models will run.

mod address;
mod arrangement;
mod assemble;
mod attributes;
mod data;
mod entry;
mod excerpt;
mod feeding;
mod fields;
mod file;
mod foreign;
mod graph;
mod leds;
mod links;
mod loops;
mod models;
mod names;
mod paths;
mod plausible;
mod problem;
mod reference;
mod spelling;
mod sweep;
mod units;
mod values;
mod wiring;
mod yaml;

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use shared::files::Files;
use shared::model::Registry;

pub use address::Connect;
pub(crate) use address::check_host;
pub use excerpt::Excerpt;
pub use graph::{Dates, Graph, GraphModel, InputWiring, Monitor, MonitorItem, Source};
pub(crate) use paths::backslash_in;
pub use problem::{Position, Problem, Problems, Severity};

/// Why there is no graph.
#[derive(Debug)]
pub enum LoadError {
    /// The scenario file cannot be read at all.
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The scenario has errors. Its warnings are there as well.
    Refused(Problems),
}

/// All problems, one a line; with `{:#}` with the lines that they are about.
impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Unreadable { path, cause } => {
                let (path, hint) = (path.display(), paths::scenario_hint(path, cause));
                write!(f, "cannot read the scenario '{path}': {hint}")
            }
            LoadError::Refused(problems) => problems.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LoadError::Unreadable { cause, .. } => Some(cause),
            LoadError::Refused(_) => None,
        }
    }
}

/// Loads a scenario file. `files` is where the data files are that models read. With the graph
/// come the warnings, in the order of the file.
pub fn load(
    path: &Path,
    catalogue: &Registry,
    files: &dyn Files,
) -> Result<(Graph, Vec<Problem>), LoadError> {
    let name = path.display().to_string();
    let bytes = read_limited(path).map_err(|cause| LoadError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    if let Some(message) = foreign::binary(&bytes) {
        let mut problems = Problems::new(&name);
        problems.error("not_a_scenario", Position::START, message);
        return Err(LoadError::Refused(problems));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => load_text(&name, text, catalogue, files),
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let mut problems = Problems::new(&name);
            let message = "not UTF-8 from here on; save the file as UTF-8";
            problems.error("invalid_utf8", end_of(&valid), message);
            problems.quote(&String::from_utf8_lossy(&bytes));
            Err(LoadError::Refused(problems))
        }
    }
}

/// The content of a file, or as much of it as shows that it is too large.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::new();
    file.take(yaml::MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn end_of(text: &str) -> Position {
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: text.split('\n').count(),
        column: last.chars().count() + 1,
    }
}

/// Loads a scenario from text; `name` stands for the file in messages.
pub fn load_text(
    name: &str,
    text: &str,
    catalogue: &Registry,
    files: &dyn Files,
) -> Result<(Graph, Vec<Problem>), LoadError> {
    let mut problems = Problems::new(name);
    let base = paths::Base { scenario: name };
    let graph = read(text, catalogue, &mut problems)
        .and_then(|file| assemble::assemble(file, catalogue, files, base, &mut problems));
    let mut problems = problems.sorted();
    problems.quote(text);
    match graph {
        Some(graph) => Ok((graph, problems.into_vec())),
        None => Err(LoadError::Refused(problems)),
    }
}

/// The entries of a text, unless it is something else than a scenario.
fn read(text: &str, catalogue: &Registry, problems: &mut Problems) -> Option<file::ScenarioFile> {
    if foreign::refuse_text(text, catalogue, problems) {
        return None;
    }
    let root = yaml::read(text, problems)?;
    if foreign::refuse_tree(&root, catalogue, problems) {
        return None;
    }
    file::ScenarioFile::read(&root, problems)
}

#[cfg(test)]
mod tests;
