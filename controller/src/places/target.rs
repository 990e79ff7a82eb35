//! Where the rows of a run go, and how the files beside a result are called.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::WriteError;

/// Where the rows of a run go.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// To standard output, as they come.
    Stdout,
    /// To a device, a pipe or the like, as they come.
    Stream(PathBuf),
    /// To an ordinary file, which grows beside its place and takes it at the end.
    File(Place),
}

/// The place of a result, and of what stands beside it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// As the user has it.
    shown: PathBuf,
    /// Where it really is: at the end of its symbolic links, if it is one.
    path: PathBuf,
    /// What the name of such a file ends with, without a dot.
    extension: &'static str,
}

/// What stands for standard output under `--output`.
const STDOUT: &str = "-";

/// What the names of files end with, as these are called when they are not named.
const CSV: &str = "csv";
const PARQUET: &str = "parquet";

/// More symbolic links than this do not lead anywhere.
const MAX_LINKS: usize = 40;

impl Target {
    /// What the path of a result means. It is not created.
    pub(crate) fn of(path: &Path) -> Result<Self, WriteError> {
        find(path, CSV).map_err(|cause| WriteError::new(path, cause))
    }

    /// What the path of a Parquet file means, which is an ordinary file.
    pub(crate) fn of_parquet(path: &Path) -> Result<Self, WriteError> {
        let found = find(path, PARQUET).and_then(|target| match target {
            Self::File(_) => Ok(target),
            Self::Stdout | Self::Stream(_) => Err(io::Error::other(
                "it is no ordinary file, which a Parquet file must be",
            )),
        });
        found.map_err(|cause| WriteError::new(path, cause))
    }

    /// What the value of `--output` means.
    pub(crate) fn of_option(path: &Path) -> Result<Self, WriteError> {
        if path == Path::new(STDOUT) {
            return Ok(Self::Stdout);
        }
        Self::of(path)
    }

    /// The path as the user has it.
    pub(crate) fn shown(&self) -> &Path {
        match self {
            Self::Stdout => Path::new("standard output"),
            Self::Stream(path) => path,
            Self::File(place) => &place.shown,
        }
    }

    /// The place of a result that is an ordinary file.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Self::File(place) => Some(place),
            _ => None,
        }
    }
}

/// Follows symbolic links up to the file.
fn find(shown: &Path, extension: &'static str) -> io::Result<Target> {
    let mut path = shown.to_owned();
    for _ in 0..MAX_LINKS {
        if is_one_of(&path, &["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
            return Ok(Target::Stdout);
        }
        // What a process has open is no place where another file could take its name.
        if ["/proc", "/dev/fd"]
            .iter()
            .any(|open| path.starts_with(open))
        {
            return Ok(Target::Stream(shown.to_owned()));
        }
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return place(shown, path, extension);
            }
            Err(error) => return Err(error),
        };
        if metadata.is_symlink() {
            let next = fs::read_link(&path)?;
            path = path.parent().unwrap_or(Path::new("")).join(next);
        } else if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        } else if metadata.is_file() {
            return place(shown, path, extension);
        } else {
            return Ok(Target::Stream(shown.to_owned()));
        }
    }
    Err(io::Error::other("its symbolic links lead in a circle"))
}

fn is_one_of(path: &Path, names: &[&str]) -> bool {
    names.iter().any(|name| path == Path::new(name))
}

fn place(shown: &Path, path: PathBuf, extension: &'static str) -> io::Result<Target> {
    let text = path.to_string_lossy();
    if path.file_name().is_none() || text.ends_with(std::path::is_separator) {
        return Err(ErrorKind::IsADirectory.into());
    }
    let shown = shown.to_owned();
    Ok(Target::File(Place {
        shown,
        path,
        extension,
    }))
}

impl Place {
    /// The path as the user has it.
    pub(crate) fn shown(&self) -> &Path {
        &self.shown
    }

    /// The file itself, which is no symbolic link.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the rows grow, and stay if the run does not come to its end.
    pub(crate) fn partial(&self) -> PathBuf {
        self.named(&format!(".partial.{}", self.extension), self.extension)
    }

    /// The Parquet file that stands beside a result in CSV.
    pub(crate) fn parquet(&self) -> PathBuf {
        self.beside(".parquet")
    }

