//! Frames: four bytes of length, big-endian, and as many bytes of JSON.

use std::io::{self, ErrorKind, Read};

use thiserror::Error;

/// The longest frame that is taken, in bytes. Networks with thousands of buses describe themselves in a few.
pub const MAX_FRAME: usize = 64 * 1024 * 1024;

/// The room that is made for a frame at a time, so that one that only says it is long costs nothing.
const PIECE: usize = 64 * 1024;

/// A frame cannot be taken.
#[derive(Debug, Error)]
pub enum FrameError {
    /// It says that it is longer than the limit, which is [`MAX_FRAME`] where there is no other one.
    #[error("a frame of {0} bytes, and {MAX_FRAME} are the most: this is no simulator for mosaik")]
    TooLong(u32),
    /// The stream ended within it.
    #[error("the connection ended within a frame")]
    Cut,
    /// The stream failed.
    #[error("the connection broke")]
    Broken(#[from] io::Error),
}

/// Appends a frame with this content.
pub fn append_frame(content: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(content);
}

/// Reads the next frame of a stream, waiting for it; `None` where the stream has ended before one.
pub fn read_frame(stream: &mut impl Read) -> Result<Option<Vec<u8>>, FrameError> {
    read_frame_up_to(stream, MAX_FRAME)
}

/// Reads the next frame likewise, of somebody who may send so many bytes.
pub fn read_frame_up_to(
    stream: &mut impl Read,
    limit: usize,
) -> Result<Option<Vec<u8>>, FrameError> {
    let mut head = [0; 4];
    let mut got = 0;
    while got < head.len() {
        match stream.read(&mut head[got..]) {
            Ok(0) if got == 0 => return Ok(None),
            Ok(0) => return Err(FrameError::Cut),
            Ok(count) => got += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    let length = length(head, limit)?;
    let mut content = Vec::new();
    while content.len() < length {
        let start = content.len();
        content.resize(length.min(start + PIECE), 0);
        match stream.read_exact(&mut content[start..]) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(FrameError::Cut),
            read => read?,
        }
    }
    Ok(Some(content))
}

fn length(head: [u8; 4], limit: usize) -> Result<usize, FrameError> {
    let length = u32::from_be_bytes(head);
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if bytes > limit {
        return Err(FrameError::TooLong(length));
    }
    Ok(bytes)
}

/// Frames of bytes that arrive in pieces.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    /// What has been taken of them.
    taken: usize,
}

impl Frames {
    /// Takes bytes that have arrived.
    pub fn take(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The content of the next frame that is there as a whole.
    #[expect(clippy::should_implement_trait, reason = "it borrows from the buffer")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let rest = &self.bytes[self.taken..];
        let Some((head, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = length(*head, MAX_FRAME)?;
        if rest.len() < length {
            return Ok(None);
        }
        let start = self.taken + head.len();
        self.taken = start + length;
        Ok(Some(&self.bytes[start..self.taken]))
    }

    /// Whether a frame has begun and not ended.
    pub fn is_cut(&self) -> bool {
        self.taken < self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(contents: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for content in contents {
            append_frame(content, &mut bytes);
        }
        bytes
    }

    #[test]
    fn a_frame_is_its_length_and_its_content() {
        assert_eq!(frames(&[b"[]", b""]), b"\0\0\0\x02[]\0\0\0\0");
    }

    #[test]
    fn frames_come_out_however_their_bytes_arrive() {
        let bytes = frames(&[b"[1]", b"", b"[22]"]);
        for size in 1..=bytes.len() {
            let (mut frames, mut got) = (Frames::default(), Vec::new());
            for piece in bytes.chunks(size) {
                frames.take(piece);
                while let Some(content) = frames.next().expect("short enough") {
                    got.push(content.to_vec());
                }
            }
            assert_eq!(got, [b"[1]".to_vec(), Vec::new(), b"[22]".to_vec()]);
            assert!(!frames.is_cut());
        }
        let mut stream = bytes.as_slice();
        let mut read = || read_frame(&mut stream).expect("whole frames");
        assert_eq!(read(), Some(b"[1]".to_vec()));
        assert_eq!(read(), Some(Vec::new()));
        assert_eq!(read(), Some(b"[22]".to_vec()));
        assert_eq!(read(), None);
    }

    #[test]
    fn a_frame_that_is_cut_or_too_long_is_an_error() {
        let bytes = frames(&[b"[1]"]);
        for end in 1..bytes.len() {
            let read = read_frame(&mut &bytes[..end]);
            assert!(matches!(read, Err(FrameError::Cut)), "{end}: {read:?}");
            let mut frames = Frames::default();
            frames.take(&bytes[..end]);
            assert!(matches!(frames.next(), Ok(None)));
            assert!(frames.is_cut());
        }
        // What an HTTP server says first.
        let http = b"HTTP/1.1 400 Bad Request\r\n";
        assert!(matches!(
            read_frame(&mut &http[..]),
            Err(FrameError::TooLong(0x4854_5450))
        ));
        assert!(matches!(
            read_frame_up_to(&mut bytes.as_slice(), 2),
            Err(FrameError::TooLong(3))
        ));
    }
}
