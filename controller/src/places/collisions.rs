//! What a run would write over: files that it reads, and other files that it writes.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use shared::model::Names;
use thiserror::Error;

use super::error::OUTPUT;
use super::identity::FileId;

/// A file, and what it is to the run.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// For messages, such as `the scenario`.
    what: String,
    path: PathBuf,
    /// The option that names another file.
    option: &'static str,
}

impl Named {
    /// A file that is this to the run.
    pub(crate) fn new(what: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            what: what.into(),
            path: path.into(),
            option: OUTPUT,
        }
    }

    /// The same, where another file is named with this option.
    pub(crate) fn chosen_with(self, option: &'static str) -> Self {
        Self { option, ..self }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ('{}')", self.what, self.path.display())
    }
}

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

/// Two files of a run are one.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Collision(String);

/// Refuses a run that would write over what it reads, or two things into one file. Nothing is
/// created, and files count as the same whatever they are called.
pub(crate) fn refuse_collisions(
    reads: &[Named],
    writes: &[Named],
    series: &[Series],
) -> Result<(), Collision> {
    let ids: Vec<Option<FileId>> = writes.iter().map(|write| FileId::of(&write.path)).collect();
    for (place, (write, id)) in writes.iter().zip(&ids).enumerate() {
        let Some(id) = id else {
            continue;
        };
        let same = reads
            .iter()
            .find(|read| FileId::of(&read.path).as_ref() == Some(id));
        if let Some(read) = same {
            return Err(Collision(format!(
                "{write} would be written over {read}, which this run reads; choose another file \
                 with {}",
                write.option
            )));
        }
        if let Some(other) = ids[..place]
            .iter()
            .position(|other| other.as_ref() == Some(id))
        {
            let other = &writes[other];
            return Err(Collision(format!(
                "{write} and {other} are the same file; choose another file with {}",
                write.option
            )));
        }
    }
    for (place, own) in series.iter().enumerate() {
        own.refuse(reads, writes, &series[..place])?;
    }
    Ok(())
}

impl Series {
    fn refuse(
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
    use std::os::unix::fs::symlink;

    #[track_caller]
    fn assert_refused(collision: Result<(), Collision>, said: &[&str]) {
        let text = collision.expect_err("a collision").to_string();
        for words in said {
            assert!(text.contains(words), "no '{words}' in: {text}");
        }
    }

    #[test]
    fn a_result_over_a_file_that_is_read_is_refused_with_both_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("data.csv"), "data").expect("written");
        symlink("data.csv", path("soft.csv")).expect("linked");
        fs::hard_link(path("data.csv"), path("hard.csv")).expect("linked");
        let reads = [Named::new("the file that 'Sun' reads", path("data.csv"))];
        for name in ["data.csv", "soft.csv", "hard.csv", "./data.csv"] {
            let writes = [Named::new("the result", path(name))];
            let refused = refuse_collisions(&reads, &writes, &[]);
            assert_refused(refused, &[name, "'Sun' reads", "data.csv", "--output"]);
        }
        let writes = [Named::new("the result", path("out.csv"))];
        refuse_collisions(&reads, &writes, &[]).expect("another file");
    }

    #[test]
    fn two_results_in_one_file_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let writes = [
            Named::new("the result", path("new/out.csv")),
            Named::new("its record", path("new/./out.csv")),
        ];
        assert_refused(refuse_collisions(&[], &writes, &[]), &["the same file"]);
    }

    #[test]
    fn side_files_over_something_else_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("market")).expect("made");
        fs::write(path("market/bids_7.csv"), "data").expect("written");
        symlink("market/bids_7.csv", path("link.csv")).expect("linked");
        fs::write(path("file"), "").expect("written");
        let series = |what: &str, folder: &str| Series {
            what: what.to_owned(),
            folder: path(folder),
            names: Names::of(&["bids", "profits"]),
            parameter: "results_dir".to_owned(),
            ticks: 8,
            step_size: 1,
        };
        let own = [series("the files of 'A'", "market")];
        let read = |name: &str| [Named::new("the bids of 'B'", path(name))];
        let refused = |name: &str| refuse_collisions(&read(name), &[], &own);
        assert_refused(refused("link.csv"), &["'A'", "'B'", "results_dir"]);
        for fine in [
            "market/bids_8.csv",
            "market/bids.csv",
            "market/x_7.csv",
            "bids_7.csv",
        ] {
            refused(fine).expect(fine);
        }
        let writes = [Named::new("the result", path("market/profits_0.csv"))];
        assert_refused(refuse_collisions(&[], &writes, &own), &["the result"]);
        let two = [
            series("the files of 'A'", "market"),
            series("those of 'B'", "market/."),
        ];
        assert_refused(refuse_collisions(&[], &[], &two), &["'A'", "'B'"]);
        let two = [
            series("the files of 'A'", "market"),
            series("those of 'B'", "other"),
        ];
        refuse_collisions(&[], &[], &two).expect("two folders");
        let no_folder = [series("the files of 'A'", "file")];
        assert_refused(refuse_collisions(&[], &[], &no_folder), &["need a folder"]);
    }

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
