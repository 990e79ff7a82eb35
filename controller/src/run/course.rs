//! The course of a run: from nodes that have been reached to its end, through all losses on the way.

use std::thread;
use std::time::{Duration, Instant};

use cables::Cables;
use shared::engine::Engine;
use shared::files::Files;
use shared::index::{Index, Table};
use shared::journal::What;
use shared::model::{Instance, Waker};
use shared::plan::{ModelId, SiteId, SitePlan};
use shared::time::Tick;
use smol::Timer;
use smol::channel::bounded;
use smol::future::or;

use super::described::Described;
use super::drive::{Answers, Drive, Driven, Edges};
use super::error::RunError;
use super::event::{Event, Holding};
use super::options::Options;
use super::outcome::{Interruption, Outcome};
use super::recovery::{Again, Asides, Lost, Sources, Standby, Takeover};
use crate::chain::chain;
use crate::cluster::{Reached, Unreachable, knock, reach};
use crate::key::Keyring;
use crate::placement::{self, Plans, Snapshot};
use crate::scenario::Graph;

/// Between two attempts to find a node that is away.
const RETRY: Duration = Duration::from_millis(250);

/// So long a node that is away may take to answer the first time; one that hangs is not to hold the others up.
const FIRST_ANSWER: Duration = Duration::from_secs(2);

/// So often a node may be lost in a row without a row in between, until others run its models.
const FRUITLESS: u32 = 3;

/// So often a run may go on without a row in between. There is something wrong that another attempt does not mend.
const HOPELESS: u32 = 20;

/// A run from its nodes to its end.
pub(super) struct Course<'c> {
    graph: Graph,
    options: &'c Options,
    files: &'c dyn Files,
    /// What the models are built from, as it was at the beginning.
    sources: Sources,
    /// From where it goes on.
    snapshot: Snapshot,
    standby: Standby,
    cables: Cables,
    /// Its models are no more as they were built.
    has_begun: bool,
    /// What came too late for the steps before the snapshot, and comes with the first ones after it.
    late: Vec<(ModelId, What)>,
    /// How often it has gone on without a row in between, and for which node.
    fruitless: (u32, Option<String>),
}

impl<'c> Course<'c> {
    pub(super) fn new(mut graph: Graph, options: &'c Options, files: &'c dyn Files) -> Self {
        Self {
            sources: Sources::of(&mut graph),
            snapshot: Snapshot::start(&graph),
            standby: Standby::new(&options.spares, options.patience),
            cables: Cables::new(options.devices.clone()),
            has_begun: false,
            late: Vec::new(),
            fruitless: (0, None),
            graph,
            options,
            files,
        }
    }

    /// Runs to the end. All rows are written afterwards, as far as the run came.
    pub(super) async fn run(
        mut self,
        mut reached: Reached,
        edges: &mut Edges<'_, '_>,
        asked: Instant,
        outcome: &mut Outcome,
    ) -> Result<(), RunError> {
        let mut started = None;
        let result = loop {
            let described = Described::new(&self.graph, &reached);
            let nodes: Vec<String> = reached.nodes.iter().map(|node| node.name.clone()).collect();
            let mut driven = match self.drive(reached, edges).await {
                Ok(driven) => driven,
                Err(error) => break Err(concluded(edges, error)),
            };
            let begun = *started.get_or_insert(driven.started.unwrap_or(driven.ended));
            outcome.start_up = begun.duration_since(asked);
            outcome.wall_time = driven.ended.duration_since(begun);
            let failure = driven.failure.take();
            let failure = failure.map(|failure| described.failure(failure, self.graph.grid));
            let error = driven.error.take().or(failure);
            let (lost, rows) = (driven.lost, driven.rows);
            described.sum_up(driven, outcome);
            let Some(error) = error else {
                break Ok(());
            };
            let Some(lost) = lost else {
                break Err(error);
            };
            let node = match lost {
                Lost::Node(site) | Lost::Room(site) => site.node().and_then(|n| nodes.get(n)),
                Lost::Link => None,
            };
            let hold = Hold {
                lost,
                node: node.cloned(),
                rows,
                since: Instant::now(),
                begun,
            };
            match self.go_on(hold, error, edges, outcome).await {
                Ok(again) => reached = again,
                Err(error) => break Err(concluded(edges, error)),
            }
        };
        self.cables.stop();
        result
    }

    /// Runs from the snapshot on, on these nodes, until the run is over or something is lost.
    async fn drive(
        &mut self,
        reached: Reached,
        edges: &mut Edges<'_, '_>,
    ) -> Result<Driven, RunError> {
        let Reached { nodes, site_of, .. } = reached;
        let sites = nodes.len() + 1;
        let mut plans = placement::plan(&self.graph, &site_of, sites, &self.snapshot);
        self.add_late(&mut plans);
        let paths = paths_of(&self.graph, &site_of, sites);
        let (mut engine, answers) = self.own_engine(&plans)?;
        self.cables.attach(&mut engine, &plans.sites[0]);
        edges.answers = answers;
        if let Some(pacing) = &mut edges.pacing {
            pacing.begin_anew();
        }
        let drive = Drive::new(engine, nodes, &plans.sites, self.options.timeout, edges);
        Ok(drive.run(&plans.sites, &paths, self.files).await)
    }

    /// Has what came too late for the steps before the snapshot come with the first ones after it.
    fn add_late(&self, plans: &mut Plans) {
        let tick = self.snapshot.tick;
        for &(model, what) in &self.late {
            let mut models = plans.sites.iter_mut().flat_map(|plan| &mut plan.models);
            if let Some(planned) = models.find(|planned| planned.id == model) {
                let comes = &mut planned.outside.comes;
                let place = comes.partition_point(|(known, _)| *known <= tick);
                comes.insert(place, (tick, what));
            }
        }
    }

