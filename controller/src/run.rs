//! `controller run`.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use async_signal::Signals;
use shared::files::WorkingDirectory;
use shared::host::Host;
use shared::time::WallTime;
use smol::stream::StreamExt;

use crate::arguments::Run;
use crate::check::{call_nodes, load, look_at_places, notes_on_placement};
use crate::cluster::{Drive, Node, Outcome, Reached, THIS_MACHINE};
use crate::deploy::{StartedNodes, start_nodes};
use crate::exit::{ModelFailure, RunError};
use crate::key::key_path;
use crate::output::{
    Console, MadeFrom, NodeSummary, Recorder, ResultFile, ResultSink, SideFiles, Summary,
    answer_line, claim, count, printable_line, say_line,
};
use crate::outputs::{Outputs, SideFolders, scenario_files};
use crate::placement;
use crate::places::{Named, Target};
use crate::scenario::{Dates, Graph};
use crate::signals;

/// Runs a scenario; returns the exit code.
pub(crate) fn run(arguments: &Run) -> u8 {
    let mut summary = Summary::default();
    let mut made_from = None;
    let error = try_run(arguments, &mut summary, &mut made_from).err();
    summary.made_from = made_from.map(MadeFrom::finish).unwrap_or_default();
    let recorded = if arguments.no_record {
        Ok(())
    } else {
        summary.record(error.as_ref())
    };
    let error = error.or(recorded.err().map(RunError::Output));
    if let Some(error) = &error {
        error.print();
    }
    if arguments.json {
        answer_line!("{:#}", summary.to_json(error.as_ref()));
    } else if !arguments.quiet {
        say_line!(Plain, "{}", summary.to_text().trim_end());
    }
    error.map_or(0, |error| error.exit_code())
}

/// Runs a scenario; the summary says how far it came.
fn try_run(
    arguments: &Run,
    summary: &mut Summary,
    made_from: &mut Option<MadeFrom>,
) -> Result<(), RunError> {
    let asked = Instant::now();
    summary.started = now();
    let graph = load(
        &arguments.scenario,
        arguments.quiet,
        arguments.strict,
        &summary.remarks,
    )?;
    let graph = with_options(graph, arguments);
    summary.scenario = Some(graph.name.clone());
    summary.ticks = graph.grid.ticks;
    let outputs = Outputs::of(&graph, arguments.output.as_deref())?;
    summary.describe(&outputs.target);
    if arguments.json && matches!(outputs.target, Target::Stdout) {
        let text =
            "the rows and --json cannot both go to standard output; name a file with --output";
        return Err(RunError::Usage(text.to_owned()));
    }
    outputs.refuse_collisions(&files_read(&graph, arguments))?;
    look_at_places(
        &outputs,
        arguments.quiet,
        arguments.strict,
        &summary.remarks,
    )?;
    let sink = claim(&outputs.target)?;
    let _claims = outputs.claim_folders()?;
    let mut read = vec![arguments.scenario.clone()];
    read.extend(
        paths_of(&graph, &vec![0; graph.models.len()], 1)
            .concat()
            .into_iter()
            .map(PathBuf::from),
    );
    // Where nobody is told, there is nothing to hash.
    if arguments.json || !arguments.no_record {
        *made_from = Some(MadeFrom::files(read));
    }
    let outputs = (sink, outputs.side_folders, outputs.own_folder);
    smol::block_on(run_on_nodes(graph, arguments, outputs, asked, summary))
}

/// The time in UTC, as far as the calendar goes.
fn now() -> Option<WallTime> {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?;
    let epoch = WallTime::parse("1970-01-01 00:00:00")?;
    Some(epoch.plus(i64::try_from(since.as_secs()).ok()?))
}

/// The graph that the options ask for.
fn with_options(mut graph: Graph, arguments: &Run) -> Graph {
    if arguments.local {
        for model in &mut graph.models {
            model.connect = None;
        }
    }
    if arguments.whole_dates {
        graph.monitor.dates = Dates::Whole;
    }
    graph
}

/// What a run reads, whose loss would be noticed.
fn files_read(graph: &Graph, arguments: &Run) -> Vec<Named> {
    let mut files = scenario_files(graph, &arguments.scenario);
    if graph.has_nodes() {
        let key = key_path(arguments.key.as_deref());
        files.extend(key.map(|key| Named::new("the cluster's key", key)));
    }
    let identity = arguments.identity.as_ref();
    files.extend(identity.map(|identity| Named::new("the private key for ssh", identity)));
    files
}

