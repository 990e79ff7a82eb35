//! The format of vector files.

use serde_json::{Value as Json, json};
use shared::cable::{CableId, Sight};
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
    /// How far a number may be off, where that is another one than for the type as a whole.
    pub(crate) tolerance: Option<Tolerance>,
    pub(crate) steps: Vec<CaseStep>,
}

/// How far a number may be off: by this much, and relative to its size.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) absolute: f64,
    pub(crate) relative: f64,
}

impl Tolerance {
    fn allows(self, a: f64, b: f64) -> bool {
        (a - b).abs() <= self.absolute + self.relative * a.abs().max(b.abs())
    }

    /// Numbers of one kind that are as close as they have to be, also in lists; all else is the same.
    pub(crate) fn allows_value(self, expected: &Value, got: &Value) -> bool {
        match (expected, got) {
            (Value::Float(a), Value::Float(b)) => self.allows(*a, *b),
            (Value::List(a), Value::List(b)) => {
                let mut pairs = a.iter().zip(&**b);
                a.len() == b.len() && pairs.all(|(a, b)| self.allows_value(a, b))
            }
            _ => expected == got,
        }
    }
}

pub(crate) struct CaseStep {
    pub(crate) tick: Tick,
    /// The messages at each input, in the order of their sources.
    pub(crate) inputs: Vec<(String, Vec<Message>)>,
    /// The sockets with a device in them.
    pub(crate) sockets: Vec<Socket>,
    pub(crate) expect: Expect,
}

pub(crate) struct Message {
    pub(crate) origin: Origin,
    pub(crate) value: Value,
    /// The model that it comes from.
    pub(crate) source: String,
}

/// A socket with a device in it.
pub(crate) struct Socket {
    pub(crate) number: usize,
    pub(crate) sight: Sight,
    /// What the device is told, in hexadecimal.
    pub(crate) told: String,
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
            tolerance: json["tolerance"].as_object().map(|tolerance| {
                let of = |key| tolerance.get(key).and_then(Json::as_f64).unwrap_or(0.0);
                let (absolute, relative) = (of("abs"), of("rel"));
                Tolerance { absolute, relative }
            }),
            steps: list(&json["steps"]).map(CaseStep::new).collect(),
        }
    }

    /// A case of boards that acknowledge bytes: one value in one step, and what the board is told.
    pub(crate) fn of_bytes(type_name: &str, json: &Json) -> Self {
        let expect = match json["expect"]["error"].as_str() {
            Some(error) => json!({ "error": error }),
            None => json!({"outputs": {}, "states": {}, "next_time": 1}),
        };
        Self::new(
            type_name,
            &json!({
                "name": json["name"], "quirks": json["quirks"],
                "parameters": {
                    "port": "/dev/ttyACM0",
                    "max_power": json["max_power"],
                    "direction": json["direction"],
                },
                "time_step_size": 1, "time_resolution": 900,
                "steps": [{
                    "time": 0,
                    "inputs": {"power": [
                        {"origin": "state", "value": json["power"], "source": "Line"},
                    ]},
                    "serial": [{"port": 0, "written_hex": json["expect"]["bytes_hex"]}],
                    "expect": expect,
                }],
            }),
        )
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
        let inputs = entries(&json["inputs"])
            .map(|(name, messages)| (name.clone(), list(messages).map(Message::new).collect()));
        Self {
            tick: number(&json["time"]),
            inputs: inputs.collect(),
            sockets: list(&json["serial"]).map(Socket::new).collect(),
            expect: Expect::new(&json["expect"]),
        }
    }
}

impl Message {
    fn new(json: &Json) -> Self {
        let source = text(&json["source"]).unwrap_or_default();
        let source = source.trim_end_matches("-0.time-based_0");
        Self {
            origin: origin(&json["origin"]),
            value: value(&json["value"]),
            source: source.to_owned(),
        }
    }
}

impl Socket {
    fn new(json: &Json) -> Self {
        let seen = json["observed"].as_str().and_then(CableId::parse);
        let told = text(&json["fixed_written_hex"]).or_else(|| text(&json["written_hex"]));
        Self {
            number: usize::try_from(number(&json["port"])).expect("a small number"),
            sight: seen.map_or(Sight::Silent, Sight::Cable),
            told: told.unwrap_or_default(),
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
        Json::Object(map) => match special(map).and_then(Json::as_str) {
            Some(special) => Value::Float(special.parse().expect("nan, inf or -inf")),
            None => Value::Map(
                map.iter()
                    .map(|(k, v)| (k.as_str().into(), value(v)))
                    .collect(),
            ),
        },
    }
}

/// What stands for a float that JSON lacks.
fn special(map: &serde_json::Map<String, Json>) -> Option<&Json> {
    map.get("$f64").or_else(|| map.get("float"))
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
