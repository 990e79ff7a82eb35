//! Variants: their engine runs to the end, and their rows become a file, indicators, or both.

use std::io;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use engine::variant::{NotMade, take_value};
use engine::{Engine, PlanError, Rows, Turn};
use shared::model::{Severity, Waker};
use shared::plan::SitePlan;
use shared::time::Tick;
use shared::value::Value;
use shared::variant::{Numbers, Outcome, Tallies};
use thiserror::Error;

use super::Study;
use super::blueprint::{Told, of_one};
use super::design::Variant;
use super::indicators::Described;
use super::workers::Done;
use crate::cluster::THIS_MACHINE;
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
    /// Runs variants, unless an earlier sweep has their results.
    pub(super) fn run_variants(&self, variants: Vec<Variant>, stop: &AtomicBool) -> Vec<Done> {
        let (mut done, wanted) = self.take_kept(variants);
        let came = self.evaluate(&wanted, stop);
        let came = came.into_iter().map(|came| came.map(Came::Indicators));
        done.extend(wanted.into_iter().zip(came));
        done
    }

    /// Takes out of variants those whose results an earlier sweep has left, which are done; and the others.
    pub(super) fn take_kept(&self, variants: Vec<Variant>) -> (Vec<Done>, Vec<Variant>) {
        let is_kept = |variant: &Variant| self.outputs.has_kept(variant.id);
        let (kept, wanted): (Vec<_>, Vec<_>) = variants.into_iter().partition(is_kept);
        let kept = kept.into_iter().map(|variant| (variant, Ok(Came::Kept)));
        (kept.collect(), wanted)
    }

    /// Runs variants, in one engine where they go together. Returns the indicators of each.
    pub(super) fn evaluate(
        &self,
        variants: &[Variant],
        stop: &AtomicBool,
    ) -> Vec<Result<Vec<Option<f64>>, VariantError>> {
        match self.evaluate_together(variants, stop) {
            Ok(all) => all.into_iter().map(Ok).collect(),
            Err(VariantError::Interrupted) => {
                let interrupted = variants.iter().map(|_| Err(VariantError::Interrupted));
                interrupted.collect()
            }
            // One of them is not like the others. What comes of it is what comes of it alone, and they go on without it.
            Err(_) if variants.len() > 1 => {
                let (some, others) = variants.split_at(variants.len() / 2);
                let mut all = self.evaluate(some, stop);
                all.append(&mut self.evaluate(others, stop));
                all
            }
            Err(error) => vec![Err(error)],
        }
    }

    /// Runs variants in one engine. Where there are several, an error says no more than that something is out of the ordinary.
    fn evaluate_together(
        &self,
        variants: &[Variant],
        stop: &AtomicBool,
    ) -> Result<Vec<Vec<Option<f64>>>, VariantError> {
        if let Some(blueprint) = &self.blueprint {
            let told = &blueprint.told;
            match blueprint.engine(variants) {
                Ok((engine, plan)) => {
                    return self.run_engine(variants, told, (engine, plan, None), stop);
                }
                Err(NotMade::Plan(PlanError::Build { model, errors })) => {
                    let why = errors.first().map_or("", |error| error.message.as_str());
                    let name = told.name(model);
                    return Err(VariantError::Refused(format!("model '{name}': {why}")));
                }
                Err(NotMade::Plan(_)) => return Err(VariantError::Plan),
                Err(NotMade::OtherShape) => {}
            }
        }
        match variants {
            [variant] => self.run_alone(variant, stop),
            _ => Err(VariantError::Plan),
        }
    }

    /// Runs a variant that has nothing in common with others: its scenario is checked in full.
    fn run_alone(
        &self,
        variant: &Variant,
        stop: &AtomicBool,
    ) -> Result<Vec<Vec<Option<f64>>>, VariantError> {
        let assigned = self.design.assigned(variant);
        let loaded = Hosting::here(true, |hosting| self.load(&assigned, Some(hosting)));
        let (graph, _) = loaded.map_err(|error| VariantError::Refused(first_error(&error)))?;
        let side_files = match &self.outputs.files {
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
        let (told, plan, engine) = of_one(graph).map_err(|_| VariantError::Plan)?;
        let driven = (engine, &plan, side_files);
        self.run_engine(slice::from_ref(variant), &told, driven, stop)
    }

    fn run_engine(
        &self,
        variants: &[Variant],
        told: &Told,
        (engine, plan, mut side_files): (Engine, &SitePlan, Option<SideFiles>),
        stop: &AtomicBool,
    ) -> Result<Vec<Vec<Option<f64>>>, VariantError> {
        let own_words = variants.iter().map(|v| self.describe_if_other(v));
        let own_words: Vec<Option<Described>> = own_words.collect();
        let described = own_words.iter();
        let described = described.map(|own| own.as_ref().unwrap_or(&self.described));
        let tallies = described.clone().map(|own| own.tallies().begin(told.grid));
        let mut rows = Gathered {
            tallies: tallies.collect(),
            width: told.header.columns.len(),
            // Where results are wanted, variants do not go together.
            file: match variants {
                [variant] => self.open_result(variant, told)?,
                _ => None,
            },
            error: None,
        };
        let mut driven = Driven {
            told,
            engine,
            side_files: &mut side_files,
            strict: self.strict,
        };
        let ended = driven.run(&mut rows, plan, stop);
        let Gathered { tallies, file, .. } = rows;
        let made = driven.engine.rows();
        close_result(file, side_files, made, ended)?;
        let came = described.zip(tallies);
        Ok(came
            .map(|(own, tallies)| own.indicators(&tallies.finish()))
            .collect())
    }

    /// Takes what came of one variant with such columns on a node, with its rows where they are wanted; `None` where it is to be
    /// run here.
    pub(super) fn take_outcome(
        &self,
        variant: &Variant,
        described: &Described,
        (outcome, rows): (Outcome, &[u8]),
        node: &str,
    ) -> Option<Result<Vec<Option<f64>>, VariantError>> {
        let told = &self.blueprint.as_ref()?.told;
        let (ended, numbers) = match outcome {
            Outcome::Elsewhere => return None,
            Outcome::Failed(failure) => {
                let failure = told.failure(failure, node);
                let failed = Err(VariantError::Model(Box::new(failure)));
                (failed, Numbers::default())
            }
            Outcome::Numbers {
                mut numbers,
                warning,
            } => {
                let numbers = numbers.pop().unwrap_or_default();
                let warned = warning.filter(|_| self.strict);
                let ended = warned.map_or(Ok(()), |notice| Err(told.warned(&notice)));
                (ended, numbers)
            }
        };
        let written = self.write_rows(variant, told, rows, ended);
        Some(written.map(|()| described.indicators(&numbers)))
    }

    /// Writes the rows of a variant that ran elsewhere, if they are wanted.
    fn write_rows(
        &self,
        variant: &Variant,
        told: &Told,
        mut rows: &[u8],
        ended: Result<(), VariantError>,
    ) -> Result<(), VariantError> {
        let Some(mut file) = self.open_result(variant, told)? else {
            return ended;
        };
        let mut tick = 0;
        let mut row = Vec::new();
        while let Some(value) = take_value(&mut rows) {
            row.push(value);
            if row.len() == told.header.columns.len() {
                file.row(tick, &row)?;
                row.clear();
                tick += 1;
            }
        }
        if ended.is_ok() && tick != told.grid.ticks {
            return Err(VariantError::Plan);
        }
        close_result(Some(file), None, tick, ended)
    }

    /// The result file of a variant, where one is wanted.
    fn open_result(&self, variant: &Variant, told: &Told) -> Result<Option<CsvFile>, WriteError> {
        let Some(places) = &self.outputs.files else {
            return Ok(None);
        };
        let target = Target::of(&places.of(variant.id))?;
        let mut file = CsvFile::claim(&target, told.grid, self.dates)?;
        file.begin(&told.header);
        Ok(Some(file))
    }
}

