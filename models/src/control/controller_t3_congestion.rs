//! The controller that shifts flexible load when the grid connection is congested.

use shared::model::{
    Build, BuildError, Input, InputSlot, Literal, Memory, Model, ModelType, Need, Parameter,
    Published, Range, Role, Step, StepError,
};
use shared::model_type;
use shared::value::{Number, Value};

use crate::parts::dispatch::{self, Band, Dispatch};

model_type! {
    /// Controller that shifts load while the grid connection is congested: wind, PV, base load,
    /// electric vehicles and heat pumps, with an optional battery.
    ///
    /// # Model
    ///
    /// A step has up to four parts. The residual load, with the loads of vehicles and heat pumps
    /// where there are such assets:
    ///
    /// ```text
    /// r = L + EV + HP − W − PV
    /// ```
    ///
    /// With load shifting, room below the reference level R = 0.7·C is used to serve the backlog B:
    ///
    /// ```text
    /// a = min(R − r, R, B)      r < R
    /// r ← r + a,  B ← B − a
    /// ```
    ///
    /// The battery covers what it can, and the rest is exchanged with the grid:
    ///
    /// ```text
    /// b = −min(r, (S − S_min) / 100 · P_max)     r > 0 and S > S_min
    /// b =  min(−r, (S_max − S) / 100 · P_max)    r < 0 and S < S_max
    /// b =  0                                     otherwise
    /// d = −(r + b)
    /// ```
    ///
    /// While there is a warning, w = 1, load shifting puts off what the import is above R:
    ///
    /// ```text
    /// o = −d − R
    /// B ← B + min(o, EV + HP)
    /// d ← −R                    o > 0
    /// ```
    ///
    /// With `conserve_energy` the last part moves no more than the flexible load, and never less
    /// than nothing: m = max(0, min(o, EV + HP)), B ← B + m, d ← d + m.
    ///
    /// # Assumptions
    ///
    /// The backlog is a power in kW, the only memory, moved between steps of equal length, so the length of a step plays
    /// no part. It starts empty, never expires, and is served with at most R in a step, battery or
    /// not. A warning usually comes one step late, through a time-shifted connection. C ≥ 0, where 0 is
    /// no connection, so that any import under a warning is cut; 0 ≤ S_min < S_max ≤ 100. A load that is null counts as left out, as long as nothing has to
    /// be put off.
    ///
    /// # Source
    ///
    /// Peak clipping and valley filling: C. W. Gellings, "The concept of demand-side management for
    /// electric utilities", *Proceedings of the IEEE* 73 (1985) 1468-1470,
    /// doi:10.1109/PROC.1985.13318. For the battery see `Controller_T1`.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges, S_min not below S_max, and flags other than true, false,
    /// 1 and 0 are refused. Where `battery_active` is false, S_min, S_max and P_max are not looked at
    /// and may be left out. `wind_gen`, `pv_gen` and `load_dem` must be connected, `soc` where the
    /// battery is active, and `load_EV`, `load_HP` and `flag_warning` where there are electric
    /// assets. A null for one of these loads stops the run if the other one is to be put off, and so
    /// do several warnings, which arrive as a list.
    ///
    /// # Example
    ///
    /// C = 10 kW, so R = 7 kW, without a battery. A step with a warning, 6 kW of base load, 2 kW of
    /// vehicles and 1 kW of heat pumps has r = 9 kW and o = 2 kW: 2 kW are put off, and d = -7 kW.
    /// The next step without a warning and with a base load of 4 kW serves them: r = 6 kW, d = -6 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: an import above R is cut to R even if the flexible load is smaller, so that energy
    /// disappears; a warning without such an import makes the backlog smaller, also negative, and a
    /// negative one lowers `res_load` later. `conserve_energy` corrects both, and where it is not
    /// given a warning says so. `res_load` counts what is served of the backlog and not what is put
    /// off. Only a value equal to 1 is a warning. Without electric assets their three inputs are
    /// ignored. The share of 0.7 is fixed.
    ///
    /// Fixed: without an active battery `soc` is not demanded. `limit_grid_connect` is published,
    /// where it was declared only. A text for a flag, such as a plain `yes`, is refused, where it
    /// counted as true for two of the flags and as false for the third. Several warnings at
    /// once are refused, where they were none.
    pub static CONTROLLER_T3_CONGESTION =
        ModelType::new("ControllerT3Congestion", |build| Ok(Box::new(Controller::new(build)?)));
    parameters {
        SOC_MIN = dispatch::SOC_MIN.used_with("battery_active"),
        SOC_MAX = dispatch::SOC_MAX.used_with("battery_active"),
        MAX_P = dispatch::MAX_P.used_with("battery_active"),
        GRIDCONNECT_CTRL = Parameter::number(
            "gridconnect_ctrl",
            "kW",
            "capacity of the grid connection",
        )
        .symbol("C")
        .with_default(Literal::Int(15))
        .in_range(Range::NOT_NEGATIVE),
        BATTERY_ACTIVE = dispatch::BATTERY_ACTIVE,
        ELEC_ASSETS = Parameter::flag(
            "elec_assets",
            "whether there are electric vehicles, heat pumps and a warning",
        )
        .with_default(Literal::Bool(true)),
        LOAD_SHIFT_ACTIVE = Parameter::flag("load_shift_active", "whether load is shifted")
            .with_default(Literal::Bool(true)),
        CONSERVE_ENERGY = Parameter::flag(
            "conserve_energy",
            "put off exactly what the import is lowered by",
        )
        .with_default(Literal::Bool(false))
        .if_missing(Literal::Bool(false))
        .used_with("load_shift_active"),
    }
    inputs {
        WIND_GEN = Input::number("wind_gen", "kW", "generation of wind turbines").symbol("W"),
        PV_GEN = Input::number("pv_gen", "kW", "generation of PV arrays").symbol("PV"),
        LOAD_DEM = Input::number("load_dem", "kW", "base load").symbol("L"),
        SOC = Input::number("soc", "%", "level of the battery")
            .symbol("S")
            .with_need(Need::sometimes("where 'battery_active' is true")),
        LOAD_EV = Input::number("load_EV", "kW", "load of electric vehicles")
            .symbol("EV")
            .with_need(WITH_ASSETS),
        LOAD_HP = Input::number("load_HP", "kW", "load of heat pumps")
            .symbol("HP")
            .with_need(WITH_ASSETS),
        FLAG_WARNING = Input::number("flag_warning", "-", "1 while the connection is congested")
            .symbol("w")
            .with_need(WITH_ASSETS)
            .with_initial(Literal::Null),
    }
    published {
        FLOW2B = Published::output("flow2b", "kW", "request to the battery; positive charges")
            .symbol("b"),
        RES_LOAD = Published::output(
            "res_load",
            "kW",
            "all loads minus wind minus PV, with what is served of the backlog; positive is a deficit",
        )
        .symbol("r"),
        DUMP = Published::output("dump", "kW", "exchange with the grid; positive is export")
            .symbol("d")
            .role(Role::Exchanged),
        LIMIT_GRID_CONNECT = Published::state(
            "limit_grid_connect",
            "kW",
            "import above which load is put off",
        )
        .symbol("R")
        .with_initial(Literal::Null),
    }
}

