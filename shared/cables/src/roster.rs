//! Which sockets there are, whose they are, and whether somebody watches them.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use shared::cable::{MAX_SOCKETS, SocketStatus};

#[cfg(unix)]
use crate::found::Found;
use crate::socket::{MISSES, Socket};
use crate::waker::{Waker, Woken, waker};

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
    waker: OnceLock<Waker>,
}

#[derive(Debug)]
pub(crate) struct List {
    /// In the order of their names.
    pub(crate) places: Vec<Place>,
    pub(crate) is_for_all: bool,
    /// The thread has looked for the devices of all of them.
    pub(crate) is_looked_at: bool,
    pub(crate) life: Life,
}

/// A socket, and the model that uses it; empty if none does.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) socket: Arc<Socket>,
    pub(crate) model: String,
}

/// Why a model does not get a socket, and whose it is if it is another one's.
pub(crate) type InTheWay = (String, Option<Arc<Socket>>);

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
                places: Vec::new(),
                is_for_all: false,
                is_looked_at: false,
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

    /// Has the thread look at the list; where there is none, it is made.
    pub(crate) fn start(&self, make: impl FnOnce(Woken) -> io::Result<()>) -> io::Result<()> {
        let mut list = self.list();
        list.is_looked_at = false;
        match list.life {
            Life::NotBegun => {
                let (woken, waker) = waker()?;
                make(woken)?;
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
        if let Some(waker) = self.waker.get() {
            waker.wake();
        }
    }

    /// How often something changed for people.
    pub(crate) fn changes(&self) -> u32 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn status(&self) -> Vec<SocketStatus> {
        let list = self.list();
        let places = list.places.iter();
        let status = places.map(|Place { socket, model }| SocketStatus {
            device: socket.device.clone(),
            state: socket.found().state(),
            model: model.clone(),
        });
        status.collect()
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

    /// Whether it will have to be looked at again.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new.load(Ordering::Relaxed)
    }

    /// Whether the list has to be looked at again.
    pub(crate) fn take_new(&self) -> bool {
        self.is_new.swap(false, Ordering::Relaxed)
    }

    /// The thread is over.
    pub(crate) fn end(&self) {
        let mut list = self.list();
        list.life = Life::Over;
        for place in list.places.drain(..) {
            place.socket.find(Found::EMPTY);
        }
        self.ended.notify_all();
    }
}

impl List {
    /// The socket of this device for a model, or who or what is in the way.
    pub(crate) fn claim(&mut self, device: &str, model: &str) -> Result<Arc<Socket>, InTheWay> {
        let at = self.place(device);
        let place = &mut self.places[at];
        if !place.model.is_empty() {
            let reason = ["model '", &place.model, "' has it already"].concat();
            return Err((reason, Some(Arc::clone(&place.socket))));
        }
        model.clone_into(&mut place.model);
        let socket = Arc::clone(&place.socket);
        if self.make_room() {
            return Ok(socket);
        }
        self.places.remove(at);
        let reason = "other models have 8 sockets already, which is all that there can be";
        Err((reason.into(), None))
    }

    /// Where a device is, which is added if need be: `ttyACM10` comes after `ttyACM9`.
    pub(crate) fn place(&mut self, device: &str) -> usize {
        let key = (device.len(), device);
        let places = self.places.iter();
        let before =
            places.take_while(|place| (place.socket.device.len(), &*place.socket.device) < key);
        let at = before.count();
        let is_known = self
            .places
            .get(at)
            .is_some_and(|place| place.socket.device == device);
        if !is_known {
            let socket = Arc::new(Socket::new(device));
            let model = String::new();
            self.places.insert(at, Place { socket, model });
        }
        at
    }

    /// Forgets the last socket that nobody uses, if there are too many. Returns whether there are not.
    pub(crate) fn make_room(&mut self) -> bool {
        if self.places.len() <= MAX_SOCKETS {
            return true;
        }
        let free = self.places.iter().rposition(|place| place.model.is_empty());
        free.map(|free| self.places.remove(free)).is_some()
    }

    /// Nobody uses a socket any more.
    pub(crate) fn free(&mut self, socket: &Arc<Socket>) {
        socket.set_misses(MISSES);
        let mut places = self.places.iter_mut();
        if let Some(place) = places.find(|place| Arc::ptr_eq(&place.socket, socket)) {
            place.model.clear();
        }
    }
}
