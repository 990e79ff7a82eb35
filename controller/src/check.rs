//! `controller check`, and what `run` has in common with it.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shared::files::WorkingDirectory;

use crate::arguments::Check;
use crate::cluster::{ClusterError, Node, Reached, THIS_MACHINE, reach};
use crate::exit::{RunError, USAGE};
use crate::key::Keyring;
use crate::output::{Remarks, answer_line, count, printable, say_line};
use crate::outputs::{Outputs, scenario_files};
use crate::placement;
use crate::scenario::{self, Graph, Problem};

/// Loads and checks a scenario. What there is to say of it goes to the remarks. Its warnings are
/// shown, unless `quiet`, and with `strict` they are errors.
pub(crate) fn load(
    path: &Path,
    quiet: bool,
    strict: bool,
    remarks: &Remarks,
) -> Result<Graph, RunError> {
    let loaded = scenario::load(path, models::CATALOGUE, &WorkingDirectory);
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
        let remarks = Remarks::default();
        let error = try_check(path, arguments, talk, &remarks).err();
        if let Some(error) = &error {
            error.print();
        }
        answers.push(to_json(path, error.as_ref(), &remarks));
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

/// What came of a scenario, for programs.
fn to_json(path: &Path, error: Option<&RunError>, remarks: &Remarks) -> Json {
    let (problems, left_out) = remarks.to_json();
    json!({
        "file": path.display().to_string(),
        "problems": problems,
        "problems_left_out": left_out,
        "error": error.map(RunError::to_json),
    })
}

fn try_check(
    path: &Path,
    arguments: &Check,
    talk: bool,
    remarks: &Remarks,
) -> Result<(), RunError> {
    let graph = load(path, arguments.quiet, arguments.strict, remarks)?;
    let files = scenario_files(&graph, path);
    let outputs = Outputs::of(&graph, None)?;
    outputs.refuse_collisions(&files)?;
    look_at_places(&outputs, arguments.quiet, arguments.strict, remarks)?;
    if talk {
        let (models, ticks) = (graph.models.len(), graph.grid.ticks);
        answer_line!(
            "{}: {}, {}: fine",
            path.display(),
            count(models as u64, "model"),
            count(ticks, "tick")
        );
    }
    if !arguments.local && graph.has_nodes() {
        let reached = smol::block_on(probe(&graph, arguments))?;
        if talk {
            show_nodes(&graph, &reached);
        }
    }
    Ok(())
}

/// Opens a session on every node, and closes it again.
async fn probe(graph: &Graph, arguments: &Check) -> Result<Reached, RunError> {
    let keyring = Keyring::load(arguments.key.as_deref(), arguments.insecure)?;
    let tell = |text: &str| {
        if !arguments.quiet {
            say_line!(Note, "{text}");
        }
    };
    let wait = arguments
        .wait
        .map(|seconds| Duration::from_secs(seconds.into()));
    let reached = reach(graph, &keyring, wait, &tell).await;
    let mut reached = reached.map_err(ClusterError::Unreachable)?;
    for node in &mut reached.nodes {
        node.close().await;
    }
    Ok(reached)
}

fn show_nodes(graph: &Graph, reached: &Reached) {
    for remark in &reached.remarks {
        answer_line!("note: {remark}");
    }
    if let Some(note) = placement::dark_leds(graph, &reached.site_of) {
        answer_line!("note: {note}");
    }
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
