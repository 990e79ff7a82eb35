//! The electricity demand of a group of households.

use shared::model::{
    Build, Input, Literal, Memory, Model, ModelType, Need, Parameter, ParameterSlot, Published,
    Range, Role, Step, StepError,
};
use shared::model_type;
use shared::value::Number;

model_type! {
    /// Electricity demand of a number of equal households, from the profile of one of them.
    ///
    /// # Model
    ///
    /// The profile is multiplied by the number of households, and converted between mean power and
    /// energy per step, E = P·Δt, where the two sides differ:
    ///
    /// | `input_type` | `output_type` | demand D |
    /// |---|---|---|
    /// | power | power | n·L |
    /// | power | energy | (n·L)·Δt |
    /// | energy | power | (n·L) / Δt |
    /// | energy | energy | n·L |
    ///
    /// with the length of a step in hours, Δt = `time_resolution` × `time_step_size` / 3600.
    ///
    /// # Assumptions
    ///
    /// All households follow the same profile at the same time (a coincidence factor of 1). The
    /// number of households may be a fraction; it is not negative. A negative profile, feeding
    /// in, is passed on. A profile of energy holds the energy of one step of this model.
    ///
    /// # Source
    ///
    /// H. L. Willis, *Power Distribution Planning Reference Book*, 2nd edition, Marcel Dekker,
    /// 2004: consumer demand and coincidence.
    ///
    /// # Errors
    ///
    /// A number of households below zero and a type other than `power` and `energy` are refused.
    /// Several states at `load`, which arrive as a list, stop the run.
    ///
    /// # Example
    ///
    /// 10 households of 0.4 kW each, in steps of a quarter of an hour: the power is 4 kW, the
    /// energy 10 × 0.4 kW × 0.25 h = 1 kWh per step.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: without a `parameters` section `load` is energy and `load_dem` is power, but a section
    /// that leaves the types out means the opposite, power in and energy out. Where the scenario
    /// does not give both types, a warning says which they are. An unconnected `load` counts as 0.
    ///
    /// Fixed: several states at `load` are an error also where `houses` is an integer. The names
    /// `consumption`, `time` and `forecast`, which scenario files declare, are never published,
    /// so they cannot be connected or recorded.
    pub static LOAD = ModelType::new("Load", |build| Ok(Box::new(Load::new(build))))
        .never_publishing(&["consumption", "time", "forecast"]);
    parameters {
        HOUSES = Parameter::number("houses", "-", "number of households")
            .symbol("n")
            .with_default(Literal::Int(1))
            .if_missing(Literal::Int(1))
            .in_range(Range::NOT_NEGATIVE)
            .adjustable(0.0, 100.0),
        INPUT_TYPE = Parameter::choice("input_type", &[POWER, ENERGY], "what 'load' is")
            .with_default(Literal::text(ENERGY))
            .if_missing(Literal::text(POWER)),
        OUTPUT_TYPE = Parameter::choice("output_type", &[POWER, ENERGY], "what 'load_dem' shall be")
            .with_default(Literal::text(POWER))
            .if_missing(Literal::text(ENERGY)),
    }
    inputs {
        PROFILE = Input::number("load", "kW or kWh per step", "demand of one household")
            .unit_by("input_type")
            .symbol("L")
            .with_need(Need::Else(Literal::Int(0)))
            .adjustable(0.0, 10.0),
    }
    published {
        LOAD_DEM = Published::output("load_dem", "kW or kWh per step", "demand of all households")
            .unit_by("output_type")
            .symbol("D")
            .role(Role::Used),
        LOAD_DEM_STATE = Published::state(
            "load_dem_state",
            "kW or kWh per step",
            "'load_dem', for any number of readers",
        )
        .unit_by("output_type")
        .repeats("load_dem"),
    }
}

const POWER: &str = "power";
const ENERGY: &str = "energy";

struct Load {
    houses: Number,
    conversion: Conversion,
}

/// From the unit of the profile to that of the demand; the number is the hours of a step.
enum Conversion {
    None,
    ToEnergy(f64),
    ToPower(f64),
}

impl Load {
    fn new(build: &mut Build<'_>) -> Self {
        let (input_type, output_type) = (build.text(INPUT_TYPE), build.text(OUTPUT_TYPE));
        let conversion = match (input_type, output_type) {
            (POWER, ENERGY) => Conversion::ToEnergy(build.step_hours()),
            (ENERGY, POWER) => Conversion::ToPower(build.step_hours()),
            _ => Conversion::None,
        };
        if !(build.is_given(INPUT_TYPE) && build.is_given(OUTPUT_TYPE)) {
            let warning = format!(
                "'load' is taken as {input_type} and 'load_dem' given as {output_type}; write \
                 'input_type: {input_type}' and 'output_type: {output_type}' if that is meant"
            );
            build.warn(|| warning);
        }
        Self {
            houses: build.number(HOUSES),
            conversion,
        }
    }
}

