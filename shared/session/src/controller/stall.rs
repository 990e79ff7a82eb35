//! What a run waits for, if nothing moves.

use std::time::{Duration, Instant};

use shared::engine::Wait;
use shared::plan::{CONTROLLER, MAX_SITES, ModelId, SiteId};
use shared::time::{NEVER, Tick};

/// Nothing moves if this long nothing has: nodes say once a second how far they are.
const STANDSTILL: Duration = Duration::from_secs(2);

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stall {
    /// A node that builds its models.
    NotReady(SiteId),
    /// Values of a model, or room for them.
    Waits(Wait),
    /// The program that makes the steps of a model of the controller's, for the one at this tick.
    PutOff(ModelId, Tick),
}

impl Stall {
    /// Follows what sites wait for to the end: where a site waits for another one, that one's reason is
    /// the better one. Where all wait for each other, something is on its way, and the first counts.
    pub(super) fn root(first: Wait, of: impl Fn(SiteId) -> Option<Wait>) -> Wait {
        let mut wait = first;
        for _ in 0..MAX_SITES {
            if wait.site == CONTROLLER {
                return first;
            }
            match of(wait.site) {
                Some(next) if next.site != wait.site => wait = next,
                _ => return wait,
            }
        }
        first
    }
}

/// How far a run is, and since when.
#[derive(Debug)]
pub(super) struct Motion {
    /// Rows, and the steps of all sites.
    done: (u64, u64),
    since: Instant,
}

impl Motion {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            done: (0, 0),
            since: now,
        }
    }

    /// Whatever the run stood at before is no reason any more.
    pub(super) fn begin_anew(&mut self) {
        self.done = (NEVER, NEVER);
    }

    /// Takes note of how far the run is; returns how long it has been there, if that is long.
    pub(super) fn look(&mut self, done: (u64, u64), now: Instant) -> Option<Duration> {
        if done != self.done {
            self.done = done;
            self.since = now;
        }
        let time = now.saturating_duration_since(self.since);
        (time >= STANDSTILL).then_some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(site: u16, source: u32) -> Wait {
        Wait {
            model: Some(ModelId(9)),
            tick: 17,
            site: SiteId(site),
            source: Some(ModelId(source)),
        }
    }

    #[test]
    fn the_site_that_waits_for_nobody_is_named() {
        let found = Stall::root(wait(1, 10), |site| match site.0 {
            1 => Some(wait(2, 20)),
            2 => Some(wait(3, 30)),
            _ => None,
        });
        assert_eq!(found, wait(3, 30));
    }

    #[test]
    fn where_all_wait_for_each_other_the_first_is_named() {
        let back = |site| (site == SiteId(1)).then(|| wait(CONTROLLER.0, 20));
        assert_eq!(Stall::root(wait(1, 10), back), wait(1, 10));
        let ring = |site: SiteId| Some(wait(3 - site.0, 20));
        assert_eq!(Stall::root(wait(1, 10), ring), wait(1, 10));
    }

    #[test]
    fn a_run_stands_still_since_it_last_moved() {
        let start = Instant::now();
        let mut motion = Motion::new(start);
        let minute = Duration::from_secs(60);
        assert_eq!(motion.look((0, 0), start + minute), Some(minute));
        assert_eq!(motion.look((0, 1), start + minute), None);
        motion.begin_anew();
        assert_eq!(motion.look((0, 1), start + 3 * minute), None);
        assert_eq!(motion.look((0, 1), start + 4 * minute), Some(minute));
    }
}
