//! Which sockets there are, whose they are, and whether somebody watches them.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::mem;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use shared::cable::{MAX_SOCKETS, SocketStatus};

use crate::socket::{MISSES, Socket};

/// How long cables may take to come to rest in the end.
pub(crate) const FAREWELL: Duration = Duration::from_millis(300);

/// What all copies of `Cables`, claims and the thread have in common.
#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) folder: PathBuf,
    list: Mutex<List>,
    ended: Condvar,
    /// Counts what changed for people.
    changes: AtomicU32,
    /// The list is not as the thread knows it.
    is_new: AtomicBool,
    waker: OnceLock<PipeWriter>,
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) sockets: Vec<Arc<Socket>>,
    pub(crate) is_for_all: bool,
    pub(crate) life: Life,
}

/// That of the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    NotBegun,
    Running,
    Stopping,
    Over,
}

impl Roster {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            list: Mutex::new(List {
                sockets: Vec::new(),
                is_for_all: false,
                life: Life::NotBegun,
            }),
            ended: Condvar::new(),
            changes: AtomicU32::new(0),
            is_new: AtomicBool::new(true),
            waker: OnceLock::new(),
        }
    }

    pub(crate) fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watch_all(self: &Arc<Self>) -> io::Result<()> {
        self.list().is_for_all = true;
        self.start()
    }

    /// Has the thread look at the list, and starts it where there is none.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<()> {
        let mut list = self.list();
        match list.life {
            Life::NotBegun => {
                let (woken, waker) = io::pipe()?;
                watch(self, woken)?;
                list.life = Life::Running;
                // There is one thread, so this is the first.
                let _ = self.waker.set(waker);
            }
            Life::Running => {
                self.is_new.store(true, Ordering::Relaxed);
                self.wake();
            }
            Life::Stopping | Life::Over => {
                return Err(io::Error::other("this process is being stopped"));
            }
        }
        Ok(())
    }

    pub(crate) fn wake(&self) {
        if let Some(mut waker) = self.waker.get() {
            // The thread has the other end as long as it runs.
            let _ = waker.write(&[0]);
        }
    }

    /// How often something changed for people.
    pub(crate) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn status(&self) -> Vec<SocketStatus> {
        let list = self.list();
        let sockets = list.sockets.iter();
        sockets
            .map(|socket| {
                let facts = socket.facts();
                SocketStatus {
                    device: socket.device.clone(),
                    state: facts.state.clone(),
                    model: facts.model.clone(),
                }
            })
            .collect()
    }

    pub(crate) fn stop(&self) {
        let mut list = self.list();
        list.life = match list.life {
            Life::NotBegun | Life::Over => Life::Over,
            Life::Running | Life::Stopping => Life::Stopping,
        };
        self.wake();
        // A port that hangs is left behind.
        let waited = self
            .ended
            .wait_timeout_while(list, FAREWELL * 2, |list| list.life != Life::Over);
        drop(waited);
    }
}

/// The side of the thread.
#[cfg(unix)]
impl Roster {
    pub(crate) fn note_change(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// Whether the list has to be looked at again.
    pub(crate) fn take_new(&self) -> bool {
        self.is_new.swap(false, Ordering::Relaxed)
    }

    /// The thread is over.
    pub(crate) fn end(&self) {
        let mut list = self.list();
        list.life = Life::Over;
        for socket in list.sockets.drain(..) {
            socket.see(0);
        }
        self.ended.notify_all();
    }
}

impl List {
    /// The socket of this device for a model, or who or what is in the way.
    pub(crate) fn claim(&mut self, device: &str, model: &str) -> Result<Arc<Socket>, String> {
        if let Some(socket) = self.sockets.iter().find(|socket| socket.device == device) {
            let before = &mut socket.facts().model;
            if before.is_empty() {
                model.clone_into(before);
                return Ok(Arc::clone(socket));
            }
            return Err(["model '", before, "' has it already"].concat());
        }
        let socket = self.add(device);
        model.clone_into(&mut socket.facts().model);
        if self.make_room() {
            return Ok(socket);
        }
        self.sockets.retain(|other| !Arc::ptr_eq(other, &socket));
        Err("other models have 8 sockets already, which is all that there can be".into())
    }

    /// Adds a socket at its place: `ttyACM10` comes after `ttyACM9`.
    pub(crate) fn add(&mut self, device: &str) -> Arc<Socket> {
        let socket = Arc::new(Socket::new(device));
        let key = (device.len(), device);
        let place = self
            .sockets
            .partition_point(|other| (other.device.len(), &*other.device) < key);
        self.sockets.insert(place, Arc::clone(&socket));
        socket
    }

    /// Forgets the last socket that nobody uses, if there are too many. Returns whether there are not.
    pub(crate) fn make_room(&mut self) -> bool {
        if self.sockets.len() <= MAX_SOCKETS {
            return true;
        }
        let is_free = |socket: &Arc<Socket>| socket.facts().model.is_empty();
        let free = self.sockets.iter().rposition(is_free);
        free.map(|free| self.sockets.remove(free)).is_some()
    }
}

impl Socket {
    /// Nobody uses it any more.
    pub(crate) fn free(&self) {
        mem::take(&mut self.facts().model);
        self.set_misses(MISSES);
    }
}

#[cfg(unix)]
fn watch(roster: &Arc<Roster>, woken: PipeReader) -> io::Result<()> {
    let roster = Arc::clone(roster);
    let thread = std::thread::Builder::new().name("cables".to_owned());
    thread.spawn(move || crate::driver::drive(&roster, woken))?;
    Ok(())
}

#[cfg(not(unix))]
fn watch(roster: &Arc<Roster>, _: PipeReader) -> io::Result<()> {
    let folder = roster.folder.display();
    let reason = format!("boards in {folder} are found on Linux and macOS only");
    Err(io::Error::new(io::ErrorKind::Unsupported, reason))
}
