//! Files that models read, and folders that they write to.

use std::path::{Path, PathBuf};

use shared::model::{ModelType, ParameterKind, Section};

use crate::scenario::entries::ModelEntry;
use crate::scenario::problems::{Problems, backslash_in, similar_file};

/// How many folders above the scenario are looked at.
const ABOVE: usize = 4;

/// From where files are looked for: the working directory, where they have to be, and the folder
/// of the scenario, where people think they have to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base<'a> {
    /// The path of the scenario.
    pub(crate) scenario: &'a str,
}

impl Base<'_> {
    /// What to do about a file that cannot be opened, to be put after what is wrong.
    pub(super) fn hint(self, path: &str) -> String {
        if Path::new(path).exists() {
            return String::new();
        }
        let slashed = path.replace('\\', "/");
        if slashed != path && !cfg!(windows) {
            let there = if Path::new(&slashed).exists() {
                ""
            } else {
                "; that is not there either"
            };
            return format!("; write '/' between folders: '{slashed}'{there}");
        }
        if Path::new(path).is_absolute() {
            return String::new();
        }
        let Ok(here) = std::env::current_dir() else {
            return String::new();
        };
        let relative = format!(
            "; relative names start from the working directory, here '{}'",
            here.display()
        );
        match self.found(&here, path) {
            Some(folder) => {
                let shown = shown_from(&here, &folder);
                let place = if same(&folder, &self.folder(&here)) {
                    "beside the scenario"
                } else {
                    "above"
                };
                format!("{relative}, and the file is {place}: run from there (cd {shown})")
            }
            None => match similar_file(path) {
                Some(name) => format!("{relative}; did you mean '{name}'?"),
                None => relative,
            },
        }
    }

    fn folder(self, here: &Path) -> PathBuf {
        let parent = Path::new(self.scenario).parent();
        here.join(parent.unwrap_or(Path::new("")))
    }

    /// A folder from which the path leads to a file: that of the scenario, or one above.
    fn found(self, here: &Path, path: &str) -> Option<PathBuf> {
        let beside = self.folder(here);
        let above = beside.ancestors().chain(here.ancestors().take(ABOVE));
        let mut candidates = above.take(2 * ABOVE);
        candidates
            .find(|folder| folder.join(path).is_file())
            .map(Path::to_path_buf)
    }
}

fn same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// A folder as one names it from another: `scenarios`, `..`.
fn shown_from(here: &Path, folder: &Path) -> String {
    let (Ok(here), Ok(folder)) = (here.canonicalize(), folder.canonicalize()) else {
        return folder.display().to_string();
    };
    if let Ok(below) = folder.strip_prefix(&here) {
        return below.display().to_string();
    }
    match here.strip_prefix(&folder) {
        Ok(above) => vec![".."; above.components().count()].join("/"),
        Err(_) => folder.display().to_string(),
    }
}

/// Refuses folders to write into that would be called `.\results`.
pub(super) fn refuse_backslashes(
    entry: &ModelEntry,
    model_type: &ModelType,
    problems: &mut Problems,
) {
    for parameter in &*model_type.parameters {
        if !matches!(parameter.kind, ParameterKind::WriteFolder(_)) {
            continue;
        }
        let Some(given) = entry.find(Section::Parameters, &parameter.name) else {
            continue;
        };
        if let Some(what) = given.value.as_text().and_then(backslash_in) {
            let name = &parameter.name;
            let message = format!("{}: parameter '{name}': {what}", entry.label);
            problems.error(format!("invalid_parameter:{name}"), given.position, message);
        }
    }
}
