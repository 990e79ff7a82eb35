//! Mappings with known keys, and what their values have to be.

use crate::scenario::problems::{Position, Problems, key_suggestion, meant_key, shortened};
use crate::scenario::yaml::{Content, Entry, Node};
use std::ops::RangeInclusive;

/// A mapping whose keys are known, and the object that it describes.
pub(crate) struct Fields<'a> {
    /// The object as messages name it: `model 'Homes'`.
    pub(crate) object: String,
    position: Position,
    entries: &'a [Entry],
    known: &'static [&'static str],
}

impl<'a> Fields<'a> {
    /// The fields of an object, which must be a mapping. These are the keys that it can have.
    pub(crate) fn of(
        node: &'a Node,
        object: impl Into<String>,
        known: &'static [&'static str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let object = object.into();
        let Content::Map(entries) = &node.content else {
            wrong_kind(node, &object, "a mapping (key: value)", problems);
            return None;
        };
        Some(Self {
            object,
            position: node.position,
            entries,
            known,
        })
    }

    /// Whether another key stands for this one. That is an error of its own, and what would
    /// follow from the absence of the right one is none.
    pub(crate) fn misspells(&self, key: &str) -> bool {
        self.unknown()
            .any(|entry| meant_key(&entry.key.text, self.known) == Some(key))
    }

    fn unknown(&self) -> impl Iterator<Item = &'a Entry> {
        let known = self.known;
        let entries = self.entries.iter();
        entries.filter(move |entry| !known.contains(&&*entry.key.text))
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| *entry.key.text == *key)
    }

    /// The value of a key that may be left out.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Where a key stands.
    pub(crate) fn place_of(&self, key: &str) -> Option<Position> {
        self.entry(key).map(|entry| entry.key.position)
    }

    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str, problems: &mut Problems) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() && !self.misspells(key) {
            let message = format!("{} lacks the key '{key}'; add it", self.object);
            problems.error("missing_key", self.position, message);
        }
        found
    }

    /// Reports keys other than those that it can have.
    pub(crate) fn refuse_unknown(&self, problems: &mut Problems) {
        for Entry { key, .. } in self.unknown() {
            let text = shortened(&key.text);
            let known = key_suggestion(&key.text, "keys", self.known);
            let message = format!("{} has an unknown key '{text}'{known}", self.object);
            problems.error("unknown_key", key.position, message);
        }
    }

    /// `'key' of model 'Homes'`.
    pub(crate) fn name_of(&self, key: &str) -> String {
        format!("'{key}' of {}", self.object)
    }

    /// A text that is not empty and may be left out.
    pub(crate) fn text(&self, key: &str, problems: &mut Problems) -> Option<(&'a str, Position)> {
        let node = self.get(key)?;
        Some((text(node, &self.name_of(key), problems)?, node.position))
    }

    /// A text that is not empty and must be there.
    pub(crate) fn required_text(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<(&'a str, Position)> {
        self.required(key, problems)?;
        self.text(key, problems)
    }

    /// A boolean that may be left out.
    pub(crate) fn boolean(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        let node = self.get(key)?;
        if let Content::Bool(flag) = node.content {
            return Some(flag);
        }
        wrong_kind(node, &self.name_of(key), "true or false", problems);
        None
    }

    /// A finite number that may be left out.
    pub(crate) fn number(&self, key: &str, problems: &mut Problems) -> Option<f64> {
        let node = self.get(key)?;
        match node.content {
            Content::Int(int) => Some(int as f64),
            Content::Float(float) if float.is_finite() => Some(float),
            _ => {
                wrong_kind(node, &self.name_of(key), "a number", problems);
                None
            }
        }
    }

    /// An integer within limits that may be left out.
    pub(crate) fn integer(
        &self,
        key: &str,
        allowed: RangeInclusive<u32>,
        problems: &mut Problems,
    ) -> Option<u32> {
        let node = self.get(key)?;
        let Content::Int(int) = node.content else {
            wrong_kind(node, &self.name_of(key), "an integer", problems);
            return None;
        };
        let fitting = u32::try_from(int).ok().filter(|int| allowed.contains(int));
        if fitting.is_none() {
            let (low, high) = (allowed.start(), allowed.end());
            let name = self.name_of(key);
            let message = if int < i64::from(*low) {
                format!("{name} must be at least {low}, not {int}")
            } else {
                format!("{name} must be at most {high}, not {int}")
            };
            problems.error("out_of_range", node.position, message);
        }
        fitting
    }
}

/// A text that is not empty.
pub(crate) fn text<'a>(node: &'a Node, name: &str, problems: &mut Problems) -> Option<&'a str> {
    match &node.content {
        Content::Text(text) if text.is_empty() => {
            let message = format!("{name} must not be empty");
            problems.error("empty_text", node.position, message);
            None
        }
        Content::Text(text) => Some(text),
        _ => {
            wrong_kind(node, name, "text", problems);
            None
        }
    }
}

/// A list, whose elements are still to be looked at.
pub(crate) fn list<'a>(node: &'a Node, name: &str, problems: &mut Problems) -> Option<&'a [Node]> {
    match &node.content {
        Content::List(items) => Some(items),
        Content::Null => {
            let message = format!("{name} must be a list, not empty; for an empty list write []");
            problems.error("wrong_kind", node.position, message);
            None
        }
        _ => {
            wrong_kind(node, name, "a list (- …)", problems);
            None
        }
    }
}

/// A list with at least one element.
pub(crate) fn filled_list<'a>(
    node: &'a Node,
    name: &str,
    problems: &mut Problems,
) -> Option<&'a [Node]> {
    if let Content::List(items) = &node.content
        && !items.is_empty()
    {
        return Some(items);
    }
    wrong_kind(node, name, "a list with at least one element", problems);
    None
}

/// Reports that a node is not what is wanted, unless it is unreadable and so reported already.
pub(crate) fn wrong_kind(node: &Node, name: &str, wanted: &str, problems: &mut Problems) {
    let remedy = match &node.content {
        Content::Unreadable => return,
        Content::Bool(_) | Content::Int(_) | Content::Float(_) | Content::Timestamp(_)
            if wanted == "text" =>
        {
            "; put it in quotes"
        }
        Content::Text(word) if wanted == "true or false" && is_yes_or_no(word) => {
            " (in YAML 1.2 a plain yes, no, on or off is text)"
        }
        _ => "",
    };
    let message = match &node.content {
        Content::List(items) if items.is_empty() => {
            format!("{name} must be {wanted}, not an empty list{remedy}")
        }
        Content::Map(entries) if entries.is_empty() => {
            format!("{name} must be {wanted}, not an empty mapping{remedy}")
        }
        _ => format!("{name} must be {wanted}, not {}{remedy}", node.described()),
    };
    problems.error("wrong_kind", node.position, message);
}

fn is_yes_or_no(word: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}
