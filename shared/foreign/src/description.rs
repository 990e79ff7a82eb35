//! What simulators say of themselves.

use serde::{Deserialize, Serialize};
use shared::value::Value;

/// When the steps of a simulator are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SimulatorKind {
    /// At ticks that it names itself.
    TimeBased,
    /// At these, and whenever something arrives that triggers one.
    Hybrid,
    /// Whenever something arrives.
    EventBased,
}

/// What a simulator says of itself, and what it has created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatorDescription {
    /// What the scenario calls it.
    pub name: String,
    /// The version of mosaik's interface that it speaks, such as `3.0`; empty where it says none.
    pub api_version: String,
    /// When its steps are due.
    pub kind: SimulatorKind,
    /// What it can create, and what its children are.
    pub types: Vec<EntityType>,
    /// The names of its extra methods.
    pub extra_methods: Vec<String>,
    /// What it has created, one for each that was asked for.
    pub entities: Vec<Entity>,
}

/// A kind of entity: mosaik calls it a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntityType {
    /// Its name.
    pub name: String,
    /// Whether a scenario may ask for one.
    pub is_public: bool,
    /// What `create` takes.
    pub parameters: Vec<String>,
    /// What can be connected.
    pub attributes: Vec<EntityAttribute>,
    /// Whether others can be connected as well.
    pub any_inputs: bool,
}

/// An attribute of an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntityAttribute {
    /// Its name.
    pub name: String,
    /// What it is, where the simulator says so: those of mosaik are all of it.
    pub role: Option<Role>,
    /// What it is before the first step, where the simulator says so.
    pub initial: Option<Value>,
    /// Its unit, where the simulator says so.
    pub unit: Option<String>,
    /// Whether a value that arrives there triggers a step.
    pub is_trigger: bool,
    /// Whether what it publishes holds until there is something newer; if not, it is an event.
    pub is_persistent: bool,
}

/// What an attribute of a class of the Illuminator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// An input.
    Input,
    /// A physical flow that it publishes.
    Output,
    /// Information that it publishes.
    State,
}

/// Something that a simulator has created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// Its id in the simulator.
    pub id: String,
    /// The name of its type.
    pub entity_type: String,
    /// The ids of those of this simulator that it is related to.
    pub related: Vec<String>,
    /// Those that are part of it.
    pub children: Vec<Entity>,
}

impl SimulatorDescription {
    /// The type with this name.
    pub fn entity_type(&self, name: &str) -> Option<&EntityType> {
        self.types.iter().find(|known| known.name == name)
    }
}

impl Entity {
    /// The entity with this id among its children and theirs.
    pub fn descendant(&self, id: &str) -> Option<&Entity> {
        let mut children = self.children.iter();
        children.find_map(|child| {
            if child.id == id {
                Some(child)
            } else {
                child.descendant(id)
            }
        })
    }
}
