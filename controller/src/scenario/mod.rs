//! From the text of a scenario file to a graph that is checked in full and ready to run.
//!
//! A file that cannot run gets all its errors at once, each with its place; nothing is run. The
//! way goes in stages, and each takes what the one before could make of the file, so that an error
//! here does not hide another one there:
//!
//! 1. `text`: file → text; `yaml`: text → tree with places; what is valid YAML, and what plain scalars
//!    mean.
//! 2. `entries`: tree → typed entries; which keys there are and what their values have to be.
//! 3. `models`: entries → instances; types are found, parameters checked, data files opened.
//! 4. `wiring`: names → places; connections, monitor items, lights; loops, and the order of steps.
//!    `checks`: what cannot run, or runs and surprises, now that connections are known; so what is in
//!    the data files. `assemble` goes through all of this, to the [`Graph`].
//!
//! Each knows those before it only. What they find goes to `problems`, which knows none of them.
//! Nothing of this depends on where models will run.

mod assemble;
mod checks;
mod entries;
mod error;
mod fold;
mod foreign;
mod graph;
mod loaded;
mod models;
mod of_variant;
mod outline;
mod problems;
mod programs;
mod template;
mod text;
mod wiring;
mod written;
mod yaml;

use std::path::Path;

use shared::files::Files;
use shared::model::Registry;

use entries::ScenarioFile;

pub use entries::{Connect, Dates};
pub(crate) use entries::{IndicatorEntry, LED_KEYS, PALETTES, check_host, colour_names};
pub use error::{LoadError, ReadError};
pub use graph::{Graph, GraphModel, Monitor, MonitorItem, Programs};
pub use loaded::Scenario;
pub(crate) use of_variant::WrittenOut;
pub use outline::{Machine, Outline, OutlinedModel};
pub(crate) use problems::backslash_in;
pub use problems::{Excerpt, Position, Problem, Problems, Severity};
pub use programs::{Hosting, Hosts};
pub(crate) use template::{Assigned, Columns, Ground, Template, cell_value, values_of};
pub(crate) use wiring::begins_with_source;
pub(crate) use written::{Written, WrittenModel};

/// Loads a scenario file. `files` is where the data files are that models read. With the graph
/// come the warnings, in the order of the file. One that names programs is refused: see [`load_hosted`].
pub fn load(
    path: &Path,
    catalogue: &Registry,
    files: &dyn Files,
) -> Result<(Graph, Vec<Problem>), LoadError> {
    let name = path.display().to_string();
    let text = text::read(path, &name)?;
    load_text(&name, &text, catalogue, files)
}

/// Loads a scenario from text; `name` stands for the file in messages. One that names programs is refused: see
/// [`load_hosted`].
pub fn load_text(
    name: &str,
    text: &str,
    catalogue: &Registry,
    files: &dyn Files,
) -> Result<(Graph, Vec<Problem>), LoadError> {
    load_hosted(name, text, catalogue, files, None)
}

/// Loads a scenario from text, with somebody who starts the programs that it names.
pub fn load_hosted(
    name: &str,
    text: &str,
    catalogue: &Registry,
    files: &dyn Files,
    hosting: Option<&mut Hosting<'_>>,
) -> Result<(Graph, Vec<Problem>), LoadError> {
    let mut problems = Problems::new(name);
    let base = models::Base { scenario: name };
    let graph = read_single(text, catalogue, &mut problems)
        .and_then(|file| assemble::assemble(file, catalogue, files, base, hosting, &mut problems));
    judge(graph, problems, text)
}

/// Reads a scenario file and checks it as far as that goes without starting the programs that it names. `files` is
/// where the data files are that models read.
///
/// # Errors
/// All that is wrong with it at once, see [`LoadError`].
pub fn outline(path: &Path, catalogue: &Registry, files: &dyn Files) -> Result<Outline, LoadError> {
    let name = path.display().to_string();
    let text = text::read(path, &name)?;
    outline_text(&name, &text, catalogue, files)
}

/// The same for text; `name` stands for the file in messages.
///
/// # Errors
/// All that is wrong with it at once, see [`LoadError`].
pub fn outline_text(
    name: &str,
    text: &str,
    catalogue: &Registry,
    files: &dyn Files,
) -> Result<Outline, LoadError> {
    let mut problems = Problems::new(name);
    let base = models::Base { scenario: name };
    let outline = read_single(text, catalogue, &mut problems)
        .and_then(|file| assemble::outline(file, catalogue, files, base, &mut problems));
    let (outline, _) = judge(outline, problems, text)?;
    Ok(outline)
}

/// What was made of a text with its warnings, unless there are errors.
fn judge<T>(
    made: Option<T>,
    problems: Problems,
    text: &str,
) -> Result<(T, Vec<Problem>), LoadError> {
    let mut problems = problems.sorted();
    problems.quote(text);
    match made {
        Some(made) => Ok((made, problems.into_vec())),
        None => Err(LoadError::Refused(problems)),
    }
}

/// The entries of a text, unless it is something else than a scenario.
fn read(text: &str, catalogue: &Registry, problems: &mut Problems) -> Option<ScenarioFile> {
    if foreign::refuse_text(text, catalogue, problems) {
        return None;
    }
    let root = yaml::read(text, problems)?;
    if foreign::refuse_tree(&root, catalogue, problems) {
        return None;
    }
    ScenarioFile::read(&root, problems)
}

/// The same for a single run, which has no use for what says how a sweep is.
fn read_single(text: &str, catalogue: &Registry, problems: &mut Problems) -> Option<ScenarioFile> {
    let file = read(text, catalogue, problems)?;
    file.warn_of_sweep(problems);
    Some(file)
}

#[cfg(test)]
mod tests;
