//! An electric vehicle at a charger.

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Need, Parameter, Place, Published,
    PublishedSlot, Range, Role, Section, Step, StepError,
};
use shared::model_type;
use shared::value::{Number, Value};

model_type! {
    /// Electric vehicle at a charger: while it is there and below its goal, it charges with full
    /// power.
    ///
    /// # Model
    ///
    /// What is missing, M, is compared with what the charger can deliver in a step of Δt =
    /// `time_resolution` × `time_step_size` / 3600 hours:
    ///
    /// ```text
    /// M = (G − S) / 100 · E
    /// P = P_c     S ← S + P·Δt / E · 100     M ≥ P_c·Δt
    /// P = M / Δt  S ← G                      M < P_c·Δt
    /// ```
    ///
    /// At its goal or above, P = 0 and the level stays. Where the vehicle is not there, P = 0 and
    /// S = 0.
    ///
    /// # Assumptions
    ///
    /// Charging at constant power without losses, uncontrolled: nothing can throttle it. The
    /// vehicle does not discharge into the grid. P_c ≥ 0, 0 ≤ G ≤ 100, and E > 0 where G > 0. The
    /// last step delivers what is missing, spread over the step. After full steps only, the level
    /// may end beside the goal by the rounding of floats, which may take one more step of tiny
    /// demand.
    ///
    /// # Source
    ///
    /// K. Clement-Nyns, E. Haesen, J. Driesen, "The impact of charging plug-in hybrid electric
    /// vehicles on a residential distribution grid", *IEEE Transactions on Power Systems* 25 (2010)
    /// 371-380, doi:10.1109/TPWRS.2009.2036481: uncoordinated charging.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, and so are a goal or an initial level that is
    /// no number from 0 to 100, a vehicle without capacity that has a goal, and a `fast` other than
    /// false, because that charging curve does not exist. Several states at `presence`, which arrive
    /// as a list, and text stop the run.
    ///
    /// # Example
    ///
    /// A charger of 8 kW, a battery of 10 kWh at 50 % and a goal of 80 %, in quarter hours: 2 kWh
    /// fill 20 %, so the first step charges 8 kW and ends at 70 %. Then 1 kWh is missing: the second
    /// step charges 4 kW and ends at 80 %. The third charges nothing.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: a vehicle that leaves forgets its level, so that each arrival starts empty, and the
    /// initial level only counts if it is there from the first step. Only a `presence` of 1 is
    /// presence: 0.5 is not, and neither are two outputs of 1, whose sum is 2. Without a connection
    /// the vehicle is never there, which gives a warning. `load_in` is accepted and changes nothing.
    ///
    /// Fixed: a step has its own length, where it was a quarter of an hour whatever the resolution.
    /// `presence` is an input and no output. `desired_soc` is published. Goals above 100 % are
    /// refused, where they were followed, and so is `fast`, where it stopped the run at the first
    /// need for charge. A list for `presence` is refused, where it was absence. A given `states`
    /// section without `desired_soc` has the goal of the type, 0 %; a vehicle that thus never
    /// charges gives a warning.
    pub static EV = ModelType::new("EV", |build| Ok(Box::new(Vehicle::new(build)?)));
    parameters {
        MAX_POWER = Parameter::number("max_power", "kW", "power of the charger")
            .symbol("P_c")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        BATTERY_CAP = Parameter::number("battery_cap", "kWh", "usable capacity of the battery")
            .symbol("E")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        FAST = Parameter::flag("fast", "charging along a curve; only false is supported")
            .with_default(Literal::Bool(false)),
        _ = Parameter::unused("end_initial_phase", "a point of the charging curve")
            .with_default(Literal::Int(0)),
        _ = Parameter::unused("end_mid_phase", "a point of the charging curve")
            .with_default(Literal::Int(0)),
    }
    inputs {
        PRESENCE = Input::number("presence", "-", "1 while the vehicle is at the charger")
            .with_need(Need::Else(Literal::Int(0))),
        _ = Input::unused("load_in", "kW", "available power; not used"),
    }
    published {
        DEMAND = Published::output("demand", "kW", "charging power, mean over the step")
            .symbol("P")
            .role(Role::Used),
        SOC = Published::state("soc", "%", "level after the step; 0 while the vehicle is away")
            .symbol("S")
            .memory(),
        DESIRED_SOC = Published::state("desired_soc", "%", "level at which charging stops, a constant")
            .symbol("G"),
    }
}

struct Vehicle {
    max_power: Number,
    capacity: Number,
    goal: Number,
    /// The length of a step.
    hours: f64,
    soc: Number,
}

