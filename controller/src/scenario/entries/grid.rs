//! The simulated time, in the section `scenario`.

use shared::time::{Tick, TimeGrid, WallTime};

use super::fields::{Fields, text, wrong_kind};
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::Content;

/// Seconds per tick where the scenario does not say.
const DEFAULT_RESOLUTION: u32 = 900;

/// Start, resolution and length. Where the end is missing or wrong there are no ticks.
pub(super) fn read_grid(fields: &Fields<'_>, problems: &mut Problems) -> Option<TimeGrid> {
    let start = read_time(fields, "start_time", problems);
    let end = read_time(fields, "end_time", problems);
    let resolution = match fields.get("time_resolution") {
        None => Some(DEFAULT_RESOLUTION),
        Some(_) => fields.integer("time_resolution", 1..=u32::MAX, problems),
    };
    let (start, _) = start?;
    let seconds = end.map_or(0, |(end, _)| end.seconds() - start.seconds());
    if let Some((end, place)) = end
        && seconds <= 0
    {
        let message = format!(
            "'end_time' must be later than 'start_time', and {end} is not later than {start}"
        );
        problems.error("end_before_start", place, message);
    }
    let resolution = resolution?;
    let ticks = Tick::try_from(seconds).unwrap_or(0) / Tick::from(resolution);
    if let Some((end, place)) = end
        && seconds > 0
    {
        warn_of_the_end(start, end, resolution, place, problems);
    }
    Some(TimeGrid {
        start,
        resolution,
        ticks,
    })
}

/// Warns of a run without ticks, and of an end inside of one.
fn warn_of_the_end(
    start: WallTime,
    end: WallTime,
    resolution: u32,
    place: Position,
    problems: &mut Problems,
) {
    let (seconds, resolution) = (end.seconds() - start.seconds(), i64::from(resolution));
    let rest = seconds % resolution;
    if seconds < resolution {
        let message = format!(
            "the run is shorter than one step of {resolution} s, so nothing is simulated and the \
             result file has a header only"
        );
        problems.warning("no_steps", place, message);
    } else if rest > 0 {
        let last = start.plus(seconds - rest);
        let whole = start.plus(seconds - rest + resolution);
        let message = format!(
            "'end_time' {end} lies inside a tick of {resolution} s, and the tick at {last} is not \
             simulated; write '{whole}' to have it, or '{last}' to end before it"
        );
        problems.warning("end_inside_tick", place, message);
    }
}

/// A date and time. An unquoted one is reported and read all the same, so that what depends on it
/// can be checked.
fn read_time(
    fields: &Fields<'_>,
    key: &str,
    problems: &mut Problems,
) -> Option<(WallTime, Position)> {
    let node = fields.required(key, problems)?;
    let name = fields.name_of(key);
    if let Content::Timestamp(written) = &node.content {
        let read =
            WallTime::parse(written).or_else(|| WallTime::parse(&format!("{written} 00:00:00")));
        let right = read.map_or("YYYY-MM-DD HH:mm:ss".to_owned(), |time| time.to_string());
        let message = format!("{name} must be in quotes: '{right}'");
        problems.error("unquoted_time", node.position, message);
        return read.map(|time| (time, node.position));
    }
    let Content::Text(_) = &node.content else {
        let wanted = "a date and time in quotes, such as '2012-06-01 00:00:00'";
        wrong_kind(node, &name, wanted, problems);
        return None;
    };
    let written = text(node, &name, problems)?;
    let time = WallTime::parse(written);
    if time.is_none() {
        let message = if has_form(written) {
            format!("{name}: there is no '{written}' in the calendar")
        } else {
            format!(
                "{name} must have the form '2012-06-01 00:00:00', not '{}'",
                shortened(written)
            )
        };
        problems.error("invalid_time", node.position, message);
    }
    time.map(|time| (time, node.position))
}

/// Whether a text has the form of a date and time, real or not.
fn has_form(written: &str) -> bool {
    let pattern = written
        .bytes()
        .map(|b| if b.is_ascii_digit() { b'd' } else { b });
    pattern.eq(*b"dddd-dd-dd dd:dd:dd")
}
