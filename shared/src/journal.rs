//! What came into a run from outside, at which tick, so that it can come again.

use serde::{Deserialize, Serialize};

use crate::cable::{CableId, Picture};
use crate::ids::ModelId;
use crate::model::{InputSlot, ParameterSlot};
use crate::time::Tick;
use crate::value::Value;

/// Something that passed between a model and the world outside of the simulation in a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// What it was.
    pub what: What,
}

/// What passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// In: what is in a socket has changed.
    Seen {
        /// The socket.
        socket: u8,
        /// The cable; `None` where it is gone.
        cable: Option<CableId>,
    },
    /// Out: what a socket with a cable was told.
    Told {
        /// The socket.
        socket: u8,
        /// What its cable is to show.
        picture: Picture,
    },
    /// In: somebody has changed a value of the model, from this step on.
    Adjusted(Adjustment),
}

/// A value of a model that somebody changes while it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// What is changed.
    pub target: Adjustable,
    /// The number that it is from then on.
    pub value: Value,
}

/// What of a model can be changed while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Adjustable {
    /// A parameter.
    Parameter(ParameterSlot),
    /// What stands at an input to which nothing is connected.
    Input(InputSlot),
}

/// What is in a socket from a tick on, as it was on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The tick.
    pub tick: Tick,
    /// The socket.
    pub socket: u8,
    /// The cable; `None` where it is gone.
    pub cable: Option<CableId>,
}

/// What a plan says of the world outside of the simulation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    /// In place of what there is, this is seen: in the order of the ticks.
    pub recorded: Option<Vec<Sighting>>,
    /// These values are changed, each from a tick on, in the order of the ticks.
    pub adjusted: Vec<(Tick, Adjustment)>,
    /// What cables are told is wanted.
    pub log: bool,
}
