//! A session: one controller, one part of one scenario.
//!
//! It has a thread of its own, which waits on the sockets of its peers itself: between a value that
//! arrives and the values that follow from it there is no other thread, no queue and no allocation.

mod attend;
mod error;
mod mailbox;

use std::net::TcpStream;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use shared::files::MemoryFiles;
use shared::host::{Host, MAX_BATCH, NoRows, PlanError, Turn, Wait};
use shared::memory::{Account, OutOfMemory, SESSION_MEMORY};
use shared::model::ModelType;
use shared::plan::{PlannedModel, SiteId, SitePlan};
use shared::wire::{
    ALIVE_INTERVAL, Connection, ConnectionError, MAX_LINKS, Refusal, SiteReport, ToController,
    ToNode, Token, decode,
};
use smol::channel::Sender;

use crate::lights::{Fault, Lights, ValueLights};
use crate::links::Links;
use crate::plan::PlanInbox;
use crate::server::Node;
use error::SILENCE_LIMIT;
use mailbox::Events;

pub(crate) use attend::attend;
pub(crate) use error::SessionError;
#[cfg(test)]
pub(crate) use mailbox::mailbox;
pub(crate) use mailbox::{Event, Mailbox, Request};

/// Steps between two looks at the network.
const BUDGET: usize = 512;

/// Bytes that may wait to be sent to all others before the models do.
const MAX_UNSENT: usize = 2 * 1024 * 1024;

/// What a link takes for what arrives and what is to be sent, beside that.
const LINK_BUFFERS: usize = 4 * MAX_BATCH;

/// How long values that nobody waits for may be kept back, so that many go at once.
const LAZINESS: Duration = Duration::from_millis(10);

/// Between two signs of life while somebody else's are overdue.
const HASTE: Duration = Duration::from_millis(250);

/// So many bytes of them go without delay.
const LAZY_BATCH: usize = 4 * 1024;

/// What a session waits on: its controller, the rest of the node, other nodes.
const MAX_SOCKETS: usize = 2 + MAX_LINKS;

/// An open session.
pub(crate) struct Session {
    connection: Connection<TcpStream>,
    events: Events,
    requests: Sender<Request>,
    lights: Arc<Lights>,
    catalogue: Vec<&'static ModelType>,
    /// What it takes of the memory of the node.
    account: Account,
    links: Links,
    report: SiteReport,
    /// When to give a sign of life.
    pulse: Instant,
    /// When values that are kept back go.
    lazy_until: Option<Instant>,
}

/// A session that is over.
pub(crate) struct Ended {
    pub(crate) connection: Connection<TcpStream>,
    pub(crate) result: Result<(), SessionError>,
    pub(crate) steps: u64,
}

impl Session {
    fn new(
        node: &Node,
        connection: Connection<TcpStream>,
        events: Events,
        requests: Sender<Request>,
    ) -> Self {
        Self {
            connection,
            events,
            requests,
            lights: Arc::clone(&node.lights),
            catalogue: node.catalogue.clone(),
            account: Account::of(&node.memory, SESSION_MEMORY),
            links: Links::default(),
            report: SiteReport::default(),
            pulse: Instant::now() + ALIVE_INTERVAL,
            lazy_until: None,
        }
    }

    /// Takes the plan and runs it.
    fn run(mut self) -> Ended {
        let result = self.take_and_run();
        // Other nodes need not wait for the farewell: the links end here.
        Ended {
            connection: self.connection,
            result,
            steps: self.report.steps,
        }
    }

    fn take_and_run(&mut self) -> Result<(), SessionError> {
        let Some((plan, files)) = self.take_plan()? else {
            return Ok(());
        };
        self.ask(Request::Models(plan.models.len()));
        if let Some((model, pin)) = self.lights.forbidden(&plan) {
            let refusal = Refusal::ReservedPin { model, pin };
            return Err(SessionError::Refused(refusal));
        }
        let mut host = self.build(&plan, &files)?;
        self.connection.queue(&ToController::Ready)?;
        let mut notices = Vec::new();
        let leds = self.lights.bind(&plan, &mut notices);
        for notice in notices {
            self.connection.queue(&ToController::Notice(notice))?;
        }
        // What it was made from can be large. Files are read to the end of the run.
        let done_with =
            plan.streams_bytes() + plan.models.iter().map(PlannedModel::bytes).sum::<usize>();
        drop((plan, files));
        self.account.give(done_with);
        self.step(&leds, &mut host)
    }

