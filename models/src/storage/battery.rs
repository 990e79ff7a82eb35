//! The stationary battery.

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Parameter, ParameterSlot,
    Published, Range, Role, Step, StepError,
};
use shared::model_type;
use shared::value::Number;

use crate::parts::rounding::{round3, round3_dec};
use crate::parts::whole_step::{self, booked_hours};

model_type! {
    /// Stationary battery: an energy store that follows a requested power within its limits.
    ///
    /// # Model
    ///
    /// A request f is first limited to what the converter can do, q = min(P_max, f) when charging
    /// and q = max(P_min, f) when discharging. Then the energy to store, E, is compared with what
    /// the store can take or give, C, over Δt = `time_resolution` / 3600 hours, or with
    /// `whole_step` over Δt = `time_resolution` × `time_step_size` / 3600 hours:
    ///
    /// ```text
    /// charging      E = q·Δt·η_c        C = (S_max − S) / 100 · E_max
    /// discharging   E = q·Δt / η_d      C = (S_min − S) / 100 · E_max
    /// ```
    ///
    /// If it fits, P = q and S increases by E / E_max · 100. If it does not, the level goes to its
    /// limit, and P is what that takes on the grid side: C / η_c / Δt or C·η_d / Δt. At the limit
    /// P = 0. After a step with a request the level is rounded to three decimals.
    ///
    /// # Assumptions
    ///
    /// Constant efficiencies, each way its own; no self-discharge, no ageing, no voltage. What the
    /// grid sees is `p_out`; `p_in` and `mod` tell the request, also when nothing is exchanged.
    /// 0 ≤ S_min ≤ S_max ≤ 100.
    ///
    /// # Source
    ///
    /// The energy reservoir model: D. M. Rosewater, D. A. Copp, T. A. Nguyen, R. H. Byrne,
    /// S. Santoso, "Battery energy storage models for optimal control", *IEEE Access* 7 (2019)
    /// 178357-178391, doi:10.1109/ACCESS.2019.2957698.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges and S_min above S_max are refused, and so is an initial
    /// `soc` that is no number. `flow2b` must be connected; a request that is not-a-number stops
    /// the run.
    ///
    /// # Example
    ///
    /// A battery of 0.8 kWh at 10 %, both efficiencies 90 %, in steps of a quarter of an hour: a
    /// request of 0.3 kW stores 0.3 × 0.25 × 0.9 = 0.0675 kWh, which is 8.4375 %. The level is then
    /// 18.4375 %, published as 18.438.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: the level is rounded to 0.001 % in every step with a request, so that flows below
    /// about 0.0005 % of the capacity per step vanish, and a limit with more than three decimals is
    /// never quite reached, which gives a warning. Charging that fills the store exactly leaves
    /// `flag` at 0, discharging that empties it exactly sets it to -1. A level that
    /// was computed from numbers of `PV` or `Wind`, over any number of models, is rounded as numpy
    /// does, which differs by 0.001 % now and then; one that the parameters decide, as a level at
    /// its limit or a request cut to a power of the scenario, is rounded as Python does. A battery
    /// that starts outside of its band only moves towards it; this gives a warning, too. With a `time_step_size` above 1
    /// only the energy of one tick is booked for each step, unless `whole_step` is true; this gives
    /// a warning as well.
    ///
    /// Fixed: the default of `min_p` is -250, where it was 250 and could not discharge, and a
    /// positive one is refused. A power limit of 0 exchanges nothing, where the power of an
    /// earlier step was repeated. Efficiencies and capacity must be
    /// above 0. A given `states` section without `soc` starts from 0 %, the initial level of the
    /// type.
    ///
    /// `p_out_state` and `p_in_state` are of its branch for clusters. A light at `p_in_state` runs on
    /// while a full battery is asked to charge; one at `p_out_state` shows what flows.
    pub static BATTERY = ModelType::new("Battery", |build| Ok(Box::new(Battery::new(build)?)));
    parameters {
        MAX_P = Parameter::number("max_p", "kW", "largest charging power")
            .symbol("P_max")
            .with_default(Literal::Int(150))
            .in_range(Range::NOT_NEGATIVE)
            .adjustable(0.0, 150.0),
        MIN_P = Parameter::number("min_p", "kW", "largest discharging power, as a negative number")
            .symbol("P_min")
            .with_default(Literal::Int(-250))
            .in_range(Range::NOT_POSITIVE)
            .adjustable(-250.0, 0.0),
        MAX_ENERGY = Parameter::number("max_energy", "kWh", "capacity")
            .symbol("E_max")
            .with_default(Literal::Int(50))
            .in_range(Range::POSITIVE)
            .instead_of_zero("for no battery write 'max_p: 0' and 'min_p: 0'"),
        CHARGE_EFFICIENCY = Parameter::number("charge_efficiency", "%", "efficiency of charging")
            .symbol("η_c")
            .with_default(Literal::Int(90))
            .in_range(EFFICIENCY),
        DISCHARGE_EFFICIENCY = Parameter::number(
            "discharge_efficiency",
            "%",
            "efficiency of discharging",
        )
        .symbol("η_d")
        .with_default(Literal::Int(90))
        .in_range(EFFICIENCY),
        SOC_MIN = Parameter::number("soc_min", "%", "lower limit of the level")
            .symbol("S_min")
            .with_default(Literal::Int(3))
            .in_range(Range::PERCENT),
        SOC_MAX = Parameter::number("soc_max", "%", "upper limit of the level")
            .symbol("S_max")
            .with_default(Literal::Int(80))
            .in_range(Range::PERCENT),
        WHOLE_STEP = whole_step::WHOLE_STEP,
    }
    inputs {
        FLOW2B = Input::number(
            "flow2b",
            "kW",
            "requested power; positive charges, negative discharges",
        )
        .symbol("f"),
    }
    published {
        P_OUT = Published::output(
            "p_out",
            "kW",
            "power exchanged on the grid side; positive charges",
        )
        .symbol("P")
        .with_initial(Literal::Int(20))
        .role(Role::Stored),
        P_IN = Published::output(
            "p_in",
            "kW",
            "the request within the power limits, also where the store cannot follow",
        )
        .symbol("q")
        .with_initial(Literal::Int(20)),
        SOC = Published::state("soc", "%", "level after the step").symbol("S").memory().role(Role::Level),
        MOD = Published::state("mod", "-", "sign of the request: 1 charge, -1 discharge, 0 none"),
        FLAG = Published::state("flag", "-", "1 full, -1 empty, 0 between")
            .with_initial(Literal::Int(-1)),
        P_OUT_STATE = Published::state("p_out_state", "kW", "'p_out', for any number of readers")
            .repeats("p_out"),
        P_IN_STATE = Published::state("p_in_state", "kW", "'p_in', for any number of readers")
            .repeats("p_in"),
    }
}

