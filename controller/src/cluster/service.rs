//! What is dialled: it decides which program a remedy names.

use std::fmt;

/// A program of ours that listens on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// It runs models.
    Node,
    /// It runs programs whose units are models.
    Bridge,
}

impl Service {
    /// What it is, in a word.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Bridge => "bridge",
        }
    }

    /// What its file is called, and its unit of systemd.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Node => "illuminator-node",
            Self::Bridge => "illuminator-bridge",
        }
    }
}

/// The name of the program.
impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
