//! The self-consumption controller of the first tutorial.

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Published, Role, Step,
    StepError,
};
use shared::model_type;
use shared::value::Number;

use crate::parts::dispatch::{self, Band, Dispatch};

model_type! {
    /// Self-consumption controller: wind, PV and load with an optional battery; the grid takes the
    /// rest.
    ///
    /// # Model
    ///
    /// ```text
    /// r = L − W − PV
    /// b = −min(r, (S − S_min) / 100 · P_max)     r > 0 and S > S_min
    /// b =  min(−r, (S_max − S) / 100 · P_max)    r < 0 and S < S_max
    /// b =  0                                     otherwise
    /// d = −(r + b)
    /// ```
    ///
    /// The battery covers a deficit and takes a surplus, with a power that shrinks in proportion
    /// to the distance of its level from the limit. What remains is exchanged with the grid.
    ///
    /// # Assumptions
    ///
    /// All inputs are powers over the same step; its length plays no part. P_max is the power at
    /// 100 % distance from a limit, so the battery approaches its limits without ever reaching
    /// them. 0 ≤ S_min < S_max ≤ 100. The controller does not learn what the battery really
    /// exchanged.
    ///
    /// # Source
    ///
    /// R. Luthander, J. Widén, D. Nilsson, J. Palm, "Photovoltaic self-consumption in buildings: A
    /// review", *Applied Energy* 142 (2015) 80-94, doi:10.1016/j.apenergy.2014.12.028.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges, S_min not below S_max, and a `battery_active` other than
    /// true, false, 1 and 0 are refused. Where `battery_active` is false, S_min, S_max and P_max are
    /// not looked at and may be left out. `pv_gen` and `load_dem` must be connected, and `soc` where the
    /// battery is active. Without wind, `wind_gen` may be left unconnected; a warning says that it is 0.
    ///
    /// # Example
    ///
    /// Limits 10 % and 90 %, P_max = 0.8 kW, level 60 %: with 0.1 kW of wind, 0.2 kW of PV and
    /// 0.8 kW of load, r = 0.5 kW. The battery may give 50 / 100 × 0.8 = 0.4 kW, so b = -0.4 kW and
    /// d = -(0.5 − 0.4) = -0.1 kW, an import.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: without a battery `dump` is the integer 0, although the whole of `res_load` is
    /// exchanged with the grid; a warning says so. A P_max of 0 in a deficit gives a `flow2b` of
    /// -0.0. That `wind_gen` need not be connected is so in its branch for clusters only, which has
    /// `flow2bState` as well.
    ///
    /// Fixed: without a battery `flow2b` is the integer 0, where it was never published. A text for
    /// `battery_active`, such as a plain `yes`, is refused, where it demanded `soc` and then left
    /// the battery unused.
    pub static CONTROLLER_T1 =
        ModelType::new("Controller_T1", |build| Ok(Box::new(Controller::new(build)?)));
    parameters {
        SOC_MIN = dispatch::SOC_MIN.used_with("battery_active"),
        SOC_MAX = dispatch::SOC_MAX.used_with("battery_active"),
        MAX_P = dispatch::MAX_P.used_with("battery_active"),
        BATTERY_ACTIVE = dispatch::BATTERY_ACTIVE,
    }
    inputs {
        WIND_GEN = Input::number("wind_gen", "kW", "generation of wind turbines")
            .symbol("W")
            .with_need(Need::Else(Literal::Int(0))),
        PV_GEN = Input::number("pv_gen", "kW", "generation of PV arrays").symbol("PV"),
        LOAD_DEM = Input::number("load_dem", "kW", "demand").symbol("L"),
        SOC = Input::number("soc", "%", "level of the battery")
            .symbol("S")
            .with_need(Need::sometimes("where 'battery_active' is true")),
    }
    published {
        FLOW2B = Published::output("flow2b", "kW", "request to the battery; positive charges")
            .symbol("b"),
        RES_LOAD = Published::output(
            "res_load",
            "kW",
            "load minus wind minus PV, before the battery; positive is a deficit",
        )
        .symbol("r"),
        DUMP = Published::output("dump", "kW", "exchange with the grid; positive is export")
            .symbol("d")
            .role(Role::Exchanged)
            .only_with("battery_active"),
        FLOW2B_STATE = Published::state("flow2bState", "kW", "'flow2b', for any number of readers")
            .repeats("flow2b"),
    }
}

