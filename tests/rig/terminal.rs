//! A terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Action, Termios, Winsize, tcflow, tcgetattr, tcsetwinsize};

use crate::wait::wait_for;

/// A terminal, as its user sees it.
#[derive(Debug)]
pub struct Terminal {
    user: File,
    programs: File,
    seen: Arc<Mutex<String>>,
}

impl Terminal {
    /// A terminal with so many columns.
    pub fn new(columns: u16) -> Self {
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
        let user = File::from(user);
        let mut reader = user.try_clone().expect("a file");
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // An error is the end: nobody writes any more.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]);
                shown.lock().expect("no reader panics").push_str(&text);
            }
        });
        Self {
            user,
            programs,
            seen,
        }
    }

    /// For a program to use.
    pub fn stdio(&self) -> Stdio {
        self.programs.try_clone().expect("a file").into()
    }

    /// Presses keys.
    pub fn press(&self, keys: &str) {
        (&self.user).write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Its modes.
    pub fn modes(&self) -> Termios {
        tcgetattr(&self.programs).expect("a terminal")
    }

    /// Does what Ctrl-S does.
    pub fn stop(&self) {
        tcflow(&self.programs, Action::OOff).expect("a terminal");
    }

    /// Does what Ctrl-Q does.
    pub fn go_on(&self) {
        tcflow(&self.programs, Action::OOn).expect("a terminal");
    }

    /// What it has shown.
    pub fn seen(&self) -> String {
        self.seen.lock().expect("no reader panics").clone()
    }

    /// Waits until it has shown these words.
    pub fn wait_for(&self, words: &str) {
        wait_for(&format!("'{words}' on the terminal"), || {
            self.seen().contains(words).then_some(())
        });
    }
}
