//! `controller check`, and what `run` has in common with it.

use std::path::Path;

use shared::files::WorkingDirectory;

use crate::arguments::Check;
use crate::cluster::{ClusterError, Node, Reached, THIS_MACHINE, reach};
use crate::exit::{RunError, SCENARIO};
use crate::scenario::{self, Graph};

/// Loads and checks a scenario, and tells the user what is wrong with it. `None` where it is
/// refused.
pub(crate) fn load(path: &Path, quiet: bool, strict: bool) -> Option<Graph> {
    match scenario::load(path, models::CATALOGUE, &WorkingDirectory) {
        Ok((graph, warnings)) => {
            if !quiet || strict {
                for warning in &warnings {
                    eprintln!("{warning}");
                }
            }
            if strict && !warnings.is_empty() {
                eprintln!(
                    "error: {} warning(s), and --strict treats them as errors",
                    warnings.len()
                );
                return None;
            }
            Some(graph)
        }
        Err(error) => {
            eprintln!("{error}");
            None
        }
    }
}

/// Checks a scenario and asks its nodes; returns the exit code.
pub(crate) fn check(arguments: &Check) -> u8 {
    let Some(graph) = load(&arguments.scenario, arguments.quiet, arguments.strict) else {
        return SCENARIO;
    };
    let talk = !arguments.quiet;
    if talk {
        let (models, ticks) = (graph.models.len(), graph.grid.ticks);
        println!(
            "{}: {models} models, {ticks} ticks: fine",
            arguments.scenario.display()
        );
    }
    if arguments.local {
        return 0;
    }
    match smol::block_on(probe(&graph)) {
        Ok(reached) => {
            if talk {
                show_nodes(&graph, &reached);
            }
            0
        }
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}

/// Opens a session on every node, and closes it again.
async fn probe(graph: &Graph) -> Result<Reached, RunError> {
    let mut reached = reach(graph).await.map_err(ClusterError::Unreachable)?;
    for node in &mut reached.nodes {
        node.close().await;
    }
    Ok(reached)
}

fn show_nodes(graph: &Graph, reached: &Reached) {
    for remark in &reached.remarks {
        println!("note: {remark}");
    }
    let own = reached.site_of.iter().filter(|site| **site == 0).count();
    if own > 0 && own < graph.models.len() {
        println!("  {THIS_MACHINE}: {own} models");
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
        print!("  {name}: illuminator-node {release} on {processor}, for {models}");
        if *sessions > 0 {
            print!(" ({sessions} other sessions)");
        }
        println!();
    }
}
