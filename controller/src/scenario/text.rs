//! From a file to its text.

use std::io::{self, Read};
use std::path::Path;

use super::error::LoadError;
use super::problems::{Position, Problems};
use super::yaml;

/// The text of a scenario file; `name` is how messages call it.
pub(super) fn read(path: &Path, name: &str) -> Result<String, LoadError> {
    let bytes = read_limited(path).map_err(|cause| LoadError::unreadable(path, cause))?;
    let mut problems = Problems::new(name);
    if let Some(message) = binary(&bytes) {
        problems.error("not_a_scenario", Position::START, message);
        return Err(LoadError::Refused(problems));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let message = "not UTF-8 from here on; save the file as UTF-8";
        problems.error("invalid_utf8", end_of(&text[..valid]), message);
        problems.quote(&text);
        LoadError::Refused(problems)
    })
}

/// The content of a file, or as much of it as shows that it is too large.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let file = shared::files::open(path)?;
    let mut bytes = Vec::new();
    file.take(yaml::MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn end_of(text: &str) -> Position {
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: text.split('\n').count(),
        column: last.chars().count() + 1,
    }
}

/// What the bytes of a file are that is no text, where that can be told.
fn binary(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("this file is UTF-16; save it as UTF-8"),
        [b'P', b'K', 3, 4, ..] => {
            Some("this is a zip archive or a spreadsheet; a scenario is a text file in YAML")
        }
        [0x1f, 0x8b, ..] => Some("this file is compressed; unpack it first"),
        [b'%', b'P', b'D', b'F', ..] => Some("this is a PDF; a scenario is a text file in YAML"),
        _ if bytes.contains(&0) => Some("this is no text file; a scenario is a text file in YAML"),
        _ => None,
    }
}
