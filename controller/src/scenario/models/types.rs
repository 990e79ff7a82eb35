//! The types of models, by their names.

use shared::model::TypeRef;

use super::entity::EntityOf;
use super::renamed::{current_name, unlike};
use super::surroundings::Surroundings;
use crate::scenario::entries::{ModelEntry, SimulatorEntry, simulator_of};
use crate::scenario::problems::{Problems, shortened, suggestion};

pub(super) fn find_type(
    entry: &ModelEntry,
    surroundings: Surroundings<'_>,
    problems: &mut Problems,
) -> Option<TypeRef> {
    let (name, position) = entry.type_name.as_ref()?;
    let found = surroundings.catalogue.find(name);
    if found.is_none() {
        let why = why_unknown(name, surroundings);
        let message = format!("{}: {why}", entry.label);
        problems.error("unknown_type", *position, message);
    }
    found
}

/// The entity that a model is, where its type names a simulator: also one that is called as a built-in type is, so
/// that a class of one's own can take its place.
pub(super) fn find_entity(
    entry: &ModelEntry,
    simulators: &[SimulatorEntry],
    problems: &mut Problems,
) -> Option<EntityOf> {
    let (name, position) = entry.type_name.as_ref()?;
    let named = simulator_of(name);
    let place = simulators.iter().position(|known| known.name == named)?;
    let simulator = &simulators[place];
    let model = name.split_once('.').map(|(_, model)| model.to_owned());
    if simulator.is_class() && model.is_some() {
        let message = format!(
            "{}: {} is one class in Python; write 'type: {named}'",
            entry.label, simulator.label
        );
        problems.error("unknown_type", *position, message);
    }
    if let (Some(_), false) = (entry.time_step_size, simulator.is_class()) {
        let message = format!(
            "{}: {} says itself when its steps are due; remove 'time_step_size', and give the step size \
             under 'init' of the simulator where it takes one",
            entry.label, simulator.label
        );
        problems.error("misplaced_key", entry.position, message);
    }
    Some(EntityOf {
        simulator: place,
        model,
        is_class: simulator.is_class(),
        met: None,
    })
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

fn why_unknown(name: &str, surroundings: Surroundings<'_>) -> String {
    let catalogue = surroundings.catalogue;
    if name == "Collector" {
        return "there is no type 'Collector', because the monitor is built in; remove the model \
                and list what shall be recorded under 'items' of 'monitor'"
            .to_owned();
    }
    if let Some((_, instead)) = OF_TABLES.iter().find(|(there, _)| *there == name) {
        return format!("there is no type '{name}', because {instead}");
    }
    if let Some((here, differs)) = unlike(name, catalogue) {
        return format!(
            "there is no type '{name}'; did you mean '{here}', whose interface differs: {differs}?"
        );
    }
    if let Some(here) = current_name(name, catalogue) {
        return format!("the type '{name}' is called '{here}' here");
    }
    let simulators = surroundings.simulators.iter();
    let simulators: Vec<&str> = simulators.map(|known| known.name.as_str()).collect();
    if let Some((simulator, model)) = name.split_once('.') {
        return format!(
            "there is no simulator '{}', whose model '{}' would be{}",
            shortened(simulator),
            shortened(model),
            suggestion(simulator, "simulators", &simulators)
        );
    }
    let names: Vec<&str> = simulators.into_iter().chain(catalogue.names()).collect();
    format!(
        "there is no type '{}'{}",
        shortened(name),
        suggestion(name, "types", &names)
    )
}
