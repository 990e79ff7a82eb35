//! `controller check`, and what `run` has in common with it.

use std::path::Path;
use std::time::Duration;

use shared::files::WorkingDirectory;

use crate::arguments::Check;
use crate::cluster::{ClusterError, Node, Reached, THIS_MACHINE, reach};
use crate::exit::RunError;
use crate::key::Keyring;
use crate::output::{answer_line, count, printable};
use crate::placement;
use crate::scenario::{self, Graph};

/// Loads and checks a scenario. Its warnings are shown, unless `quiet`, and with `strict` they are
/// errors.
pub(crate) fn load(path: &Path, quiet: bool, strict: bool) -> Result<Graph, RunError> {
    let loaded = scenario::load(path, models::CATALOGUE, &WorkingDirectory);
    let (graph, warnings) = loaded.map_err(|error| RunError::Scenario(format!("{error:#}")))?;
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
        for warning in &warnings {
            eprintln!("{warning:#}");
        }
    }
    Ok(graph)
}

/// Checks a scenario and asks its nodes; returns the exit code.
pub(crate) fn check(arguments: &Check) -> u8 {
    match try_check(arguments) {
        Ok(()) => 0,
        Err(error) => {
            error.print();
            error.exit_code()
        }
    }
}

fn try_check(arguments: &Check) -> Result<(), RunError> {
    let graph = load(&arguments.scenario, arguments.quiet, arguments.strict)?;
    let talk = !arguments.quiet;
    if talk {
        let (models, ticks) = (graph.models.len(), graph.grid.ticks);
        answer_line!(
            "{}: {}, {}: fine",
            arguments.scenario.display(),
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
            eprintln!("note: {}", printable(text));
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
