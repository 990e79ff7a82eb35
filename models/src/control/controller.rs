//! The controller of a stand-alone system with a battery and hydrogen.

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Parameter, Place, Published,
    Range, Role, Section, Step, StepError,
};
use shared::model_type;
use shared::value::Number;

use crate::parts::dispatch::{self, Band};

model_type! {
    /// Priority dispatch of a stand-alone system: wind, PV and load, balanced first by a battery,
    /// then by an electrolyser, a tank and a fuel cell.
    ///
    /// # Model
    ///
    /// The surplus f = W + PV − L goes to one device as a whole:
    ///
    /// | surplus | battery | tank | B | E | D | H |
    /// |---|---|---|---|---|---|---|
    /// | f < 0 | S > S_min | any | f | 0 | kept | 0 |
    /// | f < 0 | S ≤ S_min | any | 0 | kept | kept | (f / 39.4) / η |
    /// | f > 0 | S < S_max | any | f | 0 | kept | 0 |
    /// | f > 0 | S = S_max | T < T_max | 0 | f | 0 | 0 |
    /// | f > 0 | S = S_max | T = T_max | 0 | 0 | f | 0 |
    /// | f > 0 | S = S_max | T > T_max | 0 | kept | kept | kept |
    /// | f > 0 | S > S_max | any | kept | kept | kept | kept |
    /// | f = 0 | any | any | kept | kept | kept | kept |
    ///
    /// *Kept* is the value of the step before, at first 0. With `conserve_energy` all that is kept
    /// is 0 instead, and battery and tank are full at their limit and above it.
    ///
    /// # Assumptions
    ///
    /// No device has a power limit here. 39.4 kWh/kg is the higher heating value of hydrogen, and η
    /// the efficiency of the fuel cell as a factor, 0 < η ≤ 1. An empty tank does not stop the fuel
    /// cell. 0 ≤ S_min < S_max ≤ 100, 0 ≤ T_max ≤ 100. Levels are compared exactly, so the battery
    /// should stop just at S_max. The length of a step plays no part.
    ///
    /// # Source
    ///
    /// D. Ipsakis, S. Voutetakis, P. Seferlis, F. Stergiopoulos, C. Elmasides, "Power management
    /// strategies for a stand-alone power system using renewable energy sources and hydrogen
    /// storage", *International Journal of Hydrogen Energy* 34 (2009) 7081-7095,
    /// doi:10.1016/j.ijhydene.2008.06.051.
    ///
    /// # Errors
    ///
    /// Levels outside of 0 to 100 %, S_min not below S_max, and an efficiency of 0 are refused.
    /// `wind_gen`, `pv_gen`, `load_dem` and `soc` must be connected. Several states at `soc` or
    /// `h2_soc`, which arrive as a list, stop the run.
    ///
    /// # Example
    ///
    /// Limits 10 % and 90 %, η = 0.5: with 1 kW of wind, 2 kW of PV and 5 kW of load f = -2 kW. At
    /// 50 % the battery gives it, `flow2b` = -2 kW. At 10 % the fuel cell needs
    /// 2 / 39.4 / 0.5 = 0.1015 kg/h, so `h2_out` is about -0.1015.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: values of the step before stay where the table says so, and power is then created or
    /// lost; where `conserve_energy` is not given, a warning says so. `h2_out` is negative. The
    /// default of `fc_eff` is 100, a percentage, although it is a factor; outside of 0 < η ≤ 1 there
    /// is a warning. `h2_soc_min` has no effect; one other than 0 gives a warning. `u60` is accepted
    /// and changes nothing. Without a connection `h2_soc` is 0, which gives a warning as well.
    ///
    /// Fixed: an efficiency of 0 is refused before the run.
    pub static CONTROLLER =
        ModelType::new("Controller", |build| Ok(Box::new(Controller::new(build)?)))
            .formerly(&["ctrl"]);
    parameters {
        SOC_MIN = dispatch::SOC_MIN,
        SOC_MAX = dispatch::SOC_MAX,
        H2_SOC_MIN = Parameter::unused("h2_soc_min", "lowest level of the tank; not used")
            .with_default(Literal::Int(0)),
        H2_SOC_MAX = Parameter::number("h2_soc_max", "%", "level at which the tank is full")
            .symbol("T_max")
            .with_default(Literal::Int(100))
            .in_range(Range::PERCENT),
        FC_EFF = Parameter::number("fc_eff", "-", "efficiency of the fuel cell, as a factor")
            .symbol("η")
            .with_default(Literal::Int(100)),
        CONSERVE_ENERGY = Parameter::flag(
            "conserve_energy",
            "set all flows anew in every step, so that they balance",
        )
        .with_default(Literal::Bool(false))
        .if_missing(Literal::Bool(false)),
    }
    inputs {
        WIND_GEN = Input::number("wind_gen", "kW", "generation of wind turbines").symbol("W"),
        PV_GEN = Input::number("pv_gen", "kW", "generation of PV arrays").symbol("PV"),
        LOAD_DEM = Input::number("load_dem", "kW", "demand").symbol("L"),
        SOC = Input::number("soc", "%", "level of the battery").symbol("S"),
        H2_SOC = Input::number("h2_soc", "%", "level of the hydrogen tank")
            .symbol("T")
            .with_need(Need::Else(Literal::Int(0))),
        _ = Input::unused("u60", "m/s", "wind speed; not used"),
    }
    published {
        FLOW2B = Published::output("flow2b", "kW", "request to the battery; positive charges")
            .symbol("B")
            .memory(),
        FLOW2E = Published::output("flow2e", "kW", "power for the electrolyser")
            .symbol("E")
            .memory()
            .role(Role::Converted),
        DUMP = Published::output("dump", "kW", "power that finds no use").symbol("D").memory().role(Role::Spilled),
        H2_OUT = Published::output(
            "h2_out",
            "kg/h",
            "hydrogen for the fuel cell, as a negative number",
        )
        .symbol("H")
        .memory(),
        FLOW = Published::state("flow", "kW", "wind and PV minus load").symbol("f"),
    }
}