    /// Builds the models of a plan. That can take a while, so whoever waits for it is kept in mind.
    fn build(&mut self, plan: &SitePlan, files: &MemoryFiles) -> Result<Host, SessionError> {
        let catalogue = self.catalogue.clone();
        let account = self.account.branch();
        let mut given_up = None;
        let mut go_on = || match self.is_still_wanted() {
            Ok(()) => true,
            Err(error) => {
                given_up = Some(error);
                false
            }
        };
        let built = Host::build(plan, &catalogue, files, account, &mut go_on);
        match (built, given_up) {
            (_, Some(error)) => Err(error),
            (Ok(host), None) => Ok(host),
            (Err(error), None) => Err(self.not_ready(error)),
        }
    }

    /// Looks whether the controller is there and the node goes on, and gives a sign of life when one
    /// is due. What the controller says meanwhile waits.
    fn is_still_wanted(&mut self) -> Result<(), SessionError> {
        let ready = self.poll(Duration::ZERO)?;
        if ready.first().is_some_and(|bell| bell.intersects(READABLE)) {
            self.take_events()?;
        }
        let gone = PollFlags::HUP | PollFlags::ERR;
        if ready.get(1).is_some_and(|events| events.intersects(gone)) {
            return Err(ConnectionError::Closed.into());
        }
        if Instant::now() >= self.pulse {
            self.beat(None, Turn::Blocked)?;
        }
        Ok(())
    }

    /// Asks the rest of the node for something.
    fn ask(&self, request: Request) {
        // It listens as long as there is a session.
        let _ = self.requests.try_send(request);
    }

    fn take_plan(&mut self) -> Result<Option<(SitePlan, MemoryFiles)>, SessionError> {
        let inconsistent = || SessionError::Refused(Refusal::InconsistentPlan);
        let mut inbox = PlanInbox::default();
        let mut run: Option<Token> = None;
        loop {
            while let Some(content) = self.connection.next_frame()? {
                match read(content, &mut self.account)? {
                    ToNode::Close => return Ok(None),
                    ToNode::Links {
                        token,
                        silence,
                        peers,
                    } if run.is_none() => {
                        run = Some(token);
                        let buffers = LINK_BUFFERS * peers.len().min(MAX_LINKS);
                        self.account.take(buffers).map_err(out_of_memory)?;
                        self.links = Links::new(silence, &peers).ok_or_else(inconsistent)?;
                        self.ask(Request::Await(token, self.links.callers()));
                    }
                    message => {
                        let plan = inbox.take(message, content.len(), &mut self.account);
                        let Some((plan, files)) = plan.map_err(SessionError::Refused)? else {
                            continue;
                        };
                        if let Some(token) = run {
                            let calls = self.links.calls(token, &plan);
                            let calls = calls.ok_or_else(inconsistent)?;
                            for call in calls {
                                self.ask(call);
                            }
                        }
                        return Ok(Some((plan, files)));
                    }
                }
            }
            self.connection.write()?;
            self.wait(None, Turn::Blocked)?;
        }
    }

    /// Tells the controller which model cannot be built.
    fn not_ready(&mut self, error: PlanError) -> SessionError {
        let (model, errors) = match error {
            PlanError::Build { model, errors } => (model, errors),
            PlanError::OutOfMemory(error) => return out_of_memory(error),
            _ => return SessionError::Refused(Refusal::InconsistentPlan),
        };
        let said = ToController::NotReady { model, errors };
        match self.connection.queue(&said) {
            Ok(()) => SessionError::NotReady,
            Err(error) => error.into(),
        }
    }

