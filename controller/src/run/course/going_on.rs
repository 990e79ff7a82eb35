//! Going on after a loss: everything is had again, and somebody runs it.

use std::time::{Duration, Instant};

use shared::time::Tick;
use smol::future::or;
use smol::{Timer, unblock};

use super::Course;
use crate::chain::chain;
use crate::cluster::{Reached, Unreachable, knock, reach};
use crate::key::Keyring;
use crate::placement::Snapshot;
use crate::run::drive::Edges;
use crate::run::error::RunError;
use crate::run::event::Event;
use crate::run::outcome::{Interruption, Outcome};
use crate::run::recovery::{Again, Asides, Comparison, Lost, NotAgain, Takeover};
use crate::scenario::Graph;

/// Between two attempts to find a node that is away.
const RETRY: Duration = Duration::from_millis(250);

/// So long a node that is away may take to answer the first time; one that hangs is not to hold the others up.
const FIRST_ANSWER: Duration = Duration::from_secs(2);

/// So often a node may be lost in a row without a row in between, until others run its models.
const FRUITLESS: u32 = 3;

/// So often a run may go on without a row in between. There is something wrong that another attempt does not mend.
const HOPELESS: u32 = 20;

/// What holds a run.
pub(super) struct Hold {
    pub(super) lost: Lost,
    /// The node that it is about, by the name that the scenario has for it.
    pub(super) node: Option<String>,
    /// The tick before which there are all rows.
    pub(super) rows: Tick,
    /// Since when it is held.
    pub(super) since: Instant,
    /// That has been told.
    pub(super) is_told: bool,
    /// Nothing has been heard of the node for as long as it is waited for, and it has answered no call.
    pub(super) is_unheard: bool,
    /// When its steps began.
    pub(super) begun: Instant,
}

/// Who was found for the models that do not run here.
enum Found {
    /// Nodes for all of them.
    All(Reached),
    /// A bridge cannot be used as it was.
    NoBridge,
    /// Nobody can run those of a node that is away.
    Nobody,
}

