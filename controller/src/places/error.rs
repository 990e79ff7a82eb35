//! Why something cannot be written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file of a run cannot be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The system refuses it.
    #[error("cannot write '{}'", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says, and what to do.
        source: SystemError,
    },
    /// Another run writes it.
    #[error(
        "'{}' is being written by another run{}; wait for its end, or choose another file with {option}",
        path.display(),
        by.map_or(String::new(), |process| format!(" (process {process})"))
    )]
    InUse {
        /// The file.
        path: PathBuf,
        /// The number of its process, where the system tells.
        by: Option<u32>,
        /// The option that names another place.
        option: &'static str,
    },
    /// A run that goes on with an earlier one makes another line of what that one has written.
    #[error(
        "line {line} of '{}' is another one when it is computed again: the scenario, its data or this program are not \
         those of the run that wrote it; with what they were it goes on, and without --resume all is made anew",
        path.display()
    )]
    NotTheSame {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// Somebody else took a hand in it while the run went on.
    #[error("'{}' {what}", path.display())]
    Disturbed {
        /// The file.
        path: PathBuf,
        /// What became of it.
        what: String,
    },
}

/// What the system says, and what to do about it.
#[derive(Debug, Error)]
#[error("{cause}{}", remedy(cause.kind(), option))]
pub struct SystemError {
    cause: io::Error,
    option: &'static str,
}

/// The option that says where the result goes.
pub(crate) const OUTPUT: &str = "--output";

impl WriteError {
    /// The system refuses it.
    pub fn new(path: &Path, cause: io::Error) -> Self {
        Self::System {
            path: path.to_owned(),
            source: SystemError {
                cause,
                option: OUTPUT,
            },
        }
    }

    /// The same, where another place is chosen with this option.
    pub(crate) fn chosen_with(mut self, other: &'static str) -> Self {
        match &mut self {
            Self::System { source, .. } => source.option = other,
            Self::InUse { option, .. } => *option = other,
            Self::Disturbed { .. } | Self::NotTheSame { .. } => {}
        }
        self
    }

    /// Another run writes it.
    pub(super) fn in_use(path: &Path, by: Option<u32>) -> Self {
        Self::InUse {
            path: path.to_owned(),
            by,
            option: OUTPUT,
        }
    }

    /// Somebody else took a hand in it; `what` says what became of it.
    pub(super) fn disturbed(path: &Path, what: impl Into<String>) -> Self {
        let (path, what) = (path.to_owned(), what.into());
        Self::Disturbed { path, what }
    }

    /// The machine-readable category.
    pub fn code(&self) -> &'static str {
        match self {
            Self::System { .. } => "output",
            Self::InUse { .. } => "result_in_use",
            Self::Disturbed { .. } => "result_disturbed",
            Self::NotTheSame { .. } => "result_differs",
        }
    }
}

fn remedy(kind: ErrorKind, option: &str) -> String {
    match kind {
        ErrorKind::StorageFull => {
            format!("; free some space, or choose another place with {option}")
        }
        ErrorKind::InvalidFilename => format!("; choose a shorter name with {option}"),
        // A file where a folder is wanted is the last of these on Windows.
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotADirectory
        | ErrorKind::AlreadyExists
        | ErrorKind::IsADirectory => format!("; choose another file with {option}"),
        _ => String::new(),
    }
}

/// Two files of a run are one.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Collision(pub(super) String);

impl Collision {
    /// This is written over that.
    pub(crate) fn new(what: String) -> Self {
        Self(what)
    }
}
