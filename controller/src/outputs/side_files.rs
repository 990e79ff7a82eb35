//! Files that models write beside the result file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use shared::index::Table;
use shared::model::{FilesWritten, WrittenFile};
use shared::plan::ModelId;
use shared::time::Tick;

use super::side_json;
use crate::places::{WriteError, move_whole, numbered};

/// The side files of a run. They grow like the result, in a folder of their own, and take their
/// places with it. Of a run that does not come to its end those stay there whose rows are in the
/// partial result, so that they are the same wherever the models ran.
#[derive(Debug)]
pub(crate) struct SideFiles {
    /// What each model may write, by its place in the scenario.
    allowed: Table<ModelId, FilesWritten>,
    /// The ticks of the run.
    ticks: Tick,
    /// Where they go; `None` where they are dropped.
    folders: Option<SideFolders>,
    /// The folder that holds the side files of this run and of no other.
    own: Option<PathBuf>,
    begun: bool,
}

/// The folders of side files, by what the scenario calls them, without a slash at the end.
pub(super) type SideFolders = BTreeMap<String, SideFolder>;

/// A folder that models write into.
#[derive(Clone, Debug)]
pub(crate) struct SideFolder {
    /// Where the files belong.
    pub(crate) place: PathBuf,
    /// Where they grow.
    pub(crate) growing: PathBuf,
}

/// A model asks for a file that its type does not announce.
#[derive(Debug)]
pub(crate) struct Misplaced(String);

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it wants to write '{}', which is none of the files that its type writes into the folder that the scenario gives it",
            self.0
        )
    }
}

impl From<Misplaced> for WriteError {
    fn from(misplaced: Misplaced) -> Self {
        WriteError::new(Path::new(&misplaced.0), ErrorKind::PermissionDenied.into())
    }
}

impl SideFiles {
    /// No files yet. `allowed` says what each model may write, `folders` where that goes, if it is kept;
    /// `own` is the folder that holds the side files of this run and of no other, if there is one.
    pub(crate) fn new(
        allowed: Table<ModelId, FilesWritten>,
        folders: Option<SideFolders>,
        own: Option<PathBuf>,
        ticks: Tick,
    ) -> Self {
        Self {
            allowed,
            ticks,
            folders,
            own,
            begun: false,
        }
    }

    /// Refuses a file that the model may not write, or not at this tick.
    pub(crate) fn check(&self, written: &WrittenFile) -> Result<(), Misplaced> {
        let (path, tick) = (&written.file.path, written.tick);
        let allowed = self.allowed.get(written.model);
        if tick < self.ticks && allowed.is_some_and(|allowed| allowed.allows(path, tick)) {
            return Ok(());
        }
        Err(Misplaced(path.clone()))
    }

    /// Takes a file, in place of one of the same name, and makes one in JSON of it.
    pub(crate) fn take(&mut self, written: &WrittenFile) -> Result<(), WriteError> {
        self.check(written)?;
        self.begin()?;
        let Some(folders) = &self.folders else {
            return Ok(());
        };
        let path = &written.file.path;
        let place = path.rsplit_once('/');
        let known = place.and_then(|(folder, name)| Some((folders.get(folder)?, name)));
        let Some((folder, name)) = known else {
            return Err(Misplaced(path.clone()).into());
        };
        let growing = folder.growing.join(name);
        let content = &written.file.content;
        fs::create_dir_all(&folder.growing)
            .and_then(|()| fs::write(&growing, content))
            .and_then(|()| fs::write(side_json::beside(&growing), side_json::of(content)))
            .map_err(|cause| WriteError::new(&growing, cause))
    }

