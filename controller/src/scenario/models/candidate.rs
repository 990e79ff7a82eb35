//! A model as far as it is known.

use shared::model::{InputSlot, Instance, PublishedSlot, TypeRef};

use super::entity::{EntityOf, Met, Place};
use crate::scenario::entries::ModelEntry;

/// A model as far as it is known: without type where there is none of that name, without instance
/// where it cannot be built.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) entry: ModelEntry,
    pub(crate) model_type: Option<TypeRef>,
    pub(crate) instance: Option<Instance>,
    /// Where it is an entity of a simulator: it has no instance of its own, and a type as far as the scenario uses
    /// it, once its simulator has started.
    pub(crate) entity: Option<EntityOf>,
}

impl Candidate {
    /// What its simulator says of it, where it is an entity.
    pub(crate) fn met(&self) -> Option<&Met> {
        self.entity.as_ref()?.met.as_ref()
    }

    /// Where in its simulator that is what it publishes.
    pub(crate) fn place_published(&self, slot: Option<PublishedSlot>) -> Option<&Place> {
        self.met()?.published.get(slot?.index())
    }

    /// What it is called where a model tells its sources apart: of an entity's child `Net/Bus-5`.
    pub(crate) fn source_name(&self, slot: Option<PublishedSlot>) -> String {
        let place = self.met().zip(self.place_published(slot));
        match place.and_then(|(met, place)| met.child(place)) {
            Some(child) => format!("{}/{child}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Where in its simulator an input of it is.
    pub(crate) fn place_input(&self, slot: InputSlot) -> Option<&Place> {
        self.met()?.inputs.get(slot.index())
    }
}
