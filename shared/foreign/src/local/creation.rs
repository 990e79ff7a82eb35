//! What a simulator is asked before its first step: to create entities, and what the scenario calls of its own.

use shared::value::Value;
use terminal::spelling::nearest;

use crate::said::{Said, json, map, names};
use crate::simulator::Simulator;
use crate::wire::Call;
use crate::{Entity, EntityRequest, EntityType, ExtraCall, Fault};

/// The type of which an entity is wanted.
fn wanted_type<'a>(
    simulator: &Simulator,
    said: &'a Said,
    wanted: &EntityRequest,
) -> Result<&'a EntityType, Fault> {
    let public = || said.types.iter().filter(|known| known.is_public);
    let has = || list(public().map(|known| known.name.as_str()));
    let message = match &wanted.model {
        Some(name) => match public().find(|known| known.name == *name) {
            Some(known) => return Ok(known),
            None => match nearest(name, public().map(|known| known.name.as_str())) {
                Some(near) => format!("it has no model '{name}'; did you mean '{near}'?"),
                None => format!("it has no model '{name}' (has: {})", has()),
            },
        },
        None => match (public().next(), public().nth(1)) {
            (Some(only), None) => return Ok(only),
            (Some(_), Some(_)) => format!(
                "it has several models; say which one '{}' is: {}.MODEL (has: {})",
                wanted.name,
                simulator.name(),
                has()
            ),
            (None, _) => "it has no model that can be created".to_owned(),
        },
    };
    Err(simulator.fault("unknown_model", message))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

/// Has it create entities, one after the other.
pub(super) fn create_all(
    simulator: &mut Simulator,
    said: &Said,
    wanted: &[EntityRequest],
) -> Result<Vec<Entity>, Fault> {
    let mut entities: Vec<Entity> = Vec::new();
    for wanted in wanted {
        let entity = create(simulator, said, wanted)?;
        if entities.iter().any(|known| known.id == entity.id) {
            let message = format!("it has created two entities with the id '{}'", entity.id);
            return Err(simulator.nonsense(message, None));
        }
        entities.push(entity);
    }
    Ok(entities)
}

fn create(simulator: &mut Simulator, said: &Said, wanted: &EntityRequest) -> Result<Entity, Fault> {
    let entity_type = wanted_type(simulator, said, wanted)?;
    for (name, _) in &wanted.parameters {
        if entity_type.parameters.iter().any(|known| **known == **name) {
            continue;
        }
        let known = || entity_type.parameters.iter().map(String::as_str);
        let message = format!("the model '{}' has no parameter '{name}'", entity_type.name);
        let message = match nearest(name, known()) {
            Some(near) => format!("{message}; did you mean '{near}'?"),
            None => format!("{message} (has: {})", list(known())),
        };
        return Err(simulator.fault("unknown_parameter", message));
    }
    let call = Call {
        function: "create".to_owned(),
        arguments: vec![Value::Int(1), Value::text(&entity_type.name)],
        named: wanted.parameters.clone(),
    };
    let (answer, asked) = simulator.call(&call, None)?;
    let nonsense = |message: String| simulator.nonsense(message, Some(asked.clone()));
    let Value::List(created) = &answer else {
        return Err(nonsense(format!(
            "'create' should answer a list, and answers {}",
            json(&answer)
        )));
    };
    let [only] = &**created else {
        let count = created.len();
        return Err(nonsense(format!(
            "it was to create 1 entity, and answers {count}: {}",
            json(&answer)
        )));
    };
    let entity = entity(only).map_err(nonsense)?;
    if entity.entity_type != entity_type.name {
        return Err(nonsense(format!(
            "it was to create a '{}', and answers a '{}'",
            entity_type.name, entity.entity_type
        )));
    }
    Ok(entity)
}

/// An entity as `create` answers it, with all its children. How deep they nest is limited as JSON is.
fn entity(answer: &Value) -> Result<Entity, String> {
    map(answer, "an entity")?;
    let text = |key: &str| match answer.get(key).and_then(Value::as_text) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!(
            "an entity has no text as its '{key}': {}",
            json(answer)
        )),
    };
    let (id, entity_type) = (text("eid")?, text("type")?);
    let children = match answer.get("children") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::List(children)) => children.iter().map(entity).collect::<Result<_, _>>()?,
        Some(other) => {
            return Err(format!(
                "the children of '{id}' are no list: {}",
                json(other)
            ));
        }
    };
    let related = names(answer.get("rel"), &format!("'rel' of '{id}'"))?;
    Ok(Entity {
        id,
        entity_type,
        related,
        children,
    })
}

/// Calls an extra method.
pub(super) fn call_extra(
    simulator: &mut Simulator,
    said: &Said,
    extra: &ExtraCall,
) -> Result<(), Fault> {
    if !said.extra_methods.contains(&extra.method) {
        let known = || said.extra_methods.iter().map(String::as_str);
        let message = format!("it has no extra method '{}'", extra.method);
        let message = match nearest(&extra.method, known()) {
            Some(near) => format!("{message}; did you mean '{near}'?"),
            None => format!("{message} (has: {})", list(known())),
        };
        return Err(simulator.fault("unknown_method", message));
    }
    let call = Call {
        function: extra.method.clone(),
        arguments: Vec::new(),
        named: extra.arguments.clone(),
    };
    simulator.call(&call, None)?;
    Ok(())
}
