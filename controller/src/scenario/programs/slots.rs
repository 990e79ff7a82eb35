//! Where the attributes of models are in the models of the graph.

use shared::index::Index;
use shared::led::ValueLed;
use shared::model::AttributeSlot;
use shared::model::{InputSlot, PublishedSlot};
use shared::plan::{ModelId, PublishedId};

use crate::scenario::graph::MonitorItem;
use crate::scenario::models::Candidate;
use crate::scenario::wiring::{Connection, Units};

/// An attribute of a model of the scenario: the model, and its place there.
pub(super) type At = (usize, usize);

/// Where the attributes of models are in the models of the graph. Those of a model that is no entity stay where they
/// are; a unit has those that something outside of it uses.
#[derive(Debug)]
pub(crate) struct Slots<'a> {
    units: &'a Units,
    /// What the models of a unit publish for others, by unit.
    published: Vec<Vec<At>>,
    /// What the models of a unit get from others, by unit.
    inputs: Vec<Vec<At>>,
}

impl<'a> Slots<'a> {
    /// The slots where this is what is read.
    pub(crate) fn of(
        candidates: &[Candidate],
        connections: &[Connection],
        items: &[MonitorItem],
        leds: &[Vec<ValueLed>],
        units: &'a Units,
    ) -> Self {
        let count = units.members().len();
        let mut slots = Self {
            units,
            published: vec![Vec::new(); count],
            inputs: vec![Vec::new(); count],
        };
        let is_entity = |model: usize| candidates[model].entity.is_some();
        let outside = connections
            .iter()
            .filter(|connection| !units.is_inside(connection));
        for connection in outside {
            let slot = connection.published.and_then(|published| published.slot);
            if let (Some(model), Some(slot)) = (connection.source_model, slot)
                && is_entity(model)
            {
                add(
                    &mut slots.published[units.place(model)],
                    (model, slot.index()),
                );
            }
            if let (Some(model), Some(input)) = (connection.target_model, connection.input())
                && is_entity(model)
            {
                add(&mut slots.inputs[units.place(model)], (model, input));
            }
        }
        let recorded = items
            .iter()
            .map(|item| (item.source.model.place(), item.source.slot));
        let shown = leds.iter().enumerate().flat_map(|(model, leds)| {
            leds.iter().filter_map(move |led| match led.attribute {
                AttributeSlot::Published(slot) => Some((model, slot)),
                AttributeSlot::Input(_) => None,
            })
        });
        for (model, slot) in recorded.chain(shown).filter(|(model, _)| is_entity(*model)) {
            add(
                &mut slots.published[units.place(model)],
                (model, slot.index()),
            );
        }
        slots
    }

    /// What a unit publishes.
    pub(super) fn published_of(&self, unit: usize) -> &[At] {
        &self.published[unit]
    }

    /// What a unit gets.
    pub(super) fn inputs_of(&self, unit: usize) -> &[At] {
        &self.inputs[unit]
    }

    /// Where a published attribute of a model is in the graph.
    pub(crate) fn published(
        &self,
        candidate: &Candidate,
        model: usize,
        slot: PublishedSlot,
    ) -> Option<PublishedId> {
        let unit = self.units.place(model);
        let slot = if candidate.entity.is_some() {
            PublishedSlot::at(position(&self.published[unit], (model, slot.index()))?)
        } else {
            slot
        };
        Some(PublishedId {
            model: ModelId::at(unit),
            slot,
        })
    }

    /// The lights of a model that is an entity, as lights of its unit. `None` for one that shows what nothing outside
    /// of the unit delivers.
    pub(super) fn light(&self, model: usize, led: &ValueLed) -> Option<ValueLed> {
        let unit = self.units.place(model);
        let attribute = match led.attribute {
            AttributeSlot::Published(slot) => {
                let place = position(&self.published[unit], (model, slot.index()))?;
                AttributeSlot::Published(PublishedSlot::at(place))
            }
            AttributeSlot::Input(slot) => {
                let place = position(&self.inputs[unit], (model, slot.index()))?;
                AttributeSlot::Input(InputSlot::at(place))
            }
        };
        Some(ValueLed { attribute, ..*led })
    }
}

fn add(known: &mut Vec<At>, at: At) {
    if !known.contains(&at) {
        known.push(at);
    }
}

fn position(known: &[At], at: At) -> Option<usize> {
    known.iter().position(|other| *other == at)
}
