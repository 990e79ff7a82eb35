//! The course of a run: from nodes that have been reached to its end, through all losses on the way.

mod going_on;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use cables::Cables;
use engine::Engine;
use shared::files::Files;
use shared::index::{Index, Table};
use shared::journal::What;
use shared::model::{Instance, Waker};
use shared::plan::{ModelId, SiteId, SitePlan};
use shared::wire::Token;
use smol::channel::bounded;

use super::described::Described;
use super::drive::{Answers, Drive, Driven, Edges};
use super::error::RunError;
use super::options::Options;
use super::outcome::Outcome;
use super::recovery::{Bridges, Lost, Sources, Standby};
use super::silence::Grace;
use crate::cluster::{Pass, Reached};
use crate::placement::{self, Plans, Snapshot};
use crate::scenario::Graph;
use going_on::Hold;

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
    bridges: Bridges,
    cables: Cables,
    /// Its models are no more as they were built.
    has_begun: bool,
    /// What came too late for the steps before the snapshot, and comes with the first ones after it.
    late: Vec<(ModelId, What)>,
    /// How often it has gone on without a row in between, and for which node.
    fruitless: (u32, Option<String>),
}

impl<'c> Course<'c> {
    pub(super) fn new(
        graph: Graph,
        sources: Sources,
        options: &'c Options,
        files: &'c dyn Files,
    ) -> Self {
        Self {
            sources,
            snapshot: Snapshot::start(&graph),
            standby: Standby::new(&options.spares, options.patience),
            bridges: Bridges::of(&graph),
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
        let result = loop {
            let described = Described::new(&self.graph, &reached);
            let nodes: Vec<String> = reached.nodes.iter().map(|node| node.name.clone()).collect();
            let mut driven = match self.drive(reached, edges).await {
                Ok(driven) => driven,
                Err(error) => break Err(concluded(edges, error)),
            };
            outcome.interruptions.append(&mut driven.interruptions);
            let begun = *edges.begun.get_or_insert(driven.ended);
            outcome.start_up = begun.duration_since(asked);
            outcome.wall_time = driven.ended.duration_since(begun);
            let failure = driven.failure.take();
            let failure = failure.map(|failure| described.failure(failure, self.graph.grid));
            let error = driven.error.take().or(failure);
            let (lost, rows, silent_since) = (driven.lost, driven.rows, driven.silent_since);
            let is_unheard = driven.is_unheard;
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
                since: silent_since.unwrap_or_else(Instant::now),
                is_told: silent_since.is_some(),
                is_unheard,
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
        let graces = nodes.iter().map(|node| Grace {
            time: self.standby.grace(&self.graph, &node.name),
            is_bridge: self.bridges.has(&node.name),
        });
        let (graces, timeout) = (graces.collect(), self.options.timeout);
        let pass = Pass {
            token: Token::random().map_err(RunError::System)?,
            keyring: Arc::new(self.options.access.keyring()?),
        };
        let drive = Drive::new(engine, nodes, &plans.sites, timeout, graces, pass, edges);
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
            let _ = engine.look_ahead(|instance| !instance.model.has_at_hand());
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
}

/// Writes what there is of a run that ends with this error, unless that cannot be: then that is the error.
fn concluded(edges: &mut Edges<'_, '_>, error: RunError) -> RunError {
    let written = edges.conclude(false);
    written.err().map_or(error, RunError::Output)
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
