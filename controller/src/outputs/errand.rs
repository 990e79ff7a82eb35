//! A thread beside a run, for which nobody waits before the run is over.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use std::{io, thread};

/// Such a thread, and what it comes to.
#[derive(Debug)]
pub(super) struct Errand<T> {
    over: SyncSender<()>,
    ended: Receiver<T>,
}

impl<T: Send + 'static> Errand<T> {
    /// Starts it.
    pub(super) fn start(
        name: &str,
        work: impl FnOnce(End) -> T + Send + 'static,
    ) -> io::Result<Self> {
        let (over, is_over) = sync_channel(1);
        let (tell, ended) = sync_channel(1);
        let end = End {
            is_over,
            since: None,
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                // Nobody wants to know where the run was given up.
                let _ = tell.send(work(end));
            })?;
        Ok(Self { over, ended })
    }

    /// Tells it that the run is over.
    pub(super) fn tell_over(&self) {
        // There is room for it, unless it has been told.
        let _ = self.over.try_send(());
    }

    /// The run is over: what it came to, unless that takes too long.
    pub(super) fn finish(self, patience: Duration) -> Option<T> {
        self.tell_over();
        self.ended.recv_timeout(patience).ok()
    }
}

/// How the thread hears that the run is over.
pub(super) struct End {
    is_over: Receiver<()>,
    /// Since when that is known.
    since: Option<Instant>,
}

impl End {
    /// Whether that has been heard.
    pub(super) fn has_come(&self) -> bool {
        self.since.is_some()
    }

    /// Waits so long, or until the run is over.
    pub(super) fn wait(&mut self, time: Duration) {
        if self.has_come() {
            thread::sleep(time);
        } else if self.is_over.recv_timeout(time) != Err(RecvTimeoutError::Timeout) {
            self.since = Some(Instant::now());
        }
    }

    /// Whether the run goes on, or has been over for less than this.
    pub(super) fn has_time(&mut self, patience: Duration) -> bool {
        self.wait(Duration::ZERO);
        self.since.is_none_or(|since| since.elapsed() < patience)
    }
}
