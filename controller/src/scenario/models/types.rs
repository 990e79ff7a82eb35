//! The types of models, by their names.

use shared::model::ModelType;

use super::renamed::current_name;
use crate::scenario::entries::ModelEntry;
use crate::scenario::problems::{Problems, nearest, shortened, suggestion};

/// The types that the Python Illuminator has.
const PYTHON_TYPES: &[&str] = &[
    "Adder",
    "CSV",
    "GridConnection",
    "PV",
    "Wind",
    "Load",
    "LoadEV",
    "LoadHeatpump",
    "EV",
    "Battery",
    "Controller",
    "Controller_T1",
    "ControllerT3Congestion",
    "ControllerEV",
    "Controller_T4",
    "Controller_StoryMode",
    "GenerationCompanyAgent",
    "Operator_Market",
    "JusticeAgent",
];

pub(super) fn find_type(
    entry: &ModelEntry,
    catalogue: &[&'static ModelType],
    problems: &mut Problems,
) -> Option<&'static ModelType> {
    let (name, position) = entry.type_name.as_ref()?;
    let found = catalogue.iter().find(|known| known.name == name);
    if found.is_none() {
        let why = why_unknown(name, catalogue);
        let message = format!("{}: {why}", entry.label);
        problems.error("unknown_type", *position, message);
    }
    found.copied()
}

fn why_unknown(name: &str, catalogue: &[&'static ModelType]) -> String {
    let names: Vec<&str> = catalogue.iter().map(|known| known.name).collect();
    let renamed = match name {
        "Collector" => {
            return "there is no type 'Collector', because the monitor is built in; remove the \
                    model and list what shall be recorded under 'items' of 'monitor'"
                .to_owned();
        }
        "Electrolyzer" => Some("Electrolyser"),
        "Fuelcell" => Some("FuelCell"),
        _ => current_name(name, &names),
    };
    if let Some(here) = renamed {
        let yet = if names.contains(&here) {
            ""
        } else {
            ", and is not in this version yet"
        };
        return format!("the type '{name}' is called '{here}' here{yet}");
    }
    if PYTHON_TYPES.contains(&name) {
        return format!("the type '{name}' is not in this version yet");
    }
    let absent = nearest(name, names.iter().copied())
        .is_none()
        .then(|| nearest(name, PYTHON_TYPES.iter().copied()))
        .flatten();
    let shown = shortened(name);
    if let Some(absent) = absent {
        return format!(
            "there is no type '{shown}'; if it means '{absent}', that is not in this version yet"
        );
    }
    format!(
        "there is no type '{shown}'{}",
        suggestion(name, "types", &names)
    )
}
