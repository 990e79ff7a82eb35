//! The store of compressed hydrogen.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, Range, Role,
    SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::Value;

use crate::parts::hydrogen::{GAS_TEMPERATURE, T0, pressure};
use crate::parts::limited_store::{
    BELOW_ALL, CHARGE_EFFICIENCY, DISCHARGE_EFFICIENCY, LimitedStore, flag, in_order, max_charge,
    max_discharge,
};
use crate::parts::quantities::{
    Received, begin_with, float, optional, output, publish, publish_flag, seconds, starting, state,
    sum,
};

model_type! {
    /// Hydrogen store: a tank of compressed gas with limits of level and flow, losses and, where its volume is given,
    /// a pressure.
    ///
    /// # Model
    ///
    /// The mass m lies between m_lo = S_min·C and m_hi = S_max·C. Of Δt = h hours, the content first loses
    /// 1 − s = 1 − (1 − σ)^(h/24). What flows through passes the tank by; the rest, u, is taken or given as far as
    /// that goes:
    ///
    /// ```text
    /// u = h2_in − h2_out_set
    /// u > 0   a = min(u, F_c, (m_hi − m) / (η_c·h))     m ← m + η_c·a·h     h2_excess = u − a
    /// u < 0   d = min(−u, F_d, (m − m_lo)·η_d / h)      m ← m − d·h / η_d   h2_out = h2_in + d
    /// ```
    ///
    /// `h2_avail` and `h2_room` are what the next step of the same length can deliver and take, after its loss. The
    /// pressure p is that of a real gas of density m/V at the temperature T.
    ///
    /// # Assumptions
    ///
    /// Constant efficiencies and temperature. By its loss the level may fall below S_min; then it gives nothing, and
    /// nothing lifts it.
    ///
    /// # Source
    ///
    /// T. Q. Hua et al., "Technical assessment of compressed hydrogen storage tank systems for automotive
    /// applications", *Int. J. Hydrogen Energy* 36 (2011) 3037-3049, doi:10.1016/j.ijhydene.2010.11.090; the gas:
    /// E. W. Lemmon, M. L. Huber, J. W. Leachman, *J. Res. NIST* 113 (2008) 341-350.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, S_min must be below S_max, and the initial `soc` between 0 and
    /// 100 %.
    ///
    /// # Example
    ///
    /// 10 kg at 50 %, in steps of an hour: an inflow of 3 kg/h and a request of 1 kg/h leave 2 kg in the tank, which
    /// is then at 70 %. It could deliver 7 kg/h in the next hour, and take 3 kg/h.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its level knows no limits, obeys a command in place of the flows, and is rounded. `eleh2_in` is `h2_in`,
    /// `fuelh2_out` is `h2_out_set`, and both are in kg/h.
    pub static H2_STORAGE = ModelType::new("H2Storage", |build| Ok(Box::new(H2Storage::new(build)?)))
        .with_sections(SectionPolicy::Merge)
        .unlike(&[], "it takes 'h2_in' and 'h2_out_set' in kg/h in place of 'eleh2_in', 'fuelh2_out', 'flow2h2s' and 'storage_flow', and gives 'h2_out' and 'soc' in place of 'h2_flow2f' and 'h2_soc'");
    parameters {
        CAPACITY = Parameter::number("capacity", "kg", "mass at 100 %")
            .symbol("C")
            .with_default(Literal::Int(48))
            .in_range(Range::POSITIVE)
            .formerly(&["h2_capacity_tot"]),
        SOC_MIN = Parameter::number("soc_min", "%", "lower limit of the level")
            .symbol("S_min")
            .with_default(Literal::Int(0))
            .in_range(Range::PERCENT),
        SOC_MAX = Parameter::number("soc_max", "%", "upper limit of the level")
            .symbol("S_max")
            .with_default(Literal::Int(100))
            .in_range(Range::PERCENT),
        CHARGE = CHARGE_EFFICIENCY,
        DISCHARGE = DISCHARGE_EFFICIENCY,
        MAX_CHARGE = max_charge("kg/h", "F_c"),
        MAX_DISCHARGE = max_discharge("kg/h", "F_d"),
        SELF_DISCHARGE = Parameter::number("self_discharge", "%/day", "loss of the content")
            .symbol("σ")
            .with_default(Literal::Int(0))
            .in_range(BELOW_ALL),
        VOLUME = Parameter::number("volume", "m³", "volume of the tank; null for no pressure")
            .symbol("V")
            .with_default(Literal::Null)
            .in_range(Range::POSITIVE),
        TEMPERATURE = Parameter::number("temperature", "°C", "temperature of the gas")
            .symbol("T")
            .with_default(Literal::Int(20))
            .in_range(GAS_TEMPERATURE),
    }
    inputs {
        H2_IN = sum("h2_in", "kg/h", "offered inflow"),
        H2_OUT_SET = sum("h2_out_set", "kg/h", "requested outflow"),
    }
    published {
        H2_OUT = output("h2_out", "kg/h", "delivered"),
        H2_EXCESS = output("h2_excess", "kg/h", "offered and not taken"),
        SOC = Published::state("soc", "%", "level")
            .with_initial(Literal::Float(50.0))
            .memory()
            .role(Role::Level),
        MASS = state("mass", "kg", "content").symbol("m"),
        MOD = Published::state("mod", "-", "1 charging, -1 discharging, 0 neither"),
        FLAG = Published::state("flag", "-", "1 full, -1 empty, 0 between"),
        H2_AVAIL = state("h2_avail", "kg/h", "what the next step can deliver"),
        H2_ROOM = state("h2_room", "kg/h", "what the next step can take"),
        H2_DEFICIT = state("h2_deficit", "kg/h", "requested and not delivered"),
        PRESSURE = Published::state("pressure", "bar", "pressure; null without a volume")
            .symbol("p")
            .with_initial(Literal::Null),
    }
}

