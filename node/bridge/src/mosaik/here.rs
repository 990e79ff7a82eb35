//! Models that run in this process.

use foreign::wire::Failed;
use shared::index::Index;
use shared::model::{InputSlot, Stepped};
use shared::time::Tick;
use shared::value::Value;

use super::arrivals::{Arrival, Arrivals};
use super::entity::Values;
use super::entity::{Entities, Entity};
use super::refusal::{Kind, refusal};

/// Models that run in this process.
#[derive(Debug)]
pub(super) struct Here {
    /// What each model sees, by slot; room that is used again.
    inputs: Vec<Vec<Option<Value>>>,
    /// The names that each model has been told, of inputs that tell sources apart.
    told: Vec<Vec<(InputSlot, Vec<String>)>>,
}

impl Here {
    pub(super) fn new(entities: &Entities) -> Self {
        let inputs = entities
            .list()
            .iter()
            .map(|entity| vec![None; entity.instance.model_type.inputs.len()]);
        Self {
            inputs: inputs.collect(),
            told: vec![Vec::new(); entities.list().len()],
        }
    }

    /// Steps those that are due. `tell` hears what they say.
    pub(super) fn step(
        &mut self,
        tick: Tick,
        entities: &mut Entities,
        arrivals: Arrivals,
        values: &mut Values,
        tell: &mut dyn FnMut(&Entity, &Stepped),
    ) -> Result<(), Failed> {
        let models = entities.list_mut().iter_mut().zip(arrivals);
        for (place, (entity, arrivals)) in models.enumerate() {
            if !entity.is_due(tick) {
                continue;
            }
            let inputs = &mut self.inputs[place];
            inputs.fill(None);
            for Arrival { slot, names, value } in arrivals {
                inputs[slot.place()] = Some(value);
                introduce(entity, slot, &names, &mut self.told[place]);
            }
            let stepped = entity.instance.step(tick, inputs, &mut values[place]);
            let stepped = stepped.map_err(|error| {
                let (id, model_type) = (&entity.config.name, &entity.config.model_type);
                let message = format!("model '{id}' ({model_type}) failed: {error}");
                refusal(Kind::Runtime, message)
            })?;
            tell(entity, &stepped);
        }
        Ok(())
    }
}

/// Tells a model whose values it sees, when that is news.
fn introduce(
    entity: &mut Entity,
    slot: InputSlot,
    names: &[String],
    told: &mut Vec<(InputSlot, Vec<String>)>,
) {
    if !entity.instance.model_type.inputs[slot.place()].by_source {
        return;
    }
    let known = told.iter().position(|(known, _)| *known == slot);
    match known {
        Some(place) if told[place].1 == names => return,
        Some(place) => names.clone_into(&mut told[place].1),
        None => told.push((slot, names.to_owned())),
    }
    entity.instance.model.connected(slot, names);
}
