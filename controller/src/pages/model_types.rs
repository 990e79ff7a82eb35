//! The catalogue for people: the list of model types, and a page about one.

use std::fmt::Write;

use shared::model::{
    Input, Literal, Missing, ModelType, Need, Parameter, ParameterKind, Published,
};
use shared::value::{Origin, Value};

use super::schema::is_required;

/// One line a type.
pub(crate) fn list_types(catalogue: &[&ModelType]) -> String {
    let width = catalogue.iter().map(|t| t.name.len()).max().unwrap_or(0);
    let lines = catalogue
        .iter()
        .map(|t| format!("{:width$}  {}\n", t.name, t.summary()));
    lines.collect()
}

/// Everything about a type.
pub(crate) fn show_type(model_type: &ModelType) -> String {
    let mut page = format!("{}: {}\n", model_type.name, model_type.summary());
    let parameters = parameter_rows(model_type);
    let inputs: Vec<[String; 4]> = model_type.inputs.iter().map(input_row).collect();
    let of = |origin| published_rows(model_type, origin);
    table(&mut page, "Parameters", &parameters);
    page.push_str(about_the_section(model_type));
    table(&mut page, "Inputs", &inputs);
    table(
        &mut page,
        "Outputs (flows: several into one input are added)",
        &of(Origin::Output),
    );
    table(&mut page, "States (information)", &of(Origin::State));
    // Writing into a string cannot fail.
    let step = match model_type.time_step_size {
        1 => "every tick".to_owned(),
        ticks => format!("every {ticks} ticks"),
    };
    let _ = writeln!(page, "\nSteps {step} by default.");
    if !model_type.never_published.is_empty() {
        let names = model_type.never_published.join(", ");
        let _ = writeln!(page, "Accepted in scenario files and never set: {names}.");
    }
    let details = model_type.details();
    if !details.is_empty() {
        let _ = write!(page, "\n{details}\n");
    }
    page
}

/// The pages of all types as one Markdown document.
pub(crate) fn library(catalogue: &[&ModelType]) -> String {
    let mut page = String::from(
        "# Model library\n\n\
         This page is written by `controller models --markdown` from the declarations of the model \
         types; change those, not this.\n\n\
         | type | what it is |\n|---|---|\n",
    );
    for model_type in catalogue {
        let name = model_type.name;
        let anchor = name.to_lowercase();
        // Writing into a string cannot fail.
        let _ = writeln!(page, "| [`{name}`](#{anchor}) | {} |", model_type.summary());
    }
    for model_type in catalogue {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n",
            model_type.name,
            model_type.summary()
        );
        let tables = [
            ("Parameter", "default", parameter_rows(model_type)),
            (
                "Input",
                "connection",
                model_type.inputs.iter().map(input_row).collect(),
            ),
            ("Output", "kind", published_rows(model_type, Origin::Output)),
            ("State", "kind", published_rows(model_type, Origin::State)),
        ];
        for (title, third, rows) in tables {
            markdown_table(&mut page, title, third, &rows);
            if title == "Parameter" {
                page.push_str(about_the_section(model_type));
            }
        }
        let details = model_type.details().replace("\n# ", "\n### ");
        let details = details
            .strip_prefix("# ")
            .map_or(details.clone(), |rest| format!("### {rest}"));
        let _ = write!(page, "\n{details}\n");
    }
    page
}

fn published_rows(model_type: &ModelType, origin: Origin) -> Vec<[String; 4]> {
    let published = model_type.published.iter().filter(|p| p.origin == origin);
    published.map(published_row).collect()
}

fn markdown_table(page: &mut String, title: &str, third: &str, rows: &[[String; 4]]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "\n| {title} | unit | {third} | meaning |\n|---|---|---|---|\n"
    );
    for [name, unit, default, meaning] in rows {
        let _ = writeln!(page, "| `{name}` | {unit} | {default} | {meaning} |");
    }
}

fn table(page: &mut String, title: &str, rows: &[[String; 4]]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(page, "\n{title}\n");
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (a, b, c) = (width(0), width(1), width(2));
    for [name, unit, default, meaning] in rows {
        let line = format!("  {name:a$}  {unit:b$}  {default:c$}  {meaning}");
        let _ = writeln!(page, "{}", line.trim_end());
    }
}