/// Runs a graph; with `--start`, on nodes that are there for this run only.
async fn run_on_nodes(
    graph: Graph,
    arguments: &Run,
    outputs: (ResultSink, SideFolders, Option<PathBuf>),
    asked: Instant,
    summary: &mut Summary,
) -> Result<(), RunError> {
    let mut signals = signals::that_end().map_err(RunError::System)?;
    let nodes = if arguments.start {
        unless_interrupted(&mut signals, start_nodes(&graph, arguments)).await
    } else {
        Ok(StartedNodes::default())
    };
    let nodes = nodes.inspect_err(|_| summary.start_up = asked.elapsed())?;
    let result = run_graph(graph, arguments, outputs, asked, &mut signals, summary).await;
    nodes.stop().await;
    result
}

async fn run_graph(
    graph: Graph,
    arguments: &Run,
    outputs: (ResultSink, SideFolders, Option<PathBuf>),
    asked: Instant,
    signals: &mut Signals,
    summary: &mut Summary,
) -> Result<(), RunError> {
    let reached = find_nodes(&graph, arguments, signals).await;
    summary.start_up = asked.elapsed();
    let reached = reached?;
    let notes = notes_on_placement(&graph, &reached, &summary.remarks);
    if !arguments.quiet {
        for note in &notes {
            say_line!(Note, "{note}");
        }
        show_plan(&graph, &reached);
    }
    let items = graph.monitor.items.iter().map(|item| item.text.as_str());
    let (sink, side_folders, own_folder) = outputs;
    let file = ResultFile::new(sink, graph.grid, graph.monitor.dates, items);
    let mut file = Recorder::new(file).map_err(RunError::System)?;
    let names: Vec<String> = graph
        .models
        .iter()
        .map(|model| model.config.name.clone())
        .collect();
    let grid = graph.grid;
    let console = Console::new(
        grid,
        names,
        graph.told.clone(),
        (arguments.quiet, arguments.json),
        summary.remarks.clone(),
    );
    let written = graph
        .models
        .iter()
        .map(|m| m.config.files_written(&m.instance.model_type));
    let side_files = SideFiles::new(written.collect(), side_folders, own_folder, grid.ticks);
    let described = Described::new(&graph, &reached);
    let Reached { nodes, site_of, .. } = reached;
    let timeout = Duration::from_secs(arguments.timeout.into());
    let plans = placement::plan(&graph, &site_of, nodes.len() + 1);
    let paths = paths_of(&graph, &site_of, nodes.len() + 1);
    let host = own_host(graph, &site_of, &plans)?;
    let drive = Drive::new(
        host,
        nodes,
        &plans.sites,
        &mut file,
        side_files,
        &console,
        arguments.strict,
        timeout,
    );
    let mut outcome = drive
        .run(&plans.sites, &paths, &WorkingDirectory, signals)
        .await;
    console.end();
    let ended = Instant::now();
    let error = outcome.error.take();
    let failure = outcome.failure.take();
    let error = error.or_else(|| failure.map(|failure| described.failure(failure, grid)));
    let begun = outcome.started.unwrap_or(ended);
    summary.start_up = begun.duration_since(asked);
    summary.wall_time = ended.duration_since(begun);
    let mut settle = || outcome.side_files.settle().and_then(|()| file.settle());
    let result = error.map_or_else(|| settle().map_err(RunError::Output), Err);
    described.sum_up(outcome, summary);
    summary.rows = file.rows();
    summary.settled = result.is_ok();
    result
}

/// Opens a session on every node, unless the user ends it before.
async fn find_nodes(
    graph: &Graph,
    arguments: &Run,
    signals: &mut Signals,
) -> Result<Reached, RunError> {
    if !graph.has_nodes() {
        return Ok(Reached::none(graph));
    }
    let Run {
        ref key,
        insecure,
        wait,
        quiet,
        ..
    } = *arguments;
    let found = call_nodes(graph, (key.as_deref(), insecure), wait, quiet);
    unless_interrupted(signals, found).await
}

/// Does the work, unless the user ends it before.
async fn unless_interrupted<T>(
    signals: &mut Signals,
    work: impl Future<Output = Result<T, RunError>>,
) -> Result<T, RunError> {
    let interrupted = async {
        signals.next().await;
        Err(RunError::Interrupted)
    };
    smol::future::or(interrupted, work).await
}

