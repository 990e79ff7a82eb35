//! `controller check`, and what `run` has in common with it.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::files::WorkingDirectory;
use shared::time::Tick;

use crate::arguments::Check;
use crate::cluster::{ClusterError, Endpoint, Node, Reached, THIS_MACHINE, reach};
use crate::exit::{RunError, USAGE};
use crate::key::Keyring;
use crate::output::{Remarks, answer_line, count, printable, say_line};
use crate::outputs::{Outputs, scenario_files};
use crate::placement;
use crate::scenario::{self, Graph, GraphModel, Problem};

/// Loads and checks a scenario. What there is to say of it goes to the remarks. Its warnings are
/// shown, unless `quiet`, and with `strict` they are errors.
pub(crate) fn load(
    path: &Path,
    quiet: bool,
    strict: bool,
    remarks: &Remarks,
) -> Result<Graph, RunError> {
    let loaded = scenario::load(path, &models::CATALOGUE, &WorkingDirectory);
    match &loaded {
        Ok((_, warnings)) => remarks.problems(warnings),
        Err(error) => remarks.load_error(error),
    }
    let (graph, warnings) = loaded.map_err(|error| RunError::Scenario(format!("{error:#}")))?;
    tell(&warnings, quiet, strict)?;
    Ok(graph)
}

/// Warns of what stands in the places where a run would write, as [`load`] does of its scenario.
pub(crate) fn look_at_places(
    outputs: &Outputs,
    quiet: bool,
    strict: bool,
    remarks: &Remarks,
) -> Result<(), RunError> {
    let warnings = outputs.stale_files();
    remarks.problems(&warnings);
    tell(&warnings, quiet, strict)
}

/// Shows warnings; with `strict` they are an error.
fn tell(warnings: &[Problem], quiet: bool, strict: bool) -> Result<(), RunError> {
    if strict && !warnings.is_empty() {
        let mut lines: Vec<String> = warnings
            .iter()
            .map(|warning| format!("{warning:#}"))
            .collect();
        let count = warnings.len();
        lines.push(format!(
            "error: {count} warning(s), and --strict treats them as errors"
        ));
        return Err(RunError::Scenario(lines.join("\n")));
    }
    if !quiet {
        for warning in warnings {
            say_line!(Plain, "{warning:#}");
        }
    }
    Ok(())
}

/// Checks scenarios and asks their nodes; returns the worst exit code.
pub(crate) fn check(arguments: &Check) -> u8 {
    let talk = !arguments.quiet && !arguments.json;
    let (mut worst, mut fine, mut answers) = (0, 0, Vec::new());
    for path in &arguments.scenarios {
        let mut checked = Checked::default();
        let error = try_check(path, arguments, talk, &mut checked).err();
        if let Some(error) = &error {
            error.print();
        }
        answers.push(to_json(path, error.as_ref(), &checked));
        fine += u64::from(error.is_none());
        worst = worst.max(error.map_or(0, |error| error.exit_code()));
    }
    if answers.is_empty() {
        RunError::Usage("name a scenario: 'controller check scenario.yaml'".to_owned()).print();
        return USAGE;
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
    worst
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
        "error": error.map(RunError::to_json),
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
                |node| Endpoint::of(node).to_string(),
            );
            let (name, kind) = (&model.config.name, &model.instance.model_type.name);
            json!({"name": name, "type": kind, "place": place})
        };
        self.models = graph.models.iter().map(model).collect();
    }

    /// Notes where the models run, and on what.
    fn note_sites(&mut self, graph: &Graph, reached: &Reached) {
        let own = graph.models.iter().zip(&reached.site_of);
        let own = own.filter(|(_, site)| **site == 0);
        let own: Vec<&str> = own.map(|(model, _)| &*model.config.name).collect();
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
    checked: &mut Checked,
) -> Result<(), RunError> {
    let Check {
        ref key,
        insecure,
        wait,
        quiet,
        strict,
        local,
        ..
    } = *arguments;
    let remarks = checked.remarks.clone();
    let graph = load(path, quiet, strict, &remarks)?;
    checked.note_graph(&graph, local);
    let files = scenario_files(&graph, path);
    let outputs = Outputs::of(&graph, None)?;
    outputs.refuse_collisions(&files)?;
    look_at_places(&outputs, quiet, strict, &remarks)?;
    if talk {
        let (models, ticks) = (graph.models.len(), graph.grid.ticks);
        answer_line!(
            "{}: {}, {}: fine",
            path.display(),
            count(models as u64, "model"),
            count(ticks, "tick")
        );
    }
    let reached = if local || !graph.has_nodes() {
        Reached::none(&graph)
    } else {
        smol::block_on(async {
            let access = (key.as_deref(), insecure);
            let mut reached = call_nodes(&graph, access, wait, quiet).await?;
            for node in &mut reached.nodes {
                node.close().await;
            }
            Ok::<_, RunError>(reached)
        })?
    };
    checked.note_sites(&graph, &reached);
    let notes = notes_on_placement(&graph, &reached, &remarks);
    for note in notes.iter().filter(|_| talk) {
        answer_line!("note: {note}");
    }
    if talk && !reached.nodes.is_empty() {
        show_nodes(&graph, &reached);
    }
    Ok(())
}

/// Opens a session on every node of a scenario, with the key in this file or, if the user says so,
/// without one.
pub(crate) async fn call_nodes(
    graph: &Graph,
    (key, insecure): (Option<&Path>, bool),
    wait: Option<u32>,
    quiet: bool,
) -> Result<Reached, RunError> {
    let keyring = Keyring::load(key, insecure)?;
    let tell = |text: &str| {
        if !quiet {
            say_line!(Note, "{text}");
        }
    };
    let wait = wait.map(|seconds| Duration::from_secs(seconds.into()));
    let reached = reach(graph, &keyring, wait, &tell).await;
    reached.map_err(|nodes| ClusterError::Unreachable(nodes).into())
}

/// What there is to say of where the models run; it goes to the remarks as well.
pub(crate) fn notes_on_placement(
    graph: &Graph,
    reached: &Reached,
    remarks: &Remarks,
) -> Vec<String> {
    let dark = placement::dark_leds(graph, &reached.site_of);
    let notes: Vec<String> = reached.remarks.iter().cloned().chain(dark).collect();
    for note in &notes {
        remarks.note(note);
    }
    notes
}

fn show_nodes(graph: &Graph, reached: &Reached) {
    let own = reached.site_of.iter().filter(|site| **site == 0).count();
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
