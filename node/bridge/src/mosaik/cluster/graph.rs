//! The graph of a run on nodes: a feeder, the models, a taker.

use std::path::PathBuf;
use std::sync::Arc;

use controller::Beside;
use controller::scenario::{Connect, Dates, Graph, GraphModel, Monitor, MonitorItem};
use shared::files::MemoryFiles;
use shared::index::{Index, Table};
use shared::journal::Outside;
use shared::model::{InputSlot, ModelConfig, ModelType, PublishedSlot, TypeRef};
use shared::plan::{ConnectedInput, ModelId, PublishedId, Source};
use shared::time::TimeGrid;
use shared::value::Origin;

use super::Means;
use super::exchange::Exchange;
use super::feeder::{self, feeder};
use super::taker::{self, taker};
use crate::mosaik::arrivals::Arrivals;
use crate::mosaik::creation::instantiate;
use crate::mosaik::entity::{Entities, Entity};
use crate::mosaik::refusal::Answer;

/// An input of a model that something is connected to.
#[derive(Debug)]
pub(super) struct Wire {
    /// The place of the model.
    pub(super) entity: usize,
    /// The input.
    pub(super) slot: InputSlot,
    /// Whose values they are, where the input tells them apart.
    pub(super) names: Vec<String>,
}

/// The feeder comes first.
const FEEDER: ModelId = ModelId(0);

/// The graph of a run, and the inputs that the feeder has values for, in their order.
pub(super) fn graph(
    entities: &Entities,
    first: &Arrivals,
    means: &Means<'_>,
    exchange: &Arc<Exchange>,
) -> Answer<(Graph, Vec<Wire>)> {
    let wires = wires(first);
    let sizes = entities
        .list()
        .iter()
        .map(|entity| entity.instance.step_size);
    let sizes: Arc<[u32]> = sizes.collect();
    let feeder = feeder(exchange, &sizes, wires.len());
    let mut models = Table::default();
    models.push(standing_for_mosaik(
        feeder,
        Vec::new(),
        Vec::new(),
        means.grid,
    )?);
    for (place, (entity, connect)) in entities.list().iter().zip(means.nodes).enumerate() {
        models.push(on_node(place, entity, connect, &wires, means)?);
    }
    let published = entities
        .list()
        .iter()
        .map(|entity| entity.instance.published.len());
    let (inputs, after) = taken(&published.collect::<Vec<_>>());
    let taker = taker(exchange, &sizes, inputs.len() - 1);
    models.push(standing_for_mosaik(taker, inputs, after, means.grid)?);
    let graph = Graph {
        name: "mosaik".to_owned(),
        grid: means.grid,
        order: models.ids().collect(),
        models,
        monitor: Monitor {
            file: PathBuf::new(),
            beside: Beside::default(),
            dates: Dates::Whole,
            items: vec![MonitorItem {
                text: "mosaik.value0".to_owned(),
                source: fed(feeder::PROGRESS),
            }],
        },
        announced: Vec::new(),
        notes: Vec::new(),
    };
    Ok((graph, wires))
}

fn wires(first: &Arrivals) -> Vec<Wire> {
    let of_entity = |(entity, arrivals): (usize, &Vec<_>)| {
        let wire = move |arrival: &crate::mosaik::arrivals::Arrival| Wire {
            entity,
            slot: arrival.slot,
            names: arrival.names.clone(),
        };
        arrivals.iter().map(wire).collect::<Vec<_>>()
    };
    first.iter().enumerate().flat_map(of_entity).collect()
}

/// A value of the feeder.
fn fed(place: usize) -> PublishedId {
    PublishedId {
        model: FEEDER,
        slot: PublishedSlot::at(place),
    }
}

/// An input that gets one value, as it is: mosaik's have been combined by then.
fn input(slot: usize, from: PublishedId, names: Vec<String>) -> ConnectedInput<PublishedId> {
    ConnectedInput {
        slot: InputSlot::at(slot),
        origin: Origin::State,
        sources: vec![Source {
            from,
            shifted: false,
            initial: None,
        }],
        names,
    }
}

/// A model on its node.
fn on_node(
    place: usize,
    entity: &Entity,
    connect: &Connect,
    wires: &[Wire],
    means: &Means<'_>,
) -> Answer<GraphModel> {
    let own = wires
        .iter()
        .enumerate()
        .filter(|(_, wire)| wire.entity == place);
    let inputs = own.map(|(number, wire)| {
        let from = fed(feeder::PROGRESS + 1 + number);
        input(wire.slot.place(), from, wire.names.clone())
    });
    let inputs: Vec<_> = inputs.collect();
    let model_type = &entity.instance.model_type;
    Ok(GraphModel {
        instance: instantiate(model_type, &entity.config, means.grid, means.files)?,
        connect: Some(connect.clone()),
        leds: Vec::new(),
        outside: Outside::default(),
        after: if inputs.is_empty() {
            Vec::new()
        } else {
            vec![FEEDER]
        },
        inputs,
        paths: entity.config.paths_read(model_type),
        programs: None,
        config: entity.config.clone(),
    })
}

/// What the taker gets: how far the feeder is, and all that models publish; and whom it comes after.
fn taken(published: &[usize]) -> (Vec<ConnectedInput<PublishedId>>, Vec<ModelId>) {
    let mut inputs = vec![input(taker::PROGRESS, fed(feeder::PROGRESS), Vec::new())];
    let mut after = vec![FEEDER];
    for (place, &count) in published.iter().enumerate() {
        let model = ModelId::at(FEEDER.place() + 1 + place);
        after.push(model);
        for slot in 0..count {
            let slot = PublishedSlot::at(slot);
            inputs.push(input(inputs.len(), PublishedId { model, slot }, Vec::new()));
        }
    }
    (inputs, after)
}

/// A model of this process that stands for mosaik.
fn standing_for_mosaik(
    model_type: ModelType,
    inputs: Vec<ConnectedInput<PublishedId>>,
    after: Vec<ModelId>,
    grid: TimeGrid,
) -> Answer<GraphModel> {
    let model_type = TypeRef::from(model_type);
    let config = ModelConfig {
        name: model_type.name.to_string(),
        model_type: model_type.name.to_string(),
        ..ModelConfig::default()
    };
    Ok(GraphModel {
        instance: instantiate(&model_type, &config, grid, &MemoryFiles::default())?,
        config,
        connect: None,
        leds: Vec::new(),
        outside: Outside::default(),
        inputs,
        after,
        paths: Vec::new(),
        programs: None,
    })
}
