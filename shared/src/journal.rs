//! What came into a run from outside, at which tick, so that it can come again.

use serde::{Deserialize, Serialize};

use crate::cable::{CableId, Picture};
use crate::ids::ModelId;
use crate::time::Tick;

/// Something that passed between a model and the world outside of the simulation in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// What it was.
    pub what: What,
}

/// What passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// In place of what there is, this is seen: in the order of the ticks.
    pub recorded: Option<Vec<Sighting>>,
    /// What cables are told is wanted.
    pub log: bool,
}
