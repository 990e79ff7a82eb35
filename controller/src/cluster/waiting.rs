//! What a run waits for, if nothing moves.

use std::time::{Duration, Instant};

use shared::host::{Turn, Wait};
use shared::plan::{CONTROLLER, MAX_SITES, SiteId};

use super::drive::Drive;

/// Nothing moves if this long nothing has: nodes say once a second how far they are.
const STANDSTILL: Duration = Duration::from_secs(2);

/// How far a run is, and since when.
#[derive(Debug)]
pub(super) struct Motion {
    /// Rows, and the steps of all sites.
    done: (u64, u64),
    since: Instant,
}

impl Motion {
    pub(super) fn new() -> Self {
        Self {
            done: (0, 0),
            since: Instant::now(),
        }
    }

    /// Takes note of how far the run is; returns how long it has been there.
    fn look(&mut self, done: (u64, u64)) -> Duration {
        if done != self.done {
            self.done = done;
            self.since = Instant::now();
        }
        self.since.elapsed()
    }
}

/// Follows what sites wait for to the end: where a site waits for another one, that one's reason is
/// the better one. Where all wait for each other, something is on its way, and the first is told.
fn root(first: Wait, of: impl Fn(SiteId) -> Option<Wait>) -> Wait {
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

impl Drive<'_> {
    /// What the run waits for, and for how long it has, if it stands still.
    pub(super) fn standstill(&mut self, turn: Turn) -> Option<(String, Duration)> {
        let nodes = self.nodes.iter().flatten();
        let steps: u64 = nodes.map(|node| node.steps).sum();
        let done = (self.host.rows(), self.host.steps() + steps);
        let time = self.motion.look(done);
        if turn != Turn::Blocked || time < STANDSTILL {
            return None;
        }
        let mut nodes = self.nodes.iter().flatten();
        if let Some(node) = nodes.find(|node| !node.is_ready) {
            return Some((format!("{} to be ready", node.name), time));
        }
        let wait = root(self.host.blocked_on()?, |site| {
            let node = self.nodes.get(usize::from(site).checked_sub(1)?)?;
            node.as_ref()?.wait
        });
        let (site, tick) = (self.name_of(wait.site), wait.tick);
        let what = match (wait.source, wait.model) {
            (Some(source), _) => {
                let source = self.console.name(source);
                format!("'{source}' on {site} at tick {tick}")
            }
            (None, Some(model)) => {
                let model = self.console.name(model);
                format!("{site} to take what '{model}' has for it at tick {tick}")
            }
            (None, None) => site,
        };
        Some((what, time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(site: SiteId, source: u32) -> Wait {
        Wait {
            model: Some(9),
            tick: 17,
            site,
            source: Some(source),
        }
    }

    #[test]
    fn the_site_that_waits_for_nobody_is_told() {
        let found = root(wait(1, 10), |site| match site {
            1 => Some(wait(2, 20)),
            2 => Some(wait(3, 30)),
            _ => None,
        });
        assert_eq!(found, wait(3, 30));
    }

    #[test]
    fn where_all_wait_for_each_other_the_first_is_told() {
        let back = |site| (site == 1).then(|| wait(CONTROLLER, 20));
        assert_eq!(root(wait(1, 10), back), wait(1, 10));
        let ring = |site| Some(wait(3 - site, 20));
        assert_eq!(root(wait(1, 10), ring), wait(1, 10));
    }

    #[test]
    fn a_run_stands_still_since_it_last_moved() {
        let mut motion = Motion::new();
        let old = Instant::now().checked_sub(Duration::from_secs(60));
        motion.since = old.expect("the machine runs for longer");
        assert!(motion.look((0, 0)) >= Duration::from_secs(60));
        assert!(motion.look((0, 1)) < Duration::from_secs(60));
    }
}
