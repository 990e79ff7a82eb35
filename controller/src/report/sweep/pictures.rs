//! The pictures of a sweep: tornados, and clouds of points.

use super::effects::Effect;
use super::table::Column;
use crate::chart::{Axis, COLOURS, Canvas, Frame};

const WIDTH: f64 = 560.0;

/// How high a bar is, with the space to the next one.
const BAR: f64 = 26.0;

/// More points than this are not told apart.
const POINTS: usize = 1000;

/// What each parameter does to an indicator: a bar from its mean at one end to that at the other.
pub(super) fn tornado(indicator: &Column, effects: &[Effect<'_>]) -> String {
    let (left, top) = (190.0, 40.0);
    let frame = Frame {
        left,
        top,
        width: WIDTH - left - 24.0,
        height: BAR * effects.len() as f64,
    };
    let label = format!("what decides {}", indicator.name);
    let mut canvas = Canvas::new(WIDTH, top + frame.height + 34.0, &label);
    let means = || effects.iter().flat_map(|effect| effect.means);
    let low = means().fold(f64::INFINITY, f64::min);
    let axis = Axis::new(low, means().fold(f64::NEG_INFINITY, f64::max), 5);
    let marks = axis.marks().map(|(value, text)| (axis.part(value), text));
    frame.draw_below(&mut canvas, &marks.collect::<Vec<_>>());
    canvas.text([left, 22.0], "start", &titled(indicator));
    for (place, effect) in effects.iter().enumerate() {
        let y = top + BAR * place as f64;
        let x = |mean: f64| frame.left + axis.part(mean) * frame.width;
        let [from, to] = effect.means.map(x);
        let width = (to - from).abs().max(1.0);
        canvas.rectangle(
            &format!("bar f{}", usize::from(to < from)),
            [from.min(to), y + 4.0],
            [width, BAR - 8.0],
        );
        canvas.text([left - 8.0, y + 12.0], "end", &effect.factor.name);
        let ends = format!("{} → {}", effect.ends[0], effect.ends[1]);
        canvas.text([left - 8.0, y + 24.0], "end", &ends);
    }
    canvas.finish()
}

/// An indicator over a parameter: a point a variant.
pub(super) fn cloud(factor: &Column, indicator: &Column, colour: usize) -> String {
    let (left, top, height) = (62.0, 46.0, 240.0);
    let frame = Frame {
        left,
        top,
        width: WIDTH - left - 24.0,
        height: height - top - 34.0,
    };
    let label = format!("{} over {}", indicator.name, factor.name);
    let mut canvas = Canvas::new(WIDTH, height, &label);
    let points = factor.values.iter().zip(&indicator.values);
    let points = points.filter(|(x, y)| x.is_finite() && y.is_finite());
    let points: Vec<(f64, f64)> = points.map(|(x, y)| (*x, *y)).collect();
    let axis_of = |of: fn(&(f64, f64)) -> f64| {
        let low = points.iter().map(of).fold(f64::INFINITY, f64::min);
        Axis::new(
            low,
            points.iter().map(of).fold(f64::NEG_INFINITY, f64::max),
            5,
        )
    };
    let (across, up) = (axis_of(|point| point.0), axis_of(|point| point.1));
    let marks: Vec<(f64, String)> = if factor.words.is_empty() {
        across
            .marks()
            .map(|(value, text)| (across.part(value), text))
            .collect()
    } else {
        let words = factor.words.iter().enumerate();
        words
            .map(|(place, word)| (across.part(place as f64), word.clone()))
            .collect()
    };
    frame.draw_below(&mut canvas, &marks);
    frame.draw_numbers(&mut canvas, &up, &indicator.unit);
    canvas.text([left, 22.0], "start", &label);
    let stride = points.len().div_ceil(POINTS).max(1);
    for (x, y) in points.iter().step_by(stride) {
        let at = [frame.left + across.part(*x) * frame.width, frame.y(*y, &up)];
        canvas.circle(&format!("point f{}", colour % COLOURS), at, 2.0);
    }
    canvas.finish()
}

fn titled(indicator: &Column) -> String {
    match indicator.unit.as_str() {
        "" => indicator.name.clone(),
        unit => format!("{}, {unit}", indicator.name),
    }
}
