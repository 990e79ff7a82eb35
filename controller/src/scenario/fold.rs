//! From models of the scenario to models of the graph: most are one, and entities of simulators are in one model with
//! all that they step together with.

use shared::index::{Index, Table};
use shared::journal::Outside;
use shared::led::ValueLed;
use shared::plan::{ConnectedInput, ModelId, PublishedId, Source};

use super::graph::{GraphModel, MonitorItem};
use super::models::{Candidate, Surroundings};
use super::problems::Problems;
use super::programs::{Hosting, Slots, UnitMaker, UnitModel, relations};
use super::wiring::{Arrangement, Connection, Feed, Units, direct_sources, first_value};

/// What the models of a graph are made of, beside the models of the scenario.
pub(super) struct Folding<'a> {
    pub(super) connections: &'a [Connection],
    pub(super) arrangements: &'a [Arrangement],
    pub(super) leds: &'a [Vec<ValueLed>],
    pub(super) items: &'a [MonitorItem],
    pub(super) units: &'a Units,
    pub(super) surroundings: Surroundings<'a>,
}

/// The models and monitor items as the graph has them. `None` where a program refuses what is asked of it, which is
/// reported; it never happens otherwise where no error has been.
pub(super) fn graph_models(
    candidates: Vec<Candidate>,
    folding: &Folding<'_>,
    hosting: Option<&mut Hosting<'_>>,
    problems: &mut Problems,
) -> Option<(Table<ModelId, GraphModel>, Vec<MonitorItem>)> {
    let Folding {
        connections,
        leds,
        items,
        units,
        ..
    } = *folding;
    let slots = Slots::of(&candidates, connections, items, leds, units);
    let of_graph = |item: &MonitorItem| {
        let model = item.source.model.place();
        Some(MonitorItem {
            text: item.text.clone(),
            source: slots.published(&candidates[model], model, item.source.slot)?,
        })
    };
    let items = items.iter().map(of_graph).collect::<Option<_>>()?;
    let made = make_units(&candidates, folding, &slots, hosting, problems)?;
    let inputs: Vec<_> = (0..candidates.len())
        .map(|model| match candidates[model].entity {
            Some(_) => Some(Vec::new()),
            None => connected_inputs(model, &candidates, folding, &slots),
        })
        .collect();
    let after = direct_sources(units, connections);
    let firsts = units.members().iter().filter_map(|members| members.first());
    let firsts: Vec<usize> = firsts.copied().collect();
    let mut parts: Vec<_> = candidates.into_iter().zip(inputs).map(Some).collect();
    let models = firsts.into_iter().zip(made).zip(after);
    let models = models.map(|((first, unit), after)| {
        let (candidate, inputs) = parts.get_mut(first)?.take()?;
        match unit {
            Some(unit) => Some(of_programs(candidate, unit, after)),
            None => graph_model(candidate, inputs?, leds[first].clone(), after),
        }
    });
    Some((models.collect::<Option<_>>()?, items))
}

/// The models that are made of other programs, each at its place among all.
fn make_units(
    candidates: &[Candidate],
    folding: &Folding<'_>,
    slots: &Slots<'_>,
    mut hosting: Option<&mut Hosting<'_>>,
    problems: &mut Problems,
) -> Option<Vec<Option<UnitModel>>> {
    let maker = UnitMaker {
        candidates,
        folding,
        slots,
        graph: relations(candidates, folding.connections),
    };
    let mut made = Vec::new();
    for (unit, members) in folding.units.members().iter().enumerate() {
        let is_program = members
            .iter()
            .any(|model| candidates[*model].entity.is_some());
        made.push(match hosting.as_deref_mut().filter(|_| is_program) {
            Some(hosting) => Some(maker.make(unit, hosting, problems)?),
            None => None,
        });
    }
    Some(made)
}

/// The inputs of a model that is no entity. `None` never happens where no error has been reported.
fn connected_inputs(
    model: usize,
    candidates: &[Candidate],
    folding: &Folding<'_>,
    slots: &Slots<'_>,
) -> Option<Vec<ConnectedInput<PublishedId>>> {
    let candidate = &candidates[model];
    let model_type = candidate.model_type.as_ref()?;
    let instance = candidate.instance.as_ref()?;
    let mut inputs = Vec::new();
    for feed in &folding.arrangements[model].feeds {
        let input = model_type.inputs.get(feed.input)?;
        let mut origin = None;
        let mut sources = Vec::with_capacity(feed.connections.len());
        for connection in feed
            .connections
            .iter()
            .map(|place| &folding.connections[*place])
        {
            let published = connection.published?;
            let shifted = connection.shifted == Some(true);
            let from = connection.source_model?;
            let source = (&candidates[from], published.slot?);
            let initial = shifted
                .then(|| first_value(candidate, model_type, input, source))
                .flatten();
            origin = Some(published.origin);
            sources.push(Source {
                from: slots.published(&candidates[from], from, published.slot?)?,
                shifted,
                initial,
            });
        }
        let names = if input.by_source {
            source_names(feed, candidates, folding.connections)
        } else {
            Vec::new()
        };
        inputs.push(ConnectedInput {
            slot: instance.input_slot(&input.name)?,
            origin: origin?,
            sources,
            names,
        });
    }
    Some(inputs)
}

/// What the sources at an input are called where its model tells them apart.
pub(super) fn source_names(
    feed: &Feed,
    candidates: &[Candidate],
    connections: &[Connection],
) -> Vec<String> {
    let connections = feed.connections.iter().map(|place| &connections[*place]);
    let name = |connection: &Connection| {
        let slot = connection.published.and_then(|published| published.slot);
        Some(candidates[connection.source_model?].source_name(slot))
    };
    connections.filter_map(name).collect()
}

/// A model as the graph has it. `None` never happens where no error has been reported.
fn graph_model(
    candidate: Candidate,
    inputs: Vec<ConnectedInput<PublishedId>>,
    leds: Vec<ValueLed>,
    after: Vec<ModelId>,
) -> Option<GraphModel> {
    let config = candidate.entry.config();
    Some(GraphModel {
        paths: config.paths_read(candidate.model_type.as_ref()?),
        config,
        instance: candidate.instance?,
        connect: candidate.entry.connect,
        leds,
        outside: Outside::default(),
        inputs,
        after,
        programs: None,
    })
}

/// A unit as the graph has it.
fn of_programs(first: Candidate, unit: UnitModel, after: Vec<ModelId>) -> GraphModel {
    GraphModel {
        config: unit.config,
        instance: unit.instance,
        connect: first.entry.connect,
        leds: unit.leds,
        outside: Outside::default(),
        inputs: unit.inputs,
        after,
        paths: Vec::new(),
        programs: Some(unit.programs),
    }
}
