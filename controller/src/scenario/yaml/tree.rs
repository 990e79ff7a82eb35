//! The tree of a scenario, in which everything has its place in the file.

use std::sync::Arc;

use crate::scenario::problems::{Position, shortened};

/// A value with its place in the file. Where an alias stands for it, that is the place of what
/// the alias stands for.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) content: Content,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
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
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) value: Node,
}

/// The key of an entry. Numbers and booleans are keys by their text.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) position: Position,
    pub(crate) text: Arc<str>,
}

impl Node {
    /// What this is, for messages: `the number 5`, `a list`.
    pub(crate) fn described(&self) -> String {
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
