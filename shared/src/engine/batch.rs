//! Records: publications, and credit for those that have been read.
//!
//! A batch is a sequence of records, each a head in postcard and then its content:
//!
//! | record | head | content |
//! |---|---|---|
//! | publication | `stream << 1`, tick, ticks to the next one (0: never) | the stream's values |
//! | credit | `stream << 1 \| 1`, number of publications read | none |
//!
//! Streams are numbered from 0 in the order of the plan, per pair of sites. A publication's stream
//! is one of its sender's exports to the receiver, a credit's one of its sender's imports.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::append::Append;
use crate::memory::OutOfMemory;
use crate::time::{NEVER, Tick};

/// A peer sent a batch that is not what the plan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// A record ends early, or its content is no value.
    Malformed,
    /// A stream that the plan does not have.
    UnknownStream(u32),
    /// A publication for another tick than the one that is due.
    UnexpectedTick {
        /// The stream.
        stream: u32,
        /// The tick that is due.
        due: Tick,
        /// The tick that came.
        got: Tick,
    },
    /// More publications than the window allows.
    WindowExceeded(u32),
    /// Credit for publications that were never sent.
    UnearnedCredit(u32),
    /// The values that wait take too much memory.
    OutOfMemory(OutOfMemory),
}

impl From<OutOfMemory> for BatchError {
    fn from(error: OutOfMemory) -> Self {
        Self::OutOfMemory(error)
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("a record is cut or holds no value"),
            Self::UnknownStream(stream) => write!(f, "stream {stream} is not in the plan"),
            Self::UnexpectedTick { stream, due, got } => {
                write!(f, "stream {stream} came with tick {got} where {due} is due")
            }
            Self::WindowExceeded(stream) => write!(f, "stream {stream} exceeds its window"),
            Self::UnearnedCredit(stream) => {
                write!(f, "stream {stream} got credit for more than was sent")
            }
            Self::OutOfMemory(error) => write!(f, "the values that wait take memory {error}"),
        }
    }
}

impl std::error::Error for BatchError {}

/// Appends an item of a record.
pub(super) fn append(item: &impl Serialize, batch: &mut Vec<u8>) {
    postcard::serialize_with_flavor(item, Append(batch))
        .expect("a vector grows, and records hold nothing of unknown length");
}

/// A record's head.
pub(super) enum Head {
    Publication { stream: u32, tick: Tick, next: Tick },
    Credit { stream: u32, read: u64 },
}

/// Reads records one part after the other.
pub(super) struct BatchReader<'a>(pub(super) &'a [u8]);

impl BatchReader<'_> {
    pub(super) fn take<T: DeserializeOwned>(&mut self) -> Result<T, BatchError> {
        let (item, rest) = postcard::take_from_bytes(self.0).map_err(|_| BatchError::Malformed)?;
        self.0 = rest;
        Ok(item)
    }

    /// The next record's head; `None` at the end of the batch.
    pub(super) fn head(&mut self) -> Result<Option<Head>, BatchError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let head: u64 = self.take()?;
        let stream = u32::try_from(head >> 1).map_err(|_| BatchError::Malformed)?;
        if head & 1 == 1 {
            return Ok(Some(Head::Credit {
                stream,
                read: self.take()?,
            }));
        }
        let (tick, ahead): (Tick, Tick) = self.take()?;
        let next = match ahead {
            0 => NEVER,
            ahead => tick.checked_add(ahead).ok_or(BatchError::Malformed)?,
        };
        Ok(Some(Head::Publication { stream, tick, next }))
    }
}
