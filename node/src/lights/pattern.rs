//! What a light does over time.

use std::time::Duration;

/// What a light does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Dark.
    Off,
    /// On.
    Steady,
    /// Slowly brighter and darker.
    Breathing,
    /// One blink, and dark from then on.
    Blink,
    /// So many blinks, and a pause, over and over.
    Count(u8),
    /// Quick blinks, to be found among others.
    Quick,
}

/// What a light shows at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Its brightness.
    pub(crate) percent: u8,
    /// How long it stays so; `None` where it does to the end of the pattern.
    pub(crate) lasts: Option<Duration>,
}

/// From dark to dark.
const BREATH: u64 = 4000;

/// Between two changes of brightness.
const BREATH_STEP: u64 = 50;

/// How long a blink shines. As long a pause follows at least, so there are ten a second at most.
pub(super) const BLINK: Duration = Duration::from_millis(50);

/// How long each of a number of blinks shines.
const COUNTED_ON: u64 = 200;

/// From one of a number of blinks to the next.
const COUNTED: u64 = 500;

/// The pause after a number of blinks, beside that after the last one.
const COUNTED_PAUSE: u64 = 1000;

/// How long a quick blink shines, and the pause after it.
const QUICK: u64 = 100;

impl Pattern {
    /// What the light shows when it has done this for so long.
    pub(crate) fn at(self, age: Duration) -> Moment {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        match self {
            Self::Off => forever(false),
            Self::Steady => forever(true),
            Self::Breathing => Moment {
                percent: breath(age % BREATH / BREATH_STEP * BREATH_STEP),
                lasts: Some(Duration::from_millis(BREATH_STEP - age % BREATH_STEP)),
            },
            Self::Blink => match BLINK.as_millis().checked_sub(age.into()) {
                Some(rest @ 1..) => until(true, u64::try_from(rest).unwrap_or(1)),
                _ => forever(false),
            },
            Self::Count(count) => {
                let blinks = u64::from(count) * COUNTED;
                let age = age % (blinks + COUNTED_PAUSE);
                let (within, length) = (age % COUNTED, COUNTED_ON);
                if age >= blinks {
                    until(false, blinks + COUNTED_PAUSE - age)
                } else if within < length {
                    until(true, length - within)
                } else {
                    until(false, COUNTED - within)
                }
            }
            Self::Quick => until((age / QUICK).is_multiple_of(2), QUICK - age % QUICK),
        }
    }

    /// The pattern in words.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Off => "off".into(),
            Self::Steady => "steady".into(),
            Self::Breathing => "breathing".into(),
            Self::Blink => "blink".into(),
            Self::Count(1) => "1 blink".into(),
            Self::Count(count) => format!("{count} blinks"),
            Self::Quick => "quick blinks".into(),
        }
    }
}

fn forever(is_on: bool) -> Moment {
    Moment {
        percent: if is_on { 100 } else { 0 },
        lasts: None,
    }
}

fn until(is_on: bool, rest: u64) -> Moment {
    Moment {
        lasts: Some(Duration::from_millis(rest)),
        ..forever(is_on)
    }
}

/// The brightness of a breath. Eyes see small differences in the dark only, so it grows with the
/// square of the time.
fn breath(age: u64) -> u8 {
    let half = BREATH / 2;
    let share = half - age.abs_diff(half);
    u8::try_from(share * share * 100 / (half * half)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(pattern: Pattern, age: u64) -> (u8, Option<u64>) {
        let Moment { percent, lasts } = pattern.at(Duration::from_millis(age));
        let lasts = lasts.map(|lasts| u64::try_from(lasts.as_millis()).expect("short"));
        (percent, lasts)
    }

    /// The lengths of the phases of light and dark, from the beginning.
    fn phases(pattern: Pattern, count: usize) -> Vec<(bool, u64)> {
        let mut age = 0;
        let phase = |_| {
            let (percent, lasts) = at(pattern, age);
            let lasts = lasts.expect("changes");
            age += lasts;
            (percent > 0, lasts)
        };
        (0..count).map(phase).collect()
    }

    #[test]
    fn steady_lights_never_change() {
        assert_eq!(at(Pattern::Off, 123_456), (0, None));
        assert_eq!(at(Pattern::Steady, 123_456), (100, None));
    }

    #[test]
    fn a_breath_rises_to_the_middle_and_falls_again() {
        let breath: Vec<u8> = (0..=4000)
            .step_by(500)
            .map(|age| at(Pattern::Breathing, age).0)
            .collect();
        assert_eq!(breath, [0, 6, 25, 56, 100, 56, 25, 6, 0]);
        assert_eq!(at(Pattern::Breathing, 520), (6, Some(30)));
    }

    #[test]
    fn a_blink_ends_in_the_dark() {
        assert_eq!(at(Pattern::Blink, 0), (100, Some(50)));
        assert_eq!(at(Pattern::Blink, 49), (100, Some(1)));
        assert_eq!(at(Pattern::Blink, 50), (0, None));
        assert_eq!(at(Pattern::Blink, u64::MAX), (0, None));
    }

    #[test]
    fn blinks_are_counted_between_pauses() {
        let twice = [
            (true, 200),
            (false, 300),
            (true, 200),
            (false, 300),
            (false, 1000),
        ];
        assert_eq!(
            phases(Pattern::Count(2), 10),
            [twice.as_slice(), twice.as_slice()].concat()
        );
        assert_eq!(phases(Pattern::Count(1), 3)[2], (false, 1000));
    }

    #[test]
    fn quick_blinks_are_five_a_second() {
        assert_eq!(
            phases(Pattern::Quick, 4),
            [(true, 100), (false, 100), (true, 100), (false, 100)]
        );
    }
}
