//! The border to another site: what waits to be sent there, and how far each side may go.

use super::batch::{BatchError, append};
use crate::memory::{OutOfMemory, PEER_MEMORY};
use crate::plan::SiteId;
use crate::time::{NEVER, Tick};
use crate::value::Value;

/// The longest publication that is sent, in bytes.
pub const MAX_RECORD: usize = 64 * 1024;

/// A site sends what it has as soon as it has to wait, and in any case from this size on.
pub const FULL_BATCH: usize = 32 * 1024;

/// The longest batch, in bytes.
pub const MAX_BATCH: usize = FULL_BATCH + MAX_RECORD;

/// Credit is given for this part of a window at a time. With a credit for each publication, a sender
/// that has come to the end of its window would send each of the next ones by itself.
const CREDIT_PART: usize = 32;

/// The border to one other site.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: SiteId,
    /// Records that wait to be sent.
    pub(super) outbox: Vec<u8>,
    /// Somebody may wait for one of them.
    pub(super) is_awaited: bool,
    pub(super) exports: Vec<Outgoing>,
    pub(super) imports: Vec<Incoming>,
    /// What its values take here.
    taken: usize,
}

/// A stream from another site.
#[derive(Debug)]
pub(super) struct Incoming {
    /// The history that it fills.
    pub(super) history: usize,
    /// Publications that have been read and not been given credit for.
    owed: usize,
}

impl Incoming {
    pub(super) fn new(history: usize) -> Self {
        Self { history, owed: 0 }
    }
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
            taken: 0,
        }
    }

    /// Takes note of what a batch has added to, or taken from, the memory of the engine.
    pub(super) fn weigh(&mut self, before: usize, after: usize) -> Result<(), OutOfMemory> {
        self.taken = (self.taken + after).saturating_sub(before);
        if self.taken > PEER_MEMORY {
            return Err(OutOfMemory {
                limit: PEER_MEMORY as u64,
                shared: false,
            });
        }
        Ok(())
    }

    /// Appends a publication. Returns whether it fits a record; if not, nothing was appended.
    pub(super) fn publish(
        &mut self,
        stream: usize,
        tick: Tick,
        next: Tick,
        published: &[Option<Value>],
    ) -> bool {
        let Self {
            outbox,
            exports,
            is_awaited,
            ..
        } = self;
        let (export, start) = (&mut exports[stream], outbox.len());
        let ahead = if next == NEVER { 0 } else { next - tick };
        append(&((stream as u64) << 1, tick, ahead), outbox);
        for &slot in &export.slots {
            match published[slot].as_ref() {
                Some(value) => append(value, outbox),
                None => append(&Value::Null, outbox),
            }
        }
        let fits = outbox.len() - start <= MAX_RECORD;
        if fits {
            export.unread += 1;
            *is_awaited |= export.is_awaited();
        } else {
            outbox.truncate(start);
        }
        fits
    }

    /// Takes note of publications that have been read, and appends credit for them once they are
    /// worth a record.
    pub(super) fn credit(&mut self, stream: usize, read: usize, window: usize) {
        let import = &mut self.imports[stream];
        import.owed += read;
        if import.owed >= (window / CREDIT_PART).max(1) {
            let owed = std::mem::take(&mut import.owed);
            append(&((stream as u64) << 1 | 1, owed as u64), &mut self.outbox);
            self.is_awaited = true;
        }
    }

    /// Takes the records out.
    pub(super) fn take_outbox(&mut self) -> Vec<u8> {
        self.is_awaited = false;
        std::mem::take(&mut self.outbox)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_their_bytes() {
        let mut link = Link::new(1);
        link.exports.push(Outgoing::new(0, vec![1, 0], false, 8));
        link.imports = (0..4).map(Incoming::new).collect();
        let published = [Some(Value::Int(-1)), Some(Value::Float(1.5))];
        assert!(link.publish(0, 300, 301, &published));
        assert!(link.publish(0, 301, NEVER, &[published[0].clone(), published[0].clone()]));
        link.credit(3, 256, 1024);
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
        link.imports.push(Incoming::new(0));
        link.credit(0, 1, 8);
        assert!(link.is_awaited);
    }

    #[test]
    fn credit_goes_when_it_is_a_part_of_the_window() {
        let mut link = Link::new(0);
        link.imports.push(Incoming::new(0));
        for _ in 0..3 {
            link.credit(0, 1, 128);
            assert_eq!(link.outbox, [] as [u8; 0]);
        }
        link.credit(0, 2, 128);
        assert_eq!(link.outbox, [1, 5]);
        link.credit(0, 0, 128);
        assert_eq!(link.outbox, [1, 5]);
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
