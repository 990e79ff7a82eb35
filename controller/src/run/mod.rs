//! A run, from a scenario that is loaded to its rows.

mod control;
mod course;
mod described;
mod drive;
mod error;
mod event;
mod options;
mod outcome;
mod pace;
mod prepared;
mod recovery;
mod resume;
mod silence;
mod words;

use std::fmt;
use std::time::Instant;

use shared::files::{Files, WorkingDirectory};
use smol::stream::Stream;

use crate::outputs::{Output, Sink};
use crate::scenario::Scenario;
use control::Controls;
use event::Observers;
use prepared::Prepared;

pub use control::Control;
pub(crate) use error::WARNED;
pub use error::{ModelFailure, RunError};
pub use event::{
    Adjusted, Begins, Event, Holding, ModelNotice, Newest, Observer, Progress, Site, SiteProgress,
};
pub use options::Options;
pub use outcome::{Interruption, Outcome, SiteOutcome};
pub use pace::{InvalidPace, Pace, Paced};
pub use recovery::Takeover;
#[cfg(test)]
pub(crate) use recovery::{Again, Asides, Comparison, Lost, Part, Sources, Standby};
pub use resume::ResumeError;

/// A run of a scenario: here, and on the nodes that it names.
///
/// ```
/// use controller::{Output, Run, Scenario, Table};
///
/// # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
/// let scenario = Scenario::load("scenarios/power-balance.yaml")?;
/// let table = Table::default();
/// let outcome = Run::new(scenario)
///     .output(Output::Nowhere)
///     .sink(table.clone())
///     .start()?;
/// assert_eq!(outcome.rows, outcome.ticks);
/// let column = &table.columns()[0];
/// println!("{} in {:?}: {:?}", column.name, column.unit, table.column(&column.name));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a run does nothing until it is started"]
pub struct Run<'a> {
    scenario: Scenario,
    options: Options,
    sinks: Vec<Box<dyn Sink>>,
    observers: Observers<'a>,
    controls: Controls<'a>,
    files: &'a dyn Files,
}

impl<'a> Run<'a> {
    /// A run of this scenario, as `controller run` does it without any option.
    pub fn new(scenario: Scenario) -> Self {
        Self {
            scenario,
            options: Options::default(),
            sinks: Vec::new(),
            observers: Observers::default(),
            controls: Controls::none(),
            files: &WorkingDirectory,
        }
    }

    /// With these options in place of those so far.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// With the rows in this place.
    pub fn output(mut self, output: Output) -> Self {
        self.options.output = output;
        self
    }

    /// With one more sink for the rows.
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sinks.push(Box::new(sink));
        self
    }

    /// With one more observer, such as a closure that takes an [`Event`].
    pub fn observe(mut self, observer: impl Observer + 'a) -> Self {
        self.observers.add(observer);
        self
    }

    /// With somebody who may hold and end the run, and change its pace. What has come by then is done before the first step.
    pub fn control(mut self, controls: impl Stream<Item = Control> + 'a) -> Self {
        self.controls = Controls::of(controls);
        self
    }

    /// With the data files that go to nodes from elsewhere than the working directory.
    pub fn files(mut self, files: &'a dyn Files) -> Self {
        self.files = files;
        self
    }

    /// Runs the scenario to its end.
    ///
    /// # Errors
    /// [`RunError`] says what can go wrong. Rows that were made before are kept, and
    /// [`Event::Ended`] comes in any case.
    pub fn start(self) -> Result<Outcome, RunError> {
        let now = Instant::now();
        let Self {
            scenario,
            options,
            sinks,
            mut observers,
            mut controls,
            files,
        } = self;
        let asked = now.checked_sub(scenario.read_in).unwrap_or(now);
        let mut outcome = Outcome {
            scenario: scenario.graph.name.clone(),
            ticks: scenario.graph.grid.ticks,
            ..Outcome::default()
        };
        let prepared = Prepared::new(scenario, &options, sinks, &mut observers, &mut outcome);
        let result = prepared.and_then(|prepared| {
            let (observers, controls) = (&mut observers, &mut controls);
            let run = prepared.run(&options, observers, controls, files, asked, &mut outcome);
            smol::block_on(run)
        });
        observers.tell(Event::Ended(&outcome));
        result.map(|()| outcome)
    }
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("scenario", &self.scenario.graph.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
