//! Frames: a length, and as many bytes.

use std::fmt;

use serde::Serialize;

use crate::append::Append;

const HEADER: usize = 4;
const FIRST_CAPACITY: usize = 1024;
const LARGEST_READ: usize = 64 * 1024;

/// A frame cannot be taken, or not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The content would be longer than the limit.
    TooLong {
        /// Announced length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A frame without content.
    Empty,
    /// The content is no message.
    Malformed,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => {
                write!(f, "a frame of {length} bytes is over the limit of {limit}")
            }
            Self::Empty => f.write_str("a frame without content"),
            Self::Malformed => f.write_str("a frame whose content is no message"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Appends a message as a frame. On an error nothing is appended.
pub fn append_frame(
    output: &mut Vec<u8>,
    message: &impl Serialize,
    limit: usize,
) -> Result<(), FrameError> {
    let start = output.len();
    output.extend_from_slice(&[0; HEADER]);
    let appended = postcard::serialize_with_flavor(message, Append(output));
    let length = output.len() - start - HEADER;
    match (appended, u32::try_from(length)) {
        (Ok(()), Ok(header)) if length <= limit => {
            output[start..start + HEADER].copy_from_slice(&header.to_le_bytes());
            Ok(())
        }
        (appended, _) => {
            output.truncate(start);
            Err(match appended {
                Ok(()) => FrameError::TooLong { length, limit },
                Err(_) => FrameError::Malformed,
            })
        }
    }
}

/// What the content of a frame begins with that confirms how many bytes have been received, which follow as a 64-bit
/// little-endian integer. No message begins with that.
const CONFIRMATION: u8 = 0xff;

const CONFIRMATION_LENGTH: u8 = 9;

/// Appends a frame that confirms how many bytes have been received.
pub(super) fn append_confirmation(output: &mut Vec<u8>, received: u64) {
    output.extend_from_slice(&[CONFIRMATION_LENGTH, 0, 0, 0, CONFIRMATION]);
    output.extend_from_slice(&received.to_le_bytes());
}

/// Appends a frame with this content, which is shorter than the longest one that there may be.
pub(super) fn append_content(output: &mut Vec<u8>, content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    output.extend_from_slice(&length.to_le_bytes());
    output.extend_from_slice(content);
}

/// Collects what arrives, and gives it out frame by frame.
///
/// The announced length is checked against the limit before room is made, and room grows only as
/// bytes arrive. What was read stays, so a reader may be interrupted at any point.
#[derive(Debug)]
pub struct FrameBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    limit: usize,
    /// What the peer has confirmed last, until somebody takes it.
    confirmed: Option<u64>,
}

impl FrameBuffer {
    /// A buffer for frames with up to `limit` bytes of content.
    pub fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            end: 0,
            limit,
            confirmed: None,
        }
    }

    /// Changes the limit for the frames to come.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Room for what arrives; never empty.
    pub fn room(&mut self) -> &mut [u8] {
        self.make_room();
        &mut self.bytes[self.end..]
    }

    /// So many bytes have been put into [`room`](Self::room).
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// Takes as many of these bytes as there is room for; returns how many that are.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let room = self.room();
        let count = bytes.len().min(room.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.filled(count);
        count
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.end < self.bytes.len() {
            return;
        }
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let double = (self.bytes.len() * 2).min(self.bytes.len() + LARGEST_READ);
        if self.end * 2 >= self.bytes.len() {
            self.bytes.resize(double.max(FIRST_CAPACITY), 0);
        }
    }

    /// Takes what somebody else reads: gives room for up to `length` bytes, and keeps as many as
    /// `read` says that there are.
    pub(super) fn fill_with<E>(
        &mut self,
        length: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.make_room();
        if self.bytes.len() < self.end + length {
            self.bytes.resize(self.end + length, 0);
        }
        self.end += read(&mut self.bytes[self.end..])?;
        Ok(())
    }

    /// The next frame's content, once it is complete.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        loop {
            let arrived = &self.bytes[self.start..self.end];
            let Some((header, rest)) = arrived.split_first_chunk::<HEADER>() else {
                return Ok(None);
            };
            let length = u32::from_le_bytes(*header) as usize;
            if length == 0 {
                return Err(FrameError::Empty);
            }
            if length > self.limit {
                return Err(FrameError::TooLong {
                    length,
                    limit: self.limit,
                });
            }
            if rest.len() < length {
                return Ok(None);
            }
            let content = self.start + HEADER;
            self.start = content + length;
            if length == usize::from(CONFIRMATION_LENGTH)
                && let Some((&CONFIRMATION, received)) = rest.split_first()
                && let Some((received, _)) = received.split_first_chunk()
            {
                self.confirmed = Some(u64::from_le_bytes(*received));
                continue;
            }
            return Ok(Some(&self.bytes[content..content + length]));
        }
    }

    /// How many bytes the peer has confirmed, where it has done so since the last call. That comes between frames.
    pub(super) fn take_confirmed(&mut self) -> Option<u64> {
        self.confirmed.take()
    }

    /// Drops what has been read and not taken.
    pub fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Whether a frame has begun and not ended.
    pub fn is_in_frame(&self) -> bool {
        self.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames(messages: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for message in messages {
            append_frame(&mut bytes, message, 1000).expect("fits");
        }
        bytes
    }

    #[test]
    fn a_frame_is_its_length_and_its_content() {
        assert_eq!(frames(&[vec![7, 8]]), [3, 0, 0, 0, 2, 7, 8]);
    }

    #[test]
    fn what_has_been_received_is_confirmed_in_a_frame_of_its_own() {
        let mut output = Vec::new();
        append_confirmation(&mut output, 0x0102);
        append_frame(&mut output, &[7u8], 10).expect("fits");
        assert_eq!(output[..13], [9, 0, 0, 0, 0xff, 2, 1, 0, 0, 0, 0, 0, 0]);
        let mut buffer = FrameBuffer::new(100);
        buffer.push(&output[..12]);
        assert_eq!(buffer.next_frame(), Ok(None));
        assert_eq!(buffer.take_confirmed(), None, "a part of it");
        buffer.push(&output[12..]);
        assert_eq!(buffer.next_frame(), Ok(Some(&[7][..])));
        assert_eq!(buffer.take_confirmed(), Some(0x0102));
        assert_eq!(buffer.take_confirmed(), None);
    }

    #[test]
    fn a_message_beyond_the_limit_is_not_appended() {
        let mut output = vec![1, 2, 3];
        let error = append_frame(&mut output, &vec![0u8; 20], 10);
        assert_eq!(
            error,
            Err(FrameError::TooLong {
                length: 21,
                limit: 10
            })
        );
        assert_eq!(output, [1, 2, 3]);
    }

    #[test]
    fn a_message_that_cannot_be_written_leaves_what_waits_as_it_is() {
        /// Of unknown length, which postcard does not write.
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(std::iter::repeat_n(0u8, 3).filter(|_| true))
            }
        }
        let mut output = vec![1, 2, 3];
        let error = append_frame(&mut output, &Endless, 10);
        assert_eq!(error, Err(FrameError::Malformed));
        assert_eq!(output, [1, 2, 3]);
    }

    #[test]
    fn an_announced_length_beyond_the_limit_is_refused_before_room_is_made() {
        let mut buffer = FrameBuffer::new(100);
        buffer.push(&[0xff, 0xff, 0xff, 0xff, 1]);
        let error = buffer.next_frame().map(|_| ());
        assert_eq!(
            error,
            Err(FrameError::TooLong {
                length: 0xffff_ffff,
                limit: 100
            })
        );
        assert!(buffer.bytes.capacity() <= 2 * FIRST_CAPACITY);
    }

    #[test]
    fn a_frame_without_content_is_refused() {
        let mut buffer = FrameBuffer::new(100);
        buffer.push(&[0; 4]);
        assert_eq!(buffer.next_frame(), Err(FrameError::Empty));
    }

    #[test]
    fn a_cut_frame_is_waited_for() {
        let mut buffer = FrameBuffer::new(100);
        buffer.push(&[3, 0, 0, 0, 2, 7]);
        assert_eq!(buffer.next_frame(), Ok(None));
        assert!(buffer.is_in_frame());
        buffer.push(&[8]);
        assert_eq!(buffer.next_frame(), Ok(Some(&[2, 7, 8][..])));
        assert!(!buffer.is_in_frame());
    }

    proptest! {
        #[test]
        fn frames_survive_being_cut_anywhere(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
            cuts in prop::collection::vec(1usize..700, 1..50),
        ) {
            let bytes = frames(&messages);
            let mut buffer = FrameBuffer::new(1000);
            let mut got = Vec::new();
            let (mut rest, mut cuts) = (&bytes[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let cut = (*cuts.next().expect("cycles")).min(rest.len());
                rest = &rest[buffer.push(&rest[..cut])..];
                while let Some(frame) = buffer.next_frame().expect("sound") {
                    got.push(postcard::from_bytes::<Vec<u8>>(frame).expect("a message"));
                }
            }
            prop_assert_eq!(got, messages);
        }

        #[test]
        fn arbitrary_bytes_never_crash_the_buffer(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
            let mut buffer = FrameBuffer::new(500);
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                rest = &rest[buffer.push(rest)..];
                while let Ok(Some(frame)) = buffer.next_frame() {
                    prop_assert!(frame.len() <= 500);
                }
            }
        }
    }
}
