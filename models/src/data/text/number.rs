//! A cell to a float, by Python's rules.

use std::borrow::Cow;

use shared::value::parse_float;

/// The number in a cell: blanks around it, a sign, a point with or without digits on one side, an
/// exponent, `inf`, `infinity` and `nan` in any case, and single underscores between digits.
#[inline]
pub(crate) fn parse(cell: &str) -> Option<f64> {
    parse_float(cell).or_else(|| parse_leniently(cell))
}

/// The number in a cell with a comma before its decimals.
#[cold]
pub(in crate::data) fn parse_with_comma(cell: &str) -> Option<f64> {
    if cell.contains('.') {
        return None;
    }
    parse(&cell.replace(',', "."))
}

/// The most digits whose number is below 2⁵³, so that a float holds it exactly.
const EXACT_DIGITS: usize = 15;

/// The powers of ten that are divided by: floats hold them exactly, too.
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A number of few digits, with or without sign and decimals after a `point`, as most cells are, at
/// the front of a text; and the length of its cell, which ends with the text or before the byte
/// `end`. Digits and power of ten are exact, so their quotient is rounded once and is the float
/// closest to the cell.
#[inline]
pub(in crate::data) fn plain(text: &[u8], end: u8, point: u8) -> Option<(f64, usize)> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (mut number, mut count, mut places) = (0_u64, 0_usize, None);
    // With a point among the digits, and the end after them.
    for &byte in digits.iter().take(EXACT_DIGITS + 2) {
        let digit = byte.wrapping_sub(b'0');
        if byte == end {
            break;
        } else if digit <= 9 {
            number = number * 10 + u64::from(digit);
            count += 1;
        } else if byte == point && places.is_none() {
            places = Some(count);
        } else {
            return None;
        }
    }
    if count == 0 || count > EXACT_DIGITS {
        return None;
    }
    let length = usize::from(negative) + count + usize::from(places.is_some());
    if text.get(length).is_some_and(|&byte| byte != end) {
        return None;
    }
    let places = places.map_or(0, |before| count - before);
    let size = number as f64 / POWERS[places];
    Some((if negative { -size } else { size }, length))
}

/// A number of few digits at the front of a text, as [`plain`] reads them, and its length. What comes
/// after it is for the caller to look at.
#[cfg(any(test, feature = "examination"))]
#[inline]
pub(in crate::data) fn digits(text: &[u8], point: u8) -> Option<(f64, usize)> {
    let negative = text.first() == Some(&b'-');
    let mut at = usize::from(negative);
    let (mut number, first) = (0_u64, at);
    let digit_at = |at: usize| match text.get(at)?.wrapping_sub(b'0') {
        digit @ ..=9 => Some(u64::from(digit)),
        _ => None,
    };
    // One more than there may be, so that more are seen.
    while at <= first + EXACT_DIGITS
        && let Some(digit) = digit_at(at)
    {
        number = number * 10 + digit;
        at += 1;
    }
    let (mut count, mut places) = (at - first, 0);
    if text.get(at) == Some(&point) {
        at += 1;
        let decimals = at;
        while at - decimals + count <= EXACT_DIGITS
            && let Some(digit) = digit_at(at)
        {
            number = number * 10 + digit;
            at += 1;
        }
        places = at - decimals;
        count += places;
    }
    if count == 0 || count > EXACT_DIGITS {
        return None;
    }
    let size = number as f64 / POWERS[places];
    Some((if negative { -size } else { size }, at))
}

/// What Python reads and [`parse_float`] does not: blanks and underscores.
#[cold]
fn parse_leniently(cell: &str) -> Option<f64> {
    parse_float(&without_underscores(cell.trim())?)
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

    #[test]
    fn a_comma_before_decimals_is_read_where_it_is_said_and_points_are_not() {
        assert_eq!(plain(b"1,5;2", b';', b','), Some((1.5, 3)));
        assert_eq!(plain(b"1.5;2", b';', b','), None);
        for (cell, number) in [("1,5", 1.5), (" -,5 ", -0.5), ("3", 3.0), ("1,5e3", 1500.0)] {
            assert_eq!(parse_with_comma(cell), Some(number), "{cell:?}");
        }
        for cell in ["1.5", "1.234,5", "1,2,3", "", "n/a"] {
            assert_eq!(parse_with_comma(cell), None, "{cell:?}");
        }
    }

    #[test]
    fn a_cell_ends_at_its_delimiter_only() {
        assert_eq!(plain(b"1.5;2", b';', b'.'), Some((1.5, 3)));
        assert_eq!(plain(b"-3", b';', b'.'), Some((-3.0, 2)));
        assert_eq!(plain(b"1.5", b'.', b'.'), Some((1.0, 1)));
        assert_eq!(plain(b"15", b'5', b'.'), Some((1.0, 1)));
        for text in ["", ";1", "1e3;2", "1 ;2", "1,5;2", "1234567890123456;1"] {
            assert_eq!(plain(text.as_bytes(), b';', b'.'), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn plain_numbers_are_those_of_the_standard_library(
            cell in "-?[0-9]{0,9}[.]?[0-9]{0,9}",
            rest in "(,.{0,3})?",
        ) {
            let read = plain(format!("{cell}{rest}").as_bytes(), b',', b'.');
            let expected = cell.parse::<f64>().ok();
            prop_assert_eq!(digits(format!("{cell}{rest}").as_bytes(), b'.'), read);
            if let Some((number, length)) = read {
                prop_assert_eq!(Some(number.to_bits()), expected.map(f64::to_bits));
                prop_assert_eq!(length, cell.len());
            } else {
                let digits = cell.bytes().filter(u8::is_ascii_digit).count();
                prop_assert!(digits == 0 || digits > EXACT_DIGITS, "{} is plain", cell);
            }
        }

        #[test]
        fn every_float_comes_back_to_the_bit(float in any::<f64>().prop_filter("a number", |x| !x.is_nan())) {
            prop_assert_eq!(parse(&format!("{float:?}")).map(f64::to_bits), Some(float.to_bits()));
        }
    }
}
