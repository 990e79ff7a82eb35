//! Files that appear whole: written beside their place, and moved there in one go.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that nobody ever sees a part of it. What is at the path is replaced; a symbolic
/// link there is, and not what it leads to.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = in_the_making(path);
    let written = create(&beside)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // It may not be there either.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Moves a file to its place, from another file system as well. What is there is replaced.
pub(crate) fn move_whole(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            write_whole(to, &fs::read(from)?)?;
            fs::remove_file(from)
        }
        moved => moved,
    }
}

/// A name beside a path that no other process uses.
fn in_the_making(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    path.with_file_name(name)
}

/// Creates a file; what an ended process of the same number left is taken away.
fn create(path: &Path) -> io::Result<File> {
    match File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            File::create_new(path)
        }
        created => created,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_symbolic_link_is_replaced_and_its_target_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (link, target) = (folder.path().join("a.csv"), folder.path().join("secret"));
        fs::write(&target, "secret").expect("written");
        symlink(&target, &link).expect("linked");
        write_whole(&link, b"new").expect("written");
        assert_eq!(fs::read_to_string(&link).expect("there"), "new");
        assert_eq!(fs::read_to_string(&target).expect("there"), "secret");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }

    #[test]
    fn what_cannot_take_its_place_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("taken");
        fs::create_dir(&path).expect("made");
        write_whole(&path, b"new").expect_err("a folder is there");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
