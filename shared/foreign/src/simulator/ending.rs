//! The end of simulators: each gets a moment, and all of them at the same time.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::mailbox::Mailbox;
use crate::process::Process;

/// How long the connection stays open for a simulator that has been told to stop.
const UNTIL_CLOSED: Duration = Duration::from_millis(100);
/// How long after that word its program may go on.
const UNTIL_KILLED: Duration = Duration::from_secs(1);

/// The simulators of a host, as far as they live. The last one that ends waits for all of them.
#[derive(Debug, Default)]
pub(crate) struct Endings(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    living: usize,
    ending: Vec<JoinHandle<()>>,
}

/// What remains of a simulator that has been told to stop.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) stream: Arc<TcpStream>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) reader: Option<JoinHandle<()>>,
    pub(super) process: Option<Process>,
}

impl Endings {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one that lives.
    pub(super) fn begin(&self) {
        self.lock().living += 1;
    }

    /// Ends one of them.
    pub(super) fn end(&self, ending: Ending) {
        let since = Instant::now();
        let thread = thread::Builder::new().name("end of a simulator".to_owned());
        // Where there is no thread for it, it was dropped with the closure, which ends its program too.
        let thread = thread.spawn(move || ending.finish(since));
        let mut state = self.lock();
        state.ending.extend(thread);
        state.living = state.living.saturating_sub(1);
        if state.living > 0 {
            return;
        }
        let all = std::mem::take(&mut state.ending);
        drop(state);
        for thread in all {
            // It has no value, and nothing in it panics.
            let _ = thread.join();
        }
    }
}

impl Ending {
    fn finish(mut self, since: Instant) {
        self.mailbox.close(since + UNTIL_CLOSED);
        self.hang_up();
        if let Some(process) = &mut self.process {
            process.wait(since + UNTIL_KILLED);
        }
    }

    fn hang_up(&mut self) {
        // It may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// The program ends with its [`Process`].
impl Drop for Ending {
    fn drop(&mut self) {
        self.mailbox.close(Instant::now());
        self.hang_up();
    }
}
