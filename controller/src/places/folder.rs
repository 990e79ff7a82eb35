//! The right to write side files into a folder that the scenario names: one run at a time has it.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::WriteError;
use super::claim::{ATTEMPTS, lock, make_folders, take_away};
use super::system::{identity, identity_of, kept_by, open_folder};

/// A folder that this run alone writes side files into, as long as the process lives. One that was
/// made for it and has stayed empty goes with it.
#[derive(Debug)]
pub(crate) struct FolderClaim {
    made: Vec<PathBuf>,
    /// Locked.
    _folder: File,
}

impl FolderClaim {
    /// Claims a folder, which is made where it is not there.
    pub(crate) fn new(path: &Path) -> Result<Self, WriteError> {
        let refused = |cause| WriteError::new(path, cause);
        let mut made = Vec::new();
        for _ in 0..ATTEMPTS {
            made.extend(make_folders(path).map_err(refused)?);
            let claimed = Self::lock(path);
            match claimed {
                // Until it is locked, the run that made it may take it away.
                Ok(None) => made.clear(),
                Ok(Some(folder)) => {
                    return Ok(Self {
                        made,
                        _folder: folder,
                    });
                }
                Err(error) => {
                    take_away(&made);
                    return Err(error);
                }
            }
        }
        let what = "is taken away again and again by another program";
        Err(WriteError::disturbed(path, what))
    }

    /// The folder, locked; `None` where it is no longer there.
    fn lock(path: &Path) -> Result<Option<File>, WriteError> {
        let refused = |cause| WriteError::new(path, cause);
        let folder = match open_folder(path) {
            Ok(folder) => folder,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) if kept_by(&error) => return Err(WriteError::in_use(path, None)),
            Err(error) => return Err(refused(error)),
        };
        let opened = identity_of(&folder, path).map_err(refused)?;
        lock(&folder, path)?;
        let is_there = identity(path, true).is_ok_and(|there| there == opened);
        Ok(is_there.then_some(folder))
    }
}

impl Drop for FolderClaim {
    fn drop(&mut self) {
        take_away(&self.made);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_second_claim_is_refused_by_any_name_as_long_as_the_first_one_lives() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let first = FolderClaim::new(&path("deep/market")).expect("claimed");
        symlink("deep/market", path("link")).expect("linked");
        for name in ["deep/market", "deep/../deep/market", "link"] {
            let error = FolderClaim::new(&path(name)).expect_err(name);
            assert_eq!(error.code(), "result_in_use");
            assert!(error.to_string().contains("by another run"), "{error}");
        }
        FolderClaim::new(&path("deep")).expect("another folder");
        drop(first);
        FolderClaim::new(&path("deep/market")).expect("free again");
    }

    #[test]
    fn a_folder_that_was_made_in_vain_goes_and_one_with_files_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        drop(FolderClaim::new(&path("deep/market")).expect("claimed"));
        assert!(!path("deep").exists());
        let claim = FolderClaim::new(&path("deep/market")).expect("claimed");
        fs::write(path("deep/market/bids_0.csv"), "x").expect("written");
        drop(claim);
        assert!(path("deep/market/bids_0.csv").exists());
        fs::write(path("file"), "").expect("written");
        FolderClaim::new(&path("file")).expect_err("no folder");
    }
}
