//! A session: one controller, one part of one scenario.

use std::fmt;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use shared::files::MemoryFiles;
use shared::host::{BatchError, Host, NoRows, PlanError, Turn, Wait};
use shared::model::ModelType;
use shared::plan::{SiteId, SitePlan};
use shared::wire::{
    ALIVE_INTERVAL, Connection, ConnectionError, HANDSHAKE_TIMEOUT, HandshakeError, MAX_FRAME,
    MAX_HANDSHAKE_FRAME, OnLink, Refusal, SiteReport, ToController, ToNode, Token, TypeId, answer,
    decode,
};
use smol::channel::Receiver;
use smol::stream::Stream;
use smol::{Async, Timer};

use crate::lights::{Fault, ValueLights};
use crate::links::{Links, Wish};
use crate::plan::PlanInbox;
use crate::server::Node;

/// Steps between two looks at the network.
const BUDGET: usize = 512;

/// Bytes that may wait to be sent before the models do.
const MAX_UNSENT: usize = 2 * 1024 * 1024;

/// A controller that has been silent for this long is gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// Why a session ended without having finished.
#[derive(Debug)]
enum SessionError {
    Connection(ConnectionError),
    Refused(Refusal),
    Batch(BatchError),
    NotReady,
    Silent,
    Stopped,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) => error.fmt(f),
            Self::Refused(refusal) => write!(f, "refused: {refusal:?}"),
            Self::Batch(error) => write!(f, "the controller sent a batch that cannot be: {error}"),
            Self::NotReady => f.write_str("a model could not be built"),
            Self::Silent => {
                write!(
                    f,
                    "the controller has been silent for {} s",
                    SILENCE_LIMIT.as_secs()
                )
            }
            Self::Stopped => f.write_str("the node is being stopped"),
        }
    }
}

impl SessionError {
    /// What the lights show of it.
    fn fault(&self) -> Option<Fault> {
        match self {
            Self::NotReady => Some(Fault::Model),
            Self::Stopped => None,
            Self::Connection(_) | Self::Refused(_) | Self::Batch(_) | Self::Silent => {
                Some(Fault::Lost)
            }
        }
    }
}

