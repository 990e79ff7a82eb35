//! What the rest of the node has for a session, and what a session wants of the rest of the node.
//!
//! A session has a thread of its own. It shares nothing with the others: what comes from them comes
//! through here, and a byte on a socket wakes the thread that waits on its other sockets.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use shared::plan::SiteId;
use shared::wire::Token;
use transport::Connection;

use crate::links::NoLink;

/// What a session is told.
pub(crate) enum Event {
    /// Another node has called, and been told that it may come in.
    Arrived(SiteId, Connection<TcpStream>),
    /// What has become of calling another node.
    Called(SiteId, Result<Connection<TcpStream>, NoLink>),
    /// The node is being stopped.
    Stop,
}

/// What a session asks for.
pub(crate) enum Request {
    /// To let these sites in when they call for the run with this token.
    Await(Token, Vec<SiteId>),
    /// To call a node, as this site of the run with this token.
    Call {
        token: Token,
        from: SiteId,
        site: SiteId,
        address: SocketAddr,
    },
    /// To show this number of models in the status of the node.
    Models(usize),
}

/// Where events for a session are handed in.
#[derive(Clone)]
pub(crate) struct Mailbox {
    events: Sender<Event>,
    bell: Arc<UnixStream>,
}

/// Where a session finds them.
pub(crate) struct Events {
    events: Receiver<Event>,
    /// Readable when there may be something.
    pub(super) bell: UnixStream,
}

/// A new mailbox.
pub(crate) fn mailbox() -> io::Result<(Mailbox, Events)> {
    let (ring, bell) = UnixStream::pair()?;
    ring.set_nonblocking(true)?;
    bell.set_nonblocking(true)?;
    let (sender, events) = channel();
    let mailbox = Mailbox {
        events: sender,
        bell: Arc::new(ring),
    };
    Ok((mailbox, Events { events, bell }))
}

impl Mailbox {
    /// Hands in an event. Where the session is over, it is dropped.
    pub(crate) fn post(&self, event: Event) {
        if self.events.send(event).is_ok() {
            // A bell that takes no more has been rung.
            let _ = (&*self.bell).write(&[0]);
        }
    }

    /// Hands in the link that a site has opened.
    pub(crate) fn arrived(&self, from: SiteId, connection: Connection<TcpStream>) {
        self.post(Event::Arrived(from, connection));
    }
}

impl Events {
    /// Silences the bell, before looking for events.
    pub(super) fn answer_bell(&self) {
        let mut rung = [0; 64];
        while matches!((&self.bell).read(&mut rung), Ok(64)) {}
    }

    /// The next event that is there.
    pub(super) fn next(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_order_and_the_bell_rings_until_it_is_answered() {
        let (mailbox, events) = mailbox().expect("a mailbox");
        let rings = || (&events.bell).read(&mut [0; 1]).is_ok();
        assert!(!rings());
        for _ in 0..200 {
            mailbox.post(Event::Called(3, Err(NoLink)));
        }
        mailbox.post(Event::Stop);
        assert!(rings());
        events.answer_bell();
        assert!(!rings());
        for _ in 0..200 {
            assert!(matches!(events.next(), Some(Event::Called(3, Err(NoLink)))));
        }
        assert!(matches!(events.next(), Some(Event::Stop)));
        assert!(events.next().is_none());
        drop(events);
        mailbox.post(Event::Stop);
    }
}