    /// Steps the models until the controller closes the session.
    fn step(&mut self, leds: &ValueLights, host: &mut Host) -> Result<(), SessionError> {
        let peers = host.peers();
        let mut told = Told::default();
        while self.receive(host)? {
            let turn = if self.is_full() {
                Turn::Blocked
            } else {
                host.run(BUDGET, &mut NoRows).unwrap_or(Turn::Again)
            };
            if host.steps() > self.report.steps {
                self.report.steps = host.steps();
                self.lights.stepped();
                leds.show(host);
            }
            self.tell(host, &peers, turn, &mut told)?;
            let blocked = what_blocks(host, turn);
            let before = blocked.map(|_| Instant::now());
            self.wait(Some(host), turn)?;
            if let (Some(wait), Some(before)) = (blocked, before) {
                self.report.add_wait(wait.site, before.elapsed());
            }
        }
        if !told.finished {
            // The run ends early, and the controller sums up what there is of it.
            self.finish()?;
        }
        Ok(())
    }

    /// Tells the controller what has been done.
    fn finish(&mut self) -> Result<(), SessionError> {
        self.report.linked = self.links.sent();
        self.connection
            .queue(&ToController::Finished(self.report.clone()))?;
        Ok(())
    }

    /// Takes what has arrived. Returns whether the session goes on.
    fn receive(&mut self, host: &mut Host) -> Result<bool, SessionError> {
        let out_of_order = || SessionError::Refused(Refusal::OutOfOrder);
        while let Some(content) = self.connection.next_frame()? {
            match read(content, &mut self.account)? {
                ToNode::Batch { from, .. } if self.links.are_up_to(from) => {
                    return Err(out_of_order());
                }
                ToNode::Batch { from, records } => {
                    host.receive(from, records).map_err(SessionError::Batch)?;
                }
                ToNode::Limit(tick) => host.limit(tick),
                ToNode::Relay(site) => self.links.relay(site).ok_or_else(out_of_order)?,
                ToNode::Alive => {}
                ToNode::Close => return Ok(false),
                _ => return Err(out_of_order()),
            }
        }
        self.links.receive(host);
        Ok(true)
    }

    /// Sends what the turn gave: records, notices, a failure, the end.
    fn tell(
        &mut self,
        host: &mut Host,
        peers: &[SiteId],
        turn: Turn,
        told: &mut Told,
    ) -> Result<(), SessionError> {
        self.links.tell(&mut self.connection, host, told.finished)?;
        self.send_batches(host, peers, turn)?;
        for notice in host.take_notices() {
            self.connection.queue(&ToController::Notice(notice))?;
        }
        for written in host.take_files() {
            self.connection.queue(&ToController::File(written))?;
        }
        if let Some(failure) = host.failure()
            && told.failed_at.is_none_or(|tick| failure.tick < tick)
        {
            told.failed_at = Some(failure.tick);
            self.connection
                .queue(&ToController::Failed(failure.clone()))?;
            self.lights.fault(Fault::Model);
        }
        // What the others need is on its way before the session can be closed.
        if turn == Turn::Finished && !told.finished && self.links.backlog() == 0 {
            told.finished = true;
            self.finish()?;
        }
        self.connection.write()?;
        Ok(())
    }

    /// Sends records at once where somebody waits for them, and keeps others back for a moment.
    fn send_batches(
        &mut self,
        host: &mut Host,
        peers: &[SiteId],
        turn: Turn,
    ) -> Result<(), SessionError> {
        let is_over = turn == Turn::Finished || host.failure().is_some();
        let is_late = |until| Instant::now() >= until;
        let all = is_over || self.lazy_until.is_some_and(is_late);
        let mut kept = false;
        for &to in peers {
            let Some(waiting) = host.waiting(to) else {
                continue;
            };
            if !(all || waiting.is_awaited || waiting.bytes >= LAZY_BATCH) {
                kept = true;
                continue;
            }
            let records = host.take_batch(to);
            if !self.links.take(to, &records) {
                self.connection.queue(&ToController::Batch {
                    to,
                    records: &records,
                })?;
            }
            host.recycle(to, records);
        }
        self.links.write();
        if !kept {
            self.lazy_until = None;
        } else if self.lazy_until.is_none() {
            self.lazy_until = Some(Instant::now() + LAZINESS);
        }
        Ok(())
    }

    /// Whether more waits to be sent than there should be.
    fn is_full(&self) -> bool {
        self.connection.unsent() + self.links.backlog() > MAX_UNSENT
    }

