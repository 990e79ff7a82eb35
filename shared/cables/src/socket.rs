//! What the thread and the steps of models have in common of a socket. Neither ever waits for the other:
//! what passes between them are numbers that are replaced by newer ones.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use crate::found::Found;
use crate::picture::REST;

/// So many exchanges without an answer, where no model says otherwise.
pub(crate) const MISSES: u8 = 8;

/// A socket, as long as it is watched.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) device: String,
    found: AtomicU64,
    wanted: AtomicU64,
    /// The board could be told something else now, and the thread sleeps until somebody wakes it.
    is_ready: AtomicBool,
    misses: AtomicU8,
}

impl Socket {
    pub(crate) fn new(device: &str) -> Self {
        Self {
            device: device.to_owned(),
            found: AtomicU64::new(Found::EMPTY.0),
            wanted: AtomicU64::new(REST),
            is_ready: AtomicBool::new(false),
            misses: AtomicU8::new(MISSES),
        }
    }

    pub(crate) fn found(&self) -> Found {
        Found(self.found.load(Ordering::Relaxed))
    }

    /// Has its cable show something. Returns whether the thread has to be woken for it.
    ///
    /// The thread says that it is ready before it looks at what is wanted for the last time, and here it is
    /// the other way round; so one of both notices.
    pub(crate) fn want(&self, picture: u64) -> bool {
        if self.wanted.load(Ordering::Relaxed) == picture {
            return false;
        }
        self.wanted.store(picture, Ordering::SeqCst);
        self.is_ready.swap(false, Ordering::SeqCst)
    }

    /// So many exchanges without an answer, and a cable is gone.
    pub(crate) fn set_misses(&self, misses: u8) {
        self.misses.store(misses.max(1), Ordering::Relaxed);
    }
}

/// The side of the thread.
#[cfg(unix)]
impl Socket {
    /// Says what was found. Returns whether that is new.
    pub(crate) fn find(&self, found: Found) -> bool {
        self.found.swap(found.0, Ordering::Relaxed) != found.0
    }

    pub(crate) fn wanted(&self) -> u64 {
        self.wanted.load(Ordering::SeqCst)
    }

    pub(crate) fn misses(&self) -> u8 {
        self.misses.load(Ordering::Relaxed)
    }

    /// Asks to be woken when something else is wanted.
    pub(crate) fn be_ready(&self) {
        self.is_ready.store(true, Ordering::SeqCst);
    }
}
