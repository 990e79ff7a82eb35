//! The controller that leaves charging electric vehicles to the grid.

use shared::model::{
    Build, BuildError, Input, Memory, Model, ModelType, Published, Role, Step, StepError,
};
use shared::model_type;

use crate::parts::dispatch::{self, Band, Dispatch};

model_type! {
    /// Self-consumption controller that leaves electric vehicles to the grid: PV and load with a
    /// battery, and charging on top of what is exchanged.
    ///
    /// # Model
    ///
    /// ```text
    /// r = L − PV
    /// b = −min(r, (S − S_min) / 100 · P_max)     r > 0 and S > S_min
    /// b =  min(−r, (S_max − S) / 100 · P_max)    r < 0 and S < S_max
    /// b =  0                                     otherwise
    /// d = −(r + EV + b)
    /// ```
    ///
    /// The battery looks at load and PV only; the vehicles are added to the exchange with the grid
    /// afterwards, even during a surplus. With `ControllerEV` the battery serves them too.
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
    /// R. Luthander, J. Widén, D. Nilsson, J. Palm, "Photovoltaic self-consumption in buildings: A
    /// review", *Applied Energy* 142 (2015) 80-94, doi:10.1016/j.apenergy.2014.12.028, for the
    /// battery; K. Clement-Nyns, E. Haesen, J. Driesen, "The impact of charging plug-in hybrid
    /// electric vehicles on a residential distribution grid", *IEEE Transactions on Power Systems*
    /// 25 (2010) 371-380, doi:10.1109/TPWRS.2009.2036481, for uncoordinated charging.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges and S_min not below S_max are refused. `pv_gen`,
    /// `load_dem`, `load_EV` and `soc` must be connected.
    ///
    /// # Example
    ///
    /// Limits 10 % and 90 %, P_max = 8 kW, level 60 %: with 1 kW of PV, 3 kW of load and 4 kW of
    /// charging, r = 2 kW, which the battery covers, b = -2 kW. The charging is imported,
    /// d = -4 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: `wind_gen` and the prices are accepted and change nothing, which gives a warning where they
    /// are connected. A P_max of 0 in a deficit gives a `flow2b` of -0.0, and exact
    /// coverage by floats a `dump` of -0.0.
    pub static CONTROLLER_T4 =
        ModelType::new("Controller_T4", |build| Ok(Box::new(Controller::new(build)?)));
    parameters {
        SOC_MIN = dispatch::SOC_MIN,
        SOC_MAX = dispatch::SOC_MAX,
        MAX_P = dispatch::MAX_P,
    }
    inputs {
        PV_GEN = Input::number("pv_gen", "kW", "generation of PV arrays").symbol("PV"),
        LOAD_DEM = Input::number("load_dem", "kW", "demand without electric vehicles").symbol("L"),
        LOAD_EV = Input::number("load_EV", "kW", "load of electric vehicles").symbol("EV"),
        SOC = Input::number("soc", "%", "level of the battery").symbol("S"),
        _ = Input::unused(
            "wind_gen",
            "kW",
            "generation of wind turbines; not used, ControllerEV takes it into account",
        ),
        _ = Input::unused("shortage_price", "currency/kWh", "price of import; not used"),
        _ = Input::unused("surplus_price", "currency/kWh", "price of export; not used"),
    }
    published {
        FLOW2B = Published::output("flow2b", "kW", "request to the battery; positive charges")
            .symbol("b"),
        RES_LOAD = Published::output(
            "res_load",
            "kW",
            "load minus PV, before the battery and without electric vehicles; positive is a deficit",
        )
        .symbol("r"),
        DUMP = Published::output(
            "dump",
            "kW",
            "exchange with the grid, electric vehicles included; positive is export",
        )
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
        let residual = step.number(LOAD_DEM)? - step.number(PV_GEN)?;
        let flow = self.dispatch.flow(residual, step.number(SOC)?);
        let dump = -(residual + step.number(LOAD_EV)? + flow);
        step.publish_number(FLOW2B, flow);
        step.publish_number(RES_LOAD, residual);
        step.publish_number(DUMP, dump);
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
    const INPUT_NAMES: [&str; 4] = ["pv_gen", "load_dem", "load_EV", "soc"];

    fn controller() -> Rig {
        Rig::new(&CONTROLLER_T4, &with_parameters(HOUSE)).expect("buildable")
    }

    /// The residual load, the flow to the battery and the exchange with the grid.
    fn balance<T: Into<Value>>(controller: &mut Rig, inputs: [T; 4]) -> [Value; 3] {
        let values = inputs.map(Into::into);
        let inputs: Vec<_> = INPUT_NAMES.into_iter().zip(values).collect();
        controller.step(&inputs).expect("a step");
        ["res_load", "flow2b", "dump"].map(|name| controller.value(name))
    }

    #[test]
    fn the_grid_charges_the_vehicles_whatever_the_battery_could_do() {
        let flows = balance(&mut controller(), [1, 3, 4, 60]);
        assert_eq!(flows, [2, -2, -4].map(Value::Int), "deficit");
        let flows = balance(&mut controller(), [3, 1, 4, 40]);
        assert_eq!(flows, [-2, 2, -4].map(Value::Int), "surplus");
    }

    #[test]
    fn wind_and_prices_change_nothing() {
        let inputs = |wind: &[_]| {
            let values = INPUT_NAMES.into_iter().zip([1, 3, 4, 60].map(Value::Int));
            values.chain(wind.iter().cloned()).collect::<Vec<_>>()
        };
        let mut controller = controller();
        let unused = inputs(&[
            ("wind_gen", Value::Int(9)),
            ("surplus_price", Value::Float(0.1)),
        ]);
        controller.step(&unused).expect("a step");
        assert_eq!(controller.value("dump"), Value::Int(-4));
    }

    #[test]
    fn all_but_wind_and_prices_must_be_connected() {
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
            let error = Rig::new(&CONTROLLER_T4, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"));
        }
    }

    proptest! {
        #[test]
        fn the_flows_balance(
            flows in prop::array::uniform3(-1e3_f64..1e3),
            soc in 0.0_f64..=100.0,
        ) {
            let [pv, load, vehicles] = flows;
            let flows = balance(&mut controller(), [pv, load, vehicles, soc]);
            let [residual, flow, dump] = flows.map(|value| {
                value.as_number().expect("a number").to_f64()
            });
            prop_assert_eq!(residual, load - pv);
            prop_assert_eq!(residual + vehicles + flow + dump, 0.0);
        }
    }
}
