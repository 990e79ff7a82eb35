//! A cell to a float, by Python's rules.

use std::borrow::Cow;

/// The number in a cell: blanks around it, a sign, a point with or without digits on one side, an
/// exponent, `inf`, `infinity` and `nan` in any case, and single underscores between digits.
pub(crate) fn parse(cell: &str) -> Option<f64> {
    let text = without_underscores(cell.trim())?;
    text.parse().ok()
}

fn without_underscores(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let bytes = text.as_bytes();
    let is_digit = |index: Option<usize>| {
        index
            .and_then(|index| bytes.get(index))
            .is_some_and(u8::is_ascii_digit)
    };
    let mut underscores = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    let fits =
        underscores.all(|(index, _)| is_digit(index.checked_sub(1)) && is_digit(Some(index + 1)));
    fits.then(|| text.replace('_', "").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cells_are_read_as_python_reads_them() {
        for (cell, number) in [
            ("1", 1.0),
            (" 1.5\t", 1.5),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("-0", -0.0),
            ("007", 7.0),
            ("1e3", 1000.0),
            ("1E-3", 0.001),
            ("1_000.5", 1000.5),
            ("1e1_0", 1e10),
            ("iNf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e400", f64::INFINITY),
            ("0.1000000000000000055511151231257827", 0.1),
        ] {
            assert_eq!(
                parse(cell).map(f64::to_bits),
                Some(f64::to_bits(number)),
                "{cell:?}"
            );
        }
        assert!(parse("NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn what_python_does_not_read_is_no_number() {
        for cell in [
            "", " ", "n/a", "1,5", "0x10", "_1", "1_", "1__0", "1_.5", "1e", "1 2", "--1",
            "infinit",
        ] {
            assert_eq!(parse(cell), None, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn every_float_comes_back_to_the_bit(float in any::<f64>().prop_filter("a number", |x| !x.is_nan())) {
            prop_assert_eq!(parse(&format!("{float:?}")).map(f64::to_bits), Some(float.to_bits()));
        }
    }
}
