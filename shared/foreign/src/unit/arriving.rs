//! What arrives at a simulator of a unit, as mosaik says it.

use std::sync::Arc;

use shared::model::Entries;
use shared::value::Value;

/// An entity at which something arrives.
#[derive(Debug)]
pub(super) struct FedEntity {
    pub(super) id: Arc<str>,
    pub(super) attributes: Vec<FedAttribute>,
}

/// An attribute at which something arrives.
#[derive(Debug)]
pub(super) struct FedAttribute {
    pub(super) name: Arc<str>,
    /// What mosaik calls the sources.
    pub(super) sources: Vec<Arc<str>>,
    /// The feeds, and the place of the source of each.
    pub(super) feeds: Vec<(usize, usize)>,
}

/// What arrives at entities in a step, as mosaik says it, with what others have `set` there. `value` has the value of
/// a feed, if there is one.
pub(super) fn arriving(
    fed: &[FedEntity],
    mut set: Vec<(String, Arc<str>, Arc<str>, Value)>,
    mut value: impl FnMut(usize) -> Option<Value>,
) -> Value {
    let mut entities = Vec::new();
    for entity in fed {
        let mut attributes: Vec<(Arc<str>, Value)> = Vec::new();
        for attribute in &entity.attributes {
            let own = |one: &(String, Arc<str>, Arc<str>, Value)| {
                *one.0 == *entity.id && one.1 == attribute.name
            };
            let first = set.extract_if(.., |one| own(one));
            let mut values: Vec<(Arc<str>, Value)> =
                first.map(|(_, _, who, value)| (who, value)).collect();
            let mut found = vec![None; attribute.sources.len()];
            for &(feed, place) in &attribute.feeds {
                if let Some(value) = value(feed) {
                    found[place] = Some(value);
                }
            }
            for (source, value) in attribute.sources.iter().zip(found) {
                values.extend(value.map(|value| (Arc::clone(source), value)));
            }
            if !values.is_empty() {
                attributes.push((Arc::clone(&attribute.name), Value::Map(values.into())));
            }
        }
        append_set(
            &mut attributes,
            set.extract_if(.., |one| *one.0 == *entity.id),
        );
        if !attributes.is_empty() {
            entities.push((Arc::clone(&entity.id), Value::Map(attributes.into())));
        }
    }
    while let Some((id, ..)) = set.first() {
        let id: Arc<str> = id.as_str().into();
        let mut attributes = Vec::new();
        append_set(&mut attributes, set.extract_if(.., |one| *one.0 == *id));
        entities.push((id, Value::Map(attributes.into())));
    }
    Value::Map(entities.into())
}

/// Appends what others have set at attributes of an entity to which nothing is connected.
fn append_set(
    attributes: &mut Vec<(Arc<str>, Value)>,
    set: impl Iterator<Item = (String, Arc<str>, Arc<str>, Value)>,
) {
    let start = attributes.len();
    let mut new: Vec<(Arc<str>, Entries)> = Vec::new();
    for (_, attribute, who, value) in set {
        match new.iter_mut().find(|(known, _)| *known == attribute) {
            Some((_, values)) => values.push((who, value)),
            None => new.push((attribute, vec![(who, value)])),
        }
    }
    let new = new
        .into_iter()
        .map(|(attribute, values)| (attribute, Value::Map(values.into())));
    attributes.splice(start.., new);
}
