//! Variants on nodes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use shared::files::WorkingDirectory;
use shared::variant::MAX_WAITING;

use super::design::Variant;
use super::indicators::Described;
use super::variant::Came;
use super::workers::{Next, Place, Queue, Reports};
use super::{Event, Options, Study, SweepError};
use crate::cluster::{ClusterError, Said, Task, VariantNode, ready_for_variants};
use crate::output::count;

/// A node has variants for about so long at a time, so that it need not wait for more.
const SUPPLY: Duration = Duration::from_millis(300);

/// So many variants a node has at least, one a core of most machines, and at most.
const FEWEST: usize = 8;
const MOST: usize = MAX_WAITING / 2;

/// So often it is looked whether there is something to do.
const LOOK: Duration = Duration::from_millis(100);

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
    let task = Task {
        scenario: &blueprint.told.scenario,
        common: &blueprint.common,
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

/// A variant that a node has.
struct Open {
    variant: Variant,
    /// What its columns are, where its values change that.
    own_words: Option<Described>,
    /// Those that have come so far.
    rows: Vec<u8>,
}

/// What a node has.
struct Supply {
    open: BTreeMap<u64, Open>,
    /// How many it is to have.
    wanted: usize,
    /// Variants that it has done, and those of them since it was looked how fast it is.
    done: u64,
    since: u64,
    looked: Instant,
}

impl Supply {
    /// Looks how fast the node is, so that it has enough for a while and not much more.
    fn adapt(&mut self) {
        let passed = self.looked.elapsed();
        if passed < LOOK {
            return;
        }
        let done = usize::try_from(self.done - self.since).unwrap_or(MOST);
        let share = SUPPLY.as_secs_f64() / passed.as_secs_f64();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is bounded next"
        )]
        let wanted = (done as f64 * share) as usize;
        self.wanted = wanted.clamp(FEWEST, MOST);
        (self.since, self.looked) = (self.done, Instant::now());
    }
}

/// Has a node run variants until there is none, or it is lost. Returns its name, and how many it has run.
pub(super) fn serve(
    mut node: VariantNode,
    study: &Study,
    queue: &Queue<'_>,
    reports: &Reports,
) -> (String, u64) {
    let mut supply = Supply {
        open: BTreeMap::new(),
        wanted: FEWEST,
        done: 0,
        since: 0,
        looked: Instant::now(),
    };
    let name = node.name.clone();
    let served = smol::block_on(serve_all(&mut node, &mut supply, study, queue, reports));
    if let Err(reason) = served {
        let others = match queue.node_is_gone() {
            0 => "this machine runs them, and all that are left",
            _ => "others run them",
        };
        let open = count(supply.open.len() as u64, "variant");
        reports.note(format!(
            "lost node {name}, which had {open}; {others}: {reason}"
        ));
    } else {
        smol::block_on(node.close());
        queue.node_is_gone();
    }
    for open in supply.open.into_values() {
        queue.give_back(open.variant, Place::Node);
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
        while supply.open.len() < supply.wanted {
            match queue.next(Place::Node, 1, reports) {
                Next::Variants(variants) => {
                    for variant in variants {
                        ask(node, supply, variant, study, queue, reports)?;
                    }
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
        node.turn(LOOK).await?;
        while let Some(said) = node.next()? {
            match said {
                Said::Rows(id, values) => {
                    let open = supply.open.get_mut(&id).ok_or_else(unasked)?;
                    open.rows.extend_from_slice(&values);
                }
                Said::Came(id, outcome) => {
                    let open = supply.open.remove(&id).ok_or_else(unasked)?;
                    let Open {
                        variant,
                        own_words,
                        rows,
                    } = open;
                    let described = own_words.as_ref().unwrap_or(&study.described);
                    match study.take_outcome(&variant, described, (outcome, &rows), &node.name) {
                        None => queue.give_back(variant, Place::Here),
                        Some(result) => {
                            supply.done += 1;
                            reports.done(vec![(variant, result.map(Came::Indicators))]);
                            queue.done(1);
                        }
                    }
                }
            }
        }
        supply.adapt();
    }
}

/// Has a node run a variant, unless an earlier sweep has its result.
fn ask(
    node: &mut VariantNode,
    supply: &mut Supply,
    variant: Variant,
    study: &Study,
    queue: &Queue<'_>,
    reports: &Reports,
) -> Result<(), String> {
    if study.outputs.has_kept(variant.id) {
        reports.done(vec![(variant, Ok(Came::Kept))]);
        queue.done(1);
        return Ok(());
    }
    let own_words = study.describe_if_other(&variant);
    let tallies = own_words.as_ref().map(|own| own.tallies().clone());
    let asked = node.ask(variant.id, &variant.values, tallies);
    let open = Open {
        own_words,
        rows: Vec::new(),
        variant,
    };
    supply.open.insert(open.variant.id, open);
    asked
}

fn unasked() -> String {
    "it answers what nobody has asked".to_owned()
}
