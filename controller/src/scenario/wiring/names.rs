//! Models by name.

use std::collections::BTreeMap;

use crate::scenario::entries::Reference;
use crate::scenario::models::Candidate;
use crate::scenario::problems::{Problems, suggestion};

/// The models of a scenario by name. Of several with one name, the first.
pub(crate) struct Names<'a> {
    candidates: &'a [Candidate],
    places: BTreeMap<&'a str, usize>,
    /// Whether there are no others.
    are_all: bool,
}

impl<'a> Names<'a> {
    /// The names of the models that could be read; whether these are all that there are.
    pub(crate) fn of(candidates: &'a [Candidate], are_all: bool) -> Self {
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

    /// The model at this place.
    pub(super) fn candidate(&self, place: usize) -> &'a Candidate {
        &self.candidates[place]
    }

    /// Whether the model at this place is the one that its name stands for.
    pub(crate) fn is_named(&self, place: usize) -> bool {
        let name = self.candidates[place].entry.name.as_deref();
        name.is_some_and(|name| self.places.get(name) == Some(&place))
    }

    /// The place of the model that a reference names; reports an unknown one. `label` is who asks.
    pub(crate) fn find(
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