impl Model for Load {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == HOUSES {
            self.houses = value;
        }
        parameter == HOUSES
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let profile = step.optional_number(PROFILE)?.unwrap_or(Number::ZERO);
        let demand = self.houses * profile;
        let demand = match self.conversion {
            Conversion::None => demand,
            Conversion::ToEnergy(hours) => demand * hours,
            Conversion::ToPower(hours) => demand / hours,
        };
        step.publish_number(LOAD_DEM, demand);
        step.publish_number(LOAD_DEM_STATE, demand);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.houses);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;
    use shared::value::Value;

    fn households(houses: Literal, input_type: &'static str, output_type: &'static str) -> Rig {
        let config = with_parameters(&[
            ("houses", houses),
            ("input_type", Literal::text(input_type)),
            ("output_type", Literal::text(output_type)),
        ]);
        Rig::new(&LOAD, &config).expect("buildable")
    }

    fn demand(mut load: Rig, profile: Value) -> Value {
        load.step(&[("load", profile)]).expect("a step");
        load.value("load_dem")
    }

    #[test]
    fn power_becomes_energy_by_the_hours_of_a_step() {
        for (input_type, output_type, expected) in [
            (POWER, POWER, 4.0),
            (POWER, ENERGY, 1.0),
            (ENERGY, POWER, 16.0),
            (ENERGY, ENERGY, 4.0),
        ] {
            let load = households(Literal::Int(10), input_type, output_type);
            assert_eq!(demand(load, Value::Float(0.4)), Value::Float(expected));
        }
    }

    #[test]
    fn the_length_of_a_step_counts_its_ticks() {
        let config = ModelConfig {
            time_step_size: Some(4),
            ..with_parameters(&[("output_type", Literal::text(ENERGY))])
        };
        let load = Rig::new(&LOAD, &config).expect("buildable");
        assert_eq!(demand(load, Value::Float(0.4)), Value::Float(0.4));
    }

    #[test]
    fn integers_stay_integers_where_nothing_is_converted() {
        let load = households(Literal::Int(5), POWER, POWER);
        assert_eq!(demand(load, Value::Int(3)), Value::Int(15));
        let load = households(Literal::Int(5), POWER, ENERGY);
        assert_eq!(demand(load, Value::Int(4)), Value::Float(5.0));
    }

    #[test]
    fn nothing_connected_is_no_demand() {
        let mut load = households(Literal::Int(5), POWER, POWER);
        load.step(&[]).expect("a step");
        assert_eq!(load.value("load_dem"), Value::Int(0));
    }

    #[test]
    fn types_that_the_scenario_leaves_open_are_told() {
        let stated = households(Literal::Int(1), ENERGY, POWER);
        assert_eq!(stated.warnings(), &[] as &[String]);

        let config = with_parameters(&[("houses", Literal::Int(4))]);
        let left_out = Rig::new(&LOAD, &config).expect("buildable");
        assert!(left_out.warnings()[0].contains("'input_type: power' and 'output_type: energy'"));

        let no_section = Rig::new(&LOAD, &ModelConfig::default()).expect("buildable");
        assert!(no_section.warnings()[0].contains("'input_type: energy' and 'output_type: power'"));
    }

    #[test]
    fn a_list_is_no_demand_even_for_an_integer_number_of_houses() {
        let mut load = households(Literal::Int(2), POWER, POWER);
        let list = Value::List([Value::Int(1), Value::Int(2)].into());
        let error = load.step(&[("load", list)]).expect_err("refused");
        assert_eq!(error.code, "type_mismatch:load");
    }

    #[test]
    fn parameters_outside_their_range_are_refused() {
        for (key, value) in [
            ("houses", Literal::Int(-1)),
            ("input_type", Literal::text("kW")),
        ] {
            let error = Rig::new(&LOAD, &with_parameters(&[(key, value)]));
            let code = error.err().expect("refused").code;
            assert_eq!(code, format!("invalid_parameter:{key}"));
        }
    }

    proptest! {
        #[test]
        fn energy_and_power_convert_into_each_other(
            houses in 0.0_f64..1e3,
            profile in -1e3_f64..1e3,
        ) {
            let energy = demand(
                households(Literal::Float(houses), POWER, ENERGY),
                Value::Float(profile),
            );
            let power = demand(households(Literal::Int(1), ENERGY, POWER), energy);
            prop_assert_eq!(power, Value::Float(houses * profile), "a quarter is exact");
        }
    }
}
