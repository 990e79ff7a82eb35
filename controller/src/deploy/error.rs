//! Why nothing was done to any host.

use thiserror::Error;

use crate::exit::{RunError, USAGE};
use crate::output::say_line;

/// Why nothing was done to any host.
#[derive(Debug, Error)]
pub(super) enum DeployError {
    /// The scenario, a signal, or the system.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
}

impl DeployError {
    /// Says it; returns the exit code.
    pub(super) fn print(&self) -> u8 {
        match self {
            Self::Run(error) => {
                error.print();
                error.exit_code()
            }
            Self::Usage(text) => {
                say_line!(Error, "{text}");
                USAGE
            }
        }
    }
}
