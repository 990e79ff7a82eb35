//! Something fully mixed that holds heat and loses it to its surroundings.

use shared::model::{Build, Parameter, ParameterSlot, Range};

use super::quantities::float;

pub(crate) const DENSITY: Parameter =
    Parameter::number("density", "kg/m³", "density of the medium")
        .symbol("ρ")
        .with_default(shared::model::Literal::Int(1000))
        .in_range(Range::POSITIVE);

pub(crate) const SPECIFIC_HEAT: Parameter =
    Parameter::number("specific_heat", "kJ/(kg K)", "specific heat of the medium")
        .symbol("c")
        .with_default(shared::model::Literal::Float(4.18))
        .in_range(Range::POSITIVE);

/// Its temperature is the exact solution of C·dT/dt = q − UA·(T − t_ext) for a constant heat flow q, so that the
/// length of a step makes no difference.
pub(crate) struct MixedHeat {
    /// kJ/K.
    capacity: f64,
    /// What is left of a difference to the surroundings at the end of a step, minus 1.
    decay: f64,
    /// What 1 kW over a step adds to the temperature, K.
    pub(crate) rise: f64,
    seconds: f64,
}

impl MixedHeat {
    /// With this heat capacity in kJ/K and loss coefficient in kW/K, over steps of so many seconds.
    pub(crate) fn new(capacity: f64, ua: f64, seconds: f64) -> Self {
        let decay = libm::expm1(-ua * seconds / capacity);
        let rise = if ua > 0.0 {
            -decay / ua
        } else {
            seconds / capacity
        };
        Self {
            capacity,
            decay,
            rise,
            seconds,
        }
    }

    /// The temperature at the end of a step without flows.
    pub(crate) fn left_alone(&self, temperature: f64, surroundings: f64) -> f64 {
        temperature + (temperature - surroundings) * self.decay
    }

    /// The mean loss of a step with this heat flow, kW.
    pub(crate) fn loss(&self, net: f64, before: f64, after: f64) -> f64 {
        net - self.capacity * (after - before) / self.seconds
    }
}

/// The heat capacity of a cylinder, kJ/K.
pub(crate) fn cylinder(
    build: &Build<'_>,
    [length, diameter, density, specific_heat]: [ParameterSlot; 4],
) -> f64 {
    let [length, diameter, density, specific_heat] =
        [length, diameter, density, specific_heat].map(|slot| float(build, slot));
    let area = std::f64::consts::FRAC_PI_4 * diameter * diameter;
    density * area * length * specific_heat
}
