//! Why a result cannot be read.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a result file cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResultError {
    /// The system refuses it, or it is no CSV.
    #[error("cannot read the result '{}'", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is none of a result.
    #[error("{}:{line}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it, and what would be right.
        what: String,
    },
}

impl ResultError {
    /// The file cannot be read.
    pub(crate) fn unreadable(path: &Path, cause: io::Error) -> Self {
        let source = match cause.kind() {
            ErrorKind::NotFound => io::Error::other(
                "there is no such file; 'controller run' writes it where the scenario's monitor says",
            ),
            ErrorKind::IsADirectory => {
                io::Error::other("it is a folder; name the CSV file of a result in it")
            }
            _ => cause,
        };
        let path = path.to_owned();
        Self::Unreadable { path, source }
    }
}
