//! From text to a tree in which everything has its place in the file.
//!
//! Two parsers read the text. `serde_yaml` gives structure and text; the marked parser, which runs
//! first and so also guards against what would exhaust memory or time, gives position, style and
//! tag of each node. Both stand on one scanner, that of libyaml, so they take the same texts and
//! see the same in them. What plain scalars mean is neither parser's business but that of
//! [`scalar`]. What is wrong with a text that is no YAML is said by [`fault`]. No other module
//! knows either parser.

mod error;
mod fault;
mod mapping;
mod marks;
mod readable;
mod scalar;
mod structure;
mod text;
mod tree;

pub(super) use scalar::{Scalar, plain};
pub(super) use text::to_text;
pub(super) use tree::{Content, Entry, Key, Node};

use super::problems::{Position, Problems};

/// Largest text of a scenario, in bytes.
pub(super) const MAX_BYTES: usize = 16 << 20;

/// Reads a text that should hold one YAML document. `None` where it cannot be read as a whole;
/// all problems are reported.
pub(super) fn read(text: &str, problems: &mut Problems) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message = format!("a scenario has at most {MAX_BYTES} bytes, this one has more");
        problems.error("too_large", Position::START, message);
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match marks::mark(text) {
        Ok(Some(marked)) => structure::read(text, &marked, problems),
        Ok(None) => {
            let message = "the file is empty; a scenario has the keys scenario, models, \
                           connections and monitor";
            problems.error("empty_file", Position::START, message);
            None
        }
        Err(error) => {
            problems.error(error.code, error.position, error.message);
            None
        }
    }
}

#[cfg(test)]
mod tests;
