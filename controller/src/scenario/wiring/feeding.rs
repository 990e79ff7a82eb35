//! Which inputs a connection leads into, or may lead into where it cannot be read in full.

use std::collections::BTreeSet;

use super::connection::Connection;
use crate::scenario::entries::ConnectionEntry;

/// The inputs that are fed. What is wrong with a connection is reported once, and that an input
/// lacks just this connection is no error beside it.
pub(crate) struct Feeding {
    fed: Vec<BTreeSet<usize>>,
    /// Whether there are connections of which nothing is known.
    is_unknown: bool,
    /// Models that connections lead to whose attribute is wrong.
    models: BTreeSet<usize>,
    /// Attributes that connections lead to whose model is wrong.
    attributes: BTreeSet<String>,
}

impl Feeding {
    pub(crate) fn of(
        entries: Option<&[ConnectionEntry]>,
        connections: &[Connection],
        models: usize,
    ) -> Self {
        let is_readable = |all: &[ConnectionEntry]| all.iter().all(|c| c.to.is_some());
        let mut feeding = Self {
            fed: vec![BTreeSet::new(); models],
            is_unknown: !entries.is_some_and(is_readable),
            models: BTreeSet::new(),
            attributes: BTreeSet::new(),
        };
        for connection in connections.iter().filter(|known| !known.is_for_requests) {
            match (connection.target_model, connection.target) {
                (Some(model), Some(_)) => feeding.fed[model].extend(connection.input()),
                (Some(model), None) => {
                    feeding.models.insert(model);
                }
                (None, _) => {
                    let attribute = connection
                        .to_text
                        .split_once('.')
                        .map_or("", |(_, name)| name);
                    feeding.attributes.insert(attribute.to_owned());
                }
            }
        }
        feeding
    }

    /// Whether something may be connected to an input, by its place and name.
    pub(crate) fn may_feed(&self, model: usize, input: usize, name: &str) -> bool {
        self.is_unknown
            || self.models.contains(&model)
            || self.attributes.contains(name)
            || self.fed[model].contains(&input)
    }
}
