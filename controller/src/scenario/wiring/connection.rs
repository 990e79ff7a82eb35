//! Connections whose ends have been looked up.

use super::names::Names;
use crate::scenario::entries::{ConnectionEntry, Reference};
use crate::scenario::models::{Known, Published, Target};
use crate::scenario::problems::{Position, Problems};

/// Whose values a connection delivers: a model, or of the entity that it is a child.
pub(crate) type SourceKey<'a> = (usize, &'a str);

/// A connection, as far as it is known.
#[derive(Debug)]
pub(crate) struct Connection {
    /// How messages call it: `connection 'a.x' → 'b.y'`.
    pub(crate) label: String,
    /// Its source as it is written.
    pub(crate) from_text: String,
    /// Its target as it is written.
    pub(crate) to_text: String,
    /// Where its source stands.
    pub(crate) position: Position,
    /// Where its target stands.
    pub(crate) to_position: Position,
    pub(crate) source_model: Option<usize>,
    /// Of a source that is an entity, or a child of one: its id.
    pub(crate) source_entity: String,
    pub(crate) published: Option<Published>,
    pub(crate) target_model: Option<usize>,
    pub(crate) target: Option<Target>,
    /// `None` where the scenario is wrong about it.
    pub(crate) shifted: Option<bool>,
    /// Where the scenario says that it is weak, or that its target may ask for values.
    pub(crate) weak: Option<Position>,
    pub(crate) asynchronous: Option<Position>,
    /// Whether it delivers nothing: it is between two models, for what the one asks of the other.
    pub(crate) is_for_requests: bool,
}

impl Connection {
    /// Whose values it delivers.
    pub(crate) fn source(&self) -> Option<SourceKey<'_>> {
        Some((self.source_model?, self.source_entity.as_str()))
    }

    /// Whether its target steps after its source at the same tick.
    pub(crate) fn is_direct(&self) -> bool {
        self.shifted == Some(false) && self.weak.is_none()
    }

    /// The input of the target model that it feeds.
    pub(crate) fn input(&self) -> Option<usize> {
        match self.target {
            Some(Target::Input(input)) => Some(input),
            _ => None,
        }
    }
}

/// Looks up both ends of all connections that have them. Reports unknown ends.
pub(crate) fn resolve_connections(
    entries: &[ConnectionEntry],
    names: &Names<'_>,
    problems: &mut Problems,
) -> Vec<Connection> {
    entries
        .iter()
        .map(|entry| resolve(entry, names, problems))
        .collect()
}

fn resolve(entry: &ConnectionEntry, names: &Names<'_>, problems: &mut Problems) -> Connection {
    let text = |end: &Option<Reference>| match end {
        Some(reference) => reference.text.clone(),
        None => "?".to_owned(),
    };
    let place = |end: &Option<Reference>| end.as_ref().map(|reference| reference.position);
    let (from_text, to_text) = (text(&entry.from), text(&entry.to));
    let (from_place, to_place) = (place(&entry.from), place(&entry.to));
    let mut connection = Connection {
        label: format!("connection '{from_text}' → '{to_text}'"),
        from_text,
        to_text,
        position: from_place.or(to_place).unwrap_or(Position::START),
        to_position: to_place.or(from_place).unwrap_or(Position::START),
        source_model: None,
        source_entity: String::new(),
        published: None,
        target_model: None,
        target: None,
        shifted: entry.shifted,
        weak: entry.weak,
        asynchronous: entry.asynchronous,
        is_for_requests: entry.from.as_ref().is_some_and(Reference::is_model),
    };
    if connection.is_for_requests {
        connection.find_models(entry, names, problems);
        return connection;
    }
    if let Some(from) = &entry.from
        && let Some(model) = names.find(from, &connection.label, problems)
    {
        connection.source_model = Some(model);
        let known = names.candidate(model).source(&from.attribute);
        connection.published = connection.end(known, from, problems);
        let slot = connection.published.and_then(|published| published.slot);
        if let Some(place) = names.candidate(model).place_published(slot) {
            connection.source_entity.clone_from(&place.spot.entity);
        }
    }
    if let Some(to) = &entry.to
        && let Some(model) = names.find(to, &connection.label, problems)
    {
        connection.target_model = Some(model);
        let known = names.candidate(model).target(&to.attribute);
        connection.target = connection.end(known, to, problems);
        if connection.target == Some(Target::Unused) {
            let message = format!(
                "{} delivers nothing, because '{}' does not use '{}' as an input",
                connection.label, to.model, to.attribute
            );
            problems.warning("unused_target", to.position, message);
        }
    }
    connection
}

impl Connection {
    /// Looks up the two models of a connection that delivers nothing.
    fn find_models(&mut self, entry: &ConnectionEntry, names: &Names<'_>, problems: &mut Problems) {
        let mut find = |end: &Option<Reference>| names.find(end.as_ref()?, &self.label, problems);
        (self.source_model, self.target_model) = (find(&entry.from), find(&entry.to));
        let source = self
            .source_model
            .and_then(|model| names.candidate(model).met());
        if let Some(met) = source {
            self.source_entity.clone_from(&met.entity.id);
        }
    }

    fn end<T>(&self, known: Known<T>, end: &Reference, problems: &mut Problems) -> Option<T> {
        match known {
            Known::Yes(found) => Some(found),
            Known::No { code, why } => {
                problems.error(code, end.position, format!("{}: {why}", self.label));
                None
            }
            Known::Nothing => None,
        }
    }
}