/// The reference level as a share of the capacity of the connection.
const SHARE: f64 = 0.7;

const WITH_ASSETS: Need = Need::sometimes("where 'elec_assets' is true");

struct Controller {
    /// What the battery does, where there is one.
    dispatch: Option<Dispatch>,
    elec_assets: bool,
    load_shift_active: bool,
    conserve_energy: bool,
    /// The reference level, in kW.
    limit: Number,
    /// Load put off and not served yet, in kW.
    backlog: Number,
}

/// What the electric assets tell in a step; nothing of it where there are none.
#[derive(Default)]
struct Assets {
    vehicles: Option<Number>,
    heat_pumps: Option<Number>,
    warning: bool,
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
            None
        };
        let controller = Self {
            dispatch,
            elec_assets: build.flag(ELEC_ASSETS),
            load_shift_active: build.flag(LOAD_SHIFT_ACTIVE),
            conserve_energy: build.flag(CONSERVE_ENERGY),
            limit: build.number(GRIDCONNECT_CTRL) * SHARE,
            backlog: Number::ZERO,
        };
        if controller.elec_assets {
            for input in [LOAD_EV, LOAD_HP, FLAG_WARNING] {
                build.require(input);
            }
            if controller.load_shift_active && !build.is_given(CONSERVE_ENERGY) {
                build.warn(|| {
                    "while there is a warning, more or less load can vanish than is put off, as in \
                     the Python Illuminator; write 'conserve_energy: true' under 'parameters' to \
                     keep the balance, or 'conserve_energy: false' to keep it so"
                });
            }
        }
        Ok(controller)
    }

    fn assets(&self, step: &Step<'_>) -> Result<Assets, StepError> {
        if !self.elec_assets {
            return Ok(Assets::default());
        }
        Ok(Assets {
            vehicles: number_or_null(step, LOAD_EV)?,
            heat_pumps: number_or_null(step, LOAD_HP)?,
            warning: number_or_null(step, FLAG_WARNING)?.is_some_and(|flag| flag == 1),
        })
    }

    /// Serves as much of the backlog as fits below the reference level; the residual load with it.
    fn serve(&mut self, residual: Number) -> Number {
        if !(self.load_shift_active && residual < self.limit) {
            return residual;
        }
        let room = (self.limit - residual).min(self.limit);
        let served = room.min(self.backlog);
        self.backlog = self.backlog - served;
        residual + served
    }

    /// Puts load off because of a warning; the exchange with the grid without it.
    fn put_off(&mut self, dump: Number, assets: &Assets) -> Result<Number, StepError> {
        let overload = -dump - self.limit;
        let moved = overload.min(assets.flexible_load()?);
        if self.conserve_energy {
            let moved = moved.max(Number::ZERO);
            self.backlog = self.backlog + moved;
            return Ok(dump + moved);
        }
        self.backlog = self.backlog + moved;
        Ok(if overload > 0 { -self.limit } else { dump })
    }
}

