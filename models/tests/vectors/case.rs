//! The format of vector files.

use serde_json::Value as Json;
use shared::model::{Entries, ModelConfig};
use shared::time::Tick;
use shared::value::{Origin, Value};

/// A model object with the steps that it goes through.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) config: ModelConfig,
    /// Seconds per tick.
    pub(crate) resolution: u32,
    /// Quirks of the reference that the case depends on.
    pub(crate) quirks: Vec<String>,
    /// What the harness has to decide before it runs the case.
    pub(crate) policy: Option<String>,
    /// The category of the error with which building must fail.
    pub(crate) construct_error: Option<String>,
    pub(crate) steps: Vec<CaseStep>,
}

pub(crate) struct CaseStep {
    pub(crate) tick: Tick,
    /// The messages at each input, in the order of their sources.
    pub(crate) inputs: Vec<(String, Vec<(Origin, Value)>)>,
    pub(crate) expect: Expect,
}

pub(crate) enum Expect {
    /// The category of an error.
    Error(String),
    Results {
        published: Vec<(String, Value)>,
        next: Tick,
        /// Paths and contents of the side files that the step writes.
        files: Vec<(String, String)>,
    },
}

impl Case {
    pub(crate) fn new(type_name: &str, json: &Json) -> Self {
        let step_size = json["time_step_size"].as_u64().map(small);
        Self {
            name: text(&json["name"]).expect("a name"),
            config: ModelConfig {
                name: "model".into(),
                model_type: type_name.into(),
                parameters: section(&json["parameters"]),
                inputs: section(&json["inputs0"]),
                outputs: section(&json["outputs0"]),
                states: section(&json["states0"]),
                time_step_size: step_size,
            },
            resolution: small(number(&json["time_resolution"])),
            quirks: list(&json["quirks"]).filter_map(text).collect(),
            policy: text(&json["policy"]),
            construct_error: text(&json["construct_error"]),
            steps: list(&json["steps"]).map(CaseStep::new).collect(),
        }
    }

    /// The category of the error that the case ends with.
    pub(crate) fn error(&self) -> Option<&str> {
        let of_step = self.steps.last().and_then(|step| match &step.expect {
            Expect::Error(category) => Some(category),
            Expect::Results { .. } => None,
        });
        self.construct_error
            .as_ref()
            .or(of_step)
            .map(String::as_str)
    }
}

impl CaseStep {
    fn new(json: &Json) -> Self {
        let inputs = entries(&json["inputs"]).map(|(name, messages)| {
            let message = |json: &Json| (origin(&json["origin"]), value(&json["value"]));
            (name.clone(), list(messages).map(message).collect())
        });
        Self {
            tick: number(&json["time"]),
            inputs: inputs.collect(),
            expect: Expect::new(&json["expect"]),
        }
    }
}

impl Expect {
    fn new(json: &Json) -> Self {
        if let Some(category) = text(&json["error"]) {
            return Self::Error(category);
        }
        let published = entries(&json["outputs"]).chain(entries(&json["states"]));
        Self::Results {
            published: published.map(|(k, v)| (k.clone(), value(v))).collect(),
            next: number(&json["next_time"]),
            files: entries(&json["files"])
                .map(|(path, content)| (path.clone(), text(content).expect("a text")))
                .collect(),
        }
    }
}

/// A value as it stands in the file: with a point or an exponent it is a float.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) if number.is_f64() => Value::Float(number.as_f64().expect("a float")),
        Json::Number(number) => Value::Int(number.as_i64().expect("an integer of 64 bits")),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(map) => match map.get("$f64").and_then(Json::as_str) {
            Some(special) => Value::Float(special.parse().expect("nan, inf or -inf")),
            None => Value::Map(
                map.iter()
                    .map(|(k, v)| (k.as_str().into(), value(v)))
                    .collect(),
            ),
        },
    }
}

fn section(json: &Json) -> Option<Entries> {
    let map = json.as_object()?;
    Some(
        map.iter()
            .map(|(k, v)| (k.as_str().into(), value(v)))
            .collect(),
    )
}

fn origin(json: &Json) -> Origin {
    match json.as_str() {
        Some("output") => Origin::Output,
        Some("state") => Origin::State,
        other => panic!("no origin: {other:?}"),
    }
}

fn text(json: &Json) -> Option<String> {
    json.as_str().map(str::to_owned)
}

fn number(json: &Json) -> u64 {
    json.as_u64().expect("a number of seconds or ticks")
}

fn small(number: u64) -> u32 {
    u32::try_from(number).expect("a number of 32 bits")
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn entries(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().into_iter().flatten()
}
