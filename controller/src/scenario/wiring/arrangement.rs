//! In which order the values of several connections into a model are combined.

use std::collections::BTreeMap;

use super::connection::{Connection, SourceKey};

/// An input and the connections that feed it, in the order in which their values are combined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Feed {
    /// Its place in the declaration of the type.
    pub(crate) input: usize,
    /// Places in the list of connections.
    pub(crate) connections: Vec<usize>,
}

/// The feeds of a model, by input, and what is left over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrangement {
    pub(crate) feeds: Vec<Feed>,
    /// A connection without effect, and the one that counts instead.
    pub(crate) superseded: Vec<(usize, usize)>,
}

/// Arranges the connections into each of the models.
///
/// The connections into a model are grouped by source model and by direct or shifted; groups are
/// ordered by their first connection in the file, whatever its input, and inside a group the file
/// decides. Each child of an entity is a source of its own. At one input each source has one place: its last connection counts, at the
/// place of its first.
pub(crate) fn arrange(connections: &[Connection], models: usize) -> Vec<Arrangement> {
    let mut groups: Vec<Groups<'_>> = Vec::new();
    groups.resize_with(models, Groups::default);
    for (place, connection) in connections.iter().enumerate() {
        if let (Some(source), Some(target)) = (connection.source(), connection.target_model) {
            groups[target].add(place, source, connection.shifted == Some(true));
        }
    }
    groups
        .iter()
        .map(|groups| groups.arrange(connections))
        .collect()
}

#[derive(Default)]
struct Groups<'a> {
    places: BTreeMap<(SourceKey<'a>, bool), usize>,
    groups: Vec<(SourceKey<'a>, Vec<usize>)>,
}

impl<'a> Groups<'a> {
    fn add(&mut self, connection: usize, source: SourceKey<'a>, shifted: bool) {
        let place = *self.places.entry((source, shifted)).or_insert_with(|| {
            self.groups.push((source, Vec::new()));
            self.groups.len() - 1
        });
        self.groups[place].1.push(connection);
    }

    fn arrange(&self, connections: &[Connection]) -> Arrangement {
        let mut feeds: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut places: BTreeMap<(usize, SourceKey<'_>), usize> = BTreeMap::new();
        let mut superseded = Vec::new();
        for (source, group) in &self.groups {
            for &connection in group {
                let Some(input) = connections[connection].input() else {
                    continue;
                };
                let feed = feeds.entry(input).or_default();
                if let Some(&place) = places.get(&(input, *source)) {
                    let loser = std::mem::replace(&mut feed[place], connection);
                    superseded.push((loser, connection));
                } else {
                    places.insert((input, *source), feed.len());
                    feed.push(connection);
                }
            }
        }
        Arrangement {
            feeds: feeds
                .into_iter()
                .map(|(input, connections)| Feed { input, connections })
                .collect(),
            superseded,
        }
    }
}