struct Controller {
    /// What the battery does, where there is one.
    dispatch: Option<Dispatch>,
}

impl Controller {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let dispatch = if build.flag(BATTERY_ACTIVE) {
            build.require(SOC);
            Some(Dispatch::new(
                build,
                Band::new(build, SOC_MIN, SOC_MAX)?,
                MAX_P,
            ))
        } else {
            build.warn(|| {
                "without a battery 'dump' is always 0; the exchange with the grid is 'res_load', \
                 where positive is import"
            });
            None
        };
        Ok(Self { dispatch })
    }
}

impl Model for Controller {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let wind = step.optional_number(WIND_GEN)?.unwrap_or(Number::ZERO);
        let pv = step.number(PV_GEN)?;
        let residual = step.number(LOAD_DEM)? - wind - pv;
        let (flow, dump) = match &self.dispatch {
            Some(dispatch) => {
                let flow = dispatch.flow(residual, step.number(SOC)?);
                (flow, -(residual + flow))
            }
            None => (Number::ZERO, Number::ZERO),
        };
        step.publish_number(FLOW2B, flow);
        step.publish_number(RES_LOAD, residual);
        step.publish_number(DUMP, dump);
        step.publish_number(FLOW2B_STATE, flow);
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
    use shared::value::Value;

    const HOUSE: &[(&str, Literal)] = &[
        ("soc_min", Literal::Int(10)),
        ("soc_max", Literal::Int(90)),
        ("max_p", Literal::Float(0.8)),
        ("battery_active", Literal::Bool(true)),
    ];

    fn controller(changes: &[(&str, Literal)]) -> Rig {
        let config = with_parameters(&changed(HOUSE, changes));
        Rig::new(&CONTROLLER_T1, &config).expect("buildable")
    }

    fn balance(controller: &mut Rig, [wind, pv, load, soc]: [Value; 4]) -> [Value; 3] {
        let inputs = [
            ("wind_gen", wind),
            ("pv_gen", pv),
            ("load_dem", load),
            ("soc", soc),
        ];
        controller.step(&inputs).expect("a step");
        ["res_load", "flow2b", "dump"].map(|name| controller.value(name))
    }

    #[test]
    fn the_battery_covers_a_deficit_as_far_as_its_level_allows() {
        let flows = balance(
            &mut controller(&[]),
            [0.25, 0.25, 1.0, 60.0].map(Value::Float),
        );
        assert_eq!(
            flows,
            [0.5, -0.4, -0.099_999_999_999_999_98].map(Value::Float)
        );
    }

    #[test]
    fn the_battery_takes_a_surplus_whole_where_it_may() {
        let flows = balance(
            &mut controller(&[]),
            [0.25, 0.5, 0.5, 50.0].map(Value::Float),
        );
        assert_eq!(flows, [-0.25, 0.25, -0.0].map(Value::Float));
    }

    #[test]
    fn integers_stay_integers_where_the_battery_takes_all_or_nothing() {
        let mut large = controller(&[("max_p", Literal::Int(100))]);
        let flows = balance(&mut large, [3, 2, 4, 50].map(Value::Int));
        assert_eq!(flows, [-1, 1, 0].map(Value::Int), "all");
        let flows = balance(&mut large, [3, 2, 4, 90].map(Value::Int));
        assert_eq!(flows, [-1, 0, 1].map(Value::Int), "full");
        let flows = balance(&mut large, [0, 0, 4, 10].map(Value::Int));
        assert_eq!(flows, [4, 0, -4].map(Value::Int), "empty");
    }

