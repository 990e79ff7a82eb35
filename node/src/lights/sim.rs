//! Lights on paper: what they would show is written down, a line for each change.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use shared::led::LedPlace;

use super::{Lamp, LedOutput, Setting};
use crate::log;

/// Writes each change of a light with its time in seconds: `1.204 pin 27 step: on`, or
/// `1.204 strip spi0 Storage: 20 × #8b0000`. Of a light that breathes it says so, and not how bright it is
/// at each moment.
pub(super) struct Sim {
    started: Instant,
    file: Box<dyn Write>,
    /// Where a light breathes.
    breathing: Vec<LedPlace>,
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
        let (time, Lamp { place, name }) = (self.started.elapsed(), lamp);
        let (seconds, millis) = (time.as_secs(), time.subsec_millis());
        // In one piece, so that those who read along see whole lines.
        let line = format!(
            "{seconds}.{millis:03} {place} {}: {what}\n",
            name.escape_debug()
        );
        self.file.write_all(line.as_bytes())?;
        self.file.flush()
    }
}

impl LedOutput for Sim {
    fn begin(&mut self, lamp: &Lamp, pattern: &str) -> io::Result<()> {
        self.breathing.retain(|place| *place != lamp.place);
        if pattern == "breathing" {
            self.breathing.push(lamp.place);
        }
        self.write(lamp, pattern)
    }

    fn set(&mut self, lamp: &Lamp, setting: Setting) -> io::Result<()> {
        if self.breathing.contains(&lamp.place) {
            return Ok(());
        }
        match setting {
            dark if dark.is_dark() => self.write(lamp, "dark"),
            Setting::Pin { percent: 100, .. } => self.write(lamp, "on"),
            Setting::Pin { percent, .. } => self.write(lamp, &format!("{percent} %")),
            Setting::Strip { pixels, colour, .. } => {
                self.write(lamp, &format!("{pixels} × {colour}"))
            }
        }
    }
}
