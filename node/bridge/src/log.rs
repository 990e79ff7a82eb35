//! What the bridge says: on standard output where it listens, on standard error what happens.

use std::error::Error;
use std::fmt::{self, Write};
use std::panic;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use controller::chain;
use terminal::Visible;
use terminal::printer::{Printer, Stream};

/// The most bytes that wait for somebody to take them, on each stream.
const MAX_WAITING: usize = 64 * 1024;

/// How long the end of the program waits for them to be taken.
const PATIENCE: Duration = Duration::from_millis(300);

static OUTPUT: Printer = Printer::new(Stream::Output, MAX_WAITING, |_, _| Ok(()));

static ERROR: Printer = Printer::new(Stream::Error, MAX_WAITING, |lines, text| {
    writeln!(text, "note: {lines} lines could not be written")
});

/// Has the words of a panic go where everything else goes: a stuck terminal would hold it up as well.
pub(crate) fn begin() {
    panic::set_hook(Box::new(|panic| {
        ERROR.print(format_args!("{panic}\n"));
        ERROR.drain(PATIENCE);
    }));
}

/// Prints a line to standard output.
pub(crate) fn answer(line: fmt::Arguments<'_>) {
    OUTPUT.print(format_args!("{line}\n"));
}

/// Prints why the program does not do what it was started for.
pub(crate) fn error(error: &dyn Error) {
    wrong(&chain(error));
}

/// Prints what is wrong with the command line.
pub(crate) fn wrong(text: &str) {
    OUTPUT.drain(PATIENCE);
    ERROR.print(format_args!("error: {text}\n"));
}

/// Prints a line about what happens.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    let mut text = String::new();
    // A line that cannot be formatted would be a fault of ours; its beginning will do.
    let _ = Visible(&mut text).write_fmt(line);
    ERROR.print(format_args!("{text}\n"));
}

/// Waits a moment for what has been said to be taken.
pub(crate) fn end() {
    while !OUTPUT.drain(PATIENCE) {
        OUTPUT.hope();
    }
    ERROR.drain(PATIENCE);
}

/// How many lines there may be in a minute about those who are not what they should be.
const LINES: u32 = 5;

/// How long that holds.
const MINUTE: Duration = Duration::from_secs(60);

/// Lines about those who are not what they should be: a few a minute, the others are counted.
#[derive(Debug)]
pub(crate) struct Quota(Mutex<Spent>);

#[derive(Debug)]
struct Spent {
    since: Instant,
    lines: u32,
    dropped: u32,
}

impl Quota {
    /// Nothing has been said.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Spent {
            since: Instant::now(),
            lines: 0,
            dropped: 0,
        }))
    }

    /// Says something, if that is not too much.
    pub(crate) fn say(&self, line: fmt::Arguments<'_>) {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.since.elapsed() > MINUTE {
            if spent.dropped > 0 {
                say(format_args!("and {} connections like that", spent.dropped));
            }
            *spent = Spent {
                since: Instant::now(),
                lines: 0,
                dropped: 0,
            };
        }
        if spent.lines < LINES {
            spent.lines += 1;
            say(line);
        } else {
            spent.dropped += 1;
        }
    }
}
