//! What a simulator has sent, as it is taken from its connection by a thread.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use shared::model::Waker;

use crate::wire::{FrameError, Message, MessageError, read_frame};

/// How many messages may wait. A simulator that sends more is not read until these are taken.
pub(crate) const ROOM: usize = 64;

/// Something that came from a simulator.
#[derive(Debug)]
pub(super) enum Arrived {
    /// A message.
    Message(Message),
    /// A frame without one; the text says what it is.
    Nonsense(String),
    /// The end of the connection, and why where it is no plain end.
    Gone(Option<String>),
}

/// Where the thread leaves what came.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    arrived: VecDeque<Arrived>,
    waker: Option<Waker>,
    /// Nothing more comes.
    has_ended: bool,
    /// Nobody takes anything any more.
    is_closed: bool,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        // What is in it is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls this whenever something has come.
    pub(super) fn wake_with(&self, waker: &Waker) {
        self.lock().waker = Some(waker.clone());
    }

    /// Takes what came first.
    pub(super) fn take(&self) -> Option<Arrived> {
        let first = self.lock().arrived.pop_front();
        if first.is_some() {
            self.changed.notify_all();
        }
        first
    }

    /// Waits until something is there, or it is that late.
    pub(super) fn wait(&self, until: Instant) {
        let mut state = self.lock();
        while state.arrived.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Throws away what comes from now on, and waits for the end of the connection, or until it is that late.
    pub(super) fn close(&self, until: Instant) {
        let mut state = self.lock();
        state.is_closed = true;
        state.arrived.clear();
        self.changed.notify_all();
        while !state.has_ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Leaves something there once there is room.
    fn put(&self, arrived: Arrived) {
        let mut state = self.lock();
        state.has_ended |= matches!(arrived, Arrived::Gone(_));
        while !state.is_closed && state.arrived.len() >= ROOM {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if !state.is_closed {
            state.arrived.push_back(arrived);
        }
        let waker = state.waker.clone();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Takes everything from a connection, to its end.
pub(super) fn read(mut stream: TcpStream, mailbox: &Arc<Mailbox>) {
    loop {
        match read_frame(&mut stream) {
            Ok(Some(content)) => match Message::read(&content) {
                Ok(message) => mailbox.put(Arrived::Message(message)),
                Err(error) => mailbox.put(Arrived::Nonsense(described(&error, &content))),
            },
            Ok(None) => return mailbox.put(Arrived::Gone(None)),
            Err(FrameError::TooLong(length)) => {
                let error = FrameError::TooLong(length).to_string();
                mailbox.put(Arrived::Nonsense(error));
                return mailbox.put(Arrived::Gone(None));
            }
            Err(error) => return mailbox.put(Arrived::Gone(Some(error.to_string()))),
        }
    }
}

fn described(error: &MessageError, content: &[u8]) -> String {
    let place = match error {
        MessageError::Json(json) => format!(" ({json})"),
        MessageError::Form(_) => String::new(),
    };
    let content = String::from_utf8_lossy(content);
    format!("{error}{place}: {}", crate::said::shortened(&content))
}
