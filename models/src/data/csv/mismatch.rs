//! What a time stamp that was not expected looks like.

use shared::model::StepError;
use shared::time::WallTime;

use super::rows::Rows;

const HOUR: i64 = 3600;

/// How a reader steps, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// From one step to the next.
    pub(super) step: i64,
    /// From one tick to the next.
    pub(super) tick: i64,
}

/// What a time stamp that was not expected looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// There is no row before.
    Start,
    /// A clock was put forward.
    HourMissing,
    /// A clock was put back.
    HourTwice,
    /// It is not later than the one before.
    Backwards,
    /// After regular rows some are missing.
    Gap,
    /// The file has other steps.
    OtherSteps,
}

/// What is likely wrong where the row at hand has another stamp than the expected one.
pub(super) fn cause(rows: &Rows, expected: WallTime, found: WallTime, pace: Pace) -> Cause {
    let late = found.seconds().saturating_sub(expected.seconds());
    cause_of(late, rows.spacing(), rows.spacing_before(), pace)
}

/// Says which stamp was expected, which was found, and what that looks like.
pub(super) fn unexpected_stamp(
    rows: &Rows,
    expected: WallTime,
    found: WallTime,
    pace: Pace,
) -> StepError {
    let hint = hint(cause(rows, expected, found, pace), rows.spacing(), pace);
    let message = format!("the row for {expected} is due and this one is for {found}; {hint}");
    rows.error("unexpected_time_stamp", &message)
}

/// The cause where a row is some seconds too late or, if negative, too early. The spacing is the
/// time from the row before to this one; the spacing before it, that between the two rows before.
fn cause_of(late: i64, spacing: Option<i64>, before: Option<i64>, pace: Pace) -> Cause {
    let was_regular = before == Some(pace.step);
    let Some(spacing) = spacing else {
        return Cause::Start;
    };
    if late == HOUR && (was_regular || pace.step < HOUR) {
        Cause::HourMissing
    } else if late == -HOUR && spacing <= 0 {
        Cause::HourTwice
    } else if spacing <= 0 {
        Cause::Backwards
    } else if was_regular && late > 0 {
        Cause::Gap
    } else {
        Cause::OtherSteps
    }
}

/// What would be right.
fn hint(cause: Cause, spacing: Option<i64>, pace: Pace) -> String {
    let Pace { step, tick } = pace;
    let spacing = spacing.unwrap_or_default();
    match cause {
        Cause::Start => "the file starts there".to_owned(),
        Cause::HourMissing => "an hour is missing, as where a clock is put forward; use data in a \
                               time without daylight saving, such as UTC"
            .to_owned(),
        Cause::HourTwice => "an hour stands there twice, as where a clock is put back; use data \
                             in a time without daylight saving, such as UTC"
            .to_owned(),
        Cause::Backwards => "each row must be later than the one before".to_owned(),
        Cause::Gap => {
            format!("after rows {step} s apart this one comes {spacing} s later; fill the gap")
        }
        Cause::OtherSteps => {
            let remedy = if spacing % tick == 0 {
                format!("write 'time_step_size: {}' for this reader", spacing / tick)
            } else {
                format!("write 'time_resolution: {spacing}' in the scenario")
            };
            format!(
                "its rows are {spacing} s apart and the steps {step} s; {remedy} if all of the \
                 file is like that, else mend the file"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Pace = Pace {
        step: 900,
        tick: 900,
    };
    const HOURLY: Pace = Pace {
        step: 3600,
        tick: 3600,
    };
    const FOUR_QUARTERS: Pace = Pace {
        step: 3600,
        tick: 900,
    };

    #[test]
    fn each_cause_has_its_hint() {
        for (late, spacing, before, pace, said) in [
            // A clock put forward, after regular rows or at once.
            (3600, Some(4500), Some(900), QUARTER, "an hour is missing"),
            (3600, Some(4500), None, QUARTER, "an hour is missing"),
            (3600, Some(7200), Some(3600), HOURLY, "an hour is missing"),
            // A clock put back.
            (-3600, Some(-2700), Some(900), QUARTER, "an hour stands"),
            (-3600, Some(0), Some(3600), HOURLY, "an hour stands"),
            // Coarser files, two hours for each among them.
            (2700, Some(3600), None, QUARTER, "'time_step_size: 4'"),
            (2700, Some(3600), Some(3600), QUARTER, "'time_step_size: 4'"),
            (3600, Some(7200), None, HOURLY, "'time_step_size: 2'"),
            // Finer files.
            (-2700, Some(900), None, FOUR_QUARTERS, "'time_step_size: 1'"),
            (-2700, Some(900), None, HOURLY, "'time_resolution: 900'"),
            (-600, Some(300), None, QUARTER, "'time_resolution: 300'"),
            // Spacings that no step size fits.
            (100, Some(1000), None, QUARTER, "'time_resolution: 1000'"),
            // Single faults.
            (900, Some(1800), Some(900), QUARTER, "fill the gap"),
            (-900, Some(0), Some(900), QUARTER, "later than the one"),
            (7200, None, None, QUARTER, "the file starts there"),
        ] {
            let hint = hint(cause_of(late, spacing, before, pace), spacing, pace);
            assert!(hint.contains(said), "{late} {spacing:?} {before:?}: {hint}");
        }
    }
}
