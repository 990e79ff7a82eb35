//! What is asked of a host: programs to start, and what each of them is to create.

use serde::{Deserialize, Serialize};
use shared::model::Entries;

/// A simulator that is to be started, with the entities that it is to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatorRequest {
    /// What the scenario calls it; for a class in Python, the name of the model. mosaik calls it `NAME-0`.
    pub name: String,
    /// The name of its entry in the scenario, and of what a bridge lists: that of a class in Python is the one for
    /// all of its models.
    pub listed_as: String,
    /// What it is.
    pub program: Program,
    /// Folders in which modules are looked for, before all others; those of a scenario.
    pub folders: Vec<String>,
    /// Seconds per tick.
    pub resolution: u32,
    /// The number of ticks of the run.
    pub ticks: u64,
    /// Named arguments of `init`, beside the resolution.
    pub init: Entries,
    /// What it is to create, in the order of the scenario.
    pub entities: Vec<EntityRequest>,
    /// Extra methods that are called once everything has been created.
    pub calls: Vec<ExtraCall>,
    /// Whether a step and the question for its results may be under way together.
    pub pipeline: bool,
}

/// What a simulator is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Program {
    /// A class in Python, `module:Class`.
    Python {
        /// Where it is.
        class: String,
        /// What runs it; the usual one where nothing is said.
        interpreter: Option<String>,
    },
    /// A command that calls back: `%(addr)s` in it is the address, `%(python)s` the interpreter.
    Command {
        /// The command, split into words as a shell does it.
        line: String,
        /// What `%(python)s` stands for; the usual one where nothing is said.
        interpreter: Option<String>,
    },
    /// A simulator that is there already and listens at this address.
    Connect {
        /// `host:port`.
        address: String,
    },
}

/// A model of the scenario that is an entity of a simulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntityRequest {
    /// What the scenario calls it.
    pub name: String,
    /// What the simulator calls its model; its only public one where nothing is said.
    pub model: Option<String>,
    /// Named arguments of `create`.
    pub parameters: Entries,
}

/// A call of an extra method of a simulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtraCall {
    /// Its name.
    pub method: String,
    /// Its named arguments.
    pub arguments: Entries,
}
