//! What a simulator says of one of its models.

use std::collections::BTreeSet;

use shared::value::Value;

use super::reading::{json, map, names};
use crate::{EntityAttribute, EntityType, Role, SimulatorKind};

/// A model of a simulator; `own` is what classes of ours say beside mosaik's description. An error is what is wrong with
/// it.
pub(super) fn entity_type(
    name: &str,
    model: &Value,
    kind: SimulatorKind,
    own: &Value,
) -> Result<EntityType, String> {
    let place = format!("the model '{name}'");
    map(model, &place)?;
    let list = |key: &str| names(model.get(key), &format!("'{key}' of {place}"));
    let truth = |key: &str, usual| match model.get(key) {
        None => Ok(usual),
        Some(Value::Bool(is_so)) => Ok(*is_so),
        Some(other) => Err(format!(
            "'{key}' of {place} is neither true nor false: {}",
            json(other)
        )),
    };
    let optional = |key: &str| model.get(key).map(|_| list(key)).transpose();
    let triggers = Marks::new(
        optional("trigger")?,
        optional("non-trigger")?,
        kind == SimulatorKind::EventBased,
    );
    let events = Marks::new(
        optional("non-persistent")?,
        optional("persistent")?,
        kind == SimulatorKind::EventBased,
    );
    let is_time_based = kind == SimulatorKind::TimeBased;
    let attributes = list("attrs")?.into_iter().map(|name| {
        let told = own
            .get("attributes")
            .and_then(|attributes| attributes.get(&name));
        Ok(EntityAttribute {
            role: told
                .and_then(|told| told.get("role"))
                .map(role)
                .transpose()?,
            initial: told.and_then(|told| told.get("initial")).cloned(),
            unit: told
                .and_then(|told| told.get("unit"))
                .and_then(Value::as_text)
                .map(str::to_owned),
            is_trigger: !is_time_based && triggers.has(&name),
            is_persistent: is_time_based || !events.has(&name),
            name,
        })
    });
    let attributes = attributes.collect::<Result<_, String>>()?;
    let mut parameters = list("params")?;
    if let Some(Value::Map(told)) = own.get("parameters") {
        let others = told.iter().map(|(name, _)| name.to_string());
        let others: Vec<String> = others.filter(|name| !parameters.contains(name)).collect();
        parameters.extend(others);
    }
    Ok(EntityType {
        name: name.to_owned(),
        is_public: truth("public", true)?,
        parameters,
        attributes,
        any_inputs: truth("any_inputs", false)?,
    })
}

/// Which attributes have a property, where some are listed that have it, or some that do not.
struct Marks {
    with: Option<BTreeSet<String>>,
    without: Option<BTreeSet<String>>,
    usual: bool,
}

impl Marks {
    fn new(with: Option<Vec<String>>, without: Option<Vec<String>>, usual: bool) -> Self {
        let set = |names: Vec<String>| names.into_iter().collect();
        Self {
            with: with.map(set),
            without: without.map(set),
            usual,
        }
    }

    fn has(&self, name: &str) -> bool {
        match (&self.with, &self.without) {
            (Some(with), _) => with.contains(name),
            (None, Some(without)) => !without.contains(name),
            (None, None) => self.usual,
        }
    }
}

fn role(said: &Value) -> Result<Role, String> {
    match said.as_text() {
        Some("input") => Ok(Role::Input),
        Some("output") => Ok(Role::Output),
        Some("state") => Ok(Role::State),
        _ => Err(format!(
            "a role is none of 'input', 'output' and 'state': {}",
            json(said)
        )),
    }
}