struct H2Storage {
    received: Received,
    store: LimitedStore,
    capacity: f64,
    levels: (f64, f64),
    hours: f64,
    /// What is left of the content after a step.
    kept: f64,
    volume: Option<f64>,
    kelvin: f64,
    mass: f64,
}

/// What follows from the mass.
struct Derived {
    flag: i64,
    values: [(shared::model::PublishedSlot, f64); 4],
    pressure: Value,
}

impl H2Storage {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let capacity = float(build, CAPACITY);
        let levels = in_order(build, SOC_MIN, SOC_MAX)?;
        let limits = (levels.0 * capacity / 100.0, levels.1 * capacity / 100.0);
        let efficiencies = [CHARGE, DISCHARGE];
        let lost = float(build, SELF_DISCHARGE) / 100.0;
        let storage = Self {
            received: Received::new(build)?,
            store: LimitedStore::new(build, limits, efficiencies, [MAX_CHARGE, MAX_DISCHARGE]),
            capacity,
            levels,
            hours: build.step_hours(),
            kept: libm::pow(1.0 - lost, seconds(build) / 86400.0),
            volume: optional(build, VOLUME),
            kelvin: float(build, TEMPERATURE) + T0,
            mass: starting(build, SOC, 0.0, 100.0)? * capacity / 100.0,
        };
        let Derived {
            flag,
            values,
            pressure,
        } = storage.derived();
        begin_with(build, &values);
        build.begin_with(FLAG, || Value::Int(flag));
        build.begin_with(PRESSURE, || pressure);
        Ok(storage)
    }

    fn derived(&self) -> Derived {
        let level = 100.0 * self.mass / self.capacity;
        let next = self.mass * self.kept;
        let pressure = self
            .volume
            .map(|volume| pressure(self.mass / volume, self.kelvin));
        Derived {
            flag: flag(level, self.levels.0, self.levels.1),
            values: [
                (SOC, level),
                (MASS, self.mass),
                (H2_AVAIL, self.store.available(next, self.hours)),
                (H2_ROOM, self.store.room(next, self.hours)),
            ],
            pressure: pressure.map_or(Value::Null, Value::Float),
        }
    }
}

