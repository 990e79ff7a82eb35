//! Connections whose ends have been looked up.

use std::collections::BTreeMap;

use shared::value::Origin;

use super::attributes::{Known, Published, Target};
use super::file::ConnectionEntry;
use super::models::Candidate;
use super::problem::{Position, Problems};
use super::reference::Reference;
use super::spelling::suggestion;

/// The models of a scenario by name. Of several with one name, the first.
pub(super) struct Names<'a> {
    candidates: &'a [Candidate],
    places: BTreeMap<&'a str, usize>,
    /// Whether there are no others.
    are_all: bool,
}

impl<'a> Names<'a> {
    /// The names of the models that could be read; whether these are all that there are.
    pub(super) fn of(candidates: &'a [Candidate], are_all: bool) -> Self {
        let mut places = BTreeMap::new();
        for (place, candidate) in candidates.iter().enumerate() {
            if let Some(name) = &candidate.entry.name {
                places.entry(name.as_str()).or_insert(place);
            }
        }
        Self {
            candidates,
            places,
            are_all,
        }
    }

    /// Whether the model at this place is the one that its name stands for.
    pub(super) fn is_named(&self, place: usize) -> bool {
        let name = self.candidates[place].entry.name.as_deref();
        name.is_some_and(|name| self.places.get(name) == Some(&place))
    }

    /// The place of the model that a reference names; reports an unknown one. `label` is who asks.
    pub(super) fn find(
        &self,
        reference: &Reference,
        label: &str,
        problems: &mut Problems,
    ) -> Option<usize> {
        let name = reference.model.as_str();
        let found = self.places.get(name).copied();
        if found.is_none() && self.are_all {
            let names: Vec<&str> = self
                .candidates
                .iter()
                .filter_map(|candidate| candidate.entry.name.as_deref())
                .collect();
            let choice = suggestion(name, "models", &names);
            let message = format!("{label}: there is no model '{name}'{choice}");
            problems.error("unknown_model", reference.position, message);
        }
        found
    }
}

/// A connection, as far as it is known.
#[derive(Debug)]
pub(super) struct Link {
    /// How messages call it: `connection 'a.x' → 'b.y'`.
    pub(super) label: String,
    /// Its source as it is written.
    pub(super) from_text: String,
    /// Its target as it is written.
    pub(super) to_text: String,
    /// Where its source stands.
    pub(super) position: Position,
    /// Where its target stands.
    pub(super) to_position: Position,
    pub(super) source_model: Option<usize>,
    pub(super) published: Option<Published>,
    pub(super) target_model: Option<usize>,
    pub(super) target: Option<Target>,
    /// `None` where the scenario is wrong about it.
    pub(super) shifted: Option<bool>,
}

impl Link {
    /// The input of the target model that it feeds.
    pub(super) fn input(&self) -> Option<usize> {
        match self.target {
            Some(Target::Input(input)) => Some(input),
            _ => None,
        }
    }
}

/// Looks up both ends of all connections that have them. Reports unknown ends.
pub(super) fn resolve(
    connections: &[ConnectionEntry],
    names: &Names<'_>,
    problems: &mut Problems,
) -> Vec<Link> {
    connections
        .iter()
        .map(|connection| link(connection, names, problems))
        .collect()
}

fn link(connection: &ConnectionEntry, names: &Names<'_>, problems: &mut Problems) -> Link {
    let text = |end: &Option<Reference>| match end {
        Some(reference) => reference.text.clone(),
        None => "?".to_owned(),
    };
    let place = |end: &Option<Reference>| end.as_ref().map(|reference| reference.position);
    let (from_text, to_text) = (text(&connection.from), text(&connection.to));
    let (from_place, to_place) = (place(&connection.from), place(&connection.to));
    let mut link = Link {
        label: format!("connection '{from_text}' → '{to_text}'"),
        from_text,
        to_text,
        position: from_place.or(to_place).unwrap_or(Position::START),
        to_position: to_place.or(from_place).unwrap_or(Position::START),
        source_model: None,
        published: None,
        target_model: None,
        target: None,
        shifted: connection.shifted,
    };
    if let Some(from) = &connection.from
        && let Some(model) = names.find(from, &link.label, problems)
    {
        link.source_model = Some(model);
        let known = names.candidates[model].source(&from.attribute);
        link.published = link.end(known, from, problems);
    }
    if let Some(to) = &connection.to
        && let Some(model) = names.find(to, &link.label, problems)
    {
        link.target_model = Some(model);
        let known = names.candidates[model].target(&to.attribute);
        link.target = link.end(known, to, problems);
        if link.target == Some(Target::Unused) {
            let message = format!(
                "{} delivers nothing, because '{}' does not use '{}' as an input",
                link.label, to.model, to.attribute
            );
            problems.warning("unused_target", to.position, message);
        }
    }
    link
}

impl Link {
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

/// Reports outputs that more than one connection starts from: a physical flow goes to one place.
pub(super) fn refuse_split_outputs(links: &[Link], problems: &mut Problems) {
    let mut first: BTreeMap<&str, &Link> = BTreeMap::new();
    for link in links {
        if link.published.is_none_or(|p| p.origin != Origin::Output) {
            continue;
        }
        if let Some(earlier) = first.get(link.from_text.as_str()) {
            let Link {
                label, from_text, ..
            } = link;
            let message = format!(
                "{label}: '{from_text}' is an output, a physical flow that goes to one input \
                 only, and it goes to '{}' already (line {}); remove one of the two connections",
                earlier.to_text, earlier.position.line
            );
            problems.error("split_output", link.position, message);
        } else {
            first.insert(&link.from_text, link);
        }
    }
}
