//! Who is connected. Whoever reaches the port may knock, so there are limits.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most connections that have not said `init`. One more takes the place of the oldest of them.
pub(super) const MAX_PENDING: usize = 64;

/// The most sessions at a time.
pub(super) const MAX_SESSIONS: usize = 64;

/// How long one that is ended may take to be over until another one is let in beside it.
const MOMENT: Duration = Duration::from_secs(1);

/// Who is connected.
#[derive(Debug, Default)]
pub(super) struct Connections {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    list: Vec<Entry>,
    /// Nobody is let in any more.
    is_closed: bool,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    stream: Arc<TcpStream>,
    /// It has said `init`.
    is_session: bool,
    /// It has been ended, and its thread will see that.
    is_ended: bool,
}

/// A connection that is in the table, and leaves it when this is dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    connections: Arc<Connections>,
    number: u64,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in there is ever half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in; `None` where there is no room for it, or all are being ended.
    pub(super) fn admit(self: &Arc<Self>, stream: Arc<TcpStream>) -> Option<Admitted> {
        let mut state = self.lock();
        let pending = |entry: &&mut Entry| !entry.is_session && !entry.is_ended;
        if state.list.iter_mut().filter(pending).count() >= MAX_PENDING
            && let Some(oldest) = state.list.iter_mut().find(pending)
        {
            oldest.end();
        }
        let full = |state: &mut State| state.list.len() >= MAX_PENDING + MAX_SESSIONS;
        let waited = self.changed.wait_timeout_while(state, MOMENT, full);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if state.is_closed || full(&mut state) {
            return None;
        }
        let number = state.next;
        state.next += 1;
        state.list.push(Entry {
            number,
            stream,
            is_session: false,
            is_ended: false,
        });
        Some(Admitted {
            connections: Arc::clone(self),
            number,
        })
    }

    /// Ends all of them, and waits for that.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.list.iter_mut().for_each(Entry::end);
        let some = |state: &mut State| !state.list.is_empty();
        // Whether they are over or not, that was all.
        drop(self.changed.wait_timeout_while(state, MOMENT, some));
    }
}

impl Entry {
    /// Has its thread find the connection at its end.
    fn end(&mut self) {
        self.is_ended = true;
        // Where the other side has closed it, there is nothing to end.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Admitted {
    /// Makes it a session; returns whether there is room for one more.
    pub(super) fn begin_session(&self) -> bool {
        let mut state = self.connections.lock();
        let sessions = state.list.iter().filter(|entry| entry.is_session).count();
        let mut entries = state.list.iter_mut();
        let own = entries.find(|entry| entry.number == self.number);
        match own {
            Some(own) if sessions < MAX_SESSIONS => {
                own.is_session = true;
                true
            }
            _ => false,
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut state = self.connections.lock();
        state.list.retain(|entry| entry.number != self.number);
        self.connections.changed.notify_all();
    }
}