    /// The engine of the models that run here; and what says that steps which were put off may be made, where some can
    /// be.
    fn own_engine(&mut self, plans: &Plans) -> Result<(Engine, Option<Answers>), RunError> {
        let own = &plans.sites[0];
        let instances = self.instances(own)?;
        let engine = Engine::new(own, instances, &plans.items);
        let mut engine = engine.map_err(|_| RunError::Plan)?;
        let (woken, answers) = bounded(1);
        let waker = Waker::new(move || {
            // Where one waits to be seen already, that is enough.
            let _ = woken.try_send(());
        });
        let is_patient = engine.attend(&waker, own);
        if thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
            // Where there is no thread to be had, the engine makes all steps itself.
            let _ = engine.look_ahead();
        }
        Ok((engine, is_patient.then(|| Box::pin(answers))))
    }

    /// The models that run here: at first as they were built when the scenario was checked.
    fn instances(&mut self, own: &SitePlan) -> Result<Vec<Instance>, RunError> {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let (grid, files) = (own.grid, self.files);
        let Self { graph, sources, .. } = self;
        let models = own.models.iter().map(|planned| {
            if is_first {
                return Ok(graph.models[planned.id].instance.hand_over());
            }
            let built = sources.build(graph, planned, grid, files);
            built.map_err(|_| RunError::Plan)
        });
        models.collect()
    }

    /// Goes on after a loss: computes again what there was, and finds nodes for it.
    ///
    /// # Errors
    /// The error that the run ends with, where that cannot be.
    async fn go_on(
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
        edges.observers.tell(Event::Holds(&Holding {
            cause: &cause,
            tick: hold.rows,
            patience: self.options.patience,
        }));
        let before = self.snapshot.tick;
        let begun = Instant::now();
        if !self.compute_again(hold.rows, edges).await? {
            let note = "what is computed again is not what it was, so the run cannot go on elsewhere; please report \
                        this scenario";
            edges.observers.tell(Event::Note(note));
            return Err(error);
        }
        let computing = begun.elapsed();
        let found = self.find(&hold, &mut takeovers, edges).await;
        let reached = match found {
            Ok(Some(reached)) => reached,
            Ok(None) => return Err(error),
            Err(stopped) => return Err(stopped),
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

    /// Computes everything up to a tick again, here. What comes of it beside values that was not heard of goes where it
    /// would have gone. Returns whether it could be had again.
    async fn compute_again(
        &mut self,
        to: Tick,
        edges: &mut Edges<'_, '_>,
    ) -> Result<bool, RunError> {
        let entries = edges.heard.entries_before(to);
        let again = Again::new(
            &self.graph,
            &self.sources,
            &self.snapshot,
            to,
            &entries,
            self.files,
        );
        let Ok(mut again) = again else {
            return Ok(false);
        };
        let mut asides = Asides::default();
        let computing = async {
            while again.go_on(&mut asides).map_err(RunError::System)? {
                smol::future::yield_now().await;
            }
            Ok(())
        };
        edges.controls.unless_stopped(computing).await?;
        let Some(snapshot) = again.snapshot() else {
            return Ok(false);
        };
        self.snapshot = snapshot;
        self.sources.forget_before(to);
        edges.repeat(asides, to, self.graph.grid)?;
        self.late = edges.heard.begin_again(to);
        Ok(true)
    }

    /// Finds nodes for all models that do not run here, or others that run their models. `None` where nobody can.
    async fn find(
        &mut self,
        hold: &Hold,
        takeovers: &mut Vec<Takeover>,
        edges: &mut Edges<'_, '_>,
    ) -> Result<Option<Reached>, RunError> {
        let Self {
            graph,
            options,
            standby,
            ..
        } = self;
        let observers = &mut *edges.observers;
        let finding = async {
            let keyring = options.access.keyring()?;
            let mut is_first = true;
            let mut missing = match (&hold.lost, &hold.node) {
                (Lost::Node(_), Some(node)) if standby.is_past(node) => vec![node.clone()],
                _ => Vec::new(),
            };
            loop {
                let moved = standby.take_over(graph, &missing, Instant::now());
                let Some(moved) = moved else {
                    return Ok(None);
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
                    return Ok(Some(Reached::none(graph)));
                }
                let is_first = std::mem::replace(&mut is_first, false);
                match attempt(graph, &standby.away(), &keyring, is_first).await {
                    Ok(reached) => {
                        standby.all_are_there();
                        return Ok(Some(reached));
                    }
                    Err(gone) => missing = gone,
                }
                for node in &missing {
                    standby.lose(node, Instant::now());
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

/// Writes what there is of a run that ends with this error, unless that cannot be: then that is the error.
fn concluded(edges: &mut Edges<'_, '_>, error: RunError) -> RunError {
    let written = edges.conclude(false);
    written.err().map_or(error, RunError::Output)
}

/// What holds a run.
struct Hold {
    lost: Lost,
    /// The node that it is about, by the name that the scenario has for it.
    node: Option<String>,
    /// The tick before which there are all rows.
    rows: Tick,
    /// Since when it is held.
    since: Instant,
    /// When its steps began.
    begun: Instant,
}

/// The files that each site's models read, each once.
pub(super) fn paths_of(
    graph: &Graph,
    site_of: &Table<ModelId, SiteId>,
    sites: usize,
) -> Vec<Vec<String>> {
    let mut paths = vec![Vec::new(); sites];
    for (model, &site) in graph.models.iter().zip(site_of) {
        for path in &model.paths {
            let known: &mut Vec<String> = &mut paths[site.place()];
            if !known.contains(path) {
                known.push(path.clone());
            }
        }
    }
    paths
}
