//! A model's entry in the scenario, and what can be wrong with it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Missing, ModelType, Names, Parameter, ParameterKind, SectionPolicy};
use crate::memory;
use crate::time::Tick;
use crate::value::{Value, shared_bytes};

/// A model's entry in the scenario, as far as it concerns the model itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// The name of the model.
    pub name: String,
    /// The name of its type.
    pub model_type: String,
    /// The section `parameters`; `None` where the scenario has none.
    pub parameters: Option<Entries>,
    /// The section `inputs`: initial values.
    pub inputs: Option<Entries>,
    /// The section `outputs`: initial values.
    pub outputs: Option<Entries>,
    /// The section `states`: initial values.
    pub states: Option<Entries>,
    /// Ticks from one step to the next, where the scenario says so.
    pub time_step_size: Option<u32>,
}

/// The entries of a section, in the order of the file.
pub type Entries = Vec<(Arc<str>, Value)>;

fn entry<'a>(section: Option<&'a Entries>, key: &str) -> Option<&'a Value> {
    section?
        .iter()
        .find(|(known, _)| **known == *key)
        .map(|(_, value)| value)
}

impl ModelConfig {
    /// Gives a parameter this value, in place of what stands there.
    pub fn set_parameter(&mut self, key: &Arc<str>, value: Value) {
        let entries = self.parameters.get_or_insert_default();
        match entries.iter_mut().find(|(known, _)| known == key) {
            Some((_, place)) => *place = value,
            None => entries.push((Arc::clone(key), value)),
        }
    }

    /// The entries of a section, where the scenario has it.
    pub fn section(&self, section: Section) -> Option<&Entries> {
        match section {
            Section::Parameters => self.parameters.as_ref(),
            Section::Inputs => self.inputs.as_ref(),
            Section::Outputs => self.outputs.as_ref(),
            Section::States => self.states.as_ref(),
        }
    }

    /// An entry of a section, where the scenario has it.
    pub fn entry(&self, section: Section, key: &str) -> Option<&Value> {
        entry(self.section(section), key)
    }

    /// What the entry takes beside its own place.
    pub fn heap_bytes(&self) -> usize {
        let sections = [&self.parameters, &self.inputs, &self.outputs, &self.states];
        let sections = sections.into_iter().flatten().map(|entries| {
            let each = |(key, value): &(Arc<str>, Value)| shared_bytes(&**key) + value.heap_bytes();
            memory::items::<(Arc<str>, Value)>(entries.len())
                + entries.iter().map(each).sum::<usize>()
        });
        let names = memory::block(self.name.len()) + memory::block(self.model_type.len());
        names + sections.sum::<usize>()
    }

    /// The paths of the files that this model reads, as far as its entry names them.
    pub fn paths_read(&self, model_type: &ModelType) -> Vec<String> {
        let mut paths = Vec::new();
        for parameter in &*model_type.parameters {
            if parameter.kind == ParameterKind::ReadPaths {
                match self.entry(Section::Parameters, &parameter.name) {
                    Some(Value::Text(path)) => paths.push(path.to_string()),
                    Some(Value::List(list)) => {
                        paths.extend(list.iter().filter_map(Value::as_text).map(str::to_owned));
                    }
                    _ => {}
                }
            }
        }
        paths
    }

    /// Whether the model uses a parameter of its type: `false` where the flag that it is
    /// [used with](Parameter::used_with) is off.
    pub fn uses(&self, model_type: &ModelType, parameter: &Parameter) -> bool {
        let flag = parameter.used_with.as_deref();
        flag.is_none_or(|flag| self.is_on(model_type, flag))
    }

    /// Whether a flag of the type is not off, as given or by default; one that the type does not have is not.
    pub fn is_on(&self, model_type: &ModelType, flag: &str) -> bool {
        let declared = model_type.parameters.iter().find(|p| p.name == flag);
        let value = declared.and_then(|declared| self.parameter(model_type, declared));
        !matches!(value, Some(Value::Bool(false) | Value::Int(0)))
    }

