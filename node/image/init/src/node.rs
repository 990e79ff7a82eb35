//! The node, which is started again whenever it ends, and in whose place another one may come.

use std::ffi::OsString;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use image::slots::{self, Kept};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;
use shared::wire::MAX_HANDSHAKE_FRAME;
use shared::wire::update::Digest;

use crate::said::say;
use crate::updates::{Turn, Updates};

/// How long to wait until it is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// A node that has run for so long is a fine one.
const PROBATION: Duration = Duration::from_secs(5);

/// One that has not, so many times in a row, gives way to the one before it.
const ATTEMPTS: u32 = 3;

/// How long a node has to say goodbye.
const FAREWELL: Duration = Duration::from_secs(3);

/// Where a node and what it needs are.
#[derive(Clone, Debug)]
pub struct Places {
    /// The node that is always there.
    pub program: PathBuf,
    /// What it is started with.
    pub arguments: Vec<OsString>,
    /// A folder in memory for nodes from elsewhere.
    pub memory: PathBuf,
    /// The card on which others are kept.
    pub card: PathBuf,
}

/// A program that can be started.
#[derive(Clone, Debug)]
struct Program {
    path: PathBuf,
    digest: Digest,
    release: String,
}

/// The node of this machine.
#[derive(Debug)]
pub struct Node {
    places: Places,
    /// What can be started, best first; the last one is always there.
    programs: Vec<Program>,
    /// What is tried in place of the first of these.
    tried: Option<Program>,
    /// How many have been written into memory.
    written: u32,
    updates: Updates,
    /// Whether the node is to pass updates on.
    takes_updates: bool,
    child: Option<Child>,
    socket: Option<UnixStream>,
    started: Option<Instant>,
    /// How many times in a row it has ended soon after it was started.
    failures: u32,
}

impl Node {
    /// The newest node that there is on the card, or the one that is always there. Where it takes updates, another one
    /// has so long to be confirmed.
    pub fn new(places: Places, takes_updates: bool, trial: Duration) -> Self {
        let release = env!("CARGO_PKG_VERSION").to_owned();
        let own = fs::read(&places.program).unwrap_or_default();
        let own = Program {
            path: places.program.clone(),
            digest: slots::digest(&own),
            release,
        };
        let mut node = Self {
            updates: Updates::new(own.digest, own.release.clone(), trial),
            places,
            programs: Vec::new(),
            tried: None,
            written: 0,
            takes_updates,
            child: None,
            socket: None,
            started: None,
            failures: 0,
        };
        for kept in kept(&node.places.card) {
            match node.write(&kept) {
                Ok(program) => node.programs.push(program),
                Err(reason) => say(format_args!("{reason}")),
            }
        }
        node.programs.push(own);
        node.settle(String::new());
        node
    }

    /// Starts it if it does not run, or another one in its place; returns whether it is fine.
    pub fn look(&mut self) -> bool {
        match self.updates.turn(Instant::now()) {
            Turn::Stay => {}
            Turn::Try(kept) => {
                say(format_args!(
                    "the node of release {} is tried",
                    kept.release
                ));
                self.stop();
                match self.write(&kept) {
                    Ok(program) => self.tried = Some(program),
                    Err(reason) => self.back(&reason),
                }
            }
            Turn::Back => {
                self.stop();
                self.back("was not confirmed");
            }
        }
        let age = self.started.map(|started| started.elapsed());
        match self.child.as_mut().map(Child::try_wait) {
            Some(Ok(None)) => {
                if age.is_some_and(|age| age >= PROBATION) {
                    self.failures = 0;
                }
            }
            Some(Ok(Some(status))) => {
                self.child = None;
                self.ended(&format!("has ended ({status})"), age);
            }
            Some(Err(_)) | None if age.is_none_or(|age| age >= PAUSE) => self.start(),
            Some(Err(_)) | None => {}
        }
        self.failures == 0
    }

