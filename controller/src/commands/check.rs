//! `controller check`.

use std::path::Path;

use serde_json::{Value as Json, json};
use shared::plan::CONTROLLER;
use shared::time::Tick;

use super::failure::{self, Failure};
use super::loading::Programs;
use crate::arguments::Check;
use crate::cluster::{
    ClusterError, Endpoint, Node, NodeAccess, Reached, Service, THIS_MACHINE, reach,
};
use crate::observers::Remarks;
use crate::output::{answer_line, count, printable, say_line};
use crate::outputs::{Output, Outputs, scenario_files};
use crate::run::RunError;
use crate::scenario::{Graph, GraphModel, Problem};

/// Checks scenarios and asks their nodes; of several errors the worst exit code counts.
pub(crate) fn check(arguments: &Check) -> Result<(), Failure> {
    let talk = !arguments.quiet && !arguments.json;
    let (mut worst, mut fine, mut answers) = (0, 0, Vec::new());
    let mut programs = Programs::new(arguments.into());
    for path in &arguments.scenarios {
        let mut checked = Checked::default();
        let error = try_check(path, arguments, talk, &mut programs, &mut checked).err();
        answers.push(to_json(path, error.as_ref(), &checked));
        fine += u64::from(error.is_none());
        if let Some(error) = error.map(Failure::Run) {
            error.print();
            worst = worst.max(error.exit_code());
        }
    }
    if answers.is_empty() {
        let text = "name a scenario: 'controller check scenario.yaml'";
        return Err(Failure::Usage(text.to_owned()));
    }
    let number = answers.len() as u64;
    if arguments.json {
        let version = env!("CARGO_PKG_VERSION");
        answer_line!(
            "{:#}",
            json!({"version": version, "files": answers, "exit_code": worst})
        );
    } else if talk && number > 1 {
        answer_line!("{fine} of {} are fine", count(number, "scenario"));
    }
    match worst {
        0 => Ok(()),
        worst => Err(Failure::Several(worst)),
    }
}

/// Notes warnings and shows them, unless `quiet`; with `strict` they are an error.
fn warn(
    warnings: Vec<Problem>,
    quiet: bool,
    strict: bool,
    remarks: &mut Remarks,
) -> Result<(), RunError> {
    remarks.problems(&warnings);
    if strict && !warnings.is_empty() {
        return Err(RunError::Strict(warnings));
    }
    for warning in warnings.iter().filter(|_| !quiet) {
        say_line!(Plain, "{warning:#}");
    }
    Ok(())
}

/// What came of a scenario, for programs: the names are those of the summary of a run.
fn to_json(path: &Path, error: Option<&RunError>, checked: &Checked) -> Json {
    let (problems, left_out) = checked.remarks.to_json();
    json!({
        "file": path.display().to_string(),
        "scenario": checked.scenario,
        "ticks": checked.ticks,
        "models": checked.models,
        "sites": checked.sites,
        "problems": problems,
        "problems_left_out": left_out,
        "error": failure::to_json(error),
    })
}

/// What is known of a scenario, as far as its check has come.
#[derive(Debug, Default)]
struct Checked {
    remarks: Remarks,
    scenario: Option<String>,
    ticks: Option<Tick>,
    models: Vec<Json>,
    /// Where they run, once the nodes have answered.
    sites: Vec<Json>,
}

impl Checked {
    /// Notes a scenario that can run, and where its models are to run.
    fn note_graph(&mut self, graph: &Graph, local: bool) {
        self.scenario = Some(graph.name.clone());
        self.ticks = Some(graph.grid.ticks);
        let model = |model: &GraphModel| {
            let node = model.connect.as_ref().filter(|_| !local);
            let place = node.map_or_else(
                || THIS_MACHINE.to_owned(),
                |node| Endpoint::of(node, Service::Node).to_string(),
            );
            let run_by = model.programs.as_ref().map(|programs| &programs.run_by);
            let json = |(name, kind): (&str, &str)| {
                let mut json = json!({"name": name, "type": kind, "place": place});
                if let Some(run_by) = run_by {
                    json["programs"] = json!(run_by);
                }
                json
            };
            model.in_scenario().map(json).collect::<Vec<_>>()
        };
        self.models = graph.models.iter().flat_map(model).collect();
    }

