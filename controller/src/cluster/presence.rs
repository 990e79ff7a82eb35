//! Whether this machine was there all the time: a laptop sleeps, a program is stopped, and what nodes
//! make of that is not their fault.

use std::time::{Duration, Instant};

/// Two looks are never as far apart as this while the program runs.
const GAP: Duration = Duration::from_secs(5);

/// So long after it, having been away may still be the reason of what happens.
const EFFECT: Duration = Duration::from_secs(60);

/// Notices gaps. Something has to look several times a second.
#[derive(Debug)]
pub(crate) struct Presence {
    /// The last look, by the clock that stands while the machine sleeps, and by one that does not.
    looked: (Instant, Duration),
    /// The last gap, and when it was over.
    away: Option<(Duration, Instant)>,
}

impl Presence {
    pub(crate) fn new() -> Self {
        Self {
            looked: (Instant::now(), sleepless()),
            away: None,
        }
    }

    /// Looks at the clocks. Returns how long this machine was away since the last look, if it was.
    pub(crate) fn look(&mut self) -> Option<Duration> {
        self.look_at(Instant::now(), sleepless())
    }

    fn look_at(&mut self, now: Instant, time: Duration) -> Option<Duration> {
        let (instant, before) = self.looked;
        let stopped = now.saturating_duration_since(instant);
        // Where the clock was set back, there was no gap of it.
        let slept = time.saturating_sub(before);
        let gap = stopped.max(slept);
        self.looked = (now, time);
        let away = (gap > GAP).then_some(gap);
        self.away = away.map(|gap| (gap, now)).or(self.away);
        away
    }

    /// How long this machine was away, if that was not long ago.
    pub(crate) fn away(&mut self) -> Option<Duration> {
        self.look();
        let recent = self.away.filter(|(_, over)| over.elapsed() < EFFECT);
        recent.map(|(gap, _)| gap)
    }
}

/// A clock that goes on while the machine sleeps, and that nobody sets.
#[cfg(target_os = "linux")]
fn sleepless() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    // It counts from the start of the machine, so it is never negative.
    Duration::try_from(time).unwrap_or_default()
}

/// A clock that goes on while the machine sleeps: that of the wall, as the others are not the same
/// everywhere. So a clock that is set forward by more than [`GAP`] looks as if the machine had slept; what
/// is said of it stands beside another reason, and changes nothing else.
#[cfg(not(target_os = "linux"))]
fn sleepless() -> Duration {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that counts from the start of the machine is none that somebody sets.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_clock_that_goes_on_in_sleep_counts_from_the_start_of_the_machine() {
        let before = sleepless();
        let uptime = std::fs::read_to_string("/proc/uptime").expect("Linux tells");
        let uptime = uptime.split(' ').next().and_then(|text| text.parse().ok());
        let uptime = Duration::from_secs_f64(uptime.expect("seconds"));
        // Linux tells hundredths, rounded down.
        let rounding = Duration::from_millis(10);
        assert!(before <= uptime + rounding, "{before:?}, {uptime:?}");
        assert!(uptime <= sleepless(), "{uptime:?}");
    }

    #[test]
    fn both_a_program_that_is_stopped_and_a_machine_that_sleeps_are_noticed() {
        let (start, time) = (Instant::now(), sleepless());
        let after = |stopped: u64, slept: u64| {
            let mut presence = Presence {
                looked: (start, time),
                away: None,
            };
            let stopped = start + Duration::from_secs(stopped);
            presence.look_at(stopped, time + Duration::from_secs(slept));
            presence.away.map(|(gap, _)| gap.as_secs())
        };
        assert_eq!(after(1, 1), None);
        assert_eq!(after(35, 35), Some(35), "stopped");
        assert_eq!(after(0, 35), Some(35), "asleep");
    }

    #[test]
    fn a_clock_that_is_set_back_is_no_gap() {
        let mut presence = Presence::new();
        let (instant, time) = presence.looked;
        presence.look_at(instant, time.saturating_sub(Duration::from_secs(3600)));
        assert_eq!(presence.away, None);
    }
}
