//! What simulators ask for themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::value::Value;

use super::Unit;
use crate::said::{json, names};
use crate::wire::{Call, Failed};
use crate::{Fault, RelationGraph};

impl Unit {
    /// Takes a request of a simulator.
    pub(super) fn requested(
        &mut self,
        place: usize,
        number: u64,
        call: &Call,
    ) -> Result<(), Fault> {
        let argument = call
            .arguments
            .first()
            .or_else(|| call.named.first().map(|(_, value)| value));
        let argument = argument.unwrap_or(&Value::Null);
        let answer = match call.function.as_str() {
            "get_progress" => Ok(Value::Float(self.progress())),
            "get_related_entities" => related(&self.graph, argument),
            "get_data" => match self.borrow(place, number, argument) {
                Ok(()) => return self.lend(),
                Err(failed) => Err(failed),
            },
            "set_data" => self.set_data(place, argument).map(|()| Value::Null),
            "set_event" => self.set_event(place, argument).map(|()| Value::Null),
            other => Err(Failed {
                exception: "KeyError".to_owned(),
                message: format!("there is no request '{other}'"),
                more: Vec::new(),
            }),
        };
        let simulator = &mut self.members[place].running.simulator;
        simulator.answer(number, answer);
        simulator.send()
    }

    /// The simulator of which this is an entity, and the id of that, if the one may ask the other.
    pub(super) fn asked_of<'a>(
        &self,
        place: usize,
        full: &'a str,
    ) -> Result<(usize, &'a str), Failed> {
        let found = self.members.iter().enumerate().find_map(|(other, member)| {
            let id = full.strip_prefix(member.sid.as_str())?.strip_prefix('.')?;
            Some((other, id))
        });
        found
            .filter(|(other, _)| self.asynchronous.contains(&(*other, place)))
            .ok_or_else(|| {
                let own = &self.members[place].sid;
                refused(format!(
                    "'{own}' has no connection for asynchronous requests from '{full}'"
                ))
            })
    }

    /// Sets values for the next steps of others.
    fn set_data(&mut self, place: usize, data: &Value) -> Result<(), Failed> {
        for (source, targets) in entries(data)? {
            for (full, attributes) in entries(targets)? {
                let (other, id) = self.asked_of(place, full)?;
                for (attribute, value) in entries(attributes)? {
                    let set = &mut self.members[other].set;
                    let same = |one: &&mut (String, Arc<str>, Arc<str>, Value)| {
                        one.0 == id && one.1 == *attribute && one.2 == *source
                    };
                    match set.iter_mut().find(same) {
                        Some(known) => known.3.clone_from(value),
                        None => set.push((
                            id.to_owned(),
                            Arc::clone(attribute),
                            Arc::clone(source),
                            value.clone(),
                        )),
                    }
                }
            }
        }
        Ok(())
    }
}

/// A request that cannot be met.
pub(super) fn refused(message: impl Into<String>) -> Failed {
    Failed {
        exception: "ScenarioError".to_owned(),
        message: message.into(),
        more: Vec::new(),
    }
}

/// The entries of a mapping that a simulator sends.
pub(super) fn entries(value: &Value) -> Result<&[(Arc<str>, Value)], Failed> {
    crate::said::map(value, "what is asked").map_err(refused)
}

/// What is related to what, in the form that is asked for: everything, those of one entity, or those of each of
/// several.
fn related(graph: &RelationGraph, wanted: &Value) -> Result<Value, Failed> {
    match wanted {
        Value::Null => Ok(everything(graph)),
        Value::Text(entity) => neighbours(graph, entity),
        Value::List(_) => {
            let wanted = names(Some(wanted), "the list of entities").map_err(refused)?;
            let each = wanted
                .iter()
                .map(|entity| Ok((entity.as_str().into(), neighbours(graph, entity)?)));
            Ok(Value::Map(each.collect::<Result<Vec<_>, Failed>>()?.into()))
        }
        other => Err(refused(format!(
            "this is no entity and no list of them: {}",
            json(other)
        ))),
    }
}

fn everything(graph: &RelationGraph) -> Value {
    let nodes = graph
        .nodes
        .iter()
        .map(|(id, kind)| (id.as_str().into(), node(id, kind)));
    let edges = graph.edges.iter().map(|(one, other)| {
        Value::List([Value::text(one), Value::text(other), Value::Map([].into())].into())
    });
    let parts: [(Arc<str>, Value); 2] = [
        ("nodes".into(), Value::Map(nodes.collect())),
        ("edges".into(), Value::List(edges.collect())),
    ];
    Value::Map(parts.into())
}

fn neighbours(graph: &RelationGraph, entity: &str) -> Result<Value, Failed> {
    if !graph.nodes.iter().any(|(id, _)| id == entity) {
        return Err(Failed {
            exception: "KeyError".to_owned(),
            message: format!("there is no entity '{entity}'"),
            more: Vec::new(),
        });
    }
    let mut known = BTreeSet::new();
    let near = graph.edges.iter().filter_map(|(one, other)| {
        if one == entity {
            Some(other)
        } else {
            (other == entity).then_some(one)
        }
    });
    let near = near.filter(|id| known.insert(*id)).filter_map(|id| {
        let (id, kind) = graph.nodes.iter().find(|(node, _)| node == id)?;
        Some((id.as_str().into(), node(id, kind)))
    });
    Ok(Value::Map(near.collect()))
}

fn node(id: &str, kind: &str) -> Value {
    let (sid, _) = id.split_once('.').unwrap_or((id, ""));
    let parts: [(Arc<str>, Value); 2] = [
        ("sid".into(), Value::text(sid)),
        ("type".into(), Value::text(kind)),
    ];
    Value::Map(parts.into())
}
