//! From a scenario file that could be read to a graph that can run.

use std::mem;

use shared::files::Files;
use shared::index::Index;
use shared::led::ValueLed;
use shared::model::Registry;
use shared::plan::ModelId;

use super::checks::{
    Wiring, check_inputs, check_needs, check_percent, check_units, examine_files,
    refuse_split_outputs,
};
use super::entries::ScenarioFile;
use super::fold::{Folding, graph_models};
use super::graph::{Graph, Monitor, MonitorItem};
use super::models::{self, Base, Candidate, Surroundings};
use super::problems::{Position, Problems};
use super::programs::{self, Hosting, check_entities, refuse_turns_elsewhere};
use super::wiring::{
    Arrangement, Connection, Feeding, Names, Units, arrange, find_items, find_order,
    resolve_connections, resolve_leds,
};

/// Checks what the names in a scenario mean, builds its models, and puts the graph together. Programs are started
/// once nothing is wrong that can be known without. `None` where there are errors, all of which are reported.
pub(super) fn assemble(
    mut file: ScenarioFile,
    catalogue: &Registry,
    files: &dyn Files,
    base: Base<'_>,
    hosting: Option<&mut Hosting<'_>>,
    problems: &mut Problems,
) -> Option<Graph> {
    let entries = mem::take(&mut file.models);
    let surroundings = Surroundings {
        grid: file.grid,
        catalogue,
        simulators: &file.simulators,
        files,
        base,
    };
    let mut candidates = models::build(entries, surroundings, problems);
    let notes = programs::notes(&file.simulators, &candidates, catalogue, problems);
    let mut hosting = hosting;
    if candidates
        .iter()
        .any(|candidate| candidate.entity.is_some())
    {
        let mut early = problems.clone();
        Checked::new(&candidates, &file, catalogue, &mut early);
        if early.errors() > 0 {
            *problems = early;
            return None;
        }
        let Some(hosting) = hosting.as_deref_mut() else {
            let message = "the scenario has simulators, and this starts no programs; name machines in place of the scenario";
            problems.error("no_host", Position::START, message);
            return None;
        };
        programs::start(&file, &mut candidates, base, hosting, problems);
    }
    let checked = Checked::new(&candidates, &file, catalogue, problems);
    let items = checked.items.as_deref().unwrap_or_default();
    check_entities(&file.simulators, &candidates, &checked.units, problems);
    check_percent(&candidates, problems);
    let wiring = Wiring {
        connections: &checked.connections,
        arrangements: &checked.arrangements,
        items,
    };
    let announced = file.grid.map_or_else(Vec::new, |grid| {
        examine_files(&mut candidates, &wiring, grid.ticks, problems)
    });
    if problems.errors() > 0 {
        return None;
    }
    let order = checked.order.as_ref()?.iter();
    let order = order.map(|model| ModelId::at(checked.units.place(*model)));
    let folding = Folding {
        connections: &checked.connections,
        arrangements: &checked.arrangements,
        leds: &checked.leds,
        items,
        units: &checked.units,
        surroundings,
    };
    let order = order.collect();
    let (models, items) = graph_models(candidates, &folding, hosting, problems)?;
    Some(Graph {
        name: file.name?,
        grid: file.grid?,
        models,
        order,
        monitor: Monitor {
            file: file.monitor.file?,
            beside: file.monitor.beside,
            dates: file.monitor.dates,
            items,
        },
        announced,
        notes,
    })
}

/// What is known once the names of a scenario have been looked up. Places in it are those of the models in the
/// file.
struct Checked {
    connections: Vec<Connection>,
    arrangements: Vec<Arrangement>,
    leds: Vec<Vec<ValueLed>>,
    units: Units,
    order: Option<Vec<usize>>,
    items: Option<Vec<MonitorItem>>,
}

impl Checked {
    /// Looks up what the names mean, and checks what it comes to.
    fn new(
        candidates: &[Candidate],
        file: &ScenarioFile,
        catalogue: &Registry,
        problems: &mut Problems,
    ) -> Self {
        let entries = file.connections.as_deref();
        let names = Names::of(candidates, file.are_names_known);
        let connections = resolve_connections(entries.unwrap_or_default(), &names, problems);
        refuse_turns_elsewhere(candidates, &connections, problems);
        check_units(&connections, candidates, catalogue, problems);
        let feeding = Feeding::of(entries, &connections, candidates.len());
        refuse_split_outputs(candidates, &connections, problems);
        let arrangements = arrange(&connections, candidates.len());
        check_inputs(candidates, &arrangements, &connections, problems);
        check_needs(candidates, &names, &feeding, problems);
        let leds = resolve_leds(candidates, &feeding, problems);
        let units = Units::of(candidates, &connections);
        let order = find_order(candidates, &connections, &units, problems);
        let items = find_items(&file.monitor.items, &names, problems);
        Self {
            connections,
            arrangements,
            leds,
            units,
            order,
            items,
        }
    }
}
