//! One link: from the first attempt to the last record.

use std::fmt;
use std::future::Future;
use std::mem;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use shared::host::{BatchError, Host};
use shared::plan::SiteId;
use shared::wire::{
    ALIVE_INTERVAL, Connection, ConnectionError, FrameError, MAX_FRAME, OnLink, decode,
};

use super::call::NoLink;

/// An attempt to reach the other node.
pub(super) type Call = Pin<Box<dyn Future<Output = Result<Connection<TcpStream>, NoLink>>>>;

/// The way to another node. Records for it wait until it is known whether there is a link; then
/// all go there, or all go by way of the controller, so none overtakes another.
pub(super) struct Link {
    pub(super) site: SiteId,
    state: State,
    /// Batches that wait for the decision.
    held: Vec<Vec<u8>>,
    held_bytes: usize,
    /// What the controller has not been told yet.
    news: Option<News>,
}

enum State {
    /// This side calls.
    Calling(Call),
    /// The other side will call.
    Awaited,
    /// The other side has called, and may have given up meanwhile.
    Joining(Connection<TcpStream>),
    Up(Connection<TcpStream>),
    Relayed,
    Lost,
}

/// What the controller is to be told of a link.
#[derive(Debug)]
pub(super) enum News {
    /// There is none: the reason, and the batches that have waited.
    Relayed(String, Vec<Vec<u8>>),
    /// It broke.
    Lost(String),
}

/// A link broke.
#[derive(Debug)]
enum LinkError {
    Connection(ConnectionError),
    Silent(Duration),
    Batch(BatchError),
    OutOfOrder,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) => error.fmt(f),
            Self::Silent(limit) => write!(f, "no sign of life for {} s", limit.as_secs()),
            Self::Batch(error) => write!(f, "the peer sent a batch that cannot be: {error}"),
            Self::OutOfOrder => f.write_str("the peer sent a message that does not belong there"),
        }
    }
}

impl From<ConnectionError> for LinkError {
    fn from(error: ConnectionError) -> Self {
        Self::Connection(error)
    }
}

impl From<FrameError> for LinkError {
    fn from(error: FrameError) -> Self {
        Self::Connection(error.into())
    }
}

impl Link {
    /// A link that the other side opens, or that this call does.
    pub(super) fn new(site: SiteId, call: Option<Call>) -> Self {
        Self {
            site,
            state: call.map_or(State::Awaited, State::Calling),
            held: Vec::new(),
            held_bytes: 0,
            news: None,
        }
    }

    pub(super) fn is_awaited(&self) -> bool {
        matches!(self.state, State::Awaited)
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// The other side has called.
    pub(super) fn arrive(&mut self, mut connection: Connection<TcpStream>) {
        if self.is_awaited() {
            connection.set_limit(MAX_FRAME);
            match connection.queue(&OnLink::Joined) {
                Ok(()) => self.state = State::Joining(connection),
                Err(error) => self.relay(&error),
            }
        }
    }

    /// There is no link, unless there is one already.
    pub(super) fn relay(&mut self, reason: &dyn fmt::Display) {
        if matches!(
            self.state,
            State::Calling(_) | State::Awaited | State::Joining(_)
        ) {
            self.state = State::Relayed;
            self.held_bytes = 0;
            self.news = Some(News::Relayed(reason.to_string(), mem::take(&mut self.held)));
        }
    }

    fn fail(&mut self, error: &LinkError) {
        if self.is_up() {
            self.state = State::Lost;
            self.news = Some(News::Lost(error.to_string()));
        } else {
            self.relay(error);
        }
    }

    /// Both sides have the link: what waited goes over it.
    fn rise(&mut self, mut connection: Connection<TcpStream>) -> Result<(), LinkError> {
        self.held_bytes = 0;
        let held = mem::take(&mut self.held);
        let queued = held
            .iter()
            .try_for_each(|records| connection.queue(&OnLink::Batch { records }));
        self.state = State::Up(connection);
        Ok(queued?)
    }

    /// Takes records for the other node; `false` where they go by way of the controller.
    pub(super) fn take(&mut self, records: &[u8]) -> bool {
        match &mut self.state {
            State::Relayed => return false,
            // The run ends.
            State::Lost => {}
            State::Calling(_) | State::Awaited | State::Joining(_) => {
                self.held_bytes += records.len();
                self.held.push(records.to_vec());
            }
            State::Up(connection) => {
                let queued = connection.queue(&OnLink::Batch { records });
                self.check(queued.map_err(LinkError::from));
            }
        }
        true
    }

    fn check(&mut self, result: Result<(), LinkError>) {
        if let Err(error) = result {
            self.fail(&error);
        }
    }

    /// Hands out what has arrived.
    pub(super) fn receive(&mut self, host: &mut Host) {
        let result = self.join().and_then(|()| self.take_batches(host));
        self.check(result);
    }

    /// Takes the caller's word that it has the link.
    fn join(&mut self) -> Result<(), LinkError> {
        let State::Joining(connection) = &mut self.state else {
            return Ok(());
        };
        let Some(content) = connection.next_frame()? else {
            return Ok(());
        };
        if decode::<OnLink<'_>>(content)? != OnLink::Joined {
            return Err(LinkError::OutOfOrder);
        }
        match mem::replace(&mut self.state, State::Lost) {
            State::Joining(connection) => self.rise(connection),
            _ => Ok(()),
        }
    }

