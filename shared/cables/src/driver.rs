//! The thread that has all watches: sleeps until something comes, changes or is due.

use std::sync::Arc;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use shared::cable::{CableId, MAX_SOCKETS};

use crate::board::Millis;
use crate::folder::Folder;
use crate::found::Found;
use crate::picture::REST;
use crate::roster::{FAREWELL, Life, List, Place, Roster};
use crate::waker::Woken;
use crate::watch::Watch;

/// After a port has failed, or while changes come in quick succession, so long until the next look.
const SOON: Millis = 20;

/// Drives the boards until the process stops them.
pub(crate) fn drive(roster: &Roster, woken: &Woken) {
    let mut driver = Driver {
        roster,
        folder: Folder::new(&roster.folder),
        watches: Vec::new(),
        started: Instant::now(),
        looked: 0,
        look: 0,
    };
    while driver.roster.list().life == Life::Running {
        driver.turn(woken);
    }
    driver.bring_to_rest(woken);
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

    fn turn(&mut self, woken: &Woken) {
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
        let mut list = roster.list();
        if list.is_for_all {
            take_boards(&mut list, &folder.boards());
        }
        let places = &list.places;
        let is_known = |watch: &Watch, place: &Place| Arc::ptr_eq(&watch.socket, &place.socket);
        watches.retain(|watch| places.iter().any(|place| is_known(watch, place)));
        for place in places {
            folder.watch(&place.socket.device);
            if !watches.iter().any(|watch| is_known(watch, place)) {
                let path = folder.path(&place.socket.device);
                watches.push(Watch::new(Arc::clone(&place.socket), path));
            }
        }
        drop(list);
        for watch in watches {
            watch.look(roster, now);
        }
        let mut list = roster.list();
        list.is_looked_at = !roster.is_new();
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
    fn settle(&mut self, new: Option<CableId>, place: usize, now: Millis) {
        if self.watches[place].has_failed_first_at(now) {
            self.look = self.look.min(now + SOON);
        }
        let Some(cable) = new else { return };
        for (other, watch) in self.watches.iter().enumerate() {
            if other != place {
                watch.give_up(self.roster, cable);
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
    fn wait(&mut self, woken: &Woken) {
        let mut due = self.look;
        let mut all = Vec::with_capacity(MAX_SOCKETS + 2);
        for watch in &self.watches {
            if let Some(port) = watch.port() {
                all.push(PollFd::new(port, watch.interest()));
                due = due.min(watch.board.due());
            }
        }
        all.push(PollFd::new(woken, PollFlags::IN));
        if let Some(watcher) = self.folder.watcher() {
            all.push(PollFd::new(watcher, PollFlags::IN));
        }
        // The next look is due in a second at the latest.
        let rest = due.saturating_sub(self.now()).min(999);
        let limit = Timespec {
            tv_sec: 0,
            tv_nsec: u32::try_from(rest)
                .map_or(0, |rest| rest * 1_000_000)
                .into(),
        };
        // Interrupted or not: what there is shows in the flags.
        let _ = poll(&mut all, Some(&limit));
        let mut there = 0_u32;
        for (place, fd) in all.iter().enumerate() {
            if fd.revents().intersects(!PollFlags::OUT) {
                there |= 1 << place;
            }
        }
        self.take(woken, there);
    }

    /// Takes what has come, which these bits say: for each port that is open, the waker, the folder.
    fn take(&mut self, woken: &Woken, mut there: u32) {
        let now = self.now();
        for place in 0..self.watches.len() {
            if self.watches[place].port().is_none() {
                continue;
            }
            if there & 1 == 1 {
                let new = self.watches[place].read(self.roster, now);
                self.settle(new, place, now);
            }
            there >>= 1;
        }
        if there & 1 == 1 {
            woken.forget();
        }
        if there & 2 == 2 {
            self.folder.forget();
            self.look = self.look.min(now.max(self.looked + SOON));
        }
    }

    /// Has all boards show that nobody wants anything of them, as far as they take it in time.
    fn bring_to_rest(&mut self, woken: &Woken) {
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
    list.places.retain(|Place { socket, model }| {
        !model.is_empty() || socket.found() != Found::EMPTY || found.contains(&socket.device)
    });
    for device in found {
        list.place(device);
        list.make_room();
    }
}
