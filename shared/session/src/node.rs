//! The session of a node with a controller: one part of one scenario.

use std::fmt::Display;
use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::SessionError;
use super::inbox::PlanInbox;
use super::peer_links::PeerLinks;
use shared::engine::{Engine, MAX_BATCH, NoRows, PlanError, Turn, Wait};
use shared::files::MemoryFiles;
use shared::memory::Account;
use shared::model::Notice;
use shared::plan::{PlannedModel, SiteId, SitePlan};
use shared::time::Tick;
use shared::wire::{
    ALIVE_INTERVAL, Channel, ConnectionError, MAX_LINKS, Refusal, SiteReport, ToController, ToNode,
    Token, decode,
};

/// Steps between two looks at the network.
const BUDGET: usize = 512;

/// Bytes that may wait to be sent to all others before the models do.
const MAX_UNSENT: usize = 2 * 1024 * 1024;

/// What a peer link takes for what arrives and what is to be sent, beside that.
const LINK_BUFFERS: usize = 4 * MAX_BATCH;

/// How long values that nobody waits for may be kept back, so that many go at once.
const LAZINESS: Duration = Duration::from_millis(10);

/// Between two heartbeats while somebody else's are overdue.
const HASTE: Duration = Duration::from_millis(250);

/// So many bytes of values that nobody waits for go without delay.
const LAZY_BATCH: usize = 4 * 1024;

/// A controller that has been silent for this long is gone, unless it asks for more.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// Who is at the other end of a channel of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The controller.
    Controller,
    /// Another node of the run.
    Peer(SiteId),
}

/// What a session wants of whoever drives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// To let these sites in when they call for the run with this token.
    Await(Token, Vec<SiteId>),
    /// To call a node, as this site of the run with this token.
    Call {
        /// The run.
        token: Token,
        /// This site.
        from: SiteId,
        /// The site to be called.
        site: SiteId,
        /// Where.
        address: SocketAddr,
    },
    /// To know that a model has failed.
    Failed,
}

/// What a call of [`NodeSession::advance`] came to.
#[derive(Debug)]
pub enum Advance {
    /// There is more to do at once.
    Again,
    /// There is nothing to do until something arrives, or until the deadline.
    Wait,
    /// The plan is complete, and the engine for it is to be built: [`NodeSession::start`].
    Build(Box<(SitePlan, MemoryFiles)>),
    /// The controller has closed the session. What waits for it is still to be sent.
    Over,
}

/// The session of a node with a controller.
#[derive(Debug)]
pub struct NodeSession {
    controller: Channel,
    /// What it takes of the memory of the node.
    account: Account,
    links: PeerLinks,
    phase: Phase,
    report: SiteReport,
    /// When the next heartbeat is due.
    heartbeat: Instant,
    /// When values that are kept back go.
    lazy_until: Option<Instant>,
    /// The release that the controller has set before there was an engine.
    release: Option<Tick>,
    /// For whom the engine waits, and since when.
    waits: Option<(Wait, Instant)>,
    events: Vec<Event>,
}

#[derive(Debug)]
enum Phase {
    /// The plan arrives.
    Planning(PlanInbox, Option<Token>),
    /// The engine is built.
    Building,
    Stepping(Box<Stepping>),
    Over,
}

/// What there is once the models are built.
#[derive(Debug)]
struct Stepping {
    engine: Engine,
    /// The sites that it exchanges values with.
    partners: Vec<SiteId>,
    turn: Turn,
    /// The tick of the failure that the controller knows.
    failed_at: Option<Tick>,
    /// The controller has the report.
    finished: bool,
}

impl NodeSession {
    /// A session that a controller has opened at this time, over a channel on which nothing else is
    /// said any more.
    pub fn new(controller: Channel, account: Account, now: Instant) -> Self {
        Self {
            controller,
            account,
            links: PeerLinks::default(),
            phase: Phase::Planning(PlanInbox::default(), None),
            report: SiteReport::default(),
            heartbeat: now + ALIVE_INTERVAL,
            lazy_until: None,
            release: None,
            waits: None,
            events: Vec::new(),
        }
    }

