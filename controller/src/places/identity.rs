//! Which file a path means, whatever it is called: by a relative name, a symbolic link, a hard link.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::system::{Identity, identity};

/// A file or folder, or the place of one that is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    /// The file, or the innermost folder around it that is there.
    there: Identity,
    /// What would have to be made from there on.
    missing: PathBuf,
}

impl FileId {
    /// What a path means. `None` where it cannot be looked at, and for devices, pipes and the like,
    /// which keep nothing that could be written over.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let path = or_here(path);
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => return None,
            Ok(_) => {
                let there = identity(path, true).ok()?;
                let missing = PathBuf::new();
                return Some(Self { there, missing });
            }
            Err(_) => {}
        }
        let mut missing: Vec<OsString> = Vec::new();
        for folder in path.ancestors() {
            if let Ok(there) = identity(or_here(folder), true) {
                let missing = missing.iter().rev().collect();
                return Some(Self { there, missing });
            }
            missing.push(folder.file_name()?.to_owned());
        }
        None
    }
}

/// The folder of a name alone is the one that the process is in.
pub(crate) fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_the_same_by_all_its_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("deep")).expect("made");
        fs::write(path("a"), "a").expect("written");
        fs::write(path("b"), "a").expect("written");
        fs::hard_link(path("a"), path("hard")).expect("linked");
        symlink("a", path("soft")).expect("linked");
        symlink("deep", path("folder")).expect("linked");
        let known = FileId::of(&path("a")).expect("known");
        for same in ["hard", "soft", "deep/../a", "folder/../soft", "./a"] {
            assert_eq!(FileId::of(&path(same)).as_ref(), Some(&known), "{same}");
        }
        assert_ne!(FileId::of(&path("b")), Some(known));
        let missing = FileId::of(&path("deep/new/x")).expect("known");
        assert_eq!(FileId::of(&path("folder/new/x")), Some(missing.clone()));
        for other in ["deep/new/y", "deep/x", "new/x"] {
            assert_ne!(FileId::of(&path(other)), Some(missing.clone()), "{other}");
        }
    }

    #[test]
    fn a_device_is_nothing_to_be_written_over() {
        assert_eq!(FileId::of(Path::new("/dev/null")), None);
    }

    #[test]
    fn a_name_alone_lies_in_the_working_directory() {
        let named = FileId::of(Path::new("no-such-file")).expect("known");
        assert_eq!(FileId::of(Path::new("./no-such-file")), Some(named));
    }
}
