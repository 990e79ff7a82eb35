//! Standard output and standard error, each written to by a thread of its own. Whoever has something
//! to say hands it over and goes on, whatever becomes of it: a terminal that is stopped, a pipe that
//! nobody reads, a disk that is full.

use std::fmt::{self, Write as _};
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The most that is handed to the system at a time. A pipe takes that much in one piece, so lines of
/// several programs on one pipe stay whole; and between two pieces one sees whether it is read.
const PIECE: usize = 4096;

/// The stack of the thread: it writes and waits, nothing else.
const STACK: usize = 64 * 1024;

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// Text on its way to a standard stream.
#[derive(Debug)]
pub struct Printer {
    stream: Stream,
    /// The most bytes that wait. What comes on top is dropped, and counted.
    limit: usize,
    /// Says how many lines were dropped.
    say_dropped: fn(u64, &mut String) -> fmt::Result,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    waiting: String,
    /// Bytes that the thread is at.
    under_way: usize,
    /// Bytes that the system took, ever: who waits sees by it that somebody reads.
    taken: u64,
    /// Lines dropped since the last that went through.
    dropped: u64,
    /// Why something could not be written, the first time.
    failed: Option<io::Error>,
    has_thread: bool,
    /// Nobody took anything for as long as somebody wanted to wait.
    is_stuck: bool,
}

impl Printer {
    /// A printer in which at most so many bytes wait. `say_dropped` makes the line that says how many
    /// lines were dropped.
    pub const fn new(
        stream: Stream,
        limit: usize,
        say_dropped: fn(u64, &mut String) -> fmt::Result,
    ) -> Self {
        Self {
            stream,
            limit,
            say_dropped,
            state: Mutex::new(State {
                waiting: String::new(),
                under_way: 0,
                taken: 0,
                dropped: 0,
                failed: None,
                has_thread: false,
                is_stuck: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Hands text over, without waiting. Text for which there is no room is dropped and counted by its
    /// lines; a line says so as soon as there is room again.
    pub fn print(&'static self, text: fmt::Arguments<'_>) {
        let mut state = self.lock();
        let before = state.waiting.len();
        // Nothing that is printed here fails to be formatted; if it did, its beginning would do.
        let _ = state.waiting.write_fmt(text);
        let lines = count_lines(&state.waiting.as_bytes()[before..]);
        if state.waiting.len() > self.limit || !self.ensure_thread(&mut state) {
            state.waiting.truncate(before);
            state.dropped += lines.max(1);
        }
        self.changed.notify_all();
    }

    /// Hands over something that is of use only now, such as how far a run is: it is dropped without a
    /// word while anything else waits.
    pub fn print_if_idle(&'static self, text: fmt::Arguments<'_>) {
        let mut state = self.lock();
        if state.waiting.is_empty() && state.under_way == 0 && self.ensure_thread(&mut state) {
            let _ = state.waiting.write_fmt(text);
            self.changed.notify_all();
        }
    }

    /// Waits until everything is written, or nobody has taken anything for this long. Returns whether
    /// everything is written. Once nobody takes anything, the next one does not wait for that again.
    pub fn drain(&self, patience: Duration) -> bool {
        let mut state = self.lock();
        let mut taken = state.taken;
        let mut end = Instant::now() + patience;
        loop {
            if state.waiting.is_empty() && state.under_way == 0 {
                return true;
            }
            if state.taken != taken {
                (taken, end) = (state.taken, Instant::now() + patience);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.is_stuck {
                state.is_stuck = true;
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Forgets that nobody took anything, for somebody who has the time to wait once more.
    pub fn hope(&self) {
        self.lock().is_stuck = false;
    }

    /// Why something could not be written, if that was so. It is told once.
    pub fn take_error(&self) -> Option<io::Error> {
        self.lock().failed.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the thread, if it is not there. Where there is none to be had, nothing can be printed.
    fn ensure_thread(&'static self, state: &mut State) -> bool {
        if !state.has_thread {
            let name = match self.stream {
                Stream::Output => "stdout",
                Stream::Error => "stderr",
            };
            let thread = thread::Builder::new().name(name.to_owned());
            let thread = thread.stack_size(STACK);
            state.has_thread = thread.spawn(|| self.write()).is_ok();
        }
        state.has_thread
    }

    /// Writes what waits, for ever.
    fn write(&self) {
        loop {
            let mut state = self.lock();
            while state.waiting.is_empty() {
                let woken = self.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
            let mut text = std::mem::take(&mut state.waiting);
            if state.dropped > 0 {
                let lines = std::mem::take(&mut state.dropped);
                // What did not fit came after what waits.
                let _ = (self.say_dropped)(lines, &mut text);
            }
            state.under_way = text.len();
            drop(state);
            self.write_all(text.as_bytes());
        }
    }

    /// Writes text in pieces. What cannot be written is dropped.
    fn write_all(&self, mut rest: &[u8]) {
        while !rest.is_empty() {
            let written = self.write_some(piece(rest));
            let mut state = self.lock();
            match written {
                Ok(count) => {
                    rest = &rest[count..];
                    state.taken += count as u64;
                    state.is_stuck = false;
                }
                Err(error) => {
                    state.dropped += count_lines(rest);
                    rest = &[];
                    state.failed.get_or_insert(error);
                }
            }
            state.under_way = rest.len();
            self.changed.notify_all();
        }
    }

    /// Writes to the stream, past the locks of the standard library: whoever holds one of those may be
    /// stuck.
    #[cfg(unix)]
    fn write_some(&self, piece: &[u8]) -> io::Result<usize> {
        use rustix::event::{PollFd, PollFlags, poll};
        use rustix::io::Errno;
        use std::os::fd::AsFd;

        let (output, error) = (io::stdout(), io::stderr());
        let stream = match self.stream {
            Stream::Output => output.as_fd(),
            Stream::Error => error.as_fd(),
        };
        loop {
            match rustix::io::write(stream, piece) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                // Somebody who has the same terminal or pipe does not want to wait for it.
                Err(Errno::AGAIN) => {
                    let wait = &mut [PollFd::new(&stream, PollFlags::OUT)];
                    match poll(wait, None) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(not(unix))]
impl Printer {
    /// Writes to the stream.
    fn write_some(&self, piece: &[u8]) -> io::Result<usize> {
        use std::io::Write as _;

        match self.stream {
            Stream::Output => io::stdout()
                .write_all(piece)
                .and_then(|()| io::stdout().flush()),
            Stream::Error => io::stderr().write_all(piece),
        }?;
        Ok(piece.len())
    }
}

/// The next piece of a text: whole lines, if there is one that fits.
fn piece(text: &[u8]) -> &[u8] {
    let piece = &text[..text.len().min(PIECE)];
    let end = piece.iter().rposition(|byte| *byte == b'\n');
    end.map_or(piece, |end| &piece[..=end])
}

fn count_lines(text: &[u8]) -> u64 {
    text.split(|byte| *byte == b'\n').count() as u64 - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_ends_with_a_line_where_it_can() {
        assert_eq!(piece(b"one\ntwo\nthr"), b"one\ntwo\n");
        assert_eq!(piece(b"one"), b"one");
        let long = [b'x'; PIECE + 5];
        assert_eq!(piece(&long).len(), PIECE);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        static FULL: Printer = Printer::new(Stream::Error, 0, |_, _| Ok(()));
        FULL.print(format_args!("a line\nand another\n"));
        FULL.print(format_args!("a third without its end"));
        assert_eq!(FULL.lock().dropped, 3);
        assert!(FULL.drain(Duration::ZERO), "nothing waits");
    }
}
