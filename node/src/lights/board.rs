//! What sessions tell the lights. Nobody ever waits for the lights here: there are numbers that are
//! replaced by newer ones, and locks that are held for a few instructions.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use super::panel::{Fault, Reading};
use super::pattern::Pattern;
use super::values::Claim;

/// What the node and its lights have in common.
pub(super) struct Board {
    started: Instant,
    sessions: AtomicU32,
    opened: AtomicU32,
    stepped: AtomicBool,
    fault: AtomicU8,
    /// In milliseconds from the start, plus 1; 0 for never.
    key_failed: AtomicU64,
    /// In milliseconds from the start.
    identify_until: AtomicU64,
    stopping: AtomicBool,
    /// The output cannot be had.
    dead: AtomicBool,
    /// The thread of the lights, to be woken.
    thread: OnceLock<Thread>,
    claims: Mutex<Vec<Claim>>,
    /// What the three lights show.
    shown: Mutex<[Pattern; 3]>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            sessions: AtomicU32::new(0),
            opened: AtomicU32::new(0),
            stepped: AtomicBool::new(false),
            fault: AtomicU8::new(0),
            key_failed: AtomicU64::new(0),
            identify_until: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            thread: OnceLock::new(),
            claims: Mutex::default(),
            shown: Mutex::new([Pattern::Off; 3]),
        }
    }

    /// The time since the start of the lights.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn open_session(&self) {
        self.fault.store(0, Ordering::Relaxed);
        self.sessions.fetch_add(1, Ordering::Relaxed);
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.wake();
    }

    pub(super) fn close_session(&self) {
        self.sessions.fetch_sub(1, Ordering::Relaxed);
        self.wake();
    }

    /// Notes that there were steps. All that it costs is to store a byte.
    pub(super) fn note_steps(&self) {
        self.stepped.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_fault(&self, fault: Fault) {
        match fault {
            Fault::Model => self.fault.store(1, Ordering::Relaxed),
            Fault::Lost => self.fault.store(2, Ordering::Relaxed),
            Fault::Key => self.key_failed.store(self.millis() + 1, Ordering::Relaxed),
        }
        self.wake();
    }

    pub(super) fn identify(&self, duration: Duration) {
        let length = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let until = self.millis().saturating_add(length);
        self.identify_until.store(until, Ordering::Relaxed);
        self.wake();
    }

    /// What is the case now. Steps are reported once.
    pub(super) fn read(&self) -> Reading {
        let key_failed = self.key_failed.load(Ordering::Relaxed).checked_sub(1);
        Reading {
            sessions: self.sessions.load(Ordering::Relaxed),
            opened: self.opened.load(Ordering::Relaxed),
            stepped: self.stepped.swap(false, Ordering::Relaxed),
            fault: match self.fault.load(Ordering::Relaxed) {
                1 => Some(Fault::Model),
                2 => Some(Fault::Lost),
                _ => None,
            },
            key_failed: key_failed.map(Duration::from_millis),
            identify_until: Duration::from_millis(self.identify_until.load(Ordering::Relaxed)),
        }
    }

    /// The lights that show values.
    pub(super) fn claims(&self) -> MutexGuard<'_, Vec<Claim>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the three lights show.
    pub(super) fn shown(&self) -> MutexGuard<'_, [Pattern; 3]> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whom to wake.
    pub(super) fn attend(&self, thread: Thread) {
        // There is one thread a board, so this is the first.
        let _ = self.thread.set(thread);
    }

    /// Has the lights look at once.
    pub(super) fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.wake();
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn give_up(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Whether there is nothing that could drive a light.
    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }
}
