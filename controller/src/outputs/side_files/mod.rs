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
mod tests;
