//! The production of hydrogen by a profile.

use shared::model::{ModelType, SectionPolicy};
use shared::model_type;

use crate::parts::profile::{HYDROGEN_UNIT, Profile, in_kilograms_per_hour, units};
use crate::parts::quantities::{output, sum};

model_type! {
    /// Hydrogen production: the profile of one producer (reformer, import, by-product), for a number of them, in kg/h.
    ///
    /// # Model
    ///
    /// h2_gen = n · `production` · c, with the factor c of the unit of the profile:
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
    /// All follow the same profile at the same time. A negative profile is passed on. Normal cubic metres
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
    /// 2 wells of 100 Nm³/h each: 2 × 100 × 0.08988 = 17.976 kg/h.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its input is `h2product`, of which the first source counts; its output is `h2product_gen`, in the unit of the input.
    pub static H2_PRODUCTION = ModelType::new("H2Production", |build| {
        let factors = in_kilograms_per_hour(build.step_hours());
        Ok(Box::new(Profile::new(build, &factors)?))
    })
    .with_sections(SectionPolicy::Merge)
    .unlike(&["h2product"], "it takes 'production' and gives 'h2_gen' in kg/h");
    parameters {
        _ = units("number of producers").formerly(&["houses"]),
        _ = HYDROGEN_UNIT,
    }
    inputs {
        _ = sum("production", "kg/h or kg per step or Nm³/h or Nm³/min or kW or kW", "profile of one producer")
            .unit_by("input_unit"),
    }
    published {
        _ = output("h2_gen", "kg/h", "production"),
    }
}

#[cfg(test)]
mod tests {
    use super::H2_PRODUCTION;
    use crate::rig::{Rig, with_parameters};
    use shared::model::Literal;
    use shared::value::Value;

    #[test]
    fn two_wells_give_what_their_cubic_metres_weigh() {
        let config = with_parameters(&[
            ("units", Literal::Int(2)),
            ("input_unit", Literal::text("Nm3/h")),
        ]);
        let mut wells = Rig::new(&H2_PRODUCTION, &config).expect("buildable");
        wells
            .step(&[("production", Value::Int(100))])
            .expect("a step");
        assert!((wells.float("h2_gen") - 17.976).abs() < 1e-12);
    }
}
