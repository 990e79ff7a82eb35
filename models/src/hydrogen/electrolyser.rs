//! The electrolyser.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, Range, Role,
    SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::Value;

use crate::parts::hydrogen::{HEATING_VALUE, HHV, heating_value};
use crate::parts::limited_store::{BELOW_ALL, EFFICIENCY};
use crate::parts::quantities::{
    MARGIN, Received, float, is_at_least, one, optional, output, publish, publish_text,
    refuse_state, seconds, starting, state, sum,
};

model_type! {
    /// Electrolyser: makes hydrogen and usable heat from electric power, between minimum load and rated power, with
    /// phases of starting and stopping where it has some.
    ///
    /// # Model
    ///
    /// The specific yield κ, in kg/kWh, follows from the efficiency η and a heating value HV: 33.33 kWh/kg (LHV) or
    /// 39.41 kWh/kg (HHV). The power wanted is what is requested up to the rated power P_r and to what the store has
    /// room for; it is a command to run where it is the minimum load P_min at least:
    ///
    /// ```text
    /// κ = η / HV          P_t = min(p_set, P_r, h2_room / κ)          run: P_t > 0 and P_t ≥ P_min
    /// ```
    ///
    /// The command counts at the start of a step. `off` with it becomes `warm_up`, and `ramp_down` or `hold` become
    /// `on`; without it `on` becomes `ramp_down`, and `warm_up` or `ramp_up` become `off`. Then time passes, also
    /// through several phases in one step:
    ///
    /// | phase | lasts | power | hydrogen |
    /// |---|---|---|---|
    /// | `off` | | 0 | no |
    /// | `warm_up` | t_w | P_w | no |
    /// | `ramp_up` | t_u | linear from P_w to P_min | yes |
    /// | `on` | | towards P_t by R at most, never below P_min | yes |
    /// | `ramp_down` | t_d; with t_d = 0 as long as R needs | linear from what it was to P_min | yes |
    /// | `hold` | t_h | P_min | yes |
    ///
    /// With E the energy of the step and E_h that of phases with hydrogen, over Δt hours:
    ///
    /// ```text
    /// p_cons = E / Δt          h2_gen = κ·E_h / Δt          q_gen = η_th·E_h / Δt
    /// ```
    ///
    /// # Assumptions
    ///
    /// The efficiency depends on neither load, temperature nor pressure. A change of power while `on` is made at the
    /// start of the step, so that R counts from step to step. Hydrogen (by its HHV) and heat are never more than the
    /// electric energy.
    ///
    /// # Source
    ///
    /// A. Buttler, H. Spliethoff, "Current status of water electrolysis for energy storage, grid balancing and sector
    /// coupling", *Renew. Sustain. Energy Rev.* 82 (2018) 2440-2454, doi:10.1016/j.rser.2017.09.003: efficiencies,
    /// minimum loads, starting times.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, and efficiencies that together give more energy than goes in.
    /// An initial `status` must be one of the phases, an initial `load` between 0 and 100 %.
    ///
    /// # Example
    ///
    /// 10 kW at 66.66 % (LHV): κ = 0.6666 / 33.33 = 0.02 kg/kWh. At `p_set` 5 kW there are 5 × 0.02 = 0.1 kg/h. With
    /// a store that takes 0.06 kg/h, `p_cons` is 0.06 / 0.02 = 3 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its `Electrolyzer` has signed power twice over and kilograms per step; its warm-up lasts a step too long, and a
    /// restart while it shuts down stops it. There `p_set` is `run_electrolyser` × `production_rate` (0.6 at least) ×
    /// the rated power.
    pub static ELECTROLYSER =
        ModelType::new("Electrolyser", |build| Ok(Box::new(Electrolyser::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&["electrolyzer"], "it takes 'p_set' in kW in place of 'flow2e', 'run_electrolyser' and 'production_rate', and gives 'p_cons' in kW and 'h2_gen' in kg/h in place of 'flow2c'");
    parameters {
        RATED_POWER = Parameter::number("rated_power", "kW", "largest electric power, with auxiliaries")
            .symbol("P_r")
            .with_default(Literal::Float(2.45))
            .in_range(Range::POSITIVE)
            .formerly(&["max_p_in", "max_load"]),
        EFFICIENCY_OF = Parameter::number("efficiency", "%", "hydrogen energy of electric energy")
            .symbol("η")
            .with_default(Literal::Float(63.59))
            .in_range(EFFICIENCY)
            .formerly(&["e_eff", "eff"]),
        HEATING_VALUE_OF = HEATING_VALUE,
        MIN_LOAD = Parameter::number("min_load", "%", "smallest power while it runs, of 'rated_power'")
            .with_default(Literal::Int(0))
            .in_range(BELOW_ALL),
        RAMP_RATE = Parameter::number("ramp_rate", "kW/min", "largest change of power; null for any")
            .symbol("R")
            .with_default(Literal::Null)
            .in_range(Range::POSITIVE),
        WARM_UP_TIME = Parameter::number("warm_up_time", "s", "first phase of a start")
            .symbol("t_w")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        WARM_UP_LOAD = Parameter::number("warm_up_load", "%", "power in that phase, of 'rated_power'")
            .with_default(Literal::Int(0))
            .in_range(Range::PERCENT),
        RAMP_UP_TIME = Parameter::number("ramp_up_time", "s", "second phase of a start")
            .symbol("t_u")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        RAMP_DOWN_TIME = Parameter::number("ramp_down_time", "s", "first phase of a stop")
            .symbol("t_d")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        HOLD_TIME = Parameter::number("hold_time", "s", "second phase of a stop")
            .symbol("t_h")
            .with_default(Literal::Int(0))
            .in_range(Range::NOT_NEGATIVE),
        THERMAL_EFFICIENCY =
            Parameter::number("thermal_efficiency", "%", "usable heat of electric energy")
                .symbol("η_th")
                .with_default(Literal::Int(0))
                .in_range(BELOW_ALL)
                .formerly(&["term_eff"]),
    }
    inputs {
        P_SET = sum("p_set", "kW", "requested power; a negative one counts as 0")
            .adjustable(0.0, 100.0),
        H2_ROOM = one("h2_room", "kg/h", "what the store can take; null for no limit"),
    }
    published {
        P_CONS = output("p_cons", "kW", "electric power").role(Role::Converted),
        H2_GEN = output("h2_gen", "kg/h", "hydrogen"),
        Q_GEN = output("q_gen", "kW", "usable heat"),
        STATUS = Published::state("status", "-", "phase at the end of the step")
            .with_kind(shared::value::Kind::Text)
            .with_initial(Literal::text("off"))
            .memory(),
        LOAD = state("load", "%", "power at the end of the step, of 'rated_power'").memory(),
    }
}

/// Phases, by their place here.
const PHASES: [&str; 6] = ["off", "warm_up", "ramp_up", "on", "ramp_down", "hold"];
const OFF: u8 = 0;
const WARM_UP: u8 = 1;
const RAMP_UP: u8 = 2;
const ON: u8 = 3;
const RAMP_DOWN: u8 = 4;
const HOLD: u8 = 5;

/// The time that is none, s.
const INSTANT: f64 = 1e-9;

struct Electrolyser {
    received: Received,
    seconds: f64,
    /// κ, kg/kWh.
    hydrogen_yield: f64,
    /// Heat per electric energy.
    heat: f64,
    rated: f64,
    minimum: f64,
    warm: f64,
    ramp_rate: Option<f64>,
    /// How long phases last; that of `ramp_down` changes.
    durations: [f64; 6],
    ramp_down_time: f64,
    phase: u8,
    /// Seconds in the phase.
    since: f64,
    power: f64,
    /// Where the ramp down began.
    falls_from: f64,
}

impl Electrolyser {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let efficiency = float(build, EFFICIENCY_OF) / 100.0;
        let hydrogen_yield = efficiency / heating_value(build.text(HEATING_VALUE_OF));
        let heat = float(build, THERMAL_EFFICIENCY) / 100.0;
        if hydrogen_yield * HHV + heat > 1.0 + MARGIN {
            let key = if heat > 0.0 {
                "thermal_efficiency"
            } else {
                "efficiency"
            };
            let message = format!(
                "parameter '{key}' is too high: hydrogen (by its HHV) and heat would be more than \
                 the electric energy"
            );
            return Err(BuildError::invalid_parameter(key, message));
        }
        let status = build.initial_published(STATUS);
        let phase = (OFF..)
            .zip(PHASES)
            .find(|(_, known)| status.as_text() == Some(known));
        let phase = phase.ok_or_else(|| refuse_state(build, STATUS, &status))?.0;
        let rated = float(build, RATED_POWER);
        let minimum = float(build, MIN_LOAD) * rated / 100.0;
        let mut power = starting(build, LOAD, 0.0, 100.0)? * rated / 100.0;
        if phase == ON {
            power = power.max(minimum);
        }
        let ramp_down_time = float(build, RAMP_DOWN_TIME);
        let [warm_up, ramp_up, hold] =
            [WARM_UP_TIME, RAMP_UP_TIME, HOLD_TIME].map(|slot| float(build, slot));
        build.begin_with(LOAD, || Value::Float(100.0 * power / rated));
        Ok(Self {
            received: Received::new(build)?,
            seconds: seconds(build),
            hydrogen_yield,
            heat,
            rated,
            minimum,
            warm: float(build, WARM_UP_LOAD) * rated / 100.0,
            ramp_rate: optional(build, RAMP_RATE),
            durations: [0.0, warm_up, ramp_up, 0.0, 0.0, hold],
            ramp_down_time,
            phase,
            since: 0.0,
            power,
            falls_from: power,
        })
    }

    fn enter(&mut self, phase: u8) {
        self.phase = phase;
        self.since = 0.0;
    }

    /// Follows the command of a step.
    fn command(&mut self, is_to_run: bool) {
        match (self.phase, is_to_run) {
            (OFF, true) => self.enter(WARM_UP),
            (WARM_UP | RAMP_UP, false) => self.enter(OFF),
            (RAMP_DOWN | HOLD, true) => self.enter(ON),
            (ON, false) => {
                self.enter(RAMP_DOWN);
                self.falls_from = self.power;
                self.durations[usize::from(RAMP_DOWN)] = match self.ramp_rate {
                    Some(rate) if self.ramp_down_time <= 0.0 => {
                        60.0 * (self.power - self.minimum).max(0.0) / rate
                    }
                    _ => self.ramp_down_time,
                };
            }
            _ => {}
        }
    }

    /// Lets the time of a step pass; returns the energy, and that of phases with hydrogen, in kW s.
    fn pass(&mut self, target: f64) -> (f64, f64) {
        let (mut left, mut energy, mut productive) = (self.seconds, 0.0, 0.0);
        // A start has three phases and a stop two, and none comes again in a step.
        for _ in PHASES {
            if left <= INSTANT {
                break;
            }
            let lasts = self.durations[usize::from(self.phase)];
            let time = left.min((lasts - self.since).max(0.0));
            let mut passed = time;
            let used = match self.phase {
                WARM_UP => {
                    self.power = self.warm;
                    self.warm * time
                }
                RAMP_UP => self.ramp(self.warm, lasts, time),
                RAMP_DOWN => self.ramp(self.falls_from, lasts, time),
                HOLD => {
                    self.power = self.minimum;
                    self.minimum * time
                }
                ON => {
                    let change = self.ramp_rate.map(|rate| rate * left / 60.0);
                    let followed = change.map_or(target, |change| {
                        target.min(self.power + change).max(self.power - change)
                    });
                    self.power = followed.max(self.minimum);
                    passed = left;
                    self.power * left
                }
                _ => {
                    self.power = 0.0;
                    passed = left;
                    0.0
                }
            };
            energy += used;
            if self.phase != WARM_UP {
                productive += used;
            }
            self.since += passed;
            left -= passed;
            if self.phase != OFF && self.phase != ON && lasts - self.since <= INSTANT {
                self.leave();
            }
        }
        (energy, productive)
    }

    /// The energy of a piece of a ramp to the minimum load.
    fn ramp(&mut self, from: f64, lasts: f64, time: f64) -> f64 {
        if lasts <= INSTANT {
            return 0.0;
        }
        let at = |since: f64| from + (self.minimum - from) * since / lasts;
        let (before, after) = (at(self.since), at(self.since + time));
        self.power = after;
        time * (before + after) / 2.0
    }

    /// The phase is over.
    fn leave(&mut self) {
        match self.phase {
            WARM_UP => self.enter(RAMP_UP),
            RAMP_UP => {
                self.enter(ON);
                self.power = self.minimum;
            }
            RAMP_DOWN => {
                self.enter(HOLD);
                self.power = self.minimum;
            }
            _ => {
                self.enter(OFF);
                self.power = 0.0;
            }
        }
    }
}

impl Model for Electrolyser {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let requested = self.received.positive(step, P_SET)?;
        let mut target = requested.min(self.rated);
        if let Some(room) = self.received.one(step, H2_ROOM)? {
            target = target.min(room.max(0.0) / self.hydrogen_yield);
        }
        self.command(target > 0.0 && is_at_least(target, self.minimum));
        let (energy, productive) = self.pass(target);
        let (power, productive) = (energy / self.seconds, productive / self.seconds);
        let load = 100.0 * self.power / self.rated;
        publish(
            step,
            &[
                (P_CONS, power),
                (H2_GEN, self.hydrogen_yield * productive),
                (Q_GEN, self.heat * productive),
                (LOAD, load),
            ],
        );
        publish_text(step, STATUS, PHASES[usize::from(self.phase)]);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.phase);
        memory.keep(&mut self.since);
        memory.keep(&mut self.power);
        memory.keep(&mut self.falls_from);
        memory.keep(&mut self.durations[usize::from(RAMP_DOWN)]);
        if usize::from(self.phase) >= PHASES.len() {
            self.phase = OFF;
            memory.spoil();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;

    fn ten_kilowatts(more: &[(&str, Literal)]) -> Rig {
        let parameters = [
            ("rated_power", Literal::Int(10)),
            ("efficiency", Literal::Float(66.66)),
        ];
        let config = with_parameters(&[&parameters, more].concat());
        Rig::new(&ELECTROLYSER, &config).expect("buildable")
    }

    #[test]
    fn power_becomes_hydrogen_as_far_as_there_is_room() {
        let mut electrolyser = ten_kilowatts(&[]);
        let set = ("p_set", Value::Int(5));
        electrolyser
            .step(std::slice::from_ref(&set))
            .expect("a step");
        assert_eq!(electrolyser.float("p_cons"), 5.0);
        assert!((electrolyser.float("h2_gen") - 0.1).abs() < 1e-15);
        let room = ("h2_room", Value::Float(0.06));
        electrolyser.step(&[set, room]).expect("a step");
        assert!((electrolyser.float("p_cons") - 3.0).abs() < 1e-12);
        assert_eq!(electrolyser.value("status"), Value::text("on"));
        assert!((electrolyser.float("load") - 30.0).abs() < 1e-12);
    }

    #[test]
    fn efficiencies_that_give_more_than_goes_in_are_refused() {
        let text = Literal::text;
        for (efficiency, value, heat, key) in [
            (66, "HHV", 34, None),
            (66, "HHV", 35, Some("thermal_efficiency")),
            (90, "LHV", 0, Some("efficiency")),
            (84, "LHV", 0, None),
            (100, "HHV", 0, None),
        ] {
            let config = with_parameters(&[
                ("efficiency", Literal::Int(efficiency)),
                ("heating_value", text(value)),
                ("thermal_efficiency", Literal::Int(heat)),
            ]);
            let error = Rig::new(&ELECTROLYSER, &config).err();
            let code = error.map(|error| error.code.into_owned());
            assert_eq!(code, key.map(|key| format!("invalid_parameter:{key}")));
        }
    }

    #[test]
    fn a_start_that_is_none_is_refused() {
        for (state, value) in [
            ("status", Literal::text("asleep")),
            ("status", Literal::Int(0)),
            ("load", Literal::Int(101)),
            ("load", Literal::Null),
        ] {
            let config = ModelConfig {
                states: Some(section(&[(state, value)])),
                ..ModelConfig::default()
            };
            let error = Rig::new(&ELECTROLYSER, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_state:{state}"));
        }
    }

    proptest! {
        #[test]
        fn more_never_comes_out_than_goes_in(
            (efficiency, heat) in (1.0_f64..84.0, 0.0_f64..15.0),
            times in prop::array::uniform4(0.0_f64..3000.0),
            loads in (0.0_f64..99.0, 0.0_f64..100.0),
            ramp in prop::option::of(0.001_f64..1.0),
            requests in prop::collection::vec((-2.0_f64..12.0, 0.0_f64..0.5), 1..40),
        ) {
            let float = Literal::Float;
            let heat = heat.min(99.0 - efficiency * HHV / 33.33);
            let mut electrolyser = ten_kilowatts(&[
                ("efficiency", float(efficiency)),
                ("thermal_efficiency", float(heat.max(0.0))),
                ("min_load", float(loads.0)),
                ("warm_up_load", float(loads.1)),
                ("warm_up_time", float(times[0])),
                ("ramp_up_time", float(times[1])),
                ("ramp_down_time", float(times[2])),
                ("hold_time", float(times[3])),
                ("ramp_rate", ramp.map_or(Literal::Null, float)),
            ][..]);
            for (power, room) in requests {
                electrolyser
                    .step(&[("p_set", Value::Float(power)), ("h2_room", Value::Float(room))])
                    .expect("a step");
                let [power, hydrogen, heat] =
                    ["p_cons", "h2_gen", "q_gen"].map(|name| electrolyser.float(name));
                prop_assert!((0.0..=10.0 * (1.0 + 1e-9)).contains(&power));
                prop_assert!(hydrogen >= 0.0 && heat >= 0.0);
                prop_assert!(hydrogen * HHV + heat <= power * (1.0 + 1e-9));
            }
        }

        #[test]
        fn a_cycle_comes_to_the_same_in_steps_of_any_length(
            ticks in 1_u32..5,
            times in prop::array::uniform4(0.0_f64..3600.0),
        ) {
            let float = Literal::Float;
            let of_steps = |ticks: u32| {
                let parameters = [
                    ("min_load", float(40.0)),
                    ("warm_up_load", float(10.0)),
                    ("warm_up_time", float(times[0])),
                    ("ramp_up_time", float(times[1])),
                    ("ramp_down_time", float(times[2])),
                    ("hold_time", float(times[3])),
                ];
                let config = ModelConfig {
                    time_step_size: Some(ticks),
                    ..with_parameters(&parameters)
                };
                let mut electrolyser = Rig::new(&ELECTROLYSER, &config).expect("buildable");
                let mut sums = [0.0; 2];
                // 60 ticks on and 60 off, which steps of 1 to 4 ticks divide.
                for step in 0..120 / ticks {
                    let power = if step * ticks < 60 { 2.0 } else { 0.0 };
                    electrolyser.step(&[("p_set", Value::Float(power))]).expect("a step");
                    for (sum, name) in sums.iter_mut().zip(["p_cons", "h2_gen"]) {
                        *sum += electrolyser.float(name) * f64::from(ticks);
                    }
                }
                sums
            };
            let (one, many) = (of_steps(1), of_steps(ticks));
            for (one, many) in one.iter().zip(many) {
                prop_assert!((one - many).abs() <= 1e-9 * one.abs(), "{one} {many}");
            }
        }
    }
}
