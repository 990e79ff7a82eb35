//! What `init` says of a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreign::wire::Call;
use shared::model::{ModelConfig, Registry, SectionPolicy};
use shared::time::WallTime;
use shared::value::Value;

use super::clock::Clock;
use super::creation::{entries, step_size};
use super::refusal::{Answer, Kind, refuse, unknown};

/// The named arguments of `init`.
const ARGUMENTS: [&str; 7] = [
    "time_resolution",
    "step_size",
    "start_time",
    "attributes",
    "sim_params",
    // What the Python Illuminator says to readers of files: where they begin, and a path of its own machine.
    "sim_start",
    "datafile",
];

/// Where simulated time begins if nobody says.
const START: &str = "2000-01-01 00:00:00";

/// What `init` says of a session.
#[derive(Debug)]
pub(super) struct Settings {
    /// How long steps are.
    pub(super) clock: Clock,
    /// The entry of a scenario of the Illuminator that the only model of the session is made of. Values are in
    /// envelopes then.
    pub(super) entry: Option<ModelConfig>,
    /// Names that models of a type will publish because of their configuration.
    pub(super) attributes: BTreeMap<String, Vec<String>>,
}

impl Settings {
    /// What the arguments of `init` say.
    pub(super) fn read(call: &Call, types: &Registry) -> Answer<Self> {
        let named = |name: &str| {
            let mut named = call.named.iter();
            let found = named.find(|(known, _)| **known == *name);
            found
                .map(|(_, value)| value)
                .filter(|value| !matches!(value, Value::Null))
        };
        let wrong = call
            .named
            .iter()
            .find(|(name, _)| !ARGUMENTS.contains(&&**name));
        if let Some((name, _)) = wrong {
            return Err(unknown("argument of init", name, ARGUMENTS));
        }
        let resolution =
            named("time_resolution").map_or(Ok(1.0), |v| seconds("time_resolution", v))?;
        let step = named("step_size").map(|value| seconds("step_size", value));
        let start = start_time(named("start_time").or(named("sim_start")))?;
        let clock = Clock::new(resolution, step.transpose()?, start);
        let mut settings = Self {
            clock: clock.or_else(|message| refuse(Kind::Value, message))?,
            entry: named("sim_params")
                .map(|value| scenario_entry(value, types))
                .transpose()?,
            attributes: named("attributes")
                .map_or(Ok(BTreeMap::new()), |v| attributes(v, types))?,
        };
        settings.announce_entry(types);
        Ok(settings)
    }

    /// The names in an entry of a scenario can be connected, as they can in the Python Illuminator.
    fn announce_entry(&mut self, types: &Registry) {
        let Some(entry) = &self.entry else {
            return;
        };
        let found = types.find(&entry.model_type);
        let is_own = found.is_some_and(|found| found.sections == SectionPolicy::Own);
        let parameters = is_own.then_some(&entry.parameters);
        let sections = [&entry.inputs, &entry.outputs, &entry.states];
        let names = parameters.into_iter().chain(sections).flatten().flatten();
        let names = names.map(|(name, _)| name.to_string()).collect();
        self.attributes.insert(entry.model_type.clone(), names);
    }
}

fn seconds(name: &str, value: &Value) -> Answer<f64> {
    match value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no world counts so many seconds"
        )]
        Value::Int(int) => Ok(*int as f64),
        Value::Float(float) => Ok(*float),
        other => refuse(
            Kind::Type,
            format!("'{name}' must be a number of seconds, not {other}"),
        ),
    }
}

fn start_time(value: Option<&Value>) -> Answer<WallTime> {
    let text = match value {
        None => START,
        Some(value) => value.as_text().unwrap_or_default(),
    };
    let time = WallTime::parse(text);
    time.map_or_else(
        || {
            let given = value.unwrap_or(&Value::Null);
            let message = format!("'start_time' must be a text such as '{START}', not {given}");
            refuse(Kind::Value, message)
        },
        Ok,
    )
}

/// The names that are announced for types.
fn attributes(value: &Value, types: &Registry) -> Answer<BTreeMap<String, Vec<String>>> {
    const FORM: &str = "'attributes' must be a mapping from types to lists of names, such as \
                        {'CSV': ['load']}";
    let mut found = BTreeMap::new();
    for (name, list) in entries(value)
        .ok_or(())
        .or_else(|()| refuse(Kind::Type, FORM))?
    {
        if types.find(name).is_none() {
            return Err(unknown("model type", name, types.names()));
        }
        let Value::List(list) = list else {
            return refuse(Kind::Type, FORM);
        };
        let names: Option<Vec<String>> = list
            .iter()
            .map(|n| n.as_text().map(str::to_owned))
            .collect();
        let Some(names) = names else {
            return refuse(Kind::Type, FORM);
        };
        found.insert(name.to_string(), names);
    }
    Ok(found)
}

/// The entry of a scenario in `sim_params`, which has one: `{NAME: entry}`.
fn scenario_entry(value: &Value, types: &Registry) -> Answer<ModelConfig> {
    let Some([(name, Value::Map(entry))]) = entries(value) else {
        let message =
            "'sim_params' must be a mapping with one model: its name and its entry in the scenario";
        return refuse(Kind::Type, message);
    };
    let get = |key: &str| {
        let mut entry = entry.iter();
        entry
            .find(|(known, _)| **known == *key)
            .map(|(_, value)| value)
    };
    let section = |key: &str| match get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Map(entries)) => Ok(Some(entries.to_vec())),
        Some(other) => refuse(
            Kind::Type,
            format!("model '{name}': '{key}' must be a mapping, not {other}"),
        ),
    };
    let model_type = match (get("type"), types.single()) {
        (Some(Value::Text(model_type)), _) => model_type.to_string(),
        (_, Some(only)) => only.name.to_string(),
        (_, None) => return refuse(Kind::Value, format!("model '{name}' has no 'type'")),
    };
    if types.find(&model_type).is_none() {
        return Err(unknown("model type", &model_type, types.names()));
    }
    Ok(ModelConfig {
        name: name.to_string(),
        model_type,
        parameters: section("parameters")?,
        inputs: section("inputs")?,
        outputs: section("outputs")?,
        states: section("states")?,
        time_step_size: get("time_step_size").map(step_size).transpose()?,
    })
}

/// The model that a source in the traffic of the Illuminator is; elsewhere the source as mosaik has it.
pub(super) fn source_name(source: &Arc<str>) -> &str {
    source.strip_suffix("-0.time-based_0").unwrap_or(source)
}
