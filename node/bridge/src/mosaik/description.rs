//! What is said of the model types.

use std::sync::Arc;

use shared::model::{ModelType, Registry};
use shared::value::Value;

use super::creation::SECTIONS;
use super::settings::Settings;

/// The version of mosaik's interface.
const API_VERSION: &str = "3.0";

/// A mapping.
pub(super) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.into_iter();
    Value::Map(entries.map(|(key, value)| (key.into(), value)).collect())
}

/// What the answer to `init` says.
pub(super) fn description(types: &Registry, settings: &Settings) -> Value {
    let models = types.iter().map(|model_type| {
        let name: Arc<str> = (*model_type.name).into();
        (name, of_type(model_type, settings))
    });
    map([
        ("api_version", Value::text(API_VERSION)),
        ("type", Value::text("time-based")),
        ("models", Value::Map(models.collect())),
        ("extra_methods", Value::List([].into())),
    ])
}

fn of_type(model_type: &ModelType, settings: &Settings) -> Value {
    let parameters = model_type
        .parameters
        .iter()
        .map(|parameter| &*parameter.name);
    let inputs = model_type.inputs.iter().map(|input| &*input.name);
    let published = model_type
        .published
        .iter()
        .map(|published| &*published.name);
    let more = settings
        .attributes
        .get(&*model_type.name)
        .into_iter()
        .flatten();
    let attributes = inputs.chain(published).chain(more.map(String::as_str));
    map([
        ("public", Value::Bool(true)),
        ("params", texts(parameters.chain(SECTIONS))),
        ("attrs", texts(attributes)),
    ])
}

/// A list of texts, each once.
fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let mut list: Vec<&str> = Vec::new();
    for text in texts {
        if !list.contains(&text) {
            list.push(text);
        }
    }
    Value::List(list.into_iter().map(Value::text).collect())
}
