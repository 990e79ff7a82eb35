//! The controller whose battery serves electric vehicles like any other load.

use shared::model::{
    Build, BuildError, Input, Memory, Model, ModelType, Published, Role, Step, StepError,
};
use shared::model_type;

use crate::parts::dispatch::{self, Band, Dispatch};

model_type! {
    /// Self-consumption controller with electric vehicles: wind, PV, load and uncontrolled charging
    /// with a battery; the grid takes the rest.
    ///
    /// # Model
    ///
    /// ```text
    /// r = L + EV − W − PV
    /// b = −min(r, (S − S_min) / 100 · P_max)     r > 0 and S > S_min
    /// b =  min(−r, (S_max − S) / 100 · P_max)    r < 0 and S < S_max
    /// b =  0                                     otherwise
    /// d = −(r + b)
    /// ```
    ///
    /// The vehicles are an ordinary load, which the battery serves too. Its power shrinks in
    /// proportion to the distance of its level from the limit. What remains is exchanged with the
    /// grid. `Controller_T4` keeps the vehicles apart.
    ///
    /// # Assumptions
    ///
    /// All inputs are powers over the same step; its length plays no part. Several chargers at
    /// `load_EV` are added. P_max is the power at 100 % distance from a limit, so the battery
    /// approaches its limits without ever reaching them. 0 ≤ S_min < S_max ≤ 100. The controller
    /// does not learn what the battery really exchanged, and cannot throttle the vehicles.
    ///
    /// # Source
    ///
    /// K. Clement-Nyns, E. Haesen, J. Driesen, "The impact of charging plug-in hybrid electric
    /// vehicles on a residential distribution grid", *IEEE Transactions on Power Systems* 25 (2010)
    /// 371-380, doi:10.1109/TPWRS.2009.2036481: uncoordinated charging. For the battery see
    /// `Controller_T1`.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges and S_min not below S_max are refused. Every input must be
    /// connected.
    ///
    /// # Example
    ///
    /// Limits 10 % and 90 %, P_max = 8 kW, level 60 %: with 1 kW of PV, no wind, 2 kW of load and
    /// 4 kW of charging, r = 5 kW. The battery may give 50 / 100 × 8 = 4 kW, so b = -4 kW and
    /// d = -1 kW, an import.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: a P_max of 0 in a deficit gives a `flow2b` of -0.0, and exact coverage by floats a
    /// `dump` of -0.0.
    pub static CONTROLLER_EV =
        ModelType::new("ControllerEV", |build| Ok(Box::new(Controller::new(build)?)));
    parameters {
        SOC_MIN = dispatch::SOC_MIN,
        SOC_MAX = dispatch::SOC_MAX,
        MAX_P = dispatch::MAX_P,
    }
    inputs {
        WIND_GEN = Input::number("wind_gen", "kW", "generation of wind turbines").symbol("W"),
        PV_GEN = Input::number("pv_gen", "kW", "generation of PV arrays").symbol("PV"),
        LOAD_DEM = Input::number("load_dem", "kW", "demand without electric vehicles").symbol("L"),
        LOAD_EV = Input::number("load_EV", "kW", "load of electric vehicles").symbol("EV"),
        SOC = Input::number("soc", "%", "level of the battery").symbol("S"),
    }
    published {
        FLOW2B = Published::output("flow2b", "kW", "request to the battery; positive charges")
            .symbol("b"),
        RES_LOAD = Published::output(
            "res_load",
            "kW",
            "load and vehicles minus wind minus PV, before the battery; positive is a deficit",
        )
        .symbol("r"),
        DUMP = Published::output("dump", "kW", "exchange with the grid; positive is export")
            .symbol("d")
            .role(Role::Exchanged),
    }
}

struct Controller {
    dispatch: Dispatch,
}

impl Controller {
    fn new(build: &Build<'_>) -> Result<Self, BuildError> {
        Ok(Self {
            dispatch: Dispatch::new(build, Band::new(build, SOC_MIN, SOC_MAX)?, MAX_P),
        })
    }
}

impl Model for Controller {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let (wind, pv) = (step.number(WIND_GEN)?, step.number(PV_GEN)?);
        let residual = step.number(LOAD_DEM)? + step.number(LOAD_EV)? - wind - pv;
        let flow = self.dispatch.flow(residual, step.number(SOC)?);
        step.publish_number(FLOW2B, flow);
        step.publish_number(RES_LOAD, residual);
        step.publish_number(DUMP, -(residual + flow));
        Ok(())
    }

    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, changed, with_parameters};
    use proptest::prelude::*;
    use shared::model::Literal;
    use shared::value::Value;

    const HOUSE: &[(&str, Literal)] = &[
        ("soc_min", Literal::Int(10)),
        ("soc_max", Literal::Int(90)),
        ("max_p", Literal::Int(8)),
    ];
    const INPUT_NAMES: [&str; 5] = ["wind_gen", "pv_gen", "load_dem", "load_EV", "soc"];

    fn controller() -> Rig {
        Rig::new(&CONTROLLER_EV, &with_parameters(HOUSE)).expect("buildable")
    }

    /// The residual load, the flow to the battery and the exchange with the grid.
    fn balance<T: Into<Value>>(controller: &mut Rig, inputs: [T; 5]) -> [Value; 3] {
        let values = inputs.map(Into::into);
        let inputs: Vec<_> = INPUT_NAMES.into_iter().zip(values).collect();
        controller.step(&inputs).expect("a step");
        ["res_load", "flow2b", "dump"].map(|name| controller.value(name))
    }

    #[test]
    fn the_battery_serves_the_vehicles_too() {
        let flows = balance(&mut controller(), [0, 1, 2, 4, 60]);
        assert_eq!(flows, [5.into(), (-4.0).into(), (-1.0).into()]);
        let flows = balance(&mut controller(), [3, 2, 1, 1, 50]);
        assert_eq!(flows, [-3, 3, 0].map(Value::Int));
    }

    #[test]
    fn exact_coverage_by_floats_is_an_exchange_of_negative_zero() {
        let flows = balance(&mut controller(), [0.0, 0.25, 0.5, 0.25, 60.0]);
        assert_eq!(flows, [0.5, -0.5, -0.0].map(Value::Float));
    }

    #[test]
    fn every_input_must_be_connected() {
        for missing in INPUT_NAMES {
            let others = INPUT_NAMES.into_iter().filter(|name| *name != missing);
            let inputs: Vec<_> = others.map(|name| (name, Value::Int(50))).collect();
            let error = controller().step(&inputs).expect_err("refused");
            assert_eq!(error.code, format!("missing_input:{missing}"));
            assert!(controller().requires(missing));
        }
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [("soc_min", 90), ("soc_max", 101), ("max_p", -1)] {
            let config = with_parameters(&changed(HOUSE, &[(key, Literal::Int(value))]));
            let error = Rig::new(&CONTROLLER_EV, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"));
        }
    }

    proptest! {
        #[test]
        fn the_flows_balance(
            flows in prop::array::uniform4(-1e3_f64..1e3),
            soc in 0.0_f64..=100.0,
        ) {
            let [wind, pv, load, vehicles] = flows;
            let flows = balance(&mut controller(), [wind, pv, load, vehicles, soc]);
            let [residual, flow, dump] = flows.map(|value| {
                value.as_number().expect("a number").to_f64()
            });
            prop_assert_eq!(residual, load + vehicles - wind - pv);
            prop_assert_eq!(residual + flow + dump, 0.0);
        }
    }
}
