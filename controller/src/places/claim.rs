//! The right to write a result: one run at a time has it, and loses it with its process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::system::{
    Identity, holder_of, identity, identity_of, keep_for_this_process, kept_by, replace,
};
use super::{Place, WriteError, system};

/// How often a file is opened anew that somebody takes away in the meantime.
pub(super) const ATTEMPTS: usize = 10;

/// A result that this run alone writes, as long as the process lives. It grows in the partial file
/// beside its place, and takes the place in one go.
///
/// Until [`begin`](Self::begin) nothing has changed: rows that an earlier run left in the partial
/// file are still there, and a claim that is given up takes away what it made.
#[derive(Debug)]
pub(crate) struct Claim {
    place: Place,
    /// Locked, and written at its end: so one that somebody cuts does not grow a hole.
    partial: File,
    /// Which file that is.
    identity: Identity,
    /// What was made for the claim, outermost first.
    made: Vec<PathBuf>,
    begun: bool,
    earlier: Option<Earlier>,
}

/// The result of an earlier run.
#[derive(Debug)]
struct Earlier {
    /// Locked as well: another name of the same file is the same result.
    file: File,
    state: State,
}

/// What a file looks like as long as nobody changes it.
#[derive(Debug, PartialEq, Eq)]
struct State {
    identity: Identity,
    length: u64,
    modified: Option<SystemTime>,
}

impl State {
    /// The state of what is at a path, which is no link.
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self {
            identity: identity(path, false)?,
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

impl Claim {
    /// Claims a result, and finds out whether it can be written.
    pub(crate) fn new(place: &Place) -> Result<Self, WriteError> {
        let refused = |cause| WriteError::new(place.shown(), cause);
        let mut options = OpenOptions::new();
        keep_for_this_process(options.write(true));
        let earlier = match options.open(place.path()) {
            Ok(file) => {
                lock(&file, place.shown())?;
                let state = State::of(place.path()).map_err(refused)?;
                Some(Earlier { file, state })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) if kept_by(&error) => return Err(WriteError::in_use(place.shown(), None)),
            Err(error) => return Err(refused(error)),
        };
        let folder = place.path().parent().unwrap_or(Path::new(""));
        let mut made = make_folders(folder).map_err(refused)?;
        match open_partial(place) {
            Ok((partial, identity, is_new)) => {
                made.extend(is_new.then(|| place.partial()));
                let place = place.clone();
                Ok(Self {
                    place,
                    partial,
                    identity,
                    made,
                    begun: false,
                    earlier,
                })
            }
            Err(error) => {
                take_away(&made);
                Err(error)
            }
        }
    }

    /// The place of the result.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The partial file, to be written to.
    pub(crate) fn partial(&self) -> &File {
        &self.partial
    }

    /// Empties the partial file, and takes its record away.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        // It is about the rows that go.
        remove(&self.place.partial_record())?;
        self.go_on(0)
    }

    /// Leaves so many bytes of what an earlier run has written to the partial file.
    pub(crate) fn go_on(&mut self, bytes: u64) -> io::Result<()> {
        self.begun = true;
        self.partial.set_len(bytes)?;
        if let Some(earlier) = &self.earlier {
            // Who may read the result, may still do so.
            self.partial
                .set_permissions(earlier.file.metadata()?.permissions())?;
        }
        Ok(())
    }

    /// Whether the partial file is still what was written, `length` bytes of it.
    pub(crate) fn verify(&self, length: u64) -> Result<(), WriteError> {
        let path = self.place.partial();
        let what = match State::of(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                "was removed while the run went on, and its rows are lost; run again"
            }
            Err(error) => return Err(WriteError::new(&path, error)),
            Ok(there) if there.identity != self.identity => {
                "was replaced while the run went on, and its rows are lost; run again"
            }
            Ok(there) if there.length < length => {
                "was cut while the run went on, so rows are missing; run again"
            }
            Ok(there) if there.length > length => {
                "was written to by another program while the run went on; run again"
            }
            Ok(_) => return Ok(()),
        };
        Err(WriteError::disturbed(&path, what))
    }

