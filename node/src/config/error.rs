//! Why a node cannot be configured.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Light;

/// Why a node cannot be configured.
#[derive(Debug)]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Something in the file is wrong.
    Wrong {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// Two lights have one pin.
    PinTwice {
        /// A light.
        light: Light,
        /// Another one.
        other: Light,
        /// The pin of both.
        pin: u8,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, cause } if cause.kind() == io::ErrorKind::InvalidData => {
                write!(
                    f,
                    "the configuration '{}' is not in UTF-8; save it as such",
                    file.display()
                )
            }
            Self::Unreadable { file, cause } => write!(
                f,
                "cannot read the configuration '{}': {cause}; name another file with '--config'",
                file.display()
            ),
            Self::Wrong {
                file,
                line,
                message,
            } => write!(f, "{}:{line}: {message}", file.display()),
            Self::PinTwice { light, other, pin } => write!(
                f,
                "the LEDs '{other}' and '{light}' have the same pin {pin}; give each its own"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
