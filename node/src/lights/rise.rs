//! Strips that blink when their value rises. No clock is read here.

use std::time::Duration;

/// How long a blink shines, and the pause after it.
const PHASE: Duration = Duration::from_millis(300);

/// Two blinks.
const PHASES: u32 = 4;

/// How long the strip shines after the blinks before it blinks again.
const REST: Duration = Duration::from_millis(400);

/// What is known of a value that blinks when it rises.
#[derive(Debug, Default)]
pub(super) struct Rise {
    /// What it was when somebody looked last.
    before: Option<f64>,
    /// When the blinks began last.
    began: Option<Duration>,
}

impl Rise {
    /// Whether the strip shines now that the value is this. The first number is no rise.
    pub(super) fn shines(&mut self, now: Duration, value: f64) -> bool {
        let rose = self.before.is_some_and(|before| value > before);
        self.before = Some(value).filter(|value| !value.is_nan());
        let age = self.began.map(|began| now.saturating_sub(began));
        let blinks = age.filter(|age| *age < PHASE * PHASES + REST);
        let age = match blinks {
            Some(age) => age,
            None if rose => {
                self.began = Some(now);
                Duration::ZERO
            }
            None => return true,
        };
        let phase = age.as_millis() / PHASE.as_millis();
        phase.is_multiple_of(2) || phase >= u128::from(PHASES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a strip goes dark and when it shines again, in steps of 50 ms over 10 s.
    fn changes(value: impl Fn(u64) -> f64) -> Vec<(u64, bool)> {
        let mut rise = Rise::default();
        let mut changes = vec![(0, true)];
        for now in (0..10_000).step_by(50) {
            let shines = rise.shines(Duration::from_millis(now), value(now));
            if changes.last().is_none_or(|(_, last)| *last != shines) {
                changes.push((now, shines));
            }
        }
        changes
    }

    #[test]
    fn a_value_that_rises_blinks_twice() {
        let twice = [
            (0, true),
            (1300, false),
            (1600, true),
            (1900, false),
            (2200, true),
        ];
        assert_eq!(changes(|now| if now < 1000 { 3.0 } else { 4.0 }), twice);
    }

    #[test]
    fn a_value_that_falls_or_stays_or_begins_does_not_blink() {
        assert_eq!(changes(|now| -(now as f64)), [(0, true)]);
        assert_eq!(changes(|_| 7.0), [(0, true)]);
        let begins = |now| if now < 1000 { f64::NAN } else { 4.0 };
        assert_eq!(changes(begins), [(0, true)]);
    }

    #[test]
    fn a_value_that_goes_on_rising_blinks_after_a_rest() {
        let dark = changes(|now| now as f64);
        let dark: Vec<u64> = dark
            .iter()
            .filter(|(_, shines)| !shines)
            .map(|(now, _)| *now)
            .collect();
        assert_eq!(dark[..4], [350, 950, 1950, 2550]);
    }
}
