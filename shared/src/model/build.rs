//! From a model's entry in the scenario to an instance that can step.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    InputSlot, Missing, Model, ModelType, Need, Parameter, ParameterKind, ParameterSlot,
    PublishedSlot, SectionPolicy,
};
use crate::files::{Content, FileError, Files};
use crate::time::TimeGrid;
use crate::value::{Kind, Number, Origin, Value};

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
    /// Whether numbers reach this model that the Python Illuminator computes with numpy, so that
    /// it rounds as numpy does.
    pub numpy_rounding: bool,
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

    /// The paths of the files that this model reads, as far as its entry names them.
    pub fn paths_read(&self, model_type: &ModelType) -> Vec<String> {
        let mut paths = Vec::new();
        for parameter in model_type.parameters {
            if parameter.kind == ParameterKind::ReadPaths {
                match self.entry(Section::Parameters, parameter.name) {
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

/// An attribute that an instance publishes.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Physical flow or information.
    pub origin: Origin,
    /// What readers get.
    pub kind: Kind,
}

/// A built model with all that a host has to know about it.
pub struct Instance {
    /// The type.
    pub model_type: &'static ModelType,
    /// The memory.
    pub model: Box<dyn Model>,
    /// What it publishes: the declared attributes, then those that this instance adds.
    pub published: Vec<Attribute>,
    /// Inputs that this instance needs, beyond those that its type always does.
    pub required: Vec<InputSlot>,
    /// Ticks from one step to the next.
    pub step_size: u32,
    /// What the user should know about the configuration.
    pub warnings: Vec<String>,
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("model_type", &self.model_type.name)
            .field("published", &self.published)
            .finish_non_exhaustive()
    }
}

impl Instance {
    /// The slot of a published attribute.
    pub fn published_slot(&self, name: &str) -> Option<PublishedSlot> {
        self.published
            .iter()
            .position(|a| a.name == name)
            .map(PublishedSlot)
    }

    /// The slot of an input.
    pub fn input_slot(&self, name: &str) -> Option<InputSlot> {
        self.model_type
            .inputs
            .iter()
            .position(|i| i.name == name)
            .map(InputSlot)
    }

    /// Whether the scenario must connect something to this input.
    pub fn requires(&self, input: InputSlot) -> bool {
        let declared = self.model_type.inputs.get(input.0);
        declared.is_some_and(|i| i.need == Need::Required) || self.required.contains(&input)
    }
}

impl PublishedSlot {
    /// The number of the slot.
    pub fn index(self) -> usize {
        self.0
    }
}

impl InputSlot {
    /// The number of the slot.
    pub fn index(self) -> usize {
        self.0
    }
}

/// Builds a model: checks its parameters against their declaration, then lets the type build its
/// memory. Returns everything that is wrong with the parameters at once.
pub fn build(
    model_type: &'static ModelType,
    config: &ModelConfig,
    grid: TimeGrid,
    files: &dyn Files,
) -> Result<Instance, Vec<BuildError>> {
    let parameters = resolve_parameters(model_type, config)?;
    let published = model_type.published.iter().map(|p| Attribute {
        name: p.name.into(),
        origin: p.origin,
        kind: p.kind,
    });
    let mut build = Build {
        model_type,
        config,
        grid,
        files,
        parameters,
        step_size: config.time_step_size.unwrap_or(model_type.time_step_size),
        published: published.collect(),
        required: Vec::new(),
        warnings: Vec::new(),
    };
    let model = (model_type.build)(&mut build).map_err(|error| vec![error])?;
    let Build {
        published,
        required,
        step_size,
        warnings,
        ..
    } = build;
    Ok(Instance {
        model_type,
        model,
        published,
        required,
        step_size,
        warnings,
    })
}

/// Checks the parameters of a model against their declaration without building it, for a model
/// that something else keeps from being built. [`build`] makes the same check.
pub fn check_parameters(
    model_type: &ModelType,
    config: &ModelConfig,
) -> Result<(), Vec<BuildError>> {
    resolve_parameters(model_type, config).map(drop)
}

/// The value of every parameter, in the order of the declaration.
fn resolve_parameters(
    model_type: &ModelType,
    config: &ModelConfig,
) -> Result<Vec<Value>, Vec<BuildError>> {
    let mut errors = Vec::new();
    let values = model_type
        .parameters
        .iter()
        .map(|parameter| {
            let value = match (
                &config.parameters,
                entry(config.parameters.as_ref(), parameter.name),
            ) {
                (_, Some(given)) => given.clone(),
                (None, None) => default_of(parameter, &mut errors),
                (Some(_), None) => missing_from_section(model_type, parameter, &mut errors),
            };
            if let Err(error) = check_parameter(parameter, &value) {
                // A missing one has been reported already.
                if !errors
                    .iter()
                    .any(|known: &BuildError| known.place == error.place)
                {
                    errors.push(error);
                }
            }
            value
        })
        .collect();
    if errors.is_empty() {
        Ok(values)
    } else {
        Err(errors)
    }
}

fn default_of(parameter: &Parameter, errors: &mut Vec<BuildError>) -> Value {
    let unused = parameter.kind == ParameterKind::Unused;
    match parameter.default {
        Some(default) => default.into(),
        None if unused => Value::Null,
        None => {
            let name = parameter.name;
            errors.push(BuildError::missing_parameter(
                name,
                format!("parameter '{name}' has no default and must be given under 'parameters'"),
            ));
            Value::Null
        }
    }
}

fn missing_from_section(
    model_type: &ModelType,
    parameter: &Parameter,
    errors: &mut Vec<BuildError>,
) -> Value {
    match parameter.missing {
        Missing::Is(literal) => literal.into(),
        Missing::Refused if model_type.sections == SectionPolicy::Merge => {
            default_of(parameter, errors)
        }
        Missing::Refused if parameter.kind == ParameterKind::Unused => Value::Null,
        Missing::Refused => {
            let name = parameter.name;
            let usable = parameter
                .default
                .map(Value::from)
                .filter(|default| check_parameter(parameter, default).is_ok());
            let remedy = match usable {
                Some(default) => format!("add '{name}: {}' for the default", yaml(&default)),
                None => format!("add '{name}: …'"),
            };
            errors.push(BuildError::missing_parameter(
                name,
                format!("parameter '{name}' is missing under 'parameters'; {remedy}"),
            ));
            Value::Null
        }
    }
}

/// A scalar as one would write it in the scenario.
fn yaml(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        other => other.to_string(),
    }
}

/// Checks a value against the declaration of its parameter.
fn check_parameter(parameter: &Parameter, value: &Value) -> Result<(), BuildError> {
    let name = parameter.name;
    let wants = |what: &str| {
        Err(BuildError::invalid_parameter(
            name,
            format!("parameter '{name}' must be {what}, not {}", yaml(value)),
        ))
    };
    match parameter.kind {
        ParameterKind::Any | ParameterKind::Unused => Ok(()),
        _ if *value == Value::Null => {
            if parameter.default == Some(super::Literal::Null) {
                return Ok(());
            }
            Err(BuildError::missing_parameter(
                name,
                format!("parameter '{name}' is null and needs a value"),
            ))
        }
        ParameterKind::Number => match *value {
            Value::Int(_) | Value::Float(_) => {
                let x = value.as_number().map_or(f64::NAN, Number::to_f64);
                if parameter.range.contains(x) {
                    return Ok(());
                }
                let unit = if parameter.unit == "-" {
                    ""
                } else {
                    parameter.unit
                };
                wants(format!("in the range {} {unit}", parameter.range).trim_end())
            }
            _ => wants("a number"),
        },
        ParameterKind::Integer => match *value {
            Value::Int(int) if parameter.range.contains(int as f64) => Ok(()),
            Value::Int(_) => wants(&format!("in the range {}", parameter.range)),
            _ => wants("an integer"),
        },
        ParameterKind::Flag => match value {
            Value::Bool(_) | Value::Int(0 | 1) => Ok(()),
            Value::Text(text) if is_yes_or_no(text) => {
                wants("true or false (in YAML 1.2 a plain yes, no, on or off is text)")
            }
            _ => wants("true or false"),
        },
        ParameterKind::Text => match value {
            Value::Text(_) => Ok(()),
            _ => wants("text"),
        },
        ParameterKind::Choice(choices) => match value {
            Value::Text(text) if choices.contains(&&**text) => Ok(()),
            _ => {
                let quoted: Vec<String> = choices.iter().map(|c| format!("'{c}'")).collect();
                wants(&quoted.join(" or "))
            }
        },
        ParameterKind::ReadPaths => match value {
            Value::Text(path) if !path.is_empty() => Ok(()),
            Value::List(paths)
                if !paths.is_empty()
                    && paths
                        .iter()
                        .all(|p| p.as_text().is_some_and(|p| !p.is_empty())) =>
            {
                Ok(())
            }
            _ => wants("the path of a file, or a list of paths"),
        },
    }
}

fn is_yes_or_no(text: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// What a type's build function works with.
pub struct Build<'a> {
    model_type: &'static ModelType,
    config: &'a ModelConfig,
    grid: TimeGrid,
    files: &'a dyn Files,
    parameters: Vec<Value>,
    step_size: u32,
    published: Vec<Attribute>,
    required: Vec<InputSlot>,
    warnings: Vec<String>,
}

impl fmt::Debug for Build<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Build")
            .field("config", self.config)
            .finish_non_exhaustive()
    }
}