    fn take_batches(&mut self, host: &mut Host) -> Result<(), LinkError> {
        let State::Up(connection) = &mut self.state else {
            return Ok(());
        };
        while let Some(content) = connection.next_frame()? {
            match decode(content)? {
                OnLink::Batch { records } => {
                    host.receive(self.site, records).map_err(LinkError::Batch)?;
                }
                OnLink::Alive => {}
                OnLink::Joined | OnLink::Refused => return Err(LinkError::OutOfOrder),
            }
        }
        Ok(())
    }

    /// Writes as much as the other side takes without waiting.
    pub(super) fn write(&mut self) {
        if let State::Up(connection) = &mut self.state {
            let written = connection.write();
            self.check(written.map_err(LinkError::from));
        }
    }

    /// Writes and reads; ready when something came, or when there is news. A `beat` keeps the link
    /// alive and looks whether it is.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, beat: bool, silence: Duration) -> Poll<()> {
        match &mut self.state {
            State::Calling(call) => match ready!(call.as_mut().poll(cx)) {
                Ok(mut connection) => {
                    let queued = connection.queue(&OnLink::Joined);
                    let risen = self.rise(connection);
                    self.check(queued.map_err(LinkError::from).and(risen));
                }
                Err(error) => self.relay(&error),
            },
            State::Joining(connection) | State::Up(connection) => {
                let carried = ready!(carry(connection, cx, beat, silence));
                self.check(carried);
            }
            State::Awaited | State::Relayed | State::Lost if self.news.is_none() => {
                return Poll::Pending;
            }
            State::Awaited | State::Relayed | State::Lost => {}
        }
        Poll::Ready(())
    }

    /// What the controller is to be told.
    pub(super) fn take_news(&mut self) -> Option<News> {
        self.news.take()
    }

    /// Bytes that wait to be sent, or for the decision.
    pub(super) fn backlog(&self) -> usize {
        match &self.state {
            State::Up(connection) => connection.unsent(),
            _ => self.held_bytes,
        }
    }

    /// Bytes sent so far.
    pub(super) fn sent(&self) -> u64 {
        match &self.state {
            State::Up(connection) => connection.sent(),
            _ => 0,
        }
    }
}

/// Writes what waits, and reads once when there is something.
fn carry(
    connection: &mut Connection<TcpStream>,
    cx: &mut Context<'_>,
    beat: bool,
    silence: Duration,
) -> Poll<Result<(), LinkError>> {
    let mut overdue = false;
    if beat {
        if connection.idle_for() >= ALIVE_INTERVAL / 2 && connection.unsent() == 0 {
            connection.queue(&OnLink::Alive)?;
        }
        // A process that was held up finds its pulses before what has arrived meanwhile.
        connection.look_again();
        overdue = connection.silent_for() > silence;
    }
    if let Poll::Ready(Err(error)) = connection.poll_write(cx) {
        return Poll::Ready(Err(error.into()));
    }
    match connection.poll_fill(cx) {
        Poll::Pending if overdue => Poll::Ready(Err(LinkError::Silent(silence))),
        filled => filled.map_err(LinkError::Connection),
    }
}
