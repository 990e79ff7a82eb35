//! Decimals to floats.
//!
//! The standard library has a table of 10 KB for that, and beside it what the table is not enough for. Here it
//! is done with that alone: integers of any length, the top of which is rounded once. A node is 13 KB smaller
//! for it. Cells of few digits, which are most, do not come here: data files have a shorter way for them.

mod large;
#[cfg(test)]
mod tests;

use large::Large;

/// The float that is closest to a decimal, and of two that are equally close the even one. A decimal is what it
/// is for the standard library: a sign, digits, a point before, among or after them, an exponent; or `inf`,
/// `infinity` and `nan` in any case.
pub fn parse_float(text: &str) -> Option<f64> {
    let (negative, size) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let size = match Decimal::read(size) {
        Some(decimal) => decimal.to_float(),
        None => named(size)?,
    };
    Some(if negative { -size } else { size })
}

fn named(name: &[u8]) -> Option<f64> {
    match name.to_ascii_lowercase().as_slice() {
        b"nan" => Some(f64::NAN),
        b"inf" | b"infinity" => Some(f64::INFINITY),
        _ => None,
    }
}

/// Digits before and after a point, from the first on that is no zero. The last one is times a power of ten.
struct Decimal<'a> {
    whole: &'a [u8],
    decimals: &'a [u8],
    power: i32,
}

/// No float has more digits, and neither has what lies in the middle of two: what comes after so many can only
/// say that it is a bit more than that.
const MOST_DIGITS: usize = 800;

/// With its first digit so many places before the point, a decimal is infinite, and so many behind it, zero.
const FAR: i32 = 330;

impl<'a> Decimal<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let (whole, rest) = digits(text);
        let (decimals, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            rest => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', b'-', rest @ ..] => -exponent(rest)?,
            [b'e' | b'E', b'+', rest @ ..] | [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        if whole.is_empty() && decimals.is_empty() {
            return None;
        }
        let power = exponent.saturating_sub(saturated(decimals.len()));
        let whole = without_zeros(whole);
        let decimals = match whole {
            [] => without_zeros(decimals),
            _ => decimals,
        };
        Some(Self {
            whole,
            decimals,
            power,
        })
    }

    fn to_float(&self) -> f64 {
        let digits = self.whole.iter().chain(self.decimals);
        let length = self.whole.len() + self.decimals.len();
        if length <= FEW_DIGITS
            && let Some(float) = quotient(digits.clone(), self.power)
        {
            return float;
        }
        // How many places before the point the first digit is.
        let places = saturated(length).saturating_add(self.power);
        if length == 0 || places < -FAR {
            return 0.0;
        }
        if places > FAR {
            return f64::INFINITY;
        }
        let count = length.min(MOST_DIGITS);
        let counting = digits.clone().take(count);
        let mut large = Large::new(counting, count, places - saturated(count));
        large.more |= digits.skip(count).any(|digit| *digit != b'0');
        large.to_float()
    }
}

/// The digits that a text begins with, and the rest of it.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let first = digits.iter().position(|digit| *digit != b'0');
    &digits[first.unwrap_or(digits.len())..]
}

/// What is written as an exponent, without its sign. One that is larger than any counts as very large.
fn exponent(text: &[u8]) -> Option<i32> {
    let (digits, rest) = digits(text);
    (!digits.is_empty() && rest.is_empty()).then(|| {
        digits.iter().fold(0_i32, |number, digit| {
            let digit = i32::from(digit - b'0');
            number.saturating_mul(10).saturating_add(digit)
        })
    })
}

fn saturated(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// The most digits whose number has 64 bits.
const FEW_DIGITS: usize = 19;

/// The powers of ten that floats hold exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The short way for numbers of few digits: their quotient by a power of ten, if floats are enough to tell it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an integer of 19 digits and the float next to it have 64 bits"
)]
fn quotient<'a>(digits: impl Iterator<Item = &'a u8>, power: i32) -> Option<f64> {
    let divisor = *POWERS.get(usize::try_from(power.checked_neg()?).ok()?)?;
    let number = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    // All of the number, in two floats.
    let dividend = number as f64;
    let rounded = number.wrapping_sub(dividend as u64).cast_signed() as f64;
    let guess = dividend / divisor;
    let (product, rest) = exact_product(guess, divisor);
    // This much is missing, but for a part of it that is far below the factors below.
    let missing = (dividend - product - rest + rounded) / divisor;
    let (less, more) = (
        guess + missing * (1.0 - 1e-9),
        guess + missing * (1.0 + 1e-9),
    );
    (less == more).then_some(less)
}

/// A product, and what its rounding cut off, exactly (Veltkamp's split, Dekker's product), if no step of that
/// leaves the range of floats.
pub fn exact_product(a: f64, b: f64) -> (f64, f64) {
    const SPLITTER: f64 = 134_217_729.0; // 2²⁷ + 1
    let split = |x: f64| {
        let shifted = SPLITTER * x;
        let high = shifted - (shifted - x);
        (high, x - high)
    };
    let rounded = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let rest = ((a_high * b_high - rounded) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (rounded, rest)
}