impl Model for H2Storage {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let inflow = self.received.sum(step, H2_IN)?;
        let wanted = self.received.sum(step, H2_OUT_SET)?;
        let content = self.mass * self.kept;
        let exchanged = self.store.exchange(content, self.hours, inflow, wanted);
        self.mass = exchanged.content;
        publish(
            step,
            &[
                (H2_OUT, exchanged.out),
                (H2_EXCESS, exchanged.excess),
                (H2_DEFICIT, exchanged.deficit),
            ],
        );
        let derived = self.derived();
        publish(step, &derived.values);
        publish_flag(step, MOD, exchanged.mode);
        publish_flag(step, FLAG, derived.flag);
        step.publish(PRESSURE, derived.pressure);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.mass);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, section, with_parameters};
    use proptest::prelude::*;
    use shared::model::ModelConfig;

    /// A store of 10 kg in steps of so many quarters of an hour.
    fn store(ticks: u32, soc: f64, more: &[(&str, Literal)]) -> Rig {
        let config = ModelConfig {
            states: Some(section(&[("soc", Literal::Float(soc))])),
            time_step_size: Some(ticks),
            ..with_parameters(&[&[("capacity", Literal::Int(10))], more].concat())
        };
        Rig::new(&H2_STORAGE, &config).expect("buildable")
    }

    fn step(store: &mut Rig, inflow: f64, wanted: f64) {
        let flows = [
            ("h2_in", Value::Float(inflow)),
            ("h2_out_set", Value::Float(wanted)),
        ];
        store.step(&flows).expect("a step");
    }

    #[test]
    fn what_does_not_flow_through_is_stored() {
        let mut store = store(4, 50.0, &[]);
        step(&mut store, 3.0, 1.0);
        for (name, value) in [
            ("soc", 70.0),
            ("mass", 7.0),
            ("h2_out", 1.0),
            ("h2_avail", 7.0),
            ("h2_room", 3.0),
        ] {
            assert!((store.float(name) - value).abs() < 1e-12, "{name}");
        }
        assert_eq!(store.value("mod"), Value::Int(1));
        assert_eq!(store.value("pressure"), Value::Null);
    }

    #[test]
    fn what_is_said_to_be_possible_is_and_ends_at_the_limit() {
        let limits = [("soc_min", Literal::Int(10)), ("soc_max", Literal::Int(90))];
        let leaky = [&limits[..], &[("self_discharge", Literal::Int(5))]].concat();
        let mut first = store(4, 50.0, &leaky);
        step(&mut first, 0.0, 0.0);
        let (available, room) = (first.float("h2_avail"), first.float("h2_room"));
        step(&mut first, 0.0, available);
        assert_eq!(first.float("h2_deficit"), 0.0);
        assert!((first.float("soc") - 10.0).abs() < 1e-9);
        assert_eq!(first.value("flag"), Value::Int(-1));
        let mut second = store(4, 50.0, &leaky);
        step(&mut second, 0.0, 0.0);
        step(&mut second, room, 0.0);
        assert_eq!(second.float("h2_excess"), 0.0);
        assert!((second.float("soc") - 90.0).abs() < 1e-9);
        assert_eq!(second.value("flag"), Value::Int(1));
    }

    #[test]
    fn limits_in_the_wrong_order_and_levels_beyond_all_are_refused() {
        let config =
            with_parameters(&[("soc_min", Literal::Int(50)), ("soc_max", Literal::Int(50))]);
        let error = Rig::new(&H2_STORAGE, &config).err().expect("refused");
        assert_eq!(error.code, "invalid_parameter:soc_min");
        for soc in [-0.1, 100.1] {
            let config = ModelConfig {
                states: Some(section(&[("soc", Literal::Float(soc))])),
                ..ModelConfig::default()
            };
            let error = Rig::new(&H2_STORAGE, &config).err().expect("refused");
            assert_eq!(error.code, "invalid_state:soc");
        }
    }

    proptest! {
        #[test]
        fn mass_is_conserved_and_the_level_keeps_its_limits(
            efficiencies in (1.0_f64..=100.0, 1.0_f64..=100.0),
            (low, span, soc) in (0.0_f64..60.0, 1.0_f64..40.0, 0.0_f64..100.0),
            limits in (prop::option::of(0.0_f64..20.0), prop::option::of(0.0_f64..20.0)),
            loss in 0.0_f64..50.0,
            flows in prop::collection::vec((0.0_f64..20.0, 0.0_f64..20.0), 1..60),
        ) {
            let limit = |limit: Option<f64>| limit.map_or(Literal::Null, Literal::Float);
            let high = low + span;
            let mut store = store(1, soc, &[
                ("soc_min", Literal::Float(low)),
                ("soc_max", Literal::Float(high)),
                ("charge_efficiency", Literal::Float(efficiencies.0)),
                ("discharge_efficiency", Literal::Float(efficiencies.1)),
                ("max_charge", limit(limits.0)),
                ("max_discharge", limit(limits.1)),
                ("self_discharge", Literal::Float(loss)),
            ]);
            let kept = (1.0 - loss / 100.0_f64).powf(900.0 / 86400.0);
            let mut before = soc / 10.0;
            for (inflow, wanted) in flows {
                step(&mut store, inflow, wanted);
                let [out, excess, deficit, after] =
                    ["h2_out", "h2_excess", "h2_deficit", "mass"].map(|name| store.float(name));
                prop_assert!(out >= 0.0 && excess >= 0.0 && deficit >= 0.0);
                prop_assert!((out + deficit - wanted).abs() <= 1e-9 * wanted.max(1.0));
                let net = inflow - excess - out;
                let into = if net > 0.0 {
                    net * efficiencies.0 / 100.0
                } else {
                    net / (efficiencies.1 / 100.0)
                };
                let change = after - before * kept - into * 0.25;
                let flowing = inflow + wanted + before;
                prop_assert!(change.abs() <= 1e-9 * flowing / (efficiencies.1 / 100.0), "{change}");
                let (start, level) = (before * kept * 10.0, after * 10.0);
                prop_assert!(level <= high.max(start) * (1.0 + 1e-12), "{level}");
                prop_assert!(level >= low.min(start) * (1.0 - 1e-12), "{level}");
                before = after;
            }
        }
    }
}
