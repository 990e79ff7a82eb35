//! Between which values a light changes.

use super::fields::Fields;
use crate::scenario::problems::{Position, Problems};

/// The values between which a light changes.
pub(super) fn read_limits(
    fields: &Fields<'_>,
    position: Position,
    problems: &mut Problems,
) -> Option<(f64, f64)> {
    let (min, max) = (
        fields.number("min", problems),
        fields.number("max", problems),
    );
    let (min, max) = (min?, max?);
    if min >= max {
        let message = format!("{}: 'min' must be less than 'max'", fields.object);
        let place = fields.place_of("min").unwrap_or(position);
        problems.error("led_rule", place, message);
        return None;
    }
    Some((min, max))
}
