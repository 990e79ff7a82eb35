//! Bytes that wait to be written.

/// Bytes in the order in which they are to be written; the first of them may be gone already.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// New bytes are appended here.
    pub(super) bytes: Vec<u8>,
    written: usize,
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

    /// Takes note that so many bytes have been written.
    pub(super) fn advance(&mut self, count: usize) {
        self.written += count;
        if self.is_empty() {
            self.bytes.clear();
            self.written = 0;
        }
    }
}
