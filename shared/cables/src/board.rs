//! What is said to a board, and what it answers. No port and no clock here: bytes come in with the time,
//! and there are bytes to be written, and a time from which on there is something to do.
//!
//! A board that reads *text* gets three characters and a line feed, and answers its id, one character. It
//! reads three bytes and drops whatever else has come by then, so it gets nothing before it has answered,
//! or has had the time to. A board that acknowledges *bytes* gets five, one at a time, and answers each with
//! its number; after the fifth it says its id as a byte, and whether it drives the strip. It has no time-out:
//! one that was left in the middle of a frame takes the next byte that ever comes as its next one.
//!
//! Which kind it is shows in its first answer to a text: 01 to 05 is a number of a byte.

use crate::found::Found;
use crate::picture::{bytes, text};

/// Time in milliseconds, from some start.
pub(crate) type Millis = u64;

/// A board is asked again after this time.
pub(crate) const PERIOD: Millis = 250;

/// So long an answer may take: the slowest dot keeps a board busy for 0.53 s.
const PATIENCE: Millis = 700;

/// A text has been answered when nothing more came for this time: a byte takes a board 5 ms.
const PAUSE: Millis = 30;

/// A write may take this time.
const STUCK: Millis = 1000;

/// A frame is told anew if the board was in the middle of one. In a third try it is none of these boards.
const MOST_BYTES: u8 = 15;

/// What an exchange found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A cable, something else, or no answer.
    Answer(Found),
    /// Not even what was to be written could be.
    Stuck,
}

/// A few bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Few {
    bytes: [u8; 8],
    length: usize,
}

impl Few {
    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Adds one, if there is room.
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }
}

/// A board behind a port that is open.
#[derive(Debug, Default)]
pub(crate) struct Board {
    kind: Kind,
    /// The exchange goes on.
    is_asked: bool,
    /// What it was told last; 0 for nothing, which is no picture.
    told: u64,
    period: Millis,
    began: Millis,
    /// The end of waiting, or the begin of the next exchange.
    due: Millis,
    to_send: Few,
    /// So many of these have been written.
    sent: usize,
    /// What came before it was asked, last; 0 for nothing.
    early: u8,
    answer: Few,
    frame: Frame,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Text,
    Bytes,
}

/// How far a board is that acknowledges bytes.
#[derive(Debug, Default)]
struct Frame {
    /// Bytes that it has not acknowledged.
    owed: u8,
    /// Those of this exchange.
    said: u8,
    /// The one that was said last, from 1; 0 if it was a text.
    sent: u8,
    /// The one that it took last.
    taken: u8,
    /// So many from the first one on were taken for what they were.
    right: u8,
    next: Next,
    id: u8,
}

/// What a board says next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Number,
    Id,
    Role,
}

impl Board {
    /// Does what is due: begins an exchange, at once if something else is wanted than what was told, or
    /// ends one that has taken too long.
    pub(crate) fn advance(&mut self, wanted: u64, period: Millis, now: Millis) -> Option<Heard> {
        self.period = period;
        if self.is_asked {
            return (now >= self.due).then(|| self.conclude());
        }
        if wanted != self.told || now >= self.due {
            self.ask(wanted, now);
        }
        None
    }

    /// When there is something to do, if nothing happens before.
    pub(crate) fn due(&self) -> Millis {
        self.due
    }

    /// Whether it can be told something else now.
    pub(crate) fn is_free(&self) -> bool {
        !self.is_asked
    }

    /// Whether it has been told this, and has read it or had the time to.
    pub(crate) fn knows(&self, picture: u64) -> bool {
        !self.is_asked && self.told == picture
    }

    /// What has to be written.
    pub(crate) fn unsent(&self) -> &[u8] {
        &self.to_send.as_slice()[self.sent..]
    }

    /// So many bytes have been written.
    pub(crate) fn sent(&mut self, count: usize, now: Millis) {
        self.sent += count;
        if self.unsent().is_empty() {
            self.due = now + PATIENCE;
        }
    }

    /// It gets no more time for its answer to a text.
    pub(crate) fn hurry(&mut self) {
        if self.kind != Kind::Bytes {
            self.is_asked = false;
        }
    }

