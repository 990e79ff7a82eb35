//! What somebody has looked at from time to time: values that are not recorded.

use std::ops::Range;

use shared::time::Tick;

use super::store::{Extent, MAX_POINTS, Part};

/// The most values that are kept; with more, every second one goes.
const MOST: usize = 65_536;

/// Values at some ticks.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    values: Vec<(Tick, f64)>,
}

impl Sampled {
    /// Adds a value, unless there is one of this tick.
    pub(super) fn push(&mut self, tick: Tick, value: f64) {
        if self.values.last().is_some_and(|(last, _)| *last >= tick) {
            return;
        }
        if self.values.len() >= MOST {
            let mut number = 0;
            self.values.retain(|_| {
                number += 1;
                number % 2 == 0
            });
        }
        self.values.push((tick, value));
    }

    /// What there is between two ticks, in about so many pieces.
    pub(super) fn part(&self, range: Range<Tick>, points: u64) -> Part {
        let first = self.values.partition_point(|(tick, _)| *tick < range.start);
        let last = self.values.partition_point(|(tick, _)| *tick < range.end);
        let values = &self.values[first..last.max(first)];
        let span = match values {
            [(from, _), .., (to, _)] => to - from + 1,
            _ => 1,
        };
        let points = points.clamp(1, MAX_POINTS);
        let mut part = Part::new(span.div_ceil(points));
        if (values.len() as u64) <= points {
            part.width = 1;
        }
        for (tick, value) in values {
            part.add(*tick, Extent::of(*value));
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_stay_within_a_limit_and_can_be_had_in_pieces() {
        let mut sampled = Sampled::default();
        for tick in 0..200_000 {
            sampled.push(tick * 3, tick as f64);
            sampled.push(tick * 3, -1.0);
        }
        assert!(sampled.values.len() <= MOST);
        let all = sampled.part(0..700_000, 100);
        assert!(
            (50..=102).contains(&all.pieces.len()),
            "{}",
            all.pieces.len()
        );
        let newest = sampled.part(599_990..700_000, 100);
        assert_eq!(
            (newest.width, newest.pieces.last().map(|p| p.0)),
            (1, Some(599_997))
        );
        assert!(sampled.part(700_000..800_000, 10).pieces.is_empty());
    }
}