    /// The record of the run that the result is from.
    pub(crate) fn record(&self) -> PathBuf {
        self.beside(".run.json")
    }

    /// The record of the run that the partial result is from.
    pub(crate) fn partial_record(&self) -> PathBuf {
        self.beside(".partial.run.json")
    }

    /// The journal of the run that the result is from.
    pub(crate) fn journal(&self) -> PathBuf {
        self.beside(".journal.csv")
    }

    /// The folder of the side files of a result that the user has put somewhere.
    pub(crate) fn files(&self) -> PathBuf {
        self.beside(".files")
    }

    /// Where side files grow, and stay if the run does not come to its end.
    pub(crate) fn partial_files(&self) -> PathBuf {
        self.beside(".partial.files")
    }

    /// A file beside the result that is called like it, without its `.csv`.
    fn beside(&self, ending: &str) -> PathBuf {
        self.named(ending, CSV)
    }

    /// A file beside this one that is called like it, without this extension.
    fn named(&self, ending: &str, without: &str) -> PathBuf {
        let is_it = |extension: &OsStr| extension.eq_ignore_ascii_case(without);
        let name = match self.path.extension() {
            Some(extension) if is_it(extension) => self.path.file_stem(),
            _ => self.path.file_name(),
        };
        let mut name: OsString = name.unwrap_or_default().to_owned();
        name.push(ending);
        self.path.with_file_name(name)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::chain::chain;
    use std::os::unix::fs::symlink;

    fn partial_of(path: &str) -> PathBuf {
        let target = Target::of(Path::new(path)).expect("a target");
        target.place().expect("a file").partial()
    }

    #[test]
    fn what_stands_beside_a_result_has_its_name_without_csv() {
        for (result, partial) in [
            ("new/out.csv", "new/out.partial.csv"),
            ("OUT.CSV", "OUT.partial.csv"),
            ("out", "out.partial.csv"),
            ("out.txt", "out.txt.partial.csv"),
            ("a.b.csv", "a.b.partial.csv"),
            (".csv", ".csv.partial.csv"),
        ] {
            assert_eq!(partial_of(result), Path::new(partial), "{result}");
        }
    }

    #[test]
    fn a_parquet_file_grows_beside_its_place_and_shares_no_name_with_a_result() {
        let target = Target::of_parquet(Path::new("new/out.parquet")).expect("a target");
        let place = target.place().expect("a file");
        assert_eq!(place.partial(), Path::new("new/out.partial.parquet"));
        assert_eq!(place.record(), Path::new("new/out.parquet.run.json"));
        let result = Target::of(Path::new("new/out.csv")).expect("a target");
        let beside = result.place().expect("a file").parquet();
        assert_eq!(beside, Path::new("new/out.parquet"));
    }

    #[test]
    fn a_symbolic_link_leads_to_the_place_of_its_target() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("deep")).expect("made");
        symlink("deep/second", path("first.csv")).expect("linked");
        symlink("third.csv", path("deep/second")).expect("linked");
        let target = Target::of(&path("first.csv")).expect("a target");
        let place = target.place().expect("a file");
        assert_eq!(place.path(), path("deep/third.csv"));
        assert_eq!(place.shown(), path("first.csv"));
        symlink("round", path("round")).expect("linked");
        let circle = chain(&Target::of(&path("round")).expect_err("refused"));
        assert!(circle.contains("circle"), "{circle}");
    }

    #[test]
    fn what_is_no_ordinary_file_is_written_as_rows_come() {
        for path in ["/dev/null", "/proc/self/fd/2", "/dev/fd/2"] {
            let target = Target::of(Path::new(path)).expect("a target");
            assert!(matches!(target, Target::Stream(_)), "{path}: {target:?}");
        }
        for path in ["-", "/dev/stdout"] {
            let target = Target::of_option(Path::new(path)).expect("a target");
            assert!(matches!(target, Target::Stdout), "{path}: {target:?}");
        }
        let named = Target::of(Path::new("-")).expect("a target");
        assert!(named.place().is_some(), "the scenario means a file");
    }

    #[test]
    fn a_folder_is_no_result() {
        for path in ["/", "new/", "..", "/dev"] {
            let error = chain(&Target::of(Path::new(path)).expect_err(path));
            assert!(error.contains("directory"), "{error}");
        }
    }
}
