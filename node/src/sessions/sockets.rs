//! The sockets of a session: the controller's, and those of peer links.

use std::net::TcpStream;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use session::{NodeSession, SessionError, Side};
use shared::plan::SiteId;
use shared::wire::{Channel, MAX_LINKS};
use transport::{Connection, Socket, fill, write};

use crate::inbox::Inbox;

/// What a session waits on: the rest of the node, its controller, other nodes.
const MAX_SOCKETS: usize = 2 + MAX_LINKS;

/// There is something to read, or an error to be found by reading.
const READABLE: PollFlags = PollFlags::IN
    .union(PollFlags::HUP)
    .union(PollFlags::ERR)
    .union(PollFlags::NVAL);

/// The sockets of a session.
pub(super) struct Sockets {
    controller: Socket<TcpStream>,
    /// One a site. They stay open to the end of the session: the other side of a link that broke is
    /// not to find its end before the controller knows the reason.
    peers: Vec<(SiteId, Socket<TcpStream>)>,
}

/// What became of each socket: of the inbox's, the controller's, and those of the sites named.
#[derive(Default)]
pub(super) struct Ready {
    flags: heapless::Vec<PollFlags, MAX_SOCKETS>,
    sites: heapless::Vec<usize, MAX_LINKS>,
}

impl Ready {
    fn is_readable(&self, place: usize) -> bool {
        let flags = self.flags.get(place);
        flags.is_some_and(|flags| flags.intersects(READABLE))
    }

    /// Whether the rest of the node has something for the session.
    pub(super) fn has_events(&self) -> bool {
        self.is_readable(0)
    }

    /// Whether the controller has closed both directions of its connection, or that broke.
    pub(super) fn is_controller_gone(&self) -> bool {
        let gone = PollFlags::HUP | PollFlags::ERR;
        self.flags
            .get(1)
            .is_some_and(|flags| flags.intersects(gone))
    }
}

impl Sockets {
    pub(super) fn new(controller: Socket<TcpStream>) -> Self {
        Self {
            controller,
            peers: Vec::new(),
        }
    }

    pub(super) fn into_controller(self) -> Socket<TcpStream> {
        self.controller
    }

    /// Adds the socket of a link to a site; returns what is said over it. A site that calls twice, or
    /// more sites than there can be, are not waited on.
    pub(super) fn add(&mut self, site: SiteId, connection: Connection<TcpStream>) -> Channel {
        let (socket, channel) = connection.into_parts();
        let is_known = self.peers.iter().any(|(known, _)| *known == site);
        if !is_known && self.peers.len() < MAX_LINKS {
            self.peers.push((site, socket));
        }
        channel
    }

    /// Writes as much as the others take without waiting.
    pub(super) fn write(&mut self, session: &mut NodeSession) -> Result<(), SessionError> {
        for (site, socket) in &self.peers {
            let side = Side::Peer(*site);
            if let Some(channel) = session.channel(side)
                && let Err(error) = write(socket.stream(), channel)
            {
                session.lost(side, error)?;
            }
        }
        match session.channel(Side::Controller) {
            Some(channel) => Ok(write(self.controller.stream(), channel)?),
            None => Ok(()),
        }
    }

    /// Waits until a socket is ready, or until this time; `None`: only looks.
    pub(super) fn wait(
        &self,
        session: &mut NodeSession,
        inbox: &Inbox,
        until: Option<Instant>,
    ) -> Result<Ready, SessionError> {
        let mut sockets = heapless::Vec::<PollFd<'_>, MAX_SOCKETS>::new();
        let mut ready = Ready::default();
        // There are no more sockets than that.
        let _ = sockets.push(PollFd::from_borrowed_fd(inbox.waker(), PollFlags::IN));
        if let Some(channel) = session.channel(Side::Controller) {
            let _ = sockets.push(interest(&self.controller, channel));
        }
        for (place, (site, socket)) in self.peers.iter().enumerate() {
            if let Some(channel) = session.channel(Side::Peer(*site)) {
                let _ = sockets.push(interest(socket, channel));
                let _ = ready.sites.push(place);
            }
        }
        let limit = until.map(|until| until.saturating_duration_since(Instant::now()));
        let limit = limit.unwrap_or_default();
        let limit = Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: limit.subsec_nanos().into(),
        };
        match poll(&mut sockets, Some(&limit)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(SessionError::System(error.into())),
        }
        ready.flags = sockets.iter().map(PollFd::revents).collect();
        Ok(ready)
    }

    /// Reads from those that have something.
    pub(super) fn read(
        &mut self,
        session: &mut NodeSession,
        ready: &Ready,
    ) -> Result<(), SessionError> {
        if ready.is_readable(1)
            && let Some(channel) = session.channel(Side::Controller)
        {
            fill(self.controller.stream(), channel)?;
        }
        for (number, &place) in ready.sites.iter().enumerate() {
            let Some((site, socket)) = self.peers.get(place) else {
                continue;
            };
            let side = Side::Peer(*site);
            if ready.is_readable(2 + number)
                && let Some(channel) = session.channel(side)
                && let Err(error) = fill(socket.stream(), channel)
            {
                session.lost(side, error)?;
            }
        }
        Ok(())
    }

    /// Has the system send again often what has not arrived.
    pub(super) fn keep_trying(&mut self, session: &mut NodeSession) {
        let controller = (Side::Controller, &mut self.controller);
        let peers = self.peers.iter_mut();
        let peers = peers.map(|(site, socket)| (Side::Peer(*site), socket));
        for (side, socket) in std::iter::once(controller).chain(peers) {
            if let Some(channel) = session.channel(side) {
                socket.keep_trying(channel);
            }
        }
    }
}

/// What a socket is waited for.
fn interest<'a>(socket: &'a Socket<TcpStream>, channel: &Channel) -> PollFd<'a> {
    let events = match channel.unsent() {
        0 => PollFlags::IN,
        _ => PollFlags::IN | PollFlags::OUT,
    };
    PollFd::from_borrowed_fd(socket.stream().as_fd(), events)
}
