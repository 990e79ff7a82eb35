//! Bytes that wait to be written, and those that may have to be written again.

/// Bytes in the order in which they are to be written; the first of them may be gone already.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// New bytes are appended here.
    pub(super) bytes: Vec<u8>,
    written: usize,
    /// Of those, as many from the first one on are needed no more.
    confirmed: usize,
    /// So many that have been written are kept until they are confirmed.
    keeps: usize,
}

impl Outbox {
    /// What is still to be written.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// Keeps up to so many bytes that are written from now on.
    pub(super) fn keep(&mut self, most: usize, room: usize) {
        self.keeps = most;
        self.confirmed = self.written;
        self.bytes.reserve(room);
    }

    /// Takes note that so many bytes have been written.
    pub(super) fn advance(&mut self, count: usize) {
        self.written += count;
        if self.written - self.confirmed > self.keeps {
            self.confirmed = self.written;
            self.tidy();
        }
    }

    /// All bytes that have been written but the last so many are needed no more; nothing where there are not as many.
    pub(super) fn confirm(&mut self, but: usize) {
        if but <= self.written - self.confirmed {
            self.confirmed = self.written - but;
            self.tidy();
        }
    }

    /// The last so many bytes are to be written once more; `false` where they are not kept.
    pub(super) fn rewind(&mut self, count: usize) -> bool {
        let is_kept = count <= self.written - self.confirmed;
        if is_kept {
            self.written -= count;
        }
        is_kept
    }

    /// Drops what is needed no more, seldom enough that moving the others takes no time.
    fn tidy(&mut self) {
        if self.confirmed * 2 >= self.bytes.len() {
            self.bytes.drain(..self.confirmed);
            self.written -= self.confirmed;
            self.confirmed = 0;
        }
    }
}
