//! Lights on the pins of a Raspberry Pi, and strips on its SPI buses. The only file that names rppal.

use std::io;

use rppal::gpio::{Error, Gpio, Level, OutputPin};
use rppal::spi::{self, Bus, Mode, SlaveSelect, Spi};
use shared::led::{Colour, SpiBus};

use super::ws2812;
use super::{Lamp, LedOutput, Setting};

/// Changes a second of a light that is neither dark nor full: enough for it not to flicker. Each
/// such light takes a few hundredths of one processor.
const FREQUENCY: f64 = 80.0;

/// The pins of this machine. They are given back as they were when it is dropped.
pub(super) struct Pins {
    gpio: Gpio,
    taken: Vec<OutputPin>,
    buses: Vec<(SpiBus, Spi)>,
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
            buses: Vec::new(),
        })
    }

    fn pin(&mut self, pin: u8, active_low: bool) -> io::Result<&mut OutputPin> {
        let known = self.taken.iter().position(|taken| taken.pin() == pin);
        if let Some(place) = known {
            return Ok(&mut self.taken[place]);
        }
        let pin = self.gpio.get(pin).map_err(into_io)?;
        let dark = if active_low {
            pin.into_output_high()
        } else {
            pin.into_output_low()
        };
        self.taken.push(dark);
        let last = self.taken.len() - 1;
        Ok(&mut self.taken[last])
    }

    fn shine(&mut self, pin: u8, active_low: bool, percent: u8) -> io::Result<()> {
        let high = if active_low {
            100 - percent.min(100)
        } else {
            percent.min(100)
        };
        let pin = self.pin(pin, active_low)?;
        if matches!(high, 0 | 100) {
            pin.clear_pwm().map_err(into_io)?;
            pin.write(if high == 0 { Level::Low } else { Level::High });
            return Ok(());
        }
        let duty = f64::from(high) / 100.0;
        pin.set_pwm_frequency(FREQUENCY, duty).map_err(into_io)
    }

    fn bus(&mut self, bus: SpiBus) -> io::Result<&mut Spi> {
        let known = self.buses.iter().position(|(taken, _)| *taken == bus);
        if let Some(place) = known {
            return Ok(&mut self.buses[place].1);
        }
        self.buses.push((bus, open_bus(bus)?));
        let last = self.buses.len() - 1;
        Ok(&mut self.buses[last].1)
    }

    fn paint(&mut self, bus: SpiBus, pixels: u16, colour: Colour) -> io::Result<()> {
        let frame = ws2812::frame(pixels, colour);
        let sent = self.bus(bus)?.write(&frame).map_err(from_spi)?;
        if sent < frame.len() {
            let message = format!("only {sent} of {} bytes went out at once", frame.len());
            return Err(io::Error::other(message));
        }
        Ok(())
    }
}

/// A bus for the strip on its data line. Nobody looks at the clock and the selection line.
fn open_bus(bus: SpiBus) -> io::Result<Spi> {
    let (number, switch) = match bus {
        SpiBus::Spi0 => (Bus::Spi0, "dtparam=spi=on"),
        SpiBus::Spi1 => (Bus::Spi1, "dtoverlay=spi1-1cs"),
    };
    let spi = Spi::new(number, SlaveSelect::Ss0, ws2812::FREQUENCY, Mode::Mode0);
    spi.map_err(|error| {
        let error = from_spi(error);
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => {
                format!("there is no {bus}; put '{switch}' into config.txt and start the Pi again")
            }
            io::ErrorKind::PermissionDenied => {
                format!("no permission for {bus}; add this user to the group 'spi'")
            }
            _ => return error,
        };
        io::Error::new(error.kind(), remedy)
    })
}

fn from_spi(error: spi::Error) -> io::Error {
    match error {
        spi::Error::Io(error) => error,
        _ => io::Error::other("the bus does not take what a strip wants: 2.4 MHz, mode 0, 8 bits"),
    }
}

fn into_io(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

impl LedOutput for Pins {
    fn set(&mut self, _: &Lamp, setting: Setting) -> io::Result<()> {
        match setting {
            Setting::Pin {
                pin,
                active_low,
                percent,
            } => self.shine(pin, active_low, percent),
            Setting::Strip {
                bus,
                pixels,
                colour,
            } => self.paint(bus, pixels, colour),
        }
    }
}
