//! The production of heat by a profile.

use shared::model::{ModelType, SectionPolicy};
use shared::model_type;

use crate::parts::profile::{HEAT_UNIT, Profile, in_kilowatts, units};
use crate::parts::quantities::{output, sum};

model_type! {
    /// Heat production: the profile of one producer (waste heat, sun, earth), for a number of them, in kW.
    ///
    /// # Model
    ///
    /// q_gen = n · `production` · c, with the factor c of the unit of the profile:
    ///
    /// | `input_unit` | c |
    /// |---|---|
    /// | kW | 1 |
    /// | W | 0.001 |
    /// | kWh/step | 1 / h, for steps of h hours |
    /// | MJ/step | 1 / (3.6·h) |
    ///
    /// # Assumptions
    ///
    /// All follow the same profile at the same time. A negative profile is passed on.
    ///
    /// # Errors
    ///
    /// A number of units below zero and an unknown unit are refused.
    ///
    /// # Example
    ///
    /// 4 collectors of 2500 W each: 4 × 2500 × 0.001 = 10 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its input is `qproduct`, of which the first source counts; its output is `qproduct_gen`, in the unit of the input.
    pub static HEAT_PRODUCTION = ModelType::new("HeatProduction", |build| {
        let factors = in_kilowatts(build.step_hours());
        Ok(Box::new(Profile::new(build, &factors)?))
    })
    .with_sections(SectionPolicy::Merge)
    .unlike(&["qproduct"], "it takes 'production' and gives 'q_gen' in kW");
    parameters {
        _ = units("number of producers").formerly(&["utilities"]),
        _ = HEAT_UNIT,
    }
    inputs {
        _ = sum("production", "kW or W or kWh per step or MJ per step", "profile of one producer")
            .unit_by("input_unit"),
    }
    published {
        _ = output("q_gen", "kW", "production"),
    }
}

#[cfg(test)]
mod tests {
    use super::HEAT_PRODUCTION;
    use crate::rig::{Rig, with_parameters};
    use shared::model::Literal;
    use shared::value::Value;

    #[test]
    fn four_collectors_give_ten_kilowatts() {
        let config = with_parameters(&[
            ("units", Literal::Int(4)),
            ("input_unit", Literal::text("W")),
        ]);
        let mut profile = Rig::new(&HEAT_PRODUCTION, &config).expect("buildable");
        profile
            .step(&[("production", Value::Float(2500.0))])
            .expect("a step");
        assert!((profile.float("q_gen") - 10.0).abs() < 1e-12);
    }
}
