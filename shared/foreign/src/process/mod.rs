//! A program of ours: it ends with this, and so does everything that it has started itself.

mod groups;

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How many of its last lines are kept.
const LINES: usize = 20;
/// The most bytes of a line that are kept.
const LINE_LENGTH: u64 = 1024;
/// How our script ends where a class cannot be served: there is no such module, or no such class in it, it is none of
/// ours, or it cannot be made.
const REFUSALS: std::ops::RangeInclusive<i32> = 81..=84;
/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);
/// How long is waited for what it wrote before its end.
const LAST_LINES: Duration = Duration::from_millis(200);

/// A program that was started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    tail: Arc<Tail>,
    status: Option<ExitStatus>,
    /// Whether it is the script that serves a class of the Illuminator.
    is_script: bool,
}

/// The last lines of its standard error.
#[derive(Debug, Default)]
struct Tail {
    state: Mutex<(VecDeque<String>, bool)>,
    ended: Condvar,
}

impl Process {
    /// Starts a program, in a group of its own, with this as its standard input. What it writes to its standard
    /// output is nobody's.
    pub(crate) fn start(mut command: Command, input: Option<&str>) -> io::Result<Self> {
        command
            .stdin(input.map_or_else(Stdio::null, |_| Stdio::piped()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = Self {
            child: command.spawn()?,
            tail: Arc::default(),
            status: None,
            is_script: input.is_some(),
        };
        groups::note(&process.child);
        if let Some(stderr) = process.child.stderr.take() {
            let tail = Arc::clone(&process.tail);
            let thread = thread::Builder::new().name("words of a program".to_owned());
            thread.spawn(move || tail.read(stderr))?;
        }
        if let (Some(input), Some(mut stdin)) = (input, process.child.stdin.take()) {
            // One that does not read all of it says itself why.
            let _ = stdin.write_all(input.as_bytes());
        }
        Ok(process)
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.status.is_some() || groups::has_ended(&mut self.child)
    }

    /// Waits for its end, until it is that late. Returns whether it has come.
    pub(crate) fn wait(&mut self, until: Instant) -> bool {
        while !self.has_ended() {
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(LOOK);
        }
        true
    }

    /// Ends it if it goes on, and all that it has started. Returns what came of it.
    pub(crate) fn end(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            // As long as nobody has asked what came of it, its number is no other's.
            groups::kill(&mut self.child);
            self.status = self.child.wait().ok();
            self.tail.wait(Instant::now() + LAST_LINES);
        }
        self.status
    }

    /// Whether it is the script that serves a class of the Illuminator.
    pub(crate) fn is_script(&self) -> bool {
        self.is_script
    }

    /// Why it has ended, where our script says that a class cannot be served.
    pub(crate) fn own_words(&self) -> Option<String> {
        let code = self.status.and_then(|status| status.code());
        let is_refusal = self.is_script && code.is_some_and(|code| REFUSALS.contains(&code));
        let lines = self.tail.lock();
        let said = lines
            .0
            .iter()
            .rev()
            .find_map(|line| line.strip_prefix("illuminator: "));
        said.filter(|_| is_refusal).map(str::to_owned)
    }

    /// The last lines that it wrote to its standard error.
    pub(crate) fn last_words(&self) -> Vec<String> {
        self.tail.lock().0.iter().cloned().collect()
    }
}

/// Kills all programs that this process has started, and all that they have started, without a word: for a process
/// that ends at once and drops nothing.
pub fn kill_programs() {
    groups::kill_all();
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

impl Tail {
    fn lock(&self) -> MutexGuard<'_, (VecDeque<String>, bool)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the last lines, to the end.
    fn read(&self, stderr: ChildStderr) {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut stderr).take(LINE_LENGTH).read_until(b'\n', &mut line);
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
                Ok(_) => self.keep(String::from_utf8_lossy(&line).trim_end()),
            }
        }
        self.lock().1 = true;
        self.ended.notify_all();
    }

    fn keep(&self, line: &str) {
        if line.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.0.len() == LINES {
            state.0.pop_front();
        }
        state.0.push_back(line.to_owned());
    }

    /// Waits for the end of what it writes. Something that it started and let go may hold it open.
    fn wait(&self, until: Instant) {
        let mut state = self.lock();
        while !state.1 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.ended.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
