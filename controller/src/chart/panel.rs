//! A panel: lines over time, with their axes.

use std::fmt::Write;

use super::canvas::Canvas;
use super::numbers::Axis;
use super::style::COLOURS;
use super::time::marks;
use crate::results::Bucket;

/// Where a panel is on its canvas: the space of its lines, around which there is room for text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A line of a panel.
#[derive(Clone, Debug)]
pub(crate) struct Series<'a> {
    pub(crate) name: &'a str,
    pub(crate) colour: usize,
    pub(crate) buckets: &'a [Bucket],
}

/// Lines of one unit.
#[derive(Clone, Debug)]
pub(crate) struct Panel<'a> {
    /// Empty where it is not known or there is none.
    pub(crate) unit: &'a str,
    pub(crate) series: Vec<Series<'a>>,
    /// From when to when.
    pub(crate) span: (i64, i64),
}

/// About how wide a letter is.
const LETTER: f64 = 7.2;

/// How high a line of the legend is.
pub(crate) const LEGEND: f64 = 18.0;

impl Panel<'_> {
    /// The lines of names above the panel: which names are on which, and where.
    fn legend(&self, width: f64) -> Vec<(f64, f64)> {
        let (mut x, mut line) = (0.0, 0.0);
        let place = |series: &Series<'_>| {
            let length = 24.0 + LETTER * series.name.chars().count() as f64 + 12.0;
            if x > 0.0 && x + length > width {
                (x, line) = (0.0, line + 1.0);
            }
            let place = (x, line);
            x += length;
            place
        };
        self.series.iter().map(place).collect()
    }

    /// How high the legend is.
    pub(crate) fn legend_height(&self, width: f64) -> f64 {
        let last = self.legend(width).last().map_or(0.0, |place| place.1);
        (last + 1.0) * LEGEND
    }
}

impl Frame {
    fn x(&self, time: i64, (from, to): (i64, i64)) -> f64 {
        self.left + (time - from) as f64 / (to - from).max(1) as f64 * self.width
    }

    pub(crate) fn y(&self, value: f64, axis: &Axis) -> f64 {
        self.top + (1.0 - axis.part(value)) * self.height
    }

    /// Draws the axis of numbers with its unit.
    pub(crate) fn draw_numbers(&self, canvas: &mut Canvas, axis: &Axis, unit: &str) {
        let right = self.left + self.width;
        for (value, text) in axis.marks() {
            let y = self.y(value, axis);
            let class = if value.abs() < f64::EPSILON {
                "axis"
            } else {
                "grid"
            };
            canvas.line(class, [self.left, y], [right, y]);
            canvas.text([self.left - 6.0, y + 4.0], "end", &text);
        }
        if !unit.is_empty() {
            canvas.text([self.left - 6.0, self.top - 14.0], "end", unit);
        }
    }

    /// Draws marks on the axis below.
    pub(crate) fn draw_below(&self, canvas: &mut Canvas, marks: &[(f64, String)]) {
        let bottom = self.top + self.height;
        canvas.line(
            "axis",
            [self.left, bottom],
            [self.left + self.width, bottom],
        );
        for (part, text) in marks {
            let x = self.left + part * self.width;
            canvas.line("grid", [x, self.top], [x, bottom]);
            canvas.text([x, bottom + 16.0], "middle", text);
        }
    }
}

/// Draws a panel into its frame, with the names of its lines above.
pub(crate) fn draw(canvas: &mut Canvas, panel: &Panel<'_>, frame: Frame) {
    let buckets = || panel.series.iter().flat_map(|series| series.buckets);
    let low = buckets()
        .map(|b| b.low)
        .reduce(f64::min)
        .filter(|low| !low.is_nan());
    let high = buckets()
        .map(|b| b.high)
        .reduce(f64::max)
        .filter(|high| !high.is_nan());
    let axis = Axis::new(low.unwrap_or(0.0), high.unwrap_or(1.0), 5);
    // A text takes about 80 units.
    #[expect(clippy::cast_possible_truncation, reason = "a width in units")]
    let most = (frame.width / 80.0) as i64;
    let (from, to) = panel.span;
    let part = |moment: i64| (moment - from) as f64 / (to - from).max(1) as f64;
    let times = marks(from, to, most).into_iter();
    let times: Vec<(f64, String)> = times.map(|(moment, text)| (part(moment), text)).collect();
    frame.draw_below(canvas, &times);
    frame.draw_numbers(canvas, &axis, panel.unit);
    let top = frame.top - 8.0 - panel.legend_height(frame.width);
    for (series, (x, line)) in panel.series.iter().zip(panel.legend(frame.width)) {
        let (x, y) = (frame.left + x, top + line * LEGEND + 8.0);
        let colour = series.colour % COLOURS;
        canvas.line(&format!("line s{colour}"), [x, y], [x + 18.0, y]);
        canvas.text([x + 24.0, y + 4.0], "start", series.name);
    }
    for series in &panel.series {
        let class = format!("line s{}", series.colour % COLOURS);
        canvas.path(&class, commands(series.buckets, frame, panel.span, &axis));
    }
}

/// The line through the values, with gaps where there is none.
fn commands(buckets: &[Bucket], frame: Frame, span: (i64, i64), axis: &Axis) -> String {
    let (mut commands, mut is_down) = (String::new(), false);
    for bucket in buckets {
        let mut is_gap = true;
        for (time, value) in bucket.points() {
            let (x, y) = (frame.x(time, span), frame.y(value, axis));
            let command = if is_down { 'L' } else { 'M' };
            // Writing into a string cannot fail.
            let _ = write!(commands, "{command}{x:.1} {y:.1}");
            (is_down, is_gap) = (true, false);
        }
        is_down &= !is_gap;
    }
    if buckets.len() == 1 && is_down {
        // A line of no length is not seen.
        commands.push_str("h2");
    }
    commands
}
