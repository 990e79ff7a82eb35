//! One variant: its engine runs to the end, and its rows become a file, indicators, or both.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use engine::{Engine, Rows, Turn};
use foreign::LocalHost;
use shared::files::WorkingDirectory;
use shared::model::{Severity, Waker};
use shared::time::Tick;
use shared::value::Value;
use thiserror::Error;

use super::Study;
use super::blueprint::{Blueprint, NotMade};
use super::design::Variant;
use super::indicators::Tallies;
use crate::output::printable_line;
use crate::outputs::{CsvFile, Ending, Output, Outputs, SideFiles, Sink};
use crate::places::{Target, WriteError};
use crate::run::ModelFailure;
use crate::scenario::{GraphModel, Hosting, LoadError, Severity as Weight};

/// Steps in one go: between two of them somebody may want the sweep to end.
const BUDGET: usize = 256 * 1024;

/// So long nobody waits for an answer without looking around.
const LOOK: Duration = Duration::from_millis(100);

/// What came of a variant.
#[derive(Debug)]
pub(crate) enum Came {
    /// Its indicators, if any are wanted.
    Indicators(Vec<Option<f64>>),
    /// An earlier sweep has left its result.
    Kept,
}

/// Why there is no result of a variant.
#[derive(Debug, Error)]
pub(crate) enum VariantError {
    /// Its values are refused.
    #[error("{0}")]
    Refused(String),
    /// A model failed.
    #[error(transparent)]
    Model(Box<ModelFailure>),
    /// A model warned, and warnings are errors.
    #[error("{0}; --strict treats warnings as errors")]
    Warned(String),
    /// Its result cannot be written.
    #[error(transparent)]
    Output(#[from] WriteError),
    /// Somebody ended the sweep.
    #[error("interrupted")]
    Interrupted,
    /// The plan does not fit together: a fault of this program.
    #[error("the plan does not fit together; please report this scenario")]
    Plan,
}

impl Study {
    /// Runs a variant, unless an earlier sweep has its result.
    pub(super) fn run_variant(
        &self,
        variant: &Variant,
        stop: &AtomicBool,
    ) -> Result<Came, VariantError> {
        if self.has_kept(variant.id) {
            return Ok(Came::Kept);
        }
        self.evaluate(variant, stop).map(Came::Indicators)
    }

    /// Runs a variant. Returns its indicators.
    pub(super) fn evaluate(
        &self,
        variant: &Variant,
        stop: &AtomicBool,
    ) -> Result<Vec<Option<f64>>, VariantError> {
        if let Some(blueprint) = &self.blueprint {
            match blueprint.engine(&variant.values, &WorkingDirectory) {
                Ok(engine) => return self.run_engine(variant, blueprint, engine, None, stop),
                Err(NotMade::Refused(model, errors)) => {
                    let why = errors.first().map_or("", |error| error.message.as_str());
                    let name = blueprint.name(model);
                    return Err(VariantError::Refused(format!("model '{name}': {why}")));
                }
                Err(NotMade::OtherShape) => {}
            }
        }
        self.run_alone(variant, stop)
    }

    /// Runs a variant that has nothing in common with others: its scenario is checked in full.
    fn run_alone(
        &self,
        variant: &Variant,
        stop: &AtomicBool,
    ) -> Result<Vec<Option<f64>>, VariantError> {
        let mut hosting = Hosting {
            hosts: &mut LocalHost::new(),
            local: true,
            tell: &mut |_| {},
        };
        let assigned = self.design.assigned(variant);
        let loaded = self.load(&assigned, Some(&mut hosting));
        let (graph, _) = loaded.map_err(|error| VariantError::Refused(first_error(&error)))?;
        let side_files = match &self.files {
            None => None,
            Some(places) => {
                let output = Output::File(places.of(variant.id));
                let outputs = Outputs::of(&graph, &output)?;
                let models = graph.models.iter();
                let written = models.map(GraphModel::files_written);
                let (folders, own) = (outputs.side_folders, outputs.own_folder);
                Some(SideFiles::new(
                    written.collect(),
                    folders,
                    own,
                    graph.grid.ticks,
                ))
            }
        };
        let made = Blueprint::of_one(graph).map_err(|_| VariantError::Plan)?;
        let (blueprint, engine) = made;
        self.run_engine(variant, &blueprint, engine, side_files, stop)
    }