fn parameter_rows(model_type: &ModelType) -> Vec<[String; 4]> {
    let row = |parameter| parameter_row(model_type, parameter);
    model_type.parameters.iter().map(row).collect()
}

/// What the third column of the parameters means for the section as a whole; nothing where every
/// default holds in every case.
fn about_the_section(model_type: &ModelType) -> &'static str {
    let is = |what: fn(&ModelType, &Parameter) -> bool| {
        model_type.parameters.iter().any(|p| what(model_type, p))
    };
    if needs_its_section(model_type) {
        "\nThe section 'parameters' must be given, with all that is required.\n"
    } else if is(is_required) {
        "\nWhere the section 'parameters' is given, it must have all that is required; values in \
         brackets hold where it is left out as a whole.\n"
    } else if is(|_, parameter| without_a_section(parameter).is_some()) {
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
fn without_a_section(parameter: &Parameter) -> Option<Literal> {
    parameter
        .default
        .filter(|default| parameter.missing != Missing::Is(*default))
}

/// What holds for a parameter that is not given.
fn default_column(model_type: &ModelType, parameter: &Parameter) -> String {
    if parameter.kind == ParameterKind::Unused {
        return "not used".to_owned();
    }
    let used = match parameter.used_with {
        Some(flag) => format!(" where '{flag}' is true"),
        None => String::new(),
    };
    let default = |value| format!("default {}{used}", literal(value));
    match (parameter.missing, without_a_section(parameter)) {
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

fn parameter_row(model_type: &ModelType, parameter: &Parameter) -> [String; 4] {
    let default = default_column(model_type, parameter);
    let mut meaning = parameter.meaning.to_owned();
    if let ParameterKind::Choice(choices) = parameter.kind {
        let _ = write!(meaning, " ({})", choices.join(" or "));
    }
    if parameter.range.low.is_some() || parameter.range.high.is_some() {
        let _ = write!(meaning, " ({})", parameter.range);
    }
    [
        parameter.name.to_owned(),
        unit(parameter.unit),
        default,
        meaning,
    ]
}

fn input_row(input: &Input) -> [String; 4] {
    let need = match input.need {
        Need::Required => "must be connected".to_owned(),
        Need::Sometimes(when) => format!("must be connected {when}"),
        Need::Else(value) => format!("{} if not connected", literal(value)),
        Need::Optional | Need::Unused => "optional".to_owned(),
    };
    let need = format!("{need}, initially {}", literal(input.initial));
    [
        input.name.to_owned(),
        unit(input.unit),
        need,
        input.meaning.to_owned(),
    ]
}

fn published_row(published: &Published) -> [String; 4] {
    let kind = format!(
        "{}, initially {}",
        published.kind,
        literal(published.initial)
    );
    [
        published.name.to_owned(),
        unit(published.unit),
        kind,
        published.meaning.to_owned(),
    ]
}

fn unit(unit: &str) -> String {
    if unit == "-" {
        String::new()
    } else {
        unit.to_owned()
    }
}

/// A default as one would write it in the scenario.
fn literal(literal: Literal) -> String {
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
        let model_type = models::find(type_name).expect("a type");
        let mut rows = parameter_rows(model_type).into_iter();
        let row = rows.find(|[name, ..]| name == parameter);
        let [_, _, default, _] = row.expect("a parameter");
        default
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
    fn both_forms_of_a_page_explain_the_column() {
        let battery = models::find("Battery").expect("a type");
        let said = "Where the section 'parameters' is given, it must have all that is required";
        for page in [show_type(battery), library(&[battery])] {
            assert!(page.contains(said), "{page}");
        }
        assert!(show_type(models::find("PV").expect("a type")).contains("must be given"));
        let story = models::find("Controller_StoryMode").expect("a type");
        assert!(!show_type(story).contains("the section 'parameters'"));
    }

    #[test]
    fn what_a_page_calls_required_is_refused_where_it_is_missing() {
        for model_type in models::CATALOGUE {
            for parameter in model_type.parameters {
                let config = shared::model::ModelConfig {
                    parameters: Some(Vec::new()),
                    ..Default::default()
                };
                let refused = shared::model::check_parameters(model_type, &config)
                    .err()
                    .unwrap_or_default()
                    .iter()
                    .any(|error| *error.code == format!("missing_parameter:{}", parameter.name));
                let says = column(model_type.name, parameter.name);
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