/// Higher heating value of hydrogen, in kWh/kg.
const HEATING_VALUE: f64 = 39.4;

/// The efficiencies that a fuel cell can have, as factors.
const PHYSICAL: &Range = &Range {
    low: Some((0.0, false)),
    high: Some((1.0, true)),
};

struct Controller {
    battery: Band,
    /// Level of the full tank, in percent.
    h2_soc_max: Number,
    /// Efficiency of the fuel cell, as a factor.
    efficiency: Number,
    conserve_energy: bool,
    flows: Flows,
}

/// Where the surplus goes.
struct Flows {
    battery: Number,
    electrolyser: Number,
    dump: Number,
    hydrogen: Number,
}

impl Flows {
    const NONE: Flows = Flows {
        battery: Number::ZERO,
        electrolyser: Number::ZERO,
        dump: Number::ZERO,
        hydrogen: Number::ZERO,
    };
}

impl Controller {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let controller = Self {
            battery: Band::new(build, SOC_MIN, SOC_MAX)?,
            h2_soc_max: build.number(H2_SOC_MAX),
            efficiency: efficiency(build)?,
            conserve_energy: build.flag(CONSERVE_ENERGY),
            flows: Flows::NONE,
        };
        if build.number(H2_SOC_MIN) != 0 {
            build.warn(|| {
                "'h2_soc_min' has no effect, and an empty tank does not stop the fuel cell; write \
                 'h2_soc_min: 0'"
            });
        }
        if !build.is_given(CONSERVE_ENERGY) {
            build.warn(|| {
                "in some steps flows of the step before stay, and power is created or lost, as in \
                 the Python Illuminator; write 'conserve_energy: true' under 'parameters' to set \
                 them anew in every step, or 'conserve_energy: false' to keep it so"
            });
        }
        Ok(controller)
    }

    /// The dispatch of the Python Illuminator, in which flows of the step before may stay.
    fn dispatch_latched(&mut self, surplus: Number, soc: Number, h2_soc: Number) {
        let flows = &mut self.flows;
        if surplus < 0 {
            if soc > self.battery.low {
                flows.battery = surplus;
                flows.electrolyser = Number::ZERO;
                flows.hydrogen = Number::ZERO;
            } else if soc <= self.battery.low {
                flows.battery = Number::ZERO;
                flows.hydrogen = hydrogen(surplus, self.efficiency);
            }
        } else if surplus > 0 {
            if soc < self.battery.high {
                flows.battery = surplus;
                flows.electrolyser = Number::ZERO;
                flows.hydrogen = Number::ZERO;
            } else if soc == self.battery.high {
                flows.battery = Number::ZERO;
                if h2_soc < self.h2_soc_max {
                    flows.electrolyser = surplus;
                    flows.dump = Number::ZERO;
                    flows.hydrogen = Number::ZERO;
                } else if h2_soc == self.h2_soc_max {
                    flows.electrolyser = Number::ZERO;
                    flows.dump = surplus;
                    flows.hydrogen = Number::ZERO;
                }
            }
        }
    }

    /// The dispatch in which one device takes the whole surplus, and nothing else flows.
    fn dispatch_anew(&mut self, surplus: Number, soc: Number, h2_soc: Number) {
        self.flows = Flows::NONE;
        if surplus == 0 {
            return;
        }
        let place = if surplus < 0 {
            if soc <= self.battery.low {
                self.flows.hydrogen = hydrogen(surplus, self.efficiency);
                return;
            }
            &mut self.flows.battery
        } else if soc < self.battery.high {
            &mut self.flows.battery
        } else if h2_soc < self.h2_soc_max {
            &mut self.flows.electrolyser
        } else {
            &mut self.flows.dump
        };
        *place = surplus;
    }
}

