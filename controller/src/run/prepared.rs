//! A run before its first step: where it writes, and where its models run.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use scratch::Scratch;
use shared::files::Files;
use shared::index::Table;
use shared::journal::{Outside, What};
use shared::plan::{CONTROLLER, ModelId};
use shared::time::NEVER;

use super::control::Controls;
use super::course::{Course, paths_of};
use super::drive::Edges;
use super::error::RunError;
use super::event::{Begins, Event, Observers, Site};
use super::options::Options;
use super::outcome::Outcome;
use super::pace::{Pace, Pacer, Pacing};
use super::recovery::{Heard, Seen, Sources};
use super::resume::{Prior, go_on, words_of};
use crate::adjusting::Adjustables;
use crate::cluster::{ClusterError, Reached, THIS_MACHINE, reach};
use crate::deploy::{StartedNodes, start_nodes};
use crate::key::key_path;
use crate::outputs::{
    CsvFile, Header, Journal, Outputs, Recorder, SideFiles, Sink, deliveries, parquet_file,
    scenario_files,
};
use crate::places::{FolderClaim, Named, Place, Target, WriteError};
use crate::replay;
use crate::scenario::{Dates, Graph, GraphModel, Position, Problem, Scenario, Severity};

/// A run that may write where it wants to.
pub(super) struct Prepared {
    graph: Graph,
    sinks: Vec<Box<dyn Sink>>,
    side_files: SideFiles,
    journal: Journal,
    /// For what a loss needs to be computed again.
    scratch: Scratch,
    pacer: Option<Pacer>,
    adjustables: Adjustables,
    /// The rows of an earlier run that this one goes on with.
    shared: Arc<AtomicU64>,
    /// Keep others out of the folders of side files.
    _claims: Vec<FolderClaim>,
}

impl Prepared {
    /// Sees whether a run is what its user wants, and claims what it writes.
    pub(super) fn new(
        scenario: Scenario,
        options: &Options,
        mut sinks: Vec<Box<dyn Sink>>,
        observers: &mut Observers<'_>,
        outcome: &mut Outcome,
    ) -> Result<Self, RunError> {
        let adjustables = Adjustables::of(&scenario.graph);
        let mut graph = with_options(scenario.graph, options, &adjustables)?;
        let pace = options
            .pace
            .or(options.steerable.then_some(Pace::UNLIMITED));
        let pacer = pace.map(|pace| pace.pacer(graph.grid)).transpose();
        let pacer = pacer.map_err(|invalid| RunError::Usage(invalid.to_string()))?;
        warn(scenario.warnings, options.strict, observers)?;
        if options.pace.is_none() && options.replay.is_none() {
            let hurry = hurry_past_sockets(&graph, scenario.path.as_deref());
            warn(hurry.into_iter().collect(), options.strict, observers)?;
        }
        let outputs = Outputs::of(&graph, &options.output)?
            .with_parquet(&graph, options.beside.parquet.as_deref())?
            .with_journal(&graph, options)?;
        outcome.target.clone_from(&outputs.target);
        if let Some(text) = outputs.share_stdout(options.stdout_is_taken) {
            return Err(RunError::Usage(text));
        }
        outputs.refuse_collisions(&files_read(&graph, scenario.path.as_ref(), options))?;
        warn(outputs.stale_files(), options.strict, observers)?;
        let target = outputs.target.as_ref();
        let file = target.map(|target| CsvFile::claim(target, graph.grid, graph.monitor.dates));
        let mut file = file.transpose()?;
        if let Some(target) = &outputs.parquet {
            sinks.extend(parquet_file(target)?);
        }
        let delivered = deliveries(&graph, &options.beside, outputs.target.is_some());
        sinks.extend(delivered.map_err(RunError::Usage)?);
        let names = graph.models.iter().map(|model| model.config.name.clone());
        let (seen, told) = (outputs.journal.as_ref(), outputs.cable_log.as_ref());
        let mut journal = Journal::claim(seen, told, names.collect(), adjustables.clone())?;
        let scratch = scratch(target);
        if let Some(file) = &mut file {
            file.goes_before(&scratch);
        }
        journal.goes_before(&scratch);
        let claims = outputs.claim_folders()?;
        let mut files = Vec::from_iter(scenario.path);
        let read = paths_of(&graph, &Reached::none(&graph).site_of, 1).concat();
        files.extend(read.into_iter().map(PathBuf::from));
        files.extend(options.replay.clone());
        if options.resume {
            outcome.resumed = go_on(Prior {
                target,
                file: file.as_mut(),
                journal: &mut journal,
                is_replay: options.replay.is_some(),
                files: &files,
                adjustables: &adjustables,
                graph: &mut graph,
            })?;
        }
        let shared = file.as_ref().map(CsvFile::shared);
        if let Some(file) = file {
            sinks.insert(0, Box::new(file));
        }
        observers.tell(Event::Begins(&Begins {
            graph: &graph,
            files: &files,
            // What an earlier run has left has the record of that, if any.
            place: target
                .and_then(Target::place)
                .filter(|_| outcome.resumed == 0),
        }));
        if options.resume {
            observers.tell(Event::Note(&words_of(outcome.resumed, target)));
        }
        for note in &graph.notes {
            observers.tell(Event::Note(note));
        }
        let models = graph.models.iter();
        let written = models.map(GraphModel::files_written);
        let side_files = SideFiles::new(
            written.collect(),
            outputs.side_folders,
            outputs.own_folder,
            graph.grid.ticks,
        );
        Ok(Self {
            graph,
            sinks,
            side_files,
            journal,
            scratch,
            pacer: pacer.map(|pacer| pacer.from(outcome.resumed)),
            adjustables,
            shared: shared.unwrap_or_default(),
            _claims: claims,
        })
    }