    /// Answers what comes through the node, for so long.
    pub fn attend(&mut self, time: Duration) {
        let until = Instant::now() + time;
        let mut request = vec![0; MAX_HANDSHAKE_FRAME];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let length = self.socket.as_mut().and_then(|socket| {
                socket.set_read_timeout(Some(left)).ok()?;
                socket.read(&mut request).ok().filter(|&length| length > 0)
            });
            let Some(length) = length else {
                // Nothing has come, or there is nobody from whom it could.
                sleep(until.saturating_duration_since(Instant::now()));
                return;
            };
            self.answer(&request[..length]);
        }
    }

    fn answer(&mut self, request: &[u8]) {
        let card = &self.places.card;
        let mut is_kept = false;
        let answer = self.updates.answer(request, Instant::now(), |kept| {
            let written = OpenOptions::new().read(true).write(true).open(card);
            let written =
                written.and_then(|mut card| slots::keep(&mut card, &kept.release, &kept.program));
            is_kept = written.is_ok();
            written.map_err(|error| format!("it cannot be kept on the card: {error}"))
        });
        if is_kept && let Some(program) = self.tried.take() {
            say(format_args!(
                "the node of release {} is kept",
                program.release
            ));
            self.programs.insert(0, program);
        }
        if let (Some(socket), Some(answer)) = (&mut self.socket, answer) {
            // Where the node has ended, that is seen soon.
            let _ = socket.write_all(&answer);
        }
    }

    fn start(&mut self) {
        self.started = Some(Instant::now());
        let program = self.tried.as_ref().or(self.programs.first());
        let Some(path) = program.map(|program| program.path.clone()) else {
            return;
        };
        if let Err(error) = self.spawn(&path) {
            self.ended(&format!("cannot be started: {error}"), None);
        }
    }

    fn spawn(&mut self, path: &Path) -> io::Result<()> {
        let mut command = Command::new(path);
        command.args(&self.places.arguments);
        if self.takes_updates {
            let (own, other) = socket_pair()?;
            command.arg("--updates").stdin(Stdio::from(other));
            self.socket = Some(own);
        }
        self.child = Some(command.spawn()?);
        Ok(())
    }

    /// The node has ended at this age, or could not be started.
    fn ended(&mut self, how: &str, age: Option<Duration>) {
        self.socket = None;
        if self.tried.is_some() {
            return self.back(how);
        }
        say(format_args!("the node {how}, and is started again"));
        if age.is_some_and(|age| age >= PROBATION) {
            self.failures = 0;
            return;
        }
        self.failures += 1;
        if self.failures >= ATTEMPTS && self.programs.len() > 1 {
            let failed = self.programs.remove(0);
            let note = format!("the node of release {} {how}", failed.release);
            say(format_args!("{note}: the one before it takes its place"));
            self.failures = 1;
            self.settle(note);
        }
    }

    /// The first of the programs is the one that runs.
    fn settle(&mut self, note: String) {
        if let Some(program) = self.programs.first() {
            let (digest, release) = (program.digest, program.release.clone());
            self.updates.settle(digest, release, note);
        }
    }

    /// What was tried is not, for this reason; the old one is started with the next look.
    fn back(&mut self, how: &str) {
        say(format_args!("the new node {how}, so the old one is back"));
        self.updates.failed(how);
        if let Some(program) = self.tried.take() {
            let _ = fs::remove_file(program.path);
        }
        self.started = None;
    }

    /// Ends the node that runs.
    fn stop(&mut self) {
        self.socket = None;
        self.started = None;
        let Some(mut child) = self.child.take() else {
            return;
        };
        if let Ok(id) = i32::try_from(child.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
        let begun = Instant::now();
        while begun.elapsed() < FAREWELL {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Writes a program into memory.
    fn write(&mut self, kept: &Kept) -> Result<Program, String> {
        self.written += 1;
        let path = self.places.memory.join(format!("node-{}", self.written));
        let written = fs::create_dir_all(&self.places.memory)
            .and_then(|()| fs::write(&path, &kept.program))
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o755)));
        written.map_err(|error| format!("cannot be written to {}: {error}", path.display()))?;
        Ok(Program {
            path,
            digest: kept.digest,
            release: kept.release.clone(),
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The nodes that a card keeps, the newest first.
fn kept(card: &Path) -> Vec<Kept> {
    let kept = fs::File::open(card).and_then(|mut card| slots::kept(&mut card));
    kept.unwrap_or_else(|error| {
        say(format_args!(
            "cannot read what {} keeps: {error}",
            card.display()
        ));
        Vec::new()
    })
}

/// Two ends of a socket that keeps packets apart.
fn socket_pair() -> io::Result<(UnixStream, OwnedFd)> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let (own, other) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, flags)?;
    Ok((UnixStream::from(own), other))
}
