//! The load duration curve: for which part of the time a power is at least so high.

/// Points of a curve.
const POINTS: usize = 400;

/// The powers of all rows, in kW: 4 bytes a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Durations(Vec<f32>);

impl Durations {
    /// Takes in the power of a row.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a picture has fewer digits"
    )]
    pub(super) fn push(&mut self, power: f64) {
        if power.is_finite() {
            self.0.push(power as f32);
        }
    }

    /// The curve: parts of the time from 0 to 1, each with the power that there is for so long at least, the
    /// highest first and the lowest last.
    pub(super) fn curve(mut self) -> Vec<(f64, f64)> {
        self.0.sort_by(|a, b| b.total_cmp(a));
        let rows = self.0.len();
        let Some(lowest) = self.0.last() else {
            return Vec::new();
        };
        let points = self.0.iter().enumerate().step_by(rows.div_ceil(POINTS));
        let point = |(row, power): (usize, &f32)| (row as f64 / rows as f64, f64::from(*power));
        let last = (1.0, f64::from(*lowest));
        points.map(point).chain([last]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_falls_from_the_highest_power_to_the_lowest() {
        let mut durations = Durations::default();
        for power in [2.0, 8.0, f64::NAN, 4.0, 4.0] {
            durations.push(power);
        }
        let curve = durations.curve();
        assert_eq!(
            curve,
            [(0.0, 8.0), (0.25, 4.0), (0.5, 4.0), (0.75, 2.0), (1.0, 2.0)]
        );
        assert_eq!(Durations::default().curve(), []);
        let mut many = Durations::default();
        (0..100_000).for_each(|power| many.push(f64::from(power)));
        let curve = many.curve();
        assert!(curve.len() <= POINTS + 1);
        assert_eq!(
            (curve[0].1, curve[curve.len() - 1].1),
            (99_999.0, 0.0),
            "no peak is lost"
        );
    }
}
