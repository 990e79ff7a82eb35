//! Arithmetic on numbers that remember whether they are integers, floats or floats of numpy.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Value;

/// An integer or a float, with the arithmetic of the specification: integers stay integers under
/// `+`, `-`, `×` and negation; division always gives a float; a mixed operation converts the
/// integer first and rounds once.
///
/// A float is Python's or numpy's. Both have the same bits after every operation, but are rounded
/// to decimals in different ways. What is computed from a float of numpy is one; `min` and `max`
/// pass on one of their operands with its kind, so a limit from the scenario is a limit of the
/// kind that is written there.
///
/// ```
/// use shared::value::Number;
///
/// let wind = Number::Numpy(0.25);
/// assert!(matches!(wind * 4 - 0.5, Number::Numpy(_)));
/// assert!(matches!(wind.min(Number::Float(0.2)), Number::Float(_)));
/// ```
///
/// Integer overflow is not a wrap: the result is [`Number::Overflow`], which absorbs whatever it
/// meets and cannot become a [`Value`], so that formulas read like formulas and a model that
/// overflows stops when it publishes.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// Signed 64-bit integer.
    Int(i64),
    /// IEEE 754 binary64.
    Float(f64),
    /// IEEE 754 binary64 that the Python Illuminator computes with numpy.
    Numpy(f64),
    /// The result of an integer operation that left the range of 64 bits.
    Overflow,
}

/// A number could not be published because an integer operation overflowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverflowError;

impl fmt::Display for OverflowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("integer result beyond 64 bits; write one of the numbers as a float")
    }
}

impl std::error::Error for OverflowError {}

impl Number {
    /// The integer zero, where every sum of outputs starts.
    pub const ZERO: Number = Number::Int(0);

    /// The number as a float (an overflow is not a number).
    #[inline]
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) | Number::Numpy(float) => float,
            Number::Overflow => f64::NAN,
        }
    }

    /// The smaller one; the first, with its kind, where they are equal.
    #[inline]
    #[must_use]
    pub fn min(self, other: Number) -> Number {
        if other < self { other } else { self }
    }

    /// The larger one; the first, with its kind, where they are equal.
    #[inline]
    #[must_use]
    pub fn max(self, other: Number) -> Number {
        if other > self { other } else { self }
    }

    /// The number as a value to publish.
    #[inline]
    pub fn to_value(self) -> Result<Value, OverflowError> {
        match self {
            Number::Int(int) => Ok(Value::Int(int)),
            Number::Float(float) => Ok(Value::Float(float)),
            Number::Numpy(float) => Ok(Value::Numpy(float)),
            Number::Overflow => Err(OverflowError),
        }
    }
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Number::Int(int)
    }
}

impl From<f64> for Number {
    fn from(float: f64) -> Self {
        Number::Float(float)
    }
}

/// The kinds in the order in which one prevails over the other. It is that of the variants, so that
/// the compiler takes the larger tag, without a branch.
#[inline]
fn rank(number: Number) -> u8 {
    match number {
        Number::Int(_) => 0,
        Number::Float(_) => 1,
        Number::Numpy(_) => 2,
        Number::Overflow => 3,
    }
}

/// What an operation on two numbers gave in binary64, in the kind that prevails.
#[inline]
fn float_of(a: Number, b: Number, result: f64) -> Number {
    match rank(a).max(rank(b)) {
        0 | 1 => Number::Float(result),
        2 => Number::Numpy(result),
        _ => Number::Overflow,
    }
}

/// Applies an operation: exact on two integers, in binary64 otherwise.
#[inline]
fn combine(
    a: Number,
    b: Number,
    exact: impl FnOnce(i64, i64) -> Option<i64>,
    rounded: impl FnOnce(f64, f64) -> f64,
) -> Number {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => exact(a, b).map_or(Number::Overflow, Number::Int),
        // Most are: a few instructions wherever this is compiled for size.
        (Number::Float(a), Number::Float(b)) => Number::Float(rounded(a, b)),
        (a, b) => float_of(a, b, rounded(a.to_f64(), b.to_f64())),
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $exact:expr, $rounded:expr) => {
        impl $trait for Number {
            type Output = Number;
            #[inline]
            fn $method(self, other: Number) -> Number {
                combine(self, other, $exact, $rounded)
            }
        }
        impl $trait<f64> for Number {
            type Output = Number;
            #[inline]
            fn $method(self, other: f64) -> Number {
                $trait::$method(self, Number::Float(other))
            }
        }
        impl $trait<i64> for Number {
            type Output = Number;
            #[inline]
            fn $method(self, other: i64) -> Number {
                $trait::$method(self, Number::Int(other))
            }
        }
    };
}

