//! What the rest of the node has for a session, and what a session wants of the rest of the node.
//!
//! A session has a thread of its own. It shares nothing with the others: what comes from them comes
//! through here, and a byte on a socket wakes the thread that waits on its other sockets.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::plan::SiteId;
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
    /// What is said between the sites wants it.
    Wanted(session::Event),
    /// To show this number of models in the status of the node.
    Models(usize),
}

/// Where events for a session are handed in.
#[derive(Clone)]
pub(crate) struct Mailbox {
    queue: Arc<Queue>,
    bell: Arc<UnixStream>,
}

/// Where a session finds them.
pub(crate) struct Events {
    queue: Arc<Queue>,
    /// Readable when there may be something.
    pub(super) bell: UnixStream,
}

/// What waits for a session, in its order; nothing any more once it is over. There are few events, so a
/// lock does; a channel of the standard library is three channels in one, each compiled for each type.
struct Queue(Mutex<Option<VecDeque<Event>>>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Option<VecDeque<Event>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new mailbox.
pub(crate) fn mailbox() -> io::Result<(Mailbox, Events)> {
    let (ring, bell) = UnixStream::pair()?;
    ring.set_nonblocking(true)?;
    bell.set_nonblocking(true)?;
    let queue = Arc::new(Queue(Mutex::new(Some(VecDeque::new()))));
    let mailbox = Mailbox {
        queue: Arc::clone(&queue),
        bell: Arc::new(ring),
    };
    Ok((mailbox, Events { queue, bell }))
}

impl Mailbox {
    /// Hands in an event. Where the session is over, it is dropped.
    pub(crate) fn post(&self, event: Event) {
        match &mut *self.queue.lock() {
            Some(waiting) => waiting.push_back(event),
            None => return,
        }
        // A bell that takes no more has been rung.
        let _ = (&*self.bell).write(&[0]);
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
        self.queue.lock().as_mut()?.pop_front()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // What nobody takes any more is dropped outside of the lock: connections are closed with it.
        let left = self.queue.lock().take();
        drop(left);
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
            mailbox.post(Event::Called(SiteId(3), Err(NoLink)));
        }
        mailbox.post(Event::Stop);
        assert!(rings());
        events.answer_bell();
        assert!(!rings());
        for _ in 0..200 {
            assert!(matches!(
                events.next(),
                Some(Event::Called(SiteId(3), Err(NoLink)))
            ));
        }
        assert!(matches!(events.next(), Some(Event::Stop)));
        assert!(events.next().is_none());
        drop(events);
        mailbox.post(Event::Stop);
    }
}
