//! An entry under `connections`.

use super::fields::Fields;
use super::reference::{ModelNames, Reference};
use crate::scenario::problems::{Position, Problems};
use crate::scenario::yaml::Node;

const KEYS: &[&str] = &["from", "to", "time_shifted", "weak", "async_requests"];

/// An entry under `connections`, as far as it could be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionEntry {
    pub(crate) from: Option<Reference>,
    pub(crate) to: Option<Reference>,
    /// `None` where `time_shifted` is there and wrong.
    pub(crate) shifted: Option<bool>,
    /// Whether it delivers at the same tick, and the loop that it closes is gone through again; and where the
    /// scenario says so.
    pub(crate) weak: Option<Position>,
    /// Whether the target may ask for values of the source's simulator, and set some. Both ends are models then, or
    /// both are attributes.
    pub(crate) asynchronous: Option<Position>,
}

impl ConnectionEntry {
    /// Reads the entry with this number, counted from 0.
    pub(super) fn read(
        node: &Node,
        number: usize,
        names: &ModelNames<'_>,
        problems: &mut Problems,
    ) -> Self {
        let object = format!("connection number {}", number + 1);
        let Some(fields) = Fields::of(node, object, KEYS, problems) else {
            return Self::default();
        };
        fields.refuse_unknown(problems);
        let shifted = match fields.get("time_shifted") {
            None => Some(false),
            Some(_) => fields.boolean("time_shifted", problems),
        };
        let mut flag = |key: &str| {
            let is_on = fields.boolean(key, problems) == Some(true);
            fields.place_of(key).filter(|_| is_on)
        };
        let (weak, asynchronous) = (flag("weak"), flag("async_requests"));
        let mut end = |key: &str| {
            let node = fields.required(key, problems)?;
            let model = asynchronous.and_then(|_| Reference::of_model(node, names));
            model.or_else(|| Reference::of(node, &fields.name_of(key), names, problems))
        };
        let (mut from, mut to) = (end("from"), end("to"));
        if let (Some(one), Some(other)) = (&from, &to)
            && one.is_model() != other.is_model()
        {
            let message = format!(
                "{} leads from '{}' to '{}'; one with 'async_requests' is between two attributes, or between two models \
                 where it delivers nothing",
                fields.object, one.text, other.text
            );
            problems.error("half_a_connection", one.position, message);
            (from, to) = (None, None);
        }
        if let (Some(place), Some(true)) = (weak, shifted) {
            let message = format!(
                "{} is 'weak' and 'time_shifted'; a weak one delivers at the same tick, so remove one of \
                 them",
                fields.object
            );
            problems.error("weak_and_shifted", place, message);
        }
        Self {
            from,
            to,
            shifted,
            weak,
            asynchronous,
        }
    }
}
