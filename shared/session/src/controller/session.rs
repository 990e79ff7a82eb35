//! The session of a controller with the nodes of a run, and its own part of it.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::looks::MAX_LOOKS;
use super::loss::End;
use super::mesh::{Mesh, call_list, pairs};
use super::node::NodeState;
use super::outcome::{Outcome, Report};
use super::stall::Motion;
use engine::{Engine, Rows, Turn};
use shared::journal::{Adjustment, What};
use shared::model::Facet;
use shared::plan::{CONTROLLER, ModelId, SiteId, SitePlan};
use shared::progress::{Failure, Wait};
use shared::time::Tick;
use shared::value::Value;
use shared::wire::{Channel, SiteReport, ToNode, Token};

/// Steps and rows between two looks at the network.
const BUDGET: usize = 4096;

/// A run, seen from its controller: its own models and the monitor, and what it has of the nodes.
#[derive(Debug)]
pub struct ControllerSession {
    pub(super) engine: Engine,
    /// By site, from site 1 on. One is taken out while its messages are handled.
    pub(super) nodes: Vec<Option<NodeState>>,
    /// Without a heartbeat for this long, and the grace of a node, it is lost.
    pub(super) timeout: Duration,
    /// So much longer nodes are waited for where nothing is heard of any of them.
    pub(super) patience: Duration,
    /// When that was so last.
    pub(super) unheard: Option<Instant>,
    /// Since when all of them have been heard.
    pub(super) all_heard: Instant,
    pub(super) failure: Option<Failure>,
    /// The tick of that failure, which the nodes are still to get: once a turn, however many
    /// failures they report.
    pub(super) new_limit: Option<Tick>,
    pub(super) links: Mesh,
    pub(super) report: SiteReport,
    pub(super) turn: Turn,
    /// All nodes have their plans.
    pub(super) has_started: bool,
    /// The models here wait for a node to take what has been sent to it.
    pub(super) is_full: bool,
    /// For whom the engine waits, and since when.
    pub(super) waits: Option<(Wait, Instant)>,
    pub(super) checked: Instant,
    pub(super) motion: Motion,
    pub(super) reports: Vec<Report>,
}

impl ControllerSession {
    /// A run of an engine together with nodes: for each the channel over which its session was opened,
    /// where it is, and the models that are to run there, by their places in the scenario.
    pub fn new(
        engine: Engine,
        nodes: impl IntoIterator<Item = (Channel, SocketAddr, Vec<ModelId>)>,
        timeout: Duration,
        now: Instant,
    ) -> Self {
        let from = engine.rows();
        let node = |(channel, address, models)| {
            let mut node = NodeState::new(channel, address, models);
            node.progress = from;
            Some(node)
        };
        Self {
            engine,
            nodes: nodes.into_iter().map(node).collect(),
            timeout,
            patience: Duration::ZERO,
            unheard: None,
            all_heard: now,
            failure: None,
            new_limit: None,
            links: Mesh::default(),
            report: SiteReport::default(),
            turn: Turn::Again,
            has_started: false,
            is_full: false,
            waits: None,
            checked: now,
            motion: Motion::new(now),
            reports: Vec::new(),
        }
    }

    pub(super) fn node(&self, site: SiteId) -> Option<&NodeState> {
        self.nodes.get(site.node()?)?.as_ref()
    }

    pub(super) fn node_mut(&mut self, site: SiteId) -> Option<&mut NodeState> {
        self.nodes.get_mut(site.node()?)?.as_mut()
    }

    /// Waits longer than the timeout for nodes of which nothing is heard: their connection may only be interrupted. For
    /// each node, by site, there is how much longer; where nothing is heard of any of several nodes, the connection of this
    /// machine may be, and that is waited for with patience. To be called before the start, which tells the nodes how long
    /// they wait for each other.
    pub fn be_patient(&mut self, patience: Duration, graces: impl IntoIterator<Item = Duration>) {
        self.patience = patience;
        for (node, grace) in self.nodes.iter_mut().flatten().zip(graces) {
            node.grace = grace;
        }
    }

    /// The longest time for which nothing may be heard of anybody.
    pub(super) fn longest(&self) -> Duration {
        let graces = self.nodes.iter().flatten().map(|node| node.grace);
        let several = (self.nodes.len() > 1).then_some(self.patience);
        self.timeout + graces.chain(several).max().unwrap_or_default()
    }

