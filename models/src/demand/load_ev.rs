//! The charging load of a group of electric vehicles, from a recorded profile.

use shared::model::{
    Build, Input, Literal, Memory, Model, ModelType, Need, Published, Role, Step, StepError,
};
use shared::model_type;

use crate::parts::scaling::{self, Scaling};

model_type! {
    /// Charging load of the electric vehicles of a number of households, from a recorded profile.
    ///
    /// # Model
    ///
    /// The profile belongs to the households (or vehicles) that were recorded together. It is
    /// scaled to those of the scenario:
    ///
    /// ```text
    /// D = (P·n) / m      n ≠ m
    /// D = P              n = m
    /// ```
    ///
    /// # Assumptions
    ///
    /// The coincidence of charging is that of the recorded group, whatever the size of the other
    /// one; in truth it grows for small groups. n ≥ 0, m > 0; both may be fractions. The unit of
    /// the profile passes through, so that kWh per step are possible as well. The length of a step
    /// plays no part. For single vehicles with a battery of their own, see `EV`.
    ///
    /// # Source
    ///
    /// H. L. Willis, *Power Distribution Planning Reference Book*, 2nd edition, Marcel Dekker,
    /// 2004: coincidence of loads.
    ///
    /// # Errors
    ///
    /// Neither number of households has a default; both must be given. Numbers outside of their
    /// ranges are refused. Several states at `power`, which arrive as a list, text and null stop
    /// the run.
    ///
    /// # Example
    ///
    /// A profile of 10 households for 20: at 1.5 kW the load is 1.5 kW × 20 / 10 = 3 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: the input `n` is accepted and changes nothing. Between equal numbers of households an
    /// integer profile stays one; scaled it is a float. Without a connection the load is 0, which
    /// gives a warning.
    ///
    /// Fixed: two numbers of households that are both null, the defaults there, passed the profile
    /// on; they are refused. Between equal numbers a list, text or null was passed on; it stops the
    /// run.
    pub static LOAD_EV = ModelType::new("LoadEV", |build| Ok(Box::new(LoadEv::new(build))));
    parameters {
        HOUSES_CASE = scaling::HOUSES_CASE,
        HOUSES_DATA = scaling::HOUSES_DATA,
    }
    inputs {
        POWER = Input::number(
            "power",
            "kW",
            "recorded charging load of all households behind the profile",
        )
        .symbol("P")
        .with_need(Need::Else(Literal::Int(0))),
        _ = Input::unused("n", "-", "vehicles charging; not used"),
    }
    published {
        LOAD = Published::output("load_EV", "kW", "charging load of the scenario").symbol("D").role(Role::Used),
    }
}

struct LoadEv {
    scaling: Scaling,
}

impl LoadEv {
    fn new(build: &Build<'_>) -> Self {
        Self {
            scaling: Scaling::new(build, HOUSES_DATA, HOUSES_CASE),
        }
    }
}

impl Model for LoadEv {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        self.scaling.publish(step, POWER, LOAD)
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

    fn vehicles(case: i64, data: i64) -> Rig {
        let config = with_parameters(&[
            ("houses_case", Literal::Int(case)),
            ("houses_data", Literal::Int(data)),
        ]);
        Rig::new(&LOAD_EV, &config).expect("buildable")
    }

    #[test]
    fn the_profile_is_scaled_to_the_households_of_the_scenario() {
        let mut vehicles = vehicles(20, 10);
        vehicles.step(&[("power", 1.5.into())]).expect("a step");
        assert_eq!(vehicles.value("load_EV"), Value::Float(3.0));
    }

    #[test]
    fn the_number_of_vehicles_changes_nothing() {
        let mut vehicles = vehicles(10, 10);
        for n in [Value::Int(3), Value::text("many")] {
            let inputs = [("power", Value::Int(7)), ("n", n)];
            vehicles.step(&inputs).expect("a step");
            assert_eq!(vehicles.value("load_EV"), Value::Int(7));
        }
    }

    #[test]
    fn nothing_connected_is_no_load() {
        for (case, load) in [(10, Value::Int(0)), (3, Value::Float(0.0))] {
            let mut vehicles = vehicles(case, 10);
            vehicles.step(&[]).expect("a step");
            assert_eq!(vehicles.value("load_EV"), load);
        }
    }

    #[test]
    fn both_numbers_of_households_must_be_given() {
        let nulls = [
            ("houses_case", Literal::Null),
            ("houses_data", Literal::Null),
        ];
        for config in [ModelConfig::default(), with_parameters(&nulls)] {
            let error = Rig::new(&LOAD_EV, &config).err().expect("refused");
            assert_eq!(error.code, "missing_parameter:houses_case");
        }
    }

    #[test]
    fn what_is_no_number_is_no_load_even_between_equal_numbers_of_households() {
        let mut vehicles = vehicles(10, 10);
        for value in [Value::List([].into()), Value::text("8"), Value::Null] {
            let error = vehicles.step(&[("power", value)]).expect_err("refused");
            assert_eq!(error.code, "type_mismatch:power");
        }
    }
}
