//! The axis of time.

use shared::time::{Civil, WallTime};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Steps of an even length, in seconds.
const EVEN: [i64; 19] = [
    1,
    5,
    10,
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
];

/// Steps of whole months.
const MONTHS: [i64; 14] = [
    1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12_000, 24_000,
];

const NAMES: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Round moments between two, this many at most, each with its text. `from` is before `to`.
pub(crate) fn marks(from: i64, to: i64, most: i64) -> Vec<(i64, String)> {
    let (length, most) = (to.saturating_sub(from), most.max(1));
    if let Some(step) = EVEN.into_iter().find(|step| length / step < most) {
        let first = from.div_euclid(step) * step;
        // Weeks begin on a Monday, as 1970-01-05 was one.
        let first = if step % (7 * DAY) == 0 {
            first + 4 * DAY - step
        } else {
            first
        };
        let moments = (0..most + 3).map(|number| first + number * step);
        let moments = moments.filter(|moment| (from..=to).contains(moment));
        return moments
            .map(|moment| (moment, even_text(moment, step)))
            .collect();
    }
    let month_of = |moment: i64| {
        let civil = WallTime::from_seconds(moment).civil();
        i64::from(civil.year) * 12 + i64::from(civil.month) - 1
    };
    let (first, last) = (month_of(from), month_of(to));
    let step = MONTHS.into_iter().find(|step| (last - first) / step < most);
    let step = step.unwrap_or(MONTHS[MONTHS.len() - 1]);
    let months = (first.div_euclid(step)..=last.div_euclid(step)).map(|number| number * step);
    let marks = months.filter_map(|month| {
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
        let moment = WallTime::from_parts((year, month + 1, 1), (0, 0, 0))?.seconds();
        (from..=to)
            .contains(&moment)
            .then(|| (moment, month_text(year, month, step)))
    });
    marks.collect()
}

fn even_text(moment: i64, step: i64) -> String {
    let Civil {
        month,
        day,
        hour,
        minute,
        second,
        ..
    } = WallTime::from_seconds(moment).civil();
    let month = NAMES[usize::from(month - 1) % NAMES.len()];
    if moment.rem_euclid(DAY) == 0 {
        format!("{day} {month}")
    } else if step < MINUTE {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{hour:02}:{minute:02}")
    }
}

fn month_text(year: i64, month: i64, step: i64) -> String {
    if step >= 12 {
        return year.to_string();
    }
    let month = usize::try_from(month).unwrap_or(0);
    format!("{} {year}", NAMES[month % NAMES.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: &str, to: &str) -> Vec<String> {
        let at = |text| WallTime::parse(text).expect("a time").seconds();
        marks(at(from), at(to), 8)
            .into_iter()
            .map(|mark| mark.1)
            .collect()
    }

    #[test]
    fn marks_fit_what_is_between_them() {
        assert_eq!(
            texts("2026-07-06 00:00:00", "2026-07-07 00:00:00"),
            ["6 Jul", "06:00", "12:00", "18:00", "7 Jul"]
        );
        assert_eq!(
            texts("2026-07-06 10:00:00", "2026-07-06 10:00:20"),
            ["10:00:00", "10:00:05", "10:00:10", "10:00:15", "10:00:20"]
        );
        assert_eq!(
            texts("2026-07-01 00:00:00", "2026-07-31 23:45:00"),
            ["6 Jul", "13 Jul", "20 Jul", "27 Jul"],
            "Mondays"
        );
        assert_eq!(
            texts("2026-01-01 00:00:00", "2027-01-01 00:00:00"),
            [
                "Jan 2026", "Mar 2026", "May 2026", "Jul 2026", "Sep 2026", "Nov 2026", "Jan 2027"
            ]
        );
        assert_eq!(
            texts("2020-06-01 00:00:00", "2030-01-01 00:00:00"),
            ["2022", "2024", "2026", "2028", "2030"]
        );
    }

    #[test]
    fn there_are_never_too_many_and_no_time_is_too_long() {
        for length in [
            0,
            1,
            59,
            3601,
            86_400 * 31,
            86_400 * 366,
            i64::from(u32::MAX),
            253_402_300_799,
        ] {
            let found = marks(0, length, 6);
            assert!(found.len() <= 8, "{length}: {found:?}");
            assert!(!found.is_empty(), "{length}");
        }
    }
}
