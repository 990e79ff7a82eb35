//! How several values on one input become the one that the model sees.

use std::borrow::Borrow;

use crate::model::StepError;
use crate::value::{Number, Value};

/// The sum of flows: `0 + v₁ + v₂ + …` from left to right, starting from the integer 0, with one
/// rounding each and no compensation. Booleans count as 1 and 0.
pub fn sum(
    attribute: &str,
    values: impl Iterator<Item = impl Borrow<Value>>,
) -> Result<Value, StepError> {
    let mut total = Number::ZERO;
    for value in values {
        let value = value.borrow();
        match value.as_number() {
            Some(number) => total = total + number,
            None => {
                return Err(StepError::type_mismatch(
                    attribute,
                    "numbers to add up",
                    value,
                ));
            }
        }
    }
    total.to_value().map_err(|error| {
        StepError::new(
            format!("overflow:{attribute}"),
            format!("input '{attribute}': {error}"),
        )
    })
}

/// Several pieces of information: a list in their order.
pub fn list(values: impl Iterator<Item = impl Borrow<Value>>) -> Value {
    Value::List(values.map(|value| value.borrow().clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_starts_from_integer_zero_and_goes_from_left_to_right() {
        let sum = |values: &[Value]| sum("p", values.iter());
        assert_eq!(sum(&[Value::Float(-0.0)]), Ok(Value::Float(0.0)));
        assert_eq!(sum(&[Value::Bool(true), Value::Int(2)]), Ok(Value::Int(3)));
        let floats = [1e16, 1.0, -1e16].map(Value::Float);
        assert_eq!(sum(&floats), Ok(Value::Float(0.0)), "no compensation");
    }

    #[test]
    fn what_cannot_be_added_is_named() {
        let error = sum("p", [Value::Int(1), Value::text("x")].iter()).expect_err("refused");
        assert_eq!(error.code, "type_mismatch:p");
        assert_eq!(
            error.message,
            "input 'p' wants numbers to add up and got a text: 'x'"
        );
        let error = sum("p", [Value::Int(i64::MAX), Value::Int(1)].iter()).expect_err("refused");
        assert_eq!(error.code, "overflow:p");
    }
}
