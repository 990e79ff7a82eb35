//! Why something cannot be written.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A file of a run cannot be written.
#[derive(Debug)]
pub struct WriteError {
    path: PathBuf,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    /// The system refuses it.
    System(io::Error),
    /// Another run writes it; the number of its process, where the system tells.
    InUse(Option<u32>),
    /// Somebody else took a hand in it while the run went on.
    Disturbed(String),
}

impl WriteError {
    /// The system refuses it.
    pub fn new(path: &Path, cause: io::Error) -> Self {
        Self::because(path, Cause::System(cause))
    }

    /// Another run writes it.
    pub(super) fn in_use(path: &Path, by: Option<u32>) -> Self {
        Self::because(path, Cause::InUse(by))
    }

    /// Somebody else took a hand in it; `what` says what became of it.
    pub(super) fn disturbed(path: &Path, what: impl Into<String>) -> Self {
        Self::because(path, Cause::Disturbed(what.into()))
    }

    fn because(path: &Path, cause: Cause) -> Self {
        let path = path.to_owned();
        Self { path, cause }
    }

    /// The machine-readable category.
    pub fn code(&self) -> &'static str {
        match self.cause {
            Cause::System(_) => "output",
            Cause::InUse(_) => "result_in_use",
            Cause::Disturbed(_) => "result_disturbed",
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.cause {
            Cause::System(cause) => {
                write!(f, "cannot write '{path}': {cause}{}", remedy(cause.kind()))
            }
            Cause::InUse(by) => {
                write!(f, "'{path}' is being written by another run")?;
                if let Some(process) = by {
                    write!(f, " (process {process})")?;
                }
                f.write_str("; wait for its end, or choose another file with --output")
            }
            Cause::Disturbed(what) => write!(f, "'{path}' {what}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::System(cause) => Some(cause),
            _ => None,
        }
    }
}

fn remedy(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull => "; free some space, or choose another place with --output",
        ErrorKind::InvalidFilename => "; choose a shorter name with --output",
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory => "; choose another file with --output",
        _ => "",
    }
}
