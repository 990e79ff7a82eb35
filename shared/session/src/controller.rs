//! The session of a controller with the nodes of a run, and its own part of it.

use std::fmt::Display;
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::links::{Links, links_of, pairs};
use super::loss::{End, LossCause};
use super::stall::{Motion, Stall};
use shared::engine::{Engine, Failure, Rows, Turn, Wait};
use shared::model::{Notice, WrittenFile};
use shared::plan::{CONTROLLER, SiteId, SitePlan};
use shared::time::Tick;
use shared::wire::{
    ALIVE_INTERVAL, Channel, ConnectionError, FrameError, SILENCE_GRACE, SiteReport, ToController,
    ToNode, Token, decode,
};

/// Steps and rows between two looks at the network.
const BUDGET: usize = 4096;

/// How often the nodes are looked after.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// Bytes that may wait for a node. With more, whoever sends values for it waits: the models here,
/// and other nodes whose values pass here.
const MAX_UNSENT: usize = 4 * 1024 * 1024;

/// What a controller wants its user to know, or has of its models and nodes for somebody else.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A model says something.
    Notice(Notice),
    /// A model wants a file written: one of this site, or of that node, which may say anything.
    File(SiteId, WrittenFile),
    /// Two nodes have no link to each other, for this reason, which the first of them says. Their
    /// values pass here.
    Relayed(SiteId, SiteId, String),
    /// The first has the cluster's key and the second has none, so there is no link between them. Their
    /// values pass here.
    NoCommonKey(SiteId, SiteId),
}

/// A node of a run, as its controller knows it.
#[derive(Debug)]
pub struct NodeState {
    channel: Channel,
    address: SocketAddr,
    /// The models that run there, by their places in the scenario.
    models: Vec<u32>,
    /// What it said last about itself.
    pub progress: Tick,
    /// Steps of its models, as it said last.
    pub steps: u64,
    wait: Option<Wait>,
    /// What it did, once it has finished.
    pub report: Option<SiteReport>,
    finished: Option<Instant>,
    /// Parts of its plan are still to be sent.
    awaits_plan: bool,
    /// Its models are built.
    is_ready: bool,
    /// Its messages wait until this site takes what has been sent to it for it.
    held_by: Option<SiteId>,
    /// It takes nothing any more; what it said before may still be unread.
    is_deaf: bool,
    /// Its connection is of no use any more; what it said before may still be unread.
    gone: Option<ConnectionError>,
}

impl NodeState {
    fn new(channel: Channel, address: SocketAddr, models: Vec<u32>) -> Self {
        Self {
            channel,
            address,
            models,
            progress: 0,
            steps: 0,
            wait: None,
            report: None,
            finished: None,
            awaits_plan: true,
            is_ready: false,
            held_by: None,
            is_deaf: false,
            gone: None,
        }
    }

    /// The channel to it.
    pub fn into_channel(self) -> Channel {
        self.channel
    }

    /// Whether something can still be said to it.
    pub fn is_there(&self) -> bool {
        self.gone.is_none()
    }

    fn finish(&mut self, report: SiteReport, now: Instant) {
        self.report = Some(report);
        self.finished = Some(now);
    }

    /// Whether there is a heartbeat to wait for, and none has come for this long, and as much longer
    /// as it may take on its way.
    fn is_silent_for(&self, timeout: Duration, now: Instant) -> bool {
        let is_heard = self.finished.is_none() && self.held_by.is_none();
        is_heard && self.channel.silent_for(now) > timeout + SILENCE_GRACE
    }

    /// Whether something waits for it, and it has taken nothing for this long. While it builds its
    /// models it takes nothing.
    fn is_deaf_for(&self, timeout: Duration, now: Instant) -> bool {
        let is_taking = self.awaits_plan || self.is_ready;
        is_taking
            && self.channel.unsent() > 0
            && self.channel.idle_for(now) > timeout + SILENCE_GRACE
    }

    /// Whether more may be sent to it before it has taken what waits.
    fn has_room(&self) -> bool {
        self.is_deaf || self.channel.unsent() <= MAX_UNSENT
    }

    /// Queues a message, unless it takes none any more.
    fn say(&mut self, message: &ToNode<'_>) -> Result<(), FrameError> {
        if self.is_deaf || self.gone.is_some() {
            return Ok(());
        }
        self.channel.queue(message)
    }
}