impl<E: Into<ConnectionError>> From<E> for SessionError {
    fn from(error: E) -> Self {
        Self::Connection(error.into())
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(node: Rc<Node>, id: u64, stream: Async<TcpStream>, peer: SocketAddr) {
    // Without it the system holds small frames back; the session works all the same.
    let _ = stream.get_ref().set_nodelay(true);
    let met = match answer(&stream, node.access.trust(), HANDSHAKE_TIMEOUT).await {
        Ok(met) => met,
        Err(error) => {
            if matches!(
                error,
                HandshakeError::WrongKey | HandshakeError::PeerWithoutKey
            ) {
                node.lights.fault(Fault::Key);
            }
            return node.report(peer, format_args!("not let in: {error}"));
        }
    };
    // Who has not come this far has cost the node nothing but this much smaller future.
    Box::pin(welcome(
        node,
        id,
        peer,
        Connection::new(stream, met, MAX_HANDSHAKE_FRAME),
    ))
    .await;
}

/// Serves a peer who may use the node.
async fn welcome(node: Rc<Node>, id: u64, peer: SocketAddr, mut connection: Connection<TcpStream>) {
    let limit = async {
        Timer::after(HANDSHAKE_TIMEOUT).await;
        Err(ConnectionError::TimedOut(HANDSHAKE_TIMEOUT).into())
    };
    let opened = smol::future::or(open(&node, id, &mut connection), limit).await;
    let scenario = match opened {
        Ok(Opening::Session(scenario)) => scenario,
        Ok(Opening::Link(token, from)) => return admit(&node, peer, connection, token, from).await,
        Ok(Opening::Nothing) => return,
        Err(error) => {
            node.report(peer, format_args!("no session: {error}"));
            return refuse(&mut connection, &error).await;
        }
    };
    connection.set_limit(MAX_FRAME);
    let _shown = node.lights.session();
    node.report(
        peer,
        format_args!("session for '{}'", scenario.escape_debug()),
    );
    let mut session = Session {
        connection,
        stopped: Box::pin(node.stopped.clone()),
        links: Links::default(),
        report: SiteReport::default(),
    };
    match session.run(&node, id, peer).await {
        Ok(()) => node.report(
            peer,
            format_args!("session over, {} steps", session.report.steps),
        ),
        Err(error) => {
            node.report(peer, format_args!("session lost: {error}"));
            if let Some(fault) = error.fault() {
                node.lights.fault(fault);
            }
            let mut connection = session.connection;
            // Other nodes need not wait for the farewell.
            drop(session.links);
            refuse(&mut connection, &error).await;
        }
    }
}

/// Tells the controller why, if it still listens.
async fn refuse(connection: &mut Connection<TcpStream>, error: &SessionError) {
    let said = match error {
        SessionError::Refused(refusal) => connection.queue(&ToController::Refused(refusal.clone())),
        SessionError::Batch(_) => connection.queue(&ToController::Refused(Refusal::OutOfOrder)),
        SessionError::Stopped => connection.queue(&ToController::Leaving),
        // This it has been told.
        SessionError::NotReady => Ok(()),
        SessionError::Connection(_) | SessionError::Silent => return,
    };
    if said.is_ok() {
        take_leave(connection).await;
    }
}

/// Closes a connection once the peer has got what waits, if it still listens.
async fn take_leave(connection: &mut Connection<TcpStream>) {
    let farewell = async {
        // A socket that is closed while there is something to read takes back what was not yet
        // delivered, so what the peer still sends is taken first.
        if connection.flush().await.is_ok() && connection.stream().shutdown(Shutdown::Write).is_ok()
        {
            connection.drain().await;
        }
    };
    let limit = async {
        Timer::after(ALIVE_INTERVAL).await;
    };
    // Whether it arrives or not, that was all.
    smol::future::or(farewell, limit).await;
}

/// Gives a link to the run that waits for it.
async fn admit(
    node: &Node,
    peer: SocketAddr,
    mut connection: Connection<TcpStream>,
    token: Token,
    from: SiteId,
) {
    // The other node may be quicker than the controller.
    let limit = async {
        Timer::after(HANDSHAKE_TIMEOUT).await;
        None
    };
    let door = smol::future::or(node.lobby.find(token, from), limit).await;
    let Some(door) = door else {
        node.report(
            peer,
            format_args!("no run waits for a link from site {from}"),
        );
        if connection.queue(&OnLink::Refused).is_ok() {
            take_leave(&mut connection).await;
        }
        return;
    };
    // Where the run has just ended, the connection does as well.
    let _ = door.try_send((from, connection));
}

/// What somebody who is let in wants.
enum Opening {
    /// A session for this scenario.
    Session(String),
    /// To be the link of a run to a site.
    Link(Token, SiteId),
    /// To know how the node is, which it has been told.
    Nothing,
}

/// Waits for what the peer wants, and answers it.
async fn open(
    node: &Node,
    id: u64,
    connection: &mut Connection<TcpStream>,
) -> Result<Opening, SessionError> {
    let (scenario, types) = 'wish: loop {
        while let Some(content) = connection.next_frame()? {
            match decode(content)? {
                ToNode::Open {
                    scenario, types, ..
                } => break 'wish (scenario.to_owned(), types),
                ToNode::Status => connection.queue(&ToController::Status(node.status()))?,
                ToNode::Identify { seconds } => {
                    let time = Duration::from_secs(seconds.into());
                    // A node without lights says so in its status.
                    let _ = node.lights.identify(time);
                    connection.queue(&ToController::Status(node.status()))?;
                }
                ToNode::Link { token, from } => return Ok(Opening::Link(token, from)),
                ToNode::Close => return Ok(Opening::Nothing),
                _ => return Err(SessionError::Refused(Refusal::OutOfOrder)),
            }
        }
        connection.turn().await?;
    };
    check_types(&node.catalogue, &types).map_err(SessionError::Refused)?;
    let others = node.table.borrow_mut().open_session(id, &scenario);
    let Some(others) = others else {
        let sessions = u16::try_from(crate::MAX_SESSIONS).unwrap_or(u16::MAX);
        return Err(SessionError::Refused(Refusal::Busy { sessions }));
    };
    connection.queue(&ToController::Welcome {
        release: env!("CARGO_PKG_VERSION"),
        processor: std::env::consts::ARCH,
        sessions: u16::try_from(others).unwrap_or(u16::MAX),
    })?;
    Ok(Opening::Session(scenario))
}

/// Compares the types that a controller wants with those of this binary.
fn check_types(catalogue: &[&ModelType], wanted: &[TypeId]) -> Result<(), Refusal> {
    let mut missing = Vec::new();
    let mut different = Vec::new();
    for TypeId { name, fingerprint } in wanted {
        match catalogue.iter().find(|known| known.name == name) {
            None => missing.push(name.clone()),
            Some(ours) if ours.fingerprint() != *fingerprint => different.push(name.clone()),
            Some(_) => {}
        }
    }
    if let ([only], false) = (catalogue, missing.is_empty()) {
        return Err(Refusal::OtherType(only.name.to_owned()));
    }
    match (missing.is_empty(), different.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(Refusal::MissingTypes(missing)),
        (true, false) => Err(Refusal::DifferentTypes(different)),
    }
}

/// An open session.
struct Session {
    connection: Connection<TcpStream>,
    stopped: Pin<Box<Receiver<()>>>,
    links: Links,
    report: SiteReport,
}

impl Session {
    /// Takes the plan and runs it.
    async fn run(
        &mut self,
        node: &Rc<Node>,
        id: u64,
        peer: SocketAddr,
    ) -> Result<(), SessionError> {
        let mut pulse = Timer::interval(ALIVE_INTERVAL);
        let Some((plan, files, wish)) = self.take_plan(node, &mut pulse).await? else {
            return Ok(());
        };
        node.report(peer, format_args!("{} models", plan.models.len()));
        node.table.borrow_mut().set_models(id, plan.models.len());
        let host = Host::build(&plan, &node.catalogue, &files);
        let mut host = match host {
            Ok(host) => host,
            Err(error) => return Err(self.not_ready(error).await),
        };
        if let Some(wish) = wish {
            let links = Links::begin(wish, node, plan.site, &host.peers());
            self.links = links.ok_or(SessionError::Refused(Refusal::InconsistentPlan))?;
        }
        self.connection.queue(&ToController::Ready)?;
        let mut notices = Vec::new();
        let leds = node.lights.bind(&plan, &mut notices);
        for notice in notices {
            self.connection.queue(&ToController::Notice(notice))?;
        }
        self.step(node, &leds, &mut host, &mut pulse).await
    }