impl Vehicle {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        refuse_fast(build)?;
        let vehicle = Self {
            max_power: build.number(MAX_POWER),
            capacity: build.number(BATTERY_CAP),
            goal: level(build, DESIRED_SOC, "desired_soc")?,
            hours: build.step_hours(),
            soc: level(build, SOC, "soc")?,
        };
        if vehicle.goal == 0 {
            build.warn(|| {
                "the vehicle never charges, because its goal is 0 %; give a 'desired_soc' under \
                 'states'"
            });
        } else if vehicle.capacity == 0 {
            return Err(BuildError::invalid_parameter(
                "battery_cap",
                format!(
                    "parameter 'battery_cap' must be above 0 kWh for a goal of {} %",
                    build.initial_published(DESIRED_SOC)
                ),
            ));
        }
        Ok(vehicle)
    }

    /// Charges for a step, and returns the power.
    fn charge(&mut self) -> Number {
        let needed = (self.goal - self.soc) / 100 * self.capacity;
        if needed < self.max_power * self.hours {
            self.soc = self.goal;
            needed / self.hours
        } else {
            self.soc = self.soc + self.max_power * self.hours / self.capacity * 100;
            self.max_power
        }
    }
}

fn refuse_fast(build: &Build<'_>) -> Result<(), BuildError> {
    if !build.flag(FAST) {
        return Ok(());
    }
    Err(BuildError {
        code: "unsupported:fast".into(),
        place: Place::Key(Section::Parameters, "fast".to_owned()),
        message: "parameter 'fast' must be false; charging along a curve is not supported".into(),
    })
}

/// An initial level, from 0 to 100 %.
fn level(build: &Build<'_>, slot: PublishedSlot, name: &str) -> Result<Number, BuildError> {
    let level = build.initial_number(slot)?;
    if Range::PERCENT.contains(level.to_f64()) {
        return Ok(level);
    }
    Err(BuildError {
        code: format!("invalid_state:{name}").into(),
        place: Place::Key(Section::States, name.to_owned()),
        message: format!(
            "the initial value of state '{name}' must be in the range {} %, not {}",
            Range::PERCENT,
            build.initial_published(slot)
        ),
    })
}

/// Whether the vehicle is there. Null is absence, such as before the first value of a connection.
fn is_present(step: &Step<'_>) -> Result<bool, StepError> {
    if step.value(PRESENCE) == Some(&Value::Null) {
        return Ok(false);
    }
    let presence = step.optional_number(PRESENCE)?;
    Ok(presence.is_some_and(|presence| presence == 1))
}

impl Model for Vehicle {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let present = is_present(step)?;
        if !present {
            self.soc = Number::ZERO;
        }
        let demand = if present && self.soc < self.goal {
            self.charge()
        } else {
            Number::ZERO
        };
        step.publish_number(DEMAND, demand);
        step.publish_number(SOC, self.soc);
        step.publish_number(DESIRED_SOC, self.goal);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
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

    const SMALL: &[(&str, Literal)] = &[
        ("max_power", Literal::Int(8)),
        ("battery_cap", Literal::Int(10)),
        ("fast", Literal::Bool(false)),
    ];

    fn config(soc: Literal, goal: Literal, changes: &[(&str, Literal)]) -> ModelConfig {
        ModelConfig {
            states: Some(section(&[("soc", soc), ("desired_soc", goal)])),
            ..with_parameters(&changed(SMALL, changes))
        }
    }

    fn vehicle(soc: i64, goal: i64) -> Rig {
        let config = config(Literal::Int(soc), Literal::Int(goal), &[]);
        Rig::new(&EV, &config).expect("buildable")
    }

    fn charge(vehicle: &mut Rig, presence: impl Into<Value>) -> [Value; 2] {
        let inputs = [("presence", presence.into())];
        vehicle.step(&inputs).expect("a step");
        ["demand", "soc"].map(|name| vehicle.value(name))
    }

    #[test]
    fn charging_stops_at_the_goal_with_a_last_step_of_what_is_missing() {
        let mut vehicle = vehicle(50, 80);
        let (int, float) = (Value::Int, Value::Float);
        assert_eq!(charge(&mut vehicle, 1), [int(8), float(70.0)]);
        assert_eq!(charge(&mut vehicle, 1), [float(4.0), int(80)]);
        assert_eq!(charge(&mut vehicle, 1), [int(0), int(80)]);
    }

    #[test]
    fn a_vehicle_that_leaves_forgets_its_level() {
        let mut vehicle = vehicle(50, 80);
        assert_eq!(charge(&mut vehicle, 0), [0, 0].map(Value::Int));
        assert_eq!(charge(&mut vehicle, 1)[1], Value::Float(20.0));
    }

