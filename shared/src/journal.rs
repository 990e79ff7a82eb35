//! What came into a run from outside, at which tick, so that it can come again.

use serde::{Deserialize, Serialize};

use crate::cable::{CableId, Picture};
use crate::ids::ModelId;
use crate::memory::items;
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
    /// In: a simulator among the programs that step the model had asked for a step of its own at this tick.
    Asked {
        /// The simulator, as a place among those of the model.
        simulator: u16,
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

/// A step that a simulator had asked for, as it was on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedStep {
    /// The tick of the step.
    pub tick: Tick,
    /// The simulator, as a place among those of the model.
    pub simulator: u16,
}

/// What a plan says of the world outside of the simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// In place of what there is, this is seen: in the order of the ticks.
    pub recorded: Option<Vec<Sighting>>,
    /// What cables are told is wanted.
    pub log: bool,
    /// Whether the run keeps to a pace, so that something can happen at a tick of it.
    pub paced: bool,
    /// The steps that simulators ask for where there is a record, in the order of the ticks.
    pub asked: Vec<AskedStep>,
}

impl Outside {
    /// What of it is on the heap, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let sightings = self.recorded.as_ref().map_or(0, Vec::len);
        items::<Sighting>(sightings) + items::<AskedStep>(self.asked.len())
    }
}
