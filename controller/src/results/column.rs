//! What the columns of a result are: units and roles, from the scenario, else from the catalogue.

use std::collections::BTreeSet;

use shared::model::{ModelConfig, ModelType, ParameterKind, Published, Role};
use shared::value::Origin;
use shared::variant::Measure;

use super::provenance::Provenance;
use crate::scenario::{Written, WrittenModel};

/// A column of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// As the header has it: `Battery1.soc`.
    pub name: String,
    /// The model.
    pub model: String,
    /// Its attribute.
    pub attribute: String,
    /// The type of the model, where the scenario is known.
    pub model_type: Option<String>,
    /// The unit, where it is known: `kW`, `kWh per step`. Where a parameter chooses it and nobody knows
    /// how: `kW or kWh per step`. None where there is none.
    pub unit: Option<String>,
    /// What it is in the balance of energy.
    pub role: Option<Role>,
    /// Rows from one step of the model to the next.
    pub time_step_size: u32,
}

impl Column {
    /// What its values measure, if that is power or energy. Of two possible units it is the first.
    pub fn measure(&self) -> Option<Measure> {
        let unit = self.unit.as_deref()?.split(" or ").next()?.trim();
        Some(match unit.strip_suffix(" per step").unwrap_or(unit) {
            "W" => Measure::Power(0.001),
            "kW" => Measure::Power(1.0),
            "MW" => Measure::Power(1000.0),
            "Wh" => Measure::Energy(0.001),
            "kWh" => Measure::Energy(1.0),
            "MWh" => Measure::Energy(1000.0),
            _ => return None,
        })
    }

    /// Whether nobody knows which of several units it has.
    pub fn is_ambiguous(&self) -> bool {
        self.unit.as_ref().is_some_and(|unit| unit.contains(" or "))
    }

    fn nameless(name: &str) -> Self {
        let (model, attribute) = name.split_once(['.', '/']).unwrap_or((name, ""));
        Self {
            name: name.to_owned(),
            model: model.to_owned(),
            attribute: attribute.to_owned(),
            model_type: None,
            unit: None,
            role: None,
            time_step_size: 1,
        }
    }
}

/// What columns of these names are.
pub(crate) fn describe(names: &[String], provenance: &Provenance) -> Vec<Column> {
    let column = |name: &String| {
        let mut column = Column::nameless(name);
        match &provenance.outline {
            Some(outline) => from_scenario(&mut column, outline),
            None => from_catalogue(&mut column),
        }
        column
    };
    names.iter().map(column).collect()
}

/// Fills in what the scenario says.
fn from_scenario(column: &mut Column, outline: &Written) {
    let Some(model) = outline.model(&column.model) else {
        return;
    };
    column.model_type = Some(model.config.model_type.clone());
    let Some(model_type) = &model.model_type else {
        column.unit = unit_of_targets(column, outline);
        return;
    };
    let default = model_type.time_step_size;
    column.time_step_size = model.config.time_step_size.unwrap_or(default).max(1);
    if let Some(published) = published(model_type, &column.attribute) {
        let declared = (&*published.unit, published.unit_by.as_deref());
        column.unit = unit_of(model_type, declared, &model.config);
        column.role = role_in(outline, model, published);
    } else if let Some(unit) = model_type.unit_of_added(&column.attribute) {
        column.unit = given(unit);
    } else {
        let named = price_in_name(&column.attribute).map(str::to_owned);
        column.unit = named.or_else(|| unit_of_targets(column, outline));
        let is_price = matches!(column.unit.as_deref(), Some("€/kWh" | "€/MWh"));
        column.role = is_price.then_some(Role::Price);
    }
}

/// Fills in what holds for all types that have an attribute of this name.
fn from_catalogue(column: &mut Column) {
    let types = models::CATALOGUE.iter();
    let known = types.filter_map(|model_type| {
        let published = published(model_type, &column.attribute)?;
        Some((
            published.unit.to_string(),
            role_of(model_type, published, None),
        ))
    });
    let (units, roles): (BTreeSet<String>, BTreeSet<Option<Role>>) = known.unzip();
    // What types do not agree on is not known.
    if let (Some(unit), 1) = (units.first(), units.len()) {
        column.unit = given(unit);
    }
    if let (Some(role), 1) = (roles.first(), roles.len()) {
        column.role = *role;
    }
}

fn published<'a>(model_type: &'a ModelType, name: &str) -> Option<&'a Published> {
    model_type.published.iter().find(|p| p.name == name)
}

/// A unit, unless it says that there is none.
fn given(unit: &str) -> Option<String> {
    (!matches!(unit, "" | "-")).then(|| unit.to_owned())
}

