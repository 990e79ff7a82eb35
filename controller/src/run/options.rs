//! What can be asked for in a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::cluster::NodeAccess;
use crate::deploy::StartOptions;
use crate::outputs::Output;
use crate::places::Beside;
use crate::run::Pace;
use crate::scenario::Connect;

/// What is asked for in a run beyond its scenario.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Options {
    /// Where the rows go, beside the sinks that are given to the run.
    pub output: Output,
    /// Where the rows go beside that: what is named here counts instead of what the scenario says of it.
    pub beside: Beside,
    /// Where the journal goes: what comes from outside of the simulation in this run. Without it that of a
    /// scenario with cables, or of one with programs that runs with a pace, goes beside the result, as
    /// `NAME.journal.csv`.
    pub journal: Option<PathBuf>,
    /// Where it is written what each socket with a cable is told in each step.
    pub cable_log: Option<PathBuf>,
    /// What came from outside in an earlier run comes again, from its journal. Nothing comes from outside
    /// beside it.
    pub replay: Option<PathBuf>,
    /// The run goes on with what an earlier one has left in the result that is not complete: the rows there are computed again
    /// and compared, and new ones follow. Where there are none, it begins.
    pub resume: bool,
    /// The folder in which sockets of this machine are devices.
    pub devices: PathBuf,
    /// Every row has date and time; otherwise a row at midnight has no time.
    pub whole_dates: bool,
    /// Every model runs here, whatever the scenario says of nodes.
    pub local: bool,
    /// Warnings are errors. One that comes in the run ends it.
    pub strict: bool,
    /// How long a node may be out of reach. Shorter outages are survived, and 3 s later it counts as
    /// lost.
    pub timeout: Duration,
    /// Nodes that take over from others that are away.
    pub spares: Vec<Connect>,
    /// How long a node that is away is waited for, until this machine runs its models.
    pub patience: Duration,
    /// How fast it goes; as fast as it can where there is none.
    pub pace: Option<Pace>,
    /// It can be paused, get another pace and other values while it goes on, also where it has no pace at first.
    pub steerable: bool,
    /// Parameters, and inputs to which nothing is connected, by their names (`Model.houses`), that have other values than
    /// the scenario says, from the first step on. They are in the journal.
    pub values: BTreeMap<String, f64>,
    /// How nodes are met.
    pub access: NodeAccess,
    /// Nodes are started over ssh for this run where none listens.
    pub start: Option<StartOptions>,
    /// The caller writes to standard output itself, so the rows must go elsewhere.
    pub stdout_is_taken: bool,
}

impl Default for Options {
    /// What `controller run` does without any option.
    fn default() -> Self {
        Self {
            output: Output::default(),
            beside: Beside::default(),
            journal: None,
            cable_log: None,
            replay: None,
            resume: false,
            devices: cables::DEVICES.into(),
            whole_dates: false,
            local: false,
            strict: false,
            timeout: Duration::from_secs(10),
            spares: Vec::new(),
            patience: Duration::from_secs(30),
            pace: None,
            steerable: false,
            values: BTreeMap::new(),
            access: NodeAccess::default(),
            start: None,
            stdout_is_taken: false,
        }
    }
}
