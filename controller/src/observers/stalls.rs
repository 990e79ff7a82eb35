//! The times in which a run stood still.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::cluster::{Standstill, waiters_to_json};
use crate::run::Progress;

/// The most that are kept: the first ones.
const MOST: usize = 100;

/// A run is asked many times a second; what it says of one standstill begins at one time, but for this.
const JITTER: Duration = Duration::from_millis(100);

/// The times in which a run stood still, and who was blocking whom.
#[derive(Debug, Default)]
pub(super) struct Stalls {
    /// When the first step could be made.
    started: Option<Instant>,
    /// Each with the time at which nothing moved any more.
    kept: Vec<(Instant, Standstill)>,
    /// When the newest one began, kept or not.
    newest: Option<Instant>,
    all: u64,
}

impl Stalls {
    /// Takes note of a standstill, if there is one.
    pub(super) fn note(&mut self, now: Instant, progress: &Progress<'_>) {
        self.started = self.started.or(progress.started);
        if let Some(waiting) = progress.waiting {
            self.take(now, waiting);
        }
    }

    fn take(&mut self, now: Instant, waiting: &Standstill) {
        let since = now.checked_sub(waiting.time).unwrap_or(now);
        let has_last = self.all == self.kept.len() as u64;
        let is_new = self.newest.is_none_or(|newest| since > newest + JITTER);
        if is_new {
            self.newest = Some(since);
            self.all += 1;
            if self.kept.len() < MOST {
                self.kept.push((since, waiting.clone()));
            }
        } else if let Some((_, last)) = self.kept.last_mut()
            && has_last
        {
            last.time = waiting.time;
            if last.is_passing || !waiting.is_passing {
                *last = waiting.clone();
            }
        }
    }

    /// How many there were beyond those that are kept.
    pub(super) fn left_out(&self) -> u64 {
        self.all - self.kept.len() as u64
    }

    pub(super) fn to_json(&self) -> Json {
        let stalls = self.kept.iter().map(|(since, stall)| {
            let begun = self.started.unwrap_or(*since);
            json!({
                "tick": stall.tick,
                "after_seconds": since.saturating_duration_since(begun).as_secs_f64(),
                "seconds": stall.time.as_secs_f64(),
                "chain": waiters_to_json(&stall.chain),
                "cause": stall.cause,
            })
        });
        stalls.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Waiter;

    fn standstill(ms: u64, is_passing: bool) -> Standstill {
        Standstill {
            time: Duration::from_millis(ms),
            tick: 4,
            chain: vec![Waiter {
                model: Some("PV1".to_owned()),
                site: "pi1:5123".to_owned(),
                tick: 5,
            }],
            cause: if is_passing { "busy" } else { "silent" },
            is_passing,
            words: String::new(),
            root: String::new(),
        }
    }

    #[test]
    fn a_standstill_is_told_once_with_its_time_and_its_best_cause() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut stalls = Stalls {
            started: Some(start),
            ..Stalls::default()
        };
        stalls.take(at(3000), &standstill(1000, false));
        stalls.take(at(3500), &standstill(1500, true));
        assert_eq!(
            stalls.to_json(),
            json!([{
                "tick": 4, "after_seconds": 2.0, "seconds": 1.5, "cause": "silent",
                "chain": [{"model": "PV1", "site": "pi1:5123", "tick": 5}],
            }])
        );
        stalls.take(at(9000), &standstill(1000, true));
        assert_eq!(stalls.to_json().as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn no_more_than_a_hundred_are_kept_and_the_others_counted() {
        let start = Instant::now();
        let mut stalls = Stalls::default();
        for number in 1..=130 {
            let now = start + Duration::from_secs(2 * number);
            stalls.take(now, &standstill(1000, false));
            stalls.take(now + Duration::from_millis(200), &standstill(1200, false));
        }
        assert_eq!(stalls.to_json().as_array().map(Vec::len), Some(100));
        assert_eq!(stalls.left_out(), 30);
    }
}
