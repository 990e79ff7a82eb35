//! A file of a run, as messages name it.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::OUTPUT;

/// A file, and what it is to the run.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// For messages, such as `the scenario`.
    what: String,
    pub(super) path: PathBuf,
    /// The option that names another file.
    pub(super) option: &'static str,
}

impl Named {
    /// A file that is this to the run.
    pub(crate) fn new(what: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            what: what.into(),
            path: path.into(),
            option: OUTPUT,
        }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The same, where another file is named with this option.
    pub(crate) fn chosen_with(self, option: &'static str) -> Self {
        Self { option, ..self }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ('{}')", self.what, self.path.display())
    }
}
