//! Batches: publications, and credit for those that have been read, one after the other.
//!
//! Each has a head in postcard and then its content:
//!
//! | what | head | content |
//! |---|---|---|
//! | publication | `stream << 1`, tick, ticks to the next one (0: never) | the stream's values |
//! | credit | `stream << 1 \| 1`, number of publications read | none |
//!
//! Streams are numbered from 0 in the order of the plan, per pair of sites. A publication's stream
//! is one of its sender's exports to the receiver, a credit's one of its sender's imports.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use shared::append::Append;
use shared::memory::OutOfMemory;
use shared::plan::StreamId;
use shared::time::{NEVER, Tick};

/// A peer sent a batch that is not what the plan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// It ends early, or holds something else than values.
    Malformed,
    /// A stream that the plan does not have.
    UnknownStream(StreamId),
    /// A publication for another tick than the one that is due.
    UnexpectedTick {
        /// The stream.
        stream: StreamId,
        /// The tick that is due.
        due: Tick,
        /// The tick that came.
        got: Tick,
    },
    /// More publications than the window allows.
    WindowExceeded(StreamId),
    /// Credit for publications that were never sent.
    UnearnedCredit(StreamId),
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
            Self::Malformed => f.write_str("a publication is cut or holds no value"),
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

/// Appends a part of a head, or a value.
pub(super) fn append(item: &impl Serialize, batch: &mut Vec<u8>) {
    postcard::serialize_with_flavor(item, Append(batch))
        .expect("a vector grows, and a value knows its length");
}

/// Appends the head of a publication; its values follow.
pub(super) fn append_publication(stream: StreamId, tick: Tick, next: Tick, batch: &mut Vec<u8>) {
    let ahead = if next == NEVER { 0 } else { next - tick };
    append(&(u64::from(stream.0) << 1, tick, ahead), batch);
}

/// Appends credit for so many publications.
pub(super) fn append_credit(stream: StreamId, read: usize, batch: &mut Vec<u8>) {
    append(&(u64::from(stream.0) << 1 | 1, read as u64), batch);
}

/// What a publication or a credit begins with.
#[derive(Clone, Copy)]
pub(super) enum Head {
    Publication {
        stream: StreamId,
        tick: Tick,
        next: Tick,
    },
    Credit {
        stream: StreamId,
        read: u64,
    },
}

/// Reads a batch one part after the other.
pub(super) struct BatchReader<'a>(pub(super) &'a [u8]);

impl BatchReader<'_> {
    pub(super) fn take<T: DeserializeOwned>(&mut self) -> Result<T, BatchError> {
        let (item, rest) = postcard::take_from_bytes(self.0).map_err(|_| BatchError::Malformed)?;
        self.0 = rest;
        Ok(item)
    }

    /// The next head; `None` at the end of the batch.
    pub(super) fn head(&mut self) -> Result<Option<Head>, BatchError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let head: u64 = self.take()?;
        let stream = u32::try_from(head >> 1).map_err(|_| BatchError::Malformed)?;
        let stream = StreamId(stream);
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
