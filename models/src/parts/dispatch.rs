//! What controllers share that balance a residual load with a battery.

use shared::model::{Build, BuildError, Literal, Parameter, ParameterSlot, Range};
use shared::value::Number;

/// The level down to which the battery is discharged.
pub(crate) const SOC_MIN: Parameter =
    Parameter::number("soc_min", "%", "lowest level of the battery")
        .symbol("S_min")
        .with_default(Literal::Int(0))
        .in_range(Range::PERCENT);

/// The level up to which the battery is charged.
pub(crate) const SOC_MAX: Parameter =
    Parameter::number("soc_max", "%", "highest level of the battery")
        .symbol("S_max")
        .with_default(Literal::Int(100))
        .in_range(Range::PERCENT);

/// The scale of the power of the battery.
pub(crate) const MAX_P: Parameter = Parameter::number(
    "max_p",
    "kW",
    "power of the battery at full distance from its limit",
)
.symbol("P_max")
.with_default(Literal::Int(100))
.in_range(Range::NOT_NEGATIVE);

/// The levels between which a battery is used, in percent.
pub(crate) struct Band {
    pub(crate) low: Number,
    pub(crate) high: Number,
}

impl Band {
    /// The band that the parameters [`SOC_MIN`] and [`SOC_MAX`] give.
    ///
    /// # Errors
    /// `invalid_parameter:soc_min` where the lower limit is not below the upper one.
    pub(crate) fn new(
        build: &Build<'_>,
        soc_min: ParameterSlot,
        soc_max: ParameterSlot,
    ) -> Result<Self, BuildError> {
        let band = Self {
            low: build.number(soc_min),
            high: build.number(soc_max),
        };
        if band.low < band.high {
            return Ok(band);
        }
        Err(BuildError::invalid_parameter(
            "soc_min",
            format!(
                "parameter 'soc_min' must be below 'soc_max', and {} % is not below {} %",
                build.parameter(soc_min),
                build.parameter(soc_max)
            ),
        ))
    }
}

/// The flag of types that may do without a battery.
pub(crate) const BATTERY_ACTIVE: Parameter =
    Parameter::flag("battery_active", "whether there is a battery")
        .with_default(Literal::Bool(true));

/// The rule that covers a deficit from a battery and charges it with a surplus, at a power that
/// shrinks in proportion to the distance of the level from its limit.
pub(crate) struct Dispatch {
    band: Band,
    max_p: Number,
}

impl Dispatch {
    /// The rule between these levels and with this scale, [`MAX_P`].
    pub(crate) fn new(build: &Build<'_>, band: Band, max_p: ParameterSlot) -> Self {
        let max_p = build.number(max_p);
        Self { band, max_p }
    }

    /// What the battery shall take (positive) or give, in kW, for a residual load (positive is a
    /// deficit) at a level in percent. Where it shall do nothing, the integer 0.
    pub(crate) fn flow(&self, residual: Number, soc: Number) -> Number {
        let Band { low, high } = self.band;
        if residual > 0 && soc > low {
            -residual.min((soc - low) / 100 * self.max_p)
        } else if residual < 0 && soc < high {
            (-residual).min((high - soc) / 100 * self.max_p)
        } else {
            Number::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::value::Value;

    fn flow(
        max_p: impl Into<Number>,
        residual: impl Into<Number>,
        soc: impl Into<Number>,
    ) -> Value {
        let dispatch = Dispatch {
            band: Band {
                low: Number::Int(10),
                high: Number::Int(90),
            },
            max_p: max_p.into(),
        };
        let flow = dispatch.flow(residual.into(), soc.into());
        flow.to_value().expect("no overflow")
    }

    #[test]
    fn a_deficit_is_covered_and_a_surplus_is_stored_as_far_as_the_level_allows() {
        assert_eq!(flow(0.8, 0.5, 60), Value::Float(-0.4));
        assert_eq!(flow(0.8, 0.25, 60), Value::Float(-0.25));
        assert_eq!(flow(0.8, -0.5, 40), Value::Float(0.4));
        assert_eq!(flow(0.8, -0.25, 40), Value::Float(0.25));
    }

    #[test]
    fn at_its_limit_or_without_residual_load_the_battery_does_nothing() {
        for (residual, soc) in [(0.5, 10.0), (-0.5, 90.0), (0.0, 50.0), (-0.0, 50.0)] {
            assert_eq!(flow(0.8, residual, soc), Value::Int(0));
        }
    }

    #[test]
    fn integers_stay_integers_where_the_battery_takes_all() {
        assert_eq!(flow(100, 4, 50), Value::Int(-4));
        assert_eq!(flow(100, -4, 50), Value::Int(4));
    }

    #[test]
    fn without_power_the_zero_of_a_deficit_is_negative() {
        assert_eq!(flow(0, 4, 50), Value::Float(-0.0));
        assert_eq!(flow(0, -4, 50), Value::Float(0.0));
    }

    proptest! {
        #[test]
        fn the_battery_never_works_against_the_residual_load_nor_beyond_it(
            max_p in 0.0_f64..1e3,
            residual in -1e3_f64..1e3,
            soc in 0.0_f64..=100.0,
        ) {
            let flow = flow(max_p, residual, soc).as_number().expect("a number").to_f64();
            prop_assert!(flow * residual <= 0.0);
            prop_assert!(flow.abs() <= residual.abs());
            prop_assert!(flow.abs() <= max_p, "inside of the power limit");
        }
    }
}