operator!(Add, add, i64::checked_add, |a, b| a + b);
operator!(Sub, sub, i64::checked_sub, |a, b| a - b);
operator!(Mul, mul, i64::checked_mul, |a, b| a * b);

impl Div for Number {
    type Output = Number;
    #[inline]
    fn div(self, other: Number) -> Number {
        float_of(self, other, self.to_f64() / other.to_f64())
    }
}

impl Div<f64> for Number {
    type Output = Number;
    #[inline]
    fn div(self, other: f64) -> Number {
        self / Number::Float(other)
    }
}

impl Div<i64> for Number {
    type Output = Number;
    #[inline]
    fn div(self, other: i64) -> Number {
        self / Number::Int(other)
    }
}

impl Neg for Number {
    type Output = Number;
    #[inline]
    fn neg(self) -> Number {
        match self {
            Number::Int(int) => int.checked_neg().map_or(Number::Overflow, Number::Int),
            Number::Float(float) => Number::Float(-float),
            Number::Numpy(float) => Number::Numpy(-float),
            Number::Overflow => Number::Overflow,
        }
    }
}

/// Equality by value: 3 equals 3.0, and -0.0 equals 0.
impl PartialEq for Number {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

/// Order by value, exact also between large integers and floats. A NaN and an overflow have no
/// order.
impl PartialOrd for Number {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (*self, *other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            (Number::Int(a), b) if !is_exact(a) => compare_exactly(a, b.to_f64()),
            (a, Number::Int(b)) if !is_exact(b) => {
                compare_exactly(b, a.to_f64()).map(Ordering::reverse)
            }
            // An overflow is not-a-number here, which has no order either.
            (a, b) => a.to_f64().partial_cmp(&b.to_f64()),
        }
    }
}

/// Whether a float holds this integer as it is. One of less than 2⁵³ it does; larger ones are rare
/// enough to be compared in the slow way.
#[inline]
fn is_exact(int: i64) -> bool {
    int.unsigned_abs() < 1 << 53
}

/// Compares without rounding the integer.
#[cold]
fn compare_exactly(int: i64, float: f64) -> Option<Ordering> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        None
    } else if float >= TWO_63 {
        Some(Ordering::Less)
    } else if float < -TWO_63 {
        Some(Ordering::Greater)
    } else {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "inside the range, checked above"
        )]
        let whole = float.trunc() as i64;
        Some(
            int.cmp(&whole)
                .then_with(|| 0.0_f64.total_cmp(&(float.fract() + 0.0))),
        )
    }
}

impl PartialEq<i64> for Number {
    #[inline]
    fn eq(&self, other: &i64) -> bool {
        *self == Number::Int(*other)
    }
}