    /// Takes away what an earlier run left that did not come to its end.
    fn begin(&mut self) -> Result<(), WriteError> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        for SideFolder { growing, .. } in self.folders.iter().flat_map(BTreeMap::values) {
            match fs::remove_dir_all(growing) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => {
                    return Err(WriteError::new(growing, cause));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Of a run that did not come to its end: takes away the files whose rows are not there.
    pub(crate) fn keep_before(&self, rows: Tick) -> Result<(), WriteError> {
        if !self.begun {
            return Ok(());
        }
        self.for_each(|file, _| match numbered(file) {
            Some((_, tick)) if tick < rows => Ok(()),
            _ => fs::remove_file(file),
        })
    }

    /// Lets the files take their places, each in one go. In the folder of this run no others stay.
    pub(crate) fn settle(&mut self) -> Result<(), WriteError> {
        self.begin()?;
        let mut settled = BTreeSet::new();
        self.for_each(|file, folder| {
            fs::create_dir_all(&folder.place)?;
            let place = folder.place.join(file.file_name().unwrap_or_default());
            move_whole(file, &place)?;
            settled.insert(place);
            Ok(())
        })?;
        match &self.own {
            Some(own) => remove_others(own, &settled).map_err(|cause| WriteError::new(own, cause)),
            None => Ok(()),
        }
    }

    /// Does something with each file, and takes away the folders that are empty then: inner ones
    /// first, as they come last in the order of their names.
    fn for_each(
        &self,
        mut act: impl FnMut(&Path, &SideFolder) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        for folder in self.folders.iter().flat_map(|all| all.values().rev()) {
            let fail = |cause| WriteError::new(&folder.place, cause);
            let entries = match fs::read_dir(&folder.growing) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                entries => entries.map_err(fail)?,
            };
            let mut files = Vec::new();
            for entry in entries {
                let entry = entry.map_err(fail)?;
                if entry.file_type().map_err(fail)?.is_file() {
                    files.push(entry.path());
                }
            }
            files
                .iter()
                .try_for_each(|file| act(file, folder))
                .map_err(fail)?;
            // Up to one that holds something else.
            let emptied = folder.growing.ancestors();
            let _ = emptied
                .take_while(|folder| fs::remove_dir(folder).is_ok())
                .count();
        }
        Ok(())
    }
}

/// Removes the side files in a folder and below that are none of these, and what is empty then. Other
/// files are nothing that a run wrote, and stay.
fn remove_others(folder: &Path, these: &BTreeSet<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            remove_others(&path, these)?;
        } else if numbered(&path).is_some() && !these.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    // It stays where it holds something.
    let _ = fs::remove_dir(folder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::model::{ModelConfig, SideFile};
    use shared::value::Value;

    fn written(tick: Tick, path: &str, content: &str) -> WrittenFile {
        let file = SideFile {
            path: path.to_owned(),
            content: content.as_bytes().to_vec(),
        };
        WrittenFile {
            model: ModelId(0),
            tick,
            file,
        }
    }

    /// What a justice agent may write whose files are to go to this folder.
    fn allowed(folder: &str) -> FilesWritten {
        let model_type = models::CATALOGUE.find("JusticeAgent").expect("a type");
        let config = ModelConfig {
            parameters: Some(vec![("results_dir".into(), Value::text(folder))]),
            ..ModelConfig::default()
        };
        config.files_written(&model_type)
    }

    /// The files of an agent that are to go to this folder, and grow beside it.
    fn files(folder: &str) -> SideFiles {
        let place = SideFolder {
            place: folder.into(),
            growing: format!("{folder}.growing").into(),
        };
        let folders = BTreeMap::from([(folder.to_owned(), place)]);
        let allowed = vec![allowed(folder), FilesWritten::default()].into();
        SideFiles::new(allowed, Some(folders), None, 8)
    }

    #[test]
    fn files_take_their_places_together_and_the_last_of_a_name_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = folder.path().join("results/deep");
        let results = results.to_str().expect("text");
        let path = |tick: Tick| format!("{results}/betascores_{tick}.csv");
        let mut files = files(results);
        for (tick, content) in [(2, "late"), (1, "first"), (1, "second")] {
            files
                .take(&written(tick, &path(tick), content))
                .expect("taken");
        }
        assert!(!Path::new(&path(1)).exists());
        files.settle().expect("settled");
        assert_eq!(fs::read_to_string(path(1)).expect("there"), "second");
        assert_eq!(fs::read_to_string(path(2)).expect("there"), "late");
        let left = fs::read_dir(folder.path().join("results"));
        assert_eq!(left.expect("a folder").count(), 1);
    }

    #[test]
    fn in_the_folder_of_a_result_the_side_files_of_its_run_stay_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = folder.path().join("out.files");
        let path = |name: &str| results.join(name);
        fs::create_dir_all(path("other/deep")).expect("made");
        for name in [
            "betascores_1.csv",
            "betascores_9.csv",
            "other/deep/bids_3.csv",
            "notes.txt",
        ] {
            fs::write(path(name), "old").expect("written");
        }
        let results = results.to_str().expect("text");
        let mut files = files(results);
        files.own = Some(results.into());
        files
            .take(&written(1, &format!("{results}/betascores_1.csv"), "new"))
            .expect("taken");
        files.settle().expect("settled");
        assert_eq!(
            fs::read_to_string(path("betascores_1.csv")).expect("there"),
            "new"
        );
        let left = fs::read_dir(results).expect("a folder");
        let mut left: Vec<_> = left
            .map(|entry| entry.expect("readable").file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["betascores_1.csv", "betascores_1.json", "notes.txt"]);
    }

    #[test]
    fn a_run_that_fails_keeps_the_files_of_its_rows_and_leaves_those_of_the_run_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = folder.path().join("results");
        let results = results.to_str().expect("text");
        let path = |tick: Tick| format!("{results}/betascores_{tick}.csv");
        fs::create_dir(results).expect("made");
        fs::write(path(1), "old").expect("written");
        let growing = format!("{results}.growing");
        fs::create_dir(&growing).expect("made");
        fs::write(format!("{growing}/betascores_0.csv"), "left over").expect("written");
        let mut files = files(results);
        for tick in [1, 2, 3] {
            files
                .take(&written(tick, &path(tick), "new"))
                .expect("taken");
        }
        files.keep_before(3).expect("kept");
        assert_eq!(fs::read_to_string(path(1)).expect("there"), "old");
        let kept = fs::read_dir(&growing).expect("a folder");
        let kept = kept.map(|entry| entry.expect("readable").file_name());
        let mut kept: Vec<_> = kept.collect();
        kept.sort();
        let expected = [
            "betascores_1.csv",
            "betascores_1.json",
            "betascores_2.csv",
            "betascores_2.json",
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_file_for_a_tick_after_the_run_is_refused() {
        let files = files("results");
        for tick in [8, 1 << 40] {
            let path = format!("results/betascores_{tick}.csv");
            files
                .check(&written(tick, &path, "x"))
                .expect_err("no such tick");
        }
    }

    #[test]
    fn a_file_that_the_type_does_not_announce_is_refused() {
        let files = files("results");
        for path in [
            "results",
            "betascores_3.csv",
            "results/other_3.csv",
            "results/betascores_4.csv",
            "results/betascores_03.csv",
            "results/../betascores_3.csv",
            "results/deep/betascores_3.csv",
            "results//betascores_3.csv",
            "results/betascores_3.csv/x",
            "/etc/passwd",
            "",
        ] {
            files.check(&written(3, path, "x")).expect_err(path);
        }
        let path = "results/betascores_3.csv";
        let elsewhere = WrittenFile {
            model: ModelId(1),
            ..written(3, path, "x")
        };
        files.check(&elsewhere).expect_err("another model's file");
        files.check(&written(3, path, "x")).expect("allowed");
    }
}
