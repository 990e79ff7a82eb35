//! The models of a session.

use std::collections::BTreeMap;

use foreign::wire::Failed;
use shared::index::Index;
use shared::model::{Instance, ModelConfig, PublishedSlot, Stepped};
use shared::time::Tick;
use shared::value::Value;

use super::description::map;
use super::refusal::{Answer, unknown};

/// What the models of a session have published, by model and slot.
pub(super) type Values = Vec<Vec<Option<Value>>>;

/// A model of a session.
#[derive(Debug)]
pub(super) struct Entity {
    /// What mosaik calls it, without the simulator.
    pub(super) id: String,
    /// What it was made of, with the name that messages use.
    pub(super) config: ModelConfig,
    /// The model.
    pub(super) instance: Instance,
}

/// The models of a session, in the order in which they were created.
#[derive(Debug, Default)]
pub(super) struct Entities {
    list: Vec<Entity>,
    place_of: BTreeMap<String, usize>,
}

impl Entities {
    pub(super) fn push(&mut self, entity: Entity) {
        self.place_of.insert(entity.id.clone(), self.list.len());
        self.list.push(entity);
    }

    /// The place of the one with this id.
    pub(super) fn find(&self, id: &str) -> Result<usize, Failed> {
        let place = self.place_of.get(id).copied();
        place.ok_or_else(|| unknown("entity", id, self.list.iter().map(|e| e.id.as_str())))
    }

    pub(super) fn list(&self) -> &[Entity] {
        &self.list
    }

    pub(super) fn list_mut(&mut self) -> &mut [Entity] {
        &mut self.list
    }

    /// The tick after this one at which one of them is to be stepped.
    pub(super) fn next(&self, tick: Tick) -> Tick {
        next_of(
            self.list.iter().map(|entity| entity.instance.step_size),
            tick,
        )
    }
}

impl Entity {
    /// Whether it is to be stepped at a tick.
    pub(super) fn is_due(&self, tick: Tick) -> bool {
        tick.is_multiple_of(self.instance.step_size.max(1).into())
    }

    /// What it publishes under a name.
    pub(super) fn published(&self, name: &str) -> Result<PublishedSlot, Failed> {
        let instance = &self.instance;
        let published = instance
            .published
            .iter()
            .position(|known| known.name == name);
        published.map(PublishedSlot::at).ok_or_else(|| {
            let what = format!("output or state of '{}'", self.id);
            let names = instance.published.iter();
            unknown(&what, name, names.map(|published| &*published.name))
        })
    }
}

/// The first tick after this one that is a multiple of one of these step sizes; the next one where there are none.
pub(super) fn next_of(sizes: impl Iterator<Item = u32>, tick: Tick) -> Tick {
    let nexts = sizes.map(|size| {
        let size = Tick::from(size.max(1));
        (tick / size + 1) * size
    });
    nexts.min().unwrap_or(tick + 1)
}

/// What a model has published under a name, in an envelope where that is asked for.
pub(super) fn published(
    entity: &Entity,
    values: &[Option<Value>],
    name: &str,
    envelopes: bool,
) -> Answer {
    let slot = entity.published(name)?.place();
    let value = values[slot].clone().unwrap_or_default();
    if !envelopes {
        return Ok(value);
    }
    let origin = entity.instance.published[slot].origin.to_string();
    Ok(map([
        ("message_origin", Value::text(&origin)),
        ("value", value),
    ]))
}

/// What a model says in a step, with its name.
pub(super) fn notices(entity: &Entity, stepped: &Stepped) -> Vec<(String, String)> {
    let said = stepped.notices().iter().map(|said| said.text.clone());
    let files = stepped.files().iter().map(|file| {
        format!(
            "the file '{}' is not written: the bridge writes none",
            file.path
        )
    });
    let all = said.chain(files);
    all.map(|text| (entity.config.name.clone(), text)).collect()
}