impl PartialOrd<i64> for Number {
    #[inline]
    fn partial_cmp(&self, other: &i64) -> Option<Ordering> {
        self.partial_cmp(&Number::Int(*other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(number: Number) -> Value {
        number.to_value().expect("no overflow")
    }

    #[test]
    fn integers_stay_integers_except_in_a_division() {
        let (a, b) = (Number::Int(6), Number::Int(3));
        assert_eq!(value(a + b), Value::Int(9));
        assert_eq!(value(a - b), Value::Int(3));
        assert_eq!(value(a * b), Value::Int(18));
        assert_eq!(value(-a), Value::Int(-6));
        assert_eq!(value(a / b), Value::Float(2.0));
        assert_eq!(value(a + Number::Float(0.5)), Value::Float(6.5));
    }

    #[test]
    fn a_sum_that_starts_from_integer_zero_loses_the_sign_of_zero() {
        assert_eq!(value(Number::ZERO + Number::Float(-0.0)), Value::Float(0.0));
        assert_eq!(value(-Number::Float(0.0)), Value::Float(-0.0));
    }

    fn any_number() -> impl Strategy<Value = Number> {
        prop_oneof![
            (-1000_i64..1000).prop_map(Number::Int),
            any::<f64>().prop_map(Number::Float),
            any::<f64>().prop_map(Number::Numpy),
        ]
    }

    /// The same number without numpy.
    fn plain(number: Number) -> Number {
        match number {
            Number::Numpy(float) => Number::Float(float),
            other => other,
        }
    }

    proptest! {
        #[test]
        fn what_is_computed_has_the_higher_kind_of_its_operands(
            a in any_number(),
            b in any_number(),
        ) {
            let higher = rank(a).max(rank(b));
            for result in [a + b, a - b, a * b] {
                prop_assert_eq!(rank(result), higher);
            }
            prop_assert_eq!(rank(a / b), higher.max(1));
            prop_assert_eq!(rank(-a), rank(a));
        }

        #[test]
        fn numpy_changes_no_bit_and_no_order(a in any_number(), b in any_number()) {
            let pairs = [
                (a + b, plain(a) + plain(b)),
                (a - b, plain(a) - plain(b)),
                (a * b, plain(a) * plain(b)),
                (a / b, plain(a) / plain(b)),
                (-a, -plain(a)),
                (a.min(b), plain(a).min(plain(b))),
                (a.max(b), plain(a).max(plain(b))),
            ];
            for (result, without) in pairs {
                prop_assert_eq!(value(plain(result)), value(without));
            }
            prop_assert_eq!(a.partial_cmp(&b), plain(a).partial_cmp(&plain(b)));
        }

        #[test]
        fn a_minimum_is_one_of_its_operands_kind_included(a in any_number(), b in any_number()) {
            for chosen in [a.min(b), a.max(b)] {
                let chosen = value(chosen);
                prop_assert!(chosen == value(a) || chosen == value(b));
            }
        }
    }

    #[test]
    fn on_a_tie_the_first_one_keeps_its_kind() {
        assert_eq!(value(Number::Int(2).min(Number::Float(2.0))), Value::Int(2));
        assert_eq!(
            value(Number::Float(2.0).max(Number::Int(2))),
            Value::Float(2.0)
        );
        assert_eq!(
            value(Number::Int(2).min(Number::Float(1.5))),
            Value::Float(1.5)
        );
        let (limit, wind) = (Number::Float(0.8), Number::Numpy(0.8));
        assert_eq!(value(limit.min(wind)), Value::Float(0.8));
        assert_eq!(value(wind.min(limit)), Value::Numpy(0.8));
        assert_eq!(value(limit.max(wind)), Value::Float(0.8));
        assert_eq!(value(wind.max(limit)), Value::Numpy(0.8));
    }

    #[test]
    fn an_overflow_absorbs_everything_and_cannot_be_published() {
        let over = Number::Int(i64::MAX) + Number::Int(1);
        assert_eq!((over * 2.0 - over).to_value(), Err(OverflowError));
        assert_eq!((-Number::Int(i64::MIN)).to_value(), Err(OverflowError));
        assert!(over.partial_cmp(&Number::ZERO).is_none());
    }

    #[test]
    fn comparisons_between_kinds_are_exact() {
        assert_eq!(Number::Int(3), Number::Float(3.0));
        assert_eq!(Number::Float(-0.0), 0);
        assert!(Number::Int(3) < Number::Float(3.5));
        assert!(Number::Int(-3) > Number::Float(-3.5));
        assert!(Number::Int(9_007_199_254_740_993) > Number::Float(9_007_199_254_740_992.0));
        assert!(Number::Int(i64::MAX) < Number::Float(f64::INFINITY));
        assert!(Number::Int(i64::MIN) > Number::Float(f64::NEG_INFINITY));
        assert!(
            Number::Int(0)
                .partial_cmp(&Number::Float(f64::NAN))
                .is_none()
        );
    }
}
