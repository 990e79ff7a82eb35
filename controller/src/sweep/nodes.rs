//! Variants on nodes.

use std::time::Duration;

use shared::files::WorkingDirectory;
use shared::variant::Outcome;

use super::supply::Supply;
use super::variant::Came;
use super::workers::{Done, Next, Place, Queue, Reports};
use super::{Event, Options, Study, SweepError};
use crate::cluster::{ClusterError, Said, Task, VariantNode, ready_for_variants};
use crate::output::count;

/// So often it is looked whether there is something to do.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// The same where a node has nothing to do: others may leave something, and the sweep ends once none has anything.
const IDLE: Duration = Duration::from_millis(5);

/// Has the nodes ready that are to run variants.
///
/// # Errors
/// One of them cannot be used.
pub(super) fn ready(
    study: &Study,
    options: &Options,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<VariantNode>, SweepError> {
    if options.on.is_empty() {
        return Ok(Vec::new());
    }
    let Some(blueprint) = &study.blueprint else {
        tell(Event::Note(
            "each variant is a run of its own, with programs or files beside its result, so all run here; leave --on \
             out",
        ));
        return Ok(Vec::new());
    };
    let keyring = options.access.keyring()?;
    let paths = blueprint.files_read(&study.design.factors);
    let together = Some(study.most_on_a_node()).filter(|most| *most > 1);
    let several = together.and_then(|most| Some((most, blueprint.common_of(most)?)));
    let task = Task {
        scenario: &blueprint.told.scenario,
        common: &blueprint.common,
        several,
        tallies: study.described.tallies(),
        rows: study.outputs.files.is_some(),
        paths: &paths,
        files: &WorkingDirectory,
    };
    let nodes = smol::block_on(ready_for_variants(&options.on, &keyring, &task));
    let nodes = nodes.map_err(|all| SweepError::Nodes(ClusterError::Unreachable(all)))?;
    for remark in nodes.iter().filter_map(|node| node.remark.as_ref()) {
        tell(Event::Note(remark));
    }
    Ok(nodes)
}

/// Has a node run variants until there is none, or it is lost. Returns its name, and how many it has run.
pub(super) fn serve(
    mut node: VariantNode,
    study: &Study,
    queue: &Queue<'_>,
    reports: &Reports,
) -> (String, u64) {
    let mut supply = Supply::nothing(study.most_on_a_node());
    let name = node.name.clone();
    let served = smol::block_on(serve_all(&mut node, &mut supply, study, queue, reports));
    if let Err(reason) = served {
        let others = match queue.node_is_gone() {
            0 => "this machine runs them, and all that are left",
            _ => "others run them",
        };
        let open = count(supply.count as u64, "variant");
        reports.note(format!(
            "lost node {name}, which had {open}; {others}: {reason}"
        ));
    } else {
        smol::block_on(node.close());
        queue.node_is_gone();
    }
    for variant in supply.open.into_values().flat_map(|open| open.variants) {
        queue.give_back(variant, Place::Node);
    }
    (name, supply.done)
}

async fn serve_all(
    node: &mut VariantNode,
    supply: &mut Supply,
    study: &Study,
    queue: &Queue<'_>,
    reports: &Reports,
) -> Result<(), String> {
    loop {
        let mut is_over = false;
        while supply.count + supply.portion() <= supply.wanted {
            let most = supply.wanted - supply.count;
            match queue.next(Place::Node, most, reports) {
                Next::Variants(variants) => {
                    let (kept, wanted) = study.take_kept(variants);
                    queue.hand_in(kept, reports);
                    supply.ask(node, wanted, supply.portion(), study)?;
                }
                Next::Later => break,
                Next::Over => {
                    is_over = true;
                    break;
                }
            }
        }
        if queue.is_over() || is_over && supply.open.is_empty() {
            return Ok(());
        }
        // Rows are so many that they are taken as they come.
        let pause = match study.outputs.files {
            Some(_) => Duration::ZERO,
            None => supply.pause(),
        };
        let limit = if supply.open.is_empty() { IDLE } else { LOOK };
        node.turn(pause, limit).await?;
        // What it said before it was lost counts.
        let mut done = Vec::new();
        let heard = hear_all(node, supply, study, queue, &mut done);
        queue.hand_in(done, reports);
        heard?;
        supply.adapt();
    }
}

/// Takes what a node has said, and what comes meanwhile where it was left alone.
fn hear_all(
    node: &mut VariantNode,
    supply: &mut Supply,
    study: &Study,
    queue: &Queue<'_>,
    done: &mut Vec<Done>,
) -> Result<(), String> {
    hear(node, supply, study, queue, done)?;
    while node.read_on()? {
        hear(node, supply, study, queue, done)?;
    }
    Ok(())
}

/// Takes what of it has been read: variants of which something came are done.
fn hear(
    node: &mut VariantNode,
    supply: &mut Supply,
    study: &Study,
    queue: &Queue<'_>,
    done: &mut Vec<Done>,
) -> Result<(), String> {
    while let Some(said) = node.next()? {
        let (id, outcome) = match said {
            Said::Rows(id, values) => {
                let open = supply.open.get_mut(&id).ok_or_else(unasked)?;
                open.rows.extend_from_slice(&values);
                continue;
            }
            Said::Came(id, outcome) => (id, outcome),
        };
        let open = supply.close(id).ok_or_else(unasked)?;
        let are_well = is_ordinary(&outcome, study.strict);
        supply.together.adapt(are_well);
        if open.variants.len() > 1 && !are_well {
            // What comes of each of them is what comes of it alone.
            supply.ask(node, open.variants, 1, study)?;
            continue;
        }
        let Some(outcomes) = each(outcome, open.variants.len()) else {
            // They are given back with the others.
            supply.hold(id, open);
            return Err(unasked());
        };
        let described = open.own_words.as_ref().unwrap_or(&study.described);
        for (variant, outcome) in open.variants.into_iter().zip(outcomes) {
            match study.take_outcome(&variant, described, (outcome, &open.rows), &node.name) {
                None => queue.give_back(variant, Place::Here),
                Some(result) => {
                    supply.done += 1;
                    done.push((variant, result.map(Came::Indicators)));
                }
            }
        }
    }
    Ok(())
}

/// Whether it can be what came of several variants.
fn is_ordinary(outcome: &Outcome, is_strict: bool) -> bool {
    match outcome {
        Outcome::Numbers { warning, .. } => warning.is_none() || !is_strict,
        Outcome::Failed(_) | Outcome::Elsewhere => false,
    }
}

/// What came of each of so many variants; nothing where that of others is said.
fn each(outcome: Outcome, variants: usize) -> Option<Vec<Outcome>> {
    let Outcome::Numbers { numbers, warning } = outcome else {
        return Some(vec![outcome]);
    };
    let of_one = |numbers| Outcome::Numbers {
        numbers: vec![numbers],
        warning: warning.clone(),
    };
    (numbers.len() == variants).then(|| numbers.into_iter().map(of_one).collect())
}

fn unasked() -> String {
    "it answers what nobody has asked".to_owned()
}
