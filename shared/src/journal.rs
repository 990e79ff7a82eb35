//! What came into a run from outside, at which tick, so that it can come again.

use serde::{Deserialize, Serialize};

use crate::cable::{CableId, Picture};
use crate::ids::ModelId;
use crate::memory::items;
use crate::model::declare::{InputSlot, ParameterSlot};
use crate::time::Tick;
use crate::value::Number;

/// Something that passed between a model and the world outside of the simulation in a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// What it was.
    pub what: What,
}

/// What passed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
    /// In: somebody has changed a value of the model, from this step on.
    Adjusted(Adjustment),
}

impl What {
    /// Whether it came in, so that what the model does from then on may depend on it.
    pub fn comes_in(&self) -> bool {
        !matches!(self, Self::Told { .. })
    }
}

/// A value of a model that somebody changes while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// What is changed.
    pub target: Adjustable,
    /// What it is from then on. A whole number is an integer, as in a scenario.
    pub value: f64,
}

/// What of a model can be changed while it runs. On the wire it is one number, twice the slot, and one more for an
/// input: nodes have little room for words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub enum Adjustable {
    /// A parameter.
    Parameter(ParameterSlot),
    /// What stands at an input to which nothing is connected.
    Input(InputSlot),
}

impl From<u32> for Adjustable {
    fn from(number: u32) -> Self {
        match (number / 2, number % 2) {
            (slot, 0) => Self::Parameter(slot.into()),
            (slot, _) => Self::Input(slot.into()),
        }
    }
}

impl From<Adjustable> for u32 {
    fn from(target: Adjustable) -> Self {
        match target {
            Adjustable::Parameter(slot) => 2 * u32::from(slot),
            Adjustable::Input(slot) => 2 * u32::from(slot) + 1,
        }
    }
}

impl Adjustment {
    /// The number that it is from then on.
    pub fn number(&self) -> Number {
        // Up to this every whole number is a float.
        const WHOLE: i64 = 1 << f64::MANTISSA_DIGITS;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "what is none then is no whole number"
        )]
        let whole = self.value as i64;
        #[allow(
            clippy::cast_precision_loss,
            clippy::float_cmp,
            reason = "the same number, or not"
        )]
        let is_whole = whole as f64 == self.value;
        if is_whole && (-WHOLE..=WHOLE).contains(&whole) {
            Number::Int(whole)
        } else {
            Number::Float(self.value)
        }
    }
}

/// What a plan says of the world outside of the simulation.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    /// What comes in, each at a tick, in the order of the ticks.
    pub comes: Vec<(Tick, What)>,
    /// Before this tick that is a record, and all that comes: sockets have what it says, and nobody asks for steps. 0
    /// where there is none, [`NEVER`](crate::time::NEVER) where there is nothing else.
    pub recorded: Tick,
    /// What cables are told is wanted.
    pub log: bool,
    /// Whether the run keeps to a pace, so that something can happen at a tick of it.
    pub paced: bool,
    /// Values of the model may be changed while it runs.
    pub open: bool,
}

impl Outside {
    /// What of it is on the heap, in bytes.
    pub fn heap_bytes(&self) -> usize {
        items::<(Tick, What)>(self.comes.len())
    }
}
