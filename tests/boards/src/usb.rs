//! The link between a board and the machine it is plugged into: bytes pass only while the board serves it.

use std::collections::VecDeque;
use std::fs;
use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{read, write};

use crate::log::{Log, What};

/// What fits into a board, either way.
const ROOM: usize = 32;

/// The board has been pulled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pulled;

/// One end of a cable in a socket.
#[derive(Debug)]
pub(crate) struct Usb {
    pub(crate) device: String,
    pub(crate) link: PathBuf,
    pub(crate) log: Log,
    pub(crate) master: OwnedFd,
    /// At its end when the board is pulled.
    pub(crate) pull: PipeReader,
    pub(crate) received: VecDeque<u8>,
    pub(crate) to_send: VecDeque<u8>,
    /// The time of the board. The machine may be late; then what the board does follows in its order.
    pub(crate) clock: Instant,
}

impl Usb {
    /// Lets time pass while bytes do.
    pub(crate) fn serve(&mut self, milliseconds: u64) -> Result<(), Pulled> {
        self.pass(milliseconds, true)
    }

    /// Lets time pass while they don't.
    pub(crate) fn block(&mut self, milliseconds: u64) -> Result<(), Pulled> {
        self.pass(milliseconds, false)
    }

    fn pass(&mut self, milliseconds: u64, serves: bool) -> Result<(), Pulled> {
        self.clock += Duration::from_millis(milliseconds);
        loop {
            let is_open = self.is_open();
            if serves && is_open {
                self.exchange();
            }
            let rest = self.clock.saturating_duration_since(Instant::now());
            // Nobody tells when a program opens the port.
            let rest = if serves && !is_open {
                rest.min(Duration::from_millis(2))
            } else {
                rest
            };
            let wants = serves && is_open && self.received.len() < ROOM;
            self.wait(rest, wants)?;
            if Instant::now() >= self.clock {
                return Ok(());
            }
        }
    }

    /// Waits for the time to pass, for being pulled, and for bytes if they are wanted.
    fn wait(&self, rest: Duration, wants_bytes: bool) -> Result<(), Pulled> {
        let limit = Timespec {
            tv_sec: i64::try_from(rest.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: rest.subsec_nanos().into(),
        };
        let mut all = vec![PollFd::new(&self.pull, PollFlags::IN)];
        if wants_bytes {
            all.push(PollFd::new(&self.master, PollFlags::IN));
        }
        let _ = poll(&mut all, Some(&limit));
        if all[0].revents().is_empty() {
            Ok(())
        } else {
            Err(Pulled)
        }
    }

    /// Whether a program has the port open.
    fn is_open(&self) -> bool {
        let mut all = [PollFd::new(&self.master, PollFlags::IN)];
        let now = Timespec::default();
        let _ = poll(&mut all, Some(&now));
        !all[0].revents().contains(PollFlags::HUP)
    }

    fn exchange(&mut self) {
        let mut buffer = [0; ROOM];
        let room = ROOM - self.received.len();
        if room > 0
            && let Ok(count) = read(&self.master, &mut buffer[..room])
        {
            self.received.extend(&buffer[..count]);
        }
        let waiting: Vec<u8> = self.to_send.drain(..).collect();
        if !waiting.is_empty()
            && let Err(error) = write(&self.master, &waiting)
        {
            // The port was closed just now: it stays for the next that opens it.
            debug_assert!(error == rustix::io::Errno::IO, "{error}");
            self.to_send.extend(waiting);
        }
    }

    /// Takes a byte that has come; 0 if there is none.
    pub(crate) fn take(&mut self) -> u8 {
        self.received.pop_front().unwrap_or(0)
    }

    /// Sends bytes, 5 ms each. What does not fit is lost.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Pulled> {
        for &byte in bytes {
            if self.to_send.len() < ROOM {
                self.to_send.push_back(byte);
            }
            self.serve(5)?;
        }
        if !bytes.is_empty() {
            self.note(What::Answered(bytes.to_vec()));
        }
        Ok(())
    }

    pub(crate) fn note(&self, what: What) {
        self.log.note(&self.device, what);
    }

    /// The device goes; the port follows with the board.
    pub(crate) fn vanish(&self) {
        self.note(What::Pulled);
        // Whoever runs the table may have taken the folder away.
        let _ = fs::remove_file(&self.link);
    }
}