/// The host of the models that run here, as they were built when the scenario was checked.
fn own_host(graph: Graph, site_of: &[u16], plans: &placement::Plans) -> Result<Host, RunError> {
    let mut instances: Vec<_> = graph
        .models
        .into_iter()
        .map(|model| Some(model.instance))
        .collect();
    let own = graph.order.iter().filter(|model| site_of[**model] == 0);
    let own = own.filter_map(|&model| instances[model].take()).collect();
    let mut host = Host::new(&plans.sites[0], own, &plans.items).map_err(|_| RunError::Plan)?;
    if thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        // Where there is no thread to be had, the host makes all steps itself.
        let _ = host.look_ahead();
    }
    Ok(host)
}

/// The files that each site's models read, each once.
fn paths_of(graph: &Graph, site_of: &[u16], sites: usize) -> Vec<Vec<String>> {
    let mut paths = vec![Vec::new(); sites];
    for (model, &site) in graph.models.iter().zip(site_of) {
        for path in &model.paths {
            let known: &mut Vec<String> = &mut paths[usize::from(site)];
            if !known.contains(path) {
                known.push(path.clone());
            }
        }
    }
    paths
}

fn show_plan(graph: &Graph, reached: &Reached) {
    let Reached { nodes, site_of, .. } = reached;
    let own = graph
        .models
        .iter()
        .zip(site_of)
        .filter(|(_, site)| **site == 0);
    let own: Vec<&str> = own.map(|(model, _)| model.config.name.as_str()).collect();
    say_line!(
        Plain,
        "{}: {} of {} s",
        printable_line(&graph.name),
        count(graph.grid.ticks, "tick"),
        graph.grid.resolution
    );
    if !own.is_empty() {
        say_line!(Plain, "  {THIS_MACHINE}: {}", own.join(", "));
    }
    for Node { name, models, .. } in nodes {
        say_line!(Plain, "  {name}: {}", models.join(", "));
    }
}

/// What is needed to describe a run once the graph has become a host.
struct Described {
    models: Vec<(String, String, u16)>,
    own: Vec<String>,
    nodes: Vec<String>,
}

impl Described {
    fn new(graph: &Graph, reached: &Reached) -> Self {
        let models = graph.models.iter().zip(&reached.site_of);
        let models: Vec<_> = models
            .map(|(model, &site)| {
                (
                    model.config.name.clone(),
                    model.instance.model_type.name.to_string(),
                    site,
                )
            })
            .collect();
        let own = models
            .iter()
            .filter(|(_, _, site)| *site == 0)
            .map(|(name, _, _)| name.clone());
        Self {
            own: own.collect(),
            nodes: reached.nodes.iter().map(|node| node.name.clone()).collect(),
            models,
        }
    }

    fn failure(&self, failure: shared::host::Failure, grid: shared::time::TimeGrid) -> RunError {
        let shared::host::Failure {
            model,
            tick,
            code,
            message,
            inputs,
        } = failure;
        let known = self.models.get(model as usize);
        let (name, model_type, site) = known.cloned().unwrap_or_default();
        let node = usize::from(site)
            .checked_sub(1)
            .and_then(|index| self.nodes.get(index));
        RunError::Model(Box::new(ModelFailure {
            model: name,
            model_type,
            site: node.map_or_else(|| THIS_MACHINE.to_owned(), |node| format!("node {node}")),
            tick,
            time: grid.at(tick),
            code,
            message,
            inputs,
        }))
    }

    /// What each site did.
    fn sum_up(self, outcome: Outcome, summary: &mut Summary) {
        let Outcome {
            nodes,
            relayed,
            report,
            ..
        } = outcome;
        let own = NodeSummary {
            name: THIS_MACHINE.to_owned(),
            release: env!("CARGO_PKG_VERSION").to_owned(),
            processor: std::env::consts::ARCH.to_owned(),
            models: self.own,
            is_final: true,
            steps: report.steps,
            received: 0,
            sent: 0,
            linked: 0,
            waits: report.waits,
        };
        let nodes = nodes.into_iter().map(|node| {
            let is_final = node.report.is_some();
            let report = node.report.unwrap_or_default();
            NodeSummary {
                name: node.name,
                release: printable_line(&node.release).into_owned(),
                processor: printable_line(&node.processor).into_owned(),
                models: node.models,
                is_final,
                steps: if is_final { report.steps } else { node.steps },
                received: node.received,
                sent: node.sent,
                linked: report.linked,
                waits: report.waits,
            }
        });
        summary.sites = std::iter::once(own).chain(nodes).collect();
        summary.relayed = relayed;
    }
}
