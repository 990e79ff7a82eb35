//! What a run would write over: files that it reads, and other files that it writes.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::identity::FileId;

/// A file, and what it is to the run.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// For messages, such as `the scenario`.
    what: String,
    path: PathBuf,
}

impl Named {
    /// A file that is this to the run.
    pub(crate) fn new(what: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        let (what, path) = (what.into(), path.into());
        Self { what, path }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ('{}')", self.what, self.path.display())
    }
}

/// Side files: the files `<name>_<tick>.csv` in a folder, with these names.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// For messages, such as `the side files of 'Market'`.
    pub(crate) what: String,
    pub(crate) folder: PathBuf,
    pub(crate) names: &'static [&'static str],
    /// The ticks of the run.
    pub(crate) ticks: u64,
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ('{}')", self.what, self.folder.display())
    }
}

/// Two files of a run are one.
#[derive(Debug)]
pub(crate) struct Collision(String);

impl fmt::Display for Collision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Collision {}

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
                 with --output"
            )));
        }
        if let Some(other) = ids[..place]
            .iter()
            .position(|other| other.as_ref() == Some(id))
        {
            let other = &writes[other];
            return Err(Collision(format!(
                "{write} and {other} are the same file; choose another file with --output"
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
        let remedy = "give 'results_dir' another folder";
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

    /// Whether a file is one of these.
    fn holds(&self, path: &Path, folder: Option<&FileId>) -> bool {
        // A symbolic link counts as what it leads to: it is that file that is read.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().and_then(|name| name.to_str());
        let numbered = name.and_then(|name| name.strip_suffix(".csv")?.rsplit_once('_'));
        let Some((name, tick)) = numbered else {
            return false;
        };
        let is_tick = tick.parse().is_ok_and(|tick: u64| tick < self.ticks);
        let parent = path.parent().unwrap_or(Path::new(""));
        is_tick && self.names.contains(&name) && FileId::of(parent).as_ref() == folder
    }
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
            names: &["bids", "profits"],
            ticks: 8,
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
}
