//! What goes to and comes from another site: records of publications, and credit for those that
//! have been read.
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

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::plan::SiteId;
use crate::time::{NEVER, Tick};
use crate::value::Value;

/// The longest publication that is sent, in bytes.
pub const MAX_RECORD: usize = 64 * 1024;

/// A site sends what it has as soon as it has to wait, and in any case from this size on.
pub const FULL_BATCH: usize = 32 * 1024;

/// The longest batch, in bytes.
pub const MAX_BATCH: usize = FULL_BATCH + MAX_RECORD;

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
        }
    }
}

impl std::error::Error for BatchError {}

/// The border to one other site.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: SiteId,
    /// Records that wait to be sent.
    pub(super) outbox: Vec<u8>,
    /// Somebody may wait for one of them.
    pub(super) is_awaited: bool,
    pub(super) exports: Vec<Outgoing>,
    /// The histories that this peer's streams fill.
    pub(super) imports: Vec<usize>,
}

/// A stream to another site.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The member whose publications it carries.
    pub(super) member: usize,
    /// The published slots that it carries.
    pub(super) slots: Vec<usize>,
    /// No model waits for its publications.
    lazy: bool,
    window: u32,
    /// Publications sent and not read yet.
    unread: u32,
}

impl Outgoing {
    pub(super) fn new(member: usize, slots: Vec<usize>, lazy: bool, window: u32) -> Self {
        Self {
            member,
            slots,
            lazy,
            window: window.max(2),
            unread: 0,
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.unread < self.window
    }

    /// Whether its publications should go at once: somebody may wait for them, or the window
    /// fills up.
    fn is_awaited(&self) -> bool {
        !self.lazy || self.unread > self.window / 2
    }
}

impl Link {
    pub(super) fn new(peer: SiteId) -> Self {
        Self {
            peer,
            outbox: Vec::new(),
            is_awaited: false,
            exports: Vec::new(),
            imports: Vec::new(),
        }
    }

    /// Appends a publication. Returns whether it fits a record; if not, nothing was appended.
    pub(super) fn publish(
        &mut self,
        stream: usize,
        tick: Tick,
        next: Tick,
        published: &[Option<Value>],
    ) -> bool {
        let start = self.outbox.len();
        let ahead = if next == NEVER { 0 } else { next - tick };
        self.append(&((stream as u64) << 1, tick, ahead));
        let slots = std::mem::take(&mut self.exports[stream].slots);
        for &slot in &slots {
            match published[slot].as_ref() {
                Some(value) => self.append(value),
                None => self.append(&Value::Null),
            }
        }
        self.exports[stream].slots = slots;
        let fits = self.outbox.len() - start <= MAX_RECORD;
        if fits {
            let export = &mut self.exports[stream];
            export.unread += 1;
            self.is_awaited |= export.is_awaited();
        } else {
            self.outbox.truncate(start);
        }
        fits
    }

    /// Appends credit for publications that have been read.
    pub(super) fn credit(&mut self, stream: usize, read: usize) {
        self.append(&((stream as u64) << 1 | 1, read as u64));
        self.is_awaited = true;
    }

    /// Takes the records out.
    pub(super) fn take_outbox(&mut self) -> Vec<u8> {
        self.is_awaited = false;
        std::mem::take(&mut self.outbox)
    }

    fn append(&mut self, item: &impl Serialize) {
        postcard::serialize_with_flavor(item, Append(&mut self.outbox))
            .expect("a vector grows, and records hold nothing of unknown length");
    }

    /// Books credit; returns the member that may go on.
    pub(super) fn book(&mut self, stream: u32, read: u64) -> Result<usize, BatchError> {
        let export = self
            .exports
            .get_mut(stream as usize)
            .ok_or(BatchError::UnknownStream(stream))?;
        let read = u32::try_from(read)
            .ok()
            .and_then(|read| export.unread.checked_sub(read));
        export.unread = read.ok_or(BatchError::UnearnedCredit(stream))?;
        Ok(export.member)
    }
}

/// Serializes to the end of a vector. Most of what records consist of is a few bytes long, and for
/// those a call of `memcpy` takes several times as long as the bytes.
struct Append<'a>(&'a mut Vec<u8>);

/// Up to here bytes are appended one by one.
const SHORT: usize = 10;

impl Flavor for Append<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > SHORT {
            self.0.extend_from_slice(bytes);
        } else {
            self.0.reserve(SHORT);
            for &byte in bytes {
                self.0.push(byte);
            }
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_their_bytes() {
        let mut link = Link::new(1);
        link.exports.push(Outgoing::new(0, vec![1, 0], false, 8));
        let published = [Some(Value::Int(-1)), Some(Value::Float(1.5))];
        assert!(link.publish(0, 300, 301, &published));
        assert!(link.publish(0, 301, NEVER, &[published[0].clone(), published[0].clone()]));
        link.credit(3, 256);
        let golden: &[u8] = &[
            0, 0xac, 2, 1, 3, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 2, 1, // stream 0, tick 300
            0, 0xad, 2, 0, 2, 1, 2, 1, // stream 0, tick 301, the last one
            7, 0x80, 2, // credit of 256 for stream 3
        ];
        assert_eq!(link.outbox, golden);
    }

    #[test]
    fn a_publication_beyond_the_limit_is_not_sent() {
        let mut link = Link::new(1);
        link.exports.push(Outgoing::new(0, vec![0], false, 8));
        let long = Value::text(&"x".repeat(MAX_RECORD));
        assert!(!link.publish(0, 0, 1, &[Some(long)]));
        assert_eq!(link.outbox, [] as [u8; 0]);
    }

    #[test]
    fn what_only_the_monitor_reads_is_awaited_when_its_window_fills() {
        let mut link = Link::new(0);
        link.exports.push(Outgoing::new(0, vec![0], true, 8));
        for tick in 0..4 {
            assert!(link.publish(0, tick, tick + 1, &[Some(Value::Null)]));
            assert!(!link.is_awaited);
        }
        assert!(link.publish(0, 4, 5, &[Some(Value::Null)]));
        assert!(link.is_awaited);
        link.take_outbox();
        assert!(!link.is_awaited);
        link.credit(0, 1);
        assert!(link.is_awaited);
    }

    #[test]
    fn credit_that_was_not_earned_is_refused() {
        let mut link = Link::new(1);
        link.exports.push(Outgoing::new(7, vec![0], false, 8));
        assert!(link.publish(0, 0, 1, &[Some(Value::Null)]));
        assert_eq!(link.book(0, 2), Err(BatchError::UnearnedCredit(0)));
        assert_eq!(link.book(1, 1), Err(BatchError::UnknownStream(1)));
        assert_eq!(link.book(0, 1), Ok(7));
    }
}
