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
            Self::Refused(refusal) => write!(f, "refused: {}", Reason(refusal)),
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

/// Why the node refuses a session, for its log.
struct Reason<'a>(&'a Refusal);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: u64 = 1024 * 1024;
        match self.0 {
            Refusal::Busy { sessions } => write!(f, "there are {sessions} sessions already"),
            Refusal::MissingTypes(types) => {
                write!(f, "there is no model type {} here", types.join(", "))
            }
            Refusal::DifferentTypes(types) => write!(
                f,
                "model type {} is another one here, so controller and node are of different releases",
                types.join(", ")
            ),
            Refusal::FilesTooLarge { limit } => {
                write!(f, "its files are over the limit of {} MiB", limit / MIB)
            }
            Refusal::ModelsTooLarge { limit } => {
                write!(f, "its models are over the limit of {} MiB", limit / MIB)
            }
            Refusal::InconsistentPlan => f.write_str("its plan does not fit together"),
            Refusal::OutOfOrder => f.write_str("it sent a message that does not belong there"),
            Refusal::OutOfMemory(error) => write!(f, "its plan or its values take memory {error}"),
            Refusal::ReservedPin { pin, .. } => {
                write!(f, "pin {pin} is reserved, and no light may have it here")
            }
            Refusal::Silence { seconds } => write!(f, "it was silent for {seconds} s"),
            Refusal::System(what) => f.write_str(what),
            Refusal::OtherType(only) => write!(f, "this node runs models of type {only} only"),
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
