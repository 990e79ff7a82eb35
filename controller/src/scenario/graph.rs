//! What planning and running get: a scenario that has been checked in full.

use std::path::PathBuf;

use shared::index::Table;
use shared::journal::Outside;
use shared::led::ValueLed;
use shared::model::{Instance, ModelConfig};
use shared::plan::{ConnectedInput, ModelId, PublishedId};
use shared::time::TimeGrid;

use super::entries::{Connect, Dates};

/// A scenario that has been checked in full: models, built, and what flows between them.
#[derive(Debug)]
pub struct Graph {
    /// The name of the scenario.
    pub name: String,
    /// Start, resolution and length of the simulated time.
    pub grid: TimeGrid,
    /// The models, in the order of the file.
    pub models: Table<ModelId, GraphModel>,
    /// The models in the order in which those that are due at a tick step: it respects direct
    /// connections, ties are broken by the order of the file.
    pub order: Vec<ModelId>,
    /// What is recorded.
    pub monitor: Monitor,
    /// What models would say in the run, word for word, and a warning has announced before.
    pub announced: Vec<String>,
}

impl Graph {
    /// Whether a model looks at sockets.
    pub fn has_sockets(&self) -> bool {
        let models = &mut self.models.iter();
        models.any(|model| model.instance.sockets.is_some())
    }

    /// Whether any of its models shall run on a node.
    pub fn has_nodes(&self) -> bool {
        self.models.iter().any(|model| model.connect.is_some())
    }
}

/// A model of a graph.
#[derive(Debug)]
pub struct GraphModel {
    /// Its entry in the scenario, from which a node can build it again.
    pub config: ModelConfig,
    /// The built model.
    pub instance: Instance,
    /// The node that shall run it; `None` for the controller itself.
    pub connect: Option<Connect>,
    /// The lights of its node that show its values.
    pub leds: Vec<ValueLed>,
    /// What it has of the world outside of the simulation.
    pub outside: Outside,
    /// The inputs that something is connected to, in the order of their slots.
    pub inputs: Vec<ConnectedInput<PublishedId>>,
    /// The models with a direct connection into this one, in the order of the file. That includes
    /// connections that deliver nothing, because the model does not use their target or because
    /// another one counts instead: they order the steps all the same.
    pub after: Vec<ModelId>,
    /// The paths of the files that it reads.
    pub paths: Vec<String>,
}

/// What is recorded, and where.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// The result file, relative to the working directory. Its folder may not exist yet.
    pub file: PathBuf,
    /// How dates are written.
    pub dates: Dates,
    /// The columns, in their order.
    pub items: Vec<MonitorItem>,
}

/// A column of the result file.
#[derive(Clone, Debug)]
pub struct MonitorItem {
    /// As the scenario has it, and as the header gets it: `Homes.load_dem`.
    pub text: String,
    /// What it shows.
    pub source: PublishedId,
}
