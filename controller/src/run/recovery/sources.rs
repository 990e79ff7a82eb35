//! What the models of a run are built from, and whether they can be built from it once more.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::scenario::Graph;

/// What the models of a run are built from.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The data files, and what was known of each at the beginning.
    files: Vec<(PathBuf, Option<State>)>,
    /// The models that are programs.
    programs: Vec<String>,
}

/// A file, as far as somebody who changes it changes this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    is_file: bool,
    length: u64,
    changed: Option<SystemTime>,
}

impl State {
    /// `None` where there is no such file: it comes from somewhere else.
    fn of(path: &PathBuf) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            is_file: metadata.is_file(),
            length: metadata.len(),
            changed: metadata.modified().ok(),
        })
    }
}

impl Sources {
    /// Takes note of them.
    pub(crate) fn of(graph: &Graph) -> Self {
        let paths = graph.models.iter().flat_map(|model| &model.paths);
        let files = paths.map(PathBuf::from).map(|path| {
            let state = State::of(&path);
            (path, state)
        });
        let programs = graph.models.iter().filter(|model| model.programs.is_some());
        Self {
            files: files.collect(),
            programs: programs.map(|model| model.config.name.clone()).collect(),
        }
    }

    /// Whether the models can be built once more, and do the same.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.programs.is_empty() {
            let programs = self.programs.join(", ");
            return Err(format!(
                "{programs}: what programs do is not computed again"
            ));
        }
        for (path, before) in &self.files {
            let path_shown = path.display();
            if before.is_some_and(|before| !before.is_file) {
                return Err(format!("'{path_shown}' can be read once only"));
            }
            if State::of(path) != *before {
                return Err(format!(
                    "'{path_shown}' has been changed since the run began"
                ));
            }
        }
        Ok(())
    }
}
