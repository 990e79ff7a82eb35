//! Why ssh did not come to a command, or to its end.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use super::system::System;
use crate::chain::chain;

/// Ssh did not come to a command, or not to its end.
#[derive(Debug, Error)]
pub(super) enum SshError {
    /// It refuses what the user has set.
    #[error("ssh does not understand its configuration: {0}")]
    Configuration(String),
    /// It cannot log in; why, and what to do.
    #[error("{0}")]
    NotConnected(String),
    /// It cannot be started.
    #[error("cannot start 'ssh'")]
    Start(#[source] NotStarted),
    /// Its end cannot be waited for.
    #[error("cannot wait for ssh")]
    Wait(#[source] io::Error),
    /// It takes too long.
    #[error("no end within {} s", .0.as_secs())]
    Late(Duration),
    /// What it is to send cannot be read.
    #[error("cannot read '{}'", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What the system says, and what to do about it.
#[derive(Debug, Error)]
#[error("{cause}; {}", System::HERE.install_ssh())]
pub(super) struct NotStarted {
    pub(super) cause: io::Error,
}

/// The reason, for the report about a host.
impl From<SshError> for String {
    fn from(error: SshError) -> Self {
        chain(&error)
    }
}
