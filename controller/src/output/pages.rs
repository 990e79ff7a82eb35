//! The catalogue for people: the list of model types, and a page about one.

use std::fmt::Write;

use shared::model::{
    Input, Literal, Missing, ModelType, Need, Parameter, ParameterKind, Published,
};
use shared::value::{Origin, Value};

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
    let parameters: Vec<[String; 4]> = model_type.parameters.iter().map(parameter_row).collect();
    let inputs: Vec<[String; 4]> = model_type.inputs.iter().map(input_row).collect();
    let of = |origin| published_rows(model_type, origin);
    table(&mut page, "Parameters", &parameters);
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
            (
                "Parameter",
                "default",
                model_type.parameters.iter().map(parameter_row).collect(),
            ),
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

fn parameter_row(parameter: &Parameter) -> [String; 4] {
    let default = match (parameter.default, parameter.missing) {
        (_, _) if parameter.kind == ParameterKind::Unused => "not used".to_owned(),
        (None, Missing::Refused) => "required".to_owned(),
        (None, Missing::Is(left_out)) => format!("default {}", literal(left_out)),
        (Some(default), Missing::Is(left_out)) if left_out != default => format!(
            "default {}, {} where other parameters are given",
            literal(default),
            literal(left_out)
        ),
        (Some(default), _) => format!("default {}", literal(default)),
    };
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
        Need::Optional => "optional".to_owned(),
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
