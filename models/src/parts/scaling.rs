//! Scaling of a recorded profile, from the households behind it to those of the scenario.

use shared::model::{
    Build, InputSlot, Parameter, ParameterSlot, PublishedSlot, Range, Step, StepError,
};
use shared::value::Number;

/// How many households the scenario has.
pub(crate) const HOUSES_CASE: Parameter =
    Parameter::number("houses_case", "-", "households in the scenario")
        .symbol("n")
        .in_range(Range::NOT_NEGATIVE);

/// How many households were recorded together.
pub(crate) const HOUSES_DATA: Parameter =
    Parameter::number("houses_data", "-", "households behind the profile")
        .symbol("m")
        .in_range(Range::POSITIVE)
        .instead_of_zero("for no households write 'houses_case: 0'");

/// From one number of households to another.
pub(crate) struct Scaling {
    case: Number,
    data: Number,
}

impl Scaling {
    /// From the households of [`HOUSES_DATA`] to those of [`HOUSES_CASE`].
    pub(crate) fn new(build: &Build<'_>, data: ParameterSlot, case: ParameterSlot) -> Self {
        Self {
            case: build.number(case),
            data: build.number(data),
        }
    }

    /// Publishes the profile for the households of the scenario; without one, that of 0. Between
    /// equal numbers of households what arrives passes as it is, a truth value too.
    pub(crate) fn publish(
        &self,
        step: &mut Step<'_>,
        input: InputSlot,
        output: PublishedSlot,
    ) -> Result<(), StepError> {
        let profile = step.optional_number(input)?;
        match step.value(input) {
            Some(value) if self.case == self.data => step.publish(output, value.clone()),
            _ => step.publish_number(output, self.apply(profile.unwrap_or(Number::ZERO))),
        }
        Ok(())
    }

    /// The profile for the households of the scenario. Between equal numbers of households it
    /// keeps its kind; otherwise the result is a float.
    fn apply(&self, profile: Number) -> Number {
        if self.case == self.data {
            profile
        } else {
            profile * self.case / self.data
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::value::Value;

    fn scaled(case: impl Into<Number>, data: impl Into<Number>, profile: Number) -> Value {
        let scaling = Scaling {
            case: case.into(),
            data: data.into(),
        };
        scaling.apply(profile).to_value().expect("no overflow")
    }

    #[test]
    fn the_product_is_formed_first() {
        let scaled = scaled(3, 7, Number::Float(0.7));
        assert_eq!(scaled, Value::Float(0.299_999_999_999_999_93));
    }

    #[test]
    fn equal_numbers_of_households_change_nothing_not_even_the_kind() {
        assert_eq!(scaled(10, 10.0, Number::Int(3)), Value::Int(3));
        assert_eq!(scaled(10, 10, Number::Float(-0.0)), Value::Float(-0.0));
    }

    #[test]
    fn between_different_numbers_the_result_is_a_float() {
        assert_eq!(scaled(20, 10, Number::Int(3)), Value::Float(6.0));
        assert_eq!(scaled(0, 10, Number::Int(3)), Value::Float(0.0));
    }

    proptest! {
        #[test]
        fn the_share_of_each_household_stays(
            profile in -1e6_f64..1e6,
            case in 1_i64..10_000,
            data in 1_i64..10_000,
        ) {
            let Value::Float(scaled) = scaled(case, data, Number::Float(profile)) else {
                panic!("a float");
            };
            let (before, after) = (profile / data as f64, scaled / case as f64);
            prop_assert!((after - before).abs() <= before.abs() * 1e-15, "{before} {after}");
        }
    }
}
