//! The pipes of hydrogen.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, Range,
    SectionPolicy, Step, StepError,
};
use shared::model_type;

use crate::parts::hydrogen::{GAS_TEMPERATURE, T0, density, pressure};
use crate::parts::limited_store::{BELOW_ALL, LimitedStore, in_order};
use crate::parts::quantities::{
    Received, begin_with, float, output, publish, publish_flag, seconds, share_served, starting,
    state, sum,
};

model_type! {
    /// Hydrogen network: pipes whose gas balances all that is fed in and taken out, between two pressures.
    ///
    /// # Model
    ///
    /// The mass in the pipes lies between m_lo = V·ρ(p_min, T) and m_hi = V·ρ(p_max, T). Over h hours it first loses
    /// 1 − (1 − λ)^(h/24); then
    ///
    /// ```text
    /// u = h2_in − h2_out_set                m_e = m + u·h
    /// m_e > m_hi   h2_excess = u − (m_hi − m) / h      m_e < m_lo   h2_deficit = −u − (m − m_lo) / h
    /// m ← m + (u − h2_excess + h2_deficit)·h           p: the pressure of a real gas of density m / V
    /// ```
    ///
    /// # Assumptions
    ///
    /// One pressure p everywhere: it does not drop along the pipes. What is too much at p_max is vented, what lacks at
    /// p_min is not delivered, to all consumers alike: `served` is the share that each gets. `congestion` tells that a
    /// limit was met, beyond 10⁻⁹ of the flow.
    ///
    /// # Source
    ///
    /// A. J. Osiadacz, *Simulation and Analysis of Gas Networks*, Spon, 1987: line pack. The gas: E. W. Lemmon,
    /// M. L. Huber, J. W. Leachman, *J. Res. NIST* 113 (2008) 341-350.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, p_min must be below p_max, and the initial `pressure` 0 bar at
    /// least and 2000 bar at most.
    ///
    /// # Example
    ///
    /// 10 m³ at 15 °C and 40 bar hold 32.86 kg. An inflow of 2 kg/h and a request of 1 kg/h add 0.25 kg in a quarter of
    /// an hour. At p_max, the same would vent 1 kg/h.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its pressure is computed from the net flow and no gas is kept; its leakage makes the load smaller.
    pub static H2_NETWORK = ModelType::new("H2Network", |build| Ok(Box::new(H2Network::new(build)?)))
        .with_sections(SectionPolicy::Merge);
    parameters {
        VOLUME = Parameter::number("volume", "m³", "inner volume of all pipes")
            .symbol("V")
            .with_default(Literal::Int(1))
            .in_range(Range::POSITIVE),
        P_MIN = Parameter::number("p_min", "bar", "lowest pressure")
            .with_default(Literal::Int(10))
            .in_range(Range::NOT_NEGATIVE),
        P_MAX = Parameter::number("p_max", "bar", "highest pressure")
            .with_default(Literal::Int(80)),
        TEMPERATURE = Parameter::number("temperature", "°C", "temperature of the gas")
            .symbol("T")
            .with_default(Literal::Int(15))
            .in_range(GAS_TEMPERATURE),
        LEAKAGE = Parameter::number("leakage", "%/day", "loss of the content")
            .symbol("λ")
            .with_default(Literal::Int(0))
            .in_range(BELOW_ALL),
    }
    inputs {
        H2_IN = sum("h2_in", "kg/h", "all that is fed in"),
        H2_OUT_SET = sum("h2_out_set", "kg/h", "all that consumers request"),
    }
    published {
        H2_OUT = output("h2_out", "kg/h", "delivered to all consumers together"),
        H2_EXCESS = output("h2_excess", "kg/h", "vented at the highest pressure"),
        PRESSURE = Published::state("pressure", "bar", "pressure at the end of the step")
            .symbol("p")
            .with_initial(Literal::Float(40.0))
            .memory(),
        MASS = state("mass", "kg", "gas in the pipes").symbol("m"),
        H2_BALANCE = state("h2_balance", "kg/h", "inflow minus requested outflow").symbol("u"),
        H2_DEFICIT = state("h2_deficit", "kg/h", "requested and not delivered"),
        SERVED = state("served", "-", "delivered of requested; 1 where nothing is")
            .with_initial(Literal::Float(1.0)),
        CONGESTION = Published::state("congestion", "-", "1 at the upper limit, -1 at the lower, else 0"),
    }
}

/// The highest pressure of the equation of the gas, bar.
const HIGHEST: f64 = 2000.0;

struct H2Network {
    received: Received,
    store: LimitedStore,
    volume: f64,
    kelvin: f64,
    hours: f64,
    /// What is left of the content after a step.
    kept: f64,
    mass: f64,
}

