//! The rows of a file, found by time.

use shared::model::StepError;
use shared::time::WallTime;

use super::file::{HAS_READERS, Row, WeatherFile};
use super::formats::COUNT;

const DAY: i64 = 86_400;

/// The year in which the days of typical years are counted: a leap year.
const YEAR: i64 = 2000;
const LENGTH_OF_YEAR: i64 = 366 * DAY;

/// 29 February and 1 March in it.
const LEAP_DAY: i64 = 59 * DAY;
const AFTER_LEAP_DAY: i64 = 60 * DAY;

/// Rows are so far apart at least and at most, in seconds.
const SPACINGS: std::ops::RangeInclusive<i64> = 60..=10_800;

/// A row and the interval that it is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    /// Where it begins, as [`Series::place`] counts.
    pub(super) begin: i64,
    pub(super) row: Row,
}

/// The rows of a file, three of them at hand.
pub(super) struct Series {
    file: Box<WeatherFile>,
    /// Whether any year is the same to it.
    is_any_year: bool,
    /// Whether it lacks 29 February.
    lacks_leap_day: bool,
    /// Where in its interval a time stamp is, in halves of it.
    position: i64,
    /// Whether air and wind are those of the middle of the interval, and not of the stamp.
    is_at_middle: bool,
    /// The length of an interval in seconds.
    pub(super) length: i64,
    /// Where the first interval begins and the last one ends.
    span: (i64, i64),
    window: [Option<Interval>; 3],
    /// How many rows of the run are bridged.
    pub(super) bridged: u64,
}

/// The midnight with which a day begins, in seconds.
fn in_seconds(year: i64, month: i64, day: i64) -> i64 {
    WallTime::from_parts((year, month, day), (0, 0, 0)).map_or(0, WallTime::seconds)
}

/// A time as a place in a leap year.
fn in_year(time: i64) -> i64 {
    let civil = WallTime::from_seconds(time).civil();
    let midnight = in_seconds(YEAR, civil.month.into(), civil.day.into());
    midnight - in_seconds(YEAR, 1, 1) + time.rem_euclid(DAY)
}

/// The error about a file without rows.
fn no_rows(file: &WeatherFile) -> StepError {
    file.fault("file_without_rows", || "the file has no rows".to_owned())
}

impl Series {
    /// Reads the rows that a run from the one time to the other needs, to see whether they are all there; `look` sees each of
    /// them, and when its middle is.
    pub(super) fn new(
        mut file: Box<WeatherFile>,
        (position, is_any_year): (i64, bool),
        run: (i64, i64),
        mut look: impl FnMut(&Row, f64),
    ) -> Result<Self, StepError> {
        // What is in the first two rows does not matter yet.
        file.from = i64::MAX;
        let Some(first) = file.next()? else {
            return Err(no_rows(&file));
        };
        let second = file.next()?;
        let length = second.map_or(3600, |second| second.stamp.saturating_sub(first.stamp));
        if !SPACINGS.contains(&length) {
            return Err(file.fault("unexpected_time_stamp", || {
                format!(
                    "the first two rows are {length} s apart; weather is read with rows from a minute to three hours \
                     apart"
                )
            }));
        }
        file.from = if is_any_year {
            i64::MIN
        } else {
            run.0.saturating_sub(2 * length)
        };
        let is_at_middle = file.format.pattern.is_empty();
        let mut series = Self {
            file,
            is_any_year,
            lacks_leap_day: false,
            position,
            is_at_middle,
            length,
            span: (0, 0),
            window: [None; 3],
            bridged: 0,
        };
        series.check(run, &mut look)?;
        series.file.rewind()?;
        series.bridged = series.file.bridged;
        series.window = [None; 3];
        Ok(series)
    }

    /// Goes through the rows once.
    fn check(
        &mut self,
        run: (i64, i64),
        look: &mut impl FnMut(&Row, f64),
    ) -> Result<(), StepError> {
        self.file.rewind()?;
        let mut before: Option<Interval> = None;
        while let Some(row) = self.file.next()? {
            let now = self.interval(row);
            if let Some(before) = before {
                let spacing = now.begin - before.begin;
                let middle = self.length / 2;
                let is_over_leap_day = self.is_any_year
                    && spacing == self.length + DAY
                    && before.begin + middle < LEAP_DAY
                    && now.begin + middle >= AFTER_LEAP_DAY;
                self.lacks_leap_day |= is_over_leap_day;
                let is_needed = row.stamp >= self.file.from;
                if HAS_READERS
                    && (spacing <= 0 || (spacing != self.length && !is_over_leap_day && is_needed))
                {
                    return Err(self.unexpected(&before, &now));
                }
            } else {
                self.span.0 = now.begin;
            }
            if row.stamp >= self.file.from {
                let begin = row.stamp - self.length * self.position / 2;
                look(&row, begin as f64 + self.length as f64 / 2.0);
            }
            self.span.1 = now.begin + self.length;
            before = Some(now);
            if !self.is_any_year && now.begin >= run.1 {
                break;
            }
        }
        if HAS_READERS {
            self.check_span(run)?;
        }
        Ok(())
    }

