//! The side files of a model: many files, by one rule for their names.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use shared::model::Names;

use super::error::Collision;
use super::identity::FileId;
use super::named::Named;

/// Side files: the files `<name>_<tick>.csv` in a folder, with these names, and beside each the same in JSON.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// For messages, such as `the side files of 'Market'`.
    pub(crate) what: String,
    pub(crate) folder: PathBuf,
    pub(crate) names: Names,
    /// The parameter that says which folder it is.
    pub(crate) parameter: String,
    /// The ticks of the run.
    pub(crate) ticks: u64,
    /// From one step of the model to the next.
    pub(crate) step_size: u32,
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ('{}')", self.what, self.folder.display())
    }
}

impl Series {
    pub(super) fn refuse(
        &self,
        reads: &[Named],
        writes: &[Named],
        others: &[Series],
    ) -> Result<(), Collision> {
        let remedy = self.remedy();
        let folder = FileId::of(&self.folder);
        if self.folder.exists() && !self.folder.is_dir() {
            return Err(Collision(format!(
                "{self} need a folder, and there is a file; {remedy}"
            )));
        }
        for other in others
            .iter()
            .filter(|other| FileId::of(&other.folder) == folder)
        {
            if let Some(name) = self.names.iter().find(|name| other.names.contains(name)) {
                return Err(Collision(format!(
                    "{self} and {} have the same names, such as '{name}_0.csv'; {remedy}",
                    other.what
                )));
            }
        }
        let held = |file: &&Named| self.holds(&file.path, folder.as_ref());
        if let Some(read) = reads.iter().find(held) {
            return Err(Collision(format!(
                "{self} would be written over {read}, which this run reads; {remedy}"
            )));
        }
        if let Some(write) = writes.iter().find(held) {
            return Err(Collision(format!(
                "{self} would be written over {write}; {remedy}"
            )));
        }
        Ok(())
    }

    /// What to do where these are in the way of something.
    pub(crate) fn remedy(&self) -> String {
        format!("give '{}' another folder", self.parameter)
    }

    /// Whether a file is one of these.
    fn holds(&self, path: &Path, folder: Option<&FileId>) -> bool {
        // A symbolic link counts as what it leads to: it is that file that is read.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let parent = path.parent().unwrap_or(Path::new(""));
        self.tick_of(&path).is_some_and(|tick| tick < self.ticks)
            && FileId::of(parent).as_ref() == folder
    }

    /// The tick of a file that is called like these.
    fn tick_of(&self, path: &Path) -> Option<u64> {
        let (name, tick) = numbered(path)?;
        self.names.contains(name).then_some(tick)
    }

    /// The files in the folder that are called like these, and are of no step of this run: an earlier
    /// one left them.
    pub(crate) fn stale(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let is_stale = |path: &PathBuf| {
            let tick = self.tick_of(path);
            tick.is_some_and(|tick| tick >= self.ticks || tick % u64::from(self.step_size) != 0)
        };
        let mut stale: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_stale).collect();
        stale.sort_by_key(|path| (self.tick_of(path), path.clone()));
        stale
    }
}

/// Name and tick of a side file, `<name>_<tick>.csv`, or of what is beside it in JSON; `None` for other files.
pub(crate) fn numbered(path: &Path) -> Option<(&str, u64)> {
    let name = path.file_name()?.to_str()?;
    let name = [".csv", ".json"]
        .iter()
        .find_map(|end| name.strip_suffix(end))?;
    let (name, tick) = name.rsplit_once('_')?;
    Some((name, tick.parse().ok()?))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_of_ticks_that_the_run_has_not_are_of_an_earlier_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Series {
            what: "the files of 'A'".to_owned(),
            folder: folder.path().to_owned(),
            names: Names::of(&["bids"]),
            parameter: "results_dir".to_owned(),
            ticks: 8,
            step_size: 4,
        };
        for name in [
            "bids_0.csv",
            "bids_4.csv",
            "bids_10.csv",
            "bids_8.csv",
            "bids_3.csv",
            "profits_9.csv",
            "bids.csv",
            "bids_x.csv",
        ] {
            fs::write(folder.path().join(name), "").expect("written");
        }
        let names = ["bids_3.csv", "bids_8.csv", "bids_10.csv"];
        assert_eq!(own.stale(), names.map(|name| folder.path().join(name)));
        let missing = folder.path().join("none");
        assert_eq!(
            Series {
                folder: missing,
                ..own
            }
            .stale(),
            Vec::<PathBuf>::new()
        );
    }
}