impl H2Network {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let (volume, kelvin) = (float(build, VOLUME), float(build, TEMPERATURE) + T0);
        let (low, high) = in_order(build, P_MIN, P_MAX)?;
        let at = |bar| volume * density(bar, kelvin);
        let mass = at(starting(build, PRESSURE, 0.0, HIGHEST)?);
        let lost = float(build, LEAKAGE) / 100.0;
        begin_with(build, &[(MASS, mass)]);
        Ok(Self {
            received: Received::new(build)?,
            store: LimitedStore::between(at(low), at(high)),
            volume,
            kelvin,
            hours: build.step_hours(),
            kept: libm::pow(1.0 - lost, seconds(build) / 86400.0),
            mass,
        })
    }
}

impl Model for H2Network {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let inflow = self.received.sum(step, H2_IN)?;
        let wanted = self.received.sum(step, H2_OUT_SET)?;
        let (content, balance) = (self.mass * self.kept, inflow - wanted);
        let congestion = self.store.congestion(content, self.hours, balance);
        let exchanged = self.store.exchange(content, self.hours, inflow, wanted);
        self.mass = exchanged.content;
        let out = wanted - exchanged.deficit;
        publish(
            step,
            &[
                (H2_OUT, out),
                (H2_EXCESS, exchanged.excess),
                (PRESSURE, pressure(self.mass / self.volume, self.kelvin)),
                (MASS, self.mass),
                (H2_BALANCE, balance),
                (H2_DEFICIT, exchanged.deficit),
                (SERVED, share_served(out, wanted)),
            ],
        );
        publish_flag(step, CONGESTION, congestion);
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
    use shared::value::Value;

    fn pipes(bar: f64, leakage: f64) -> Rig {
        let config = ModelConfig {
            states: Some(section(&[("pressure", Literal::Float(bar))])),
            ..with_parameters(&[
                ("volume", Literal::Int(10)),
                ("leakage", Literal::Float(leakage)),
            ])
        };
        Rig::new(&H2_NETWORK, &config).expect("buildable")
    }

    fn step(pipes: &mut Rig, inflow: f64, wanted: f64) {
        let flows = [
            ("h2_in", Value::Float(inflow)),
            ("h2_out_set", Value::Float(wanted)),
        ];
        pipes.step(&flows).expect("a step");
    }

    #[test]
    fn what_is_not_taken_out_stays_in_the_pipes_or_is_vented() {
        let mut half = pipes(40.0, 0.0);
        let before = 10.0 * density(40.0, 288.15);
        assert!((before - 32.86).abs() < 0.005);
        step(&mut half, 2.0, 1.0);
        assert!((half.float("mass") - before - 0.25).abs() < 1e-12);
        assert_eq!(half.float("h2_balance"), 1.0);
        assert_eq!(half.value("congestion"), Value::Int(0));
        let mut full = pipes(80.0, 0.0);
        step(&mut full, 2.0, 1.0);
        assert!((full.float("h2_excess") - 1.0).abs() < 1e-9);
        assert_eq!(full.value("congestion"), Value::Int(1));
        assert!((full.float("pressure") - 80.0).abs() < 1e-9);
    }

    #[test]
    fn a_pressure_that_there_is_not_is_refused() {
        let config = with_parameters(&[("p_min", Literal::Int(80))]);
        let error = Rig::new(&H2_NETWORK, &config).err().expect("refused");
        assert_eq!(error.code, "invalid_parameter:p_min");
        let config = ModelConfig {
            states: Some(section(&[("pressure", Literal::Int(-1))])),
            ..ModelConfig::default()
        };
        let error = Rig::new(&H2_NETWORK, &config).err().expect("refused");
        assert_eq!(error.code, "invalid_state:pressure");
    }

    proptest! {
        #[test]
        fn mass_is_conserved_between_the_pressures(
            bar in 0.0_f64..120.0,
            leakage in 0.0_f64..50.0,
            flows in prop::collection::vec((0.0_f64..200.0, 0.0_f64..200.0), 1..40),
        ) {
            let mut pipes = pipes(bar, leakage);
            // As the model has it: limits are compared to the bit.
            let kept = libm::pow(1.0 - leakage / 100.0, 900.0 / 86400.0);
            let mut before = 10.0 * density(bar, 288.15);
            let limits = [10.0, 80.0].map(|bar| 10.0 * density(bar, 288.15));
            for (inflow, wanted) in flows {
                step(&mut pipes, inflow, wanted);
                let [out, excess, after, served] =
                    ["h2_out", "h2_excess", "mass", "served"].map(|name| pipes.float(name));
                let change = after - before * kept - (inflow - excess - out) * 0.25;
                prop_assert!(change.abs() <= 1e-9 * (inflow + wanted + before), "{change}");
                prop_assert!((0.0..=1.0).contains(&served) && excess >= 0.0);
                let start = before * kept;
                prop_assert!(after <= limits[1].max(start) && after >= limits[0].min(start));
                before = after;
            }
        }
    }
}