    /// Waits until there is something to do, unless there is already, and keeps the session alive.
    fn wait(&mut self, host: Option<&Host>, turn: Turn) -> Result<(), SessionError> {
        let limit = if turn == Turn::Again {
            Duration::ZERO
        } else {
            let next = self
                .lazy_until
                .map_or(self.pulse, |until| until.min(self.pulse));
            next.saturating_duration_since(Instant::now())
        };
        let ready = self.poll(limit)?;
        let mut ready = ready.iter().map(|events| events.intersects(READABLE));
        let mut has_something = || ready.next() == Some(true);
        if has_something() {
            self.take_events()?;
        }
        if has_something() {
            self.connection.fill()?;
        }
        self.links.fill(has_something);
        // Only now: a process that was held up finds first what has come meanwhile.
        if Instant::now() >= self.pulse {
            self.beat(host, turn)?;
        }
        Ok(())
    }

    /// Waits until a socket is ready: the bell of the mailbox, the controller's, those of links.
    fn poll(&self, limit: Duration) -> Result<Ready, SessionError> {
        let mut sockets = heapless::Vec::<PollFd<'_>, MAX_SOCKETS>::new();
        // There are no more sockets than that.
        let _ = sockets.push(PollFd::from_borrowed_fd(
            self.events.bell.as_fd(),
            PollFlags::IN,
        ));
        for connection in std::iter::once(&self.connection).chain(self.links.connections()) {
            let events = match connection.unsent() {
                0 => PollFlags::IN,
                _ => PollFlags::IN | PollFlags::OUT,
            };
            let socket = connection.stream().as_fd();
            let _ = sockets.push(PollFd::from_borrowed_fd(socket, events));
        }
        let limit = Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: limit.subsec_nanos().into(),
        };
        match poll(&mut sockets, Some(&limit)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(SessionError::System(error.into())),
        }
        Ok(sockets.iter().map(PollFd::revents).collect())
    }

    /// Takes what the rest of the node has for this session.
    fn take_events(&mut self) -> Result<(), SessionError> {
        self.events.answer_bell();
        while let Some(event) = self.events.next() {
            match event {
                Event::Stop => return Err(SessionError::Stopped),
                event => self.links.take_event(event),
            }
        }
        Ok(())
    }

    /// Gives a sign of life, and looks for those of the others.
    fn beat(&mut self, host: Option<&Host>, turn: Turn) -> Result<(), SessionError> {
        self.connection.keep_trying();
        let links_are_quiet = self.links.beat();
        let is_quiet = self.connection.is_quiet() || links_are_quiet;
        self.pulse = Instant::now() + if is_quiet { HASTE } else { ALIVE_INTERVAL };
        let progress = host.map_or(0, Host::progress);
        let steps = host.map_or(0, Host::steps);
        let wait = host.and_then(|host| what_blocks(host, turn));
        self.connection.queue(&ToController::Alive {
            progress,
            steps,
            wait,
        })?;
        self.connection.write()?;
        let limit = SILENCE_LIMIT.max(self.links.silence());
        if self.connection.silent_for() > limit {
            return Err(SessionError::Silent(limit));
        }
        Ok(())
    }
}

/// Reads a message, if there is the memory that this may take for a moment.
fn read<'a>(content: &'a [u8], account: &mut Account) -> Result<ToNode<'a>, SessionError> {
    let most = ToNode::memory_to_read(content);
    account.take(most).map_err(out_of_memory)?;
    let message = decode(content)?;
    account.give(most);
    Ok(message)
}

fn out_of_memory(error: OutOfMemory) -> SessionError {
    SessionError::Refused(Refusal::OutOfMemory(error))
}

/// What became of each socket.
type Ready = heapless::Vec<PollFlags, MAX_SOCKETS>;

/// There is something to read, or an error to be found by reading.
const READABLE: PollFlags = PollFlags::IN
    .union(PollFlags::HUP)
    .union(PollFlags::ERR)
    .union(PollFlags::NVAL);

/// What the host waits for, if it does.
fn what_blocks(host: &Host, turn: Turn) -> Option<Wait> {
    (turn == Turn::Blocked).then(|| host.blocked_on()).flatten()
}

/// What the controller has been told.
#[derive(Default)]
struct Told {
    failed_at: Option<u64>,
    finished: bool,
}
