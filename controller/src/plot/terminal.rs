//! A plot as text, of dots in Braille: each letter has two of them side by side, and four one above the
//! other.

use std::fmt::Write;

use shared::time::WallTime;

use super::gather::{Line, Plot};
use crate::chart::{Axis, marks};
use crate::output::printable_line;

/// Letters one above the other.
const ROWS: usize = 8;
/// Room for numbers on the left.
const LEFT: usize = 10;
/// Dots of a letter.
const ACROSS: usize = 2;
const DOWN: usize = 4;

/// The colours of the lines, one after the other.
const COLOURS: [u8; 6] = [34, 33, 32, 35, 36, 31];

/// The plot, a picture for each item, as wide as this.
pub(crate) fn to_text(plot: &Plot, width: usize, colours: bool) -> String {
    let mut text = String::new();
    for (number, line) in plot.lines.iter().enumerate() {
        let colour = colours.then(|| COLOURS[number % COLOURS.len()]);
        draw(&mut text, line, plot.span, width, colour);
    }
    text
}

fn draw(text: &mut String, line: &Line, span: (i64, i64), width: usize, colour: Option<u8>) {
    let columns = width.saturating_sub(LEFT + 2).max(8);
    let unit = line.column.unit.as_deref().unwrap_or_default();
    let name = printable_line(&line.column.name);
    let Some((low, high)) = line.values.range() else {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{name}: no numbers\n");
        return;
    };
    let head = if unit.is_empty() {
        name.into_owned()
    } else {
        format!("{name}, {unit}")
    };
    let _ = writeln!(text, "{:LEFT$}  {head}", "");
    let axis = Axis::new(low, high, 4);
    let dots = Dots::of(line, span, &axis, columns);
    let (on, off) = match colour {
        Some(colour) => (format!("\x1b[{colour}m"), "\x1b[0m"),
        None => (String::new(), ""),
    };
    let mut numbers = vec![String::new(); ROWS];
    for (value, written) in axis.marks() {
        numbers[row_of(axis.part(value), ROWS)] = written;
    }
    for (row, number) in numbers.iter().enumerate() {
        let letters = dots.letters(row);
        let _ = writeln!(
            text,
            "{number:>LEFT$} ┤{on}{}{off}",
            letters.trim_end_matches('\u{2800}')
        );
    }
    let _ = writeln!(text, "{:LEFT$} └{}", "", "─".repeat(columns));
    let _ = writeln!(text, "{:LEFT$}  {}\n", "", times(span, columns));
}

/// Which of so many rows a part of the axis is in, the highest first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within the rows"
)]
fn row_of(part: f64, rows: usize) -> usize {
    let last = (rows - 1) as f64;
    ((1.0 - part) * last).round().clamp(0.0, last) as usize
}

/// Dots that are set or not.
struct Dots {
    set: Vec<bool>,
    across: usize,
}

impl Dots {
    fn of(line: &Line, (from, to): (i64, i64), axis: &Axis, columns: usize) -> Self {
        let across = columns * ACROSS;
        let mut dots = Self {
            set: vec![false; across * ROWS * DOWN],
            across,
        };
        let mut before = None;
        for bucket in line.values.buckets() {
            let mut is_gap = true;
            for (time, value) in bucket.points() {
                let part = (time - from) as f64 / (to - from).max(1) as f64;
                let x = across - 1 - row_of(part, across);
                let y = row_of(axis.part(value), ROWS * DOWN);
                dots.join(before.unwrap_or((x, y)), (x, y));
                (before, is_gap) = (Some((x, y)), false);
            }
            if is_gap {
                before = None;
            }
        }
        dots
    }

    /// Sets the dots of a line.
    fn join(&mut self, (x1, y1): (usize, usize), (x2, y2): (usize, usize)) {
        let steps = x1.abs_diff(x2).max(y1.abs_diff(y2)).max(1);
        let between =
            |a: usize, b: usize, step: usize| (a * (steps - step) + b * step + steps / 2) / steps;
        for step in 0..=steps {
            let (x, y) = (between(x1, x2, step), between(y1, y2, step));
            if let Some(dot) = self.set.get_mut(y * self.across + x) {
                *dot = true;
            }
        }
    }

    /// A row of letters.
    fn letters(&self, row: usize) -> String {
        /// What each dot adds to a letter, from left to right, then down.
        const BITS: [[u32; ACROSS]; DOWN] = [[1, 8], [2, 16], [4, 32], [64, 128]];
        let letter = |column: usize| {
            let mut code = 0x2800;
            for (down, bits) in BITS.iter().enumerate() {
                for (side, bit) in bits.iter().enumerate() {
                    let place = (row * DOWN + down) * self.across + column * ACROSS + side;
                    code += if self.set[place] { *bit } else { 0 };
                }
            }
            char::from_u32(code).unwrap_or(' ')
        };
        (0..self.across / ACROSS).map(letter).collect()
    }
}

/// The line of times below: round ones where they have room, and the first and the last where none has.
fn times((from, to): (i64, i64), columns: usize) -> String {
    let most = i64::try_from(columns / 12).unwrap_or(1).max(1);
    let mut line = String::new();
    for (moment, text) in marks(from, to, most) {
        let part = (moment - from) as f64 / (to - from).max(1) as f64;
        let place = columns - 1 - row_of(part, columns);
        let length = line.chars().count();
        let is_free = place > length || length == 0;
        if is_free && place + text.chars().count() <= columns {
            line.push_str(&" ".repeat(place - length));
            line.push_str(&text);
        }
    }
    if line.is_empty() {
        let at = WallTime::from_seconds;
        return format!("{} to {}", at(from), at(to));
    }
    line
}
