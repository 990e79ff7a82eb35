//! From a scenario file that could be read to a graph that can run.

use shared::files::Files;
use shared::index::{Index, Table};
use shared::journal::Outside;
use shared::led::ValueLed;
use shared::model::Registry;
use shared::plan::{ConnectedInput, ModelId, PublishedId, Source};

use super::checks::{
    Wiring, check_inputs, check_needs, check_percent, check_units, examine_files,
    refuse_split_outputs,
};
use super::entries::ScenarioFile;
use super::graph::{Graph, GraphModel, Monitor};
use super::models::{self, Base, Candidate, Surroundings};
use super::problems::Problems;
use super::wiring::{
    Arrangement, Connection, Feeding, Names, arrange, direct_sources, find_items, find_order,
    initial_value, resolve_connections, resolve_leds,
};

/// Checks what the names in a scenario mean, builds its models, and puts the graph together.
/// `None` where there are errors, all of which are reported.
pub(super) fn assemble(
    file: ScenarioFile,
    catalogue: &Registry,
    files: &dyn Files,
    base: Base<'_>,
    problems: &mut Problems,
) -> Option<Graph> {
    let surroundings = Surroundings {
        grid: file.grid,
        catalogue,
        files,
        base,
    };
    let entries = file.connections.as_deref();
    let mut candidates = models::build(file.models, surroundings, problems);
    let names = Names::of(&candidates, file.are_names_known);
    let connections = resolve_connections(entries.unwrap_or_default(), &names, problems);
    check_units(&connections, &candidates, catalogue, problems);
    let feeding = Feeding::of(entries, &connections, candidates.len());
    refuse_split_outputs(&candidates, &connections, problems);
    let arrangements = arrange(&connections, candidates.len());
    check_inputs(&candidates, &arrangements, &connections, problems);
    check_needs(&candidates, &names, &feeding, problems);
    let leds = resolve_leds(&candidates, &feeding, problems);
    let order = find_order(&candidates, &connections, problems);
    let items = find_items(&file.monitor.items, &names, problems);
    check_percent(&candidates, problems);
    let wiring = Wiring {
        connections: &connections,
        arrangements: &arrangements,
        items: items.as_deref().unwrap_or_default(),
    };
    let announced = file.grid.map_or_else(Vec::new, |grid| {
        examine_files(&mut candidates, &wiring, grid.ticks, problems)
    });
    if problems.errors() > 0 {
        return None;
    }
    Some(Graph {
        name: file.name?,
        grid: file.grid?,
        models: graph_models(candidates, &arrangements, &connections, leds)?,
        order: order?.into_iter().map(ModelId::at).collect(),
        monitor: Monitor {
            file: file.monitor.file?,
            dates: file.monitor.dates,
            items: items?,
        },
        announced,
    })
}

/// The models as the graph has them.
fn graph_models(
    candidates: Vec<Candidate>,
    arrangements: &[Arrangement],
    connections: &[Connection],
    leds: Vec<Vec<ValueLed>>,
) -> Option<Table<ModelId, GraphModel>> {
    let names = candidates
        .iter()
        .map(|candidate| candidate.name().to_owned());
    let names: Table<ModelId, String> = names.collect();
    let before = direct_sources(candidates.len(), connections);
    let parts = candidates
        .into_iter()
        .zip(arrangements)
        .zip(leds)
        .zip(before);
    parts
        .map(|(((candidate, arrangement), leds), after)| {
            graph_model(candidate, arrangement, connections, &names, leds, after)
        })
        .collect()
}

/// The model as the graph has it. `None` never happens where no error has been reported.
fn graph_model(
    candidate: Candidate,
    arrangement: &Arrangement,
    connections: &[Connection],
    names: &Table<ModelId, String>,
    leds: Vec<ValueLed>,
    after: Vec<ModelId>,
) -> Option<GraphModel> {
    let model_type = candidate.model_type.as_ref()?;
    let mut inputs = Vec::with_capacity(arrangement.feeds.len());
    for feed in &arrangement.feeds {
        let input = model_type.inputs.get(feed.input)?;
        let instance = candidate.instance.as_ref()?;
        let mut origin = None;
        let mut sources = Vec::with_capacity(feed.connections.len());
        for connection in feed.connections.iter().map(|place| &connections[*place]) {
            let published = connection.published?;
            let shifted = connection.shifted == Some(true);
            let initial = shifted
                .then(|| initial_value(&candidate, model_type, input))
                .flatten();
            origin = Some(published.origin);
            sources.push(Source {
                from: PublishedId {
                    model: ModelId::at(connection.source_model?),
                    slot: published.slot?,
                },
                shifted,
                initial: initial.map(|(value, _)| value),
            });
        }
        let named = if input.by_source {
            let sources = sources.iter();
            sources
                .map(|source| names[source.from.model].clone())
                .collect()
        } else {
            Vec::new()
        };
        inputs.push(ConnectedInput {
            slot: instance.input_slot(&input.name)?,
            origin: origin?,
            sources,
            names: named,
        });
    }
    let config = candidate.entry.config();
    Some(GraphModel {
        paths: config.paths_read(model_type),
        config,
        instance: candidate.instance?,
        connect: candidate.entry.connect,
        leds,
        outside: Outside::default(),
        inputs,
        after,
    })
}
