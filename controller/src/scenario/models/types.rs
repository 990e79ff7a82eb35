//! The types of models, by their names.

use shared::model::{Registry, TypeRef};

use super::renamed::current_name;
use crate::scenario::entries::ModelEntry;
use crate::scenario::problems::{Problems, shortened, suggestion};

pub(super) fn find_type(
    entry: &ModelEntry,
    catalogue: &Registry,
    problems: &mut Problems,
) -> Option<TypeRef> {
    let (name, position) = entry.type_name.as_ref()?;
    let found = catalogue.find(name);
    if found.is_none() {
        let why = why_unknown(name, catalogue);
        let message = format!("{}: {why}", entry.label);
        problems.error("unknown_type", *position, message);
    }
    found
}

fn why_unknown(name: &str, catalogue: &Registry) -> String {
    if name == "Collector" {
        return "there is no type 'Collector', because the monitor is built in; remove the model \
                and list what shall be recorded under 'items' of 'monitor'"
            .to_owned();
    }
    if let Some(here) = current_name(name, catalogue) {
        return format!("the type '{name}' is called '{here}' here");
    }
    let names: Vec<&str> = catalogue.names().collect();
    format!(
        "there is no type '{}'{}",
        shortened(name),
        suggestion(name, "types", &names)
    )
}