    /// The value of a parameter, as given or by default; `None` where it has none.
    pub fn parameter(&self, model_type: &ModelType, parameter: &Parameter) -> Option<Value> {
        let unsaid = match (&self.parameters, &parameter.missing) {
            (Some(_), Missing::Is(literal)) => Some(literal),
            (Some(_), Missing::Refused) if model_type.sections == SectionPolicy::Replace => None,
            (Some(_), Missing::Refused) | (None, _) => parameter.default.as_ref(),
        };
        let given = self.entry(Section::Parameters, &parameter.name).cloned();
        given.or_else(|| unsaid.map(Value::from))
    }

    /// The files that this model may write.
    pub fn files_written(&self, model_type: &ModelType) -> FilesWritten {
        let folder = |parameter: &Parameter| {
            let ParameterKind::WriteFolder(names) = &parameter.kind else {
                return None;
            };
            if !self.uses(model_type, parameter) {
                return None;
            }
            let given = self.entry(Section::Parameters, &parameter.name).cloned();
            match given.or_else(|| parameter.default.as_ref().map(Value::from))? {
                Value::Text(path) if !path.is_empty() => Some(Folder {
                    path,
                    parameter: parameter.name.to_cow(),
                    names: names.clone(),
                }),
                _ => None,
            }
        };
        FilesWritten(model_type.parameters.iter().filter_map(folder).collect())
    }
}

/// The files that a model may write, which its type announces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilesWritten(Vec<Folder>);

/// A folder that a model may write into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its path, as the scenario has it.
    pub path: Arc<str>,
    /// The parameter that says so.
    pub parameter: Cow<'static, str>,
    /// The names that files may have there.
    pub names: Names,
}

impl FilesWritten {
    /// The path of a file of a step.
    pub fn path(folder: &str, name: &str, tick: Tick) -> String {
        let separator = if folder.ends_with('/') { "" } else { "/" };
        format!("{folder}{separator}{name}_{tick}.csv")
    }

    /// Whether the model may write the file with this path in the step at this tick.
    pub fn allows(&self, path: &str, tick: Tick) -> bool {
        let mut files = self.0.iter().flat_map(|folder| {
            let names = folder.names.iter();
            names.map(|name| Self::path(&folder.path, name, tick))
        });
        files.any(|file| file == path)
    }

    /// The folders.
    pub fn folders(&self) -> &[Folder] {
        &self.0
    }
}

/// A section of a model's entry in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// `parameters`.
    Parameters,
    /// `inputs`.
    Inputs,
    /// `outputs`.
    Outputs,
    /// `states`.
    States,
}

impl Section {
    /// The key of the section in the scenario.
    pub fn key(self) -> &'static str {
        match self {
            Section::Parameters => "parameters",
            Section::Inputs => "inputs",
            Section::Outputs => "outputs",
            Section::States => "states",
        }
    }
}

/// Where in a model's entry something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The entry as a whole, or a section that it lacks.
    Model,
    /// A key of a section, which may lack it.
    Key(Section, String),
}

/// Why a model cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildError {
    /// Machine-readable category, such as `missing_parameter:max_p`.
    pub code: Cow<'static, str>,
    /// Where in the model's entry.
    pub place: Place,
    /// What is wrong, and what would be right; without the name of the model.
    pub message: String,
}

impl BuildError {
    /// A parameter has a value that cannot be used.
    pub fn invalid_parameter(key: &str, message: impl Into<String>) -> Self {
        Self {
            code: format!("invalid_parameter:{key}").into(),
            place: Place::Key(Section::Parameters, key.to_owned()),
            message: message.into(),
        }
    }

    /// A parameter is not given and has no usable default.
    pub fn missing_parameter(key: &str, message: impl Into<String>) -> Self {
        Self {
            code: format!("missing_parameter:{key}").into(),
            place: Place::Key(Section::Parameters, key.to_owned()),
            message: message.into(),
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BuildError {}
