//! The demand of heat.

use shared::model::{ModelType, SectionPolicy};
use shared::model_type;

use crate::parts::profile::{HEAT_UNIT, Profile, in_kilowatts, units};
use crate::parts::quantities::{output, sum};

model_type! {
    /// Heat demand: the profile of one consumer (rooms, hot water, processes), for a number of them, in kW.
    ///
    /// # Model
    ///
    /// q_dem = n · `demand` · c, with the factor c of the unit of the profile:
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
    /// All follow the same profile at the same time. A negative profile, feeding in, is passed on.
    ///
    /// # Source
    ///
    /// Profiles: O. Ruhnau, L. Hirth, A. Praktiknjo, "Time series of heat demand and heat pump efficiency for energy
    /// system modeling", *Scientific Data* 6 (2019) 189, doi:10.1038/s41597-019-0199-y.
    ///
    /// # Errors
    ///
    /// A number of units below zero and an unknown unit are refused.
    ///
    /// # Example
    ///
    /// 4 houses that need 1.5 kWh each in a quarter of an hour: 4 × 1.5 / 0.25 = 24 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its input is `qdemand`, of which the first source counts; its output is `qdemand_dem`, in the unit of the input.
    pub static HEAT_DEMAND = ModelType::new("HeatDemand", |build| {
        let factors = in_kilowatts(build.step_hours());
        Ok(Box::new(Profile::new(build, &factors)?))
    })
    .with_sections(SectionPolicy::Merge)
    .unlike(&["qdemand"], "it takes 'demand' and gives 'q_dem' in kW");
    parameters {
        _ = units("number of consumers").formerly(&["utilities"]),
        _ = HEAT_UNIT,
    }
    inputs {
        _ = sum("demand", "kW or W or kWh per step or MJ per step", "profile of one consumer")
            .unit_by("input_unit"),
    }
    published {
        _ = output("q_dem", "kW", "demand"),
    }
}

#[cfg(test)]
mod tests {
    use super::HEAT_DEMAND;
    use crate::rig::{Rig, with_parameters};
    use shared::model::Literal;
    use shared::value::Value;

    #[test]
    fn energy_of_a_step_becomes_power() {
        let config = with_parameters(&[
            ("units", Literal::Int(4)),
            ("input_unit", Literal::text("kWh/step")),
        ]);
        let mut profile = Rig::new(&HEAT_DEMAND, &config).expect("buildable");
        profile
            .step(&[("demand", Value::Float(1.5))])
            .expect("a step");
        assert!((profile.float("q_dem") - 24.0).abs() < 1e-12);
    }
}
