//! Files that models write beside the result file.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use shared::model::{FilesWritten, SideFile, WrittenFile};
use shared::time::Tick;

use crate::places::WriteError;

/// The side files of a run. A file appears with the row of its tick, so that after a failure the
/// same files are there wherever the models ran.
#[derive(Debug)]
pub(crate) struct SideFiles {
    /// What each model may write, by its place in the scenario.
    allowed: Vec<FilesWritten>,
    /// What waits for its row: the content, by tick, model and path.
    pending: BTreeMap<(Tick, u32, String), Vec<u8>>,
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
    /// No files yet; `allowed` says what each model may write.
    pub(crate) fn new(allowed: Vec<FilesWritten>) -> Self {
        Self {
            allowed,
            pending: BTreeMap::new(),
        }
    }

    /// Takes a file; it is written with the row of its tick.
    pub(crate) fn take(&mut self, written: WrittenFile) -> Result<(), Misplaced> {
        let WrittenFile { model, tick, file } = written;
        let allowed = self.allowed.get(model as usize);
        if !allowed.is_some_and(|allowed| allowed.allows(&file.path, tick)) {
            return Err(Misplaced(file.path));
        }
        let SideFile { path, content } = file;
        self.pending.insert((tick, model, path), content);
        Ok(())
    }

    /// Writes the files of the ticks before this one.
    pub(crate) fn write_before(&mut self, tick: Tick) -> Result<(), WriteError> {
        while let Some(entry) = self.pending.first_entry() {
            if entry.key().0 >= tick {
                break;
            }
            let ((_, _, path), content) = entry.remove_entry();
            let path = Path::new(&path);
            let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
            folder
                .and_then(|()| fs::write(path, content))
                .map_err(|cause| WriteError::new(path, cause))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::model::ModelConfig;
    use shared::value::Value;

    fn written(tick: Tick, path: &str, content: &str) -> WrittenFile {
        let file = SideFile {
            path: path.to_owned(),
            content: content.as_bytes().to_vec(),
        };
        WrittenFile {
            model: 0,
            tick,
            file,
        }
    }

    /// What a justice agent may write whose files are to go to this folder.
    fn allowed(folder: &str) -> FilesWritten {
        let model_type = models::find("JusticeAgent").expect("a type");
        let config = ModelConfig {
            parameters: Some(vec![("results_dir".into(), Value::text(folder))]),
            ..ModelConfig::default()
        };
        config.files_written(model_type)
    }

    #[test]
    fn a_file_appears_with_the_row_of_its_tick_and_the_last_one_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = folder.path().join("results/deep");
        let results = results.to_str().expect("text");
        let path = |tick: Tick| format!("{results}/betascores_{tick}.csv");
        let mut files = SideFiles::new(vec![allowed(results)]);
        files.take(written(2, &path(2), "late")).expect("taken");
        files.take(written(1, &path(1), "first")).expect("taken");
        files.take(written(1, &path(1), "second")).expect("taken");
        files.write_before(1).expect("nothing to do");
        assert!(!Path::new(&path(1)).exists());
        files.write_before(2).expect("written");
        assert_eq!(fs::read_to_string(path(1)).expect("there"), "second");
        assert!(!Path::new(&path(2)).exists());
        files.write_before(3).expect("written");
        assert_eq!(fs::read_to_string(path(2)).expect("there"), "late");
    }

    #[test]
    fn a_file_that_the_type_does_not_announce_is_refused() {
        let mut files = SideFiles::new(vec![allowed("results"), FilesWritten::default()]);
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
            files.take(written(3, path, "x")).expect_err(path);
        }
        let path = "results/betascores_3.csv";
        let elsewhere = WrittenFile {
            model: 1,
            ..written(3, path, "x")
        };
        files.take(elsewhere).expect_err("another model's file");
        files.take(written(3, path, "x")).expect("taken");
    }
}
