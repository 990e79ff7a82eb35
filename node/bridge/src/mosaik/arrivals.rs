//! What a step brings to the inputs of models.

use std::sync::Arc;

use engine::combine;
use shared::index::Index;
use shared::model::{Input, InputSlot, Section};
use shared::value::{Kind, Origin, Value};

use super::creation::{check_depth, entries};
use super::entity::{Entities, Entity};
use super::refusal::{self, Answer, refusal, refuse, unknown};
use super::settings::source_name;

/// What stands at an input in a step.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// The input.
    pub(super) slot: InputSlot,
    /// Whose values they are, where the input tells them apart.
    pub(super) names: Vec<String>,
    /// What the model sees.
    pub(super) value: Value,
}

/// What a step brings to each model, in the order of the slots.
pub(super) type Arrivals = Vec<Vec<Arrival>>;

/// What a step brings to models: `{eid: {attribute: {source: value}}}`. With `envelopes`, each value says what it is.
pub(super) fn arrivals(inputs: &Value, entities: &Entities, envelopes: bool) -> Answer<Arrivals> {
    let mut arrivals = vec![Vec::new(); entities.list().len()];
    for (id, attributes) in mapping(inputs)? {
        let place = entities.find(id)?;
        let entity = &entities.list()[place];
        let mut at: Vec<Arrival> = Vec::new();
        for (name, sources) in mapping(attributes)? {
            if is_of_no_use(entity, name) {
                continue;
            }
            let slot = input_slot(entity, name)?;
            let declared = &entity.instance.model_type.inputs[slot.place()];
            at.extend(arrival(declared, slot, mapping(sources)?, envelopes)?);
        }
        at.sort_by_key(|arrival| arrival.slot);
        arrivals[place] = at;
    }
    Ok(arrivals)
}

fn mapping(value: &Value) -> Answer<&[(Arc<str>, Value)]> {
    entries(value).map_or_else(
        || {
            let form = "the inputs of a step must be {entity: {attribute: {source: value}}}";
            refuse(refusal::Kind::Type, form)
        },
        Ok,
    )
}

/// Whether the entry of a scenario declares an input that the type does not have: it may be connected, and nothing
/// comes of it.
fn is_of_no_use(entity: &Entity, name: &str) -> bool {
    let declared = entity.config.entry(Section::Inputs, name).is_some();
    declared && entity.instance.input_slot(name).is_none()
}

fn input_slot(entity: &Entity, name: &str) -> Answer<InputSlot> {
    let instance = &entity.instance;
    let Some(slot) = instance.input_slot(name) else {
        let what = format!("input of '{}'", entity.id);
        let known = instance.model_type.inputs.iter();
        return Err(unknown(&what, name, known.map(|input| &*input.name)));
    };
    match instance.lacks(slot) {
        Some(why) => refuse(
            refusal::Kind::Value,
            format!("'{}' has no input '{name}': {why}", entity.id),
        ),
        None => Ok(slot),
    }
}

/// What a model sees of the values that have come to an input; `None` where none have.
fn arrival(
    declared: &Input,
    slot: InputSlot,
    sources: &[(Arc<str>, Value)],
    envelopes: bool,
) -> Answer<Option<Arrival>> {
    let name = &declared.name;
    for (_, value) in sources {
        check_depth(name, value)?;
    }
    let values: Vec<(Option<Origin>, &Value)> = if envelopes {
        let opened = sources.iter().map(|(_, value)| open(name, value));
        opened.collect::<Answer<_>>()?
    } else {
        sources.iter().map(|(_, value)| (None, value)).collect()
    };
    let Some((origin, first)) = values.first().copied() else {
        return Ok(None);
    };
    if values.iter().any(|(other, _)| *other != origin) {
        let message = format!("input '{name}' receives outputs and states; connect one kind only");
        return refuse(refusal::Kind::Value, message);
    }
    let is_sum = match origin {
        Some(origin) => origin == Origin::Output,
        None => values.len() > 1 && declared.kind == Kind::Number && !declared.by_source,
    };
    let all = values.iter().map(|(_, value)| *value);
    let value = if is_sum {
        combine::sum(all).map_err(|no| refusal(refusal::Kind::Value, no.at_input(name).message))?
    } else if values.len() == 1 {
        first.clone()
    } else {
        combine::list(all)
    };
    let names = sources.iter().filter(|_| declared.by_source);
    let names = names.map(|(source, _)| source_name(source).to_owned());
    Ok(Some(Arrival {
        slot,
        names: names.collect(),
        value,
    }))
}

/// Takes a value out of its envelope.
fn open<'a>(name: &str, envelope: &'a Value) -> Answer<(Option<Origin>, &'a Value)> {
    let origin = match envelope.get("message_origin").and_then(Value::as_text) {
        Some("output") => Some(Origin::Output),
        Some("state") => Some(Origin::State),
        _ => None,
    };
    match (origin, envelope.get("value")) {
        (Some(origin), Some(value)) => Ok((Some(origin), value)),
        _ => refuse(
            refusal::Kind::Value,
            format!(
                "input '{name}' wants {{\"message_origin\": \"output\" or \"state\", \"value\": …}}, as all models \
                 with 'sim_params' do, and got {envelope}"
            ),
        ),
    }
}
