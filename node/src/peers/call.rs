//! Calling another node.
//!
//! Whom to call is the controller's word, so a call is of no use to look around with: it goes only
//! where nodes of the run can be, and the controller learns that there is a link, which only another
//! node of the run can make, or after a fixed time that there is none. Why is in the node's log.

use std::cell::Cell;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use shared::wire::{
    ConnectionError, HandshakeError, LINK_TIMEOUT, MAX_LINK_FRAME, MAX_LINKS, OnLink, OnReconnect,
    RECONNECT_TIMEOUT, ToNode, decode,
};
use smol::future::or;
use smol::{Async, Timer};
use transport::{Connection, call};

use super::reach::may_call;
use crate::access::Access;
use crate::inbox::NoLink;
use crate::reports::Reports;

/// After as many calls in vain, as many as one run can make...
const MOST_FAILED: usize = MAX_LINKS;

/// ...none is made until so much time has passed since the first of them.
const PAUSE: Duration = Duration::from_secs(60);

/// Why a call was in vain.
#[derive(Debug)]
enum Failed {
    Forbidden,
    TooMany,
    TimedOut,
    Unreachable(io::Error),
    Handshake(HandshakeError),
    Connection(ConnectionError),
    /// The node there does not wait for this link: it is another one, or the address is one that
    /// only the controller reaches it by.
    Refused,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden => f.write_str(
                "no node of this run can be there: it is another network than the controller's, or \
                 a port of the system",
            ),
            Self::TooMany => f.write_str("too many calls in vain within a minute"),
            Self::TimedOut => f.write_str("it does not answer"),
            Self::Unreachable(error) => error.fmt(f),
            Self::Handshake(error) => error.fmt(f),
            Self::Connection(error) => error.fmt(f),
            Self::Refused => f.write_str("another node answers at that address"),
        }
    }
}

impl<E: Into<ConnectionError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Connection(error.into())
    }
}

/// The calls of a node that were in vain of late.
#[derive(Debug, Default)]
struct VainCalls {
    since: Cell<Option<Instant>>,
    count: Cell<usize>,
}

impl VainCalls {
    /// Whether one more call may be made at this time.
    fn allow(&self, now: Instant) -> bool {
        let is_over = |since| now.duration_since(since) >= PAUSE;
        if self.since.get().is_none_or(is_over) {
            self.since.set(None);
            self.count.set(0);
        }
        self.count.get() < MOST_FAILED
    }

    fn add(&self, now: Instant) {
        self.since.set(self.since.get().or(Some(now)));
        self.count.set(self.count.get().saturating_add(1));
    }
}

/// What a node calls others with.
pub(crate) struct Caller {
    access: Rc<Access>,
    reports: Rc<Reports>,
    in_vain: VainCalls,
}

impl Caller {
    pub(crate) fn new(access: Rc<Access>, reports: Rc<Reports>) -> Self {
        let in_vain = VainCalls::default();
        Self {
            access,
            reports,
            in_vain,
        }
    }

    /// Opens a link to the node at this address, or goes on with it over another connection, for a controller that has
    /// reached this one `here`; ready when the run there has taken it, or when the time is over. In that
    /// case how many bytes it has received comes with the connection.
    pub(crate) async fn call(
        &self,
        here: SocketAddr,
        address: SocketAddr,
        hello: &ToNode<'_>,
    ) -> Result<(Connection<TcpStream>, Option<u64>), NoLink> {
        let mut time = Timer::after(if is_again(hello) {
            RECONNECT_TIMEOUT
        } else {
            LINK_TIMEOUT
        });
        let limit = async {
            (&mut time).await;
            Err(Failed::TimedOut)
        };
        let error = match or(self.open(here, address, hello), limit).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        // Where there has been a link one may be called as long as the run lasts.
        if !is_again(hello) {
            if !matches!(error, Failed::TooMany) {
                self.in_vain.add(Instant::now());
            }
            self.reports
                .session(address, format_args!("no link: {error}"));
        }
        if !matches!(error, Failed::TimedOut) {
            time.await;
        }
        Err(NoLink)
    }

    async fn open(
        &self,
        here: SocketAddr,
        address: SocketAddr,
        hello: &ToNode<'_>,
    ) -> Result<(Connection<TcpStream>, Option<u64>), Failed> {
        if !may_call(here, address) {
            return Err(Failed::Forbidden);
        }
        if !is_again(hello) && !self.in_vain.allow(Instant::now()) {
            return Err(Failed::TooMany);
        }
        let stream = Async::<TcpStream>::connect(address).await;
        let stream = stream.map_err(|error| match error.kind() {
            ErrorKind::TimedOut => Failed::TimedOut,
            _ => Failed::Unreachable(error),
        })?;
        // Without it the system holds small frames back; the link works all the same.
        let _ = stream.get_ref().set_nodelay(true);
        let met = call(&stream, self.access.trust(), LINK_TIMEOUT).await;
        let met = met.map_err(Failed::Handshake)?;
        let mut connection = Connection::new(stream, met, MAX_LINK_FRAME);
        connection.queue(hello)?;
        let received = if is_again(hello) {
            match connection.receive(|content| decode(content)).await? {
                OnReconnect::Received(received) => Some(received),
                OnReconnect::Refused => return Err(Failed::Refused),
            }
        } else {
            let joined = |content: &[u8]| Ok(decode::<OnLink<'_>>(content)? == OnLink::Joined);
            if !connection.receive(joined).await? {
                return Err(Failed::Refused);
            }
            None
        };
        Ok((connection, received))
    }
}

/// Whether somebody goes on with a link that there has been.
fn is_again(hello: &ToNode<'_>) -> bool {
    matches!(hello, ToNode::Reconnect { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_many_calls_in_vain_there_are_none_for_a_minute() {
        let calls = VainCalls::default();
        let start = Instant::now();
        for _ in 0..MOST_FAILED {
            assert!(calls.allow(start));
            calls.add(start);
        }
        assert!(!calls.allow(start + PAUSE / 2));
        assert!(calls.allow(start + PAUSE));
        assert!(calls.allow(start + PAUSE));
    }
}