    fn ask(&mut self, wanted: u64, now: Millis) {
        self.told = wanted;
        self.began = now;
        self.is_asked = true;
        self.answer.length = 0;
        self.frame = Frame::default();
        if self.kind == Kind::Bytes {
            return self.say(1, now);
        }
        let [stage, colour, direction] = text(wanted);
        self.send(&[stage, colour, direction, b'\n'], now);
        self.frame.owed = 4;
    }

    /// Tells a byte of the frame, from 1.
    fn say(&mut self, number: u8, now: Millis) {
        self.send(&[bytes(self.told)[usize::from(number) - 1]], now);
        self.frame.sent = number;
        self.frame.said += 1;
        self.frame.owed = 1;
    }

    fn send(&mut self, bytes: &[u8], now: Millis) {
        self.to_send.length = 0;
        self.sent = 0;
        for &byte in bytes {
            self.to_send.push(byte);
        }
        self.due = now + STUCK;
    }

    /// Takes what it says.
    pub(crate) fn received(&mut self, input: &[u8], now: Millis) -> Option<Heard> {
        let mut heard = None;
        for &byte in input {
            if !self.is_asked || !self.unsent().is_empty() {
                self.early = byte;
                continue;
            }
            let is_first = self.answer.length == 0;
            if self.kind == Kind::Unknown && is_first && matches!(byte, 1..=5) {
                self.kind = Kind::Bytes;
            }
            if self.kind == Kind::Bytes {
                heard = self.acknowledged(byte, now).or(heard);
            } else {
                self.answer.push(byte);
                self.due = (now + PAUSE).min(self.began + PATIENCE);
            }
        }
        heard
    }

    /// Takes a byte from a board that acknowledges bytes. After a five it says its id and its role, whether
    /// that five was meant or not.
    fn acknowledged(&mut self, byte: u8, now: Millis) -> Option<Heard> {
        self.due = now + PATIENCE;
        let frame = &mut self.frame;
        let mut heard = None;
        match (frame.next, byte) {
            (Next::Number, 1..=5) if frame.owed > 0 => {
                frame.owed -= 1;
                frame.taken = byte;
                let is_right = byte == frame.sent && byte == frame.right + 1;
                frame.right = if is_right { byte } else { 0 };
                if byte == 5 {
                    frame.next = Next::Id;
                    return None;
                }
            }
            (Next::Id, _) => {
                frame.id = byte;
                frame.next = Next::Role;
                return None;
            }
            (Next::Role, 1 | 2) => {
                frame.next = Next::Number;
                heard = Some(Heard::Answer(Found::bytes(frame.id, byte)));
            }
            _ => return Some(self.misunderstood(&[byte])),
        }
        if frame.owed > 0 {
            return heard;
        }
        if frame.right == 5 {
            self.rest();
        } else if frame.said >= MOST_BYTES {
            return Some(self.misunderstood(&[byte]));
        } else {
            let next = frame.taken % 5 + 1;
            self.say(next, now);
        }
        heard
    }

    fn rest(&mut self) {
        self.is_asked = false;
        self.early = 0;
        self.due = self.began + self.period;
    }

    fn misunderstood(&mut self, answer: &[u8]) -> Heard {
        self.kind = Kind::Unknown;
        self.rest();
        Heard::Answer(Found::strange(answer))
    }

    /// Ends an exchange with what has come.
    fn conclude(&mut self) -> Heard {
        let early = self.early;
        self.rest();
        if !self.unsent().is_empty() {
            self.sent = self.to_send.length;
            return Heard::Stuck;
        }
        if self.kind == Kind::Bytes {
            return Heard::Answer(Found::SILENT);
        }
        let Few { bytes, length } = self.answer;
        let mut id = 0;
        for &byte in &bytes[..length] {
            match byte {
                b if b.is_ascii_whitespace() => {}
                b if b.is_ascii_graphic() && id == 0 => id = b,
                _ => return self.misunderstood(&bytes[..length]),
            }
        }
        if length == 0 && early.is_ascii_graphic() {
            // What came too late for the exchange before says which cable it is as well.
            id = early;
        }
        if id == 0 {
            return if length == 0 {
                Heard::Answer(Found::SILENT)
            } else {
                self.misunderstood(&bytes[..length])
            };
        }
        self.kind = Kind::Text;
        Heard::Answer(Found::text(id))
    }
}

#[cfg(test)]
mod tests;
