//! The sockets of a session: the controller's, and those of peer links.

use std::net::TcpStream;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use session::{NodeSession, SessionError, Side};
use shared::plan::SiteId;
use shared::wire::{Channel, ConnectionError, MAX_LINKS, OnReconnect};
use transport::{Connection, Socket, fill, write};

use crate::inbox::Inbox;

/// What a session waits on: the rest of the node, its controller, other nodes.
const MAX_SOCKETS: usize = 2 + MAX_LINKS;

/// So often is read at most what a connection still has that another one takes the place of. The system keeps less.
const MOST_READS: usize = 1000;

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
    /// Connections over which others want to go on: what is said over the one before stays as it is until they begin.
    moves: Vec<Move>,
}

/// A connection over which somebody wants to go on.
struct Move {
    side: Side,
    /// So many bytes have been received there.
    received: u64,
    socket: Socket<TcpStream>,
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
            moves: Vec::new(),
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

    /// Answers a side that has called to go on over another connection, as it has received so many bytes. It has the first
    /// word there.
    pub(super) fn move_to(
        &mut self,
        session: &mut NodeSession,
        side: Side,
        received: u64,
        mut connection: Connection<TcpStream>,
    ) {
        self.moves.retain(|known| known.side != side);
        let mut answer = OnReconnect::Refused;
        if let (Some(channel), Some(socket)) = (session.channel(side), self.of(side)) {
            // What has come over the one before. That it has failed by now is of no account.
            for _ in 0..MOST_READS {
                if !fill(socket.stream(), channel).is_ok_and(|any| any) {
                    break;
                }
            }
            answer = OnReconnect::Received(channel.bytes_received());
        }
        // Where this does not reach the other side, it calls once more.
        let _ = connection.queue(&answer);
        let _ = connection.write();
        if answer != OnReconnect::Refused {
            let (socket, _) = connection.into_parts();
            self.moves.push(Move {
                side,
                received,
                socket,
            });
        }
    }

    /// Whether a side wants to go on over another connection.
    pub(super) fn is_moving(&self, side: Side) -> bool {
        self.moves.iter().any(|known| known.side == side)
    }

    /// What is said with a side goes over this connection from now on.
    pub(super) fn replace(&mut self, side: Side, new: Socket<TcpStream>) {
        if let Some(socket) = self.of(side) {
            *socket = new;
        }
    }

    fn of(&mut self, side: Side) -> Option<&mut Socket<TcpStream>> {
        match side {
            Side::Controller => Some(&mut self.controller),
            Side::Peer(site) => {
                let mut peers = self.peers.iter_mut();
                peers.find_map(|(known, socket)| (*known == site).then_some(socket))
            }
        }
    }

    /// What a side is waited for, over this socket or the one to which it moves.
    fn interest<'a>(
        &'a self,
        side: Side,
        socket: &'a Socket<TcpStream>,
        channel: &Channel,
    ) -> PollFd<'a> {
        let mut moves = self.moves.iter();
        let (socket, events) = match moves.find(|known| known.side == side) {
            Some(new) => (&new.socket, PollFlags::IN),
            None if channel.unsent() == 0 => (socket, PollFlags::IN),
            None => (socket, PollFlags::IN | PollFlags::OUT),
        };
        PollFd::from_borrowed_fd(socket.stream().as_fd(), events)
    }

    /// Reads from a side that has something.
    fn read_from(&mut self, side: Side, channel: &mut Channel) -> Result<(), ConnectionError> {
        let moving = self.moves.iter().position(|known| known.side == side);
        let Some(place) = moving else {
            let socket = self.of(side);
            return socket.map_or(Ok(()), |socket| fill(socket.stream(), channel).map(|_| ()));
        };
        match fill(self.moves[place].socket.stream(), channel) {
            Ok(false) => {}
            Ok(true) => {
                let Move {
                    received, socket, ..
                } = self.moves.remove(place);
                if !channel.rewind(received) {
                    return Err(ConnectionError::Closed);
                }
                self.replace(side, socket);
            }
            // It may call once more, or go on over the one before.
            Err(_) => drop(self.moves.remove(place)),
        }
        Ok(())
    }

    /// Writes as much as the others take without waiting.
    pub(super) fn write(&mut self, session: &mut NodeSession) -> Result<(), SessionError> {
        let is_steady = self.moves.is_empty();
        for (site, socket) in &self.peers {
            let side = Side::Peer(*site);
            if (is_steady || !self.is_moving(side))
                && let Some(channel) = session.channel(side)
                && let Err(error) = write(socket.stream(), channel)
            {
                session.lost(side, error)?;
            }
        }
        match session.channel(Side::Controller) {
            Some(channel) if is_steady || !self.is_moving(Side::Controller) => {
                Ok(write(self.controller.stream(), channel)?)
            }
            _ => Ok(()),
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
            let _ = sockets.push(self.interest(Side::Controller, &self.controller, channel));
        }
        for (place, (site, socket)) in self.peers.iter().enumerate() {
            if let Some(channel) = session.channel(Side::Peer(*site)) {
                let _ = sockets.push(self.interest(Side::Peer(*site), socket, channel));
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
            self.read_from(Side::Controller, channel)?;
        }
        for (number, &place) in ready.sites.iter().enumerate() {
            let Some(&(site, _)) = self.peers.get(place) else {
                continue;
            };
            let side = Side::Peer(site);
            if ready.is_readable(2 + number)
                && let Some(channel) = session.channel(side)
                && let Err(error) = self.read_from(side, channel)
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
            if let Some(channel) = session.said(side) {
                socket.keep_trying(channel);
            }
        }
    }
}