/// Has the result of a variant take its place, with what is written beside it, or says that it is a part of one.
fn close_result(
    file: Option<CsvFile>,
    side_files: Option<SideFiles>,
    rows: Tick,
    ended: Result<(), VariantError>,
) -> Result<(), VariantError> {
    let Some(mut file) = file else {
        return ended;
    };
    if let Err(VariantError::Interrupted) = ended {
        // A part of a result is of no use where the whole takes a moment.
        let partial = file.path();
        drop(file);
        let _ = std::fs::remove_file(partial);
        return ended;
    }
    if ended.is_err() {
        file.end(Ending::Partial)?;
        side_files.map_or(Ok(()), |files| files.keep_before(rows))?;
        return ended;
    }
    file.end(Ending::Complete)?;
    side_files.map_or(Ok(()), |mut files| files.settle())?;
    file.settle()?;
    Ok(())
}

/// An engine on its way.
struct Driven<'a> {
    told: &'a Told,
    engine: Engine,
    side_files: &'a mut Option<SideFiles>,
    strict: bool,
}

impl Driven<'_> {
    /// Runs it to its end.
    fn run(
        &mut self,
        rows: &mut Gathered<'_>,
        plan: &SitePlan,
        stop: &AtomicBool,
    ) -> Result<(), VariantError> {
        let (waker, answers) = answers();
        let is_patient = self.engine.attend(&waker, plan);
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
                let failure = self.told.failure(failure.clone(), THIS_MACHINE);
                Err(VariantError::Model(Box::new(failure)))
            }
        }
    }

    /// Takes what comes beside rows.
    fn take_asides(&mut self) -> Result<(), VariantError> {
        self.engine.take_entries();
        for notice in self.engine.take_notices() {
            if self.strict && notice.severity == Severity::Warning {
                return Err(self.told.warned(&notice));
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
    /// By variant.
    tallies: Vec<Tallies<'a>>,
    /// How many values a row of one of them has.
    width: usize,
    file: Option<CsvFile>,
    error: Option<WriteError>,
}

impl Rows for Gathered<'_> {
    fn row(&mut self, tick: Tick, values: &mut [Value]) -> io::Result<()> {
        // Where there are no values, there are no rows.
        let own = values.chunks_exact(self.width.max(1));
        for (tallies, values) in self.tallies.iter_mut().zip(own) {
            tallies.take(values);
        }
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
