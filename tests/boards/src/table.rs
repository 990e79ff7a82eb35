//! A table: boards in sockets.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::{self, PipeWriter};
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use rustix::fs::{Mode, OFlags, fcntl_setfl, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Action, OptionalActions, tcflow, tcgetattr, tcsetattr};

use crate::log::{Log, What};
use crate::program::run;
use crate::setup::{Fault, Setup};
use crate::usb::Usb;

/// Boards in the sockets of a folder that stands for `/dev`, each with a thread of its own. With it, all of
/// them are pulled.
#[derive(Debug)]
pub struct Table {
    folder: PathBuf,
    log: Log,
    plugs: BTreeMap<String, Plug>,
}

/// A board that is plugged in.
#[derive(Debug)]
struct Plug {
    /// The board is pulled with it.
    pull: PipeWriter,
    thread: JoinHandle<()>,
}

impl Table {
    /// A table without boards.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            log: Log::new(),
            plugs: BTreeMap::new(),
        }
    }

    /// What happens on it.
    pub fn log(&self) -> Log {
        self.log.clone()
    }

    /// Whether there is a board in a socket. (One that is [`Fault::GoneMidway`] counts until it is pulled.)
    pub fn has(&self, device: &str) -> bool {
        self.plugs.contains_key(device)
    }

    /// Plugs a board in. Its device is a link to a pseudo-terminal.
    ///
    /// # Errors
    /// Where there is a board already, and what the system says.
    pub fn plug(&mut self, device: &str, setup: Setup) -> io::Result<()> {
        if self.has(device) {
            let text = format!("'{device}' has a board already; pull that one first");
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
        }
        let link = self.folder.join(device);
        if let Some(folder) = link.parent() {
            fs::create_dir_all(folder)?;
        }
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        // A process that is started meanwhile would keep the port alive.
        #[cfg(target_os = "linux")]
        let flags = flags | OpenptFlags::CLOEXEC;
        let master = openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        fcntl_setfl(&master, OFlags::NONBLOCK)?;
        let name = ptsname(&master, Vec::new())?;
        let name = name.into_string().map_err(io::Error::other)?;
        prepare(&name, setup.fault)?;
        let (pull, pulled) = {
            let (reader, writer) = io::pipe()?;
            (writer, reader)
        };
        let usb = Usb {
            device: device.to_owned(),
            link: link.clone(),
            log: self.log.clone(),
            master,
            pull: pulled,
            received: VecDeque::new(),
            to_send: VecDeque::new(),
            clock: Instant::now(),
        };
        self.log.note(device, What::Plugged);
        symlink(&name, &link)?;
        let thread = thread::Builder::new().name(device.to_owned());
        let thread = thread.spawn(move || run(&setup, usb))?;
        self.plugs.insert(device.to_owned(), Plug { pull, thread });
        Ok(())
    }

    /// Pulls a board, if there is one.
    pub fn pull(&mut self, device: &str) {
        if let Some(Plug { pull, thread }) = self.plugs.remove(device) {
            drop(pull);
            // What it had to say is in the log.
            let _ = thread.join();
        }
    }

    /// Pulls all.
    pub fn clear(&mut self) {
        while let Some(device) = self.plugs.keys().next().cloned() {
            self.pull(&device);
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Makes a pseudo-terminal what a board is: without echo, and closed, as far as anybody has seen it.
fn prepare(name: &str, fault: Option<Fault>) -> io::Result<()> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let slave = open(name, flags, Mode::empty())?;
    let mut settings = tcgetattr(&slave)?;
    settings.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &settings)?;
    if fault == Some(Fault::Deaf) {
        tcflow(slave.as_fd(), Action::OOff)?;
    }
    Ok(())
}
