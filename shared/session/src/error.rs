//! Why a node's session ends without having finished.

use std::fmt;
use std::io;
use std::time::Duration;

use engine::BatchError;
use shared::memory::OutOfMemory;
use shared::wire::{ConnectionError, FrameError, Refusal, ToController};

/// Why a session ended without having finished, or why there is none.
#[derive(Debug)]
pub enum SessionError {
    /// The connection to the controller is of no use any more.
    Connection(ConnectionError),
    /// The node will not go on.
    Refused(Refusal),
    /// The controller sent a batch that cannot be.
    Batch(BatchError),
    /// A model could not be built, which the controller knows.
    NotReady,
    /// The controller has been silent for so long.
    Silent(Duration),
    /// The node is being stopped.
    Stopped,
    /// The system lacks something.
    System(io::Error),
}

impl SessionError {
    /// What the controller is told of it. `None` where it knows already, or cannot hear any more.
    pub fn last_word(&self) -> Option<ToController<'static>> {
        let refusal = match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Batch(BatchError::OutOfMemory(error)) => Refusal::OutOfMemory(*error),
            Self::Batch(_) => Refusal::OutOfOrder,
            Self::Silent(limit) | Self::Connection(ConnectionError::TimedOut(limit)) => {
                let seconds = u16::try_from(limit.as_secs()).unwrap_or(u16::MAX);
                Refusal::Silence { seconds }
            }
            Self::System(error) => Refusal::System(error.to_string()),
            Self::Stopped => return Some(ToController::Leaving),
            Self::NotReady | Self::Connection(_) => return None,
        };
        Some(ToController::Refused(refusal))
    }

    /// Whether the controller can still hear something.
    pub fn can_be_told(&self) -> bool {
        match self {
            Self::Connection(error) => matches!(error, ConnectionError::TimedOut(_)),
            _ => true,
        }
    }
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

impl std::error::Error for SessionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connection(error) => Some(error),
            Self::Batch(error) => Some(error),
            Self::System(error) => Some(error),
            Self::Refused(_) | Self::NotReady | Self::Silent(_) | Self::Stopped => None,
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

impl From<ConnectionError> for SessionError {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(error)
    }
}

impl From<FrameError> for SessionError {
    fn from(error: FrameError) -> Self {
        Self::Connection(error.into())
    }
}

impl From<OutOfMemory> for SessionError {
    fn from(error: OutOfMemory) -> Self {
        Self::Refused(Refusal::OutOfMemory(error))
    }
}