    #[test]
    fn without_a_battery_the_level_is_not_needed_and_a_warning_says_where_the_exchange_is() {
        let mut inactive = controller(&[("battery_active", Literal::Int(0))]);
        assert!(!inactive.requires("soc") && controller(&[]).requires("soc"));
        assert!(inactive.warnings()[0].contains("'res_load'"));
        assert_eq!(controller(&[]).warnings(), &[] as &[String]);
        inactive
            .step(&[
                ("wind_gen", 1.into()),
                ("pv_gen", 1.into()),
                ("load_dem", 5.into()),
            ])
            .expect("a step");
        assert_eq!(inactive.value("res_load"), Value::Int(3));
        assert_eq!(inactive.value("flow2b"), Value::Int(0));
        assert_eq!(inactive.value("dump"), Value::Int(0));
    }

    #[test]
    fn without_wind_there_is_none() {
        let mut calm = controller(&[]);
        assert!(!calm.requires("wind_gen") && calm.requires("pv_gen"));
        let inputs = [("pv_gen", 1), ("load_dem", 5), ("soc", 10)];
        let inputs = inputs.map(|(name, value)| (name, Value::Int(value)));
        calm.step(&inputs).expect("a step");
        assert_eq!(calm.value("res_load"), Value::Int(4));
        assert_eq!(calm.value("flow2bState"), calm.value("flow2b"));
    }

    #[test]
    fn an_active_battery_without_a_level_stops_the_run() {
        let step = controller(&[]).step(&[
            ("wind_gen", 1.into()),
            ("pv_gen", 1.into()),
            ("load_dem", 5.into()),
        ]);
        assert_eq!(step.expect_err("no level").code, "missing_input:soc");
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [
            ("soc_min", Literal::Int(90)),
            ("soc_max", Literal::Int(101)),
            ("max_p", Literal::Int(-1)),
            ("battery_active", Literal::text("yes")),
            ("battery_active", Literal::Int(2)),
        ] {
            let config = with_parameters(&changed(HOUSE, &[(key, value)]));
            let error = Rig::new(&CONTROLLER_T1, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"), "{error}");
        }
    }

    #[test]
    fn without_a_battery_its_limits_are_not_looked_at() {
        let text = Literal::text("None");
        let unused = [
            ("soc_min", text),
            ("soc_max", Literal::Int(-5)),
            ("max_p", Literal::Null),
        ];
        for off in [Literal::Bool(false), Literal::Int(0)] {
            let flag = ("battery_active", off);
            for parameters in [&[flag.clone()][..], &[&unused[..], &[flag]].concat()] {
                let mut house =
                    Rig::new(&CONTROLLER_T1, &with_parameters(parameters)).expect("buildable");
                let inputs = [0.25, 0.25, 1.0, 0.0].map(Value::Float);
                let [residual, flow, _] = balance(&mut house, inputs);
                assert_eq!((flow, residual), (Value::Int(0), Value::Float(0.5)));
            }
        }
        // Where there is one, each of them is refused as before.
        for (key, code) in [
            ("soc_min", "invalid_parameter:soc_min"),
            ("soc_max", "invalid_parameter:soc_max"),
            ("max_p", "missing_parameter:max_p"),
        ] {
            let (_, value) = unused.iter().find(|(name, _)| *name == key).expect("there");
            let config = with_parameters(&changed(HOUSE, &[(key, value.clone())]));
            let error = Rig::new(&CONTROLLER_T1, &config).err().expect("refused");
            assert_eq!(error.code, code);
        }
    }

    proptest! {
        #[test]
        fn the_flows_balance_and_the_battery_never_works_against_the_residual_load(
            flows in prop::array::uniform3(-1e3_f64..1e3),
            soc in 0.0_f64..=100.0,
        ) {
            let [wind, pv, load] = flows;
            let inputs = [wind, pv, load, soc].map(Value::Float);
            let published = balance(&mut controller(&[]), inputs);
            let [residual, flow, dump] = published.map(|value| {
                value.as_number().expect("a number").to_f64()
            });
            prop_assert_eq!(residual + flow + dump, 0.0);
            prop_assert!(flow * residual <= 0.0);
            prop_assert!(flow.abs() <= residual.abs());
            prop_assert!(flow.abs() <= 0.8, "inside of the power limit");
        }
    }
}
