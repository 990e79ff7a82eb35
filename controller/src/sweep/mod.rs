//! Sweeps: many variants of a scenario, in which parameters have other values.
//!
//! A [`Design`] says which variants there are: all combinations of the values, values that belong together, or the rows
//! of a table. The scenario is read once ([`Template`](crate::scenario::Template)), its values are checked before anything
//! runs, and what all variants have in common becomes a [`Blueprint`]: the plan, and what models do that no value has an
//! influence on, which is computed once and played back ([`Unchanging`](unchanging::Unchanging)). A variant is an engine
//! with its own models of the rest. [`Workers`](workers) run variants side by side; what comes of them is taken in
//! their order, whatever the order in which they are done, so tables are the same on any number of cores and in any
//! [`Share`]s.

mod ask;
mod asked;
mod blueprint;
mod checks;
mod design;
mod factor;
mod indicators;
mod merge;
mod nodes;
mod outputs;
#[cfg(feature = "sinks")]
mod parquet;
mod place;
mod record;
mod rest;
mod samples;
mod share;
mod study;
mod supply;
mod table;
mod table_file;
mod table_place;
#[cfg(test)]
mod tests;
mod trial;
mod unchanging;
mod variant;
mod workers;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use thiserror::Error;

use shared::wire::KeyError;

use crate::chain::chain;
use crate::cluster::{ClusterError, Endpoint, NodeAccess};
use crate::places::{Collision, WriteError};
use crate::scenario::{LoadError, Problem};
use blueprint::Blueprint;
use design::Variant;
use merge::merge;
use record::Record;
use rest::Rest;
use table_file::TableFile;
use variant::{Came, VariantError};
use workers::{Crew, News};

pub(crate) use ask::answer;
pub use share::Share;
pub(crate) use study::Study;
pub(crate) use table::{NUMBER, name_and_unit};

/// What is asked of a sweep.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "switches are what they are")]
pub(crate) struct Options {
    /// `Model.parameter=values`.
    pub(crate) set: Vec<String>,
    /// Values belong together one by one.
    pub(crate) aligned: bool,
    /// A table with a row for each variant.
    pub(crate) samples: Option<PathBuf>,
    /// Indicators beside those of the scenario; `totals` stands for all that these are.
    pub(crate) indicators: Vec<String>,
    /// Where the table goes, or the results.
    pub(crate) output: Option<PathBuf>,
    /// A result file for each variant beside its indicators.
    pub(crate) files: bool,
    /// A scenario for each variant beside its result.
    pub(crate) write_scenarios: bool,
    /// Go on with what an earlier sweep has left.
    pub(crate) resume: bool,
    /// Warnings are errors.
    pub(crate) strict: bool,
    /// So many variants side by side here; `None`: as many as there are cores, or none where nodes run them.
    pub(crate) jobs: Option<usize>,
    /// Nodes that run variants.
    pub(crate) on: Vec<Endpoint>,
    /// How they are met.
    pub(crate) access: NodeAccess,
}

/// Why a sweep did not come to its end.
#[derive(Debug, Error)]
pub(crate) enum SweepError {
    /// The scenario is refused.
    #[error(transparent)]
    Scenario(#[from] LoadError),
    /// Values are wrong, or worth a warning where warnings are errors.
    #[error("{}", Listed(.0))]
    Values(Vec<Problem>),
    /// What is asked for does not go together.
    #[error("{0}")]
    Usage(String),
    /// The values do not make variants, or are wrong and nothing may be wrong.
    #[error("{0}")]
    Refused(String),
    /// A table of samples is wrong.
    #[error("{0}")]
    Table(String),
    /// It would write over what it reads.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// A table or a result cannot be written.
    #[error(transparent)]
    Output(#[from] WriteError),
    /// What an earlier sweep has left is not to be gone on with.
    #[error("{0}")]
    Resume(String),
    /// Nodes cannot be used.
    #[error(transparent)]
    Nodes(ClusterError),
    /// There is no key to show them.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The plan does not fit together: a fault of this program.
    #[error("the plan does not fit together; please report this scenario")]
    Plan,
    /// Somebody ended it.
    #[error("interrupted")]
    Interrupted,
}

/// Problems, one after the other.
struct Listed<'a>(&'a [Problem]);

impl std::fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            let lead = if place == 0 { "" } else { "\n" };
            write!(f, "{lead}{problem:#}")?;
        }
        Ok(())
    }
}

impl SweepError {
    fn unreadable(path: &Path, cause: &io::Error) -> Self {
        Self::Table(format!("cannot read '{}': {cause}", path.display()))
    }
}

