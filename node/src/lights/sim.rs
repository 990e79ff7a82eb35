//! Lights on paper: what they would show is written down, a line for each change.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use super::{Lamp, LedOutput};
use crate::log;

/// Writes each change of a light with its time in seconds: `1.204 pin 27 step: on`. Of a light that
/// breathes it says so, and not how bright it is at each moment.
pub(super) struct Sim {
    started: Instant,
    file: Box<dyn Write>,
    /// The pins whose light breathes.
    breathing: Vec<u8>,
}

impl Sim {
    /// Writes to a file, which it empties before, or to standard output.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Self> {
        let file: Box<dyn Write> = match path {
            None => Box::new(log::Output),
            Some(path) => {
                let mut options = OpenOptions::new();
                Box::new(options.create(true).write(true).truncate(true).open(path)?)
            }
        };
        Ok(Self {
            started: Instant::now(),
            file,
            breathing: Vec::new(),
        })
    }

    fn write(&mut self, lamp: &Lamp, what: &str) -> io::Result<()> {
        let (time, Lamp { pin, name, .. }) = (self.started.elapsed().as_secs_f64(), lamp);
        // In one piece, so that those who read along see whole lines.
        let line = format!("{time:.3} pin {pin} {}: {what}\n", name.escape_debug());
        self.file.write_all(line.as_bytes())?;
        self.file.flush()
    }
}

impl LedOutput for Sim {
    fn begin(&mut self, lamp: &Lamp, pattern: &str) -> io::Result<()> {
        self.breathing.retain(|pin| *pin != lamp.pin);
        if pattern == "breathing" {
            self.breathing.push(lamp.pin);
        }
        self.write(lamp, pattern)
    }

    fn set(&mut self, lamp: &Lamp, percent: u8) -> io::Result<()> {
        if self.breathing.contains(&lamp.pin) {
            return Ok(());
        }
        match percent {
            0 => self.write(lamp, "dark"),
            100 => self.write(lamp, "on"),
            _ => self.write(lamp, &format!("{percent} %")),
        }
    }
}
