//! What planning and running get: a scenario that has been checked in full.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use foreign::remote::Bridge;
use shared::index::Table;
use shared::journal::Outside;
use shared::led::ValueLed;
use shared::model::{FilesWritten, Instance, ModelConfig};
use shared::plan::{ConnectedInput, ModelId, PublishedId};
use shared::time::TimeGrid;

use super::entries::{Connect, Dates};
use super::outline::Machine;
use crate::places::Beside;

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
    /// What its user should know beside warnings.
    pub notes: Vec<String>,
}

impl Graph {
    /// Whether a model looks at sockets.
    pub fn has_sockets(&self) -> bool {
        let models = &mut self.models.iter();
        models.any(|model| model.instance.sockets.is_some())
    }

    /// Whether programs step any of its models.
    pub fn has_programs(&self) -> bool {
        self.models.iter().any(|model| model.programs.is_some())
    }

    /// How many models the scenario has.
    pub fn model_count(&self) -> usize {
        let models = self.models.iter();
        models.map(|model| model.in_scenario().count()).sum()
    }

    /// The machines that the scenario names, in the order of the models.
    pub fn machines(&self) -> impl Iterator<Item = Machine<'_>> {
        self.models.iter().filter_map(|model| {
            Some(Machine {
                connect: model.connect.as_ref()?,
                runs_programs: model.programs.is_some(),
            })
        })
    }

    /// Whether any of its models shall run on a node.
    pub fn has_nodes(&self) -> bool {
        self.models.iter().any(|model| model.connect.is_some())
    }
}

/// What steps a model of the graph that is made of other programs.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The models of the scenario that step together, each with its type.
    pub models: Vec<(String, String)>,
    /// How many programs these are: what they had asked for is on record by their place among them.
    pub simulators: usize,
    /// What runs them: classes, commands, addresses.
    pub run_by: Vec<String>,
    /// Where they run, if that is another machine.
    pub(crate) bridge: Option<Arc<dyn Bridge>>,
}

/// `Store: my_models.battery:MyBattery`.
impl fmt::Display for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.models.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "{}: {}", names.join(", "), self.run_by.join(" and "))
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
    /// The programs that step it, where it is made of such.
    pub programs: Option<Programs>,
}

impl GraphModel {
    /// The models of the scenario that it is, each with its type: itself, or those that other programs step together.
    pub fn in_scenario(&self) -> impl Iterator<Item = (&str, &str)> {
        let (own, others) = if let Some(programs) = &self.programs {
            (None, programs.models.as_slice())
        } else {
            let kind = &*self.instance.model_type.name;
            (Some((self.config.name.as_str(), kind)), [].as_slice())
        };
        let others = others
            .iter()
            .map(|(name, kind)| (name.as_str(), kind.as_str()));
        own.into_iter().chain(others)
    }

    /// The files that it may write.
    pub fn files_written(&self) -> FilesWritten {
        self.config.files_written(&self.instance.model_type)
    }

    /// The type of the model, or those that other programs step together.
    pub fn type_name(&self) -> String {
        let mut types: Vec<&str> = Vec::new();
        for (_, kind) in self.in_scenario() {
            if !types.contains(&kind) {
                types.push(kind);
            }
        }
        types.join(", ")
    }
}

/// What is recorded, and where.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// The result file, relative to the working directory. Its folder may not exist yet.
    pub file: PathBuf,
    /// Where the rows go beside it.
    pub beside: Beside,
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
