//! Whether what a connection carries has the unit that its target wants.

use std::collections::BTreeSet;

use shared::model::{Missing, ModelType, Section};
use shared::value::Value;

use crate::scenario::models::Candidate;
use crate::scenario::problems::Problems;
use crate::scenario::wiring::Connection;

/// The units that a value can have; none where nothing is known, or where it has no dimension.
type Units = BTreeSet<&'static str>;

/// Warns of connections between different units.
pub(crate) fn check_units(
    connections: &[Connection],
    candidates: &[Candidate],
    catalogue: &[&'static ModelType],
    problems: &mut Problems,
) {
    for connection in connections {
        let (Some(from), Some(to), Some(_)) = (
            connection.source_model,
            connection.target_model,
            connection.published,
        ) else {
            continue;
        };
        let (source, target) = (&candidates[from], &candidates[to]);
        let given = units_given(source, attribute(&connection.from_text), catalogue);
        let wanted = units_wanted(target, connection);
        if given.is_empty() || wanted.is_empty() || given.iter().any(|unit| wanted.contains(unit)) {
            continue;
        }
        let remedy = remedy(source, target, &given, &wanted);
        let message = format!(
            "{}: '{}' is in {} and '{}' wants {}; {remedy}",
            connection.label,
            connection.from_text,
            listed(&given),
            connection.to_text,
            listed(&wanted)
        );
        problems.warning("unit_mismatch", connection.to_position, message);
    }
}

fn attribute(text: &str) -> &str {
    text.split_once('.').map_or("", |(_, attribute)| attribute)
}

fn listed(units: &Units) -> String {
    units.iter().copied().collect::<Vec<_>>().join(" or ")
}

/// The alternatives of a declared unit: `kW or kWh per step`.
fn alternatives(declared: &'static str) -> Units {
    let units = declared.split(" or ").map(|unit| {
        let unit = unit.trim();
        unit.strip_suffix(" per step").unwrap_or(unit)
    });
    units
        .filter(|unit| !unit.is_empty() && *unit != "-")
        .collect()
}

fn units_given(source: &Candidate, name: &str, catalogue: &[&'static ModelType]) -> Units {
    let Some(model_type) = source.model_type else {
        return Units::new();
    };
    match model_type.published.iter().find(|p| p.name == name) {
        Some(declared) => narrowed(alternatives(declared.unit), source, "output_type"),
        // A column of a file: its name may say what it holds.
        None => unit_in_name(name)
            .map_or_else(|| unit_by_name(name, catalogue), |unit| Units::from([unit])),
    }
}

fn units_wanted(target: &Candidate, connection: &Connection) -> Units {
    let input = target
        .model_type
        .zip(connection.input())
        .and_then(|(model_type, input)| model_type.inputs.get(input));
    input.map_or_else(Units::new, |input| {
        narrowed(alternatives(input.unit), target, "input_type")
    })
}

/// The units that are left where a parameter says whether values are power or energy.
fn narrowed(units: Units, candidate: &Candidate, parameter: &str) -> Units {
    if units.len() < 2 {
        return units;
    }
    let is_energy = match text_of(candidate, parameter).as_deref() {
        Some("power") => false,
        Some("energy") => true,
        _ => return units,
    };
    let fits = |unit: &&str| unit.ends_with("Wh") == is_energy;
    units.into_iter().filter(fits).collect()
}

/// A parameter that is a text, as given or by default.
fn text_of(candidate: &Candidate, parameter: &str) -> Option<String> {
    if let Some(given) = candidate.entry.find(Section::Parameters, parameter) {
        return given.value.as_text().map(str::to_owned);
    }
    let declared = candidate.model_type?.parameters.iter();
    let declared = declared.clone().find(|known| known.name == parameter)?;
    let missing = match declared.missing {
        Missing::Is(literal) if !candidate.entry.given(Section::Parameters).is_empty() => {
            Some(literal)
        }
        _ => declared.default,
    };
    Value::from(missing?).as_text().map(str::to_owned)
}

/// The unit that a name ends with: `load_kWh`.
fn unit_in_name(name: &str) -> Option<&'static str> {
    let (_, suffix) = name.rsplit_once('_')?;
    let known = [
        ("kw", "kW"),
        ("kwh", "kWh"),
        ("mwh", "MWh"),
        ("wh", "Wh"),
        ("degc", "°C"),
        ("celsius", "°C"),
        ("percent", "%"),
        ("pct", "%"),
    ];
    let found = known
        .iter()
        .find(|(written, _)| suffix.eq_ignore_ascii_case(written));
    match suffix {
        "W" => Some("W"),
        "MW" => Some("MW"),
        _ => found.map(|(_, unit)| *unit),
    }
}

/// The unit that all attributes of the catalogue with this name have.
fn unit_by_name(name: &str, catalogue: &[&'static ModelType]) -> Units {
    let inputs = catalogue.iter().flat_map(|t| t.inputs);
    let inputs = inputs.filter(|i| i.name == name).map(|i| i.unit);
    let published = catalogue.iter().flat_map(|t| t.published);
    let published = published.filter(|p| p.name == name).map(|p| p.unit);
    let mut all: Vec<&str> = inputs.chain(published).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [unit] => alternatives(unit),
        _ => Units::new(),
    }
}

fn remedy(source: &Candidate, target: &Candidate, given: &Units, wanted: &Units) -> String {
    let has = |candidate: &Candidate, name: &str| {
        let parameters = candidate.model_type.map_or(&[][..], |t| t.parameters);
        parameters.iter().any(|parameter| parameter.name == name)
    };
    let kind = |units: &Units| {
        if units.contains("kWh") {
            "energy"
        } else {
            "power"
        }
    };
    let is_power_and_energy = [given, wanted]
        .iter()
        .all(|units| units.contains("kW") || units.contains("kWh"));
    if is_power_and_energy && has(source, "output_type") {
        let label = &source.entry.label;
        return format!("set 'output_type: {}' for {label}", kind(wanted));
    }
    if is_power_and_energy && has(target, "input_type") {
        let label = &target.entry.label;
        return format!("set 'input_type: {}' for {label}", kind(given));
    }
    "connect what fits, or convert the values before".to_owned()
}
