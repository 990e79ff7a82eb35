//! What the boards do, in the times that their programs take.

use std::time::Duration;

use crate::log::{Shown, What};
use crate::setup::{Fault, Kind, Setup};
use crate::usb::{Pulled, Usb};

/// A strip has so many pixels, and a dot is once a round on none of them.
const ROUND: u8 = 21;

/// At the start and where nothing else is said: dim white.
const DIM: [u8; 3] = [10, 10, 10];

/// Runs the program of a board until it is pulled.
pub(crate) fn run(setup: &Setup, usb: Usb) {
    let mut board = Board {
        usb,
        fault: setup.fault,
        shown: None,
        phase: 0,
        noise: 0,
    };
    let ended = match &setup.kind {
        Kind::Text { id } => board.read_text(id.as_bytes()),
        Kind::Bytes { id, role } => board.acknowledge(*id, *role),
        Kind::Scripted {
            answer,
            at_open,
            after,
        } => board.follow(answer, at_open, *after),
    };
    let Err(Pulled) = ended;
    board.usb.vanish();
}

/// It never ends by itself.
enum Never {}

struct Board {
    usb: Usb,
    fault: Option<Fault>,
    shown: Option<Shown>,
    /// Where a dot is.
    phase: u8,
    noise: u8,
}

impl Board {
    /// The board that reads text.
    fn read_text(&mut self, id: &[u8]) -> Result<Never, Pulled> {
        let mut shown = Shown {
            pace: None,
            colour: DIM,
            away: false,
        };
        loop {
            self.usb.serve(1)?;
            if self.usb.received.is_empty() {
                self.usb.serve(1)?;
            } else {
                let command = self.take_command()?;
                shown = picture(&command);
                self.usb.note(What::Read(command));
                self.usb.serve(10)?;
                self.answer(id)?;
                self.usb.serve(10)?;
            }
            self.usb.serve(10)?;
            self.refresh(shown);
            // The strip is refreshed, and the dot waited for, without serving the link.
            self.usb.block(shown.pace.unwrap_or(10))?;
            self.phase = (self.phase + 1) % ROUND;
        }
    }

    /// Three bytes, and what is thrown away after them.
    fn take_command(&mut self) -> Result<Vec<u8>, Pulled> {
        let mut command = Vec::new();
        for _ in 0..3 {
            self.usb.serve(1)?;
            command.push(self.usb.take());
        }
        loop {
            self.usb.serve(1)?;
            if self.usb.received.is_empty() {
                return Ok(command);
            }
            command.push(self.usb.take());
        }
    }

    /// The board that acknowledges bytes.
    fn acknowledge(&mut self, id: u8, role: u8) -> Result<Never, Pulled> {
        let mut frame = [0, 0, 10, 10, 10];
        let mut at = 0;
        loop {
            self.usb.serve(1)?;
            if self.usb.received.is_empty() {
                self.usb.serve(1)?;
            } else {
                frame[at] = self.usb.take();
                self.usb.note(What::Read(vec![frame[at]]));
                at += 1;
                let number = u8::try_from(at).unwrap_or(0);
                if at < frame.len() {
                    self.answer(&[number])?;
                } else {
                    at = 0;
                    self.answer(&[number, id, role])?;
                }
            }
            if at == 0 {
                let [delay, direction, colour @ ..] = frame;
                let pace = Some(u64::from(delay)).filter(|&pace| pace > 0);
                let away = direction != 0;
                self.refresh(Shown { pace, colour, away });
                self.usb.serve(pace.unwrap_or(10))?;
                self.phase = (self.phase + 1) % ROUND;
            }
        }
    }

    /// A board that answers the same to everything.
    fn follow(&mut self, answer: &[u8], at_open: &[u8], after: Duration) -> Result<Never, Pulled> {
        self.usb.send(at_open)?;
        loop {
            self.usb.serve(1)?;
            if !self.usb.received.is_empty() {
                let command = self.usb.received.drain(..).collect();
                self.usb.note(What::Read(command));
                self.usb
                    .serve(u64::try_from(after.as_millis()).unwrap_or(0))?;
                self.usb.send(answer)?;
            }
        }
    }

    /// Answers, as far as nothing is wrong with the board.
    fn answer(&mut self, bytes: &[u8]) -> Result<(), Pulled> {
        match self.fault {
            Some(Fault::Silent | Fault::Deaf) => Ok(()),
            Some(Fault::GoneMidway) => Err(Pulled),
            Some(Fault::Slow(by)) => {
                self.usb.serve(u64::try_from(by.as_millis()).unwrap_or(0))?;
                self.usb.send(bytes)
            }
            Some(Fault::Garbage) => {
                self.noise = self.noise.wrapping_add(37);
                let noise = [0x80 | self.noise, b'\n', 0x80 | self.noise.rotate_left(3)];
                let count = usize::from(self.noise % 3) + 1;
                self.usb.send(&noise[..count])
            }
            None => self.usb.send(bytes),
        }
    }

    fn refresh(&mut self, shown: Shown) {
        if self.shown.replace(shown) != Some(shown) {
            self.usb.note(What::Shows(shown));
        }
    }
}

/// What a text is to show.
fn picture(command: &[u8]) -> Shown {
    let of = |place: usize| command.get(place).copied().unwrap_or(0);
    let pace = match of(0) {
        b'0' | b'4' => Some(10),
        b'1' => Some(500),
        b'2' => Some(100),
        b'3' => Some(50),
        _ => None,
    };
    let colour = match (of(0), of(1)) {
        (b'0', _) => DIM,
        (_, b'r') => [254, 0, 0],
        (_, b'g') => [0, 254, 0],
        (_, b'b') => [0, 0, 254],
        _ => DIM,
    };
    let away = of(2) == b'1';
    Shown { pace, colour, away }
}
