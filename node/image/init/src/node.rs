//! The node, which is started again whenever it ends.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use image::{FILE, Settings};

use crate::said::say;

const PROGRAM: &str = "/illuminator-node";

/// Where the node has what it needs, as on other machines.
const FOLDER: &str = "/etc/illuminator";

/// What holds where the card says nothing.
const DEFAULTS: &str = "listen = [\"[::]:5123\"]\n";

/// How long to wait until it is started again.
const PAUSE: Duration = Duration::from_secs(1);

/// A node that has run for so long is a fine one.
const PROBATION: Duration = Duration::from_secs(5);

/// The node of this machine.
#[derive(Debug)]
pub(crate) struct Node {
    child: Option<Child>,
    started: Option<Instant>,
    /// It ended soon after it had been started.
    has_failed: bool,
}

impl Node {
    /// The node that a card is for.
    pub(crate) fn new(settings: &Settings) -> Self {
        if let Err(error) = write(Path::new(FOLDER), settings) {
            say(format_args!("{error}"));
        }
        Self {
            child: None,
            started: None,
            has_failed: false,
        }
    }

    /// Starts it if it does not run; returns whether it is fine.
    pub(crate) fn look(&mut self) -> bool {
        let age = self.started.map(|started| started.elapsed());
        match self.child.as_mut().map(Child::try_wait) {
            Some(Ok(None)) => self.has_failed &= age.is_some_and(|age| age < PROBATION),
            Some(Ok(Some(status))) => {
                say(format_args!(
                    "the node has ended ({status}) and is started again"
                ));
                self.child = None;
                self.has_failed = age.is_some_and(|age| age < PROBATION);
            }
            Some(Err(_)) | None if age.is_none_or(|age| age >= PAUSE) => self.start(),
            Some(Err(_)) | None => {}
        }
        !self.has_failed
    }

    fn start(&mut self) {
        self.started = Some(Instant::now());
        let folder = Path::new(FOLDER);
        let started = Command::new(PROGRAM)
            .arg("serve")
            .arg("--defaults")
            .arg(folder.join("defaults.toml"))
            .arg("--config")
            .arg(folder.join(FILE))
            .spawn();
        match started {
            Ok(child) => self.child = Some(child),
            Err(error) => {
                say(format_args!("the node cannot be started: {error}"));
                self.has_failed = true;
            }
        }
    }
}

/// Writes what the node reads: its configuration, under the name that the file on the card has, so that messages
/// name that and its lines; and the key.
fn write(folder: &Path, settings: &Settings) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot write to {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    fs::write(folder.join("defaults.toml"), DEFAULTS).map_err(failed)?;
    fs::write(folder.join(FILE), &settings.node).map_err(failed)?;
    match &settings.key {
        Some(key) => key
            .create(&folder.join("cluster.key"))
            .map_err(|error| error.to_string()),
        None => Ok(()),
    }
}