    fn run_engine(
        &self,
        variant: &Variant,
        blueprint: &Blueprint,
        engine: Engine,
        mut side_files: Option<SideFiles>,
        stop: &AtomicBool,
    ) -> Result<Vec<Option<f64>>, VariantError> {
        let file = self.files.as_ref().map(|places| {
            let target = Target::of(&places.of(variant.id))?;
            let mut file = CsvFile::claim(&target, blueprint.grid, self.dates)?;
            file.begin(&blueprint.header);
            Ok::<_, WriteError>(file)
        });
        let own_words = self.describe_if_other(variant);
        let described = own_words.as_ref().unwrap_or(&self.described);
        let mut rows = Gathered {
            tallies: self.indicators.tallies(described, blueprint.grid),
            file: file.transpose()?,
            error: None,
        };
        let mut driven = Driven {
            blueprint,
            engine,
            side_files: &mut side_files,
            strict: self.strict,
        };
        let ended = driven.run(&mut rows, stop);
        let Gathered { tallies, file, .. } = rows;
        let rows = driven.engine.rows();
        if let Some(mut file) = file {
            if let Err(VariantError::Interrupted) = ended {
                // A part of a result is of no use where the whole takes a moment.
                let partial = file.path();
                drop(file);
                let _ = std::fs::remove_file(partial);
                return Err(VariantError::Interrupted);
            }
            if ended.is_err() {
                file.end(Ending::Partial)?;
                side_files.map_or(Ok(()), |files| files.keep_before(rows))?;
                return ended.map(|()| Vec::new());
            }
            file.end(Ending::Complete)?;
            side_files.map_or(Ok(()), |mut files| files.settle())?;
            file.settle()?;
        }
        ended?;
        Ok(tallies.finish())
    }
}

/// An engine on its way.
struct Driven<'a> {
    blueprint: &'a Blueprint,
    engine: Engine,
    side_files: &'a mut Option<SideFiles>,
    strict: bool,
}

impl Driven<'_> {
    /// Runs it to its end.
    fn run(&mut self, rows: &mut Gathered<'_>, stop: &AtomicBool) -> Result<(), VariantError> {
        let (waker, answers) = answers();
        let is_patient = self.engine.attend(&waker, &self.blueprint.plan);
        loop {
            let turn = self.engine.run(BUDGET, rows);
            if let Some(error) = rows.error.take() {
                return Err(error.into());
            }
            let turn = turn.map_err(|_| VariantError::Plan)?;
            self.take_asides()?;
            if stop.load(Ordering::Relaxed) {
                return Err(VariantError::Interrupted);
            }
            match turn {
                Turn::Again => {}
                Turn::Finished => break,
                Turn::Blocked if is_patient => {
                    // Nobody may answer any more, and somebody may want to end it.
                    let _ = answers.recv_timeout(LOOK);
                    self.engine.retry();
                }
                Turn::Blocked => return Err(VariantError::Plan),
            }
        }
        match self.engine.failure() {
            None => Ok(()),
            Some(failure) => {
                let failure = self.blueprint.failure(failure.clone());
                Err(VariantError::Model(Box::new(failure)))
            }
        }
    }

    /// Takes what comes beside rows.
    fn take_asides(&mut self) -> Result<(), VariantError> {
        self.engine.take_entries();
        for notice in self.engine.take_notices() {
            if self.strict && notice.severity == Severity::Warning {
                let name = self.blueprint.name(notice.model);
                let text = printable_line(&notice.text).into_owned();
                return Err(VariantError::Warned(format!("model '{name}': {text}")));
            }
        }
        let files = self.engine.take_files();
        if let Some(side_files) = self.side_files {
            for file in &files {
                side_files.take(file)?;
            }
        }
        Ok(())
    }
}

/// What says that steps which were put off may be made.
fn answers() -> (Waker, Receiver<()>) {
    let (woken, answers) = sync_channel(1);
    let waker = Waker::new(move || {
        // Where one waits to be seen already, that is enough.
        let _ = woken.try_send(());
    });
    (waker, answers)
}

/// What becomes of rows.
struct Gathered<'a> {
    tallies: Tallies<'a>,
    file: Option<CsvFile>,
    error: Option<WriteError>,
}

impl Rows for Gathered<'_> {
    fn row(&mut self, tick: Tick, values: &[Value]) -> io::Result<()> {
        self.tallies.take(tick, values);
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.row(tick, values).map_err(|error| {
            self.error = Some(error);
            io::ErrorKind::Other.into()
        })
    }
}

/// The first thing that is wrong with a scenario.
fn first_error(error: &LoadError) -> String {
    match error {
        LoadError::Refused(problems) => {
            let mut errors = problems.iter().filter(|p| p.severity == Weight::Error);
            errors
                .next()
                .map_or_else(|| error.to_string(), |problem| problem.message.clone())
        }
        LoadError::Unreadable { .. } => error.to_string(),
    }
}