/// What there is to say of a sweep while it goes on.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// What its user should know.
    Note(&'a str),
    /// Something is wrong with a value, or surprises.
    Problem(&'a Problem),
    /// A variant failed.
    Failed {
        /// Its number, and the values of its factors.
        variant: &'a str,
        /// Why.
        why: &'a str,
    },
    /// How far it is.
    Progress(Progress),
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// Variants done here.
    pub(crate) done: u64,
    /// Those of them that failed.
    pub(crate) failed: u64,
    /// Those to be done.
    pub(crate) of: u64,
    /// How long that took.
    pub(crate) time: Duration,
}

/// What came of a sweep.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) progress: Progress,
    /// All variants of all shares.
    pub(crate) variants: u64,
    /// Variants that an earlier sweep has done.
    pub(crate) kept: u64,
    /// Variants side by side here; 0 where nodes run them all.
    pub(crate) jobs: usize,
    /// Nodes, and how many variants each of them ran.
    pub(crate) nodes: Vec<(String, u64)>,
    /// Models that step in each variant, and such as are the same in all of them; `None` where each is a run of its own.
    pub(crate) models: Option<(usize, usize)>,
    /// Where results or the table are.
    pub(crate) place: PathBuf,
    /// Shares of the table that are not there yet.
    pub(crate) missing: Vec<String>,
}

/// Runs a sweep, or a share of it.
///
/// # Errors
/// [`SweepError`] says what can go wrong. What was done before is kept.
pub(crate) fn run(
    scenario: &Path,
    options: &Options,
    share: &Share,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Summary, SweepError> {
    let mut study = Study::new(scenario, options, tell)?;
    study.refuse_collisions(share)?;
    let ids = share.of(study.design.count);
    // Where one of them cannot be used, nothing is written.
    let ready = nodes::ready(&study, options, tell)?;
    let record = Record::of(&study, scenario, options);
    let rest = Rest::begin(&mut study, &record, share, options.resume)?;
    if share.is_first() {
        study.outputs.write_combinations(&study.design)?;
    }
    let jobs = match options.jobs {
        Some(jobs) => jobs,
        None if ready.is_empty() => workers::cores(),
        None => 0,
    };
    let mut collector = Collector {
        study: &study,
        table: rest.table,
        progress: Progress {
            of: ids.end - rest.first,
            ..Progress::default()
        },
        kept: rest.first - ids.start,
        begun: Instant::now(),
        tell,
    };
    let crew = Crew { jobs, nodes: ready };
    let ran = workers::run(&study, rest.first..ids.end, crew, stop, &mut |news| {
        collector.take(news)
    });
    let Collector {
        table,
        mut progress,
        kept,
        begun,
        ..
    } = collector;
    progress.time = begun.elapsed();
    let is_whole = ran.is_ok() && progress.done == progress.of;
    table.map_or(Ok(()), |table| table.end(&study, is_whole, stop))?;
    let nodes = ran?;
    if !is_whole {
        return Err(SweepError::Interrupted);
    }
    let missing = match &study.outputs.table {
        Some(table) if !(share.is_whole() || rest.is_over) => {
            merge(&study, table, &record, share, stop)?
        }
        _ => Vec::new(),
    };
    Ok(Summary {
        progress,
        variants: study.design.count,
        kept,
        jobs,
        nodes,
        models: study.blueprint.as_ref().map(Blueprint::models),
        place: match &study.outputs.table {
            Some(table) if missing.is_empty() => table.shown().to_owned(),
            Some(table) => table.lines_of(share),
            None => study.outputs.results_folder(),
        },
        missing,
    })
}

/// Failed variants are named one by one up to this number.
const NAMED: u64 = 20;

/// Takes what comes of variants, in their order.
struct Collector<'a> {
    study: &'a Study,
    table: Option<TableFile>,
    progress: Progress,
    /// Variants that an earlier sweep has done.
    kept: u64,
    begun: Instant,
    tell: &'a mut dyn FnMut(Event<'_>),
}

impl Collector<'_> {
    /// Takes what came of the next variant, or anything else that is new.
    fn take(&mut self, news: News) -> Result<(), SweepError> {
        if let News::Note(text) = &news {
            (self.tell)(Event::Note(text));
        }
        if let News::Done((variant, outcome)) = news {
            self.study.write_scenario(&variant)?;
            let numbers = match outcome {
                Ok(Came::Indicators(numbers)) => numbers,
                Ok(Came::Kept) => {
                    self.kept += 1;
                    self.progress.of -= 1;
                    return Ok(());
                }
                Err(VariantError::Output(error)) => return Err(error.into()),
                Err(VariantError::Interrupted) => return Err(SweepError::Interrupted),
                Err(why) => {
                    self.fail(&variant, &why);
                    self.study.indicators.none()
                }
            };
            self.progress.done += 1;
            if let Some(table) = &mut self.table {
                table.add(&variant, &numbers)?;
            }
        }
        self.progress.time = self.begun.elapsed();
        (self.tell)(Event::Progress(self.progress));
        Ok(())
    }

    /// Names a variant that failed, unless there were many before.
    fn fail(&mut self, variant: &Variant, why: &VariantError) {
        self.progress.failed += 1;
        if self.progress.failed > NAMED {
            return;
        }
        let variant = self.study.describe_variant(variant);
        (self.tell)(Event::Failed {
            variant: &variant,
            why: &chain(why),
        });
    }
}
