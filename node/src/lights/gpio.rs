//! Lights on the pins of a Raspberry Pi. The only file that names rppal.

use std::io;

use rppal::gpio::{Error, Gpio, Level, OutputPin};

use super::{Lamp, LedOutput};

/// Changes a second of a light that is neither dark nor full: enough for it not to flicker. Each
/// such light takes a few hundredths of one processor.
const FREQUENCY: f64 = 80.0;

/// The pins of this machine. They are given back as they were when it is dropped.
pub(super) struct Pins {
    gpio: Gpio,
    taken: Vec<OutputPin>,
}

impl Pins {
    /// Those of this machine, if it is a Raspberry Pi and lets this user at them.
    pub(super) fn open() -> io::Result<Self> {
        let gpio = Gpio::new().map_err(|error| match error {
            Error::UnknownModel => io::Error::other("this machine is not known as a Raspberry Pi"),
            Error::PermissionDenied(path) => io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("no permission for {path}; add this user to the group 'gpio'"),
            ),
            other => into_io(other),
        })?;
        Ok(Self {
            gpio,
            taken: Vec::new(),
        })
    }

    fn pin(&mut self, lamp: &Lamp) -> io::Result<&mut OutputPin> {
        let known = self.taken.iter().position(|taken| taken.pin() == lamp.pin);
        if let Some(place) = known {
            return Ok(&mut self.taken[place]);
        }
        let pin = self.gpio.get(lamp.pin).map_err(into_io)?;
        let dark = if lamp.active_low {
            pin.into_output_high()
        } else {
            pin.into_output_low()
        };
        self.taken.push(dark);
        let last = self.taken.len() - 1;
        Ok(&mut self.taken[last])
    }
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

impl LedOutput for Pins {
    fn set(&mut self, lamp: &Lamp, percent: u8) -> io::Result<()> {
        let high = if lamp.active_low {
            100 - percent.min(100)
        } else {
            percent.min(100)
        };
        let pin = self.pin(lamp)?;
        if matches!(high, 0 | 100) {
            pin.clear_pwm().map_err(into_io)?;
            pin.write(if high == 0 { Level::Low } else { Level::High });
            return Ok(());
        }
        let duty = f64::from(high) / 100.0;
        pin.set_pwm_frequency(FREQUENCY, duty).map_err(into_io)
    }
}
