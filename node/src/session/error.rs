//! Why a session ends without having finished.

use std::fmt;
use std::io;
use std::time::Duration;

use shared::host::BatchError;
use shared::wire::{ConnectionError, Refusal};

use crate::lights::Fault;

/// A controller that has been silent for this long is gone, unless it asks for more.
pub(super) const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// Why a session ended without having finished, or why there is none.
#[derive(Debug)]
pub(crate) enum SessionError {
    Connection(ConnectionError),
    Refused(Refusal),
    Batch(BatchError),
    NotReady,
    Silent(Duration),
    Stopped,
    /// The system lacks something.
    System(io::Error),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) => error.fmt(f),
            Self::Refused(refusal) => write!(f, "refused: {refusal:?}"),
            Self::Batch(error) => write!(f, "the controller sent a batch that cannot be: {error}"),
            Self::NotReady => f.write_str("a model could not be built"),
            Self::Silent(limit) => {
                let seconds = limit.as_secs();
                write!(f, "the controller has been silent for {seconds} s")
            }
            Self::Stopped => f.write_str("the node is being stopped"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl SessionError {
    /// What the lights show of it.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self {
            Self::NotReady => Some(Fault::Model),
            Self::Stopped => None,
            Self::Connection(_)
            | Self::Refused(_)
            | Self::Batch(_)
            | Self::Silent(_)
            | Self::System(_) => Some(Fault::Lost),
        }
    }
}

impl<E: Into<ConnectionError>> From<E> for SessionError {
    fn from(error: E) -> Self {
        Self::Connection(error.into())
    }
}
