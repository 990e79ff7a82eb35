//! The demand of hydrogen.

use shared::model::{ModelType, SectionPolicy};
use shared::model_type;

use crate::parts::profile::{HYDROGEN_UNIT, Profile, in_kilograms_per_hour, units};
use crate::parts::quantities::{output, sum};

model_type! {
    /// Hydrogen demand: the profile of one consumer, for a number of them, in kg/h.
    ///
    /// # Model
    ///
    /// h2_dem = n · `demand` · c, with the factor c of the unit of the profile:
    ///
    /// | `input_unit` | c |
    /// |---|---|
    /// | kg/h | 1 |
    /// | kg/step | 1 / h, for steps of h hours |
    /// | Nm3/h | 0.08988 |
    /// | Nm3/min | 60 · 0.08988 |
    /// | kW_LHV | 1 / 33.33 |
    /// | kW_HHV | 1 / 39.41 |
    ///
    /// # Assumptions
    ///
    /// All follow the same profile at the same time. A negative profile, feeding in, is passed on. Normal cubic metres
    /// are those at 0 °C and 1.01325 bar.
    ///
    /// # Source
    ///
    /// Density and heating values of hydrogen: E. W. Lemmon, M. L. Huber, J. W. Leachman, *J. Res. NIST* 113 (2008)
    /// 341-350; 141.88 and 119.99 MJ/kg.
    ///
    /// # Errors
    ///
    /// A number of units below zero and an unknown unit are refused.
    ///
    /// # Example
    ///
    /// 3 filling stations of 66.66 kW each by the LHV: 3 × 66.66 / 33.33 = 6 kg/h.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its input is `h2demand`, of which the first source counts; its output is `h2demand_dem`, in the unit of the input.
    pub static H2_DEMAND = ModelType::new("H2Demand", |build| {
        let factors = in_kilograms_per_hour(build.step_hours());
        Ok(Box::new(Profile::new(build, &factors)?))
    })
    .with_sections(SectionPolicy::Merge);
    parameters {
        _ = units("number of consumers").formerly(&["houses"]),
        _ = HYDROGEN_UNIT,
    }
    inputs {
        _ = sum("demand", "kg/h or kg per step or Nm³/h or Nm³/min or kW or kW", "profile of one consumer")
            .unit_by("input_unit"),
    }
    published {
        _ = output("h2_dem", "kg/h", "demand"),
    }
}

#[cfg(test)]
mod tests {
    use super::H2_DEMAND;
    use crate::rig::{Rig, with_parameters};
    use shared::model::Literal;
    use shared::value::Value;

    #[test]
    fn three_filling_stations_need_six_kilograms_an_hour() {
        let config = with_parameters(&[
            ("units", Literal::Int(3)),
            ("input_unit", Literal::text("kW_LHV")),
        ]);
        let mut demand = Rig::new(&H2_DEMAND, &config).expect("buildable");
        demand
            .step(&[("demand", Value::Float(66.66))])
            .expect("a step");
        assert!((demand.float("h2_dem") - 6.0).abs() < 1e-12);
        demand.adjust("units", 1.5);
        demand
            .step(&[("demand", Value::Float(66.66))])
            .expect("a step");
        assert!((demand.float("h2_dem") - 3.0).abs() < 1e-12);
    }
}
