//! Why a text cannot be read at all.

use crate::scenario::problems::Position;

/// Why a text cannot be read as one YAML document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct YamlError {
    pub(super) code: &'static str,
    pub(super) position: Position,
    pub(super) message: String,
}

impl YamlError {
    pub(super) fn new(code: &'static str, position: Position, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            position,
            message,
        }
    }
}
