//! The electricity demand of heat pumps, from a recorded profile.

use shared::model::{
    Build, Input, Literal, Memory, Model, ModelType, Need, Published, Role, Step, StepError,
};
use shared::model_type;

use crate::parts::scaling::{self, Scaling};

model_type! {
    /// Electricity demand of the heat pumps of a number of households, from a recorded profile.
    ///
    /// # Model
    ///
    /// The profile belongs to the households that were recorded together. It is scaled to those of
    /// the scenario:
    ///
    /// ```text
    /// D = (L·n) / m      n ≠ m
    /// D = L              n = m
    /// ```
    ///
    /// # Assumptions
    ///
    /// The coincidence of the heat pumps is that of the recorded group, whatever the size of the
    /// other one; in truth it grows for small groups. There is no thermal model, so the demand does
    /// not follow the weather of the scenario. n ≥ 0, m > 0; both may be fractions. The unit of the
    /// profile passes through, so that kWh per step are possible as well. The length of a step
    /// plays no part.
    ///
    /// # Source
    ///
    /// H. L. Willis, *Power Distribution Planning Reference Book*, 2nd edition, Marcel Dekker,
    /// 2004: coincidence of loads.
    ///
    /// # Errors
    ///
    /// `houses_data` has no default and must be given. Numbers of households outside of their
    /// ranges are refused. Several states at `hp_load`, which arrive as a list, text and null stop
    /// the run.
    ///
    /// # Example
    ///
    /// A profile of 12 households for 3: at 8 kW the demand is 8 kW × 3 / 12 = 2 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: between equal numbers of households an integer profile stays one; scaled it is a float.
    /// Without a connection the demand is 0, which gives a warning.
    ///
    /// Fixed: two numbers of households that are both null passed the profile on; they are refused.
    /// Between equal numbers a list, text or null was passed on; it stops the run.
    pub static LOAD_HEATPUMP =
        ModelType::new("LoadHeatpump", |build| Ok(Box::new(LoadHeatpump::new(build))));
    parameters {
        HOUSES_CASE = scaling::HOUSES_CASE.with_default(Literal::Int(1)),
        HOUSES_DATA = scaling::HOUSES_DATA,
    }
    inputs {
        HP_LOAD = Input::number(
            "hp_load",
            "kW",
            "recorded demand of the heat pumps of all households behind the profile",
        )
        .symbol("L")
        .with_need(Need::Else(Literal::Int(0))),
    }
    published {
        LOAD_HP = Published::output("load_HP", "kW", "demand of the heat pumps of the scenario")
            .symbol("D")
            .role(Role::Used),
    }
}

struct LoadHeatpump {
    scaling: Scaling,
}

impl LoadHeatpump {
    fn new(build: &Build<'_>) -> Self {
        Self {
            scaling: Scaling::new(build, HOUSES_DATA, HOUSES_CASE),
        }
    }
}

impl Model for LoadHeatpump {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.scaling.publish(step, HP_LOAD, LOAD_HP)
    }

    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use shared::model::ModelConfig;
    use shared::value::Value;

    fn heat_pumps(case: Literal, data: Literal) -> Rig {
        let config = with_parameters(&[("houses_case", case), ("houses_data", data)]);
        Rig::new(&LOAD_HEATPUMP, &config).expect("buildable")
    }

    #[test]
    fn the_profile_is_scaled_to_the_households_of_the_scenario() {
        let mut pumps = heat_pumps(Literal::Int(3), Literal::Int(12));
        pumps.step(&[("hp_load", Value::Int(8))]).expect("a step");
        assert_eq!(pumps.value("load_HP"), Value::Float(2.0));
    }

    #[test]
    fn nothing_connected_is_no_demand() {
        for (case, demand) in [(12, Value::Int(0)), (3, Value::Float(0.0))] {
            let mut pumps = heat_pumps(Literal::Int(case), Literal::Int(12));
            pumps.step(&[]).expect("a step");
            assert_eq!(pumps.value("load_HP"), demand);
        }
    }

    #[test]
    fn the_households_of_the_data_must_be_given() {
        for config in [
            ModelConfig::default(),
            with_parameters(&[
                ("houses_case", Literal::Null),
                ("houses_data", Literal::Null),
            ]),
        ] {
            let error = Rig::new(&LOAD_HEATPUMP, &config).err().expect("refused");
            assert!(error.code.starts_with("missing_parameter:houses_"));
        }
    }

    #[test]
    fn numbers_of_households_outside_their_range_are_refused() {
        for (key, case, data) in [("houses_case", -1, 12), ("houses_data", 0, 0)] {
            let config = with_parameters(&[
                ("houses_case", Literal::Int(case)),
                ("houses_data", Literal::Int(data)),
            ]);
            let error = Rig::new(&LOAD_HEATPUMP, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"));
        }
    }

    #[test]
    fn what_is_no_number_is_no_demand_even_between_equal_numbers_of_households() {
        let mut pumps = heat_pumps(Literal::Int(12), Literal::Int(12));
        for value in [Value::List([].into()), Value::text("8"), Value::Null] {
            let error = pumps.step(&[("hp_load", value)]).expect_err("refused");
            assert_eq!(error.code, "type_mismatch:hp_load");
        }
    }
}
