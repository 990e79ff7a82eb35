//! The plants of a company: a list in the scenario, or the row of a file.

use std::sync::Arc;

use shared::model::{BuildError, Place, Section, StepError};
use shared::value::{Number, Value};

use crate::data::text::number;
use crate::parts::market_table::{
    AVAILABILITY, AVAILABLE_CAPACITY, BID_CAPACITY, BID_PRICE, CAPACITY, COMPANY, COST, TECHNOLOGY,
    Table, TableError,
};

/// A list of plants cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PlantsError {
    /// Machine-readable category.
    code: String,
    message: String,
}

impl PlantsError {
    fn new(category: &str, name: &str, message: String) -> Self {
        Self {
            code: format!("{category}:{name}"),
            message,
        }
    }
}

impl From<TableError> for PlantsError {
    fn from(error: TableError) -> Self {
        Self::new("bad_value", "portfolio", format!("'portfolio': {error}"))
    }
}

impl From<PlantsError> for BuildError {
    fn from(error: PlantsError) -> Self {
        Self {
            code: error.code.into(),
            place: Place::Key(Section::Inputs, "portfolio".to_owned()),
            message: error.message,
        }
    }
}

impl From<PlantsError> for StepError {
    fn from(error: PlantsError) -> Self {
        Self::new(error.code, error.message)
    }
}

/// The columns that a bid adds to those of the plants.
const ADDED: [&str; 4] = [COMPANY, AVAILABLE_CAPACITY, BID_CAPACITY, BID_PRICE];
/// The columns that a list of plants must have.
const NEEDED: [&str; 4] = [TECHNOLOGY, CAPACITY, COST, AVAILABILITY];

/// The table of plants in an initial value: a list of records, or a row of a file.
pub(super) fn from_initial(value: &Value) -> Result<Table, PlantsError> {
    match value {
        Value::Null => Ok(Table::default()),
        Value::List(records) => from_records(records),
        Value::Map(row) => from_row(row),
        other => Err(PlantsError::new(
            "type_mismatch",
            "portfolio",
            format!("'portfolio' wants a list of plants, and got {other}"),
        )),
    }
}

