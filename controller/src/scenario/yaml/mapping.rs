//! What a mapping holds: each key once, and `<<` merged in.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tree::{Content, Entry, Key, Node};
use crate::scenario::problems::{Position, Problems, shortened};

/// The entries of a mapping: its own, and those that it merges in with `<<`.
#[derive(Default)]
pub(super) struct MappingBuilder {
    own: Vec<Entry>,
    places: BTreeMap<Arc<str>, Position>,
    merged: Option<Vec<Vec<Entry>>>,
}

impl MappingBuilder {
    /// Adds an entry of its own, unless its key is there already.
    pub(super) fn add(&mut self, entry: Entry, problems: &mut Problems) {
        let Key { position, text } = &entry.key;
        if let Some(first) = self.places.get(text) {
            let message = format!(
                "key '{}' is there twice, first in line {}; keep one of them",
                shortened(text),
                first.line
            );
            problems.error("duplicate_key", *position, message);
        } else {
            self.places.insert(Arc::clone(text), *position);
            self.own.push(entry);
        }
    }

    /// Takes what stands at `<<`: a mapping, or a list of mappings.
    pub(super) fn merge(&mut self, position: Position, value: Node, problems: &mut Problems) {
        if self.merged.is_some() {
            let message = "key '<<' is there twice; give it a list of mappings";
            problems.error("duplicate_key", position, message);
            return;
        }
        let place = value.position;
        let parts = match value.content {
            Content::List(items) => items,
            _ => vec![value],
        };
        let mut merged = Vec::with_capacity(parts.len());
        for part in parts {
            match part.content {
                Content::Map(entries) => merged.push(entries),
                Content::Unreadable => {}
                _ => {
                    let message = "'<<' wants a mapping to merge in, or a list of mappings";
                    problems.error("invalid_merge", place, message);
                }
            }
        }
        self.merged = Some(merged);
    }

    /// All entries. What is merged in comes first; of several entries with one key the mapping's own one
    /// counts, then that of the first mapping in the list.
    pub(super) fn finish(self) -> Vec<Entry> {
        let Some(merged) = self.merged else {
            return self.own;
        };
        let mut all: Vec<Entry> = Vec::new();
        let mut index: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for entry in merged.into_iter().rev().flatten().chain(self.own) {
            if let Some(&place) = index.get(&entry.key.text) {
                all[place] = entry;
            } else {
                index.insert(Arc::clone(&entry.key.text), all.len());
                all.push(entry);
            }
        }
        all
    }
}