    /// The channel to one of the others, as long as something can be said and heard over it.
    pub fn channel(&mut self, side: Side) -> Option<&mut Channel> {
        match side {
            Side::Controller => Some(&mut self.controller),
            Side::Peer(site) => self.links.channel(site),
        }
    }

    /// Nothing is said or heard over a channel any more.
    ///
    /// # Errors
    /// Where it is that to the controller. What it said before is lost with it.
    pub fn lost(&mut self, side: Side, error: ConnectionError) -> Result<(), SessionError> {
        match side {
            Side::Controller => return Err(error.into()),
            Side::Peer(site) => self.links.lost(site, error),
        }
        Ok(())
    }

    /// A node of the run has called, and been told that it may come in.
    pub fn link_arrived(&mut self, site: SiteId, channel: Channel) {
        self.links.arrived(site, channel);
    }

    /// A node that was called for [`Event::Call`] has let this one in.
    pub fn link_called(&mut self, site: SiteId, channel: Channel) {
        self.links.called(site, channel);
    }

    /// A call for [`Event::Call`] was in vain.
    pub fn link_failed(&mut self, site: SiteId, reason: &dyn Display) {
        // Where there was to be no link nobody was called.
        let _ = self.links.relay(site, reason);
    }

    /// What is wanted of whoever drives the session, since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        mem::take(&mut self.events)
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.report.steps
    }

    /// The engine, once the models are built.
    pub fn engine(&self) -> Option<&Engine> {
        match &self.phase {
            Phase::Stepping(stepping) => Some(&stepping.engine),
            _ => None,
        }
    }

    /// An account for the engine that is to be built, beside what the session has taken so far.
    pub fn engine_account(&self) -> Account {
        self.account.branch()
    }

    /// The channel to the controller, when the session is over.
    pub fn into_channel(self) -> Channel {
        self.controller
    }

    /// Takes the engine that has been built for the plan, or why there is none, and what the controller
    /// is to be told at once.
    pub fn start(
        &mut self,
        plan: SitePlan,
        files: MemoryFiles,
        built: Result<Engine, PlanError>,
        notices: Vec<Notice>,
    ) -> Result<(), SessionError> {
        let mut engine = match built {
            Ok(engine) => engine,
            Err(error) => return Err(self.not_ready(error)),
        };
        if let Some(tick) = self.release {
            engine.release(tick);
        }
        self.controller.queue(&ToController::Ready)?;
        for notice in notices {
            self.controller.queue(&ToController::Notice(notice))?;
        }
        // What it was made from can be large. Files are read to the end of the run.
        let models = plan.models.iter().map(PlannedModel::bytes);
        let done_with = plan.streams_bytes() + models.sum::<usize>();
        drop((plan, files));
        self.account.give(done_with);
        let partners = engine.peers();
        self.phase = Phase::Stepping(Box::new(Stepping {
            engine,
            partners,
            turn: Turn::Again,
            failed_at: None,
            finished: false,
        }));
        Ok(())
    }

    /// Tells the controller which model cannot be built.
    fn not_ready(&mut self, error: PlanError) -> SessionError {
        let (model, errors) = match error {
            PlanError::Build { model, errors } => (model, errors),
            PlanError::OutOfMemory(error) => return error.into(),
            _ => return SessionError::Refused(Refusal::InconsistentPlan),
        };
        let said = ToController::NotReady { model, errors };
        match self.controller.queue(&said) {
            Ok(()) => SessionError::NotReady,
            Err(error) => error.into(),
        }
    }

    /// Takes what has arrived, steps, and queues what the others are to have.
    pub fn advance(&mut self, now: Instant) -> Result<Advance, SessionError> {
        if let Some((wait, since)) = self.waits.take() {
            let time = now.saturating_duration_since(since);
            self.report.add_wait(wait.site, time);
        }
        let result = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Planning(inbox, token) => return self.take_plan(inbox, token, now),
            Phase::Building => {
                self.phase = Phase::Building;
                return Ok(Advance::Wait);
            }
            Phase::Stepping(mut stepping) => {
                let result = self.step(&mut stepping, now);
                self.phase = Phase::Stepping(stepping);
                result
            }
            Phase::Over => return Ok(Advance::Over),
        };
        if matches!(result, Ok(Advance::Over)) {
            self.phase = Phase::Over;
        }
        result
    }

    /// Takes messages until there is a plan.
    fn take_plan(
        &mut self,
        mut inbox: PlanInbox,
        mut run: Option<Token>,
        now: Instant,
    ) -> Result<Advance, SessionError> {
        let inconsistent = || SessionError::Refused(Refusal::InconsistentPlan);
        while let Some(content) = self.controller.next_frame()? {
            match read(content, &mut self.account)? {
                ToNode::Close => return Ok(Advance::Over),
                ToNode::Links {
                    token,
                    silence,
                    peers,
                } if run.is_none() => {
                    run = Some(token);
                    let buffers = LINK_BUFFERS * peers.len().min(MAX_LINKS);
                    self.account.take(buffers)?;
                    self.links = PeerLinks::new(silence, &peers, now).ok_or_else(inconsistent)?;
                    let callers = self.links.callers();
                    self.events.push(Event::Await(token, callers));
                }
                ToNode::Release(tick) => self.release = Some(tick),
                message => {
                    let plan = inbox.take(message, content.len(), &mut self.account);
                    let Some((plan, files)) = plan.map_err(SessionError::Refused)? else {
                        continue;
                    };
                    if let Some(token) = run {
                        let calls = self.links.calls(&plan).ok_or_else(inconsistent)?;
                        let from = plan.site;
                        let call = |(site, address)| Event::Call {
                            token,
                            from,
                            site,
                            address,
                        };
                        self.events.extend(calls.into_iter().map(call));
                    }
                    self.phase = Phase::Building;
                    return Ok(Advance::Build(Box::new((plan, files))));
                }
            }
        }
        self.phase = Phase::Planning(inbox, run);
        Ok(Advance::Wait)
    }

    fn step(&mut self, stepping: &mut Stepping, now: Instant) -> Result<Advance, SessionError> {
        if !self.receive(&mut stepping.engine)? {
            if !stepping.finished {
                // The run ends early, and the controller sums up what there is of it.
                self.finish()?;
            }
            return Ok(Advance::Over);
        }
        stepping.turn = if self.is_full() {
            Turn::Blocked
        } else {
            let turn = stepping.engine.run(BUDGET, &mut NoRows);
            turn.unwrap_or(Turn::Again)
        };
        self.report.steps = stepping.engine.steps();
        self.tell(stepping, now)?;
        let wait = what_blocks(stepping);
        self.waits = wait.map(|wait| (wait, now));
        Ok(match stepping.turn {
            Turn::Again => Advance::Again,
            Turn::Blocked | Turn::Finished => Advance::Wait,
        })
    }

    /// Tells the controller what has been done.
    fn finish(&mut self) -> Result<(), SessionError> {
        self.report.linked = self.links.sent();
        let report = self.report.clone();
        self.controller.queue(&ToController::Finished(report))?;
        Ok(())
    }

    /// Takes what has arrived. Returns whether the session goes on.
    fn receive(&mut self, engine: &mut Engine) -> Result<bool, SessionError> {
        let out_of_order = || SessionError::Refused(Refusal::OutOfOrder);
        while let Some(content) = self.controller.next_frame()? {
            match read(content, &mut self.account)? {
                ToNode::Batch { from, .. } if self.links.are_up_to(from) => {
                    return Err(out_of_order());
                }
                ToNode::Batch { from, records } => {
                    engine.receive(from, records).map_err(SessionError::Batch)?;
                }
                ToNode::Limit(tick) => engine.limit(tick),
                ToNode::Release(tick) => engine.release(tick),
                ToNode::Relay(site) => {
                    let relayed = self.links.relay(site, &"the other side has no link");
                    relayed.ok_or_else(out_of_order)?;
                }
                ToNode::Alive => {}
                ToNode::Close => return Ok(false),
                _ => return Err(out_of_order()),
            }
        }
        self.links.receive(engine);
        Ok(true)
    }

    /// Queues what the turn gave: records, notices, a failure, the end.
    fn tell(&mut self, stepping: &mut Stepping, now: Instant) -> Result<(), SessionError> {
        self.links
            .tell(&mut self.controller, &stepping.engine, stepping.finished)?;
        self.send_batches(stepping, now)?;
        for notice in stepping.engine.take_notices() {
            self.controller.queue(&ToController::Notice(notice))?;
        }
        for written in stepping.engine.take_files() {
            self.controller.queue(&ToController::File(written))?;
        }
        if let Some(failure) = stepping.engine.failure()
            && stepping.failed_at.is_none_or(|known| failure.tick < known)
        {
            stepping.failed_at = Some(failure.tick);
            self.controller
                .queue(&ToController::Failed(failure.clone()))?;
            self.events.push(Event::Failed);
        }
        if self.has_report(stepping) {
            stepping.finished = true;
            self.finish()?;
        }
        Ok(())
    }

    /// Whether everything is done, and the controller is to be told so: not before what the others
    /// need is on its way, since the controller may close the session then.
    fn has_report(&self, stepping: &Stepping) -> bool {
        stepping.turn == Turn::Finished && !stepping.finished && self.links.backlog() == 0
    }

    /// Queues records at once where somebody waits for them, and keeps others back for a moment.
    fn send_batches(&mut self, stepping: &mut Stepping, now: Instant) -> Result<(), SessionError> {
        let Stepping {
            engine,
            partners,
            turn,
            ..
        } = stepping;
        let is_over = *turn == Turn::Finished || engine.failure().is_some();
        let all = is_over || self.lazy_until.is_some_and(|until| now >= until);
        let mut kept = false;
        for &to in partners.iter() {
            let Some(waiting) = engine.waiting(to) else {
                continue;
            };
            if !(all || waiting.is_awaited || waiting.bytes >= LAZY_BATCH) {
                kept = true;
                continue;
            }
            let records = engine.take_batch(to);
            if !self.links.take(to, &records) {
                self.controller.queue(&ToController::Batch {
                    to,
                    records: &records,
                })?;
            }
            engine.recycle(to, records);
        }
        if !kept {
            self.lazy_until = None;
        } else if self.lazy_until.is_none() {
            self.lazy_until = Some(now + LAZINESS);
        }
        Ok(())
    }

    /// Whether more waits to be sent than there should be.
    fn is_full(&self) -> bool {
        self.controller.unsent() + self.links.backlog() > MAX_UNSENT
    }

    /// When the session wants to go on, though nothing may have arrived: [`beat`](Self::beat) and
    /// [`advance`](Self::advance) then. `None`: at once.
    pub fn deadline(&self) -> Option<Instant> {
        if let Phase::Stepping(stepping) = &self.phase
            && self.has_report(stepping)
        {
            return None;
        }
        let lazy = self.lazy_until.unwrap_or(self.heartbeat);
        Some(lazy.min(self.heartbeat))
    }

    /// Gives a heartbeat where one is due, and looks for those of the others. Returns whether it was:
    /// then it is time to look after the connections as well.
    pub fn beat(&mut self, now: Instant) -> Result<bool, SessionError> {
        if now < self.heartbeat {
            return Ok(false);
        }
        let is_quiet = self.links.beat(now) | self.controller.is_quiet(now);
        self.heartbeat = now + if is_quiet { HASTE } else { ALIVE_INTERVAL };
        let (progress, steps, wait) = match &self.phase {
            Phase::Stepping(stepping) => (
                stepping.engine.progress(),
                stepping.engine.steps(),
                what_blocks(stepping),
            ),
            _ => (0, 0, None),
        };
        self.controller.queue(&ToController::Alive {
            progress,
            steps,
            wait,
        })?;
        let limit = SILENCE_LIMIT.max(self.links.silence());
        if self.controller.silent_for(now) > limit {
            return Err(SessionError::Silent(limit));
        }
        Ok(true)
    }
}

/// Reads a message, if there is the memory that this may take for a moment.
fn read<'a>(content: &'a [u8], account: &mut Account) -> Result<ToNode<'a>, SessionError> {
    let most = ToNode::memory_to_read(content);
    account.take(most)?;
    let message = decode(content)?;
    account.give(most);
    Ok(message)
}

/// What the engine waits for, if it does.
fn what_blocks(stepping: &Stepping) -> Option<Wait> {
    (stepping.turn == Turn::Blocked)
        .then(|| stepping.engine.blocked_on())
        .flatten()
}
