//! Scenes as an SVG.

use std::fmt::Write as _;

use super::scene::{End, Scene, Scenes};
use crate::log::Shown;

/// The units: the folder of their sockets, what they are called, and where they stand.
const UNITS: [(&str, &str, Point); 6] = [
    ("wind", "wind park", (110.0, 110.0)),
    ("grid", "grid outside", (340.0, 110.0)),
    ("campus", "campus", (570.0, 110.0)),
    ("sun", "solar park", (800.0, 110.0)),
    ("house", "house", (340.0, 330.0)),
    ("battery", "battery", (570.0, 330.0)),
];

type Point = (f64, f64);

/// Half the width and half the height of a unit.
const HALF: Point = (62.0, 30.0);

const HEAD: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 910 450" role="img" aria-label="A table with six units and the cables between them">
<style>
text { font: 15px system-ui, sans-serif; fill: #e6e9ef; text-anchor: middle }
.caption { font-size: 17px; fill: #ffd479 }
.unit { fill: #2b3240; stroke: #566178; stroke-width: 1.5 }
.strip { stroke: #3d4452; stroke-width: 5; stroke-linecap: round }
.lit { stroke-width: 6; stroke-linecap: round }
.in { fill: #cfd6e4 }
.out { fill: none; stroke: #7b869c; stroke-width: 1.5 }
.later { visibility: hidden }
</style>
<rect width="910" height="450" rx="14" fill="#171b23"/>
"##;

/// The picture.
pub(super) fn svg(scenes: &Scenes) -> String {
    let mut svg = HEAD.to_owned();
    // What all begins of scenes count from, again and again.
    let _ = writeln!(
        svg,
        "<rect width=\"0\" height=\"0\"><animate id=\"loop\" attributeName=\"x\" begin=\"0s;loop.end\" \
         dur=\"{:.3}s\" from=\"0\" to=\"0\"/></rect>",
        scenes.length
    );
    for scene in &scenes.cables {
        cable(&mut svg, scene);
    }
    for (_, name, (x, y)) in UNITS {
        let (w, h) = HALF;
        let _ = writeln!(
            svg,
            "<rect class=\"unit\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>\
             <text x=\"{x}\" y=\"{}\">{name}</text>",
            x - w,
            y - h,
            2.0 * w,
            2.0 * h,
            y + 5.0
        );
    }
    for (start, end, text) in &scenes.captions {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            svg,
            "<text class=\"caption later\" x=\"455\" y=\"425\">{text}{}</text>",
            visible(*start, *end)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Makes what is around it visible for a time.
fn visible(start: f64, end: f64) -> String {
    format!(
        "<set attributeName=\"visibility\" to=\"visible\" begin=\"loop.begin+{start:.3}s\" dur=\"{:.3}s\"/>",
        end - start
    )
}

/// A cable for the time of a scene.
fn cable(svg: &mut String, scene: &Scene) {
    let ends = &scene.cable.ends;
    if ends.iter().all(|end| end.socket.is_none()) {
        // It lies beside the table.
        return;
    }
    let visible = visible(scene.start, scene.end);
    let _ = write!(svg, "<g class=\"later\">{visible}");
    if let [a, b] = ends.as_slice() {
        let (from, to) = (place(a, b), place(b, a));
        strip(svg, scene, from, to);
        plug(svg, from, a.socket.is_some());
        plug(svg, to, b.socket.is_some());
    } else if let Some(end) = ends.first() {
        let at = socket(end.socket.as_deref().unwrap_or(&end.home));
        plug(svg, at, true);
        let _ = write!(
            svg,
            "<text class=\"caption\" x=\"{}\" y=\"{}\">winter</text>",
            at.0,
            at.1 + 26.0
        );
    }
    svg.push_str("</g>\n");
}

/// The strip of a cable, from the end that drives it, and what it shows.
fn strip(svg: &mut String, scene: &Scene, from: Point, to: Point) {
    let line = format!(
        "x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"",
        from.0, from.1, to.0, to.1
    );
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    // Twenty pixels.
    let pixels = format!("stroke-dasharray=\"0 {:.2}\"", length / 19.0);
    let _ = write!(svg, "<line class=\"strip\" {line} {pixels}/>");
    let Some(shown) = scene.shown else {
        return;
    };
    let colour = colour(&shown);
    let Some(pace) = shown.pace else {
        let _ = write!(
            svg,
            "<line class=\"lit\" {line} {pixels} stroke=\"{colour}\"/>"
        );
        return;
    };
    let (first, last) = if shown.away { (from, to) } else { (to, from) };
    // The browser shows sixty pictures a second, and a round has twenty-one phases.
    let round = (pace.max(12) * 21) as f64 / 1000.0;
    let _ = write!(
        svg,
        "<circle r=\"6.5\" fill=\"{colour}\"><animateMotion path=\"M{:.1} {:.1}L{:.1} {:.1}\" \
         begin=\"loop.begin+{:.3}s\" dur=\"{round:.3}s\" repeatDur=\"{:.3}s\"/></circle>",
        first.0,
        first.1,
        last.0,
        last.1,
        scene.start,
        scene.end - scene.start
    );
}

/// A colour as an eye sees it: the dim white of a pixel is not black.
fn colour(shown: &Shown) -> String {
    match shown.colour {
        [red, green, blue] if red.max(green).max(blue) <= 20 => {
            let [red, green, blue] = [red, green, blue].map(|part| 60 + 8 * u16::from(part));
            format!("rgb({red},{green},{blue})")
        }
        [red, green, blue] => format!("rgb({red},{green},{blue})"),
    }
}

fn plug(svg: &mut String, (x, y): Point, is_in: bool) {
    let class = if is_in { "in" } else { "out" };
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"14\" height=\"14\" rx=\"3\"/>",
        x - 7.0,
        y - 7.0
    );
}

/// Where an end is: in its socket, or beside it, a bit towards the other end.
fn place(end: &End, other: &End) -> Point {
    if let Some(device) = &end.socket {
        return socket_towards(device, other);
    }
    let (x, y) = socket_towards(&end.home, other);
    let (ox, oy) = middle(other.socket.as_deref().unwrap_or(&other.home));
    let length = (ox - x).hypot(oy - y).max(1.0);
    (x + (ox - x) / length * 34.0, y + (oy - y) / length * 34.0)
}

/// The middle of the unit that a socket belongs to.
fn middle(device: &str) -> Point {
    let folder = device.split('/').next().unwrap_or_default();
    let unit = UNITS.iter().find(|(name, ..)| *name == folder);
    unit.map_or((455.0, 225.0), |(_, _, at)| *at)
}

/// The place of a socket at the side of its unit that looks to the other end.
fn socket_towards(device: &str, other: &End) -> Point {
    let (x, y) = middle(device);
    let (ox, oy) = middle(other.socket.as_deref().unwrap_or(&other.home));
    let ((w, h), (dx, dy)) = (HALF, (ox - x, oy - y));
    if (dx, dy) == (0.0, 0.0) {
        // Both ends are at one unit.
        return socket(device);
    }
    let scale = (w / dx.abs().max(0.001)).min(h / dy.abs().max(0.001));
    (x + dx * scale, y + dy * scale)
}

/// The place of a socket at the lower side of its unit.
fn socket(device: &str) -> Point {
    let (x, y) = middle(device);
    let number = device.bytes().last().unwrap_or(b'0').saturating_sub(b'0');
    (x - 42.0 + 28.0 * f64::from(number.min(3)), y + HALF.1)
}

#[cfg(test)]
mod tests {
    use super::super::draw;
    use crate::log::{Event, Shown, What};
    use std::time::Duration;

    #[test]
    fn a_flow_runs_from_the_end_that_drives_it_or_to_it() {
        let script = "#cable 3 house/ttyACM0 grid/ttyACM1\n0 plug grid/ttyACM1 text 3\n\
                      0 plug house/ttyACM0 text 3\n5 end\n";
        for (away, path) in [
            (true, "M340.0 300.0L340.0 140.0"),
            (false, "M340.0 140.0L340.0 300.0"),
        ] {
            let event = Event {
                time: Duration::from_secs(1),
                device: "house/ttyACM0".into(),
                what: What::Shows(Shown {
                    pace: Some(50),
                    colour: [254, 0, 0],
                    away,
                }),
            };
            let svg = draw(script, &[event]).expect("a picture");
            assert!(svg.contains(path), "{svg}");
            assert!(
                svg.contains("rgb(254,0,0)") && svg.contains("dur=\"1.050s\""),
                "{svg}"
            );
        }
    }
}
