//! What is said between who asks and a host on another machine.

use serde::{Deserialize, Serialize};
use shared::journal::Outside;
use shared::model::Made;
use shared::time::Tick;
use shared::value::Value;

use crate::{Fault, SimulatorDescription, SimulatorRequest, UnitWiring};

/// A question to a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// See [`Host::start`](crate::Host::start).
    Start(Vec<SimulatorRequest>),
    /// See [`Host::wire`](crate::Host::wire).
    Wire(Box<UnitWiring>),
    /// Whether it is there.
    Here,
    /// A step of a unit: what came of it, or what comes of it where it has not been made.
    Step {
        /// The type of the unit.
        unit: String,
        /// How many steps there are before it.
        made: u64,
        /// When it is made.
        tick: Tick,
        /// What stands at the inputs.
        inputs: Vec<Option<Value>>,
        /// With the first question of who asks about a unit: what the world outside is to it, where it has not made these
        /// steps.
        outside: Option<Box<Outside>>,
    },
}

/// What a host says. One that tells something has not answered yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// Something for the user to read, while the answer is on its way.
    Tell(String),
    /// See [`Host::start`](crate::Host::start).
    Started(Vec<Result<SimulatorDescription, Fault>>),
    /// See [`Host::wire`](crate::Host::wire); the type stays there, whoever asks makes one like it.
    Wired(Result<(), Fault>),
    /// The question cannot be read.
    Confused,
    /// It is there.
    Here,
    /// The answer is on its way: a program takes its time.
    Waiting,
    /// What came of a step, and of those after it that have been made already; or the code and the words of what is
    /// wrong.
    Made(Result<Vec<Made>, (String, String)>),
}

impl Answer {
    /// Its bytes.
    #[expect(
        clippy::missing_panics_doc,
        reason = "everything in it has an encoding"
    )]
    pub fn encoded(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("it has an encoding")
    }
}
