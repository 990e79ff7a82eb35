//! What is connected to a unit: one simulator, or several that have to take turns.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use shared::model::{Build, BuildError, Built, Input, Model, ModelType, Need, Place, Published};
use shared::value::{Kind, Origin, Value};

use crate::simulator::FAILED;

/// A unit: what it has, and what is connected to it. The places in its lists are the slots of its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitWiring {
    /// The name of the type that is made of it. Nobody else has one of this name.
    pub type_name: String,
    /// What messages call it.
    pub name: String,
    /// Its simulators, as numbers of what was asked for, see [`Host::start`](crate::Host::start).
    pub simulators: Vec<u16>,
    /// What arrives from others.
    pub inputs: Vec<WiredInput>,
    /// What others want to know.
    pub published: Vec<WiredPublished>,
    /// What is connected within the unit, in the order of the scenario.
    pub inside: Vec<InsideConnection>,
    /// What is connected to what in the whole scenario, for simulators that ask.
    pub graph: RelationGraph,
}

/// An attribute of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The simulator, as a number of what was asked for.
    pub simulator: u16,
    /// The id of the entity.
    pub entity: String,
    /// The name of the attribute.
    pub attribute: String,
}

/// Something that arrives from outside of the unit. A step finds there the value of the only source, or a list with
/// the values of all sources in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WiredInput {
    /// As the scenario has it: `Net/Bus-5.P_gen[MW]`, or `flow2b` where the unit is one model.
    pub name: String,
    /// Where it goes to.
    pub to: Spot,
    /// Whose values they are.
    pub sources: Vec<WiredSource>,
}

/// Whose values arrive somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WiredSource {
    /// What mosaik calls it: `Panels-0.time-based_0`.
    pub id: String,
    /// Whether its values are a physical flow or information.
    pub origin: Origin,
    /// The ticks between its values, which are new at each multiple of it.
    pub every: u32,
    /// Whether they arrive, and are new, a tick later.
    pub shifted: bool,
    /// Its place among all connections into the unit, in the order in which values are listed.
    pub rank: u32,
}

/// Something that others want to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WiredPublished {
    /// As the scenario has it.
    pub name: String,
    /// Where it comes from.
    pub from: Spot,
    /// Whether it is a physical flow or information.
    pub origin: Origin,
    /// What it is before there is a value.
    pub initial: Option<Value>,
}

/// A connection within the unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InsideConnection {
    /// Where it comes from.
    pub from: Spot,
    /// Where it goes to.
    pub to: Spot,
    /// Whether it delivers what was valid one tick before.
    pub shifted: bool,
    /// Whether it delivers at the same tick, and the loop that it closes is gone through again.
    pub weak: bool,
    /// What a shifted or weak one delivers first.
    pub initial: Option<Value>,
    /// Whether the target may ask for values of the source's simulator, and set some, while it steps. Where that is
    /// all, the attributes are empty.
    pub asynchronous: bool,
    /// Its place among all connections into the unit, in the order in which values are listed.
    pub rank: u32,
}

/// What is connected to what in a whole scenario, in mosaik's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationGraph {
    /// Entities, `Grid-0.Bus-5`, and what they are.
    pub nodes: Vec<(String, String)>,
    /// Pairs of them.
    pub edges: Vec<(String, String)>,
}

impl UnitWiring {
    /// The type of the unit, whose instances a closure builds. Whoever makes one of the same wiring makes one with
    /// the same interface.
    pub fn model_type(
        &self,
        build: impl Fn(&mut Build<'_>) -> Built + Send + Sync + 'static,
    ) -> ModelType {
        let inputs = self.inputs.iter().map(|input| Input {
            name: input.name.clone().into(),
            by_source: true,
            kind: Kind::Any,
            need: Need::Optional,
            ..Input::number("", "-", "")
        });
        let published = self.published.iter().map(|published| Published {
            name: published.name.clone().into(),
            origin: published.origin,
            kind: Kind::Any,
            ..Published::state("", "-", "")
        });
        let mut model_type = ModelType::described(&self.type_name, build);
        model_type.inputs = inputs.collect();
        model_type.published = published.collect();
        model_type
    }

    /// The type of the unit whose only instance is this model.
    pub fn type_of(&self, unit: Box<dyn Model>) -> ModelType {
        let unit = Mutex::new(Some(unit));
        self.model_type(move |_| {
            let mut unit = unit.lock().unwrap_or_else(PoisonError::into_inner);
            unit.take().ok_or_else(|| BuildError {
                code: FAILED.into(),
                place: Place::Model,
                message: "a program that runs can be one model only".to_owned(),
            })
        })
    }
}
