//! How the values that reach one input in a step become the one value that the model sees.
//!
//! A single state needs no combination: it is passed on as it is. Outputs and states never meet
//! at one input; the scenario is refused before.

use std::iter;

use shared::model::StepError;
use shared::value::{Number, Value};

/// Why outputs have no sum.
#[derive(Clone, Debug, PartialEq)]
pub enum NoSum<'a> {
    /// This is no number.
    NoNumber(&'a Value),
    /// Integers add up to more than 64 bits hold.
    Overflow,
}

impl NoSum<'_> {
    /// The error of a step where the outputs come to an input with this name.
    ///
    /// # Errors
    /// `type_mismatch:<name>` or `overflow:<name>`.
    #[cold]
    pub fn at_input(self, name: &str) -> StepError {
        match self {
            Self::NoNumber(value) => StepError::type_mismatch(name, "numbers to add", value),
            Self::Overflow => StepError::overflow(name),
        }
    }
}

/// The sum of outputs, `0 + v₁ + v₂ + …`: from left to right, starting from the integer 0, with
/// one rounding for each addition. So integers stay integers, booleans count as 1 and 0, and a
/// single -0.0 becomes 0.0.
pub fn sum<'a>(values: impl Iterator<Item = &'a Value>) -> Result<Value, NoSum<'a>> {
    let mut total = Number::ZERO;
    for value in values {
        let number = value.as_number().ok_or(NoSum::NoNumber(value))?;
        total = total + number;
    }
    total.to_value().map_err(|_| NoSum::Overflow)
}

/// The sum of one output. Most inputs have one, and most outputs are floats, so that way is short.
#[inline]
pub(super) fn lone(value: &Value) -> Result<Value, NoSum<'_>> {
    match *value {
        Value::Int(int) => Ok(Value::Int(int)),
        Value::Float(float) => Ok(Value::Float(0.0 + float)),
        Value::Numpy(float) => Ok(Value::Numpy(0.0 + float)),
        _ => sum(iter::once(value)),
    }
}

/// Several states at one input: the list of their values, in the order of their sources.
pub fn list<'a>(values: impl Iterator<Item = &'a Value>) -> Value {
    Value::List(values.cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summed(values: &[Value]) -> Result<Value, StepError> {
        sum(values.iter()).map_err(|error| error.at_input("flow2b"))
    }

    #[test]
    fn integers_add_up_to_an_integer_and_a_float_makes_the_sum_a_float() {
        assert_eq!(
            summed(&[Value::Int(2), Value::Int(3)]),
            Ok(Value::Int(5)),
            "integers"
        );
        assert_eq!(
            summed(&[Value::Int(2), Value::Float(0.5), Value::Bool(true)]),
            Ok(Value::Float(3.5)),
            "mixed"
        );
        assert_eq!(
            summed(&[Value::Float(2.5), Value::Numpy(0.5), Value::Int(1)]),
            Ok(Value::Numpy(4.0)),
            "one of numpy among them"
        );
        assert_eq!(summed(&[]), Ok(Value::Int(0)), "nothing");
    }

    #[test]
    fn a_lone_output_is_added_to_zero() {
        for (value, expected) in [
            (Value::Float(-0.0), Value::Float(0.0)),
            (Value::Numpy(-0.0), Value::Numpy(0.0)),
            (Value::Bool(true), Value::Int(1)),
            (Value::Int(i64::MIN), Value::Int(i64::MIN)),
        ] {
            assert_eq!(lone(&value), Ok(expected.clone()));
            assert_eq!(sum(iter::once(&value)), Ok(expected));
        }
        assert_eq!(lone(&Value::Null), Err(NoSum::NoNumber(&Value::Null)));
    }

    #[test]
    fn the_order_of_the_sources_decides_the_last_bit() {
        let (a, b, c) = (Value::Float(0.1), Value::Float(0.2), Value::Float(0.3));
        let forwards = summed(&[a.clone(), b.clone(), c.clone()]);
        assert_eq!(forwards, Ok(Value::Float(0.600_000_000_000_000_1)));
        assert_eq!(summed(&[c, b, a]), Ok(Value::Float(0.6)));
    }

    #[test]
    fn what_is_no_number_cannot_be_added() {
        for value in [
            Value::Null,
            Value::text("1"),
            list([].iter()),
            Value::Map([].into()),
        ] {
            let error = summed(&[Value::Int(1), value.clone()]).expect_err("refused");
            assert_eq!(error.code, "type_mismatch:flow2b");
            assert!(error.message.ends_with(&value.to_string()), "{error}");
        }
    }

    #[test]
    fn a_sum_that_overflows_is_an_error_even_if_a_float_follows() {
        let error = summed(&[Value::Int(i64::MAX), Value::Int(1), Value::Float(0.5)]);
        assert_eq!(error.expect_err("refused").code, "overflow:flow2b");
    }

    #[test]
    fn states_arrive_as_a_list_in_the_order_of_their_sources() {
        let states = [Value::Float(-0.0), Value::Null, Value::Bool(true)];
        assert_eq!(list(states.iter()), Value::List(states.into()));
    }
}
