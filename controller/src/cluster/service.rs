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

/// The name of the program, which is that of its unit of systemd as well.
impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "illuminator-node",
            Self::Bridge => "illuminator-bridge",
        })
    }
}