    /// The error about a row that does not follow the one before.
    #[cold]
    fn unexpected(&self, before: &Interval, now: &Interval) -> StepError {
        let (spacing, length) = (now.begin - before.begin, self.length);
        self.file.fault("unexpected_time_stamp", || {
            let remedy = if spacing > 0 {
                "fill the gap"
            } else if self.is_any_year {
                "a typical year is one year, from January on, at one place; for others write 'year: same'"
            } else {
                "each row must be later, and all of one place"
            };
            format!("the row is {spacing} s after the one before, and rows are {length} s apart; {remedy}")
        })
    }

    /// Refuses a file that has less than a run needs.
    fn check_span(&mut self, (begin, end): (i64, i64)) -> Result<(), StepError> {
        let (first, last) = self.span;
        let (from, to) = (self.place(begin), self.place(end - 1));
        let is_short = end.saturating_sub(begin) <= last - first + 2 * self.length;
        let is_within = first - self.length <= from && from <= to && to < last + self.length;
        if self.is_whole_year() || (is_short && is_within) {
            return Ok(());
        }
        // To its end, for what is said.
        self.file.from = i64::MAX;
        while let Ok(Some(row)) = self.file.next() {
            self.span.1 = self.interval(row).begin + self.length;
        }
        Err(self
            .file
            .fault("span_not_in_file", || self.about_span((begin, end))))
    }

    /// What is said where a file has less than a run needs.
    fn about_span(&self, (begin, end): (i64, i64)) -> String {
        let year = in_seconds(YEAR, 1, 1);
        let (base, without) = if self.is_any_year {
            (year, "YYYY-".len())
        } else {
            (0, 0)
        };
        let shown = |place: i64| {
            let text = WallTime::from_seconds(base + place).to_string();
            text.get(without..).unwrap_or_default().to_owned()
        };
        let remedy = if self.is_any_year {
            "choose days that it has"
        } else {
            "choose days that it has, or write 'year: any' where it is to stand for other years"
        };
        format!(
            "the file has weather from {} to {}, and the run is from {} to {} by its clock; {remedy}",
            shown(self.span.0),
            shown(self.span.1),
            WallTime::from_seconds(begin),
            WallTime::from_seconds(end),
        )
    }

    /// The interval of a row.
    fn interval(&self, row: Row) -> Interval {
        let begin = row.stamp - self.length * self.position / 2;
        if !self.is_any_year {
            return Interval { begin, row };
        }
        // The middle, since the first hour of a year may begin in the year before.
        let middle = self.length / 2;
        let begin = in_year(begin + middle) - middle;
        Interval { begin, row }
    }

    /// Where in the file a time of its clock is.
    pub(super) fn place(&self, time: i64) -> i64 {
        if !self.is_any_year {
            return time;
        }
        let mut place = in_year(time);
        if self.lacks_leap_day && (LEAP_DAY..AFTER_LEAP_DAY).contains(&place) {
            place -= DAY;
        }
        let (first, last) = self.span;
        if !self.is_whole_year() {
            place
        } else if place >= last {
            place - LENGTH_OF_YEAR
        } else if place < first {
            place + LENGTH_OF_YEAR
        } else {
            place
        }
    }

    /// Whether it stands for any year and has all of one.
    fn is_whole_year(&self) -> bool {
        let (first, last) = self.span;
        self.is_any_year && last - first >= LENGTH_OF_YEAR - 2 * self.length
    }

    /// Goes to the row after the one at hand.
    fn advance(&mut self) -> Result<(), StepError> {
        let next = self.file.next()?.map(|row| self.interval(row));
        self.window = [self.window[1], self.window[2], next];
        Ok(())
    }

    /// Goes to the first row.
    fn begin(&mut self) -> Result<(), StepError> {
        self.file.rewind()?;
        self.window = [None; 3];
        self.advance()?;
        self.advance()
    }

    /// The interval that a place is in, which is in the window then; the first one and the last one hold before and after,
    /// an interval at a time.
    pub(super) fn at(&mut self, place: i64) -> Result<Interval, StepError> {
        let is_behind = |now: Interval| place < now.begin;
        if self.window[1].is_none()
            || (self.window[0].is_some() && self.window[1].is_some_and(is_behind))
        {
            self.begin()?;
        }
        let length = self.length;
        while let [_, Some(now), Some(_)] = self.window
            && place >= now.begin + length
        {
            self.advance()?;
        }
        let Some(now) = self.window[1] else {
            return Err(no_rows(&self.file));
        };
        let begin = now.begin + (place - now.begin).div_euclid(length) * length;
        Ok(Interval { begin, ..now })
    }

    /// Air temperature, wind, or what else a row has, at a place in the window: between the times at which two rows are said to
    /// hold, in a straight line.
    pub(super) fn between(&self, quantity: usize, place: f64) -> f64 {
        debug_assert!(quantity < COUNT);
        let [before, now, after] = self.window;
        let Some(now) = now else { return f64::NAN };
        let halves = if self.is_at_middle { 1 } else { self.position };
        let from = place - (now.begin + self.length * halves / 2) as f64;
        let value = now.row.values[quantity];
        let (other, from) = if from < 0.0 {
            (before, -from)
        } else {
            (after, from)
        };
        let other = other.map_or(value, |other| other.row.values[quantity]);
        value + (other - value) * (from / self.length as f64).min(1.0)
    }
}
