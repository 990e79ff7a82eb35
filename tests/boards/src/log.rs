//! What happened on a table, and when.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The log of a table: everybody writes to the same.
#[derive(Clone, Debug)]
pub struct Log(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    events: Mutex<Vec<Event>>,
}

/// What happened, where, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The time since the start of the table.
    pub time: Duration,
    /// The socket, such as `ttyACM0` or `house/ttyACM0`.
    pub device: String,
    /// What happened there.
    pub what: What,
}

/// What can happen in a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A board was plugged in: its device is there from now on.
    Plugged,
    /// It was pulled: its device is gone, and whoever has it open gets errors.
    Pulled,
    /// The board took these bytes as one command; only the first three count.
    Read(Vec<u8>),
    /// It answered these.
    Answered(Vec<u8>),
    /// The strip is refreshed with this for the first time.
    Shows(Shown),
}

/// What a strip shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Milliseconds that a dot stays on a pixel; `None`: all pixels shine, and nothing moves.
    pub pace: Option<u64>,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// Whether a dot runs away from the board.
    pub away: bool,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            started: Instant::now(),
            events: Mutex::default(),
        }))
    }

    /// The time since the start of the table.
    pub fn now(&self) -> Duration {
        self.0.started.elapsed()
    }

    pub(crate) fn note(&self, device: &str, what: What) {
        // Under the lock, so that events are in the order of their times.
        let mut events = self.lock();
        events.push(Event {
            time: self.now(),
            device: device.to_owned(),
            what,
        });
    }

    /// All that has happened so far.
    pub fn events(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// What has happened in one socket so far.
    pub fn of(&self, device: &str) -> Vec<Event> {
        let events = self.lock();
        let there = events.iter().filter(|event| event.device == device);
        there.cloned().collect()
    }

    /// What the strip behind a socket shows, if it was ever refreshed since it was plugged in.
    pub fn shown(&self, device: &str) -> Option<Shown> {
        let events = self.lock();
        let there = events.iter().rev().filter(|event| event.device == device);
        there
            .take_while(|event| event.what != What::Plugged)
            .find_map(|event| match event.what {
                What::Shows(shown) => Some(shown),
                _ => None,
            })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As a row of a table: seconds, device, what, and what of it.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.time.as_secs_f64();
        write!(f, "{seconds:.3},{},", self.device)?;
        match &self.what {
            What::Plugged => f.write_str("plugged,"),
            What::Pulled => f.write_str("pulled,"),
            What::Read(bytes) => write_bytes(f, "read", bytes),
            What::Answered(bytes) => write_bytes(f, "answered", bytes),
            What::Shows(shown) => write!(f, "shows,{shown}"),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.colour;
        match self.pace {
            None => write!(f, "solid {red} {green} {blue}"),
            Some(pace) => {
                let direction = if self.away { "away" } else { "towards" };
                write!(f, "dot {red} {green} {blue} {direction} {pace} ms")
            }
        }
    }
}

fn write_bytes(f: &mut fmt::Formatter<'_>, what: &str, bytes: &[u8]) -> fmt::Result {
    write!(f, "{what},")?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}
