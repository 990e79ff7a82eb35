//! A plot as SVG.

use super::gather::{Line, Plot};
use crate::chart::{Canvas, Frame, Panel, STYLE, Series, draw, light};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 28.0;
/// How high the lines of a panel are.
const HIGH: f64 = 220.0;
/// Room below a panel, for its times.
const BELOW: f64 = 36.0;
/// Room above the names of lines, and between these and the panel.
const ABOVE: f64 = 22.0;

/// The plot as a picture that stands alone: a panel for each unit, in the order of the items.
pub(crate) fn to_svg(plot: &Plot) -> String {
    let panels = panels(plot);
    let width = WIDTH - LEFT - RIGHT;
    let taken = |panel: &Panel<'_>| ABOVE + panel.legend_height(width) + HIGH + BELOW;
    let height: f64 = panels.iter().map(taken).sum();
    let names: Vec<&str> = plot.lines.iter().map(|line| &*line.column.name).collect();
    let style = format!("{STYLE}{}", light());
    let canvas = Canvas::new(WIDTH, height, &names.join(", "));
    let mut canvas = canvas.alone(WIDTH, height, &style);
    let mut top = 0.0;
    for panel in &panels {
        let frame = Frame {
            left: LEFT,
            top: top + ABOVE + panel.legend_height(width),
            width,
            height: HIGH,
        };
        draw(&mut canvas, panel, frame);
        top += taken(panel);
    }
    canvas.finish()
}

/// Lines of one unit are in one panel; so are those of which none is known.
fn panels(plot: &Plot) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for (colour, Line { column, values }) in plot.lines.iter().enumerate() {
        let unit = column.unit.as_deref().unwrap_or_default();
        let series = Series {
            name: &column.name,
            colour,
            buckets: values.buckets(),
        };
        match panels.iter_mut().find(|panel| panel.unit == unit) {
            Some(panel) => panel.series.push(series),
            None => panels.push(Panel {
                unit,
                series: vec![series],
                span: plot.span,
            }),
        }
    }
    panels
}
