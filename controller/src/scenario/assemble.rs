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
use super::fold::{Folding, graph_models, source_names};
use super::graph::{Graph, Monitor, MonitorItem};
use super::models::{self, Base, Candidate, Surroundings};
use super::outline::{Outline, OutlinedModel};
use super::problems::{Position, Problems};
use super::programs::{self, Hosting, check_entities, refuse_turns_elsewhere};
use super::wiring::{
    Arrangement, Connection, Feeding, Names, Units, arrange, find_indicators, find_items,
    find_order, resolve_connections, resolve_leds,
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
            let message = "the scenario has simulators, and nobody is there to start their programs; load it with a \
                           host of programs";
            problems.error("no_host", Position::START, message);
            return None;
        };
        programs::start(&file, &mut candidates, base, hosting, problems);
    }
    let checked = Checked::new(&candidates, &file, catalogue, problems);
    let announced = checked.examine(&mut candidates, &file, problems);
    if problems.errors() > 0 {
        return None;
    }
    let items = checked.items.as_deref().unwrap_or_default();
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

/// Checks the same, and stops before programs would have to be started. `None` where there are errors, all of which are
/// reported.
pub(super) fn outline(
    mut file: ScenarioFile,
    catalogue: &Registry,
    files: &dyn Files,
    base: Base<'_>,
    problems: &mut Problems,
) -> Option<Outline> {
    let entries = mem::take(&mut file.models);
    let surroundings = Surroundings {
        grid: file.grid,
        catalogue,
        simulators: &file.simulators,
        files,
        base,
    };
    let mut candidates = models::build(entries, surroundings, problems);
    programs::notes(&file.simulators, &candidates, catalogue, problems);
    let checked = Checked::new(&candidates, &file, catalogue, problems);
    checked.examine(&mut candidates, &file, problems);
    if problems.errors() > 0 {
        return None;
    }
    let sources: Vec<Vec<String>> = (0..candidates.len())
        .map(|model| checked.sources_of(model, &candidates))
        .collect();
    let name = file.name.clone().unwrap_or_default();
    let models = candidates.into_iter().zip(sources);
    let models = models.map(|(candidate, sources)| OutlinedModel::of(candidate, sources));
    Some(Outline {
        name,
        models: models.collect::<Option<_>>()?,
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
        let indicators = find_indicators(&file.indicators, &names, problems);
        let items = with_indicators(items, indicators, file.has_indicators_in_rows);
        Self {
            connections,
            arrangements,
            leds,
            units,
            order,
            items,
        }
    }

    /// Checks what models are said to be, and their data files. Returns what models would say in the run, and a
    /// warning announces.
    fn examine(
        &self,
        candidates: &mut [Candidate],
        file: &ScenarioFile,
        problems: &mut Problems,
    ) -> Vec<String> {
        check_entities(&file.simulators, candidates, &self.units, problems);
        check_percent(candidates, problems);
        let wiring = Wiring {
            connections: &self.connections,
            arrangements: &self.arrangements,
            items: self.items.as_deref().unwrap_or_default(),
        };
        file.grid.map_or_else(Vec::new, |grid| {
            examine_files(candidates, &wiring, grid.ticks, problems)
        })
    }

    /// The sources of a model at inputs where it tells them apart by their names.
    fn sources_of(&self, model: usize, candidates: &[Candidate]) -> Vec<String> {
        let Some(model_type) = &candidates[model].model_type else {
            return Vec::new();
        };
        let feeds = self.arrangements[model].feeds.iter();
        let by_name = feeds.filter(|feed| {
            let input = model_type.inputs.get(feed.input);
            input.is_some_and(|input| input.by_source)
        });
        let names = by_name.flat_map(|feed| source_names(feed, candidates, &self.connections));
        names.collect()
    }
}

/// The columns of a run: what is monitored, and what indicators are made of beside that, where they are wanted.
fn with_indicators(
    items: Option<Vec<MonitorItem>>,
    indicators: Option<Vec<MonitorItem>>,
    are_wanted: bool,
) -> Option<Vec<MonitorItem>> {
    let mut items = items?;
    if are_wanted {
        for indicator in indicators? {
            if !items.iter().any(|item| item.text == indicator.text) {
                items.push(indicator);
            }
        }
    }
    Some(items)
}