    /// Runs it; with [`Options::start`], on nodes that are there for this run only.
    pub(super) async fn run<'o>(
        self,
        options: &Options,
        observers: &mut Observers<'o>,
        controls: &mut Controls<'o>,
        files: &dyn Files,
        asked: Instant,
        outcome: &mut Outcome,
    ) -> Result<(), RunError> {
        let nodes = match &options.start {
            None => Ok(StartedNodes::default()),
            Some(start) => {
                let tell = RefCell::new(&mut *observers);
                let tell = |text: &str| tell.borrow_mut().tell(Event::Status(text));
                let starting = async {
                    Ok(
                        start_nodes(&self.graph, start, options.access.key.as_deref(), &tell)
                            .await?,
                    )
                };
                controls.unless_stopped(starting).await
            }
        };
        let nodes = nodes.inspect_err(|_| outcome.start_up = asked.elapsed())?;
        let result = self
            .run_on_nodes(options, observers, controls, files, asked, outcome)
            .await;
        nodes.stop().await;
        result
    }

    async fn run_on_nodes<'o>(
        self,
        options: &Options,
        observers: &mut Observers<'o>,
        controls: &mut Controls<'o>,
        files: &dyn Files,
        asked: Instant,
        outcome: &mut Outcome,
    ) -> Result<(), RunError> {
        let Self {
            mut graph,
            sinks,
            mut side_files,
            mut journal,
            scratch,
            pacer,
            adjustables,
            shared,
            _claims: claims,
        } = self;
        let reached = find_nodes(&graph, options, observers, controls).await;
        outcome.start_up = asked.elapsed();
        let reached = reached?;
        tell_placement(&graph, &reached, observers);
        let header = Header::of(&graph);
        let mut rows = Recorder::new(sinks, &header).map_err(RunError::System)?;
        let announced = std::mem::take(&mut graph.announced);
        let names = graph.models.iter().map(|model| model.config.name.clone());
        let names: Table<ModelId, String> = names.collect();
        let sources = Sources::of(&mut graph, scratch);
        let kept = sources.kept();
        let seen = kept.and_then(|scratch| Seen::of(&graph, scratch));
        let mut edges = Edges {
            rows: &mut rows,
            side_files: &mut side_files,
            journal: &mut journal,
            observers,
            controls,
            begun: None,
            patience: options.patience,
            pacing: pacer.map(Pacing::new),
            answers: None,
            names: &names,
            adjustables: &adjustables,
            heard: Heard::nothing(names.len(), kept),
            kept: kept.cloned(),
            seen,
            is_replay: options.replay.is_some(),
            announced: &announced,
            strict: options.strict,
        };
        let course = Course::new(graph, sources, options, files);
        let result = course.run(reached, &mut edges, asked, outcome).await;
        let result: Result<(), RunError> = result.and_then(|()| {
            side_files
                .settle()
                .and_then(|()| journal.settle())
                .and_then(|()| rows.settle())
                .map_err(RunError::Output)
        });
        for note in rows.finish() {
            observers.tell(Event::Note(&note));
        }
        drop(claims);
        outcome.rows = rows.rows();
        if outcome.resumed > 0 {
            outcome.rows = rows.rows_of_result();
            outcome.compared = rows.made().min(shared.load(Ordering::Relaxed));
        }
        if let Err(RunError::Output(WriteError::NotTheSame { path, line })) = &result
            && outcome
                .target
                .as_ref()
                .and_then(Target::place)
                .map(Place::partial)
                .as_ref()
                == Some(path)
        {
            // Those before it, and the header, were the same.
            outcome.compared = line.saturating_sub(2);
            outcome.is_another = true;
        }
        outcome.settled = result.is_ok();
        result
    }
}

/// Where is kept what a loss needs to be computed again: beside the result, and where that is no file, where this process
/// works.
fn scratch(target: Option<&Target>) -> Scratch {
    let place = target.and_then(Target::place).map(Place::path);
    let folder = place.and_then(Path::parent).unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    Scratch::in_folder(folder.to_owned())
}

