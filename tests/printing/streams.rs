//! Streams to print to.

use std::fs::{File, OpenOptions};
use std::io::{PipeReader, PipeWriter, Read};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;

use rig::wait_for;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Action, Winsize, tcflow, tcsetwinsize};

/// A pipe whose reader has gone.
pub(crate) fn closed_pipe() -> PipeWriter {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer
}

/// A pipe that nobody reads for now, and its reader.
pub(crate) fn pipe() -> (PipeReader, PipeWriter) {
    std::io::pipe().expect("a pipe")
}

/// A file on a disk that is full.
pub(crate) fn full_disk() -> File {
    let options = OpenOptions::new().write(true).open("/dev/full");
    options.expect("a Linux")
}

/// How many bytes wait in a pipe.
pub(crate) fn waiting(pipe: &PipeReader) -> u64 {
    rustix::io::ioctl_fionread(pipe).expect("a pipe")
}

/// A terminal, as its user sees it.
pub(crate) struct Terminal {
    programs: File,
    seen: Arc<Mutex<String>>,
}

impl Terminal {
    /// A terminal with so many columns.
    pub(crate) fn new(columns: u16) -> Self {
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&user).expect("it is ours");
        unlockpt(&user).expect("it is ours");
        let name = ptsname(&user, Vec::new()).expect("it has a name");
        let name = name.into_string().expect("ASCII");
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .open(Path::new(&name));
        let programs = options.expect("it opens");
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&programs, size).expect("a terminal");
        let seen = Arc::new(Mutex::new(String::new()));
        let shown = Arc::clone(&seen);
        thread::spawn(move || {
            let mut user = File::from(user);
            let mut bytes = [0; 4096];
            // An error is the end: nobody writes any more.
            while let Ok(count @ 1..) = user.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]);
                shown.lock().expect("no reader panics").push_str(&text);
            }
        });
        Self { programs, seen }
    }

    /// For a program to use.
    pub(crate) fn stdio(&self) -> Stdio {
        self.programs.try_clone().expect("a file").into()
    }

    /// Does what Ctrl-S does.
    pub(crate) fn stop(&self) {
        tcflow(&self.programs, Action::OOff).expect("a terminal");
    }

    /// Does what Ctrl-Q does.
    pub(crate) fn go_on(&self) {
        tcflow(&self.programs, Action::OOn).expect("a terminal");
    }

    /// What it has shown.
    pub(crate) fn seen(&self) -> String {
        self.seen.lock().expect("no reader panics").clone()
    }

    /// Waits until it has shown these words.
    pub(crate) fn wait_for(&self, words: &str) {
        wait_for(&format!("'{words}' on the terminal"), || {
            self.seen().contains(words).then_some(())
        });
    }
}
