//! One socket, as the thread sees it: whether there is a device, what its board says, and for how long
//! that holds.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::event::PollFlags;
use rustix::io::Errno;

use shared::cable::{CableId, Sight};

use crate::board::{Board, Heard, Millis, PERIOD};
use crate::found::Found;
use crate::port::Port;
use crate::roster::Roster;
use crate::socket::{MISSES, Socket};

/// A board that has been silent for long is asked in these intervals.
const CALM: Millis = 1000;

/// What is wrong from the start is said when it has lasted so long, or in so many exchanges: devices come
/// before they may be used, and boards before they answer.
const DOUBT: Millis = 500;
const DOUBTS: u8 = 2;

/// A device may have been replaced: node and number of it.
type Device = (u64, u64);

#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) socket: Arc<Socket>,
    path: PathBuf,
    open: Option<(Port, Device)>,
    pub(crate) board: Board,
    misses: u8,
    /// Since when the device fails.
    failing: Option<Millis>,
}

impl Watch {
    pub(crate) fn new(socket: Arc<Socket>, path: PathBuf) -> Self {
        Self {
            socket,
            path,
            open: None,
            board: Board::default(),
            misses: 0,
            failing: None,
        }
    }

    pub(crate) fn port(&self) -> Option<&Port> {
        self.open.as_ref().map(|(port, _)| port)
    }

    /// Looks whether there is a device, and the same as before.
    pub(crate) fn look(&mut self, roster: &Roster, now: Millis) {
        let device = match fs::metadata(&self.path) {
            Ok(found) => (found.ino(), found.rdev()),
            Err(error) if is_missing(&error) => {
                self.lose();
                self.failing = None;
                return self.say(roster, Found::EMPTY);
            }
            Err(error) => return self.fail(roster, &error, now),
        };
        if self
            .open
            .as_ref()
            .is_some_and(|(_, known)| *known == device)
        {
            return;
        }
        if self.open.is_some() {
            self.lose();
        }
        match Port::open(&self.path) {
            Ok(port) => {
                self.open = Some((port, device));
                self.board = Board::default();
                if self.misses == 0 && self.failing.is_none() {
                    self.say(roster, Found::NEW);
                }
            }
            Err(error) => self.fail(roster, &error, now),
        }
    }

    /// The device cannot be opened, or does not work any more.
    fn fail(&mut self, roster: &Roster, error: &io::Error, now: Millis) {
        self.lose();
        let since = *self.failing.get_or_insert(now);
        let state = if now - since < DOUBT {
            Found::NEW
        } else {
            Found::failing(error)
        };
        self.say(roster, state);
    }

    /// Whether it worked up to now.
    pub(crate) fn has_failed_first_at(&self, now: Millis) -> bool {
        self.failing == Some(now)
    }

    /// The device is gone, and its cable with it.
    fn lose(&mut self) {
        self.open = None;
        self.misses = 0;
    }

    /// Does what is due. Returns the cable that is new here.
    pub(crate) fn advance(&mut self, roster: &Roster, now: Millis) -> Option<CableId> {
        self.open.as_ref()?;
        let period = if self.misses < MISSES { PERIOD } else { CALM };
        let mut new = None;
        if let Some(heard) = self.board.advance(self.socket.wanted(), period, now) {
            new = self.heard(roster, heard, now);
            // What comes next may be due at once.
            if self.open.is_some() {
                self.board.advance(self.socket.wanted(), period, now);
            }
        }
        self.write(roster, now);
        new
    }

    fn write(&mut self, roster: &Roster, now: Millis) {
        let unsent = self.board.unsent();
        let Some((port, _)) = &self.open else { return };
        if unsent.is_empty() {
            return;
        }
        match port.write(unsent) {
            Ok(count) => self.board.sent(count, now),
            Err(error) => self.fail(roster, &error, now),
        }
    }

    /// What the port is waited for.
    pub(crate) fn interest(&self) -> PollFlags {
        if self.board.unsent().is_empty() {
            PollFlags::IN
        } else {
            PollFlags::IN | PollFlags::OUT
        }
    }

    /// Reads what has come. Returns the cable that is new here.
    pub(crate) fn read(&mut self, roster: &Roster, now: Millis) -> Option<CableId> {
        let (port, _) = self.open.as_ref()?;
        let mut buffer = [0; 64];
        match port.read(&mut buffer) {
            Ok(count) => {
                let heard = self.board.received(&buffer[..count], now)?;
                self.heard(roster, heard, now)
            }
            Err(error) => {
                self.fail(roster, &error, now);
                None
            }
        }
    }

    fn heard(&mut self, roster: &Roster, heard: Heard, now: Millis) -> Option<CableId> {
        self.failing = None;
        match heard {
            Heard::Answer(found) if found.is_cable() => return self.found(roster, found),
            Heard::Answer(found) => self.miss(roster, found),
            Heard::Stuck => {
                // What it did not take is not for it any more: the port is opened anew.
                self.open = None;
                self.failing = Some(now);
                self.miss(roster, Found::SILENT);
            }
        }
        None
    }

    fn found(&mut self, roster: &Roster, found: Found) -> Option<CableId> {
        self.misses = 0;
        let before = self.socket.found().sight();
        self.say(roster, found);
        found.sight().cable().filter(|_| before != found.sight())
    }

    /// An exchange found nothing.
    fn miss(&mut self, roster: &Roster, found: Found) {
        self.misses = self.misses.saturating_add(1);
        let limit = if self.socket.found().is_cable() {
            self.socket.misses()
        } else {
            DOUBTS
        };
        if self.misses >= limit {
            self.say(roster, found);
        }
    }

    /// This cable is in another socket now: if it was missed here, it has moved.
    pub(crate) fn give_up(&self, roster: &Roster, cable: CableId) {
        if self.socket.found().sight() == Sight::Cable(cable) && self.misses >= DOUBTS {
            self.say(roster, Found::SILENT);
        }
    }

    fn say(&self, roster: &Roster, found: Found) {
        if self.socket.find(found) {
            roster.note_change();
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::NOENT | Errno::NOTDIR)
    )
}