/// The graph that the options ask for.
fn with_options(
    mut graph: Graph,
    options: &Options,
    adjustables: &Adjustables,
) -> Result<Graph, RunError> {
    if options.local {
        for model in &mut graph.models {
            model.connect = None;
        }
    }
    if options.whole_dates {
        graph.monitor.dates = Dates::Whole;
    }
    let recorded = options.replay.as_ref();
    let recorded = recorded.map(|path| replay::read(path, &graph, adjustables));
    let mut recorded = recorded.transpose()?.map(Table::into_iter);
    let values = replay::values(&options.values, adjustables).map_err(RunError::Usage)?;
    let ids: Vec<ModelId> = graph.models.ids().collect();
    for (id, model) in ids.into_iter().zip(&mut graph.models) {
        let at_start = values.iter().filter(|(model, _)| *model == id);
        let mut comes: Vec<_> = at_start
            .map(|(_, changed)| (0, What::Adjusted(*changed)))
            .collect();
        comes.extend(
            recorded
                .as_mut()
                .and_then(Iterator::next)
                .into_iter()
                .flatten(),
        );
        model.outside = Outside {
            comes,
            recorded: if options.replay.is_some() { NEVER } else { 0 },
            log: options.cable_log.is_some(),
            paced: options.pace.is_some(),
            open: options.steerable && adjustables.has(id),
        };
    }
    Ok(graph)
}

/// Tells of warnings; with `strict` they are an error.
fn warn(
    warnings: Vec<Problem>,
    strict: bool,
    observers: &mut Observers<'_>,
) -> Result<(), RunError> {
    for warning in &warnings {
        observers.tell(Event::Problem(warning));
    }
    if strict && !warnings.is_empty() {
        return Err(RunError::Strict(warnings));
    }
    Ok(())
}

/// Warns of models that look at sockets in a run without a pace: it would be over before anybody has
/// plugged in a cable.
fn hurry_past_sockets(graph: &Graph, scenario: Option<&Path>) -> Option<Problem> {
    let mut models = graph.models.iter();
    let model = models.find(|model| model.instance.sockets.is_some())?;
    let file = scenario.map_or(graph.name.clone(), |path| path.display().to_string());
    let (name, model_type) = (&model.config.name, &model.instance.model_type.name);
    Some(Problem {
        severity: Severity::Warning,
        code: "no_pace".into(),
        file: file.into(),
        position: Position::START,
        message: format!(
            "'{name}' ({model_type}) looks at cables, and the run goes as fast as it can, so nobody could \
             see what they show or plug one in; give it a pace, such as --pace 2/s"
        ),
        excerpt: None,
    })
}

/// What a run reads, whose loss would be noticed.
fn files_read(graph: &Graph, scenario: Option<&PathBuf>, options: &Options) -> Vec<Named> {
    let mut files = scenario_files(graph, scenario.map(PathBuf::as_path));
    let replayed = options.replay.as_ref();
    files.extend(replayed.map(|journal| Named::new("the journal of an earlier run", journal)));
    if graph.has_nodes() {
        let key = key_path(options.access.key.as_deref());
        files.extend(key.map(|key| Named::new("the cluster's key", key)));
    }
    let identity = options
        .start
        .as_ref()
        .and_then(|start| start.login.identity.as_ref());
    files.extend(identity.map(|identity| Named::new("the private key for ssh", identity)));
    files
}

/// Opens a session on every node, unless somebody ends the run before.
async fn find_nodes(
    graph: &Graph,
    options: &Options,
    observers: &mut Observers<'_>,
    controls: &mut Controls<'_>,
) -> Result<Reached, RunError> {
    if !graph.has_nodes() {
        return Ok(Reached::none(graph));
    }
    let observers = RefCell::new(observers);
    let tell = |text: &str| observers.borrow_mut().tell(Event::Status(text));
    let found = async {
        let keyring = options.access.keyring()?;
        let reached = reach(graph, &keyring, options.access.wait, &tell).await;
        reached.map_err(|nodes| ClusterError::Unreachable(nodes).into())
    };
    controls.unless_stopped(found).await
}

/// Tells where the models run, and what there is to say of it.
fn tell_placement(graph: &Graph, reached: &Reached, observers: &mut Observers<'_>) {
    for note in reached.notes(graph) {
        observers.tell(Event::Note(&note));
    }
    let models = graph.models.iter().zip(&reached.site_of);
    let own = models.filter(|(_, site)| **site == CONTROLLER);
    let own = own.flat_map(|(model, _)| model.in_scenario());
    let programs = graph
        .models
        .iter()
        .filter_map(|model| model.programs.as_ref());
    let own = Site {
        name: THIS_MACHINE,
        models: own.map(|(name, _)| name).collect(),
        programs: programs.collect(),
    };
    let nodes = reached.nodes.iter().map(|node| Site {
        name: &node.name,
        models: node.models.iter().map(String::as_str).collect(),
        programs: Vec::new(),
    });
    let sites: Vec<Site<'_>> = std::iter::once(own).chain(nodes).collect();
    observers.tell(Event::Placed(&sites));
}