/// Why a node's message ends the run.
enum Stop {
    Loss(LossCause),
    End(End),
}

impl From<FrameError> for Stop {
    fn from(error: FrameError) -> Self {
        confused(error)
    }
}

fn confused(what: impl Display) -> Stop {
    Stop::Loss(LossCause::Confused(what.to_string()))
}

/// A run, seen from its controller: its own models and the monitor, and what it has of the nodes.
#[derive(Debug)]
pub struct ControllerSession {
    engine: Engine,
    /// By site, from site 1 on. One is taken out while its messages are handled.
    nodes: Vec<Option<NodeState>>,
    /// Without a heartbeat for this long, a node is lost.
    timeout: Duration,
    failure: Option<Failure>,
    /// The tick of that failure, which the nodes are still to be told: once a turn, however many
    /// failures they report.
    new_limit: Option<Tick>,
    links: Links,
    report: SiteReport,
    turn: Turn,
    /// All nodes have their plans.
    has_started: bool,
    /// The models here wait for a node to take what has been sent to it.
    is_full: bool,
    /// For whom the engine waits, and since when.
    waits: Option<(Wait, Instant)>,
    checked: Instant,
    motion: Motion,
    reports: Vec<Report>,
}

impl ControllerSession {
    /// A run of an engine together with nodes: for each the channel over which its session was opened,
    /// where it is, and the models that are to run there, by their places in the scenario.
    pub fn new(
        engine: Engine,
        nodes: impl IntoIterator<Item = (Channel, SocketAddr, Vec<u32>)>,
        timeout: Duration,
        now: Instant,
    ) -> Self {
        let node = |(channel, address, models)| Some(NodeState::new(channel, address, models));
        Self {
            engine,
            nodes: nodes.into_iter().map(node).collect(),
            timeout,
            failure: None,
            new_limit: None,
            links: Links::default(),
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

    fn node(&self, site: SiteId) -> Option<&NodeState> {
        self.nodes.get(usize::from(site).checked_sub(1)?)?.as_ref()
    }

    fn node_mut(&mut self, site: SiteId) -> Option<&mut NodeState> {
        let place = usize::from(site).checked_sub(1)?;
        self.nodes.get_mut(place)?.as_mut()
    }

    /// The channel to write to, as long as the node takes something.
    pub fn channel_to(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        (!node.is_deaf && node.gone.is_none()).then_some(&mut node.channel)
    }

    /// The channel to read into, as long as what the node says is to be heard now. A node whose values
    /// somebody else does not take is to wait as well: what it sends stays in the network.
    pub fn channel_from(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        (node.gone.is_none() && node.held_by.is_none()).then_some(&mut node.channel)
    }

    /// Nothing can be written to a node any more. Why it is so may be among what it said before.
    pub fn cannot_write(&mut self, site: SiteId) {
        if let Some(node) = self.node_mut(site) {
            node.is_deaf = true;
        }
    }

    /// Nothing can be read from a node any more.
    pub fn cannot_read(&mut self, site: SiteId, error: ConnectionError) {
        if let Some(node) = self.node_mut(site) {
            node.gone = Some(error);
        }
    }

    /// The channel to a node whose plan is still to be sent, for the files and models of it.
    pub fn plan_channel(&mut self, site: SiteId) -> Option<&mut Channel> {
        let node = self.node_mut(site)?;
        node.awaits_plan.then_some(&mut node.channel)
    }

    /// The files and models of a node's plan have been queued.
    pub fn planned(&mut self, site: SiteId) {
        if let Some(node) = self.node_mut(site) {
            node.awaits_plan = false;
        }
    }

    /// Whether all nodes have the files and models of their plans.
    pub fn is_planned(&self) -> bool {
        self.nodes.iter().flatten().all(|node| !node.awaits_plan)
    }

    /// Lets all nodes start together, so that none gets values before its plan.
    ///
    /// # Errors
    /// The node whose plan does not fit a frame.
    pub fn start(&mut self, plans: &[SitePlan], token: Token) -> Result<(), End> {
        let nodes = || self.nodes.iter().flatten();
        let addresses: Vec<SocketAddr> = nodes().map(|node| node.address).collect();
        let is_secure: Vec<bool> = nodes().map(|node| node.channel.is_secure()).collect();
        let plans: Vec<&SitePlan> = plans.iter().filter(|p| p.site != CONTROLLER).collect();
        let place = |site: SiteId| usize::from(site).checked_sub(1);
        let secure = |site| is_secure.get(place(site)?).copied();
        self.links = Links::plan(pairs(plans.iter().copied()), secure);
        for &(with, without) in self.links.apart() {
            self.reports.push(Report::NoCommonKey(with, without));
        }
        for plan in plans {
            let links = links_of(plan.site, &self.links, &addresses, token, self.timeout);
            let Some(node) = self.node_mut(plan.site) else {
                continue;
            };
            let start = ToNode::Start {
                site: plan.site,
                grid: plan.grid,
                imports: plan.imports.clone(),
                exports: plan.exports.clone(),
            };
            let queued = links.map_or(Ok(()), |links| node.say(&links));
            queued
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
        self.say_to_all(&ToNode::Release(tick))
    }

    /// Queues a message for each node that takes something.
    fn say_to_all(&mut self, message: &ToNode<'_>) -> Result<(), End> {
        for (site, node) in (1..).zip(self.nodes.iter_mut()) {
            let said = node.as_mut().map_or(Ok(()), |node| node.say(message));
            said.map_err(|cause| End::TooLarge(site, cause))?;
        }
        Ok(())
    }

    /// Whether the nodes have been let start.
    pub fn has_started(&self) -> bool {
        self.has_started
    }

    /// The tick before which all models of a node have stepped, as it said last.
    pub fn progress_of(&self, site: SiteId) -> Tick {
        self.node(site).map_or(0, |node| node.progress)
    }

    /// The engine of the controller's own models.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Hands out the rows for which everything is there, without a step.
    pub fn finish_rows(&mut self, rows: &mut dyn Rows) -> io::Result<()> {
        self.engine.finish_rows(rows)
    }

    /// What there is to tell since the last call.
    pub fn take_reports(&mut self) -> Vec<Report> {
        mem::take(&mut self.reports)
    }

    /// The earliest failure of a model.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
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
        for index in 0..self.nodes.len() {
            self.take_messages(index, now)?;
        }
        self.tell_limit()?;
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
        let files = self.engine.take_files().into_iter();
        self.reports
            .extend(files.map(|written| Report::File(CONTROLLER, written)));
        if let Some(failure) = self.engine.failure().cloned() {
            self.take_failure(failure);
        }
        self.tell_limit()?;
        self.hand_out()?;
        Ok(turn)
    }

    /// Gives the nodes the records for them.
    fn hand_out(&mut self) -> Result<(), End> {
        for (index, node) in self.nodes.iter_mut().enumerate() {
            let Some(node) = node.as_mut() else {
                continue;
            };
            let site = SiteId::try_from(index + 1).unwrap_or(SiteId::MAX);
            let records = self.engine.take_batch(site);
            if !records.is_empty() {
                let batch = ToNode::Batch {
                    from: CONTROLLER,
                    records: &records,
                };
                let said = node.say(&batch);
                said.map_err(|cause| End::TooLarge(site, cause))?;
            }
            self.engine.recycle(site, records);
        }
        Ok(())
    }

    /// Whether something that waited for a node to take what is sent to it can go on. To be asked
    /// whenever something has been written.
    pub fn has_room_again(&self) -> bool {
        let nodes = &mut self.nodes.iter().flatten();
        let is_released = |node: &NodeState| node.held_by.is_some_and(|site| self.has_room(site));
        nodes.clone().any(is_released) || (self.is_full && nodes.all(NodeState::has_room))
    }

    /// Whether more may be sent to a site before it has taken what waits.
    fn has_room(&self, site: SiteId) -> bool {
        self.node(site).is_none_or(NodeState::has_room)
    }

    /// Tells the nodes, once they have started, that there is an earlier end.
    fn tell_limit(&mut self) -> Result<(), End> {
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

    /// When the nodes are to be looked after next: [`check`](Self::check) then.
    pub fn deadline(&self) -> Instant {
        self.checked + CHECK_INTERVAL
    }

    /// Looks after the nodes: whether they are there, and take what is sent to them; and gives them
    /// heartbeats. To be called at the [`deadline`](Self::deadline), once what has arrived by then has
    /// been read.
    ///
    /// # Errors
    /// Why the run ends.
    pub fn check(&mut self, now: Instant) -> Result<(), End> {
        self.checked = now;
        self.check_finished(now)?;
        self.links.check(now)?;
        for (site, node) in (1..).zip(self.nodes.iter_mut()) {
            let Some(node) = node.as_mut().filter(|node| node.gone.is_none()) else {
                continue;
            };
            let seconds = self.timeout.as_secs();
            if node.is_silent_for(self.timeout, now) {
                return Err(End::Lost(site, LossCause::Silent(seconds)));
            }
            if node.is_deaf_for(self.timeout, now) {
                return Err(End::Lost(site, LossCause::Deaf(seconds)));
            }
            if node.channel.idle_for(now) >= ALIVE_INTERVAL {
                let said = node.say(&ToNode::Alive);
                said.map_err(|cause| End::TooLarge(site, cause))?;
            }
        }
        Ok(())
    }

    /// What the run waits for, and for how long it has, if it stands still. To be asked several times a
    /// second.
    pub fn stall(&mut self, now: Instant) -> Option<(Stall, Duration)> {
        let nodes = self.nodes.iter().flatten();
        let steps: u64 = nodes.map(|node| node.steps).sum();
        let done = (self.engine.rows(), self.engine.steps() + steps);
        let time = self.motion.look(done, now)?;
        if self.turn != Turn::Blocked {
            return None;
        }
        for (site, node) in (1..).zip(self.nodes.iter()) {
            if node.as_ref().is_some_and(|node| !node.is_ready) {
                return Some((Stall::NotReady(site), time));
            }
        }
        let wait = self.engine.blocked_on()?;
        let wait = Stall::root(wait, |site| self.node(site)?.wait);
        Some((Stall::Waits(wait), time))
    }

    /// Handles what a node has said.
    fn take_messages(&mut self, index: usize, now: Instant) -> Result<(), End> {
        let Some(mut node) = self.nodes.get_mut(index).and_then(Option::take) else {
            return Ok(());
        };
        let site = SiteId::try_from(index + 1).unwrap_or(SiteId::MAX);
        let result = self.handle_all(&mut node, site, now);
        self.nodes[index] = Some(node);
        result.map_err(|stop| match stop {
            Stop::Loss(cause) => End::Lost(site, cause),
            Stop::End(end) => end,
        })
    }

    fn handle_all(&mut self, node: &mut NodeState, site: SiteId, now: Instant) -> Result<(), Stop> {
        loop {
            if node.held_by.is_some_and(|to| !self.has_room(to)) {
                return Ok(());
            }
            node.held_by = None;
            let Some(content) = node.channel.next_frame()? else {
                break;
            };
            match decode(content)? {
                ToController::Batch { to, records } => {
                    self.take_batch(site, to, records)?;
                    node.held_by = (!self.has_room(to)).then_some(to);
                }
                ToController::Alive {
                    progress,
                    steps,
                    wait,
                } => {
                    (node.progress, node.steps, node.wait) = (progress, steps, wait);
                }
                ToController::Notice(notice) => self.reports.push(Report::Notice(notice)),
                ToController::Failed(failure) => {
                    self.check_runs(&node.models, failure.model, failure.tick)?;
                    self.take_failure(failure);
                }
                ToController::File(written) => {
                    self.check_runs(&node.models, written.model, written.tick)?;
                    self.reports.push(Report::File(site, written));
                }
                ToController::Finished(report) => node.finish(report, now),
                ToController::Ready => node.is_ready = true,
                ToController::NotReady { model, errors } => {
                    return Err(Stop::End(End::NotReady(site, model, errors)));
                }
                ToController::Refused(refusal) => {
                    return Err(Stop::Loss(LossCause::Refused(refusal)));
                }
                ToController::Leaving => return Err(Stop::Loss(LossCause::Stopped)),
                ToController::Relayed { site: to, reason } => {
                    self.check_partner(site, to)?;
                    self.take_relayed(site, to, reason)?;
                }
                ToController::LinkLost {
                    site: to,
                    progress,
                    cause,
                } => {
                    self.check_partner(site, to)?;
                    self.links.lose((site, to), progress, cause, now);
                }
                ToController::Welcome { .. } => return Err(confused("a second welcome")),
                ToController::Status(_) => return Err(confused("a status in a session")),
            }
        }
        match node.gone.take() {
            Some(error) if node.report.is_none() => Err(Stop::Loss(LossCause::Connection(error))),
            gone => {
                node.gone = gone;
                Ok(())
            }
        }
    }

    /// Refuses what a node says of a link that cannot be.
    fn check_partner(&self, site: SiteId, to: SiteId) -> Result<(), Stop> {
        let is_node = to != CONTROLLER && usize::from(to) <= self.nodes.len();
        if is_node && to != site {
            return Ok(());
        }
        Err(confused("it speaks of a link to nobody"))
    }

    /// Refuses what a node says of a model that it does not run, or of a step after the end.
    fn check_runs(&self, models: &[u32], model: u32, tick: Tick) -> Result<(), Stop> {
        if tick >= self.engine.grid().ticks {
            return Err(confused("it speaks of a step after the end of the run"));
        }
        if models.contains(&model) {
            return Ok(());
        }
        Err(confused("it speaks for a model that it does not run"))
    }

    /// Takes a batch for the controller's own models, or passes it on.
    fn take_batch(&mut self, from: SiteId, to: SiteId, records: &[u8]) -> Result<(), Stop> {
        if to == CONTROLLER {
            return self.engine.receive(from, records).map_err(confused);
        }
        if usize::from(to) > self.nodes.len() || to == from {
            return Err(confused("a batch for nobody"));
        }
        let reason = if self.links.is_wanted(from, to) {
            "it does not say why"
        } else {
            "a node takes no more of them"
        };
        self.take_relayed(from, to, reason)?;
        let receiver = self.node_mut(to);
        let receiver = receiver.ok_or_else(|| confused("a batch for nobody"))?;
        let said = receiver.say(&ToNode::Batch { from, records });
        said.map_err(|cause| Stop::End(End::TooLarge(to, cause)))
    }

    /// Takes note that the values of two nodes pass here; it is reported once, and the other node is
    /// told.
    fn take_relayed(&mut self, from: SiteId, to: SiteId, reason: &str) -> Result<(), Stop> {
        if !self.links.relay(from, to) {
            return Ok(());
        }
        let report = Report::Relayed(from, to, crate::links::words(reason));
        self.reports.push(report);
        if !self.links.is_wanted(from, to) {
            // It was never told of a link.
            return Ok(());
        }
        match self.node_mut(to) {
            Some(other) => other
                .say(&ToNode::Relay(from))
                .map_err(|cause| Stop::End(End::TooLarge(to, cause))),
            None => Ok(()),
        }
    }

    /// Whether every node that says it has finished has done what the others need. One that has not
    /// would be waited for without end.
    fn check_finished(&self, now: Instant) -> Result<(), End> {
        let nodes = || self.nodes.iter().flatten();
        if nodes().all(|node| node.finished.is_none()) {
            return Ok(());
        }
        for wait in self.engine.waits() {
            self.check_wait(wait, |_| true)?;
        }
        // What a node says about itself was true a moment ago.
        let settled = self.timeout + 2 * ALIVE_INTERVAL;
        for node in nodes() {
            if let (None, Some(wait)) = (node.finished, node.wait) {
                let is_settled = |at| now.saturating_duration_since(at) > settled;
                self.check_wait(wait, is_settled)?;
            }
        }
        Ok(())
    }

    fn check_wait(&self, wait: Wait, is_settled: impl Fn(Instant) -> bool) -> Result<(), End> {
        let finished = self.node(wait.site).and_then(|node| node.finished);
        if wait.source.is_some() && finished.is_some_and(is_settled) {
            return Err(End::Lost(wait.site, LossCause::Unfinished(wait)));
        }
        Ok(())
    }
}

/// What is left of a run, seen from its controller.
#[derive(Debug)]
pub struct Outcome {
    /// The nodes, by site.
    pub nodes: Vec<NodeState>,
    /// The pairs of sites whose values passed here.
    pub relayed: Vec<(SiteId, SiteId)>,
    /// What the controller's own models did.
    pub report: SiteReport,
    /// The earliest failure of a model.
    pub failure: Option<Failure>,
}
