//! What drives lights.

use std::io;

/// A light on a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lamp {
    /// The pin, in BCM numbering.
    pub pin: u8,
    /// Whether the light shines when the pin is low.
    pub active_low: bool,
    /// What it shows: `ready`, `step`, `fault`, or the name of a model.
    pub name: String,
}

/// Drives lights. It may take its time and wait: nothing but the lights depends on it.
pub trait LedOutput {
    /// Tells that a light goes over to a pattern, such as `breathing`. For those who read.
    fn begin(&mut self, lamp: &Lamp, pattern: &str) -> io::Result<()> {
        let _ = (lamp, pattern);
        Ok(())
    }

    /// Sets the brightness of a light, in percent.
    fn set(&mut self, lamp: &Lamp, percent: u8) -> io::Result<()>;
}
