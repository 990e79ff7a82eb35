//! How models are made of what `create` says.

use std::collections::BTreeMap;
use std::sync::Arc;

use foreign::wire::Call;
use shared::files::MemoryFiles;
use shared::model::{
    Entries, Instance, ModelConfig, ModelType, Registry, SectionPolicy, TypeRef, build,
};
use shared::time::TimeGrid;
use shared::value::{MAX_DEPTH, Value};
use shared::wire::MAX_FILES;

use super::refusal::{Answer, Kind, refuse, unknown};

/// What `create` takes for every type, beside its parameters.
pub(super) const SECTIONS: [&str; 6] = [
    "parameters",
    "states",
    "inputs",
    "outputs",
    "data",
    "time_step_size",
];

/// The most models of a session.
pub(super) const MAX_ENTITIES: usize = 10_000;

/// What `create` asks for.
#[derive(Debug)]
pub(super) struct Creation {
    /// How many.
    pub(super) count: usize,
    /// The type.
    pub(super) model_type: TypeRef,
    /// What each is made of, without its name.
    pub(super) config: ModelConfig,
    /// Files that come with it.
    pub(super) data: Entries,
}

impl Creation {
    /// What a call asks for, of these types.
    pub(super) fn read(call: &Call, types: &Registry) -> Answer<Self> {
        let [Value::Int(count), Value::Text(name)] = &call.arguments[..] else {
            let message = "create takes a number and the name of a model type";
            return refuse(Kind::Type, message);
        };
        let Some(model_type) = types.find(name) else {
            return Err(unknown("model type", name, types.names()));
        };
        let count = usize::try_from(*count)
            .ok()
            .filter(|count| (1..=MAX_ENTITIES).contains(count));
        let Some(count) = count else {
            let message = format!("{MAX_ENTITIES} models are the most, and 1 is the least");
            return refuse(Kind::Value, message);
        };
        let mut creation = Self {
            count,
            config: ModelConfig {
                model_type: model_type.name.to_string(),
                ..ModelConfig::default()
            },
            model_type,
            data: Entries::new(),
        };
        for (name, value) in &call.named {
            check_depth(name, value)?;
            creation.take(name, value)?;
        }
        Ok(creation)
    }

    /// Takes a named argument.
    fn take(&mut self, name: &Arc<str>, value: &Value) -> Answer<()> {
        let config = &mut self.config;
        match &**name {
            "parameters" => {
                for (name, value) in section(name, value)?.unwrap_or_default() {
                    self.take_parameter(&name, &value)?;
                }
            }
            "states" => config.states = section(name, value)?,
            "inputs" => config.inputs = section(name, value)?,
            "outputs" => config.outputs = section(name, value)?,
            "data" => self.data = section(name, value)?.unwrap_or_default(),
            "time_step_size" if matches!(value, Value::Null) => {}
            "time_step_size" => config.time_step_size = Some(step_size(value)?),
            _ => self.take_parameter(name, value)?,
        }
        Ok(())
    }

    fn take_parameter(&mut self, name: &Arc<str>, value: &Value) -> Answer<()> {
        let model_type = &self.model_type;
        let is_known =
            model_type.sections == SectionPolicy::Own || model_type.parameter_slot(name).is_some();
        if !is_known {
            let what = format!("parameter of {}", model_type.name);
            let known = model_type
                .parameters
                .iter()
                .map(|parameter| &*parameter.name);
            return Err(unknown(&what, name, known.chain(SECTIONS)));
        }
        let parameters = self.config.parameters.get_or_insert_default();
        if parameters.iter().any(|(known, _)| known == name) {
            return refuse(
                Kind::Type,
                format!("parameter '{name}' is given twice; leave one of them out"),
            );
        }
        parameters.push((Arc::clone(name), value.clone()));
        Ok(())
    }

    /// Puts what is asked for over the entry of a scenario.
    pub(super) fn over(self, entry: &ModelConfig) -> ModelConfig {
        let over = |given: Option<Entries>, entry: &Option<Entries>| {
            let Some(given) = given else {
                return entry.clone();
            };
            let mut merged = entry.clone().unwrap_or_default();
            merged.retain(|(name, _)| given.iter().all(|(known, _)| known != name));
            merged.extend(given);
            Some(merged)
        };
        let given = self.config;
        ModelConfig {
            name: entry.name.clone(),
            model_type: given.model_type,
            parameters: over(given.parameters, &entry.parameters),
            inputs: over(given.inputs, &entry.inputs),
            outputs: over(given.outputs, &entry.outputs),
            states: over(given.states, &entry.states),
            time_step_size: given.time_step_size.or(entry.time_step_size),
        }
    }
}

