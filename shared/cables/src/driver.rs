//! The thread that has all watches: sleeps until something comes, changes or is due.

use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use shared::cable::SocketState;

use crate::board::Millis;
use crate::folder::Folder;
use crate::picture::REST;
use crate::roster::{FAREWELL, Life, List, Roster};
use crate::socket::Socket;
use crate::watch::Watch;

/// After a port has failed, or while changes come in quick succession, so long until the next look.
const SOON: Millis = 20;

/// Drives the boards until the process stops them.
pub(crate) fn drive(roster: &Roster, mut woken: PipeReader) {
    let mut driver = Driver {
        roster,
        folder: Folder::new(&roster.folder),
        watches: Vec::new(),
        started: Instant::now(),
        looked: 0,
        look: 0,
    };
    while driver.roster.list().life == Life::Running {
        driver.turn(&mut woken);
    }
    driver.bring_to_rest(&mut woken);
    drop(driver);
    roster.end();
}

struct Driver<'a> {
    roster: &'a Roster,
    folder: Folder,
    watches: Vec<Watch>,
    started: Instant,
    /// The last look at the folder, and the next.
    looked: Millis,
    look: Millis,
}

impl Driver<'_> {
    fn now(&self) -> Millis {
        let time = self.started.elapsed();
        time.as_secs() * 1000 + Millis::from(time.subsec_millis())
    }

    fn turn(&mut self, woken: &mut PipeReader) {
        let now = self.now();
        if self.roster.take_new() {
            self.look = now;
        }
        if now >= self.look {
            self.looked = now;
            self.look = now + self.folder.period();
            self.look(now);
        }
        self.advance(now);
        if self.is_up_to_date() {
            self.wait(woken);
        }
    }

    /// Looks for devices that have come or gone.
    fn look(&mut self, now: Millis) {
        self.folder.watch("");
        let Self {
            roster,
            folder,
            watches,
            ..
        } = self;
        let sockets = {
            let mut list = roster.list();
            if list.is_for_all {
                take_boards(&mut list, &folder.boards());
            }
            list.sockets.clone()
        };
        watches.retain(|watch| {
            sockets
                .iter()
                .any(|socket| Arc::ptr_eq(socket, &watch.socket))
        });
        for socket in sockets {
            let is_known = watches
                .iter()
                .any(|watch| Arc::ptr_eq(&socket, &watch.socket));
            folder.watch(&socket.device);
            if !is_known {
                let path = folder.path(&socket.device);
                watches.push(Watch::new(socket, path));
            }
        }
        for watch in watches {
            watch.look(roster, now);
        }
    }

    fn advance(&mut self, now: Millis) {
        for place in 0..self.watches.len() {
            if self.watches[place].port().is_some() {
                let new = self.watches[place].advance(self.roster, now);
                self.settle(new, place, now);
            }
        }
    }

    /// A cable that is new in one place has left others; a port that does not work any more may do so when
    /// it is opened again. (One that fails again waits for a look as any other.)
    fn settle(&mut self, new: Option<u8>, place: usize, now: Millis) {
        if self.watches[place].has_failed_first_at(now) {
            self.look = self.look.min(now + SOON);
        }
        let Some(character) = new else { return };
        for (other, watch) in self.watches.iter_mut().enumerate() {
            if other != place {
                watch.give_up(self.roster, character);
            }
        }
    }

    /// Whether all boards know what they can be told; if so, whoever wants something else wakes the thread.
    fn is_up_to_date(&self) -> bool {
        let free = self
            .watches
            .iter()
            .filter(|watch| watch.port().is_some() && watch.board.is_free());
        free.fold(true, |is_so, Watch { socket, board, .. }| {
            socket.be_ready();
            is_so && board.knows(socket.wanted())
        })
    }

    /// Waits until something comes or is due, and takes what has come.
    fn wait(&mut self, woken: &mut PipeReader) {
        let open = self.watches.iter().filter(|watch| watch.port().is_some());
        let due = open
            .map(|watch| watch.board.due())
            .fold(self.look, Millis::min);
        let ports = self.watches.iter();
        let ports = ports.filter_map(|watch| Some((watch.port()?, watch.interest())));
        let mut all = vec![PollFd::new(&*woken, PollFlags::IN)];
        all.extend(
            self.folder
                .watcher()
                .map(|watcher| PollFd::new(watcher, PollFlags::IN)),
        );
        let own = all.len();
        all.extend(ports.map(|(port, interest)| PollFd::from_borrowed_fd(port.as_fd(), interest)));
        let rest = due.saturating_sub(self.now());
        let limit = Timespec {
            // The next look is due in a second, so this is small.
            tv_sec: 0,
            tv_nsec: i64::try_from(rest).unwrap_or(0).min(999) * 1_000_000,
        };
        // Interrupted or not: what there is shows in the flags.
        let _ = poll(&mut all, Some(&limit));
        let flags: Vec<PollFlags> = all.iter().map(PollFd::revents).collect();
        self.take(woken, own, &flags);
    }

    /// Takes what has come.
    fn take(&mut self, woken: &mut PipeReader, own: usize, flags: &[PollFlags]) {
        let now = self.now();
        if !flags[0].is_empty() {
            // Whoever wrote to it has left word elsewhere.
            let _ = woken.read(&mut [0; 64]);
        }
        if own > 1 && !flags[1].is_empty() {
            self.folder.forget();
            self.look = self.look.min(now.max(self.looked + SOON));
        }
        let mut ports = flags[own..].iter();
        for place in 0..self.watches.len() {
            if self.watches[place].port().is_none() {
                continue;
            }
            if ports
                .next()
                .is_some_and(|flags| flags.intersects(!PollFlags::OUT))
            {
                let new = self.watches[place].read(self.roster, now);
                self.settle(new, place, now);
            }
        }
    }

    /// Has all boards show that nobody wants anything of them, as far as they take it in time.
    fn bring_to_rest(&mut self, woken: &mut PipeReader) {
        let start = self.now();
        let farewell = u64::from(FAREWELL.subsec_millis());
        let is_at_rest = |watch: &Watch| watch.port().is_none() || watch.board.knows(REST);
        for watch in &self.watches {
            watch.socket.want(REST);
        }
        let mut is_late = false;
        while !self.watches.iter().all(is_at_rest) {
            let now = self.now();
            if now >= start + farewell {
                break;
            }
            if !is_late && now >= start + farewell / 2 {
                is_late = true;
                self.watches
                    .iter_mut()
                    .for_each(|watch| watch.board.hurry());
            }
            self.advance(now);
            self.look = start + if is_late { farewell } else { farewell / 2 };
            self.wait(woken);
        }
    }
}

/// Takes in the boards that there are, those with the smallest numbers, and forgets those that are gone and
/// nobody's.
fn take_boards(list: &mut List, found: &[String]) {
    list.sockets.retain(|socket: &Arc<Socket>| {
        let facts = socket.facts();
        let is_there = || found.contains(&socket.device);
        !facts.model.is_empty() || facts.state != SocketState::Empty || is_there()
    });
    for device in found {
        if !list.sockets.iter().any(|socket| socket.device == *device) {
            list.add(device);
            list.make_room();
        }
    }
}
