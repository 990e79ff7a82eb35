//! What a node is to do: its configuration file, and the command line, which wins.

mod error;
mod keys;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use shared::led::MAX_PIN;

pub use error::ConfigError;

/// The configuration file that is read where no other one is named, if it is there.
pub const DEFAULT_CONFIG: &str = "/etc/illuminator/node.toml";

/// What a node is to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Where to listen; without an entry on loopback.
    pub listen: Vec<String>,
    /// The file with the key of the cluster.
    pub key: Option<PathBuf>,
    /// Whether to let other machines in without a key.
    pub insecure: bool,
    /// Whether to keep quiet about sessions.
    pub quiet: bool,
    /// Whether the node announces itself in its networks; it does where nothing is said.
    pub announce: Option<bool>,
    /// The folder in which sockets for cables are devices; [`DEVICES`](cables::DEVICES) where nothing is
    /// said, and `none` for no sockets.
    pub devices: Option<PathBuf>,
    /// Whether standard input is a socket to somebody who updates the node.
    pub updates: bool,
    /// The lights.
    pub leds: LedConfig,
    /// The programs that a bridge may start.
    #[cfg(feature = "programs")]
    pub programs: Vec<ProgramSetting>,
}

/// Something that the configuration says of a program: `[programs.NAME]`, and `KEY = "TEXT"` below.
#[cfg(feature = "programs")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramSetting {
    /// Its line in the file.
    pub line: usize,
    /// The name of the program.
    pub program: String,
    /// What is said of it.
    pub key: String,
    /// What that is.
    pub text: String,
}

/// The lights of a node: which pins, in BCM numbering, and how they are driven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedConfig {
    /// The pin of the light that shows whether the node is idle.
    pub ready: Option<u8>,
    /// The pin of the light that blinks with the steps.
    pub step: Option<u8>,
    /// The pin of the light that shows faults.
    pub fault: Option<u8>,
    /// Whether these three shine when their pin is low.
    pub active_low: bool,
    /// The reserved pins that lights of scenarios may have all the same.
    pub allow: Vec<u8>,
    /// What drives them, and the lights of scenarios; the pins where nothing is said.
    pub output: Option<LedTarget>,
}

/// What drives the lights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LedTarget {
    /// The pins of the Raspberry Pi.
    #[default]
    Gpio,
    /// Nothing.
    None,
    /// Nothing, but what would happen is written to this file, or to standard output.
    Sim(Option<PathBuf>),
}

impl FromStr for LedTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "gpio" => Ok(Self::Gpio),
            "none" => Ok(Self::None),
            "sim" => Ok(Self::Sim(None)),
            _ => match text.strip_prefix("sim:") {
                Some(path) if !path.is_empty() => Ok(Self::Sim(Some(path.into()))),
                _ => Err(format!(
                    "'{text}' drives no LEDs; give 'gpio', 'sim', 'sim:FILE' or 'none'"
                )),
            },
        }
    }
}

impl Config {
    /// Reads a configuration file: this one, or [`DEFAULT_CONFIG`] if that is there.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let file = path.unwrap_or(Path::new(DEFAULT_CONFIG));
        match fs::read_to_string(file) {
            // Some editors put a mark there that says nothing.
            Ok(text) => Self::parse(text.strip_prefix('\u{feff}').unwrap_or(&text), file),
            Err(error) if path.is_none() && error.kind() == io::ErrorKind::NotFound => {
                Ok(Self::default())
            }
            Err(cause) => Err(ConfigError::Unreadable {
                file: file.to_owned(),
                cause,
            }),
        }
    }

    /// Reads the text of a configuration file; `file` stands for it in messages.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let wrong = |(line, message): (usize, String)| ConfigError::Wrong {
            file: file.to_owned(),
            line,
            message,
        };
        let mut config = Self::default();
        for entry in settings::entries(text).map_err(wrong)? {
            let line = entry.line;
            keys::set(&mut config, entry).map_err(|message| wrong((line, message)))?;
        }
        Ok(config)
    }

    /// Takes over what the command line says, or another file.
    #[must_use]
    pub fn overridden(mut self, flags: Self) -> Self {
        if !flags.listen.is_empty() {
            self.listen = flags.listen;
        }
        if flags.key.is_some() || flags.insecure {
            (self.key, self.insecure) = (flags.key, flags.insecure);
        }
        self.quiet |= flags.quiet;
        self.announce = flags.announce.or(self.announce);
        self.devices = flags.devices.or(self.devices);
        self.updates |= flags.updates;
        self.leds = self.leds.overridden(flags.leds);
        #[cfg(feature = "programs")]
        if !flags.programs.is_empty() {
            self.programs = flags.programs;
        }
        self
    }
}

impl LedConfig {
    fn overridden(self, flags: Self) -> Self {
        Self {
            ready: flags.ready.or(self.ready),
            step: flags.step.or(self.step),
            fault: flags.fault.or(self.fault),
            active_low: flags.active_low || self.active_low,
            allow: if flags.allow.is_empty() {
                self.allow
            } else {
                flags.allow
            },
            output: flags.output.or(self.output),
        }
    }

    /// Checks that no two lights have one pin.
    pub fn check(&self) -> Result<(), ConfigError> {
        let lights = self.lights();
        for (number, &(light, pin)) in lights.iter().enumerate() {
            let other = lights[..number].iter().find(|(_, known)| *known == pin);
            if let Some(&(other, _)) = other {
                return Err(ConfigError::PinTwice { light, other, pin });
            }
        }
        Ok(())
    }

    /// The lights that have a pin, by name.
    pub fn lights(&self) -> Vec<(Light, u8)> {
        let lights = [
            (Light::Ready, self.ready),
            (Light::Step, self.step),
            (Light::Fault, self.fault),
        ];
        let with_pin = lights
            .into_iter()
            .filter_map(|(light, pin)| Some((light, pin?)));
        with_pin.collect()
    }
}

/// A light that shows how the node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// Breathes while the node is idle, and is steady while it has a session.
    Ready,
    /// Blinks with the steps.
    Step,
    /// Shows faults.
    Fault,
}

impl fmt::Display for Light {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::Step => "step",
            Self::Fault => "fault",
        })
    }
}

/// A pin of the command line.
pub(crate) fn pin(text: &str) -> Result<u8, String> {
    let pin = text.parse().ok().filter(|pin| *pin <= MAX_PIN);
    pin.ok_or_else(|| {
        format!("'{text}' is no pin; give its BCM number, from 0 to {MAX_PIN}, such as 17")
    })
}

#[cfg(test)]
mod tests;
