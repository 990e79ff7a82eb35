//! An entry under `connections`.

use super::fields::Fields;
use super::reference::Reference;
use crate::scenario::problems::Problems;
use crate::scenario::yaml::Node;

const KEYS: &[&str] = &["from", "to", "time_shifted"];

/// An entry under `connections`, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct ConnectionEntry {
    pub(crate) from: Option<Reference>,
    pub(crate) to: Option<Reference>,
    /// `None` where `time_shifted` is there and wrong.
    pub(crate) shifted: Option<bool>,
}

impl ConnectionEntry {
    /// Reads the entry with this number, counted from 0.
    pub(super) fn read(node: &Node, number: usize, problems: &mut Problems) -> Self {
        let object = format!("connection number {}", number + 1);
        let Some(fields) = Fields::of(node, object, KEYS, problems) else {
            return Self::default();
        };
        fields.refuse_unknown(problems);
        let mut end = |key: &str| {
            let node = fields.required(key, problems)?;
            Reference::of(node, &fields.name_of(key), problems)
        };
        let (from, to) = (end("from"), end("to"));
        let shifted = match fields.get("time_shifted") {
            None => Some(false),
            Some(_) => fields.boolean("time_shifted", problems),
        };
        Self { from, to, shifted }
    }
}
