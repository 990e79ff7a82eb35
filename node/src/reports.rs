//! Lines about peers, as many as a log has room for: anybody can knock.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use smol::Timer;

use crate::executor::Executor;
use crate::log::say;

/// How long lines are counted together.
const PERIOD: Duration = Duration::from_secs(60);

/// What a node reports of its peers.
pub(crate) struct Reports {
    is_quiet: bool,
    /// Tells what was counted, once that is due.
    executor: Rc<Executor>,
    /// About those who are not let in.
    refused: RefCell<Quota>,
    /// About those who are.
    sessions: RefCell<Quota>,
}

impl Reports {
    /// Reports; none at all where the node is to be quiet.
    pub(crate) fn new(is_quiet: bool, executor: Rc<Executor>) -> Self {
        Self {
            is_quiet,
            executor,
            refused: RefCell::new(Quota::new(5, "connections not let in")),
            sessions: RefCell::new(Quota::new(600, "reports of sessions left out")),
        }
    }

    /// Reports an event of a session.
    pub(crate) fn session(self: &Rc<Self>, peer: SocketAddr, text: fmt::Arguments<'_>) {
        self.write(|reports| &reports.sessions, peer, text);
    }

    /// Reports somebody who is not let in.
    pub(crate) fn refused(self: &Rc<Self>, peer: SocketAddr, text: fmt::Arguments<'_>) {
        self.write(
            |reports| &reports.refused,
            peer,
            format_args!("not let in: {text}"),
        );
    }

    /// Writes a line about a peer, or counts it.
    fn write(
        self: &Rc<Self>,
        quota: fn(&Self) -> &RefCell<Quota>,
        peer: SocketAddr,
        text: fmt::Arguments<'_>,
    ) {
        if self.is_quiet {
            return;
        }
        match quota(self).borrow_mut().admit(peer, Instant::now()) {
            Admitted::Yes => say(format_args!("{peer}: {text}")),
            Admitted::Counted => {}
            Admitted::FirstCounted(due) => {
                let reports = Rc::clone(self);
                let count = async move {
                    Timer::after(due).await;
                    quota(&reports).borrow_mut().report();
                };
                self.executor.spawn(count).detach();
            }
        }
    }

    /// Says what was counted and is not due yet.
    pub(crate) fn end(&self) {
        self.refused.borrow_mut().report();
        self.sessions.borrow_mut().report();
    }
}

/// Lines of one kind about peers: the first ones of a [`PERIOD`] are written, the others counted.
#[derive(Debug)]
struct Quota {
    /// So many are written.
    lines: u32,
    /// What the others are, for the line that counts them.
    what: &'static str,
    since: Option<Instant>,
    written: u32,
    counted: u64,
    last: Option<SocketAddr>,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admitted {
    /// It is written.
    Yes,
    /// It is counted, and the first one that is: the count is due after this time.
    FirstCounted(Duration),
    /// It is counted.
    Counted,
}

impl Quota {
    /// So many lines in a period.
    fn new(lines: u32, what: &'static str) -> Self {
        Self {
            lines,
            what,
            since: None,
            written: 0,
            counted: 0,
            last: None,
        }
    }

    /// Takes note of a line about a peer.
    fn admit(&mut self, peer: SocketAddr, now: Instant) -> Admitted {
        let age = self.since.map(|since| now.saturating_duration_since(since));
        // What is counted stays with its period until that has been said.
        if self.counted == 0 && age.is_none_or(|age| age >= PERIOD) {
            (self.since, self.written) = (Some(now), 0);
        }
        if self.written < self.lines {
            self.written += 1;
            return Admitted::Yes;
        }
        self.counted += 1;
        self.last = Some(peer);
        if self.counted == 1 {
            Admitted::FirstCounted(PERIOD.saturating_sub(age.unwrap_or_default()))
        } else {
            Admitted::Counted
        }
    }

    /// Says how many were counted, and begins anew.
    fn report(&mut self) {
        let counted = std::mem::take(&mut self.counted);
        self.since = None;
        if let Some(last) = self.last.take() {
            let Self { what, .. } = self;
            say(format_args!("{counted} more {what}, last from {last}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_of_a_minute_are_written_and_the_others_counted() {
        let peer = SocketAddr::from(([10, 0, 0, 7], 1));
        let mut quota = Quota::new(2, "connections not let in");
        let start = Instant::now();
        let admitted: Vec<_> = (0..5)
            .map(|second| quota.admit(peer, start + Duration::from_secs(second)))
            .collect();
        let due = Admitted::FirstCounted(Duration::from_secs(58));
        let (yes, no) = (Admitted::Yes, Admitted::Counted);
        assert_eq!(admitted, [yes, yes, due, no, no]);
        quota.report();
        let later = start + Duration::from_secs(60);
        assert_eq!(quota.admit(peer, later), yes);
    }

    #[test]
    fn lines_that_come_seldom_are_all_written() {
        let peer = SocketAddr::from(([10, 0, 0, 7], 1));
        let mut quota = Quota::new(1, "connections not let in");
        let start = Instant::now();
        for minute in 0..5 {
            let now = start + minute * PERIOD;
            assert_eq!(quota.admit(peer, now), Admitted::Yes);
        }
    }
}
