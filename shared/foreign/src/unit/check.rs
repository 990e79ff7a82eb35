//! Whether a unit can be wired as it should be.

use terminal::spelling::nearest;

use crate::running::Running;
use crate::{Entity, Fault, Spot, UnitWiring};

/// The most simulators of a unit: what depends on what is known for each pair of them.
const MAX_MEMBERS: usize = 256;

/// Checks that the simulators are there, and have what is to be connected.
pub(crate) fn check(wiring: &UnitWiring, running: &[Option<Running>]) -> Result<(), Fault> {
    let fault = |simulator: &str, code: &'static str, message: String| Fault {
        code: code.into(),
        simulator: simulator.to_owned(),
        message,
        request: None,
        output: Vec::new(),
    };
    let whole = |message: String| fault(&wiring.name, "wiring", message);
    if wiring.simulators.is_empty() {
        return Err(whole("it has no simulator".to_owned()));
    }
    if wiring.simulators.len() > MAX_MEMBERS {
        let count = wiring.simulators.len();
        return Err(whole(format!(
            "{count} simulators have to take turns, and {MAX_MEMBERS} are the most"
        )));
    }
    for (place, number) in wiring.simulators.iter().enumerate() {
        let is_there = running
            .get(usize::from(*number))
            .is_some_and(Option::is_some);
        if !is_there || wiring.simulators[..place].contains(number) {
            return Err(whole(format!(
                "simulator {number} is not there, or belongs to a unit already"
            )));
        }
    }
    for spot in spots(wiring) {
        let found = running
            .get(usize::from(spot.simulator))
            .and_then(Option::as_ref);
        let known = found.filter(|_| wiring.simulators.contains(&spot.simulator));
        let Some(known) = known else {
            let number = spot.simulator;
            return Err(whole(format!(
                "simulator {number} is connected, and does not belong to it"
            )));
        };
        if let Err((code, message)) = check_spot(known, spot) {
            return Err(fault(known.simulator.name(), code, message));
        }
    }
    Ok(())
}

/// All spots of a wiring.
fn spots(wiring: &UnitWiring) -> impl Iterator<Item = &Spot> {
    let inputs = wiring.inputs.iter().map(|input| &input.to);
    let published = wiring.published.iter().map(|published| &published.from);
    let inside = wiring
        .inside
        .iter()
        .flat_map(|inside| [&inside.from, &inside.to]);
    inputs.chain(published).chain(inside)
}

fn check_spot(running: &Running, spot: &Spot) -> Result<(), (&'static str, String)> {
    let Some(entity) = entity(running, &spot.entity) else {
        let known = running
            .description
            .entities
            .iter()
            .map(|known| known.id.as_str());
        return Err((
            "unknown_entity",
            unknown(
                &format!("it has no entity '{}'", spot.entity),
                &spot.entity,
                known,
            ),
        ));
    };
    // A connection for requests only has no attribute.
    if spot.attribute.is_empty() {
        return Ok(());
    }
    let Some(entity_type) = running.description.entity_type(&entity.entity_type) else {
        let kind = &entity.entity_type;
        return Err((
            "unknown_model",
            format!("'{}' is a '{kind}', of which it says nothing", spot.entity),
        ));
    };
    let mut known = entity_type.attributes.iter();
    if entity_type.any_inputs || known.any(|known| known.name == spot.attribute) {
        return Ok(());
    }
    let known = entity_type
        .attributes
        .iter()
        .map(|known| known.name.as_str());
    let problem = format!("'{}' has no attribute '{}'", spot.entity, spot.attribute);
    Err((
        "unknown_attribute",
        unknown(&problem, &spot.attribute, known),
    ))
}

fn unknown<'a>(problem: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!("{problem}; did you mean '{near}'?"),
        None => problem.to_owned(),
    }
}

/// The entity with this id.
pub(super) fn entity<'a>(running: &'a Running, id: &str) -> Option<&'a Entity> {
    let mut entities = running.description.entities.iter();
    entities.find_map(|known| {
        if known.id == id {
            Some(known)
        } else {
            known.descendant(id)
        }
    })
}