    /// Waits until what was written is on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.partial.sync_data()
    }

    /// Lets the partial file take the place of the result.
    pub(crate) fn settle(&mut self) -> Result<(), WriteError> {
        let now = State::of(self.place.path()).ok();
        let before = self.earlier.as_ref().map(|earlier| &earlier.state);
        // A result that is gone is no loss to anybody.
        if now.is_some() && now.as_ref() != before {
            let partial = self.place.partial();
            let what = format!(
                "was written by another program while the run went on, and is left as it is; the \
                 rows of this run are in '{}'",
                partial.display()
            );
            return Err(WriteError::disturbed(self.place.shown(), what));
        }
        let earlier = self.earlier.take().map(|earlier| earlier.file);
        // It is about the result that goes.
        let removed = remove(&self.place.record());
        removed
            .and_then(|()| replace(&self.place.partial(), self.place.path(), earlier))
            .map_err(|cause| WriteError::new(self.place.shown(), cause))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.begun {
            take_away(&self.made);
        }
    }
}

/// Opens the partial file of a result and locks it; returns which file it is, and whether it was not
/// there before.
fn open_partial(place: &Place) -> Result<(File, Identity, bool), WriteError> {
    let path = place.partial();
    let fail = |cause: io::Error| {
        // It is in the folder of the result, which the user knows.
        let at_fault = match cause.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => place.shown(),
            _ => &path,
        };
        WriteError::new(at_fault, cause)
    };
    let mut options = OpenOptions::new();
    keep_for_this_process(options.read(true).append(true));
    for _ in 0..ATTEMPTS {
        let (file, is_new) = match options.clone().create_new(true).open(&path) {
            Ok(file) => (file, true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => match options.open(&path) {
                Ok(file) => (file, false),
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) if kept_by(&error) => {
                    return Err(WriteError::in_use(place.shown(), None));
                }
                Err(error) => return Err(fail(error)),
            },
            Err(error) => return Err(fail(error)),
        };
        if !file.metadata().map_err(fail)?.is_file() {
            let other = "it is there and is no ordinary file; remove it";
            return Err(fail(io::Error::other(other)));
        }
        // Until it is locked, its run may move it to the place of the result.
        let opened = identity_of(&file, &path).map_err(fail)?;
        lock(&file, place.shown())?;
        if identity(&path, false).is_ok_and(|there| there == opened) {
            return Ok((file, opened, is_new));
        }
    }
    Err(WriteError::disturbed(
        &path,
        "is taken away again and again by another program",
    ))
}

/// Locks a file until the process ends; an error if another process has done so.
pub(super) fn lock(file: &File, shown: &Path) -> Result<(), WriteError> {
    if system::lock(file) {
        return Ok(());
    }
    Err(WriteError::in_use(shown, holder_of(file)))
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a folder with those around it; returns what was made, outermost first.
pub(super) fn make_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = folder.ancestors().take_while(|folder| {
        !folder.as_os_str().is_empty() && fs::symlink_metadata(folder).is_err()
    });
    let mut made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    made.reverse();
    fs::create_dir_all(folder).inspect_err(|_| take_away(&made))?;
    Ok(made)
}

