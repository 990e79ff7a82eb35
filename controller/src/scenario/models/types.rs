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

/// Types with which the table of another branch looks for cables, and starts anew; and what happens here.
const OF_TABLES: [(&str, &str); 6] = [
    ("TopologyMaker", CABLES_ARE_FOUND),
    ("IDrequester", CABLES_ARE_FOUND),
    ("Station", NOTHING_STARTS_ANEW),
    ("USBdetector", NOTHING_STARTS_ANEW),
    ("USBtrigger", NOTHING_STARTS_ANEW),
    ("PandaController", NO_GRID_SOLVER),
];

const CABLES_ARE_FOUND: &str = "cables are found while the run goes on, and no scenario is made of \
                                them: 'LED_connection' tells which are plugged in at a unit, and \
                                'Controller_StoryMode' who is joined; remove the model";

const NOTHING_STARTS_ANEW: &str = "plugs come and go while the run goes on, and nothing is started \
                                   anew; remove the model and its connections, and read \
                                   'connections' of 'LED_connection' where it matters";

const NO_GRID_SOLVER: &str = "the flows of a grid are not solved here; remove the model, and connect \
                              the powers that cables shall show to 'power' of 'LED_connection', \
                              which follow their plugs while the run goes on";

fn why_unknown(name: &str, catalogue: &Registry) -> String {
    if name == "Collector" {
        return "there is no type 'Collector', because the monitor is built in; remove the model \
                and list what shall be recorded under 'items' of 'monitor'"
            .to_owned();
    }
    if let Some((_, instead)) = OF_TABLES.iter().find(|(there, _)| *there == name) {
        return format!("there is no type '{name}', because {instead}");
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
