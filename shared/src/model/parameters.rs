//! The parameters of a model, checked against their declaration.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use super::{
    BuildError, Literal, Missing, ModelConfig, ModelType, Parameter, ParameterKind, Section,
    SectionPolicy,
};
use crate::value::{Number, Value};

/// Checks the parameters of a model against their declaration without building it, for a model
/// that something else keeps from being built. [`build`](super::build()) makes the same check.
pub fn check_parameters(
    model_type: &ModelType,
    config: &ModelConfig,
) -> Result<(), Vec<BuildError>> {
    resolve(model_type, config).map(drop)
}

/// The value of every parameter, in the order of the declaration.
#[cold]
pub(super) fn resolve(
    model_type: &ModelType,
    config: &ModelConfig,
) -> Result<Vec<Value>, Vec<BuildError>> {
    let mut errors = Vec::new();
    let values = model_type
        .parameters
        .iter()
        .map(|parameter| {
            if !config.uses(model_type, parameter) {
                let given = config.entry(Section::Parameters, &parameter.name);
                return given.cloned().unwrap_or_default();
            }
            let value = match (
                &config.parameters,
                config.entry(Section::Parameters, &parameter.name),
            ) {
                (_, Some(given)) => given.clone(),
                (None, None) => default_of(parameter, &mut errors),
                (Some(_), None) => missing_from_section(model_type, parameter, &mut errors),
            };
            let checked = check_parameter(parameter, &value).and_then(|()| {
                // Others have what Python computes with infinities.
                let is_strict = model_type.sections == SectionPolicy::Merge;
                let number = value.as_number().filter(|_| is_strict);
                match number {
                    Some(number) if !number.to_f64().is_finite() => {
                        Err(wants(&parameter.name, "a finite number", &value))
                    }
                    _ => Ok(()),
                }
            });
            if let Err(error) = checked {
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
    match &parameter.default {
        Some(default) => default.into(),
        None if unused => Value::Null,
        None => {
            let name = &parameter.name;
            errors.push(BuildError::missing_parameter(
                name,
                format!("parameter '{name}' has no default and must be given under 'parameters'"),
            ));
            Value::Null
        }
    }
}

#[cold]
fn missing_from_section(
    model_type: &ModelType,
    parameter: &Parameter,
    errors: &mut Vec<BuildError>,
) -> Value {
    match &parameter.missing {
        Missing::Is(literal) => literal.into(),
        Missing::Refused if model_type.sections == SectionPolicy::Merge => {
            default_of(parameter, errors)
        }
        Missing::Refused if parameter.kind == ParameterKind::Unused => Value::Null,
        Missing::Refused => {
            let name = &parameter.name;
            let usable = parameter
                .default
                .as_ref()
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
pub(super) fn yaml(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        other => other.to_string(),
    }
}

/// A value that a parameter cannot have.
fn wants(name: &str, what: &str, value: &Value) -> BuildError {
    let message = format!("parameter '{name}' must be {what}, not {}", yaml(value));
    BuildError::invalid_parameter(name, message)
}

/// Checks a value against the declaration of its parameter.
#[cold]
fn check_parameter(parameter: &Parameter, value: &Value) -> Result<(), BuildError> {
    let name = &parameter.name;
    let wants = |what: &str| Err(wants(name, what, value));
    match &parameter.kind {
        ParameterKind::Any | ParameterKind::Unused => Ok(()),
        _ if *value == Value::Null => {
            if parameter.default == Some(Literal::Null) {
                return Ok(());
            }
            Err(BuildError::missing_parameter(
                name,
                format!("parameter '{name}' is null and needs a value"),
            ))
        }
        ParameterKind::Number => match *value {
            Value::Int(_) | Value::Float(_) | Value::Numpy(_) => {
                let x = value.as_number().map_or(f64::NAN, Number::to_f64);
                if parameter.range.contains(x) {
                    return Ok(());
                }
                let unit = if parameter.unit == "-" {
                    ""
                } else {
                    &*parameter.unit
                };
                let range = format!("in the range {} {unit}", parameter.range);
                wants(range.trim_end()).map_err(|error| error.with_remedy_for_zero(parameter, x))
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
        ParameterKind::Text | ParameterKind::WriteFolder(_) => match value {
            Value::Text(_) => Ok(()),
            _ => wants("text"),
        },
        ParameterKind::Choice(choices) => match value {
            Value::Text(text) if choices.contains(text) => Ok(()),
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

impl BuildError {
    /// Adds what to write in place of a zero, where there is something to say.
    fn with_remedy_for_zero(mut self, parameter: &Parameter, x: f64) -> Self {
        if x == 0.0 && !parameter.instead_of_zero.is_empty() {
            self.message.push_str("; ");
            self.message.push_str(&parameter.instead_of_zero);
        }
        self
    }
}

fn is_yes_or_no(text: &str) -> bool {
    ["yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}
