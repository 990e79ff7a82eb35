//! Whether what a connection carries has the unit that its target wants.

use std::collections::BTreeSet;

use shared::model::{Missing, ModelType, Names, Parameter, ParameterKind, Registry, Section};
use shared::value::Value;

use crate::scenario::models::Candidate;
use crate::scenario::problems::Problems;
use crate::scenario::wiring::Connection;

/// The units that a value can have; none where nothing is known, or where it has no dimension.
type Units<'a> = BTreeSet<&'a str>;

/// Warns of connections between different units.
pub(crate) fn check_units(
    connections: &[Connection],
    candidates: &[Candidate],
    catalogue: &Registry,
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
        let given = given(source, connection, catalogue);
        let wanted = wanted(target, connection);
        let fits = |unit| wanted.units.contains(unit);
        if given.units.is_empty() || wanted.units.is_empty() || given.units.iter().any(fits) {
            continue;
        }
        let at_source = given.chosen.and_then(|c| c.set_for(&wanted.units, source));
        let remedy = at_source
            .or_else(|| wanted.chosen.and_then(|c| c.set_for(&given.units, target)))
            .unwrap_or_else(|| "connect what fits, or convert the values before".to_owned());
        let message = format!(
            "{}: '{}' is in {} and '{}' wants {}; {remedy}",
            connection.label,
            connection.from_text,
            listed(&given.units),
            connection.to_text,
            listed(&wanted.units)
        );
        problems.warning("unit_mismatch", connection.to_position, message);
    }
}

fn attribute(text: &str) -> &str {
    text.split_once('.').map_or("", |(_, attribute)| attribute)
}

fn listed(units: &Units<'_>) -> String {
    units.iter().copied().collect::<Vec<_>>().join(" or ")
}

/// The alternatives of a declared unit: `kW or kWh per step`.
fn alternatives(declared: &str) -> impl Iterator<Item = &str> {
    declared.split(" or ").map(|unit| {
        let unit = unit.trim();
        unit.strip_suffix(" per step").unwrap_or(unit)
    })
}

fn units(declared: &str) -> Units<'_> {
    let units = alternatives(declared);
    units
        .filter(|unit| !unit.is_empty() && *unit != "-")
        .collect()
}

/// A unit that a parameter chooses, as declared.
#[derive(Clone, Copy)]
struct Chosen<'a> {
    unit: &'a str,
    by: &'a Parameter,
}

impl<'a> Chosen<'a> {
    fn new(model_type: &'a ModelType, unit: &'a str, by: Option<&str>) -> Option<Self> {
        let by = by?;
        let by = model_type.parameters.iter().find(|p| p.name == by)?;
        Some(Self { unit, by })
    }

    /// The choices, each with its unit.
    fn choices(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let choices = match &self.by.kind {
            ParameterKind::Choice(choices) => choices,
            _ => const { &Names::NONE },
        };
        choices.iter().zip(alternatives(self.unit))
    }

    /// The unit that a model has chosen.
    fn unit_of(&self, candidate: &Candidate) -> Option<&'a str> {
        let text = text_of(candidate, self.by)?;
        let mut choices = self.choices();
        choices
            .find(|(choice, _)| *choice == text)
            .map(|(_, unit)| unit)
    }

    /// What to set so that the unit is one of these.
    fn set_for(&self, wanted: &Units<'_>, candidate: &Candidate) -> Option<String> {
        let mut choices = self.choices();
        let (choice, _) = choices.find(|(_, unit)| wanted.contains(unit))?;
        let (parameter, label) = (&self.by.name, &candidate.entry.label);
        Some(format!("set '{parameter}: {choice}' for {label}"))
    }
}

/// What gives a value its unit: the declaration, or a parameter that chooses.
struct Side<'a> {
    units: Units<'a>,
    chosen: Option<Chosen<'a>>,
}

impl<'a> Side<'a> {
    fn new(candidate: &'a Candidate, unit: &'a str, by: Option<&str>) -> Self {
        let model_type = candidate.model_type.as_deref();
        let chosen = model_type.and_then(|model_type| Chosen::new(model_type, unit, by));
        let unit_chosen = chosen.and_then(|chosen| chosen.unit_of(candidate));
        let units = unit_chosen.map_or_else(|| units(unit), |unit| Units::from([unit]));
        Self { units, chosen }
    }

    fn of(units: Units<'a>) -> Self {
        let chosen = None;
        Self { units, chosen }
    }
}

fn given<'a>(
    source: &'a Candidate,
    connection: &'a Connection,
    catalogue: &'a Registry,
) -> Side<'a> {
    let Some(model_type) = &source.model_type else {
        return Side::of(Units::new());
    };
    if source.entity.is_some() {
        // Whoever wrote its program may call anything as here is called what has a unit.
        let slot = connection.published.and_then(|published| published.slot);
        let declared = slot.and_then(|slot| model_type.published.get(slot.index()));
        return Side::of(declared.map_or(Units::new(), |declared| units(&declared.unit)));
    }
    let name = attribute(&connection.from_text);
    match model_type.published.iter().find(|p| p.name == name) {
        Some(declared) => Side::new(source, &declared.unit, declared.unit_by.as_deref()),
        // A column of a file: its name may say what it holds.
        None => Side::of(
            unit_in_name(name)
                .map_or_else(|| unit_by_name(name, catalogue), |unit| Units::from([unit])),
        ),
    }
}

fn wanted<'a>(target: &'a Candidate, connection: &Connection) -> Side<'a> {
    let input = target
        .model_type
        .as_ref()
        .zip(connection.input())
        .and_then(|(model_type, input)| model_type.inputs.get(input));
    match input {
        Some(input) => Side::new(target, &input.unit, input.unit_by.as_deref()),
        None => Side::of(Units::new()),
    }
}

/// A parameter that is a text, as given or by default.
fn text_of(candidate: &Candidate, declared: &Parameter) -> Option<String> {
    if let Some(given) = candidate.entry.find(Section::Parameters, &declared.name) {
        return given.value.as_text().map(str::to_owned);
    }
    let missing = match &declared.missing {
        Missing::Is(literal) if !candidate.entry.given(Section::Parameters).is_empty() => {
            Some(literal)
        }
        _ => declared.default.as_ref(),
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
fn unit_by_name<'a>(name: &str, catalogue: &'a Registry) -> Units<'a> {
    let inputs = catalogue.iter().flat_map(|t| &*t.inputs);
    let inputs = inputs.filter(|i| i.name == name).map(|i| &*i.unit);
    let published = catalogue.iter().flat_map(|t| &*t.published);
    let published = published.filter(|p| p.name == name).map(|p| &*p.unit);
    let mut all: Vec<&str> = inputs.chain(published).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [unit] => units(unit),
        _ => Units::new(),
    }
}
