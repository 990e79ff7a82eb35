//! Files that models write beside the result file.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path};

use shared::model::{ModelConfig, ModelType, Section, SideFile, WrittenFile};
use shared::time::Tick;
use shared::value::Value;

use super::WriteError;

/// The side files of a run. A file appears with the row of its tick, so that after a failure the
/// same files are there wherever the models ran.
#[derive(Debug)]
pub(crate) struct SideFiles {
    /// Where each model may write, by its place in the scenario.
    folders: Vec<Vec<String>>,
    /// What waits for its row, by tick, model, and the order within the step.
    pending: BTreeMap<(Tick, u32, usize), SideFile>,
}

/// A model asks for a file in a place that the scenario does not give it.
#[derive(Debug)]
pub(crate) struct Misplaced(String);

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it wants to write '{}', which is in no folder that the scenario gives it",
            self.0
        )
    }
}

impl From<Misplaced> for WriteError {
    fn from(misplaced: Misplaced) -> Self {
        WriteError::new(Path::new(&misplaced.0), ErrorKind::PermissionDenied.into())
    }
}

/// The folders that the parameters of a model name. Whether a text means a folder only its type
/// knows, so each one counts.
pub(crate) fn folders_of(model_type: &ModelType, config: &ModelConfig) -> Vec<String> {
    let values = model_type.parameters.iter().filter_map(|parameter| {
        let given = config.entry(Section::Parameters, parameter.name).cloned();
        match given.or_else(|| parameter.default.map(Value::from))? {
            Value::Text(text) if !text.is_empty() => Some(text.to_string()),
            _ => None,
        }
    });
    values.collect()
}

impl SideFiles {
    /// No files yet; `folders` says where each model may write.
    pub(crate) fn new(folders: Vec<Vec<String>>) -> Self {
        Self {
            folders,
            pending: BTreeMap::new(),
        }
    }

    /// Takes a file; it is written with the row of its tick.
    pub(crate) fn take(&mut self, written: WrittenFile) -> Result<(), Misplaced> {
        let WrittenFile { model, tick, file } = written;
        let folders = self.folders.get(model as usize);
        if !folders.is_some_and(|folders| folders.iter().any(|folder| lies_in(&file.path, folder)))
        {
            return Err(Misplaced(file.path));
        }
        let of_step = self
            .pending
            .range((tick, model, 0)..=(tick, model, usize::MAX))
            .count();
        self.pending.insert((tick, model, of_step), file);
        Ok(())
    }

    /// Writes the files of the ticks before this one.
    pub(crate) fn write_before(&mut self, tick: Tick) -> Result<(), WriteError> {
        while let Some(entry) = self.pending.first_entry() {
            if entry.key().0 >= tick {
                break;
            }
            let SideFile { path, content } = entry.remove();
            let path = Path::new(&path);
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            folder
                .and_then(|()| fs::write(path, content))
                .map_err(|cause| WriteError::new(path, cause))?;
        }
        Ok(())
    }
}

/// Whether a path leads into a folder, and not out of it again.
fn lies_in(path: &str, folder: &str) -> bool {
    let rest = Path::new(path).strip_prefix(folder);
    rest.is_ok_and(|rest| {
        rest.components().next().is_some()
            && rest
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(tick: Tick, path: &Path, content: &str) -> WrittenFile {
        let file = SideFile {
            path: path.to_str().expect("text").to_owned(),
            content: content.as_bytes().to_vec(),
        };
        WrittenFile {
            model: 0,
            tick,
            file,
        }
    }

    #[test]
    fn a_file_appears_with_the_row_of_its_tick_and_the_last_one_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = folder.path().join("results");
        let path = results.join("deep/a.csv");
        let mut files = SideFiles::new(vec![vec![results.to_str().expect("text").to_owned()]]);
        files.take(written(2, &path, "late")).expect("taken");
        files.take(written(1, &path, "first")).expect("taken");
        files.take(written(1, &path, "second")).expect("taken");
        files.write_before(1).expect("nothing to do");
        assert!(!path.exists());
        files.write_before(2).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second");
        files.write_before(3).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "late");
    }

    #[test]
    fn a_path_outside_of_the_folders_of_the_scenario_is_refused() {
        let mut files = SideFiles::new(vec![vec!["results".to_owned()], Vec::new()]);
        for path in [
            "results",
            "other/a.csv",
            "results/../a.csv",
            "/etc/passwd",
            "resultsa/b",
            "",
        ] {
            files
                .take(written(0, Path::new(path), "x"))
                .expect_err(path);
        }
        let elsewhere = WrittenFile {
            model: 1,
            ..written(0, Path::new("results/a.csv"), "x")
        };
        files.take(elsewhere).expect_err("another model's folder");
        files
            .take(written(0, Path::new("results/a.csv"), "x"))
            .expect("taken");
        files
            .take(written(0, Path::new("results/b/c.csv"), "x"))
            .expect("taken");
    }
}