    #[test]
    fn only_one_is_presence() {
        for presence in [Value::Bool(true), Value::Float(1.0)] {
            assert_eq!(charge(&mut vehicle(50, 80), presence)[0], Value::Int(8));
        }
        for presence in [Value::Float(0.5), Value::Int(2), Value::Null] {
            assert_eq!(charge(&mut vehicle(50, 80), presence)[0], Value::Int(0));
        }
        let mut unconnected = vehicle(50, 80);
        unconnected.step(&[]).expect("a step");
        assert_eq!(unconnected.value("soc"), Value::Int(0));
    }

    #[test]
    fn a_list_is_neither_presence_nor_absence() {
        let list = Value::List([Value::Int(1), Value::Int(1)].into());
        let step = vehicle(50, 80).step(&[("presence", list)]);
        assert_eq!(step.expect_err("refused").code, "type_mismatch:presence");
    }

    #[test]
    fn the_available_power_changes_nothing() {
        let mut vehicle = vehicle(50, 80);
        let inputs = [("presence", 1.into()), ("load_in", 0.into())];
        vehicle.step(&inputs).expect("a step");
        assert_eq!(vehicle.value("demand"), Value::Int(8));
    }

    #[test]
    fn a_vehicle_above_its_goal_keeps_its_level() {
        assert_eq!(charge(&mut vehicle(90, 80), 1), [0, 90].map(Value::Int));
    }

    #[test]
    fn the_goal_is_published() {
        let mut vehicle = vehicle(50, 80);
        charge(&mut vehicle, 0);
        assert_eq!(vehicle.value("desired_soc"), Value::Int(80));
    }

    #[test]
    fn the_length_of_a_step_counts() {
        let config = ModelConfig {
            time_step_size: Some(2),
            ..config(Literal::Int(0), Literal::Int(60), &[])
        };
        let mut vehicle = Rig::new(&EV, &config).expect("buildable");
        assert_eq!(charge(&mut vehicle, 1), [8.into(), 40.0.into()]);
        assert_eq!(charge(&mut vehicle, 1), [4.0.into(), 60.into()]);
    }

    #[test]
    fn a_vehicle_without_a_goal_gives_a_warning() {
        let default = Rig::new(&EV, &ModelConfig::default()).expect("buildable");
        assert!(default.warnings()[0].contains("'desired_soc'"));
        assert_eq!(vehicle(50, 80).warnings(), &[] as &[String]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let (fifty, eighty) = (Literal::Int(50), Literal::Int(80));
        let with = |changes: &[_]| config(fifty.clone(), eighty.clone(), changes);
        for (config, code) in [
            (with(&[("fast", Literal::Bool(true))]), "unsupported:fast"),
            (
                with(&[("battery_cap", Literal::Int(0))]),
                "invalid_parameter:battery_cap",
            ),
            (
                with(&[("max_power", Literal::Int(-1))]),
                "invalid_parameter:max_power",
            ),
            (
                config(fifty, Literal::Int(130), &[]),
                "invalid_state:desired_soc",
            ),
            (
                config(Literal::Int(-1), eighty.clone(), &[]),
                "invalid_state:soc",
            ),
            (config(Literal::Null, eighty, &[]), "missing_state:soc"),
        ] {
            let error = Rig::new(&EV, &config).err().expect("refused");
            assert_eq!(error.code, code, "{error}");
        }
    }

    proptest! {
        #[test]
        fn energy_is_conserved_and_the_level_stays_within_its_limits(
            power in 0.0_f64..350.0,
            capacity in 0.1_f64..200.0,
            goal in 0.1_f64..=100.0,
            presences in prop::collection::vec(0_i64..=1, 1..60),
        ) {
            let config = config(Literal::Int(0), Literal::Float(goal), &[
                ("max_power", Literal::Float(power)),
                ("battery_cap", Literal::Float(capacity)),
            ]);
            let mut vehicle = Rig::new(&EV, &config).expect("buildable");
            let mut before = 0.0;
            for presence in presences {
                charge(&mut vehicle, presence);
                let (demand, soc) = (vehicle.float("demand"), vehicle.float("soc"));
                prop_assert!((0.0..=power).contains(&demand), "{demand}");
                prop_assert!((0.0..=goal * (1.0 + 1e-12)).contains(&soc), "{soc} of {goal}");
                if presence == 1 {
                    let charged = (soc - before) / 100.0 * capacity;
                    prop_assert!((charged - demand * 0.25).abs() <= capacity * 1e-12);
                } else {
                    prop_assert_eq!((demand, soc), (0.0, 0.0));
                }
                before = soc;
            }
        }
    }
}