    async fn take_plan(
        &mut self,
        node: &Node,
        pulse: &mut Timer,
    ) -> Result<Option<(SitePlan, MemoryFiles, Option<Wish>)>, SessionError> {
        let mut inbox = PlanInbox::default();
        let mut wish = None;
        loop {
            while let Some(content) = self.connection.next_frame()? {
                match decode(content)? {
                    ToNode::Close => return Ok(None),
                    ToNode::Links {
                        token,
                        silence,
                        peers,
                    } if wish.is_none() => {
                        let inconsistent = SessionError::Refused(Refusal::InconsistentPlan);
                        wish = Some(Wish::new(node, token, silence, peers).ok_or(inconsistent)?);
                    }
                    message => {
                        let plan = inbox.take(message, content.len());
                        if let Some((plan, files)) = plan.map_err(SessionError::Refused)? {
                            return Ok(Some((plan, files, wish)));
                        }
                    }
                }
            }
            self.wait(pulse, None, Turn::Blocked).await?;
        }
    }

    /// Tells the controller which model cannot be built.
    async fn not_ready(&mut self, error: PlanError) -> SessionError {
        let PlanError::Build { model, errors } = error else {
            return SessionError::Refused(Refusal::InconsistentPlan);
        };
        let said = self
            .connection
            .queue(&ToController::NotReady { model, errors });
        match said {
            Ok(()) => match self.connection.flush().await {
                Ok(()) => SessionError::NotReady,
                Err(error) => error.into(),
            },
            Err(error) => error.into(),
        }
    }

