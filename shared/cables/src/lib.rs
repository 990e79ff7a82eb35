//! The cables of a demonstration table: boards behind serial ports, watched all the time by one thread, so
//! that nobody else ever waits for one.
//!
//! From below: `board` is what is said to a board and what it answers, without input, output and clock;
//! `port` is a serial port, `folder` the place where they come and go; `watch` makes of these what is in a
//! socket, `driver` is what the thread does that has all watches, and `thread` starts it. `socket` is what
//! the thread and the steps of models have in common: atomic numbers, of which `found` is one. `claim` is a
//! model's side of it, `roster` says which sockets there are and whose, and `picture` has what both kinds of
//! boards show.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

#[cfg(unix)]
mod board;
mod claim;
#[cfg(unix)]
mod driver;
#[cfg(unix)]
mod folder;
mod found;
mod picture;
#[cfg(unix)]
mod port;
mod roster;
mod socket;
mod thread;
mod waker;
#[cfg(unix)]
mod watch;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use engine::Engine;
use shared::cable::{SocketState, SocketStatus, SocketWish, Sockets};
use shared::index::Index;
use shared::plan::SitePlan;

use claim::Claim;
use roster::Roster;

/// Where devices are.
pub const DEVICES: &str = "/dev";

/// The sockets of a process, and the thread that watches them. With the last copy of it, the thread ends
/// as with [`Cables::stop`].
#[derive(Clone, Debug)]
pub struct Cables(Arc<Owner>);

/// The thread has the roster too, so somebody else has to notice that nobody needs it any more.
#[derive(Debug)]
struct Owner(Arc<Roster>);

impl Cables {
    /// Watches nothing yet: the sockets are devices in this folder, `/dev` as a rule.
    pub fn new(folder: PathBuf) -> Self {
        Self(Arc::new(Owner(Arc::new(Roster::new(folder)))))
    }

    /// Watches all `ttyACM*` that are there and come, in the order of their numbers, up to
    /// [`MAX_SOCKETS`](shared::cable::MAX_SOCKETS), from now on to the end. (Without it, those that models
    /// have claimed.)
    ///
    /// # Errors
    /// Where the system has no thread or no serial ports to give.
    pub fn watch_all(&self) -> io::Result<()> {
        let roster = &self.0.0;
        roster.list().is_for_all = true;
        thread::start(roster)
    }

    /// The sockets that a model wishes for, as long as the result is kept. Those that another model has
    /// stay with that one, which [`Sockets::news`] says, as it says what else is wrong.
    pub fn claim(&self, model: &str, wish: &SocketWish) -> Box<dyn Sockets> {
        Box::new(Claim::new(&self.0.0, model, wish))
    }

    /// Gives the models of a site that wish for sockets theirs, before the first step.
    pub fn attach(&self, engine: &mut Engine, plan: &SitePlan) {
        for (model, wish) in engine.wished_sockets() {
            let name = &plan.models[model.place()].config.name;
            engine.attach(model, self.claim(name, &wish));
        }
    }

    /// What is in the sockets, in the order of their names.
    pub fn status(&self) -> Vec<SocketStatus> {
        self.0.0.status()
    }

    /// Whether it is known of all sockets what is in them.
    pub fn is_settled(&self) -> bool {
        let is_known = |socket: SocketStatus| socket.state != SocketState::Found;
        let is_looked_at = self.0.0.list().is_looked_at;
        is_looked_at && self.status().into_iter().all(is_known)
    }

    /// Leaves cables at rest, if that takes no more than 0.3 s, and ends. Nothing is seen afterwards.
    pub fn stop(&self) {
        self.0.0.stop();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.stop();
    }
}
