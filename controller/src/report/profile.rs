//! The days of an item, as one: mean, smallest and largest value of each hour.

/// Hours of a day.
const HOURS: usize = 24;

/// What an item is like in an hour of the day.
#[derive(Clone, Copy, Debug)]
struct Hour {
    sum: f64,
    rows: u64,
    low: f64,
    high: f64,
}

/// The days of an item.
#[derive(Clone, Debug)]
pub(super) struct Profile([Hour; HOURS]);

/// What is to be drawn of an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OfHour {
    /// From 0 to 23.
    pub(super) hour: usize,
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Profile {
    /// No row yet.
    pub(super) fn new() -> Self {
        let none = Hour {
            sum: 0.0,
            rows: 0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
        };
        Self([none; HOURS])
    }

    /// Takes in the value of a row.
    pub(super) fn push(&mut self, time: i64, value: f64) {
        let hour = usize::try_from(time.rem_euclid(86_400) / 3600).unwrap_or(0);
        if value.is_finite() {
            let hour = &mut self.0[hour];
            hour.sum += value;
            hour.rows += 1;
            hour.low = hour.low.min(value);
            hour.high = hour.high.max(value);
        }
    }

    /// The hours in which there are rows.
    pub(super) fn hours(&self) -> Vec<OfHour> {
        let hours = self.0.iter().enumerate().filter(|(_, hour)| hour.rows > 0);
        let of_hour = |(hour, of): (usize, &Hour)| OfHour {
            hour,
            mean: of.sum / of.rows as f64,
            low: of.low,
            high: of.high,
        };
        hours.map(of_hour).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_laid_upon_each_other() {
        let mut profile = Profile::new();
        // Two days: 1 and 3 between 01:00 and 02:00, 7 at 02:00.
        for (time, value) in [
            (3600, 1.0),
            (86_400 + 5400, 3.0),
            (7200, 7.0),
            (0, f64::NAN),
        ] {
            profile.push(time, value);
        }
        let hour = |hour, mean, low, high| OfHour {
            hour,
            mean,
            low,
            high,
        };
        assert_eq!(
            profile.hours(),
            [hour(1, 2.0, 1.0, 3.0), hour(2, 7.0, 7.0, 7.0)]
        );
    }
}