impl Build<'_> {
    /// Whether the scenario itself gives this parameter.
    pub fn is_given(&self, slot: ParameterSlot) -> bool {
        let name = self.model_type.parameters[slot.0].name;
        self.config.entry(Section::Parameters, name).is_some()
    }

    /// A parameter, as given or by default. It fits its declaration.
    pub fn parameter(&self, slot: ParameterSlot) -> &Value {
        self.parameters.get(slot.0).unwrap_or(&Value::Null)
    }

    /// A parameter of kind `Number` or `Integer`.
    pub fn number(&self, slot: ParameterSlot) -> Number {
        self.parameter(slot)
            .as_number()
            .unwrap_or(Number::Float(f64::NAN))
    }

    /// A parameter of kind `Flag`.
    pub fn flag(&self, slot: ParameterSlot) -> bool {
        matches!(self.parameter(slot), Value::Bool(true) | Value::Int(1))
    }

    /// A parameter of kind `Text` or `Choice`.
    pub fn text(&self, slot: ParameterSlot) -> &str {
        self.parameter(slot).as_text().unwrap_or_default()
    }

    /// The initial value of an input: the scenario's, else that of the type.
    pub fn initial_input(&self, slot: InputSlot) -> Value {
        let declared = &self.model_type.inputs[slot.0];
        let given = self.config.entry(Section::Inputs, declared.name);
        given.cloned().unwrap_or_else(|| declared.initial.into())
    }

    /// The initial value of an output or a state: the scenario's, else that of the type.
    pub fn initial_published(&self, slot: PublishedSlot) -> Value {
        let declared = &self.model_type.published[slot.0];
        let section = section_of(declared.origin);
        let given = self.config.entry(section, declared.name);
        given.cloned().unwrap_or_else(|| declared.initial.into())
    }

    /// The initial value of a state that the model starts from, which must be a number.
    pub fn initial_number(&self, slot: PublishedSlot) -> Result<Number, BuildError> {
        let value = self.initial_published(slot);
        value.as_number().ok_or_else(|| {
            let declared = &self.model_type.published[slot.0];
            let name = declared.name;
            BuildError {
                code: format!("missing_state:{name}").into(),
                place: Place::Key(section_of(declared.origin), name.to_owned()),
                message: format!(
                    "the initial value of {} '{name}' must be a number, not {}",
                    declared.origin,
                    yaml(&value)
                ),
            }
        })
    }

    /// Opens a file that a parameter names.
    pub fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        self.files.open(path)
    }

    /// Start, resolution and length of the simulated time.
    pub fn grid(&self) -> TimeGrid {
        self.grid
    }

    /// Ticks from one step of this model to the next.
    pub fn step_size(&self) -> u32 {
        self.step_size
    }

    /// The length of one step in hours, `((resolution × step size) / 60) / 60`.
    pub fn step_hours(&self) -> f64 {
        let seconds = u64::from(self.grid.resolution) * u64::from(self.step_size);
        seconds as f64 / 60.0 / 60.0
    }

    /// Whether the Python Illuminator rounds here as numpy does, by multiplying and dividing, and
    /// not by the exact decimal value.
    pub fn rounds_as_numpy(&self) -> bool {
        self.config.numpy_rounding
    }

    /// Adds a published attribute that depends on the configuration, such as a column of a file.
    /// A name that is there already is refused.
    pub fn publish_also(
        &mut self,
        name: &str,
        origin: Origin,
        kind: Kind,
    ) -> Result<PublishedSlot, BuildError> {
        if self.published.iter().any(|a| a.name == name) {
            return Err(BuildError {
                code: format!("duplicate_attribute:{name}").into(),
                place: Place::Model,
                message: format!("two attributes would be called '{name}'"),
            });
        }
        self.published.push(Attribute {
            name: name.to_owned().into(),
            origin,
            kind,
        });
        Ok(PublishedSlot(self.published.len() - 1))
    }

    /// Makes an input required that is so in some configurations only.
    pub fn require(&mut self, input: InputSlot) {
        self.required.push(input);
    }

    /// Tells the user something about the configuration that does not stop the run.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

/// The section of the scenario that holds the initial values of this origin.
fn section_of(origin: Origin) -> Section {
    match origin {
        Origin::Output => Section::Outputs,
        Origin::State => Section::States,
    }
}
