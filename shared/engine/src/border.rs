//! The border to another site: what waits to be sent there, and how far each side may go.

use super::batch::{BatchError, append, append_credit, append_publication};
use super::wiring::Border;
use shared::index::{Index, Table};
use shared::memory::{OutOfMemory, PEER_MEMORY};
use shared::plan::{LocalId, StreamId};
use shared::time::Tick;
use shared::value::Value;
use shared::wire::MAX_PUBLICATION;

/// Credit is given for this part of a window at a time. With a credit for each publication, a sender
/// that has come to the end of its window would send each of the next ones by itself.
const CREDIT_PART: usize = 32;

/// What is on its way across the border to one other site.
#[derive(Debug)]
pub(super) struct BorderState {
    /// What waits to be sent.
    pub(super) outbox: Vec<u8>,
    /// Somebody may wait for some of it.
    pub(super) is_awaited: bool,
    /// Publications of each export that have been sent and not been read yet.
    unread: Table<StreamId, u32>,
    /// Publications of each import that have been read and not been given credit for.
    owed: Table<StreamId, usize>,
    /// What the other side's values take here.
    taken: usize,
}

impl BorderState {
    pub(super) fn new(border: &Border) -> Self {
        Self {
            outbox: Vec::new(),
            is_awaited: false,
            unread: border.exports.iter().map(|_| 0).collect(),
            owed: border.imports.iter().map(|_| 0).collect(),
            taken: 0,
        }
    }

    /// Whether one more publication of a stream may be sent.
    #[inline]
    pub(super) fn has_room(&self, border: &Border, stream: StreamId) -> bool {
        self.unread[stream] < border.exports[stream].window
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

    /// Appends a publication. Returns whether it is short enough; if not, nothing was appended.
    pub(super) fn publish(
        &mut self,
        border: &Border,
        stream: StreamId,
        (tick, next): (Tick, Tick),
        published: &[Option<Value>],
    ) -> bool {
        let (export, start) = (&border.exports[stream], self.outbox.len());
        append_publication(stream, tick, next, &mut self.outbox);
        for &slot in &export.slots {
            match published[slot.place()].as_ref() {
                Some(value) => append(value, &mut self.outbox),
                None => append(&Value::Null, &mut self.outbox),
            }
        }
        let fits = self.outbox.len() - start <= MAX_PUBLICATION;
        if fits {
            let unread = &mut self.unread[stream];
            *unread += 1;
            // It goes at once where a model may wait for it, or the window fills up.
            self.is_awaited |= !export.lazy || *unread > export.window / 2;
        } else {
            self.outbox.truncate(start);
        }
        fits
    }

    /// Takes note of publications that have been read, and appends credit for them once that is
    /// worth sending.
    pub(super) fn credit(&mut self, stream: StreamId, read: usize, window: usize) {
        let owed = &mut self.owed[stream];
        *owed += read;
        if *owed >= (window / CREDIT_PART).max(1) {
            append_credit(stream, std::mem::take(owed), &mut self.outbox);
            self.is_awaited = true;
        }
    }

    /// Takes out what waits to be sent.
    pub(super) fn take_outbox(&mut self) -> Vec<u8> {
        self.is_awaited = false;
        std::mem::take(&mut self.outbox)
    }

    /// Books credit; returns the model that may go on.
    pub(super) fn book(
        &mut self,
        border: &Border,
        stream: StreamId,
        read: u64,
    ) -> Result<LocalId, BatchError> {
        let export = border.exports.get(stream);
        let export = export.ok_or(BatchError::UnknownStream(stream))?;
        let unread = &mut self.unread[stream];
        let left = u32::try_from(read)
            .ok()
            .and_then(|read| unread.checked_sub(read));
        *unread = left.ok_or(BatchError::UnearnedCredit(stream))?;
        Ok(export.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wiring::{Export, SourceId};
    use shared::model::PublishedSlot;
    use shared::plan::SiteId;
    use shared::time::NEVER;

    const FIRST: StreamId = StreamId(0);

    /// A border with a stream of these slots that leaves, and so many that arrive.
    fn border(slots: &[usize], lazy: bool, imports: u32) -> (Border, BorderState) {
        let export = Export {
            model: LocalId(7),
            slots: slots.iter().map(|&slot| PublishedSlot::at(slot)).collect(),
            lazy,
            window: 8,
        };
        let border = Border {
            peer: SiteId(1),
            exports: vec![export].into(),
            imports: (0..imports).map(SourceId).collect(),
        };
        let state = BorderState::new(&border);
        (border, state)
    }

    #[test]
    fn what_crosses_has_its_bytes() {
        let (border, mut state) = border(&[1, 0], false, 4);
        let published = [Some(Value::Int(-1)), Some(Value::Float(1.5))];
        assert!(state.publish(&border, FIRST, (300, 301), &published));
        let last = [published[0].clone(), published[0].clone()];
        assert!(state.publish(&border, FIRST, (301, NEVER), &last));
        state.credit(StreamId(3), 256, 1024);
        let golden: &[u8] = &[
            0, 0xac, 2, 1, 3, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 2, 1, // stream 0, tick 300
            0, 0xad, 2, 0, 2, 1, 2, 1, // stream 0, tick 301, the last one
            7, 0x80, 2, // credit of 256 for stream 3
        ];
        assert_eq!(state.outbox, golden);
    }

    #[test]
    fn a_publication_beyond_the_limit_is_not_sent() {
        let (border, mut state) = border(&[0], false, 0);
        let long = Value::text(&"x".repeat(MAX_PUBLICATION));
        assert!(!state.publish(&border, FIRST, (0, 1), &[Some(long)]));
        assert_eq!(state.outbox, [] as [u8; 0]);
    }

    #[test]
    fn what_only_the_monitor_reads_is_awaited_when_its_window_fills() {
        let (border, mut state) = border(&[0], true, 1);
        for tick in 0..4 {
            assert!(state.publish(&border, FIRST, (tick, tick + 1), &[Some(Value::Null)]));
            assert!(!state.is_awaited);
        }
        assert!(state.publish(&border, FIRST, (4, 5), &[Some(Value::Null)]));
        assert!(state.is_awaited);
        state.take_outbox();
        assert!(!state.is_awaited);
        state.credit(FIRST, 1, 8);
        assert!(state.is_awaited);
    }

    #[test]
    fn credit_goes_when_it_is_a_part_of_the_window() {
        let (_, mut state) = border(&[], false, 1);
        for _ in 0..3 {
            state.credit(FIRST, 1, 128);
            assert_eq!(state.outbox, [] as [u8; 0]);
        }
        state.credit(FIRST, 2, 128);
        assert_eq!(state.outbox, [1, 5]);
        state.credit(FIRST, 0, 128);
        assert_eq!(state.outbox, [1, 5]);
    }

    #[test]
    fn credit_that_was_not_earned_is_refused() {
        let (border, mut state) = border(&[0], false, 0);
        assert!(state.publish(&border, FIRST, (0, 1), &[Some(Value::Null)]));
        let unearned = Err(BatchError::UnearnedCredit(FIRST));
        assert_eq!(state.book(&border, FIRST, 2), unearned);
        let unknown = StreamId(1);
        assert_eq!(
            state.book(&border, unknown, 1),
            Err(BatchError::UnknownStream(unknown))
        );
        assert_eq!(state.book(&border, FIRST, 1), Ok(LocalId(7)));
    }
}
