//! What a run came to.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use shared::index::Index;
use shared::plan::SiteId;
use shared::time::Tick;
use shared::wire::WaitedFor;

use super::recovery::Takeover;
use crate::output::{count, grouped};
use crate::places::{Place, Target, remove};
use crate::scenario::Programs;

/// What a run came to. Of one that failed: how far it came.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The name of the scenario.
    pub scenario: String,
    /// The rows that the sinks have.
    pub rows: Tick,
    /// Those of them that an earlier run had left, with which this one has gone on.
    pub resumed: Tick,
    /// How many of these have been made again, and are the same.
    pub compared: Tick,
    /// The ticks of the scenario.
    pub ticks: Tick,
    /// What an earlier run has left is none of this one, and stays as it was.
    pub(crate) is_another: bool,
    /// The result, and all that belongs to it, has taken its place.
    pub settled: bool,
    /// Until the first step: reading the scenario, starting and reaching nodes, sending plans.
    pub start_up: Duration,
    /// From the first step to the end.
    pub wall_time: Duration,
    /// When something was lost, and how the run went on.
    pub interruptions: Vec<Interruption>,
    /// What each site did: the controller's own part first, then the nodes. None where nothing ran.
    pub sites: Vec<SiteOutcome>,
    /// The pairs of sites, as places in `sites`, that had no link to each other.
    pub relayed: Vec<(SiteId, SiteId)>,
    /// Where the result is to be; `None` where it goes into no file, or the run failed before that was
    /// known.
    pub(crate) target: Option<Target>,
}

/// A loss after which a run went on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Interruption {
    /// Who was lost, and why.
    pub cause: String,
    /// The address of the node that was lost, if it was one.
    pub node: Option<String>,
    /// The tick before which there were all rows.
    pub tick: Tick,
    /// When it was noticed, from the first step of the run on.
    pub since: Duration,
    /// How long the run was held.
    pub held: Duration,
    /// How many ticks were computed again.
    pub again: Tick,
    /// How long that took.
    pub computing: Duration,
    /// Who runs models in place of nodes that did not come back.
    pub takeovers: Vec<Takeover>,
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tick, held) = (grouped(self.tick), self.held.as_secs_f64());
        write!(f, "the run goes on at tick {tick} after {held:.1} s")?;
        if self.again > 0 {
            let (ticks, computing) = (count(self.again, "tick"), self.computing.as_secs_f64());
            write!(
                f,
                ", of which it took {computing:.1} s to compute {ticks} again"
            )?;
        }
        Ok(())
    }
}

/// What one site did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SiteOutcome {
    /// `this machine`, or the address of the node.
    pub name: String,
    /// The version of its program.
    pub release: String,
    /// Its processor.
    pub processor: String,
    /// The names of its models.
    pub models: Vec<String>,
    /// The programs that made the steps of some of them.
    pub programs: Vec<Programs>,
    /// Whether the number of steps is what the site says at its end, and not what it said before it
    /// was lost.
    pub is_final: bool,
    /// Steps of its models.
    pub steps: u64,
    /// Bytes from it to the controller.
    pub received: u64,
    /// Bytes from the controller to it.
    pub sent: u64,
    /// Bytes to other nodes.
    pub linked: u64,
    /// For whom it waited, and for how long.
    pub waits: Vec<WaitedFor>,
}

impl SiteOutcome {
    /// Adds what the site had done before the run went on after a loss. For whom it waited then is left out: sites had
    /// other numbers.
    pub(super) fn add(&mut self, earlier: &Self) {
        self.is_final &= earlier.is_final;
        self.steps += earlier.steps;
        self.received += earlier.received;
        self.sent += earlier.sent;
        self.linked += earlier.linked;
    }
}

impl Outcome {
    /// Where the result is, if it is in a file.
    pub fn file(&self) -> Option<&Path> {
        self.target.as_ref().map(Target::shown)
    }

    /// Where the rows are that a run has left which did not come to its end.
    pub fn partial(&self) -> Option<PathBuf> {
        let place = self.target.as_ref()?.place()?;
        let partial = place.partial();
        (!self.settled && self.rows > 0 && partial.exists()).then_some(partial)
    }

    /// Where the record of the run belongs: beside the result, or beside the rows that were kept. A run
    /// that left neither has none.
    pub(crate) fn record(&self) -> Option<PathBuf> {
        let place = self.target.as_ref()?.place()?;
        if self.is_another {
            return None;
        }
        if self.settled {
            return Some(place.record());
        }
        self.partial().map(|_| Place::partial_record(place))
    }

    /// Takes away the record that a run has as long as it goes on, where there is that of its end now.
    pub(crate) fn forget_beginning(&self) -> io::Result<()> {
        let place = self.target.as_ref().and_then(Target::place);
        let place = place.filter(|_| self.settled);
        place.map_or(Ok(()), |place| remove(&place.partial_record()))
    }

    /// The name of a site.
    pub fn name_of(&self, site: SiteId) -> &str {
        let site = self.sites.get(site.place());
        site.map_or("?", |site| &site.name)
    }
}