    /// Lets all nodes start together, so that none gets values before its plan.
    ///
    /// # Errors
    /// The node whose plan does not fit a frame.
    pub fn start(&mut self, plans: &[SitePlan], token: Token) -> Result<(), End> {
        let nodes = || self.nodes.iter().flatten();
        let addresses: Vec<SocketAddr> = nodes().map(|node| node.address).collect();
        let is_secure: Vec<bool> = nodes().map(|node| node.channel.is_secure()).collect();
        let longest = self.longest();
        let plans: Vec<&SitePlan> = plans.iter().filter(|p| p.site != CONTROLLER).collect();
        let secure = |site: SiteId| is_secure.get(site.node()?).copied();
        self.links = Mesh::plan(pairs(plans.iter().copied()), secure);
        for &(with, without) in self.links.apart() {
            self.reports.push(Report::NoCommonKey(with, without));
        }
        for plan in plans {
            let links = call_list(plan.site, &self.links, &addresses, token, longest);
            let Some(node) = self.node_mut(plan.site) else {
                continue;
            };
            let start = ToNode::Start {
                site: plan.site,
                grid: plan.grid,
                from: plan.from,
                imports: plan.imports.clone(),
                exports: plan.exports.clone(),
            };
            node.channel.keep();
            node.say(&links)
                .and_then(|()| node.say(&start))
                .map_err(|cause| End::TooLarge(plan.site, cause))?;
        }
        self.has_started = true;
        Ok(())
    }

    /// Sets the release of all sites at once: nothing at or after this tick is done until a later call
    /// raises it. Before the start, no site goes beyond it; later some may have.
    ///
    /// # Errors
    /// Never, as far as nodes take messages of a few bytes.
    pub fn release(&mut self, tick: Tick) -> Result<(), End> {
        self.engine.release(tick);
        self.motion.begin_anew();
        self.say_to_all(&ToNode::Release(tick))
    }

    /// Queues a message for each node that takes something.
    fn say_to_all(&mut self, message: &ToNode<'_>) -> Result<(), End> {
        for (site, node) in SiteId::nodes().zip(self.nodes.iter_mut()) {
            let said = node.as_mut().map_or(Ok(()), |node| node.say(message));
            said.map_err(|cause| End::TooLarge(site, cause))?;
        }
        Ok(())
    }

    /// Has a value of a model changed from its next step on, wherever it runs. A run that has not started takes
    /// no notice.
    ///
    /// # Errors
    /// Never, as far as nodes take messages of a few bytes.
    pub fn adjust(&mut self, model: ModelId, adjustment: Adjustment) -> Result<(), End> {
        let what = What::Adjusted(adjustment);
        if !self.has_started || self.engine.come(model, what) {
            return Ok(());
        }
        for (site, node) in SiteId::nodes().zip(self.nodes.iter_mut()) {
            if let Some(node) = node.as_mut().filter(|node| node.takes_changes_of(model)) {
                let said = node.say(&ToNode::Outside(model, what));
                return said.map_err(|cause| End::TooLarge(site, cause));
            }
        }
        Ok(())
    }

    /// Asks the nodes what these things have come to, those that have answered before.
    ///
    /// # Errors
    /// Never, as far as nodes take messages of this size.
    pub fn look(&mut self, wanted: &[(ModelId, Facet)]) -> Result<(), End> {
        for (site, node) in SiteId::nodes().zip(self.nodes.iter_mut()) {
            let Some(node) = node.as_mut() else {
                continue;
            };
            let there = wanted.iter().filter(|(model, _)| node.is_stepping(*model));
            let there: Vec<_> = there.copied().take(MAX_LOOKS).collect();
            for &(model, facet) in node.looks.ask(there) {
                let said = node.channel.queue(&ToNode::Look(model, facet));
                said.map_err(|cause| End::TooLarge(site, cause))?;
            }
        }
        Ok(())
    }

    /// What something of a model has come to: an attribute of a model here as it is, all else as a number, for a
    /// node as it has answered last.
    pub fn newest(&self, model: ModelId, facet: Facet) -> Option<Value> {
        let Some(place) = self.engine.place_of(model) else {
            let mut nodes = self.nodes.iter().flatten();
            let seen = nodes.find_map(|node| node.looks.seen(model, facet));
            return seen.map(Value::Float);
        };
        match facet {
            Facet::Attribute(attribute) => self.engine.attribute(place, attribute).cloned(),
            Facet::Socket(_) => Some(Value::Float(self.engine.look(model, facet))),
        }
    }

    /// Whether a model runs on a node, and not here.
    pub fn is_elsewhere(&self, model: ModelId) -> bool {
        self.engine.place_of(model).is_none()
    }

    /// Whether the nodes have been let start.
    pub fn has_started(&self) -> bool {
        self.has_started
    }

    /// The tick before which all models of a site have stepped, as it said last.
    pub fn progress_of(&self, site: SiteId) -> Tick {
        match self.node(site) {
            Some(node) => node.progress,
            None if site == CONTROLLER => self.engine.progress(),
            None => 0,
        }
    }

    /// What a site waits for, as it said last.
    pub fn wait_of(&self, site: SiteId) -> Option<Wait> {
        if site == CONTROLLER {
            return self.waits.map(|(wait, _)| wait);
        }
        self.node(site).and_then(|node| node.wait)
    }

