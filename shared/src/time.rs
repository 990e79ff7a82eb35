//! Simulated time: ticks, and the wall-clock readings they stand for.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use time::{Date, Month};

/// The unit of simulated time; tick *t* stands for `start + t × resolution`.
pub type Tick = u64;

/// The tick that never comes.
pub const NEVER: Tick = Tick::MAX;

/// The Julian day of 1970-01-01, where seconds are counted from.
const EPOCH: i32 = 2_440_588;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A wall-clock reading in whole seconds, without a zone: seconds since 1970-01-01 00:00:00 on
/// that same clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WallTime(i64);

/// The first and the last second that the form of scenario files can tell.
const CALENDAR: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

impl WallTime {
    /// The reading with these parts; `None` where there is no such date or time of day.
    pub fn from_parts(date: (i64, i64, i64), time: (i64, i64, i64)) -> Option<Self> {
        let (year, month, day) = date;
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let (year, day) = (i32::try_from(year).ok()?, u8::try_from(day).ok()?);
        let date = Date::from_calendar_date(year, month, day).ok()?;
        let (hour, minute, second) = time;
        let is_time =
            (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
        let days = i64::from(date.to_julian_day() - EPOCH);
        is_time.then_some(Self(days * DAY + (hour * 60 + minute) * 60 + second))
    }

    /// The reading in the form of scenario files, `YYYY-MM-DD HH:mm:ss`, and in no other.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape = b"dddd-dd-dd dd:dd:dd";
        let fits = bytes.len() == shape.len()
            && bytes.iter().zip(shape).all(|(b, s)| match s {
                b'd' => b.is_ascii_digit(),
                other => b == other,
            });
        let part = |range: std::ops::Range<usize>| text[range].parse().ok();
        if !fits || part(0..4) == Some(0) {
            return None;
        }
        Self::from_parts(
            (part(0..4)?, part(5..7)?, part(8..10)?),
            (part(11..13)?, part(14..16)?, part(17..19)?),
        )
    }

    /// The reading so many seconds after 1970-01-01 00:00:00 of the same clock.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01 00:00:00 of the same clock.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The reading this many seconds later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The calendar date and time of day; readings beyond the years 1 to 9999 stay at their end.
    pub fn civil(self) -> Civil {
        let seconds = self.0.clamp(*CALENDAR.start(), *CALENDAR.end());
        let (days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let julian = i32::try_from(days)
            .ok()
            .map(|days| days.saturating_add(EPOCH));
        let date = julian
            .and_then(|julian| Date::from_julian_day(julian).ok())
            .unwrap_or(Date::MAX);
        let part = |seconds: i64| u8::try_from(seconds).unwrap_or(0);
        Civil {
            year: date.year(),
            month: date.month().into(),
            day: date.day(),
            hour: part(second / 3600),
            minute: part(second / 60 % 60),
            second: part(second % 60),
        }
    }
}

/// The parts of a wall-clock reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year of the Gregorian calendar, up to 9999.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

/// `YYYY-MM-DD HH:mm:ss`.
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self.civil();
        write!(
            f,
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        )
    }
}

/// How ticks map to the wall clock of the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeGrid {
    /// The reading at tick 0.
    pub start: WallTime,
    /// Seconds per tick, at least 1.
    pub resolution: u32,
    /// Number of ticks; ticks 0 to `ticks - 1` are simulated.
    pub ticks: Tick,
}

impl TimeGrid {
    /// Whether a tick has a length, and all of them lie in the years 1 to 9999.
    pub fn is_in_calendar(&self) -> bool {
        let length = i64::try_from(self.ticks)
            .ok()
            .and_then(|ticks| ticks.checked_mul(self.resolution.into()));
        let end = length.and_then(|length| self.start.0.checked_add(length));
        self.resolution > 0
            && CALENDAR.contains(&self.start.0)
            && end.is_some_and(|end| CALENDAR.contains(&end))
    }

    /// The reading at a tick.
    pub fn at(&self, tick: Tick) -> WallTime {
        let offset = i64::try_from(tick)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.resolution.into());
        self.start.plus(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> WallTime {
        WallTime::parse(text).expect("a valid time")
    }

    #[test]
    fn a_reading_is_printed_as_it_was_written() {
        for text in [
            "2012-02-29 23:59:59",
            "1970-01-01 00:00:00",
            "0001-01-01 00:00:00",
            "9999-12-31 23:59:59",
        ] {
            assert_eq!(at(text).to_string(), text);
        }
        assert_eq!(at("1970-01-02 00:00:01").seconds(), 86_401);
    }

    #[test]
    fn only_the_one_form_of_real_dates_is_accepted() {
        for text in [
            "2012-02-30 00:00:00",
            "2012-02-01T00:00:00",
            "2012-02-01 24:00:00",
            "2012-2-1 00:00:00",
            "2012-02-01 00:00:00Z",
            "2012-02-01 00:00:00.5",
            "2012-02-01 00:00:00\n",
            "0000-01-01 00:00:00",
            "",
        ] {
            assert_eq!(WallTime::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn simulated_time_is_within_the_calendar_or_no_time() {
        let (first, last) = (at("0001-01-01 00:00:00"), at("9999-12-31 23:59:59"));
        let all = u64::try_from(last.seconds() - first.seconds()).expect("positive");
        let grid = |start, resolution, ticks| TimeGrid {
            start,
            resolution,
            ticks,
        };
        assert!(grid(first, 1, all).is_in_calendar());
        assert!(grid(last, 1, 0).is_in_calendar());
        for beyond in [
            grid(first, 1, all + 1),
            grid(first.plus(-1), 1, 1),
            grid(last, 1, 1),
            grid(first, 0, 1),
            grid(first, u32::MAX, u64::MAX),
            grid(WallTime(i64::MAX), 1, 1),
        ] {
            assert!(!beyond.is_in_calendar(), "{beyond:?}");
        }
    }

    #[test]
    fn ticks_run_over_the_change_of_clock_without_noticing_it() {
        let grid = TimeGrid {
            start: at("2012-03-25 01:45:00"),
            resolution: 900,
            ticks: 10,
        };
        assert_eq!(grid.at(1).to_string(), "2012-03-25 02:00:00");
        assert_eq!(grid.at(96).to_string(), "2012-03-26 01:45:00");
    }
}
