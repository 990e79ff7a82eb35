//! From text to a tree in which everything has its place in the file.
//!
//! Two parsers read the text. `serde_yaml` gives structure and text; the marked parser, which runs
//! first and so also guards against what would exhaust memory or time, gives position, style and
//! tag of each node. Both stand on one scanner, that of libyaml, so they take the same texts and
//! see the same in them. What plain scalars mean is neither parser's business but that of
//! [`scalar`]. What is wrong with a text that is no YAML is told by [`fault`]. No other module
//! knows either parser.

mod fault;
mod lines;
mod mapping;
mod marks;
mod readable;
mod scalar;
mod structure;

use std::sync::Arc;

pub(super) use lines::lines;

use super::problem::{Position, Problems};

/// Largest text of a scenario, in bytes.
pub(super) const MAX_BYTES: usize = 16 << 20;

/// Most nodes (scalars, lists, mappings) of a scenario, with aliases written out.
const MAX_NODES: usize = 1_000_000;

/// Deepest nesting of lists and mappings, with aliases written out.
const MAX_DEPTH: usize = 64;

/// A value with its place in the file. Where an alias stands for it, that is the place of what
/// the alias stands for.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) position: Position,
    pub(super) content: Content,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// An unquoted date or time, as it was written.
    Timestamp(String),
    List(Vec<Node>),
    /// Each key once, aliases resolved and `<<` merged in.
    Map(Vec<Entry>),
    /// What is wrong with it has been reported.
    Unreadable,
}

/// An entry of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) value: Node,
}

/// The key of an entry. Numbers and booleans are keys by their text.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) position: Position,
    pub(super) text: Arc<str>,
}

impl Node {
    /// What this is, for messages: `the number 5`, `a list`.
    pub(super) fn described(&self) -> String {
        match &self.content {
            Content::Null => "empty (null)".to_owned(),
            Content::Bool(flag) => format!("the boolean {flag}"),
            Content::Int(int) => format!("the integer {int}"),
            Content::Float(float) => {
                format!("the number {}", shared::value::PythonFloat(*float))
            }
            Content::Text(text) => format!("the text '{}'", shortened(text)),
            Content::Timestamp(written) => format!("the YAML timestamp {written}"),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a mapping".to_owned(),
            Content::Unreadable => "unreadable".to_owned(),
        }
    }
}

/// The beginning of a text, enough to recognize it in a message.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

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
