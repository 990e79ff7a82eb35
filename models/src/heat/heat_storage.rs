//! The store of heat.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, Range, Role,
    SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::Value;

use crate::parts::limited_store::{
    CHARGE_EFFICIENCY, DISCHARGE_EFFICIENCY, LimitedStore, flag, in_order, max_charge,
    max_discharge,
};
use crate::parts::mixed_heat::{DENSITY, MixedHeat, SPECIFIC_HEAT, cylinder};
use crate::parts::quantities::{
    Received, begin_with, finite, float, one, optional, output, publish, publish_flag, seconds,
    starting, state, sum,
};

model_type! {
    /// Heat store: a fully mixed tank or pit with limits of temperature and flow, and losses to its surroundings.
    ///
    /// # Model
    ///
    /// A cylinder of the length L and the diameter D holds C = ρ·π/4·D²·L·c, and loses UA = λ/d·(π·D·L + π/2·D²), or
    /// `ua`. Without flows its temperature T comes to t_f within a step of Δt seconds:
    ///
    /// ```text
    /// t_f = t_ext + (T − t_ext)·exp(−UA·Δt/C)          φ = (1 − exp(−UA·Δt/C)) / UA, or Δt/C without losses
    /// ```
    ///
    /// What flows through passes the store by; the rest, u, is taken or given as far as that goes:
    ///
    /// ```text
    /// u = q_in − q_out_set
    /// u > 0   a = min(u, P_c, (t_max − t_f) / (η_c·φ))     T ← t_f + η_c·a·φ     q_excess = u − a
    /// u < 0   d = min(−u, P_d, (t_f − t_min)·η_d / φ)      T ← t_f − d·φ / η_d   q_out = q_in + d
    /// ```
    ///
    /// The level is 100·(T − t_min) / (t_max − t_min). `q_avail` and `q_room` are what the next step of the same length
    /// can deliver and take, after its loss and with the same surroundings.
    ///
    /// # Assumptions
    ///
    /// One temperature, and constant flows within a step: then this is the exact solution of C·dT/dt = q − UA·(T −
    /// t_ext). After long standing the level lies below 0; then it gives nothing, and nothing lifts it.
    ///
    /// # Source
    ///
    /// J. A. Duffie, W. A. Beckman, *Solar Engineering of Thermal Processes*, 4th edition, Wiley, 2013, chapter 8.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, t_min must be below t_max, and the initial `t_int` or `soc` a
    /// number. An initial `t_int` wins over `soc`.
    ///
    /// # Example
    ///
    /// Without losses, 1 m³ of water (4180 kJ/K) at 50 °C: 4.18 kW over a quarter of an hour are 3762 kJ, which lifts it
    /// by 3762 / 4180 = 0.9 K to 50.9 °C.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its units do not fit each other by a factor of 3600 and of 1000, it loses heat by one end alone, and its
    /// temperatures are in K. Its signed `flow2qs` is `q_in` and `q_out_set` here.
    pub static HEAT_STORAGE =
        ModelType::new("HeatStorage", |build| Ok(Box::new(HeatStorage::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&["qstorage"], "it takes 'q_in' and 'q_out_set' in kW in place of the signed 'flow2qs', gives 'soc' in place of 'q_soc', and its temperatures are in °C");
    parameters {
        LENGTH = Parameter::number("length", "m", "height")
            .symbol("L")
            .with_default(Literal::Float(2.5))
            .in_range(Range::POSITIVE),
        DIAMETER = Parameter::number("diameter", "m", "inner diameter")
            .symbol("D")
            .with_default(Literal::Float(1.5))
            .in_range(Range::POSITIVE),
        DENSITY_OF = DENSITY,
        SPECIFIC_HEAT_OF = SPECIFIC_HEAT,
        THICKNESS = Parameter::number("insulation_thickness", "m", "thickness of the insulation")
            .symbol("d")
            .with_default(Literal::Float(0.2))
            .in_range(Range::POSITIVE),
        CONDUCTIVITY = Parameter::number("thermal_conductivity", "W/(m K)", "conductivity of the insulation")
            .symbol("λ")
            .with_default(Literal::Float(0.03))
            .in_range(Range::NOT_NEGATIVE),
        LOSS = Parameter::number("ua", "W/K", "loss coefficient; null for that of the cylinder")
            .symbol("UA")
            .with_default(Literal::Null)
            .in_range(Range::NOT_NEGATIVE),
        SURROUNDINGS = Parameter::number("t_ext", "°C", "surroundings").with_default(Literal::Int(20)),
        T_MIN = Parameter::number("t_min", "°C", "temperature at 0 %").with_default(Literal::Int(40)),
        T_MAX = Parameter::number("t_max", "°C", "temperature at 100 %").with_default(Literal::Int(90)),
        CHARGE = CHARGE_EFFICIENCY,
        DISCHARGE = DISCHARGE_EFFICIENCY,
        MAX_CHARGE = max_charge("kW", "P_c"),
        MAX_DISCHARGE = max_discharge("kW", "P_d"),
    }
    inputs {
        Q_IN = sum("q_in", "kW", "offered heat"),
        Q_OUT_SET = sum("q_out_set", "kW", "requested heat"),
        T_EXT = one("t_ext", "°C", "surroundings in place of the parameter"),
    }
    published {
        Q_OUT = output("q_out", "kW", "delivered"),
        Q_EXCESS = output("q_excess", "kW", "offered and not taken"),
        SOC = Published::state("soc", "%", "level, also below 0")
            .with_initial(Literal::Float(50.0))
            .memory()
            .role(Role::Level),
        T_INT = Published::state("t_int", "°C", "temperature; initially null for that of 'soc'")
            .symbol("T")
            .with_initial(Literal::Null)
            .memory(),
        MOD = Published::state("mod", "-", "1 charging, -1 discharging, 0 neither"),
        FLAG = Published::state("flag", "-", "1 full, -1 empty, 0 between"),
        Q_LOSS = state("q_loss", "kW", "mean loss to the surroundings"),
        Q_AVAIL = state("q_avail", "kW", "what the next step can deliver"),
        Q_ROOM = state("q_room", "kW", "what the next step can take"),
        Q_DEFICIT = state("q_deficit", "kW", "requested and not delivered"),
    }
}

struct HeatStorage {
    received: Received,
    store: LimitedStore,
    heat: MixedHeat,
    surroundings: f64,
    temperature: f64,
}

impl HeatStorage {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let limits = in_order(build, T_MIN, T_MAX)?;
        let capacity = cylinder(build, [LENGTH, DIAMETER, DENSITY_OF, SPECIFIC_HEAT_OF]);
        let loss = optional(build, LOSS).unwrap_or_else(|| {
            let (length, diameter) = (float(build, LENGTH), float(build, DIAMETER));
            let pi = std::f64::consts::PI;
            let envelope = pi * diameter * length + pi / 2.0 * diameter * diameter;
            float(build, CONDUCTIVITY) / float(build, THICKNESS) * envelope
        });
        let level = starting(build, SOC, f64::MIN, f64::MAX)?;
        let temperature = match build.initial_published(T_INT) {
            Value::Null => limits.0 + (limits.1 - limits.0) * level / 100.0,
            _ => starting(build, T_INT, f64::MIN, f64::MAX)?,
        };
        let efficiencies = [CHARGE, DISCHARGE];
        let storage = Self {
            received: Received::new(build)?,
            store: LimitedStore::new(build, limits, efficiencies, [MAX_CHARGE, MAX_DISCHARGE]),
            heat: MixedHeat::new(capacity, loss / 1000.0, seconds(build)),
            surroundings: float(build, SURROUNDINGS),
            temperature,
        };
        let here = finite(&build.initial_input(T_EXT)).unwrap_or(storage.surroundings);
        let (values, flag) = storage.derived(here);
        begin_with(build, &values);
        build.begin_with(FLAG, || Value::Int(flag));
        Ok(storage)
    }

    /// What follows from the temperature, and the flag.
    fn derived(&self, here: f64) -> ([(shared::model::PublishedSlot, f64); 4], i64) {
        let LimitedStore { low, high, .. } = self.store;
        let level = 100.0 * (self.temperature - low) / (high - low);
        let next = self.heat.left_alone(self.temperature, here);
        let values = [
            (SOC, level),
            (T_INT, self.temperature),
            (Q_AVAIL, self.store.available(next, self.heat.rise)),
            (Q_ROOM, self.store.room(next, self.heat.rise)),
        ];
        (values, flag(level, 0.0, 100.0))
    }
}

impl Model for HeatStorage {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let inflow = self.received.sum(step, Q_IN)?;
        let wanted = self.received.sum(step, Q_OUT_SET)?;
        let here = self.received.one(step, T_EXT)?.unwrap_or(self.surroundings);
        let before = self.temperature;
        let alone = self.heat.left_alone(before, here);
        let exchanged = self.store.exchange(alone, self.heat.rise, inflow, wanted);
        self.temperature = exchanged.content;
        publish(
            step,
            &[
                (Q_OUT, exchanged.out),
                (Q_EXCESS, exchanged.excess),
                (
                    Q_LOSS,
                    self.heat.loss(exchanged.net, before, self.temperature),
                ),
                (Q_DEFICIT, exchanged.deficit),
            ],
        );
        let (values, flag) = self.derived(here);
        publish(step, &values);
        publish_flag(step, MOD, exchanged.mode);
        publish_flag(step, FLAG, flag);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.temperature);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;

    /// 1 m³ of water.
    const CUBIC_METRE: [(&str, Literal); 2] = [
        ("length", Literal::Float(4.0 / std::f64::consts::PI)),
        ("diameter", Literal::Int(1)),
    ];

    fn store(ticks: u32, temperature: f64, more: &[(&str, Literal)]) -> Rig {
        let config = ModelConfig {
            states: Some(section(&[("t_int", Literal::Float(temperature))])),
            time_step_size: Some(ticks),
            ..with_parameters(&[&CUBIC_METRE, more].concat())
        };
        Rig::new(&HEAT_STORAGE, &config).expect("buildable")
    }

    fn step(store: &mut Rig, inflow: f64, wanted: f64) {
        let flows = [
            ("q_in", Value::Float(inflow)),
            ("q_out_set", Value::Float(wanted)),
        ];
        store.step(&flows).expect("a step");
    }

    #[test]
    fn heat_lifts_the_temperature() {
        let mut store = store(1, 50.0, &[("ua", Literal::Int(0))]);
        step(&mut store, 4.18, 0.0);
        assert!((store.float("t_int") - 50.9).abs() < 1e-12);
        assert!((store.float("soc") - 21.8).abs() < 1e-12);
    }

    #[test]
    fn the_length_of_a_step_makes_no_difference() {
        let mut long = store(4, 60.0, &[("ua", Literal::Int(50))]);
        step(&mut long, 5.0, 2.0);
        let mut short = store(1, 60.0, &[("ua", Literal::Int(50))]);
        for _ in 0..4 {
            step(&mut short, 5.0, 2.0);
        }
        assert!((long.float("t_int") - short.float("t_int")).abs() < 1e-10);
    }

    #[test]
    fn what_is_said_to_be_possible_is_and_ends_at_the_limit() {
        let lossy = [
            ("ua", Literal::Int(50)),
            ("charge_efficiency", Literal::Int(80)),
        ];
        for (name, inflow, wanted, end) in [("q_avail", 0.0, 1.0, 40.0), ("q_room", 1.0, 0.0, 90.0)]
        {
            let mut store = store(1, 60.0, &lossy);
            step(&mut store, 0.0, 0.0);
            let flow = store.float(name);
            step(&mut store, inflow * flow, wanted * flow);
            assert_eq!(store.float("q_deficit") + store.float("q_excess"), 0.0);
            assert!((store.float("t_int") - end).abs() < 1e-9, "{name}");
        }
    }

    proptest! {
        #[test]
        fn energy_is_conserved_and_the_temperature_keeps_its_limits(
            temperature in 0.0_f64..110.0,
            efficiencies in (1.0_f64..=100.0, 1.0_f64..=100.0),
            (loss, outside) in (0.0_f64..500.0, -20.0_f64..30.0),
            limits in (prop::option::of(0.0_f64..50.0), prop::option::of(0.0_f64..50.0)),
            flows in prop::collection::vec((0.0_f64..60.0, 0.0_f64..60.0), 1..60),
        ) {
            let limit = |limit: Option<f64>| limit.map_or(Literal::Null, Literal::Float);
            let mut store = store(1, temperature, &[
                ("ua", Literal::Float(loss)),
                ("t_ext", Literal::Float(outside)),
                ("charge_efficiency", Literal::Float(efficiencies.0)),
                ("discharge_efficiency", Literal::Float(efficiencies.1)),
                ("max_charge", limit(limits.0)),
                ("max_discharge", limit(limits.1)),
            ]);
            let mut before = temperature;
            for (inflow, wanted) in flows {
                step(&mut store, inflow, wanted);
                let [out, excess, after, loss] =
                    ["q_out", "q_excess", "t_int", "q_loss"].map(|name| store.float(name));
                let net = inflow - excess - out;
                let into = if net > 0.0 {
                    net * efficiencies.0 / 100.0
                } else {
                    net / (efficiencies.1 / 100.0)
                };
                let change = 4180.0 * (after - before) / 900.0 - into + loss;
                let flowing = (inflow + wanted + loss.abs()) / (efficiencies.1 / 100.0) + 4.18 * before.abs();
                prop_assert!(change.abs() <= 1e-9 * flowing, "{change}");
                prop_assert!(out >= 0.0 && excess >= 0.0);
                let highest = 90.0_f64.max(before).max(outside);
                prop_assert!(after <= highest * (1.0 + 1e-12), "{after}");
                prop_assert!(after >= 40.0_f64.min(before).min(outside) - 1e-9, "{after}");
                before = after;
            }
        }
    }
}
