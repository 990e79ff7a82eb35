//! Paths that a scenario names: why a file is not found, and what no path here should look like.

use std::io;
use std::path::{Path, PathBuf};

use shared::model::{ModelType, ParameterKind, Section};

use super::entry::ModelEntry;
use super::problem::Problems;
use super::spelling::nearest;
use super::yaml::shortened;

/// How many folders above the scenario are looked at.
const ABOVE: usize = 4;

/// From where files are looked for: the working directory, where they have to be, and the folder
/// of the scenario, where people think they have to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'a> {
    /// The path of the scenario.
    pub(super) scenario: &'a str,
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
            None => match similar(path) {
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

/// A file of the same folder with a similar name.
fn similar(path: &str) -> Option<String> {
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let listed = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = std::fs::read_dir(listed).ok()?.take(500);
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    let near = nearest(name, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}

/// Why a scenario cannot be read, and what could be meant.
pub(super) fn scenario_hint(path: &Path, cause: &io::Error) -> String {
    let text = path.to_string_lossy();
    match cause.kind() {
        io::ErrorKind::NotFound => {
            let slashed = text.replace('\\', "/");
            if slashed != text && Path::new(&slashed).exists() {
                return format!("there is no such file; write '/' between folders: '{slashed}'");
            }
            // Windows hides the ending that its editor adds.
            let longer =
                ["", ".yaml", ".yml", ".txt", ".yaml.txt"].map(|end| format!("{text}{end}"));
            let found = longer.into_iter().find(|name| Path::new(name).exists());
            match found.or_else(|| similar(&text)) {
                Some(name) => format!("there is no such file; did you mean '{name}'?"),
                None => "there is no such file".to_owned(),
            }
        }
        io::ErrorKind::IsADirectory => {
            let entries = std::fs::read_dir(path).into_iter().flatten().take(500);
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let is_scenario = |name: &String| {
                let ending = Path::new(name).extension();
                ending.is_some_and(|ending| ending == "yaml" || ending == "yml")
            };
            let mut names: Vec<String> = names.filter(is_scenario).collect();
            names.sort_unstable();
            match names.first() {
                Some(name) => format!(
                    "it is a folder; name a scenario in it, such as '{}'",
                    path.join(name).display()
                ),
                None => "it is a folder; name a scenario file".to_owned(),
            }
        }
        _ => cause.to_string(),
    }
}

/// What is wrong with the path of something that is to be written, if it has backslashes: here
/// they would be part of a name.
pub(crate) fn backslash_in(path: &str) -> Option<String> {
    (path.contains('\\') && !cfg!(windows)).then(|| {
        let slashed = path.replace('\\', "/");
        format!(
            "'{}' has a backslash, which is part of a name on this system; write '{}'",
            shortened(path),
            shortened(&slashed)
        )
    })
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
