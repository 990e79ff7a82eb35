//! Flows of energy between what makes it and what uses it.

use std::collections::BTreeMap;

use super::canvas::Canvas;

/// A flow from one place to the next one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) from: String,
    pub(crate) to: String,
    /// In kWh, above 0.
    pub(crate) energy: f64,
    pub(crate) colour: usize,
}

/// Room between two places, one above the other.
const GAP: f64 = 26.0;
/// How wide a place is.
const BAR: f64 = 12.0;
/// Room for names, on both sides.
const SIDE: f64 = 190.0;
const WIDTH: f64 = 760.0;
const TOP: f64 = 24.0;
/// How high all energy of a column is drawn.
const HEIGHT: f64 = 220.0;

/// A place: what flows in and out of it, and where it is.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    entering: f64,
    leaving: f64,
    top: f64,
    /// What has been drawn of both.
    drawn: [f64; 2],
}

impl Place {
    fn energy(&self) -> f64 {
        self.entering.max(self.leaving)
    }

    /// Left where nothing enters, right where nothing leaves, else in the middle.
    fn column(&self) -> usize {
        match (self.entering > 0.0, self.leaving > 0.0) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => 2,
        }
    }
}

/// Draws flows. `written` says how energies are written; a place is told by its name, and those that are met
/// first are on top.
pub(crate) fn sankey(links: &[Link], label: &str, written: impl Fn(f64) -> String) -> String {
    let mut order: Vec<&str> = Vec::new();
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for link in links {
        for (name, is_source) in [(&*link.from, true), (&*link.to, false)] {
            let place = places.entry(name).or_insert_with(|| {
                order.push(name);
                Place::default()
            });
            let side = if is_source {
                &mut place.leaving
            } else {
                &mut place.entering
            };
            *side += link.energy;
        }
    }
    let mut columns: [Vec<&str>; 3] = Default::default();
    for name in order {
        columns[places[name].column()].push(name);
    }
    let energy = |names: &Vec<&str>| names.iter().map(|name| places[name].energy()).sum::<f64>();
    let most = columns.iter().map(energy).fold(f64::MIN_POSITIVE, f64::max);
    let (scale, rows) = (
        HEIGHT / most,
        columns.iter().map(Vec::len).max().unwrap_or(1),
    );
    let height = TOP + HEIGHT + GAP * rows as f64;
    for names in &columns {
        let used = names
            .iter()
            .map(|name| places[name].energy() * scale + GAP)
            .sum::<f64>();
        let mut top = TOP + (height - TOP - used) / 2.0;
        for name in names {
            if let Some(place) = places.get_mut(name) {
                place.top = top;
                top += place.energy() * scale + GAP;
            }
        }
    }
    let mut canvas = Canvas::new(WIDTH, height, label);
    draw_links(&mut canvas, links, &mut places, scale);
    for (column, names) in columns.iter().enumerate() {
        for name in names {
            draw_place(&mut canvas, name, &places[name], column, scale, &written);
        }
    }
    canvas.finish()
}

fn left_of(column: usize) -> f64 {
    let step = (WIDTH - 2.0 * SIDE - BAR) / 2.0;
    SIDE + step * column as f64
}

fn draw_links(canvas: &mut Canvas, links: &[Link], places: &mut BTreeMap<&str, Place>, scale: f64) {
    for link in links {
        let thick = link.energy * scale;
        let mut ends = [0.0; 4];
        for (name, side) in [(&*link.from, 0), (&*link.to, 1)] {
            let Some(place) = places.get_mut(name) else {
                continue;
            };
            ends[2 * side] = left_of(place.column()) + if side == 0 { BAR } else { 0.0 };
            ends[2 * side + 1] = place.top + place.drawn[side];
            place.drawn[side] += thick;
        }
        let [x1, y1, x2, y2] = ends;
        let (middle, below1, below2) = (f64::midpoint(x1, x2), y1 + thick, y2 + thick);
        canvas.path(
            &format!("flow f{}", link.colour),
            format_args!(
                "M{x1:.1} {y1:.1}C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}\
                 V{below2:.1}C{middle:.1} {below2:.1} {middle:.1} {below1:.1} {x1:.1} {below1:.1}Z"
            ),
        );
    }
}

fn draw_place(
    canvas: &mut Canvas,
    name: &str,
    place: &Place,
    column: usize,
    scale: f64,
    written: &impl Fn(f64) -> String,
) {
    let (left, high) = (left_of(column), place.energy() * scale);
    canvas.rectangle("f7", [left, place.top], [BAR, high.max(1.0)]);
    let energy = written(place.energy());
    let middle = place.top + high / 2.0;
    match column {
        0 => {
            canvas.text([left - 8.0, middle - 2.0], "end", name);
            canvas.text([left - 8.0, middle + 13.0], "end", &energy);
        }
        1 => {
            let text = format!("{name}, {energy}");
            canvas.text([left + BAR / 2.0, place.top - 6.0], "middle", &text);
        }
        _ => {
            canvas.text([left + BAR + 8.0, middle - 2.0], "start", name);
            canvas.text([left + BAR + 8.0, middle + 13.0], "start", &energy);
        }
    }
}
