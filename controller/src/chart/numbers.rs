//! The axis of numbers.

/// The ends of an axis, and the marks on it, which are round numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
}

impl Axis {
    /// An axis for values between these two, with about this many marks. It has the zero on it where that is
    /// not far.
    pub(crate) fn new(low: f64, high: f64, marks: u32) -> Self {
        let (mut low, mut high) = (low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300));
        if low > 0.0 && low < high * 0.6 {
            low = 0.0;
        }
        if high < 0.0 && high > low * 0.6 {
            high = 0.0;
        }
        if (high - low) <= high.abs().max(low.abs()) * 1e-9 {
            let room = high.abs().max(1.0) * 0.1;
            (low, high) = (low - room, high + room);
        }
        let step = round_step((high - low) / f64::from(marks.max(1)));
        Self {
            low: (low / step).floor() * step,
            high: (high / step).ceil() * step,
            step,
        }
    }

    /// The marks, each with its text.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (f64, String)> + use<> {
        const MOST: u32 = 50;
        let Self { low, high, step } = *self;
        let marks = (0..MOST).map(move |number| low + f64::from(number) * step);
        marks
            .take_while(move |mark| *mark <= high + step * 1e-6)
            .map(move |mark| (mark, written(mark, step)))
    }

    /// Where a value is, from 0 at the low end to 1 at the high one.
    pub(crate) fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// The next step of 1, 2 or 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let wanted = step / power;
    let round = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|round| wanted <= round * (1.0 + 1e-9));
    round.unwrap_or(10.0) * power
}

/// A mark with as many decimals as its step needs.
fn written(mark: f64, step: f64) -> String {
    // A mark that is nothing but the rounding of sums.
    let mark = if mark.abs() < step * 1e-6 { 0.0 } else { mark };
    if !(1e-5..1e7).contains(&step) {
        return format!("{mark:e}");
    }
    let decimals = usize::from(step < 1.0)
        + [0.1, 0.01, 0.001, 1e-4]
            .iter()
            .filter(|p| step < **p * 0.999)
            .count();
    format!("{mark:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(low: f64, high: f64) -> Vec<String> {
        Axis::new(low, high, 5).marks().map(|mark| mark.1).collect()
    }

    #[test]
    fn marks_are_round_and_hold_all_values() {
        assert_eq!(texts(0.0, 9.3), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(texts(-0.3, 0.31), ["-0.4", "-0.2", "0.0", "0.2", "0.4"]);
        assert_eq!(
            texts(10.0, 90.0),
            ["0", "20", "40", "60", "80", "100"],
            "zero is near"
        );
        assert_eq!(texts(97.0, 99.0), ["97.0", "97.5", "98.0", "98.5", "99.0"]);
        assert_eq!(
            texts(-50.0, -10.0),
            ["-50", "-40", "-30", "-20", "-10", "0"]
        );
        assert_eq!(texts(0.0, 0.013), ["0.000", "0.005", "0.010", "0.015"]);
        assert_eq!(texts(0.0, 5e9), ["0e0", "1e9", "2e9", "3e9", "4e9", "5e9"]);
    }

    #[test]
    fn a_constant_has_room_around_it() {
        let axis = Axis::new(7.0, 7.0, 5);
        assert!(axis.low < 7.0 && axis.high > 7.0);
    }

    proptest! {
        #[test]
        fn every_value_is_on_its_axis(a in prop::num::f64::NORMAL, b in prop::num::f64::NORMAL) {
            let axis = Axis::new(a.min(b), a.max(b), 5);
            prop_assert!(axis.high > axis.low, "{axis:?}");
            for value in [a, b].map(|value| value.clamp(-1e300, 1e300)) {
                let part = axis.part(value);
                prop_assert!((-1e-6..=1.0 + 1e-6).contains(&part), "{part} {axis:?}");
            }
            prop_assert!(axis.marks().count() <= 50);
        }
    }
}
