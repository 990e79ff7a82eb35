//! What drives lights.

use std::io;

use shared::led::{Colour, LedPlace, SpiBus};

/// A light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lamp {
    /// Where it is connected.
    pub place: LedPlace,
    /// What it shows: `ready`, `step`, `fault`, or the name of a model.
    pub name: String,
}

/// What a light is set to, and all that an output has to know for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// One LED.
    Pin {
        /// The pin, in BCM numbering.
        pin: u8,
        /// Whether it shines when the pin is low.
        active_low: bool,
        /// Its brightness.
        percent: u8,
    },
    /// All of a strip.
    Strip {
        /// The bus that it is connected to.
        bus: SpiBus,
        /// How many pixels it has.
        pixels: u16,
        /// The colour of each.
        colour: Colour,
    },
}

impl Setting {
    /// Whether nothing shines.
    pub fn is_dark(self) -> bool {
        self == self.darkened()
    }

    /// The same light when nothing shines.
    #[must_use]
    pub fn darkened(self) -> Self {
        match self {
            Self::Pin {
                pin, active_low, ..
            } => Self::Pin {
                pin,
                active_low,
                percent: 0,
            },
            Self::Strip { bus, pixels, .. } => Self::Strip {
                bus,
                pixels,
                colour: Colour::DARK,
            },
        }
    }
}

/// Drives lights. It may take its time and wait: nothing but the lights depends on it.
pub trait LedOutput {
    /// Tells that a light goes over to a pattern, such as `breathing`. For those who read.
    fn begin(&mut self, lamp: &Lamp, pattern: &str) -> io::Result<()> {
        let _ = (lamp, pattern);
        Ok(())
    }

    /// Has a light shine so.
    fn set(&mut self, lamp: &Lamp, setting: Setting) -> io::Result<()>;
}