/// The hydrogen for a surplus, in kg/h; negative for a deficit.
fn hydrogen(surplus: Number, efficiency: Number) -> Number {
    surplus / HEATING_VALUE / efficiency
}

fn efficiency(build: &mut Build<'_>) -> Result<Number, BuildError> {
    let efficiency = build.number(FC_EFF);
    let factor = efficiency.to_f64();
    if factor == 0.0 || factor.is_nan() {
        return Err(BuildError {
            code: "division_by_zero:fc_eff".into(),
            place: Place::Key(Section::Parameters, "fc_eff".to_owned()),
            message: format!(
                "parameter 'fc_eff' divides the hydrogen of the fuel cell and must not be {factor}"
            ),
        });
    }
    if !PHYSICAL.contains(factor) {
        build.warn(|| format!(
            "'fc_eff' is used as a factor, and {factor} is outside of 0 < fc_eff ≤ 1; write 0.55 \
             for an efficiency of 55 %"
        ));
    }
    Ok(efficiency)
}

impl Model for Controller {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let generation = step.number(WIND_GEN)? + step.number(PV_GEN)?;
        let surplus = generation - step.number(LOAD_DEM)?;
        let soc = step.number(SOC)?;
        let h2_soc = step.optional_number(H2_SOC)?.unwrap_or(Number::ZERO);
        if self.conserve_energy {
            self.dispatch_anew(surplus, soc, h2_soc);
        } else {
            self.dispatch_latched(surplus, soc, h2_soc);
        }
        step.publish_number(FLOW, surplus);
        step.publish_number(FLOW2B, self.flows.battery);
        step.publish_number(FLOW2E, self.flows.electrolyser);
        step.publish_number(DUMP, self.flows.dump);
        step.publish_number(H2_OUT, self.flows.hydrogen);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        let flows = &mut self.flows;
        memory.keep(&mut flows.battery);
        memory.keep(&mut flows.electrolyser);
        memory.keep(&mut flows.dump);
        memory.keep(&mut flows.hydrogen);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, changed, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;
    use shared::value::Value;

    const ISLAND: &[(&str, Literal)] = &[
        ("soc_min", Literal::Int(10)),
        ("soc_max", Literal::Int(90)),
        ("h2_soc_min", Literal::Int(0)),
        ("h2_soc_max", Literal::Int(95)),
        ("fc_eff", Literal::Float(0.5)),
        ("conserve_energy", Literal::Bool(false)),
    ];
    const CONSERVING: (&str, Literal) = ("conserve_energy", Literal::Bool(true));

    fn controller(changes: &[(&str, Literal)]) -> Rig {
        let config = with_parameters(&changed(ISLAND, changes));
        Rig::new(&CONTROLLER, &config).expect("buildable")
    }

    /// The flows to battery, electrolyser, dump and fuel cell.
    fn dispatch<T: Into<Value>>(controller: &mut Rig, surplus: T, soc: T, h2_soc: T) -> [Value; 4] {
        let inputs = [
            ("wind_gen", surplus.into()),
            ("pv_gen", 2.into()),
            ("load_dem", 2.into()),
            ("soc", soc.into()),
            ("h2_soc", h2_soc.into()),
        ];
        controller.step(&inputs).expect("a step");
        ["flow2b", "flow2e", "dump", "h2_out"].map(|name| controller.value(name))
    }

    #[test]
    fn a_surplus_goes_to_the_battery_then_to_the_electrolyser_then_to_the_dump() {
        for conserving in [false, true] {
            let changes = [("conserve_energy", Literal::Bool(conserving))];
            for ([soc, h2_soc], flows) in [
                ([89, 0], [4, 0, 0, 0]),
                ([90, 94], [0, 4, 0, 0]),
                ([90, 95], [0, 0, 4, 0]),
            ] {
                let flows = flows.map(Value::Int);
                assert_eq!(dispatch(&mut controller(&changes), 4, soc, h2_soc), flows);
            }
        }
    }