/// Above 0 % and up to 100 %.
const EFFICIENCY: &Range = &Range {
    low: Some((0.0, false)),
    high: Some((100.0, true)),
};

const FULL: i64 = 1;
const BETWEEN: i64 = 0;
const EMPTY: i64 = -1;

struct Battery {
    max_p: Number,
    min_p: Number,
    max_energy: Number,
    /// Efficiencies as fractions.
    charge_efficiency: Number,
    discharge_efficiency: Number,
    soc_min: Number,
    soc_max: Number,
    /// The hours that a step books.
    hours: f64,
    soc: Number,
}

/// What follows from a request.
struct Exchange {
    /// Power on the grid side.
    power: Number,
    /// The request within the power limits.
    limited: Number,
    flag: i64,
}

impl Battery {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let battery = Self {
            max_p: build.number(MAX_P),
            min_p: build.number(MIN_P),
            max_energy: build.number(MAX_ENERGY),
            charge_efficiency: build.number(CHARGE_EFFICIENCY) / 100,
            discharge_efficiency: build.number(DISCHARGE_EFFICIENCY) / 100,
            soc_min: build.number(SOC_MIN),
            soc_max: build.number(SOC_MAX),
            hours: booked_hours(build, WHOLE_STEP),
            soc: build.initial_number(SOC)?,
        };
        if battery.soc_min > battery.soc_max {
            return Err(BuildError::invalid_parameter(
                "soc_min",
                format!(
                    "parameter 'soc_min' must not be above 'soc_max', and {} % is above {} %",
                    build.parameter(SOC_MIN),
                    build.parameter(SOC_MAX)
                ),
            ));
        }
        battery.warn_of_levels(build);
        Ok(battery)
    }

    fn warn_of_levels(&self, build: &mut Build<'_>) {
        let (low, high) = (self.soc_min.to_f64(), self.soc_max.to_f64());
        let soc = self.soc.to_f64();
        if !(low..=high).contains(&soc) {
            build.warn(|| format!(
                "the battery starts at {soc} %, outside of its band from {low} % to {high} %, and \
                 can only move towards it; give a 'soc' inside under 'states'"
            ));
        }
        for (name, limit) in [("soc_min", self.soc_min), ("soc_max", self.soc_max)] {
            let limit = limit.to_f64();
            let rounded = round3_dec(limit);
            if limit != rounded {
                build.warn(|| {
                    format!(
                        "the level is rounded to three decimals and never quite reaches '{name}', \
                     {limit} %; write '{name}: {rounded}'"
                    )
                });
            }
        }
    }

    fn flag_of_level(&self) -> i64 {
        if self.soc >= self.soc_max {
            FULL
        } else if self.soc <= self.soc_min {
            EMPTY
        } else {
            BETWEEN
        }
    }

    fn discharge(&mut self, request: Number) -> Exchange {
        let limited = self.min_p.max(request);
        let wanted = limited * self.hours / self.discharge_efficiency;
        let available = (self.soc_min - self.soc) / 100 * self.max_energy;
        let (power, flag) = if limited == 0 {
            (Number::ZERO, self.flag_of_level())
        } else if self.soc <= self.soc_min {
            (Number::ZERO, EMPTY)
        } else if wanted > available {
            self.soc = self.soc + wanted / self.max_energy * 100;
            (limited, BETWEEN)
        } else {
            self.soc = self.soc_min;
            (available * self.discharge_efficiency / self.hours, EMPTY)
        };
        self.soc = round3(self.soc);
        Exchange {
            power,
            limited,
            flag,
        }
    }

    fn charge(&mut self, request: Number) -> Exchange {
        let limited = self.max_p.min(request);
        let stored = limited * self.hours * self.charge_efficiency;
        let room = (self.soc_max - self.soc) / 100 * self.max_energy;
        let (power, flag) = if limited == 0 {
            (Number::ZERO, self.flag_of_level())
        } else if self.soc >= self.soc_max {
            (Number::ZERO, FULL)
        } else if stored <= room {
            self.soc = self.soc + stored / self.max_energy * 100;
            (limited, BETWEEN)
        } else {
            self.soc = self.soc_max;
            (room / self.charge_efficiency / self.hours, FULL)
        };
        self.soc = round3(self.soc);
        Exchange {
            power,
            limited,
            flag,
        }
    }

    fn rest(&self) -> Exchange {
        Exchange {
            power: Number::ZERO,
            limited: Number::ZERO,
            flag: self.flag_of_level(),
        }
    }
}