    /// Steps the models until the controller closes the session.
    async fn step(
        &mut self,
        node: &Node,
        leds: &ValueLights,
        host: &mut Host,
        pulse: &mut Timer,
    ) -> Result<(), SessionError> {
        let peers = host.peers();
        let mut told = Told::default();
        loop {
            while let Some(content) = self.connection.next_frame()? {
                match decode(content)? {
                    ToNode::Batch { from, .. } if self.links.are_up_to(from) => {
                        return Err(SessionError::Refused(Refusal::OutOfOrder));
                    }
                    ToNode::Batch { from, records } => {
                        host.receive(from, records).map_err(SessionError::Batch)?;
                    }
                    ToNode::Limit(tick) => host.limit(tick),
                    ToNode::Relay(site) => {
                        let none = SessionError::Refused(Refusal::OutOfOrder);
                        self.links.relay(site).ok_or(none)?;
                    }
                    ToNode::Alive => {}
                    ToNode::Close => return Ok(()),
                    _ => return Err(SessionError::Refused(Refusal::OutOfOrder)),
                }
            }
            self.links.receive(host);
            let turn = if self.is_full() {
                Turn::Blocked
            } else {
                host.run(BUDGET, &mut NoRows).unwrap_or(Turn::Again)
            };
            if host.steps() > self.report.steps {
                self.report.steps = host.steps();
                node.lights.stepped();
                leds.show(host);
            }
            let failed_before = told.failed_at;
            self.tell(host, &peers, turn, &mut told)?;
            if told.failed_at != failed_before {
                node.lights.fault(Fault::Model);
            }
            let blocked = what_blocks(host, turn);
            let before = blocked.map(|_| Instant::now());
            self.wait(pulse, Some(host), turn).await?;
            if let (Some(wait), Some(before)) = (blocked, before) {
                self.report.add_wait(wait.site, before.elapsed());
            }
        }
    }

    /// Queues what the turn gave: records, notices, a failure, the end.
    fn tell(
        &mut self,
        host: &mut Host,
        peers: &[SiteId],
        turn: Turn,
        told: &mut Told,
    ) -> Result<(), SessionError> {
        self.links.tell(&mut self.connection, host, told.finished)?;
        for &to in peers {
            let records = host.take_batch(to);
            if !records.is_empty() && !self.links.take(to, &records) {
                self.connection.queue(&ToController::Batch {
                    to,
                    records: &records,
                })?;
            }
            host.recycle(to, records);
        }
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
        }
        self.links.write();
        // What the others need is on its way before the session can be closed.
        if turn == Turn::Finished && !told.finished && self.links.backlog() == 0 {
            told.finished = true;
            self.report.linked = self.links.sent();
            self.connection
                .queue(&ToController::Finished(self.report.clone()))?;
        }
        self.connection.write()?;
        Ok(())
    }

    /// Whether more waits to be sent than there should be.
    fn is_full(&self) -> bool {
        self.connection.unsent().max(self.links.backlog()) > MAX_UNSENT
    }

    /// Waits until something arrives, unless there is more to do; keeps the session alive. Lets the
    /// other sessions go on in any case, also where the controller never stops sending.
    async fn wait(
        &mut self,
        pulse: &mut Timer,
        host: Option<&Host>,
        turn: Turn,
    ) -> Result<(), SessionError> {
        let is_full = self.is_full();
        let has_backlog = self.links.backlog() > 0;
        let Self {
            connection,
            stopped,
            links,
            ..
        } = self;
        let mut at_once = true;
        let waited = std::future::poll_fn(|cx| {
            if let Poll::Ready(None) = stopped.as_mut().poll_next(cx) {
                return Poll::Ready(Err(SessionError::Stopped));
            }
            let (mut beat, mut overdue) = (false, false);
            while Pin::new(&mut *pulse).poll_next(cx).is_ready() {
                let progress = host.map_or(0, Host::progress);
                let wait = host.and_then(|host| what_blocks(host, turn));
                connection.queue(&ToController::Alive { progress, wait })?;
                beat = true;
                // A process that was held up finds its pulses before what has arrived meanwhile.
                connection.look_again();
                overdue = connection.silent_for() > SILENCE_LIMIT;
            }
            let linked = links.poll(cx, beat).is_ready();
            if let Poll::Ready(Err(error)) = connection.poll_write(cx) {
                return Poll::Ready(Err(error.into()));
            }
            match connection.poll_fill(cx) {
                Poll::Ready(result) => Poll::Ready(result.map_err(SessionError::Connection)),
                Poll::Pending if overdue => Poll::Ready(Err(SessionError::Silent)),
                Poll::Pending if linked || turn == Turn::Again => Poll::Ready(Ok(())),
                Poll::Pending if is_full || has_backlog => {
                    let backlog = links.backlog();
                    let has_room = is_full && connection.unsent().max(backlog) <= MAX_UNSENT;
                    if has_room || (has_backlog && backlog == 0) {
                        return Poll::Ready(Ok(()));
                    }
                    at_once = false;
                    Poll::Pending
                }
                Poll::Pending => {
                    at_once = false;
                    Poll::Pending
                }
            }
        })
        .await;
        if at_once {
            smol::future::yield_now().await;
        }
        waited
    }
}

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
