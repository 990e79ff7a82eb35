//! Rounding: the two ways in which numbers are rounded to three decimals, and a cube with one
//! rounding.
//!
//! The two ways disagree on a few values, because they ask different questions: which decimal is closest
//! to the number itself, as Python does with its own floats, or which is closest to its product with
//! 1000 after that was rounded, as numpy does.

use shared::value::{Number, exact_product};

/// From here on, 2⁵³, neighbouring floats are at least two apart.
const WHOLE_FROM: f64 = 9_007_199_254_740_992.0;

/// A number rounded to three decimals in the way of its kind, which it keeps. Integers stay as they
/// are.
#[inline]
pub(crate) fn round3(number: Number) -> Number {
    match number {
        Number::Float(float) => Number::Float(round3_dec(float)),
        Number::Numpy(float) => Number::Numpy(round3_scaled(float)),
        other => other,
    }
}

/// The decimal with three places that is closest to the exact binary value, ties to the even last
/// digit: what formatting with `{:.3}` and reading back gives, without going through text.
pub(crate) fn round3_dec(x: f64) -> f64 {
    let product = x * 1000.0;
    // A float so large is a multiple of 1/512: no decimal with three places that is close to it is
    // closer to another float.
    if product.is_nan() || product.abs() >= WHOLE_FROM {
        return x;
    }
    // The product was rounded; what the rounding cut off decides where the product seems to lie
    // just in the middle. With x in two halves of at most 27 bits each step below is exact.
    let high = f64::from_bits(x.to_bits() & !0x7ff_ffff);
    let cut_off = (high * 1000.0 - product) + (x - high) * 1000.0;
    let whole = product.round_ties_even();
    let beyond = product - whole;
    let thousandths = if beyond == 0.5 && cut_off > 0.0 {
        whole + 1.0
    } else if beyond == -0.5 && cut_off < 0.0 {
        whole - 1.0
    } else {
        whole
    };
    thousandths / 1000.0
}

/// `x × 1000` rounded to the closest integer, ties to the even one, divided by 1000.
pub(crate) fn round3_scaled(x: f64) -> f64 {
    (x * 1000.0).round_ties_even() / 1000.0
}

/// The float closest to the exact cube, except within a millionth of a tie: what a power function
/// worth its name gives for the exponent 3. Two products in floats, each rounded, are off by one
/// unit for a quarter of all numbers.
pub(crate) fn cube(x: f64) -> f64 {
    // Beyond, halves and remainders would leave the range of floats.
    if !(1e-70..1e70).contains(&x.abs()) {
        return libm::pow(x, 3.0);
    }
    let (square, square_rest) = exact_product(x, x);
    let (cube, cube_rest) = exact_product(square, x);
    cube + (cube_rest + square_rest * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::num;
    use proptest::prelude::*;
    use shared::value::Value;

    fn through_text(x: f64) -> f64 {
        format!("{x:.3}").parse().expect("a number")
    }

    #[test]
    fn a_cube_is_rounded_once() {
        for x in [0.0, 1.0, -3.0, 5.735_198_356_377_340_5, 1e60, 1e90, -1e-80] {
            let exact_enough = libm::pow(x, 3.0);
            assert!(
                (cube(x) - exact_enough).abs() <= exact_enough.abs() * 1e-15,
                "{x}"
            );
        }
        assert_eq!(cube(f64::INFINITY), f64::INFINITY);
        assert!(cube(f64::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn a_cube_of_few_digits_is_that_of_the_integers(mantissa in -2_097_152_i64..2_097_152) {
            // The exact cube has up to 63 bits; the conversion rounds it once.
            let exact = mantissa * mantissa * mantissa;
            prop_assert_eq!(cube(mantissa as f64), exact as f64);
        }
    }

    #[test]
    fn the_closest_decimal_is_that_of_the_exact_binary_value() {
        for (x, rounded) in [
            (0.0625, 0.062),
            (0.1875, 0.188),
            (1.0005, 1.0),
            (2.0005, 2.001),
            (0.2005, 0.201),
            (-0.0004, -0.0),
            (-0.0625, -0.062),
            (18.4375, 18.438),
            (f64::MIN_POSITIVE, 0.0),
            (4_503_599_627_370.501, 4_503_599_627_370.501),
            (f64::MAX, f64::MAX),
            (f64::INFINITY, f64::INFINITY),
            (f64::NAN, f64::NAN),
        ] {
            let result = Value::Float(round3_dec(x));
            assert_eq!(result, Value::Float(rounded), "{x:?}");
        }
    }

    #[test]
    fn each_kind_of_number_is_rounded_in_its_own_way_and_stays_what_it_is() {
        for (number, rounded) in [
            (Number::Int(90), Value::Int(90)),
            (Number::Float(0.2005), Value::Float(0.201)),
            (Number::Numpy(0.2005), Value::Numpy(0.2)),
        ] {
            assert_eq!(round3(number).to_value(), Ok(rounded));
        }
    }

    #[test]
    fn the_scaled_rounding_looks_at_the_product_only() {
        assert_eq!(round3_scaled(0.2005).to_bits(), 0.2_f64.to_bits());
        assert_eq!(round3_scaled(-0.0004).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(round3_scaled(0.0625), 0.062);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn the_closest_decimal_agrees_with_the_one_found_through_text(
            x in num::f64::NORMAL | num::f64::SUBNORMAL | num::f64::ZERO,
        ) {
            prop_assert_eq!(round3_dec(x).to_bits(), through_text(x).to_bits());
        }

        #[test]
        fn they_agree_beside_the_middle_between_two_decimals(
            size in 0_u32..53,
            seed: u64,
            beside in -3_i64..=3,
        ) {
            let thousandths = (seed >> (64 - size.max(1))) as f64;
            let middle = (thousandths + 0.5) / 1000.0;
            let x = f64::from_bits(middle.to_bits().wrapping_add_signed(beside));
            prop_assert_eq!(round3_dec(x).to_bits(), through_text(x).to_bits());
            prop_assert_eq!(round3_dec(-x).to_bits(), through_text(-x).to_bits());
        }
    }
}
