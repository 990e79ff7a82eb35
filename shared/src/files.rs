//! Where models get the files that their parameters name.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::sync::Arc;

/// Content of a file, read line by line.
pub trait Content: BufRead + Seek + Send {}

impl<T: BufRead + Seek + Send> Content for T {}

/// A place that holds files by the paths that scenarios use.
///
/// In the controller these are the files of its working directory; on a node they are the contents
/// that the controller sent. A node never opens a path that a scenario names.
pub trait Files {
    /// Opens the file with this path.
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError>;
}

/// A file that a parameter names cannot be read.
#[derive(Debug)]
pub struct FileError {
    /// The path as the scenario has it.
    pub path: String,
    /// Why.
    pub cause: io::Error,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, cause } = self;
        match cause.kind() {
            io::ErrorKind::NotFound if cause.raw_os_error().is_some() => {
                write!(f, "there is no file '{path}'")
            }
            io::ErrorKind::IsADirectory => write!(f, "'{path}' is a folder; name a file in it"),
            _ => write!(f, "cannot read '{path}': {cause}"),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// The files of the machine, relative to the working directory of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkingDirectory;

impl Files for WorkingDirectory {
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        let fail = |cause| FileError {
            path: path.to_owned(),
            cause,
        };
        let file = std::fs::File::open(path).map_err(fail)?;
        if file.metadata().map_err(fail)?.is_dir() {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        Ok(Box::new(BufReader::with_capacity(64 * 1024, file)))
    }
}

/// Files held in memory, by path.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl MemoryFiles {
    /// Adds a file, or replaces the one with this path.
    pub fn insert(&mut self, path: String, content: Arc<[u8]>) {
        self.files.insert(path, content);
    }
}

impl Files for MemoryFiles {
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        match self.files.get(path) {
            Some(content) => Ok(Box::new(Cursor::new(Arc::clone(content)))),
            None => Err(FileError {
                path: path.to_owned(),
                cause: io::Error::new(io::ErrorKind::NotFound, "the controller did not send it"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn memory_holds_the_last_content_of_a_path() {
        let mut files = MemoryFiles::default();
        files.insert("a".into(), (*b"one").into());
        files.insert("a".into(), (*b"three").into());
        let mut text = String::new();
        files
            .open("a")
            .expect("there")
            .read_to_string(&mut text)
            .expect("readable");
        assert_eq!(text, "three");
        assert!(files.open("b").is_err());
    }

    #[test]
    fn a_folder_is_no_file() {
        let error = WorkingDirectory
            .open(".")
            .err()
            .expect("refused")
            .to_string();
        assert!(error.starts_with("cannot read '.': "), "{error}");
    }
}
