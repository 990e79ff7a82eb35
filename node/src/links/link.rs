//! One link: from the first attempt to the last record.

use std::fmt;
use std::mem;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use shared::host::{BatchError, Host};
use shared::plan::SiteId;
use shared::wire::{ALIVE_INTERVAL, Connection, ConnectionError, FrameError, OnLink, decode};

use super::NoLink;

/// The way to another node. Records for it wait until it is known whether there is a link; then
/// all go there, or all go by way of the controller, so none overtakes another.
pub(super) struct Link {
    pub(super) site: SiteId,
    /// Where to call it; `None` where it will call.
    pub(super) address: Option<SocketAddr>,
    state: State,
    /// Batches that wait for the decision.
    held: Vec<Vec<u8>>,
    held_bytes: usize,
    /// What the controller has not been told yet.
    news: Option<News>,
}

enum State {
    /// One side calls the other.
    Awaited,
    /// The other side has called, and may have given up meanwhile.
    Joining(Connection<TcpStream>),
    Up(Connection<TcpStream>),
    Relayed,
    /// It broke, and stays open until the session ends: the other side is not to find its end
    /// before the controller knows the reason.
    Lost(Option<Connection<TcpStream>>),
}

impl State {
    fn into_connection(self) -> Option<Connection<TcpStream>> {
        match self {
            Self::Joining(connection) | Self::Up(connection) => Some(connection),
            Self::Lost(connection) => connection,
            Self::Awaited | Self::Relayed => None,
        }
    }
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
    /// A link to a site: the other side opens it, or this one does where it knows the address.
    pub(super) fn new(site: SiteId, address: Option<SocketAddr>) -> Self {
        Self {
            site,
            address,
            state: State::Awaited,
            held: Vec::new(),
            held_bytes: 0,
            news: None,
        }
    }

    fn is_awaited(&self) -> bool {
        matches!(self.state, State::Awaited)
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// The other side has called.
    pub(super) fn arrived(&mut self, connection: Connection<TcpStream>) {
        if self.is_awaited() {
            self.state = State::Joining(connection);
        }
    }

    /// This side has called.
    pub(super) fn called(&mut self, answer: Result<Connection<TcpStream>, NoLink>) {
        if !self.is_awaited() {
            return;
        }
        match answer {
            Ok(mut connection) => {
                let queued = connection.queue(&OnLink::Joined);
                let risen = self.rise(connection);
                self.check(queued.map_err(LinkError::from).and(risen));
            }
            Err(error) => self.relay(&error),
        }
    }

    /// Nobody has called in time.
    pub(super) fn give_up(&mut self) {
        if self.is_awaited() {
            self.relay(&"nobody called");
        }
    }

    /// There is no link, unless there is one already.
    pub(super) fn relay(&mut self, reason: &dyn fmt::Display) {
        if matches!(self.state, State::Awaited | State::Joining(_)) {
            self.state = State::Relayed;
            self.held_bytes = 0;
            self.news = Some(News::Relayed(reason.to_string(), mem::take(&mut self.held)));
        }
    }

    fn fail(&mut self, error: &LinkError) {
        if self.is_up() {
            let state = mem::replace(&mut self.state, State::Lost(None));
            self.state = State::Lost(state.into_connection());
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
            State::Lost(_) => {}
            State::Awaited | State::Joining(_) => {
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
        let state = mem::replace(&mut self.state, State::Lost(None));
        state.into_connection().map_or(Ok(()), |c| self.rise(c))
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

    /// The connection, once there is one, to be waited for.
    pub(super) fn connection(&self) -> Option<&Connection<TcpStream>> {
        match &self.state {
            State::Joining(connection) | State::Up(connection) => Some(connection),
            State::Awaited | State::Relayed | State::Lost(_) => None,
        }
    }

    fn connection_mut(&mut self) -> Option<&mut Connection<TcpStream>> {
        match &mut self.state {
            State::Joining(connection) | State::Up(connection) => Some(connection),
            State::Awaited | State::Relayed | State::Lost(_) => None,
        }
    }

    /// Reads once what is there.
    pub(super) fn fill(&mut self) {
        if let Some(connection) = self.connection_mut() {
            let filled = connection.fill();
            self.check(filled.map(|_| ()).map_err(LinkError::from));
        }
    }

    /// Keeps the link alive, and looks whether it is. Returns whether a sign of life is overdue.
    pub(super) fn beat(&mut self, silence: Duration) -> bool {
        let Some(connection) = self.connection_mut() else {
            return false;
        };
        connection.keep_trying();
        let is_quiet = connection.is_quiet();
        let mut result = Ok(());
        if connection.silent_for() > silence {
            result = Err(LinkError::Silent(silence));
        } else if connection.idle_for() >= ALIVE_INTERVAL / 2 && connection.unsent() == 0 {
            let queued = connection.queue(&OnLink::Alive);
            result = queued.map_err(LinkError::from);
        }
        self.check(result);
        self.write();
        is_quiet
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