    /// Notes where the models run, and on what.
    fn note_sites(&mut self, graph: &Graph, reached: &Reached) {
        let own = graph.models.iter().zip(&reached.site_of);
        let own = own.filter(|(_, site)| **site == CONTROLLER);
        let own = own.flat_map(|(model, _)| model.in_scenario());
        let own: Vec<&str> = own.map(|(name, _)| name).collect();
        self.sites.push(json!({
            "name": THIS_MACHINE,
            "release": env!("CARGO_PKG_VERSION"),
            "processor": std::env::consts::ARCH,
            "models": own,
            "sessions": null,
        }));
        self.sites.extend(reached.nodes.iter().map(|node| {
            json!({
                "name": node.name,
                "release": printable(&node.release),
                "processor": printable(&node.processor),
                "models": node.models,
                "sessions": node.sessions,
            })
        }));
    }
}

fn try_check(
    path: &Path,
    arguments: &Check,
    talk: bool,
    programs: &mut Programs,
    checked: &mut Checked,
) -> Result<(), RunError> {
    let Check {
        quiet,
        strict,
        local,
        ..
    } = *arguments;
    let scenario = programs.load(path, local, quiet);
    let scenario = scenario.inspect_err(|error| checked.remarks.load_error(error))?;
    warn(scenario.warnings, quiet, strict, &mut checked.remarks)?;
    let graph = scenario.graph;
    checked.note_graph(&graph, local);
    let files = scenario_files(&graph, Some(path));
    let outputs = Outputs::of(&graph, &Output::Scenario)?.with_parquet(&graph, None)?;
    outputs.refuse_collisions(&files)?;
    warn(outputs.stale_files(), quiet, strict, &mut checked.remarks)?;
    if talk {
        let (models, ticks) = (graph.model_count(), graph.grid.ticks);
        answer_line!(
            "{}: {}, {}: fine",
            path.display(),
            count(models as u64, "model"),
            count(ticks, "tick")
        );
    }
    for note in &graph.notes {
        checked.remarks.note(note);
        if talk {
            answer_line!("note: {note}");
        }
    }
    let reached = if local || !graph.has_nodes() {
        Reached::none(&graph)
    } else {
        smol::block_on(ask_nodes(&graph, arguments))?
    };
    checked.note_sites(&graph, &reached);
    for note in reached.notes(&graph) {
        checked.remarks.note(&note);
        if talk {
            answer_line!("note: {note}");
        }
    }
    if talk && !reached.nodes.is_empty() {
        show_nodes(&graph, &reached);
    }
    Ok(())
}

/// Opens a session on every node of a scenario, and closes it.
async fn ask_nodes(graph: &Graph, arguments: &Check) -> Result<Reached, RunError> {
    let access = NodeAccess::from(arguments);
    let keyring = access.keyring()?;
    let tell = |text: &str| {
        if !arguments.quiet {
            say_line!(Note, "{text}");
        }
    };
    let reached = reach(graph, &keyring, access.wait, &tell).await;
    let mut reached = reached.map_err(ClusterError::Unreachable)?;
    for node in &mut reached.nodes {
        node.close().await;
    }
    Ok(reached)
}

fn show_nodes(graph: &Graph, reached: &Reached) {
    let own = reached
        .site_of
        .iter()
        .filter(|site| **site == CONTROLLER)
        .count();
    if own > 0 && own < graph.models.len() {
        answer_line!("  {THIS_MACHINE}: {}", count(own as u64, "model"));
    }
    for Node {
        name,
        models,
        release,
        processor,
        sessions,
        ..
    } in &reached.nodes
    {
        let models = models.join(", ");
        let (release, processor) = (printable(release), printable(processor));
        let others = match sessions {
            0 => String::new(),
            others => format!(" ({others} other sessions)"),
        };
        answer_line!("  {name}: illuminator-node {release} on {processor}, for {models}{others}");
    }
}