impl Course<'_> {
    /// Goes on after a loss: computes again what there was, and finds nodes for it.
    ///
    /// # Errors
    /// The error that the run ends with, where that cannot be.
    pub(super) async fn go_on(
        &mut self,
        hold: Hold,
        error: RunError,
        edges: &mut Edges<'_, '_>,
        outcome: &mut Outcome,
    ) -> Result<Reached, RunError> {
        let mut takeovers = Vec::new();
        if let Lost::Room(_) = hold.lost {
            let node = hold.node.as_deref().unwrap_or_default();
            let Some(takeover) = self.standby.has_no_room(&mut self.graph, node) else {
                return Err(error);
            };
            takeovers.push(takeover);
        }
        if let Err(why) = self.sources.check() {
            let note = format!("the run cannot go on elsewhere: {why}");
            edges.observers.tell(Event::Note(&note));
            return Err(error);
        }
        if !self.count(&hold) {
            return Err(error);
        }
        let cause = chain(&error);
        if !hold.is_told {
            let is_bridge = hold.node.as_ref().is_some_and(|it| self.bridges.has(it));
            edges.tell_hold(&cause, hold.rows, is_bridge);
        }
        let (mut before, mut computing) = (hold.rows, Duration::ZERO);
        let mut missing = match (&hold.lost, &hold.node) {
            (Lost::Node(_), Some(node)) if hold.is_unheard || self.standby.is_past(node) => {
                vec![node.clone()]
            }
            _ => Vec::new(),
        };
        let reached = loop {
            match self.have_again(&hold, edges).await? {
                Ok((from, time)) => (before, computing) = (before.min(from), computing + time),
                Err(why) => {
                    let note = format!("the run cannot go on: {why}");
                    edges.observers.tell(Event::Note(&note));
                    return Err(error);
                }
            }
            match self.find(&mut missing, &mut takeovers, edges).await? {
                Found::All(reached) => break reached,
                // Its programs may have been started anew meanwhile, and then they have to be where the others are.
                Found::NoBridge => {}
                Found::Nobody => return Err(error),
            }
        };
        let interruption = Interruption {
            cause,
            node: hold.node,
            tick: hold.rows,
            since: hold.since.saturating_duration_since(hold.begun),
            held: hold.since.elapsed(),
            again: hold.rows - before,
            computing,
            takeovers,
        };
        edges.observers.tell(Event::GoesOn(&interruption));
        outcome.interruptions.push(interruption);
        Ok(reached)
    }

    /// Counts a loss; returns whether there is hope, or the run goes on again and again without coming any further. A
    /// node that is there each time and is lost again is given up before.
    fn count(&mut self, hold: &Hold) -> bool {
        let (count, node) = &mut self.fruitless;
        if hold.rows > self.snapshot.tick {
            (*count, *node) = (0, None);
        }
        let is_the_same = *node == hold.node;
        *count += 1;
        node.clone_from(&hold.node);
        if let Some(node) = &hold.node
            && let Lost::Node(_) = hold.lost
        {
            if is_the_same && *count % FRUITLESS == 0 {
                self.standby.give_up(node, hold.since);
            } else {
                self.standby.lose(node, hold.since);
            }
        }
        *count <= HOPELESS
    }

    /// Has everything up to the newest row again, and the programs by bridges with it. Returns the tick from which on it
    /// was computed, and how long that took; or why it cannot be had.
    async fn have_again(
        &mut self,
        hold: &Hold,
        edges: &mut Edges<'_, '_>,
    ) -> Result<Result<(Tick, Duration), String>, RunError> {
        let until = hold.since + self.options.patience;
        for _ in 0..HOPELESS {
            let reviving = async { Ok(self.bridges.revive(until).await) };
            if let Err(why) = edges.controls.unless_stopped(reviving).await? {
                return Ok(Err(why));
            }
            let begun = Instant::now();
            match self.compute_again(hold.rows, edges).await? {
                Ok(before) => return Ok(Ok((before, begun.elapsed()))),
                Err(why) if why.is_loss() => {}
                Err(why) => return Ok(Err(why.words(&self.bridges.begun_anew(), edges.names))),
            }
        }
        Ok(Err("a bridge was lost again and again".to_owned()))
    }

    /// Computes everything up to a tick again, here: from the newest snapshot on, or from the first step on where programs
    /// have been started anew; then rows are compared. What comes of it beside values that was not heard of goes where it
    /// would have gone. Returns the tick from which on it was computed.
    async fn compute_again(
        &mut self,
        to: Tick,
        edges: &mut Edges<'_, '_>,
    ) -> Result<Result<Tick, NotAgain>, RunError> {
        let is_anew = !self.bridges.begun_anew().is_empty();
        let (mut snapshot, mut rows) = if is_anew {
            let rows = edges.seen.clone().map(Comparison::with);
            (Snapshot::start(&self.graph), rows.unwrap_or_default())
        } else {
            (self.snapshot.clone(), Comparison::default())
        };
        let before = snapshot.tick;
        let mut entering = edges.heard.entering(to, is_anew);
        let mut asides = Asides::default();
        edges.heard.repeat();
        loop {
            let part = match entering.next() {
                Ok(part) => part,
                Err(lost) => return Ok(Err(NotAgain::Lost(lost))),
            };
            let (graph, sources) = (&self.graph, &self.sources);
            let again = Again::new(graph, sources, &snapshot, &part, to, rows, self.files);
            let Ok(mut again) = again else {
                return Ok(Err(NotAgain::Other));
            };
            // Not in this thread: programs behind a bridge are waited for. Between two turns somebody may want the run to
            // end.
            let mut is_more = true;
            while is_more {
                let turn = unblock(move || (again.go_on(&mut asides), again, asides));
                let turn = async { Ok(turn.await) };
                (is_more, again, asides) = edges.controls.unless_stopped(turn).await?;
                edges.take_again(&mut asides, self.graph.grid)?;
            }
            (snapshot, rows) = match again.snapshot() {
                Ok(made) => made,
                Err(why) => return Ok(Err(why)),
            };
            if part.until == to {
                break;
            }
        }
        self.snapshot = snapshot;
        self.bridges.settle();
        edges.repeat(asides.entries, to)?;
        self.late = edges.heard.begin_again(to);
        Ok(Ok(before))
    }

    /// Finds nodes for all models that do not run here, or others that run their models. `missing` are those that cannot be
    /// used as far as is known.
    async fn find(
        &mut self,
        missing: &mut Vec<String>,
        takeovers: &mut Vec<Takeover>,
        edges: &mut Edges<'_, '_>,
    ) -> Result<Found, RunError> {
        let Self {
            graph,
            options,
            standby,
            bridges,
            ..
        } = self;
        let observers = &mut *edges.observers;
        let finding = async {
            let keyring = options.access.keyring()?;
            let mut is_first = true;
            loop {
                let moved = standby.take_over(graph, missing, Instant::now());
                let Some(moved) = moved else {
                    return Ok(Found::Nobody);
                };
                if moved.is_empty() && !missing.is_empty() {
                    Timer::after(RETRY).await;
                }
                for takeover in &moved {
                    let (models, by) = (takeover.models.join(", "), &takeover.by);
                    let note = format!("{by} runs {models} in place of {}", takeover.from);
                    observers.tell(Event::Note(&note));
                }
                takeovers.extend(moved);
                if !graph.has_nodes() {
                    return Ok(Found::All(Reached::none(graph)));
                }
                let is_first = std::mem::replace(&mut is_first, false);
                match attempt(graph, &standby.away(), &keyring, is_first).await {
                    Ok(reached) => {
                        standby.all_are_there();
                        return Ok(Found::All(reached));
                    }
                    Err(gone) => *missing = gone,
                }
                for node in &*missing {
                    standby.lose(node, Instant::now());
                }
                // One that is lost while somebody else is waited for has its programs started anew, and asked up to here,
                // at once: that may take as long as the run has taken so far.
                if missing.iter().any(|node| bridges.has(node)) || bridges.is_one_lost().await {
                    return Ok(Found::NoBridge);
                }
            }
        };
        edges.controls.unless_stopped(finding).await
    }
}

/// Tries whether those answer that were away, and then to open sessions on all nodes. Returns who cannot be used.
async fn attempt(
    graph: &Graph,
    away: &[String],
    keyring: &Keyring,
    is_first: bool,
) -> Result<Reached, Vec<String>> {
    let answered = async { knock(graph, away, keyring).await.map_err(names_of) };
    if is_first {
        let late = async {
            Timer::after(FIRST_ANSWER).await;
            Err(away.to_vec())
        };
        or(answered, late).await?;
    } else {
        answered.await?;
    }
    let reached = reach(graph, keyring, Some(Duration::ZERO), &|_| ()).await;
    reached.map_err(names_of)
}

/// What these nodes are called.
fn names_of(unreachable: Vec<Unreachable>) -> Vec<String> {
    unreachable.into_iter().map(|gone| gone.node).collect()
}