/// Builds a model.
pub(super) fn instantiate(
    model_type: &TypeRef,
    config: &ModelConfig,
    grid: TimeGrid,
    files: &MemoryFiles,
) -> Answer<Instance> {
    build(model_type.clone(), config, grid, files).or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let unsent = errors.iter().any(|error| error.contains("did not send it"));
        let hint = if unsent {
            "; give its content with data={PATH: CONTENT}: the bridge opens no files"
        } else {
            ""
        };
        let model_type = &model_type.name;
        refuse(
            Kind::Value,
            format!("{model_type}: {}{hint}", errors.join("; ")),
        )
    })
}

/// Refuses initial values of what the model does not have.
pub(super) fn check_sections(config: &ModelConfig, instance: &Instance) -> Answer<()> {
    let model_type: &ModelType = &instance.model_type;
    let inputs = || model_type.inputs.iter().map(|input| &*input.name);
    let published = || instance.published.iter().map(|published| &*published.name);
    let never = || model_type.never_published.iter();
    let declared = |section: &Option<Entries>, what: &str| {
        let names = section.iter().flatten().map(|(name, _)| &**name);
        for name in names {
            let mut known = inputs().chain(published()).chain(never());
            if !known.any(|known| known == name) {
                let what = format!("{what} of {}", model_type.name);
                return Err(unknown(&what, name, inputs().chain(published())));
            }
        }
        Ok(())
    };
    declared(&config.inputs, "input")?;
    declared(&config.outputs, "output")?;
    declared(&config.states, "state")
}

/// The files of a session.
#[derive(Debug, Default)]
pub(super) struct Data {
    /// For those who read them.
    pub(super) files: MemoryFiles,
    contents: BTreeMap<Arc<str>, Arc<str>>,
    bytes: usize,
}

impl Data {
    /// Takes files that come with a model.
    pub(super) fn take(&mut self, data: &Entries) -> Answer<()> {
        for (path, content) in data {
            let Value::Text(content) = content else {
                return refuse(
                    Kind::Type,
                    format!("data: the content of '{path}' must be a text, not {content}"),
                );
            };
            match self.contents.get(path) {
                Some(known) if known == content => continue,
                Some(_) => {
                    let message = format!(
                        "data: '{path}' has another content in a model before; give one of them another path"
                    );
                    return refuse(Kind::Value, message);
                }
                None => {}
            }
            self.bytes += path.len() + content.len();
            if self.bytes > MAX_FILES {
                return refuse(
                    Kind::Value,
                    format!("data: all files together take more than {MAX_FILES} bytes"),
                );
            }
            self.contents.insert(Arc::clone(path), Arc::clone(content));
            self.files
                .insert(path.to_string(), content.as_bytes().to_vec());
        }
        Ok(())
    }
}

/// The entries of a mapping.
pub(super) fn entries(value: &Value) -> Option<&[(Arc<str>, Value)]> {
    match value {
        Value::Map(entries) => Some(entries),
        _ => None,
    }
}

/// A section of the scenario; `None` where it is left out.
fn section(name: &str, value: &Value) -> Answer<Option<Entries>> {
    match value {
        Value::Null => Ok(None),
        Value::Map(entries) => Ok(Some(entries.to_vec())),
        other => refuse(
            Kind::Type,
            format!("'{name}' must be a mapping from names to values, not {other}"),
        ),
    }
}

/// A number of ticks from one step to the next.
pub(super) fn step_size(value: &Value) -> Answer<u32> {
    let size = match value {
        Value::Int(size) => u32::try_from(*size).ok().filter(|size| *size > 0),
        _ => None,
    };
    size.map_or_else(
        || {
            let message =
                format!("'time_step_size' must be a number of steps from 1 on, not {value}");
            refuse(Kind::Value, message)
        },
        Ok,
    )
}

/// Refuses what nests deeper than values do.
pub(super) fn check_depth(name: &str, value: &Value) -> Answer<()> {
    fn fits(value: &Value, left: usize) -> bool {
        match value {
            Value::List(list) => left > 0 && list.iter().all(|value| fits(value, left - 1)),
            Value::Map(map) => left > 0 && map.iter().all(|(_, value)| fits(value, left - 1)),
            _ => true,
        }
    }
    if fits(value, MAX_DEPTH) {
        return Ok(());
    }
    refuse(
        Kind::Value,
        format!("'{name}': lists and mappings nest more than {MAX_DEPTH} deep"),
    )
}
