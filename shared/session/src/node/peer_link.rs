//! One peer link: from the first attempt to the last batch.

use std::fmt;
use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use engine::{BatchError, Engine};
use shared::plan::SiteId;
use shared::wire::{
    ALIVE_INTERVAL, Channel, ConnectionError, FrameError, OnLink, RECONNECT_AFTER, decode,
};

/// The way to another node. Batches for it wait until it is known whether there is a link; then
/// all go there, or all go by way of the controller, so none overtakes another.
#[derive(Debug)]
pub(super) struct PeerLink {
    pub(super) site: SiteId,
    /// Where to call it; `None` where it will call.
    pub(super) address: Option<SocketAddr>,
    state: State,
    /// Batches that wait for the decision.
    held: Vec<Vec<u8>>,
    held_bytes: usize,
    /// What has not been reported to the controller yet.
    news: Option<News>,
    /// Going on over another connection.
    again: Again,
}

/// Going on over another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// There is no need.
    Not,
    /// The other side is being called.
    Calling,
    /// A call was in vain. As one direction of a connection may work long before the other one does, there is another
    /// call even if something is heard by now.
    Wanted,
}

#[derive(Debug)]
enum State {
    /// One side calls the other.
    Awaited,
    /// The other side has called, and may have given up meanwhile.
    Joining(Channel),
    Up(Channel),
    Relayed,
    /// It broke, and stays open until the session ends: the other side is not to find its end
    /// before the controller knows the reason.
    Lost(Option<Channel>),
}

impl State {
    fn into_channel(self) -> Option<Channel> {
        match self {
            Self::Joining(channel) | Self::Up(channel) => Some(channel),
            Self::Lost(channel) => channel,
            Self::Awaited | Self::Relayed => None,
        }
    }
}

/// What is to be reported to the controller of a peer link.
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

impl PeerLink {
    /// A link to a site: the other side opens it, or this one does where it knows the address.
    pub(super) fn new(site: SiteId, address: Option<SocketAddr>) -> Self {
        Self {
            site,
            address,
            state: State::Awaited,
            held: Vec::new(),
            held_bytes: 0,
            news: None,
            again: Again::Not,
        }
    }

