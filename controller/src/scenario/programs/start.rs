//! Starting the programs of a scenario, and taking in what they say.

use std::sync::Arc;

use foreign::{Fault, SimulatorDescription};
use shared::model::Section;

use super::hosting::Hosting;
use super::requests::{Wanted, programs};
use super::together::start_together;
use crate::scenario::entries::{Connect, ConnectionEntry, Reference, ScenarioFile};
use crate::scenario::models::{Base, Candidate, Met};
use crate::scenario::problems::{Position, Problems};

/// Starts the programs of the models that are entities, all at the same time, wherever they are, and describes these models as their
/// programs do. Reports whatever keeps one of them from running.
pub(crate) fn start(
    file: &ScenarioFile,
    candidates: &mut [Candidate],
    base: Base<'_>,
    hosting: &mut Hosting<'_>,
    problems: &mut Problems,
) {
    let Some(grid) = file.grid else { return };
    let wanted = programs(&file.simulators, candidates, grid, base.scenario);
    let places = by_place(wanted, candidates, hosting.local);
    let (places, wanted): (Vec<_>, Vec<Vec<Wanted>>) = places.into_iter().unzip();
    let request = |wanted: &Wanted| wanted.request.clone();
    let requests = wanted
        .iter()
        .map(|wanted| wanted.iter().map(request).collect());
    let started = start_together(&places, requests.collect(), hosting);
    for (wanted, answers) in wanted.iter().zip(started) {
        let answers = match answers {
            Ok(answers) => answers,
            Err(why) => {
                refuse_place(wanted, &why, candidates, problems);
                continue;
            }
        };
        for ((number, wanted), answer) in (0..).zip(wanted).zip(answers) {
            match answer {
                Ok(description) => meet(number, wanted, description, candidates),
                Err(fault) => report(&fault, wanted, file, candidates, problems),
            }
        }
    }
    describe(file, candidates);
}

/// The programs by the address of the machine that is to run them, in the order of the file.
fn by_place(
    wanted: Vec<Wanted>,
    candidates: &[Candidate],
    local: bool,
) -> Vec<(Option<Connect>, Vec<Wanted>)> {
    let mut places: Vec<(Option<Connect>, Vec<Wanted>)> = Vec::new();
    for wanted in wanted {
        let first = wanted.models.first();
        let connect = first.and_then(|model| candidates[*model].entry.connect.as_ref());
        let connect = connect.filter(|_| !local);
        let address = |connect: &Connect| (connect.host.clone(), connect.port);
        let is_there = |(place, _): &&mut (Option<Connect>, _)| {
            place.as_ref().map(address) == connect.map(address)
        };
        match places.iter_mut().find(is_there) {
            Some((_, there)) => there.push(wanted),
            None => places.push((connect.cloned(), vec![wanted])),
        }
    }
    places
}

/// Refuses a place where no program can be started.
fn refuse_place(wanted: &[Wanted], why: &str, candidates: &[Candidate], problems: &mut Problems) {
    for &model in wanted.iter().flat_map(|wanted| &wanted.models) {
        let entry = &candidates[model].entry;
        let place = entry.connect.as_ref().map(|connect| connect.place);
        let message = format!("{}: {why}", entry.label);
        problems.error(
            "program_elsewhere",
            place.unwrap_or(entry.position),
            message,
        );
    }
}

/// Takes in what a simulator says.
fn meet(
    request: u16,
    wanted: &Wanted,
    description: SimulatorDescription,
    candidates: &mut [Candidate],
) {
    let description = Arc::new(description);
    for (&model, entity) in wanted.models.iter().zip(&description.entities) {
        if let Some(known) = &mut candidates[model].entity {
            known.met = Some(Met {
                request,
                description: Arc::clone(&description),
                entity: entity.clone(),
                inputs: Vec::new(),
                published: Vec::new(),
            });
        }
    }
}

/// Describes the entities, as far as the scenario uses them.
fn describe(file: &ScenarioFile, candidates: &mut [Candidate]) {
    let connections = file.connections.as_deref().unwrap_or_default();
    for Candidate {
        entry,
        model_type,
        entity,
        ..
    } in candidates
    {
        let Some(entity) = entity else { continue };
        let of_it = |reference: &&Reference| Some(&reference.model) == entry.name.as_ref();
        let from = |connection: &'_ ConnectionEntry| connection.from.clone();
        let read: Vec<Reference> = connections
            .iter()
            .filter_map(from)
            .chain(file.monitor.items.iter().cloned())
            .collect();
        let sources = read.iter().filter(of_it);
        let targets = connections.iter().filter_map(|c| c.to.as_ref());
        let targets = targets.filter(of_it);
        *model_type = entity.describe(
            entry,
            sources.map(|reference| reference.attribute.as_str()),
            targets.map(|reference| reference.attribute.as_str()),
        );
    }
}

/// Reports what is wrong with a program, where the scenario asks for what it refuses.
fn report(
    fault: &Fault,
    wanted: &Wanted,
    file: &ScenarioFile,
    candidates: &[Candidate],
    problems: &mut Problems,
) {
    let simulator = &file.simulators[wanted.simulator];
    let place = place_of(fault, wanted, candidates).unwrap_or(simulator.position);
    problems.error(fault.code.clone(), place, format!("{fault:#}"));
}

/// The model or the parameter that a simulator refuses.
fn place_of(fault: &Fault, wanted: &Wanted, candidates: &[Candidate]) -> Option<Position> {
    let is_named = |name: &str| fault.message.contains(&format!("'{name}'"));
    let mut models = wanted.models.iter().map(|model| &candidates[*model]);
    match &*fault.code {
        "unknown_model" => {
            let is_it = |candidate: &&Candidate| {
                let model = candidate.entity.as_ref().and_then(|e| e.model.as_deref());
                is_named(model.unwrap_or(candidate.name()))
            };
            let (_, place) = models.find(is_it)?.entry.type_name.as_ref()?;
            Some(*place)
        }
        "unknown_parameter" => models.find_map(|candidate| {
            let mut given = candidate.entry.given(Section::Parameters).iter();
            Some(given.find(|given| is_named(&given.name))?.position)
        }),
        _ => None,
    }
}