    #[test]
    fn a_deficit_is_taken_from_the_battery_then_from_the_fuel_cell() {
        for conserving in [false, true] {
            let mut island = controller(&[("conserve_energy", Literal::Bool(conserving))]);
            let flows = dispatch(&mut island, -2, 11, 50);
            assert_eq!(flows, [-2, 0, 0, 0].map(Value::Int));
            let flows = dispatch(&mut island, -2, 10, 50);
            let hydrogen = Value::Float(-2.0 / 39.4 / 0.5);
            assert_eq!(flows, [0.into(), 0.into(), 0.into(), hydrogen]);
        }
    }

    #[test]
    fn flows_of_the_step_before_stay_unless_energy_is_conserved() {
        let mut island = controller(&[]);
        dispatch(&mut island, 4, 90, 95);
        assert_eq!(
            dispatch(&mut island, -2, 50, 50),
            [-2, 0, 4, 0].map(Value::Int)
        );
        assert_eq!(
            dispatch(&mut island, 0, 50, 50),
            [-2, 0, 4, 0].map(Value::Int)
        );
        assert_eq!(
            dispatch(&mut island, 7, 91, 50),
            [-2, 0, 4, 0].map(Value::Int)
        );
        assert_eq!(
            dispatch(&mut island, 7, 90, 96),
            [0, 0, 4, 0].map(Value::Int)
        );

        let mut island = controller(&[CONSERVING]);
        dispatch(&mut island, 4, 90, 95);
        assert_eq!(
            dispatch(&mut island, -2, 50, 50),
            [-2, 0, 0, 0].map(Value::Int)
        );
        assert_eq!(
            dispatch(&mut island, 0, 50, 50),
            [0, 0, 0, 0].map(Value::Int)
        );
        assert_eq!(
            dispatch(&mut island, 7, 91, 50),
            [0, 7, 0, 0].map(Value::Int)
        );
        assert_eq!(
            dispatch(&mut island, 7, 90, 96),
            [0, 0, 7, 0].map(Value::Int)
        );
    }

    #[test]
    fn a_tank_that_is_not_connected_counts_as_empty() {
        let inputs = [("wind_gen", 4), ("pv_gen", 0), ("load_dem", 0), ("soc", 90)];
        let inputs = inputs.map(|(name, value)| (name, Value::Int(value)));
        let mut island = controller(&[]);
        island.step(&inputs).expect("a step");
        assert_eq!(island.value("flow2e"), Value::Int(4));
        assert_eq!(island.value("flow"), Value::Int(4));
    }

    #[test]
    fn what_surprises_gives_a_warning() {
        assert_eq!(controller(&[]).warnings(), &[] as &[String]);
        for (changes, told) in [
            (("fc_eff", Literal::Int(55)), "write 0.55"),
            (("fc_eff", Literal::Float(-0.5)), "-0.5 is outside"),
            (("h2_soc_min", Literal::Int(5)), "'h2_soc_min: 0'"),
        ] {
            let warnings = controller(&[changes]).warnings().to_vec();
            assert!(warnings[0].contains(told), "{warnings:?}");
        }
        let default = Rig::new(&CONTROLLER, &ModelConfig::default()).expect("buildable");
        assert!(default.warnings()[1].contains("'conserve_energy: true'"));
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value, code) in [
            ("soc_min", 90, "invalid_parameter:soc_min"),
            ("h2_soc_max", 101, "invalid_parameter:h2_soc_max"),
            ("fc_eff", 0, "division_by_zero:fc_eff"),
        ] {
            let config = with_parameters(&changed(ISLAND, &[(key, Literal::Int(value))]));
            let error = Rig::new(&CONTROLLER, &config).err().expect("refused");
            assert_eq!(error.code, code, "{error}");
        }
    }

    proptest! {
        #[test]
        fn with_conserved_energy_the_flows_balance_in_every_step(
            steps in prop::collection::vec((-1e3_f64..1e3, 0_i64..=100, 0_i64..=100), 1..40),
        ) {
            let mut island = controller(&[CONSERVING]);
            for (surplus, soc, h2_soc) in steps {
                let levels = [soc as f64, h2_soc as f64];
                dispatch(&mut island, surplus, levels[0], levels[1]);
                let [battery, electrolyser, dump, hydrogen] =
                    ["flow2b", "flow2e", "dump", "h2_out"].map(|name| island.float(name));
                let fuel_cell = hydrogen * 39.4 * 0.5;
                let difference = battery + electrolyser + dump + fuel_cell - island.float("flow");
                prop_assert!(difference.abs() <= 1e-9, "{difference}");
                prop_assert!(electrolyser >= 0.0 && dump >= 0.0 && hydrogen <= 0.0);
                prop_assert!(soc > 10 || battery >= 0.0, "an empty battery gives nothing");
                prop_assert!(soc < 90 || battery <= 0.0, "a full battery takes nothing");
            }
        }
    }
}