/// The table of plants in a list of records. Columns stand in the order of their first appearance.
fn from_records(records: &[Value]) -> Result<Table, PlantsError> {
    let mut names: Vec<&Arc<str>> = Vec::new();
    for (place, record) in records.iter().enumerate() {
        let Value::Map(fields) = record else {
            let message = format!(
                "plant {} of 'portfolio' is no mapping, but {record}",
                place + 1
            );
            return Err(PlantsError::new("type_mismatch", "portfolio", message));
        };
        for (name, _) in fields.iter() {
            if ADDED.contains(&&**name) {
                let plant = plant(place, record);
                let message = format!("{plant} has a field '{name}', which bids add");
                return Err(PlantsError::new("bad_column", name, message));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    for name in NEEDED {
        fields(records, name)?;
    }
    let mut plants = Table::default();
    for &name in &names {
        plants.push(Arc::clone(name), fields(records, name)?);
    }
    plants.unify_kinds();
    if !records.is_empty() {
        plants.texts(TECHNOLOGY)?;
        plants.sizes(CAPACITY)?;
        plants.numbers(COST)?;
        plants.numbers(AVAILABILITY)?;
    }
    Ok(plants)
}

/// A field of all records.
fn fields(records: &[Value], name: &str) -> Result<Vec<Value>, PlantsError> {
    let field = |(place, record): (usize, &Value)| match record.get(name) {
        None | Some(Value::Null) => Err(hole(place, record, name)),
        Some(value) => Ok(value.clone()),
    };
    records.iter().enumerate().map(field).collect()
}

/// A plant as people count, with its technology where it has one.
fn plant(place: usize, record: &Value) -> String {
    let number = place + 1;
    match record.get(TECHNOLOGY) {
        Some(technology) => format!("plant {number} of 'portfolio' ({technology})"),
        None => format!("plant {number} of 'portfolio'"),
    }
}

fn hole(place: usize, record: &Value, name: &str) -> PlantsError {
    let Value::Map(fields) = record else {
        let message = format!("{} lacks '{name}'", plant(place, record));
        return PlantsError::new("missing_value", name, message);
    };
    // 'Cost', 'cost' and 'Cost (EUR/MWh)' are all meant to be 'Cost (€/MWh)'.
    let stem = |name: &str| {
        let word = name.split('(').next().unwrap_or_default();
        word.trim().to_ascii_lowercase()
    };
    let meant = fields
        .iter()
        .find(|(given, _)| **given != *name && stem(given) == stem(name));
    let remedy = if let Some((given, _)) = meant {
        format!("it has '{given}', did you mean '{name}'?")
    } else {
        let given: Vec<&str> = fields.iter().map(|(given, _)| &**given).collect();
        format!("it has {}", given.join(", "))
    };
    let message = format!("{} lacks '{name}'; {remedy}", plant(place, record));
    PlantsError::new("missing_value", name, message)
}

/// What the row of a file says about a technology.
#[derive(Clone, Copy)]
enum Attribute {
    Capacity,
    Cost,
    Availability,
}

const ATTRIBUTES: [(&str, Attribute); 3] = [
    ("capacity", Attribute::Capacity),
    ("cost", Attribute::Cost),
    ("availability", Attribute::Availability),
];

/// The technology and the attribute in the name of a column.
fn parts(name: &str) -> Option<(&str, Attribute)> {
    let (technology, suffix) = name.rsplit_once('_')?;
    let known = ATTRIBUTES.iter().find(|(known, _)| *known == suffix);
    known.map(|&(_, attribute)| (technology, attribute))
}

/// The table of plants in the row of a file, whose columns are the time and then
/// `<technology>_<attribute>`. Plants stand in the order of their first columns.
pub(super) fn from_row(row: &[(Arc<str>, Value)]) -> Result<Table, PlantsError> {
    let mut found: Vec<(&str, [Option<Value>; 3])> = Vec::new();
    for (place, (name, cell)) in row.iter().enumerate() {
        let Some((technology, attribute)) = parts(name) else {
            if place == 0 || **name == *"time" {
                continue;
            }
            let message = format!(
                "column '{name}' at 'portfolio' must be called <technology>_capacity, \
                 <technology>_cost or <technology>_availability"
            );
            return Err(PlantsError::new("bad_column", name, message));
        };
        let known = found.iter().position(|(known, _)| *known == technology);
        let known = known.unwrap_or_else(|| {
            found.push((technology, [const { None }; 3]));
            found.len() - 1
        });
        found[known].1[attribute as usize] = Some(quantity(name, attribute, cell)?);
    }
    let mut columns = [const { Vec::new() }; 3];
    for (technology, values) in &found {
        for ((value, column), (suffix, _)) in values.iter().zip(&mut columns).zip(ATTRIBUTES) {
            let Some(value) = value else {
                let name = format!("{technology}_{suffix}");
                let message = format!("there is no column '{name}' at 'portfolio'");
                return Err(PlantsError::new("missing_value", &name, message));
            };
            column.push(value.clone());
        }
    }
    let technologies = found.iter().map(|(technology, _)| Value::text(technology));
    let mut plants = Table::default();
    plants.push(TECHNOLOGY, technologies.collect());
    for (name, column) in [CAPACITY, COST, AVAILABILITY].into_iter().zip(columns) {
        plants.push(name, column);
    }
    plants.unify_kinds();
    Ok(plants)
}

/// The number in a cell: a float, but a whole availability is an integer.
fn quantity(name: &str, attribute: Attribute, cell: &Value) -> Result<Value, PlantsError> {
    let number = match cell {
        Value::Text(text) => number::parse(text).map(Number::Float),
        other => other.as_number(),
    };
    let float = number.map_or(f64::NAN, Number::to_f64);
    let is_capacity = matches!(attribute, Attribute::Capacity);
    if !float.is_finite() || (is_capacity && float < 0.0) {
        let wanted = if is_capacity { " of zero and up" } else { "" };
        let message = format!("'{name}' at 'portfolio' wants a number{wanted}, and got {cell}");
        return Err(PlantsError::new("bad_value", name, message));
    }
    Ok(match attribute {
        Attribute::Availability => whole(float).map_or(float.into(), Value::Int),
        Attribute::Capacity | Attribute::Cost => float.into(),
    })
}

/// The integer that a float is, if it is one that no other float rounds to.
fn whole(float: f64) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let is_whole = float.fract() == 0.0 && float.abs() < LARGEST;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and inside of the range, checked above"
    )]
    is_whole.then_some(float as i64)
}
