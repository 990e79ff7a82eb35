//! What a session tells of its models.

use std::sync::Arc;

use shared::value::Value;

use super::creation::entries;
use super::entity::published;
use super::refusal::{Answer, Kind, refusal, refuse};
use super::session::{Place, Session};

impl Session<'_> {
    /// The values that are asked for.
    pub(super) fn get_data(&self, arguments: &[Value]) -> Answer {
        let envelopes = self.settings()?.entry.is_some();
        if let Place::Broken(failed) = &self.place {
            return Err(failed.clone());
        }
        let [asked] = arguments else {
            return refuse(
                Kind::Type,
                "get_data takes one mapping from entities to lists of attributes",
            );
        };
        if matches!(self.place, Place::Nowhere) {
            return refuse(
                Kind::Runtime,
                "before the first step there is nothing to get",
            );
        }
        let form = || refusal(Kind::Type, "get_data takes {entity: [attribute, …]}");
        let mut data = Vec::new();
        for (id, names) in entries(asked).ok_or_else(form)? {
            let Value::List(names) = names else {
                return Err(form());
            };
            let place = self.entities.find(id)?;
            let (entity, values) = (&self.entities.list()[place], &self.values[place]);
            let mut found: Vec<(Arc<str>, Value)> = Vec::with_capacity(names.len());
            for name in &**names {
                let name = name.as_text().ok_or_else(form)?;
                let value = published(entity, values, name, envelopes)?;
                if found.iter().all(|(known, _)| **known != *name) {
                    found.push((name.into(), value));
                }
            }
            data.push((id.clone(), Value::Map(found.into())));
        }
        Ok(Value::Map(data.into()))
    }
}