/// The unit of an attribute or an input, where a parameter chooses it: that which is chosen. None where there
/// is none.
pub(crate) fn unit_of(
    model_type: &ModelType,
    declared: (&str, Option<&str>),
    config: &ModelConfig,
) -> Option<String> {
    let (unit, by) = declared;
    let chosen = by.and_then(|by| {
        let parameter = model_type.parameters.iter().find(|p| p.name == *by)?;
        let ParameterKind::Choice(choices) = &parameter.kind else {
            return None;
        };
        let value = config.parameter(model_type, parameter)?;
        let mut units = choices.iter().zip(unit.split(" or "));
        units.find(|(choice, _)| value.as_text() == Some(choice))
    });
    given(chosen.map_or(unit, |(_, unit)| unit.trim()))
}

/// The role of an attribute, or of that which it repeats. Where no entry is known, it is as if the
/// role held.
pub(crate) fn role_of(
    model_type: &ModelType,
    attribute: &Published,
    config: Option<&ModelConfig>,
) -> Option<Role> {
    let repeated = attribute.repeats.as_ref();
    let attribute = repeated.map_or(Some(attribute), |name| published(model_type, name))?;
    let flag = attribute.role_with.as_deref().zip(config);
    let is_on = flag.is_none_or(|(flag, config)| config.is_on(model_type, flag));
    attribute.role.filter(|_| is_on)
}

/// The role of an attribute in a scenario: none where it goes to a model whose output counts the same. A network that feeds
/// another one exchanges nothing with the grid, what is meant for an electrolyser is what that takes, and a car that stands for
/// many is counted with them.
pub(crate) fn role_in(
    outline: &Written,
    model: &WrittenModel,
    attribute: &Published,
) -> Option<Role> {
    let model_type = model.model_type.as_ref()?;
    let role = role_of(model_type, attribute, Some(&model.config))?;
    let same: &[Role] = match role {
        Role::Exchanged | Role::Imported => &[Role::Exchanged, Role::Imported],
        Role::Converted => &[Role::Converted],
        Role::Used => &[Role::Used],
        _ => return Some(role),
    };
    let origin = |attribute: &Published| {
        let repeated = attribute.repeats.as_ref();
        repeated.unwrap_or(&attribute.name.to_cow()).to_string()
    };
    let counted = origin(attribute);
    let names = model_type.published.iter();
    let mut next: Vec<(&str, &str)> = names
        .filter(|published| origin(published) == counted)
        .map(|published| (&*model.config.name, &*published.name))
        .collect();
    let mut met = BTreeSet::from([&*model.config.name]);
    while let Some((from, name)) = next.pop() {
        let connections = outline.connections.iter();
        let leads = connections.filter(|c| c.ends[0].0 == from && c.ends[0].1 == name);
        for connection in leads {
            let Some(target) = outline.model(&connection.ends[1].0) else {
                continue;
            };
            let Some(known) = target.model_type.as_ref() else {
                continue;
            };
            let name = &*target.config.name;
            if !met.insert(name) {
                continue;
            }
            let flows = known.published.iter();
            let flows = flows.filter(|p| p.origin == Origin::Output);
            let roles = flows.clone();
            let roles = roles.filter_map(|p| role_of(known, p, Some(&target.config)));
            let roles: Vec<Role> = roles.collect();
            if roles.iter().any(|role| same.contains(role)) {
                return None;
            }
            // What counts nothing may pass it on.
            if roles.is_empty() {
                next.extend(flows.map(|flow| (name, &*flow.name)));
            }
        }
    }
    Some(role)
}

/// The unit of a price, where the name of a column of a file ends with it: `grid_eur_kWh`.
fn price_in_name(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let units = [("eur_kwh", "€/kWh"), ("eur_mwh", "€/MWh")];
    let found = units.into_iter().find(|(ending, _)| name.ends_with(ending));
    found.map(|(_, unit)| unit)
}

/// The unit of what a file or a program has, by the inputs that it goes to, if they agree.
fn unit_of_targets(column: &Column, outline: &Written) -> Option<String> {
    let from = |end: &(String, String)| end.0 == column.model && end.1 == column.attribute;
    let connections = outline.connections.iter();
    let targets = connections.filter(|connection| from(&connection.ends[0]));
    let units = targets.filter_map(|connection| {
        let (model, input) = &connection.ends[1];
        let model = outline.model(model)?;
        let model_type = model.model_type.as_ref()?;
        let declared = model_type.inputs.iter().find(|i| i.name == *input);
        let Some(declared) = declared else {
            return model_type.unit_of_added(input).and_then(given);
        };
        let declared = (&*declared.unit, declared.unit_by.as_deref());
        unit_of(model_type, declared, &model.config)
    });
    let mut units: BTreeSet<String> = units.collect();
    units.pop_first().filter(|_| units.is_empty())
}
