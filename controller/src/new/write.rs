//! Files that are written all, or none of them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why files are not made.
#[derive(Debug, Error)]
pub(crate) enum NotMade {
    /// Something has the name of one of them.
    #[error(
        "'{}' is there already, and nothing is written over it; give a folder that does not have it, or take it away",
        .0.display()
    )]
    There(PathBuf),
    /// A file has the place of a folder.
    #[error("'{}' is a file; give a folder", .0.display())]
    NoFolder(PathBuf),
    /// A file or folder cannot be made.
    #[error("cannot make '{}'; give a folder in which you may write", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Writes files into a folder, which is made if it is not there. Where one of them cannot be written, what has been
/// made is taken away again; what was there before stays as it is.
///
/// # Errors
/// If a path is taken already, a file is where a folder is to be, or something cannot be made.
pub(crate) fn write(folder: &Path, files: &[(&str, impl AsRef<str>)]) -> Result<(), NotMade> {
    for (path, _) in files {
        let path = folder.join(path);
        // A link that leads nowhere is something, too. What cannot be looked at shows when it is made.
        if path.symlink_metadata().is_ok() {
            return Err(NotMade::There(path));
        }
    }
    let mut made = Made::default();
    for (path, text) in files {
        made.file(&folder.join(path), text.as_ref())?;
    }
    made.is_whole = true;
    Ok(())
}

/// What has been made so far; taken away when dropped, unless it is whole.
#[derive(Debug, Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    is_whole: bool,
}

impl Made {
    /// Makes a file, and the folders that it is in.
    fn file(&mut self, path: &Path, text: &str) -> Result<(), NotMade> {
        if let Some(folder) = path.parent() {
            self.folder(folder)?;
        }
        // Somebody may have made one since it was looked for: that stays.
        let mut file = File::create_new(path).map_err(|error| not_made(path, error))?;
        self.files.push(path.to_owned());
        file.write_all(text.as_bytes())
            .map_err(|error| not_made(path, error))
    }

    /// Makes a folder that is not there, and those that it is in.
    fn folder(&mut self, path: &Path) -> Result<(), NotMade> {
        // The folder that a plain name is in has an empty path.
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        if let Some(above) = path.parent() {
            self.folder(above)?;
        }
        if path.exists() {
            return Err(NotMade::NoFolder(path.to_owned()));
        }
        fs::create_dir(path).map_err(|error| not_made(path, error))?;
        self.folders.push(path.to_owned());
        Ok(())
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if self.is_whole {
            return;
        }
        // The error that led here is told; another one would not help. A folder into which somebody has put something
        // is not empty, and stays.
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn not_made(path: &Path, source: io::Error) -> NotMade {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::AlreadyExists => NotMade::There(path),
        _ => NotMade::Write { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths below a folder, in order.
    fn content(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("readable").file_name().into_string())
            .map(|name| name.expect("UTF-8"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn folders_are_made_on_the_way() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path().join("a/b");
        write(&folder, &[("x", "1"), ("c/d/y", "2")]).expect("written");
        assert_eq!(
            fs::read_to_string(folder.join("c/d/y")).expect("there"),
            "2"
        );
        assert_eq!(content(&folder), ["c", "x"]);
    }

    #[test]
    fn what_is_there_stays_and_is_named() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path();
        fs::write(folder.join("y"), "mine").expect("written");
        let error = write(folder, &[("x", "1"), ("y", "2")]).expect_err("there");
        assert!(
            error.to_string().contains(&format!(
                "'{}' is there already",
                folder.join("y").display()
            )),
            "{error}"
        );
        assert_eq!(content(folder), ["y"]);
        assert_eq!(fs::read_to_string(folder.join("y")).expect("there"), "mine");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_not_followed() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path();
        std::os::unix::fs::symlink(folder.join("far"), folder.join("x")).expect("linked");
        assert!(matches!(
            write(folder, &[("x", "1")]),
            Err(NotMade::There(_))
        ));
        assert!(!folder.join("far").exists());
    }

    #[test]
    fn where_one_cannot_be_written_nothing_is_left() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = scratch.path();
        fs::write(folder.join("taken"), "").expect("written");
        let files = [("new/x", "1"), ("y", "2"), ("taken/z", "3")];
        let error = write(folder, &files).expect_err("a file is no folder");
        let path = folder.join("taken");
        assert!(
            error.to_string().contains(&path.display().to_string()),
            "{error}"
        );
        assert_eq!(content(folder), ["taken"]);

        let fresh = folder.join("taken/below");
        write(&fresh, &files).expect_err("a file is no folder");
        assert_eq!(content(folder), ["taken"]);
    }
}
