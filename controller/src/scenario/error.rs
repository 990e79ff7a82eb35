//! Why there is no graph.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::problems::{Problems, similar_file};

/// Why there is no graph.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The scenario file cannot be read at all.
    #[error("cannot read the scenario '{}'", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// The scenario has errors. Its warnings are there as well. Shown one a line; with `{:#}` with the
    /// lines that they are about.
    #[error(fmt = fmt::Display::fmt)]
    Refused(Problems),
}

/// Why a scenario file cannot be read, and what could be meant.
#[derive(Debug, Error)]
pub enum ReadError {
    /// There is none; the hint says what to write instead, if anything.
    #[error("there is no such file{0}")]
    NotFound(String),
    /// It is a folder; the hint says what to name in it.
    #[error("it is a folder; name a scenario {0}")]
    Folder(String),
    /// The system refuses it.
    #[error(transparent)]
    System(io::Error),
}

impl LoadError {
    /// The file at this path cannot be read.
    pub(super) fn unreadable(path: &Path, cause: io::Error) -> Self {
        let source = match cause.kind() {
            io::ErrorKind::NotFound => ReadError::NotFound(meant_instead(path)),
            io::ErrorKind::IsADirectory => ReadError::Folder(scenario_in(path)),
            _ => ReadError::System(cause),
        };
        let path = path.to_owned();
        Self::Unreadable { path, source }
    }
}

/// What could be meant by a path at which there is nothing.
fn meant_instead(path: &Path) -> String {
    let text = path.to_string_lossy();
    let slashed = text.replace('\\', "/");
    if slashed != text && Path::new(&slashed).exists() {
        return format!("; write '/' between folders: '{slashed}'");
    }
    // Windows hides the ending that its editor adds.
    let longer = ["", ".yaml", ".yml", ".txt", ".yaml.txt"].map(|end| format!("{text}{end}"));
    let found = longer.into_iter().find(|name| Path::new(name).exists());
    match found.or_else(|| similar_file(&text)) {
        Some(name) => format!("; did you mean '{name}'?"),
        None => String::new(),
    }
}

/// What to name in a folder.
fn scenario_in(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(500);
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_scenario = |name: &String| {
        let ending = Path::new(name).extension();
        ending.is_some_and(|ending| ending == "yaml" || ending == "yml")
    };
    let first = names.filter(is_scenario).min();
    first.map_or_else(
        || "file".to_owned(),
        |name| format!("in it, such as '{}'", folder.join(name).display()),
    )
}
