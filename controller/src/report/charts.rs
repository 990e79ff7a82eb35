//! The pictures of a report.

use std::fmt::Write;

use super::profile::OfHour;
use crate::chart::{Axis, COLOURS, Canvas, Frame, Panel, Series, draw};
use crate::results::{Column, Reduction};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 240.0;

/// A column with its place, which gives it a colour.
pub(super) type Placed<'a> = (usize, &'a Column);

fn frame() -> Frame {
    let (left, top) = (62.0, 46.0);
    Frame {
        left,
        top,
        width: WIDTH - left - 24.0,
        height: HEIGHT - top - 34.0,
    }
}

/// The values of an item over time.
pub(super) fn item((place, column): Placed<'_>, values: &Reduction, span: (i64, i64)) -> String {
    let label = format!("{} over time", column.name);
    let mut canvas = Canvas::new(WIDTH, HEIGHT, &label);
    let panel = Panel {
        unit: unit_of(column),
        series: vec![Series {
            name: &column.name,
            colour: place,
            buckets: values.buckets(),
        }],
        span,
    };
    draw(&mut canvas, &panel, frame());
    canvas.finish()
}

/// The days of an item: the mean of each hour, and between which values it is.
pub(super) fn day((place, column): Placed<'_>, hours: &[OfHour]) -> String {
    let (mut canvas, frame) = (
        Canvas::new(WIDTH, HEIGHT, &format!("days of {}", column.name)),
        frame(),
    );
    let low = hours
        .iter()
        .map(|hour| hour.low)
        .fold(f64::INFINITY, f64::min);
    let high = hours
        .iter()
        .map(|hour| hour.high)
        .fold(f64::NEG_INFINITY, f64::max);
    let axis = Axis::new(low, high, 5);
    let marks = (0..=24).step_by(6);
    let marks: Vec<_> = marks
        .map(|hour| (f64::from(hour) / 24.0, format!("{hour}:00")))
        .collect();
    frame.draw_below(&mut canvas, &marks);
    frame.draw_numbers(&mut canvas, &axis, unit_of(column));
    canvas.text([frame.left, 22.0], "start", &column.name);
    // An hour is a step as wide as it is long.
    let steps = |of: fn(&OfHour) -> f64| {
        let ends = move |hour: &OfHour| {
            [hour.hour, hour.hour + 1].map(|end| (end as f64 / 24.0, of(hour)))
        };
        hours.iter().flat_map(ends).collect::<Vec<_>>()
    };
    let mut band = steps(|hour| hour.high);
    band.extend(steps(|hour| hour.low).into_iter().rev());
    let colour = place % COLOURS;
    canvas.path(
        &format!("band f{colour}"),
        format_args!("{}Z", path(&band, frame, &axis)),
    );
    canvas.path(
        &format!("line s{colour}"),
        path(&steps(|hour| hour.mean), frame, &axis),
    );
    canvas.finish()
}

/// The load duration curve.
pub(super) fn durations(curve: &[(f64, f64)]) -> String {
    let (mut canvas, frame) = (Canvas::new(WIDTH, HEIGHT, "load duration curve"), frame());
    let powers = || curve.iter().map(|point| point.1);
    let low = powers().fold(f64::INFINITY, f64::min).min(0.0);
    let axis = Axis::new(low, powers().fold(f64::NEG_INFINITY, f64::max), 5);
    let marks = (0..=4).map(|quarter| f64::from(quarter) / 4.0);
    let marks: Vec<_> = marks
        .map(|part| (part, format!("{} %", part * 100.0)))
        .collect();
    frame.draw_below(&mut canvas, &marks);
    frame.draw_numbers(&mut canvas, &axis, "kW");
    canvas.text(
        [frame.left, 22.0],
        "start",
        "all that is used, the highest first",
    );
    canvas.path("line s0", path(curve, frame, &axis));
    canvas.finish()
}

/// A line through points, whose first parts are those of the width.
fn path(points: &[(f64, f64)], frame: Frame, axis: &Axis) -> String {
    let mut commands = String::new();
    for (number, (part, value)) in points.iter().enumerate() {
        let x = frame.left + part * frame.width;
        let y = frame.y(*value, axis);
        let command = if number == 0 { 'M' } else { 'L' };
        // Writing into a string cannot fail.
        let _ = write!(commands, "{command}{x:.1} {y:.1}");
    }
    commands
}

fn unit_of(column: &Column) -> &str {
    column.unit.as_deref().unwrap_or_default()
}
