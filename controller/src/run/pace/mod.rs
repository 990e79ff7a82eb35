//! How fast a run goes, where it is not to go as fast as it can.

mod pacer;
mod pacing;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use shared::time::TimeGrid;
use thiserror::Error;

use crate::output::duration;

pub(super) use pacer::{Done, Late, Pacer};
pub(super) use pacing::Pacing;

/// The most ticks in a second.
const FASTEST: f64 = 1e6;

/// The fewest: one in a day.
const SLOWEST: f64 = 1.0 / 86_400.0;

/// How fast a run goes. It never changes a result.
///
/// ```
/// use controller::Pace;
///
/// let pace: Pace = "120/min".parse()?;
/// assert_eq!(pace, Pace::ticks(2.0)?);
/// # Ok::<(), controller::InvalidPace>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(Measure);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    /// Ticks in a second.
    Ticks(f64),
    /// Simulated seconds in a second.
    Time(f64),
}

/// Why something is no pace.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct InvalidPace(String);

impl Pace {
    /// As fast as it goes, and open to change: a run that is held to it can be paused, and go on at another pace.
    pub const UNLIMITED: Self = Self(Measure::Ticks(f64::INFINITY));

    /// So many ticks in a second.
    ///
    /// # Errors
    /// More than a million of them, or less than one in a day.
    pub fn ticks(in_a_second: f64) -> Result<Self, InvalidPace> {
        if (SLOWEST..=FASTEST).contains(&in_a_second) {
            return Ok(Self(Measure::Ticks(in_a_second)));
        }
        let text = "give at least a tick in a day and at most 1,000,000 in a second";
        Err(InvalidPace(text.to_owned()))
    }

    /// So many simulated seconds in a second: 1 is as fast as it would happen.
    ///
    /// # Errors
    /// Not a number above zero. How many ticks that are shows when it meets a scenario.
    pub fn real_time(factor: f64) -> Result<Self, InvalidPace> {
        if factor > 0.0 && factor.is_finite() {
            return Ok(Self(Measure::Time(factor)));
        }
        let text = "give simulated seconds in a second, a number above zero such as 900";
        Err(InvalidPace(text.to_owned()))
    }

    /// Holds a run of this length to the pace.
    pub(super) fn pacer(self, grid: TimeGrid) -> Result<Pacer, InvalidPace> {
        Ok(Pacer::new(self.rate(grid)?, grid.ticks))
    }

    /// Ticks in a second.
    fn rate(self, grid: TimeGrid) -> Result<f64, InvalidPace> {
        Ok(match self.0 {
            Measure::Ticks(rate) => rate,
            Measure::Time(factor) => {
                let resolution = f64::from(grid.resolution);
                let rate = factor / resolution;
                if !(SLOWEST..=FASTEST).contains(&rate) {
                    return Err(InvalidPace(format!(
                        "{factor} simulated seconds in a second are {rate:.1e} ticks in a second, as a tick \
                         has {} s (time_resolution); give a factor from {:.1e} to {:.1e}",
                        grid.resolution,
                        SLOWEST * resolution,
                        FASTEST * resolution
                    )));
                }
                rate
            }
        })
    }
}

impl FromStr for Pace {
    type Err = InvalidPace;

    /// Reads `2/s`, `120/min` or `10/h`.
    fn from_str(text: &str) -> Result<Self, InvalidPace> {
        let read = || {
            let (ticks, unit) = text.split_once('/')?;
            let seconds = match unit.trim() {
                "s" => 1.0,
                "min" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
            Some(ticks.trim().parse::<f64>().ok()? / seconds)
        };
        let rate = read().ok_or_else(|| {
            let text = "give ticks in a second, a minute or an hour, such as 2/s, 0.5/s or 120/min";
            InvalidPace(text.to_owned())
        })?;
        Self::ticks(rate)
    }
}

/// The pace of a run at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paced {
    /// Ticks in a second, as it is set; infinite where it goes as fast as it can.
    pub rate: f64,
    /// No tick follows until somebody asks for it.
    pub is_paused: bool,
    /// The run does not keep its pace.
    pub is_behind: bool,
}

/// The rate: `2 ticks/s`, or `1 tick in 15 min` of a slow one.
impl fmt::Display for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rate.is_infinite() {
            return f.write_str("no limit");
        }
        if self.rate < 0.1 {
            let time = Duration::from_secs_f64((1.0 / self.rate).round());
            return write!(f, "1 tick in {}", duration(time));
        }
        // Three digits, and no zeros after them.
        let digits = match self.rate {
            rate if rate < 10.0 => 2,
            rate if rate < 100.0 => 1,
            _ => 0,
        };
        let text = format!("{:.digits$}", self.rate);
        let text = if digits == 0 {
            &text
        } else {
            text.trim_end_matches('0').trim_end_matches('.')
        };
        write!(
            f,
            "{text} {}",
            if text == "1" { "tick/s" } else { "ticks/s" }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::time::WallTime;

    #[test]
    fn a_pace_is_read_in_ticks_of_a_second_a_minute_or_an_hour() {
        for (text, rate) in [
            ("2/s", 2.0),
            ("0.5/s", 0.5),
            ("120/min", 2.0),
            ("36/h", 0.01),
        ] {
            assert_eq!(text.parse::<Pace>(), Pace::ticks(rate), "{text}");
        }
    }

    #[test]
    fn what_is_no_pace_is_refused_with_what_would_be_one() {
        for text in ["2", "2/d", "/s", "two/s", "2/s/s", ""] {
            let refused = text.parse::<Pace>().expect_err(text).to_string();
            assert!(refused.contains("such as 2/s"), "{text}: {refused}");
        }
        for text in ["0/s", "-1/s", "nan/s", "inf/s", "1000001/s", "0.01/h"] {
            let refused = text.parse::<Pace>().expect_err(text).to_string();
            assert!(refused.contains("at most 1,000,000"), "{text}: {refused}");
        }
        for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Pace::real_time(factor).is_err(), "{factor}");
        }
    }

    #[test]
    fn simulated_time_is_as_fast_as_the_length_of_a_tick_makes_it() {
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
            resolution: 900,
            ticks: 10,
        };
        let pacer = |factor| Pace::real_time(factor).expect("a pace").pacer(grid);
        assert_eq!(pacer(1800.0).expect("a pace").paced().rate, 2.0);
        let refused = pacer(1e-3).expect_err("too slow").to_string();
        assert!(
            refused.contains("a factor from 1.0e-2 to 9.0e8"),
            "{refused}"
        );
    }

    #[test]
    fn a_rate_is_shown_as_people_say_it() {
        let shown = |rate| {
            let paced = Paced {
                rate,
                is_paused: false,
                is_behind: false,
            };
            paced.to_string()
        };
        for (rate, text) in [
            (1.0, "1 tick/s"),
            (2.0, "2 ticks/s"),
            (0.5, "0.5 ticks/s"),
            (2.0 / 3.0, "0.67 ticks/s"),
            (12.5, "12.5 ticks/s"),
            (100.0, "100 ticks/s"),
            (1e6, "1000000 ticks/s"),
            (1.0 / 900.0, "1 tick in 15 min"),
        ] {
            assert_eq!(shown(rate), text);
        }
    }
}