impl Model for Battery {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        let place = match parameter {
            MAX_P => &mut self.max_p,
            MIN_P => &mut self.min_p,
            _ => return false,
        };
        *place = value;
        true
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let request = step.number(FLOW2B)?;
        let (sign, exchange) = if request < 0 {
            (-1, self.discharge(request))
        } else if request > 0 {
            (1, self.charge(request))
        } else if request == 0 {
            (0, self.rest())
        } else {
            return Err(StepError::new(
                "type_mismatch:flow2b",
                "input 'flow2b' wants a power in kW and got not-a-number",
            ));
        };
        step.publish_number(P_OUT, exchange.power);
        step.publish_number(P_IN, exchange.limited);
        step.publish_number(SOC, self.soc);
        step.publish(MOD, sign);
        step.publish(FLAG, exchange.flag);
        step.publish_number(P_OUT_STATE, exchange.power);
        step.publish_number(P_IN_STATE, exchange.limited);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.max_p);
        memory.keep(&mut self.min_p);
        memory.keep(&mut self.soc);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, changed, section, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;
    use shared::value::Value;

    const SMALL: &[(&str, Literal)] = &[
        ("max_p", Literal::Float(0.8)),
        ("min_p", Literal::Float(-0.8)),
        ("max_energy", Literal::Float(0.8)),
        ("charge_efficiency", Literal::Int(90)),
        ("discharge_efficiency", Literal::Int(90)),
        ("soc_min", Literal::Int(10)),
        ("soc_max", Literal::Int(90)),
    ];

    fn starting_at(soc: Literal, changes: &[(&str, Literal)]) -> ModelConfig {
        ModelConfig {
            states: Some(section(&[("soc", soc)])),
            ..with_parameters(&changed(SMALL, changes))
        }
    }

    fn battery(soc: Literal, changes: &[(&str, Literal)]) -> Rig {
        Rig::new(&BATTERY, &starting_at(soc, changes)).expect("buildable")
    }

    fn refusal(soc: Literal, changes: &[(&str, Literal)]) -> BuildError {
        let built = Rig::new(&BATTERY, &starting_at(soc, changes));
        built.err().expect("refused")
    }

    fn request(battery: &mut Rig, power: f64) {
        let step = battery.step(&[("flow2b", Value::Float(power))]);
        step.expect("a step");
    }

    #[test]
    fn a_battery_charges_until_it_is_full() {
        let mut battery = battery(Literal::Int(10), &[]);
        for (power, soc, exchanged) in [
            (0.3, Value::Float(18.438), Value::Float(0.3)),
            (0.3, Value::Float(26.875), Value::Float(0.3)),
            (0.3, Value::Float(35.312), Value::Float(0.3)),
            (0.8, Value::Float(57.812), Value::Float(0.8)),
            (0.8, Value::Float(80.312), Value::Float(0.8)),
            (0.8, Value::Int(90), Value::Float(0.344_462_222_222_222_3)),
            (0.8, Value::Int(90), Value::Int(0)),
        ] {
            request(&mut battery, power);
            assert_eq!(battery.value("soc"), soc);
            assert_eq!(battery.value("p_out"), exchanged);
            assert_eq!(battery.value("p_in"), Value::Float(power));
            assert_eq!(battery.value("mod"), Value::Int(1));
        }
        assert_eq!(battery.value("flag"), Value::Int(FULL));
    }

    #[test]
    fn a_battery_at_its_lower_limit_gives_no_more_energy() {
        let mut battery = battery(Literal::Float(10.0), &[]);
        request(&mut battery, -0.5);
        assert_eq!(battery.value("p_out"), Value::Int(0));
        assert_eq!(battery.value("p_in"), Value::Float(-0.5));
        assert_eq!(battery.value("soc"), Value::Float(10.0));
        assert_eq!(battery.value("flag"), Value::Int(EMPTY));
    }

    #[test]
    fn without_a_request_nothing_changes_and_the_flag_tells_the_level() {
        for (soc, flag) in [(10.0, EMPTY), (33.333_33, BETWEEN), (90.0, FULL)] {
            let mut battery = battery(Literal::Float(soc), &[]);
            request(&mut battery, -0.0);
            assert_eq!(battery.value("p_out"), Value::Int(0));
            assert_eq!(battery.value("p_in"), Value::Int(0));
            assert_eq!(battery.value("mod"), Value::Int(0));
            assert_eq!(battery.value("soc"), Value::Float(soc));
            assert_eq!(battery.value("flag"), Value::Int(flag));
        }
    }

    #[test]
    fn a_power_limit_of_zero_exchanges_nothing() {
        let mut battery = battery(Literal::Int(50), &[("max_p", Literal::Int(0))]);
        request(&mut battery, -0.4);
        assert_eq!(battery.value("p_out"), Value::Float(-0.4));
        request(&mut battery, 0.4);
        assert_eq!(battery.value("p_out"), Value::Int(0));
        assert_eq!(battery.value("flag"), Value::Int(BETWEEN));
    }

    #[test]
    fn the_level_is_rounded_in_the_way_of_the_request_that_led_to_it() {
        // 88.92 % and 0.1035 % more are, as floats, a hair below the middle.
        let power = 0.026_999_999_999_999_958;
        for (request, soc) in [
            (Value::Float(power), Value::Float(89.023)),
            (Value::Numpy(power), Value::Numpy(89.024)),
        ] {
            let parameters = changed(
                SMALL,
                &[
                    ("max_energy", Literal::Int(6)),
                    ("charge_efficiency", Literal::Int(92)),
                ],
            );
            let config = ModelConfig {
                states: Some(section(&[("soc", Literal::Float(88.92))])),
                ..with_parameters(&parameters)
            };
            let mut battery = Rig::new(&BATTERY, &config).expect("buildable");
            battery.step(&[("flow2b", request)]).expect("a step");
            assert_eq!(battery.value("soc"), soc);
        }
    }

    #[test]
    fn what_a_limit_of_the_scenario_decides_has_the_kind_of_the_limit() {
        let mut battery = battery(Literal::Int(89), &[]);
        let mut step = |power: Value| {
            battery.step(&[("flow2b", power)]).expect("a step");
            ["soc", "p_out", "p_in"].map(|name| battery.value(name))
        };
        let (int, float, numpy) = (Value::Int, Value::Float, Value::Numpy);
        assert_eq!(
            step(numpy(-0.16)),
            [numpy(83.444), numpy(-0.16), numpy(-0.16)]
        );
        // A power limit of 0.8 kW is Python's number, but the level before was numpy's.
        assert_eq!(step(numpy(-5.0)), [numpy(55.666), float(-0.8), float(-0.8)]);
        // At its limit the level is the limit; what is exchanged was computed from the level.
        step(numpy(0.7));
        let [level, exchanged, _] = step(numpy(0.7));
        assert_eq!(level, int(90));
        assert!(matches!(exchanged, Value::Numpy(_)));
        // Of two equal powers the limit wins.
        assert_eq!(step(numpy(0.8)), [int(90), int(0), float(0.8)]);
        // From there on everything is Python's again.
        assert_eq!(step(float(-0.16))[0], float(84.444));
    }

    #[test]
    fn all_ticks_of_a_step_count_where_the_scenario_asks_for_it() {
        let asked = ("whole_step", Literal::Bool(true));
        for (parameters, soc, warnings) in [
            (SMALL.to_vec(), 18.438, 1),
            ([SMALL, &[asked]].concat(), 43.75, 0),
        ] {
            let config = ModelConfig {
                time_step_size: Some(4),
                states: Some(section(&[("soc", Literal::Int(10))])),
                ..with_parameters(&parameters)
            };
            let mut battery = Rig::new(&BATTERY, &config).expect("buildable");
            request(&mut battery, 0.3);
            assert_eq!(battery.value("soc"), Value::Float(soc));
            assert_eq!(battery.next(), 4);
            assert_eq!(battery.warnings().len(), warnings);
        }
    }

    #[test]
    fn the_defaults_can_discharge() {
        let config = ModelConfig {
            states: Some(section(&[("soc", Literal::Int(50))])),
            ..ModelConfig::default()
        };
        let mut battery = Rig::new(&BATTERY, &config).expect("buildable");
        request(&mut battery, -9.0);
        assert_eq!(battery.value("p_out"), Value::Float(-9.0));
        assert_eq!(battery.value("soc"), Value::Float(45.0));
    }

    #[test]
    fn a_level_outside_the_band_gives_a_warning() {
        let inside = battery(Literal::Int(10), &[]);
        assert_eq!(inside.warnings(), &[] as &[String]);
        for soc in [Literal::Int(3), Literal::Float(95.5)] {
            let outside = battery(soc, &[]);
            assert!(outside.warnings()[0].contains("outside of its band from 10 % to 90 %"));
        }
    }

    #[test]
    fn a_limit_with_more_than_three_decimals_gives_a_warning_with_one_that_fits() {
        let fine = battery(Literal::Int(50), &[("soc_max", Literal::Float(80.123_45))]);
        assert!(fine.warnings()[0].ends_with("write 'soc_max: 80.123'"));
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [
            ("min_p", Literal::Int(250)),
            ("max_p", Literal::Int(-1)),
            ("max_energy", Literal::Int(0)),
            ("charge_efficiency", Literal::Int(0)),
            ("discharge_efficiency", Literal::Float(100.5)),
            ("soc_min", Literal::Int(91)),
            ("soc_max", Literal::Int(101)),
        ] {
            let error = refusal(Literal::Int(50), &[(key, value)]);
            assert_eq!(error.code, format!("invalid_parameter:{key}"), "{error}");
        }
        assert_eq!(refusal(Literal::Null, &[]).code, "missing_state:soc");
    }

    #[test]
    fn a_missing_parameter_is_reported_with_its_default() {
        let error = Rig::new(&BATTERY, &with_parameters(&SMALL[1..]))
            .err()
            .expect("refused");
        assert_eq!(error.code, "missing_parameter:max_p");
        assert!(error.message.contains("'max_p: 150'"), "{error}");
    }

    #[test]
    fn a_request_must_be_a_number() {
        let mut battery = battery(Literal::Int(50), &[]);
        let error = battery.step(&[]).expect_err("nothing connected");
        assert_eq!(error.code, "missing_input:flow2b");
        let nan = [("flow2b", Value::Float(f64::NAN))];
        let error = battery.step(&nan).expect_err("no power");
        assert_eq!(error.code, "type_mismatch:flow2b");
    }

    proptest! {
        #[test]
        fn energy_is_conserved_and_the_level_stays_in_its_band(
            powers in (0.0_f64..10.0, -10.0_f64..0.0),
            capacity in 0.1_f64..100.0,
            efficiencies in (1.0_f64..=100.0, 1.0_f64..=100.0),
            (low, soc, high) in (0_u32..=100_000, 0_u32..=100_000, 0_u32..=100_000).prop_map(sorted),
            requests in prop::collection::vec(-20.0_f64..20.0, 1..60),
        ) {
            let mut battery = battery(Literal::Float(soc), &[
                ("max_p", Literal::Float(powers.0)),
                ("min_p", Literal::Float(powers.1)),
                ("max_energy", Literal::Float(capacity)),
                ("charge_efficiency", Literal::Float(efficiencies.0)),
                ("discharge_efficiency", Literal::Float(efficiencies.1)),
                ("soc_min", Literal::Float(low)),
                ("soc_max", Literal::Float(high)),
            ]);
            let mut before = soc;
            for power in requests {
                request(&mut battery, power);
                let (exchanged, after) = (battery.float("p_out"), battery.float("soc"));
                prop_assert!((powers.1..=powers.0).contains(&exchanged));
                prop_assert!(exchanged == 0.0 || exchanged.signum() == power.signum());
                prop_assert!((low..=high).contains(&after), "{after}");

                let stored = if exchanged > 0.0 {
                    exchanged * 0.25 * efficiencies.0 / 100.0
                } else {
                    exchanged * 0.25 / (efficiencies.1 / 100.0)
                };
                let booked = (after - before) / 100.0 * capacity;
                let rounding = 0.000_500_001 / 100.0 * capacity;
                prop_assert!((booked - stored).abs() <= rounding, "{booked} is not {stored}");
                before = after;
            }
        }
    }

    /// Thousandths of a percent as percent, in ascending order.
    fn sorted((a, b, c): (u32, u32, u32)) -> (f64, f64, f64) {
        let mut levels = [a, b, c].map(|thousandths| f64::from(thousandths) / 1000.0);
        levels.sort_by(f64::total_cmp);
        (levels[0], levels[1], levels[2])
    }
}