    /// Whether a node has done everything.
    pub fn has_finished(&self, site: SiteId) -> bool {
        self.node(site).is_some_and(|node| node.report.is_some())
    }

    /// The engine of the controller's own models.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Has the next [`advance`](Self::advance) try the steps of the controller's own models again that
    /// were put off.
    #[cfg(feature = "described")]
    pub fn retry(&mut self) {
        self.engine.retry();
    }

    /// Hands out the rows for which everything is there, without a step.
    pub fn finish_rows(&mut self, rows: &mut dyn Rows) -> io::Result<()> {
        self.engine.finish_rows(rows)
    }

    /// What is left when the run is over: the nodes, the pairs of sites whose values passed here, the
    /// report of the controller's own models, and the earliest failure of a model.
    pub fn into_outcome(mut self) -> Outcome {
        self.report.steps = self.engine.steps();
        Outcome {
            nodes: self.nodes.into_iter().flatten().collect(),
            relayed: self.links.into_relayed(),
            report: self.report,
            failure: self.failure,
        }
    }

    /// What there is to report since the last call.
    pub fn take_reports(&mut self) -> Vec<Report> {
        mem::take(&mut self.reports)
    }

    /// The earliest failure of a model.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Takes what has arrived, steps, and queues what the nodes are to have. Returns whether there is
    /// more to do at once, nothing until something arrives, or nothing at all any more.
    ///
    /// # Errors
    /// Why the run ends.
    pub fn advance(&mut self, rows: &mut dyn Rows, now: Instant) -> Result<Turn, End> {
        if let Some((wait, since)) = self.waits.take() {
            let time = now.saturating_duration_since(since);
            self.report.add_wait(wait.site, time);
        }
        for (site, _) in SiteId::nodes().zip(0..self.nodes.len()) {
            self.take_messages(site, now)?;
        }
        self.send_limit()?;
        self.turn = if self.has_started {
            self.step(rows)?
        } else {
            Turn::Blocked
        };
        if self.turn == Turn::Finished && self.nodes.iter().flatten().any(|n| n.report.is_none()) {
            return Ok(Turn::Blocked);
        }
        if self.turn == Turn::Blocked {
            self.waits = self.engine.blocked_on().map(|wait| (wait, now));
            if self.has_room_again() {
                return Ok(Turn::Again);
            }
        }
        Ok(self.turn)
    }

    /// Does what can be done here, and hands it out.
    fn step(&mut self, rows: &mut dyn Rows) -> Result<Turn, End> {
        self.is_full = !self.nodes.iter().flatten().all(NodeState::has_room);
        if self.is_full {
            return Ok(Turn::Blocked);
        }
        let turn = self.engine.run(BUDGET, rows).map_err(End::Rows)?;
        let notices = self.engine.take_notices().into_iter().map(Report::Notice);
        self.reports.extend(notices);
        let entries = self.engine.take_entries().into_iter().map(Report::Entry);
        self.reports.extend(entries);
        let files = self.engine.take_files().into_iter();
        self.reports
            .extend(files.map(|written| Report::File(CONTROLLER, written)));
        if let Some(failure) = self.engine.failure().cloned() {
            self.take_failure(failure);
        }
        self.send_limit()?;
        self.hand_out()?;
        Ok(turn)
    }

    /// Gives the nodes the batches for them.
    fn hand_out(&mut self) -> Result<(), End> {
        for (site, node) in SiteId::nodes().zip(&mut self.nodes) {
            let Some(node) = node.as_mut() else {
                continue;
            };
            let batch = self.engine.take_batch(site);
            if !batch.is_empty() {
                let batch = ToNode::Batch {
                    from: CONTROLLER,
                    batch: &batch,
                };
                let said = node.say(&batch);
                said.map_err(|cause| End::TooLarge(site, cause))?;
            }
            self.engine.recycle(site, batch);
        }
        Ok(())
    }

    /// Sends the nodes, once they have started, an earlier end.
    fn send_limit(&mut self) -> Result<(), End> {
        if !self.has_started {
            return Ok(());
        }
        match self.new_limit.take() {
            Some(tick) => self.say_to_all(&ToNode::Limit(tick)),
            None => Ok(()),
        }
    }

    /// Takes a failure. The earliest counts. What lies before it is still done, everywhere, so that the
    /// rows up to it are the same wherever the model ran.
    pub fn take_failure(&mut self, failure: Failure) {
        let order = |failure: &Failure| (failure.tick, failure.model);
        let known = self.failure.as_ref();
        if known.is_some_and(|known| order(known) <= order(&failure)) {
            return;
        }
        let tick = failure.tick;
        self.failure = Some(failure);
        self.engine.limit(tick);
        self.new_limit = Some(tick);
    }
}
