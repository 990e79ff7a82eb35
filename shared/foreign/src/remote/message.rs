//! What is said between who asks and a host on another machine.

use serde::{Deserialize, Serialize};

use crate::{Fault, SimulatorDescription, SimulatorRequest, UnitWiring};

/// A question to a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// See [`Host::start`](crate::Host::start).
    Start(Vec<SimulatorRequest>),
    /// See [`Host::wire`](crate::Host::wire).
    Wire(Box<UnitWiring>),
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
