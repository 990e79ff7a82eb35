//! What a time stamp that was not expected looks like.

use shared::model::StepError;
use shared::time::WallTime;

use super::rows::Rows;

/// Says which stamp was expected, which was found, and what that looks like.
pub(super) fn unexpected_stamp(
    rows: &Rows,
    expected: WallTime,
    found: WallTime,
    step: i64,
    resolution: u32,
) -> StepError {
    const HOUR: i64 = 3600;
    let resolution = i64::from(resolution);
    let gap = found.seconds() - expected.seconds();
    let hint = match rows.spacing() {
        _ if gap == HOUR => {
            "an hour is missing, as where a clock is put forward; use data in a time without \
             daylight saving, such as UTC"
                .to_owned()
        }
        _ if gap == -HOUR => {
            "an hour stands there twice, as where a clock is put back; use data in a time without \
             daylight saving, such as UTC"
                .to_owned()
        }
        Some(spacing) if gap > 0 && spacing % resolution == 0 => format!(
            "its rows are {spacing} s apart and the steps {step} s; write 'time_step_size: {}' for \
             this reader if all of the file is like that, else fill the gap",
            spacing / resolution
        ),
        Some(spacing) => format!(
            "its rows are {spacing} s apart and the steps {step} s; adapt 'time_resolution', or \
             the file"
        ),
        None => "rows must be one step apart".to_owned(),
    };
    let message = format!("the row for {expected} is due and this one is for {found}; {hint}");
    rows.error("unexpected_time_stamp", &message)
}
