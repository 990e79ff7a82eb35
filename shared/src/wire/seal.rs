//! Encryption of a connection, below its frames.
//!
//! What a side has to say at one time is closed into a packet: the length of what follows as a
//! 32-bit little-endian integer, then the encrypted bytes with their tag. Packets know nothing of
//! frames: one may hold several, or a part of one.

use snow::TransportState;

use super::outbox::Outbox;
use super::{FrameBuffer, FrameError};

/// The longest message of the Noise protocol.
const MAX_SEALED: usize = 65_535;
const TAG: usize = 16;
const HEADER: usize = 4;

/// A packet was not made by the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unsealable;

/// The two directions of a connection between sides that have shown each other their key.
#[derive(Debug)]
pub(super) struct Seal {
    noise: Box<TransportState>,
    /// Packets as they arrive.
    pub(super) arriving: FrameBuffer,
    /// Packets to be written.
    pub(super) leaving: Outbox,
}

impl Seal {
    pub(super) fn new(noise: Box<TransportState>) -> Self {
        Self {
            noise,
            arriving: FrameBuffer::new(MAX_SEALED),
            leaving: Outbox::default(),
        }
    }

    /// Closes as much of what waits as one packet takes.
    pub(super) fn close(&mut self, plain: &mut Outbox) {
        let waiting = plain.rest();
        let part = &waiting[..waiting.len().min(MAX_SEALED - TAG)];
        let (length, start) = (part.len() + TAG, self.leaving.bytes.len());
        let header = u32::try_from(length).expect("a packet has less than 64 KiB");
        self.leaving.bytes.extend_from_slice(&header.to_le_bytes());
        // Room, which is written over: copied, since zeros are made one by one where this is compiled for size.
        self.leaving.bytes.extend_from_slice(part);
        self.leaving.bytes.extend_from_slice(&[0; TAG]);
        let room = &mut self.leaving.bytes[start + HEADER..];
        let sealed = self.noise.write_message(part, room);
        sealed.expect("the part fits, and 2^64 packets are never reached");
        plain.advance(length - TAG);
    }

    /// Opens all packets that are complete, into the frames.
    pub(super) fn open(&mut self, frames: &mut FrameBuffer) -> Result<(), OpenError> {
        while let Some(packet) = self.arriving.next_frame()? {
            let length = packet.len().checked_sub(TAG).ok_or(Unsealable)?;
            frames.fill_with(length, |room| {
                let opened = self.noise.read_message(packet, &mut room[..length]);
                opened.map_err(|_| Unsealable)
            })?;
        }
        Ok(())
    }
}

/// What arrived cannot be opened.
pub(super) enum OpenError {
    Packet(FrameError),
    Unsealable,
}

impl From<FrameError> for OpenError {
    fn from(error: FrameError) -> Self {
        Self::Packet(error)
    }
}

impl From<Unsealable> for OpenError {
    fn from(Unsealable: Unsealable) -> Self {
        Self::Unsealable
    }
}