/// Takes away what was made and is empty, last things first.
pub(super) fn take_away(made: &[PathBuf]) {
    for path in made.iter().rev() {
        // What is in use by now, stays.
        let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::chain::chain;
    use crate::places::Target;
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use tempfile::TempDir;

    fn place(folder: &TempDir, name: &str) -> Place {
        let target = Target::of(&folder.path().join(name)).expect("a target");
        target.place().expect("a file").clone()
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| {
            let name = entry.expect("readable").file_name();
            name.into_string().expect("text")
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    fn begun(place: &Place, content: &[u8]) -> Claim {
        let mut claim = Claim::new(place).expect("free");
        claim.begin().expect("begun");
        claim.partial().write_all(content).expect("written");
        claim
    }

    #[test]
    fn a_result_takes_its_place_whole_with_the_permissions_of_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = place(&folder, "out.csv");
        fs::write(place.path(), "old").expect("written");
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o640)).expect("set");
        let mut claim = begun(&place, b"new");
        assert_eq!(fs::read_to_string(place.path()).expect("there"), "old");
        claim.verify(3).expect("undisturbed");
        claim.settle().expect("settled");
        assert_eq!(fs::read_to_string(place.path()).expect("there"), "new");
        let mode = fs::metadata(place.path())
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(names(&folder), ["out.csv"]);
    }

    #[test]
    fn a_large_result_is_replaced_and_is_nobodys_at_once_under_its_other_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let (out, other) = (place(&folder, "out.csv"), place(&folder, "other.csv"));
        let old = "old\n".repeat(1 << 19);
        fs::write(out.path(), &old).expect("written");
        fs::hard_link(out.path(), other.path()).expect("linked");
        begun(&out, b"new").settle().expect("settled");
        Claim::new(&other).expect("free");
        let read = |place: &Place| fs::read_to_string(place.path()).expect("there");
        assert_eq!((read(&out), read(&other)), ("new".to_owned(), old));
    }

    #[test]
    fn one_run_at_a_time_writes_a_result_whatever_it_is_called() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("out.csv"), "old").expect("written");
        fs::hard_link(path("out.csv"), path("hard.csv")).expect("linked");
        symlink("out.csv", path("soft.csv")).expect("linked");
        let claim = Claim::new(&place(&folder, "out.csv")).expect("free");
        for name in ["out.csv", "hard.csv", "soft.csv"] {
            let error = Claim::new(&place(&folder, name)).expect_err("in use");
            assert_eq!(error.code(), "result_in_use", "{error}");
            let said = error.to_string();
            assert!(
                said.contains(name) && said.contains("another run"),
                "{said}"
            );
            if fs::read_to_string("/proc/locks").is_ok_and(|locks| locks.contains("FLOCK")) {
                let process = format!("(process {})", std::process::id());
                assert!(said.contains(&process), "{said}");
            }
        }
        drop(claim);
        Claim::new(&place(&folder, "hard.csv")).expect("free again");
        assert_eq!(names(&folder), ["hard.csv", "out.csv", "soft.csv"]);
    }

    #[test]
    fn a_claim_that_is_given_up_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Claim::new(&place(&folder, "new/deep/out.csv")).expect("free"));
        assert_eq!(names(&folder), Vec::<String>::new());
        let place = place(&folder, "out.csv");
        drop(begun(&place, b"rows"));
        assert_eq!(names(&folder), ["out.partial.csv"]);
        drop(Claim::new(&place).expect("free"));
        let left = fs::read_to_string(place.partial()).expect("there");
        assert_eq!(left, "rows", "of the run before");
    }

    #[test]
    fn what_is_done_to_a_partial_file_is_noticed() {
        type Disturb = fn(&Place);
        let cases: [(&str, Disturb); 4] = [
            ("was removed", |place| {
                fs::remove_file(place.partial()).expect("removed");
            }),
            ("was replaced", |place| {
                fs::rename(place.partial(), place.path()).expect("moved");
                fs::write(place.partial(), "rows").expect("written");
            }),
            ("was cut", |place| {
                let file = OpenOptions::new().write(true).open(place.partial());
                file.expect("there").set_len(1).expect("cut");
            }),
            ("was written to", |place| {
                let file = OpenOptions::new().append(true).open(place.partial());
                file.expect("there").write_all(b"more").expect("written");
            }),
        ];
        for (said, disturb) in cases {
            let folder = tempfile::tempdir().expect("a folder");
            let place = place(&folder, "out.csv");
            let claim = begun(&place, b"rows");
            disturb(&place);
            let error = claim.verify(4).expect_err(said).to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_result_that_somebody_else_writes_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = place(&folder, "out.csv");
        let mut claim = begun(&place, b"rows");
        fs::write(place.path(), "of somebody else").expect("written");
        let error = claim.settle().expect_err("refused").to_string();
        assert!(error.contains("out.partial.csv"), "{error}");
        let there = fs::read_to_string(place.path()).expect("there");
        assert_eq!(there, "of somebody else");
        assert_eq!(fs::read_to_string(place.partial()).expect("there"), "rows");
    }

    #[test]
    fn a_name_that_leaves_no_room_for_the_partial_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = place(&folder, &format!("{}.csv", "x".repeat(250)));
        let error = chain(&Claim::new(&place).expect_err("refused"));
        assert!(error.contains(".partial.csv'"), "{error}");
        assert!(error.contains("choose a shorter name"), "{error}");
    }

    #[test]
    fn a_partial_file_is_no_link_that_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = place(&folder, "out.csv");
        fs::write(folder.path().join("secret"), "secret").expect("written");
        symlink("secret", place.partial()).expect("linked");
        Claim::new(&place).expect_err("refused");
        let secret = fs::read_to_string(folder.path().join("secret"));
        assert_eq!(secret.expect("there"), "secret");
    }
}
