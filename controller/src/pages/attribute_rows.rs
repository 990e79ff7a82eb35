//! What a type declares, as rows of tables for people.

use std::fmt::Write;

use shared::model::{
    Input, Literal, Missing, ModelType, Need, Parameter, ParameterKind, Published, SectionPolicy,
};
use shared::value::{Origin, Value};

use super::schema::is_required;

/// A parameter, an input, an output or a state.
pub(super) struct Row {
    pub(super) name: String,
    /// What it is called in the equations; empty where it is in none.
    pub(super) symbol: String,
    /// Empty where there is none.
    pub(super) unit: String,
    /// What holds where the scenario does not say, or what readers get.
    pub(super) holds: String,
    pub(super) meaning: String,
}

/// The parameters of a type.
pub(super) fn parameter_rows(model_type: &ModelType) -> Vec<Row> {
    let row = |parameter| parameter_row(model_type, parameter);
    model_type.parameters.iter().map(row).collect()
}

/// What the third column of the parameters means for the section as a whole; nothing where every
/// default holds in every case.
pub(super) fn about_the_section(model_type: &ModelType) -> &'static str {
    let is = |what: fn(&ModelType, &Parameter) -> bool| {
        model_type.parameters.iter().any(|p| what(model_type, p))
    };
    if needs_its_section(model_type) {
        "\nThe section 'parameters' must be given, with all that is required.\n"
    } else if is(is_required) {
        "\nWhere the section 'parameters' is given, it must have all that is required; values in \
         brackets hold where it is left out as a whole.\n"
    } else if model_type.sections != SectionPolicy::Merge
        && is(|_, parameter| without_a_section(parameter).is_some())
    {
        "\nValues in brackets hold where the section 'parameters' is left out as a whole.\n"
    } else {
        ""
    }
}

/// Whether a scenario must give the section, because something in it has no default.
fn needs_its_section(model_type: &ModelType) -> bool {
    let mut parameters = model_type.parameters.iter();
    parameters.any(|p| p.default.is_none() && is_required(model_type, p))
}

/// The default that holds only without a section.
fn without_a_section(parameter: &Parameter) -> Option<&Literal> {
    let default = parameter.default.as_ref()?;
    match &parameter.missing {
        Missing::Is(value) if value == default => None,
        _ => Some(default),
    }
}

/// What holds for a parameter that is not given.
fn default_column(model_type: &ModelType, parameter: &Parameter) -> String {
    if parameter.kind == ParameterKind::Unused {
        return "not used".to_owned();
    }
    let used = match &parameter.used_with {
        Some(flag) => format!(" where '{flag}' is true"),
        None => String::new(),
    };
    let default = |value| format!("default {}{used}", literal(value));
    match (&parameter.missing, without_a_section(parameter)) {
        (Missing::Refused, Some(merged)) if !is_required(model_type, parameter) => default(merged),
        (Missing::Refused, Some(alone)) if !needs_its_section(model_type) => {
            format!("required{used} ({} without a section)", literal(alone))
        }
        (Missing::Refused, _) => format!("required{used}"),
        (Missing::Is(value), Some(alone)) => {
            format!("{} ({} without a section)", default(value), literal(alone))
        }
        (Missing::Is(value), None) => default(value),
    }
}

fn parameter_row(model_type: &ModelType, parameter: &Parameter) -> Row {
    let mut meaning = parameter.meaning.to_string();
    // Writing into a string cannot fail.
    if let ParameterKind::Choice(choices) = &parameter.kind {
        let choices: Vec<&str> = choices.iter().collect();
        let _ = write!(meaning, " ({})", choices.join(" or "));
    }
    if parameter.range.low.is_some() || parameter.range.high.is_some() {
        let _ = write!(meaning, " ({})", parameter.range);
    }
    Row {
        name: parameter.name.to_string(),
        symbol: parameter.symbol.to_string(),
        unit: unit(&parameter.unit),
        holds: default_column(model_type, parameter),
        meaning,
    }
}

/// The outputs or the states of a type.
pub(super) fn published_rows(model_type: &ModelType, origin: Origin) -> Vec<Row> {
    let published = model_type.published.iter().filter(|p| p.origin == origin);
    published.map(published_row).collect()
}

/// The inputs of a type.
pub(super) fn input_rows(model_type: &ModelType) -> Vec<Row> {
    model_type.inputs.iter().map(input_row).collect()
}

fn input_row(input: &Input) -> Row {
    let need = match &input.need {
        Need::Required => "must be connected".to_owned(),
        Need::Sometimes(when) => format!("must be connected {when}"),
        Need::Else(value) => format!("{} if not connected", literal(value)),
        Need::Optional | Need::Unused => "optional".to_owned(),
    };
    Row {
        name: input.name.to_string(),
        symbol: input.symbol.to_string(),
        unit: unit(&input.unit),
        holds: format!("{need}, initially {}", literal(&input.initial)),
        meaning: input.meaning.to_string(),
    }
}

fn published_row(published: &Published) -> Row {
    let memory = if published.is_memory { ", memory" } else { "" };
    let initial = literal(&published.initial);
    Row {
        name: published.name.to_string(),
        symbol: published.symbol.to_string(),
        unit: unit(&published.unit),
        holds: format!("{}, initially {initial}{memory}", published.kind),
        meaning: published.meaning.to_string(),
    }
}

fn unit(unit: &str) -> String {
    if unit == "-" {
        String::new()
    } else {
        unit.to_owned()
    }
}

/// A default as one would write it in the scenario.
fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(flag) => flag.to_string(),
        Literal::Null => "null".to_owned(),
        Literal::Text(text) => format!("'{text}'"),
        other => Value::from(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(type_name: &str, parameter: &str) -> String {
        let model_type = models::CATALOGUE.find(type_name).expect("a type");
        let mut rows = parameter_rows(&model_type).into_iter();
        let row = rows.find(|row| row.name == parameter);
        row.expect("a parameter").holds
    }

    #[test]
    fn a_page_tells_what_a_given_section_must_have() {
        for (type_name, parameter, says) in [
            ("Battery", "soc_max", "required (80 without a section)"),
            ("Battery", "whole_step", "default false"),
            ("PV", "m_area", "required"),
            ("PV", "m_tilt", "required"),
            ("PV", "sim_start", "not used"),
            (
                "Load",
                "input_type",
                "default 'power' ('energy' without a section)",
            ),
            (
                "Controller_T1",
                "max_p",
                "required where 'battery_active' is true (100 without a section)",
            ),
        ] {
            assert_eq!(column(type_name, parameter), says, "{type_name}");
        }
    }

    #[test]
    fn what_a_page_calls_required_is_refused_where_it_is_missing() {
        for model_type in models::CATALOGUE.iter() {
            for parameter in &*model_type.parameters {
                let config = shared::model::ModelConfig {
                    parameters: Some(Vec::new()),
                    ..Default::default()
                };
                let refused = shared::model::check_parameters(model_type, &config)
                    .err()
                    .unwrap_or_default()
                    .iter()
                    .any(|error| *error.code == format!("missing_parameter:{}", parameter.name));
                let says = column(&model_type.name, &parameter.name);
                assert_eq!(
                    says.starts_with("required"),
                    refused,
                    "{}.{}: {says}",
                    model_type.name,
                    parameter.name
                );
            }
        }
    }
}
