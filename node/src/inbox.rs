//! What the rest of the node has for a session.
//!
//! A session has a thread of its own. It shares nothing with the others: what comes from them comes
//! through here, and a byte on a socket wakes the thread that waits on its other sockets.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::plan::SiteId;
use shared::wire::LINK_TIMEOUT;
use transport::Connection;

/// There is no link to another node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoLink;

impl fmt::Display for NoLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = LINK_TIMEOUT.as_secs();
        write!(
            f,
            "no link within {seconds} s; the log of the node says why"
        )
    }
}

/// What happens in the rest of the node.
pub(crate) enum Event {
    /// Another node has called, and has been let in.
    Arrived(SiteId, Connection<TcpStream>),
    /// What has become of calling another node, for a link or to go on with it. In that case how many bytes it has received
    /// comes with the connection.
    Called(SiteId, Result<(Connection<TcpStream>, Option<u64>), NoLink>),
    /// A site has called to go on over another connection, as it has received so many bytes.
    Reconnects(SiteId, u64, Connection<TcpStream>),
    /// A program has answered, and steps that were put off may be made.
    #[cfg(feature = "programs")]
    Answered,
    /// Something has come of a variant.
    Came,
    /// The node is being stopped.
    Stop,
}

/// Where events for a session are handed in.
#[derive(Clone)]
pub(crate) struct Sender {
    queue: Arc<Queue>,
    waker: Arc<UnixStream>,
}

/// Where a session finds them.
pub(crate) struct Inbox {
    queue: Arc<Queue>,
    /// Readable when there may be something.
    woken: UnixStream,
}

/// What waits for a session, in its order; nothing any more once it is over. There are few events, so a
/// lock does; a channel of the standard library is three channels in one, each compiled for each type.
struct Queue(Mutex<Option<VecDeque<Event>>>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Option<VecDeque<Event>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new inbox.
pub(crate) fn inbox() -> io::Result<(Sender, Inbox)> {
    let (waker, woken) = UnixStream::pair()?;
    waker.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    let queue = Arc::new(Queue(Mutex::new(Some(VecDeque::new()))));
    let sender = Sender {
        queue: Arc::clone(&queue),
        waker: Arc::new(waker),
    };
    Ok((sender, Inbox { queue, woken }))
}

impl Sender {
    /// Hands in an event. Where the session is over, it is dropped.
    pub(crate) fn send(&self, event: Event) {
        match &mut *self.queue.lock() {
            Some(waiting) => waiting.push_back(event),
            None => return,
        }
        // A socket that takes no more has woken the session.
        let _ = (&*self.waker).write(&[0]);
    }
}

impl Inbox {
    /// What becomes readable when there may be something.
    pub(crate) fn waker(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }

    /// Makes the waker ready for the next time, before looking for events.
    pub(crate) fn rearm(&self) {
        let mut bytes = [0; 64];
        while matches!((&self.woken).read(&mut bytes), Ok(64)) {}
    }

    /// The next event that is there.
    pub(crate) fn next(&self) -> Option<Event> {
        self.queue.lock().as_mut()?.pop_front()
    }
}

impl Drop for Inbox {
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
    fn events_come_in_order_and_the_session_is_woken_until_it_has_looked() {
        let (sender, inbox) = inbox().expect("an inbox");
        let is_woken = || (&inbox.woken).read(&mut [0; 1]).is_ok();
        assert!(!is_woken());
        for _ in 0..200 {
            sender.send(Event::Called(SiteId(3), Err(NoLink)));
        }
        sender.send(Event::Stop);
        assert!(is_woken());
        inbox.rearm();
        assert!(!is_woken());
        for _ in 0..200 {
            assert!(matches!(
                inbox.next(),
                Some(Event::Called(SiteId(3), Err(NoLink)))
            ));
        }
        assert!(matches!(inbox.next(), Some(Event::Stop)));
        assert!(inbox.next().is_none());
        drop(inbox);
        sender.send(Event::Stop);
    }
}
