//! Why a connection is of no use any more.

use std::fmt;
use std::io;
use std::time::Duration;

use super::FrameError;
use super::seal::OpenError;

/// A connection is of no use any more.
#[derive(Debug)]
pub enum ConnectionError {
    /// The peer closed it.
    Closed,
    /// The peer closed it in the middle of a frame.
    Cut,
    /// The peer took too long.
    TimedOut(Duration),
    /// Something came that the peer did not send: its seal is broken.
    Forged,
    /// The system reports an error.
    Io(io::Error),
    /// The peer sent a frame that cannot be taken.
    Frame(FrameError),
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the peer closed the connection"),
            Self::Cut => f.write_str("the peer closed the connection in the middle of a frame"),
            Self::TimedOut(limit) => write!(f, "no answer for {} s", limit.as_secs_f64()),
            Self::Io(error) => error.fmt(f),
            Self::Forged => f.write_str(
                "something in between changed what the peer sent: it cannot be decrypted",
            ),
            Self::Frame(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConnectionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Frame(error) => Some(error),
            Self::Closed | Self::Cut | Self::TimedOut(_) | Self::Forged => None,
        }
    }
}

impl From<FrameError> for ConnectionError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<OpenError> for ConnectionError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Packet(error) => Self::Frame(error),
            OpenError::Unsealable => Self::Forged,
        }
    }
}
