//! Files that nobody but their owner may have permissions on, as each system does that: permission bits on Unix, an
//! access list on Windows. What differs is here and nowhere else.

#[cfg(any(windows, test))]
mod access_list;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// How others than its owner come to a file.
#[derive(Debug)]
pub(crate) struct Exposure {
    /// Who they are, or what the system has for them: `mode 644`, `Everyone`.
    pub(crate) to: String,
    /// The commands that close it, in quotation marks.
    pub(crate) remedy: String,
}

/// Makes a file, which must not be there yet, that nobody but its owner may read, and opens it to be written.
///
/// # Errors
/// What the system says; and on Windows that the disk keeps nothing for anybody alone.
pub fn create(path: &Path) -> io::Result<File> {
    system::create(path)
}

/// Takes the permissions of all others on a file away, which is the caller's.
pub fn restrict(path: &Path) -> io::Result<()> {
    system::restrict(path)
}

/// How others than its owner come to an open file, if they do. `path` is where it was opened.
pub(crate) fn exposure(file: &File, path: &Path) -> io::Result<Option<Exposure>> {
    system::exposure(file, path)
}
