//! mosaik's time, and the ticks that it is here.

use shared::time::{Tick, TimeGrid, WallTime};

/// The last second that a run can have.
const LAST: i64 = 253_402_300_799;

/// mosaik's time, and the ticks that it is here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Start and length of the ticks; there are as many as the calendar has.
    pub(super) grid: TimeGrid,
    /// How far mosaik's time goes in a tick.
    units: u64,
}

impl Clock {
    /// Ticks of `step` seconds in a world whose time counts `resolution` seconds; of one unit of its time where
    /// nothing is said.
    pub(super) fn new(resolution: f64, step: Option<f64>, start: WallTime) -> Result<Self, String> {
        if !(resolution.is_finite() && resolution > 0.0) {
            return Err(format!(
                "a time_resolution of {resolution} s is none; give the world one above 0"
            ));
        }
        let wanted = step.unwrap_or(resolution);
        let Some(seconds) = whole_seconds(wanted) else {
            return Err(match step {
                Some(_) => format!(
                    "'step_size' is {wanted} s; give whole seconds, from 1 to {}",
                    u32::MAX
                ),
                None => format!(
                    "a step would be one unit of the world's time, which is {resolution} s, and steps are whole \
                     seconds; give 'step_size' in seconds"
                ),
            });
        };
        let units = (wanted / resolution).round();
        // Both were written as decimals, which their quotient shows.
        if units < 1.0 || (units * resolution - wanted).abs() > 1e-9 * wanted {
            return Err(format!(
                "a step of {wanted} s is no multiple of {resolution} s, the unit of the world's time; give a \
                 'step_size' that is one, or the world another 'time_resolution'"
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a quotient of a whole number of 32 bits, and at least 1; beyond 64 bits it stays at the end"
        )]
        let units = units as u64;
        let ticks = (LAST - start.seconds()) / i64::from(seconds);
        Ok(Self {
            grid: TimeGrid {
                start,
                resolution: seconds,
                ticks: ticks.unsigned_abs(),
            },
            units,
        })
    }

    /// The tick that begins at a time of mosaik, if one does.
    pub(super) fn tick(&self, time: i64) -> Option<Tick> {
        let time = u64::try_from(time).ok()?;
        time.is_multiple_of(self.units).then(|| time / self.units)
    }

    /// mosaik's time at the begin of a tick.
    pub(super) fn time(&self, tick: Tick) -> i64 {
        i64::try_from(tick.saturating_mul(self.units)).unwrap_or(i64::MAX)
    }
}

/// A number of seconds from 1 on, if it is a whole one.
fn whole_seconds(seconds: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is compared with what it came from"
    )]
    let whole = seconds as u32;
    (whole > 0 && f64::from(whole) == seconds).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(resolution: f64, step: Option<f64>) -> Result<Clock, String> {
        let start = WallTime::parse("2000-01-01 00:00:00").expect("a time");
        Clock::new(resolution, step, start)
    }

    #[test]
    fn a_step_is_as_long_as_asked_for_in_any_world() {
        for (resolution, units) in [(1.0, 900), (900.0, 1), (60.0, 15), (0.1, 9000), (0.7, 0)] {
            match clock(resolution, Some(900.0)) {
                Ok(clock) => {
                    assert_eq!((clock.grid.resolution, clock.units), (900, units));
                    assert_eq!(clock.tick(clock.time(7)), Some(7));
                    assert!(clock.grid.is_in_calendar());
                }
                Err(message) => {
                    assert_eq!(units, 0, "{message}");
                    assert!(message.contains("no multiple of 0.7 s"), "{message}");
                }
            }
        }
        assert_eq!(clock(1.0, Some(900.0)).expect("sound").tick(450), None);
        assert_eq!(clock(1.0, Some(900.0)).expect("sound").tick(-900), None);
    }

    #[test]
    fn a_step_is_one_unit_of_the_worlds_time_where_nothing_is_said() {
        let seconds = |resolution| clock(resolution, None).map(|clock| clock.grid.resolution);
        assert_eq!(seconds(1.0), Ok(1));
        assert_eq!(seconds(900.0), Ok(900));
        assert!(seconds(0.5).expect_err("refused").contains("'step_size'"));
    }

    #[test]
    fn what_is_no_length_of_a_step_is_refused_with_the_remedy() {
        for (resolution, step) in [
            (0.0, None),
            (-1.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (1.0, Some(0.0)),
            (1.0, Some(-900.0)),
            (1.0, Some(0.5)),
            (1.0, Some(1e12)),
            (1.0, Some(f64::NAN)),
            (900.0, Some(60.0)),
            (1e300, Some(60.0)),
        ] {
            let message = clock(resolution, step).expect_err("refused");
            assert!(message.contains("give"), "{message}");
        }
    }
}
