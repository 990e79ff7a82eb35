//! What happens in a run, for those who want to hear of it.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use shared::model::{Facet, Severity};
use shared::plan::{ModelId, SiteId};
use shared::progress::Wait;
use shared::time::{Tick, TimeGrid, WallTime};
use shared::value::Value;

use super::outcome::{Interruption, Outcome};
use super::pace::Paced;
use crate::cluster::Standstill;
use crate::output::grouped;
use crate::places::Place;
use crate::scenario::{Graph, Problem, Programs};

/// Something that happens in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A run begins.
    Begins(&'a Begins<'a>),
    /// There is something to be said of the scenario, or of the place where the result goes.
    Problem(&'a Problem),
    /// Something about the run that its user should know.
    Note(&'a str),
    /// What is being done, or waited for, before the first step.
    Status(&'a str),
    /// It is known where the models run.
    Placed(&'a [Site<'a>]),
    /// A model says something.
    Notice(&'a ModelNotice<'a>),
    /// Somebody has changed a value of a model.
    Adjusted(&'a Adjusted<'a>),
    /// How far the run is: this comes about twenty times a second.
    Progress(&'a Progress<'a>),
    /// Something is lost that the run cannot go on without: it holds, until somebody makes up for that.
    Holds(&'a Holding<'a>),
    /// It goes on after that.
    GoesOn(&'a Interruption),
    /// The run has ended, in whatever way.
    Ended(&'a Outcome),
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub struct Begins<'a> {
    /// The scenario.
    pub graph: &'a Graph,
    /// The files that the result is made from: that of the scenario, where it comes from one, then
    /// those that its models read.
    pub files: &'a [PathBuf],
    /// Where the result goes, if it goes into a file.
    pub(crate) place: Option<&'a Place>,
}

/// A process that runs models.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// `this machine`, or the address of the node.
    pub name: &'a str,
    /// The names of its models, in the order of the scenario.
    pub models: Vec<&'a str>,
    /// The programs that make the steps of some of them.
    pub programs: Vec<&'a Programs>,
}

/// What a model says in a run, without stopping it.
#[derive(Clone, Copy, Debug)]
pub struct ModelNotice<'a> {
    /// Its name.
    pub model: &'a str,
    /// The tick of the step.
    pub tick: Tick,
    /// The simulated time of it.
    pub time: WallTime,
    /// How much it is meant.
    pub severity: Severity,
    /// What it says. A node may say what it likes, at any length.
    pub text: &'a str,
}

/// A value of a model that has been changed.
#[derive(Clone, Debug)]
pub struct Adjusted<'a> {
    /// The name of the model.
    pub model: &'a str,
    /// The parameter or the input.
    pub name: &'a str,
    /// The tick of the step from which on it counts.
    pub tick: Tick,
    /// What it is from then on.
    pub value: Value,
}

/// Why a run holds.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    /// Who was lost, and why.
    pub cause: &'a str,
    /// There are rows for all ticks before this one.
    pub tick: Tick,
    /// How long who is away is waited for at most.
    pub patience: Duration,
    /// It is a bridge, whose programs nobody else can run.
    pub is_bridge: bool,
}

impl fmt::Display for Holding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cause, tick) = (self.cause, grouped(self.tick));
        write!(f, "{cause}; the run holds at tick {tick}")?;
        match self.patience.as_secs() {
            0 => Ok(()),
            seconds if self.is_bridge => {
                write!(
                    f,
                    " until the bridge is there again, for {seconds} s at most"
                )
            }
            seconds => write!(
                f,
                " until the node, or another one in its place, is there; after {seconds} s this machine runs its models"
            ),
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The simulated time of the run.
    pub grid: TimeGrid,
    /// There are rows for all ticks before this one.
    pub tick: Tick,
    /// When the sites had their plans, and began; where one was lost, that was the last time.
    pub started: Option<Instant>,
    /// Who is blocking whom, if it has stood still for a second.
    pub waiting: Option<&'a Standstill>,
    /// Its pace, if it has one.
    pub pace: Option<Paced>,
    /// What is newest, for those who want to see some of it.
    pub newest: &'a dyn Newest,
}

/// How far a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteProgress {
    /// Its models have made all steps before this tick.
    pub tick: Tick,
    /// What it waits for at this moment.
    pub wait: Option<Wait>,
}

/// What is newest of a run. Looking at something costs no more than finding it.
pub trait Newest: fmt::Debug {
    /// Those of the newest row, in the order of the columns; none before the first one.
    fn recorded(&self) -> &[Value];

    /// What something of a model has come to; `None` before there is a value, and where it is not known here.
    fn of(&self, model: ModelId, facet: Facet) -> Option<Value>;

    /// How far a site is, as it has said last.
    fn site(&self, site: SiteId) -> SiteProgress;
}

/// Hears what happens in a run, in the thread that runs it: what takes long belongs elsewhere.
pub trait Observer {
    /// Something happens.
    fn hear(&mut self, event: Event<'_>);
}

impl<F: FnMut(Event<'_>)> Observer for F {
    fn hear(&mut self, event: Event<'_>) {
        self(event);
    }
}

/// The observers of a run.
#[derive(Default)]
pub(super) struct Observers<'a>(Vec<Box<dyn Observer + 'a>>);

impl<'a> Observers<'a> {
    pub(super) fn add(&mut self, observer: impl Observer + 'a) {
        self.0.push(Box::new(observer));
    }

    pub(super) fn tell(&mut self, event: Event<'_>) {
        for observer in &mut self.0 {
            observer.hear(event);
        }
    }
}