    fn is_awaited(&self) -> bool {
        matches!(self.state, State::Awaited)
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Up(_))
    }

    /// The other side has called.
    pub(super) fn arrived(&mut self, mut channel: Channel) {
        if self.is_awaited() {
            channel.keep();
            self.state = State::Joining(channel);
        }
    }

    /// This side has called.
    pub(super) fn called(&mut self, mut channel: Channel) {
        if self.is_awaited() {
            channel.keep();
            let queued = channel.queue(&OnLink::Joined);
            let risen = self.rise(channel);
            self.check(queued.map_err(LinkError::from).and(risen));
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
            self.state = State::Lost(state.into_channel());
            self.news = Some(News::Lost(error.to_string()));
        } else {
            self.relay(error);
        }
    }

    /// Both sides have the link: what waited goes over it.
    fn rise(&mut self, mut channel: Channel) -> Result<(), LinkError> {
        self.held_bytes = 0;
        let held = mem::take(&mut self.held);
        let queued = held
            .iter()
            .try_for_each(|batch| channel.queue(&OnLink::Batch { batch }));
        self.state = State::Up(channel);
        Ok(queued?)
    }

    /// Takes a batch for the other node; `false` where they go by way of the controller.
    pub(super) fn take(&mut self, batch: &[u8]) -> bool {
        match &mut self.state {
            State::Relayed => return false,
            // The run ends.
            State::Lost(_) => {}
            State::Awaited | State::Joining(_) => {
                self.held_bytes += batch.len();
                self.held.push(batch.to_vec());
            }
            State::Up(channel) => {
                let queued = channel.queue(&OnLink::Batch { batch });
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
    pub(super) fn receive(&mut self, engine: &mut Engine) {
        let result = self.join().and_then(|()| self.take_batches(engine));
        self.check(result);
    }

    /// Takes the caller's word that it has the link.
    fn join(&mut self) -> Result<(), LinkError> {
        let State::Joining(channel) = &mut self.state else {
            return Ok(());
        };
        let Some(content) = channel.next_frame()? else {
            return Ok(());
        };
        if decode::<OnLink<'_>>(content)? != OnLink::Joined {
            return Err(LinkError::OutOfOrder);
        }
        let state = mem::replace(&mut self.state, State::Lost(None));
        state.into_channel().map_or(Ok(()), |c| self.rise(c))
    }

    fn take_batches(&mut self, engine: &mut Engine) -> Result<(), LinkError> {
        let State::Up(channel) = &mut self.state else {
            return Ok(());
        };
        while let Some(content) = channel.next_frame()? {
            match decode(content)? {
                OnLink::Batch { batch } => {
                    engine.receive(self.site, batch).map_err(LinkError::Batch)?;
                }
                OnLink::Alive => {}
                OnLink::Joined | OnLink::Refused => return Err(LinkError::OutOfOrder),
            }
        }
        Ok(())
    }

    /// The channel, as long as something can be said and heard over it. While the other side is called to go on over another
    /// connection, it stays as the call says that it is.
    pub(super) fn channel(&mut self) -> Option<&mut Channel> {
        if self.again == Again::Calling {
            return None;
        }
        self.open_channel()
    }

    /// The channel, as long as there may be more to be said over it, over whatever connection.
    pub(super) fn open_channel(&mut self) -> Option<&mut Channel> {
        match &mut self.state {
            State::Joining(channel) | State::Up(channel) => Some(channel),
            State::Awaited | State::Relayed | State::Lost(_) => None,
        }
    }

    /// Nothing is said or heard over its channel any more.
    pub(super) fn lost(&mut self, error: ConnectionError) {
        if self.channel().is_some() {
            self.fail(&LinkError::Connection(error));
        }
    }

    /// Keeps the link alive, and looks whether it is. Returns whether a heartbeat of the other side is
    /// overdue.
    pub(super) fn beat(&mut self, silence: Duration, now: Instant) -> bool {
        let Some(channel) = self.open_channel() else {
            return false;
        };
        let is_quiet = channel.is_quiet(now);
        let mut result = Ok(());
        if channel.silent_for(now) > silence {
            result = Err(LinkError::Silent(silence));
        } else if channel.idle_for(now) >= ALIVE_INTERVAL / 2 && channel.unsent() == 0 {
            let queued = channel.queue(&OnLink::Alive);
            result = queued.map_err(LinkError::from);
        }
        self.check(result);
        is_quiet
    }

    /// Where to call the other side to go on over another connection, and how much it has been heard of, where it is time
    /// for that.
    pub(super) fn call_again(&mut self, now: Instant) -> Option<(SocketAddr, u64)> {
        let address = self.address.filter(|_| self.again != Again::Calling)?;
        let State::Up(channel) = &self.state else {
            return None;
        };
        let is_due = self.again == Again::Wanted || channel.silent_for(now) >= RECONNECT_AFTER;
        is_due.then(|| {
            self.again = Again::Calling;
            (address, channel.bytes_received())
        })
    }

    /// A call to go on over another connection was in vain.
    pub(super) fn not_reconnected(&mut self) {
        if self.again == Again::Calling {
            self.again = Again::Wanted;
        }
    }

    /// The other side has answered such a call: it has received so many bytes. Returns whether they go on over that
    /// connection.
    pub(super) fn reconnected(&mut self, received: u64) -> bool {
        let channel = self.open_channel();
        let goes_on = channel.is_some_and(|channel| channel.rewind(received));
        self.again = if goes_on { Again::Not } else { Again::Wanted };
        goes_on
    }

    /// What is to be reported to the controller.
    pub(super) fn take_news(&mut self) -> Option<News> {
        self.news.take()
    }

    /// Bytes that wait to be sent, or for the decision.
    pub(super) fn backlog(&self) -> usize {
        match &self.state {
            State::Up(channel) => channel.unsent(),
            _ => self.held_bytes,
        }
    }

    /// Bytes sent so far.
    pub(super) fn sent(&self) -> u64 {
        match &self.state {
            State::Up(channel) => channel.bytes_sent(),
            _ => 0,
        }
    }
}