impl Assets {
    /// What can be put off.
    fn flexible_load(&self) -> Result<Number, StepError> {
        let given = |name, load: Option<Number>| {
            let wanted = "a number while there is a warning";
            load.ok_or_else(|| StepError::type_mismatch(name, wanted, &Value::Null))
        };
        Ok(given("load_HP", self.heat_pumps)? + given("load_EV", self.vehicles)?)
    }
}

/// The number at an input that must be connected, `None` where it is null.
fn number_or_null(step: &Step<'_>, input: InputSlot) -> Result<Option<Number>, StepError> {
    match step.value(input) {
        Some(Value::Null) => Ok(None),
        _ => step.number(input).map(Some),
    }
}

impl Model for Controller {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let (wind, pv) = (step.number(WIND_GEN)?, step.number(PV_GEN)?);
        let assets = self.assets(step)?;
        let mut load = step.number(LOAD_DEM)?;
        for asset in [assets.vehicles, assets.heat_pumps].into_iter().flatten() {
            load = load + asset;
        }
        let residual = self.serve(load - wind - pv);
        let flow = match &self.dispatch {
            Some(dispatch) => dispatch.flow(residual, step.number(SOC)?),
            None => Number::ZERO,
        };
        let mut dump = -(residual + flow);
        if self.load_shift_active && assets.warning {
            dump = self.put_off(dump, &assets)?;
        }
        step.publish_number(FLOW2B, flow);
        step.publish_number(RES_LOAD, residual);
        step.publish_number(DUMP, dump);
        step.publish_number(LIMIT_GRID_CONNECT, self.limit);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.backlog);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, changed, with_parameters};
    use proptest::prelude::*;

    const STREET: &[(&str, Literal)] = &[
        ("soc_min", Literal::Int(10)),
        ("soc_max", Literal::Int(90)),
        ("max_p", Literal::Float(0.8)),
        ("gridconnect_ctrl", Literal::Int(10)),
        ("battery_active", Literal::Bool(false)),
        ("elec_assets", Literal::Bool(true)),
        ("load_shift_active", Literal::Bool(true)),
        ("conserve_energy", Literal::Bool(false)),
    ];
    const CONSERVING: (&str, Literal) = ("conserve_energy", Literal::Bool(true));
    const WITH_BATTERY: (&str, Literal) = ("battery_active", Literal::Bool(true));

    fn controller(changes: &[(&str, Literal)]) -> Rig {
        let config = with_parameters(&changed(STREET, changes));
        Rig::new(&CONTROLLER_T3_CONGESTION, &config).expect("buildable")
    }

    /// Base load, vehicles and heat pumps, without generation, with a battery at half its level;
    /// the residual load, the flow to the battery and the exchange with the grid.
    fn balance<T: Into<Value>>(
        controller: &mut Rig,
        loads: [T; 3],
        warning: impl Into<Value>,
    ) -> [Value; 3] {
        let [load, vehicles, heat_pumps] = loads.map(Into::into);
        let inputs = [
            ("wind_gen", 0.into()),
            ("pv_gen", 0.into()),
            ("load_dem", load),
            ("soc", 50.into()),
            ("load_EV", vehicles),
            ("load_HP", heat_pumps),
            ("flag_warning", warning.into()),
        ];
        controller.step(&inputs).expect("a step");
        ["res_load", "flow2b", "dump"].map(|name| controller.value(name))
    }

    fn floats(values: [Value; 3]) -> [f64; 3] {
        values.map(|value| value.as_number().expect("a number").to_f64())
    }

    #[test]
    fn what_a_warning_puts_off_is_served_when_there_is_room() {
        for conserving in [false, true] {
            let mut street = controller(&[("conserve_energy", Literal::Bool(conserving))]);
            assert_eq!(floats(balance(&mut street, [6, 2, 1], 1)), [9.0, 0.0, -7.0]);
            assert_eq!(floats(balance(&mut street, [4, 0, 0], 0)), [6.0, 0.0, -6.0]);
            assert_eq!(floats(balance(&mut street, [4, 0, 0], 0)), [4.0, 0.0, -4.0]);
        }
    }

    #[test]
    fn the_backlog_fills_the_room_below_the_reference_level_and_no_more() {
        let mut street = controller(&[]);
        balance(&mut street, [6, 2, 1], 1);
        assert_eq!(floats(balance(&mut street, [6, 0, 0], 0)), [7.0, 0.0, -7.0]);
        assert_eq!(floats(balance(&mut street, [8, 0, 0], 0)), [8.0, 0.0, -8.0]);
        assert_eq!(floats(balance(&mut street, [0, 0, 0], 0)), [1.0, 0.0, -1.0]);
    }

    #[test]
    fn an_overload_beyond_the_flexible_load_vanishes_unless_energy_is_conserved() {
        for (changes, dump) in [(&[][..], -7.0), (&[CONSERVING][..], -9.0)] {
            let mut street = controller(changes);
            assert_eq!(
                floats(balance(&mut street, [9, 1, 0], 1)),
                [10.0, 0.0, dump]
            );
            assert_eq!(floats(balance(&mut street, [0, 0, 0], 0)), [1.0, 0.0, -1.0]);
        }
    }

    #[test]
    fn a_warning_without_overload_lowers_the_backlog_unless_energy_is_conserved() {
        for (changes, later) in [(&[][..], 3.0), (&[CONSERVING][..], 6.0)] {
            let mut street = controller(changes);
            balance(&mut street, [4, 0, 0], 1);
            assert_eq!(floats(balance(&mut street, [6, 0, 0], 0))[0], later);
        }
    }

    #[test]
    fn only_one_is_a_warning() {
        let (one, two) = (Value::Float(1.0), Value::Int(2));
        for (flag, dump) in [
            (one, -7.0),
            (true.into(), -7.0),
            (two, -9.0),
            (Value::Null, -9.0),
        ] {
            let flows = balance(&mut controller(&[]), [6, 2, 1], flag);
            assert_eq!(floats(flows)[2], dump);
        }
    }

    #[test]
    fn integers_stay_integers_while_there_is_no_backlog() {
        let flows = balance(&mut controller(&[]), [6, 2, 1], 0);
        assert_eq!(flows, [9, 0, -9].map(Value::Int));
    }

    #[test]
    fn what_is_null_counts_as_left_out_until_it_has_to_be_put_off() {
        let mut street = controller(&[]);
        let loads = [Value::Int(9), Value::Null, Value::Int(1)];
        assert_eq!(balance(&mut street, loads.clone(), 0)[0], Value::Int(10));
        let [load, vehicles, heat_pumps] = loads;
        let inputs = [
            ("wind_gen", 0.into()),
            ("pv_gen", 0.into()),
            ("load_dem", load),
            ("load_EV", vehicles),
            ("load_HP", heat_pumps),
            ("flag_warning", 1.into()),
        ];
        let error = street.step(&inputs).expect_err("refused");
        assert_eq!(error.code, "type_mismatch:load_EV");
    }

    #[test]
    fn several_warnings_are_refused() {
        let list = Value::List([Value::Int(1), Value::Int(0)].into());
        let inputs = ["wind_gen", "pv_gen", "load_dem", "load_EV", "load_HP"];
        let mut inputs = inputs.map(|name| (name, Value::Int(0))).to_vec();
        inputs.push(("flag_warning", list));
        let error = controller(&[]).step(&inputs).expect_err("refused");
        assert_eq!(error.code, "type_mismatch:flag_warning");
    }

    #[test]
    fn what_must_be_connected_depends_on_battery_and_assets() {
        let street = controller(&[]);
        assert!(!street.requires("soc") && street.requires("load_EV"));
        let battery_only = controller(&[WITH_BATTERY, ("elec_assets", Literal::Int(0))]);
        assert!(battery_only.requires("soc"));
        for name in ["load_EV", "load_HP", "flag_warning"] {
            assert!(!battery_only.requires(name));
        }
    }

    #[test]
    fn without_assets_their_inputs_are_ignored() {
        let mut street = controller(&[("elec_assets", Literal::Bool(false))]);
        let flows = balance(&mut street, [6, 2, 1], 1);
        assert_eq!(flows, [6, 0, -6].map(Value::Int));
    }

    #[test]
    fn the_reference_level_is_published() {
        let mut street = controller(&[]);
        balance(&mut street, [0, 0, 0], 0);
        assert_eq!(street.value("limit_grid_connect"), Value::Float(7.0));
    }

    #[test]
    fn an_open_question_of_balance_gives_a_warning() {
        let open = &STREET[..STREET.len() - 1];
        let warnings = |parameters| {
            let config = with_parameters(parameters);
            let street = Rig::new(&CONTROLLER_T3_CONGESTION, &config).expect("buildable");
            street.warnings().to_vec()
        };
        assert!(warnings(open)[0].contains("'conserve_energy: true'"));
        assert_eq!(warnings(STREET), &[] as &[String]);
        let no_shift = changed(open, &[("load_shift_active", Literal::Bool(false))]);
        assert_eq!(warnings(&no_shift), &[] as &[String]);
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [
            ("soc_min", Literal::Int(90)),
            ("max_p", Literal::Int(-1)),
            ("gridconnect_ctrl", Literal::Int(-1)),
            ("elec_assets", Literal::text("yes")),
            ("load_shift_active", Literal::Int(2)),
        ] {
            let config = with_parameters(&changed(STREET, &[WITH_BATTERY, (key, value)]));
            let error = Rig::new(&CONTROLLER_T3_CONGESTION, &config);
            let code = error.err().expect("refused").code;
            assert_eq!(code, format!("invalid_parameter:{key}"));
        }
    }

    #[test]
    fn what_a_flag_leaves_unused_is_not_looked_at() {
        let text = || Literal::text("None");
        let unused = [
            ("soc_min", text()),
            ("soc_max", text()),
            ("max_p", text()),
            ("conserve_energy", text()),
            ("load_shift_active", Literal::Bool(false)),
        ];
        let mut street = controller(&unused);
        assert_eq!(
            floats(balance(&mut street, [6.0, 2.0, 1.0], 1)),
            [9.0, 0.0, -9.0]
        );
        let config = with_parameters(&changed(STREET, &[("soc_min", text()), WITH_BATTERY]));
        let error = Rig::new(&CONTROLLER_T3_CONGESTION, &config);
        let code = error.err().expect("refused").code;
        assert_eq!(code, "invalid_parameter:soc_min");
    }

    proptest! {
        #[test]
        fn the_flows_balance_while_nothing_is_put_off(
            loads in prop::array::uniform3(0.0_f64..20.0),
            battery: bool,
        ) {
            let mut street = controller(&[("battery_active", Literal::Bool(battery))]);
            let [residual, flow, dump] = floats(balance(&mut street, loads, 0));
            prop_assert_eq!(residual + flow + dump, 0.0);
        }

        #[test]
        fn with_conserved_energy_all_that_is_put_off_is_served_later(
            steps in prop::collection::vec((prop::array::uniform3(0.0_f64..20.0), 0_i64..=1), 1..60),
            battery: bool,
        ) {
            let mut street =
                controller(&[CONSERVING, ("battery_active", Literal::Bool(battery))]);
            let mut backlog = 0.0;
            for (loads, warning) in steps {
                let flexible = loads[1] + loads[2];
                let wanted = loads[0] + loads[1] + loads[2];
                let [residual, flow, dump] = floats(balance(&mut street, loads, warning));
                let served = residual - wanted;
                let put_off = residual + flow + dump;
                prop_assert!((-1e-9..=7.0 + 1e-9).contains(&served), "{served}");
                prop_assert!((-1e-9..=flexible + 1e-9).contains(&put_off), "{put_off}");
                prop_assert!(served <= backlog + 1e-9, "{served} of {backlog}");
                backlog += put_off - served;
            }
            // Without further load what is left comes back, 7 kW in a step of at most 60 × 40 kW.
            for _ in 0..=60 * 40 / 7 {
                backlog -= floats(balance(&mut street, [0.0; 3], 0))[0];
            }
            prop_assert!(backlog.abs() <= 1e-6, "{backlog} is lost");
        }
    }
}
