//! The pipes of heat.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, Range,
    SectionPolicy, Step, StepError,
};
use shared::model_type;

use crate::parts::limited_store::{LimitedStore, in_order};
use crate::parts::mixed_heat::{DENSITY, MixedHeat, SPECIFIC_HEAT, cylinder};
use crate::parts::quantities::{
    Received, float, one, optional, output, publish, publish_flag, seconds, share_served, starting,
    state, sum,
};

model_type! {
    /// Heat network: pipes whose water balances all heat that is fed in and taken out, between two temperatures, with
    /// losses through the insulation.
    ///
    /// # Model
    ///
    /// Pipes of the length L and the diameter D hold C = ρ·π/4·D²·L·c, and lose UA = 2π·λ·L / ln(1 + 2·d/D), or `ua`.
    /// With t_f, the temperature that T comes to in a step without flows, and φ, what 1 kW adds to it, both as of
    /// `HeatStorage`:
    ///
    /// ```text
    /// u = q_in − q_out_set                     t_e = t_f + u·φ
    /// t_e > t_max   q_excess = u − (t_max − t_f) / φ      t_e < t_min   q_deficit = −u − (t_f − t_min) / φ
    /// T ← t_f + (u − q_excess + q_deficit)·φ
    /// ```
    ///
    /// # Assumptions
    ///
    /// One temperature everywhere. What is too much at t_max is rejected, what lacks at t_min is not delivered, to all
    /// consumers alike: `served` is the share that each gets. `congestion` is -1 also without a request where the water
    /// has cooled below t_min.
    ///
    /// # Source
    ///
    /// S. Frederiksen, S. Werner, *District Heating and Cooling*, Studentlitteratur, 2013; F. P. Incropera et al.,
    /// *Fundamentals of Heat and Mass Transfer*, chapter 3: cylindrical insulation.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, and t_min must be below t_max.
    ///
    /// # Example
    ///
    /// Without losses, pipes with 1 m³ of water (4180 kJ/K) at 70 °C: 10 kW in and 5.82 kW out over a quarter of an hour
    /// leave 3762 kJ, which lifts it by 0.9 K to 70.9 °C.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its heat capacity is that of length × diameter, its loss never leaves the water, its steps are 900 s long, and
    /// its temperatures are in K.
    pub static HEAT_NETWORK =
        ModelType::new("HeatNetwork", |build| Ok(Box::new(HeatNetwork::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&["qnetwork"], "it takes sums at 'q_in' and 'q_out_set' in kW in place of numbered inputs, and its temperatures are in °C");
    parameters {
        LENGTH = Parameter::number("length", "m", "length of all pipes")
            .symbol("L")
            .with_default(Literal::Int(100))
            .in_range(Range::POSITIVE),
        DIAMETER = Parameter::number("diameter", "m", "inner diameter")
            .symbol("D")
            .with_default(Literal::Float(0.3))
            .in_range(Range::POSITIVE),
        DENSITY_OF = DENSITY,
        SPECIFIC_HEAT_OF = SPECIFIC_HEAT,
        THICKNESS = Parameter::number("insulation_thickness", "m", "thickness of the insulation")
            .symbol("d")
            .with_default(Literal::Float(0.02))
            .in_range(Range::POSITIVE),
        CONDUCTIVITY = Parameter::number("thermal_conductivity", "W/(m K)", "conductivity of the insulation")
            .symbol("λ")
            .with_default(Literal::Float(0.05))
            .in_range(Range::NOT_NEGATIVE),
        LOSS = Parameter::number("ua", "W/K", "loss coefficient; null for that of the pipes")
            .symbol("UA")
            .with_default(Literal::Null)
            .in_range(Range::NOT_NEGATIVE),
        SURROUNDINGS = Parameter::number("t_ext", "°C", "ground or air").with_default(Literal::Int(10)),
        T_MIN = Parameter::number("t_min", "°C", "lowest temperature").with_default(Literal::Int(40)),
        T_MAX = Parameter::number("t_max", "°C", "highest temperature").with_default(Literal::Int(95)),
    }
    inputs {
        Q_IN = sum("q_in", "kW", "all that is fed in"),
        Q_OUT_SET = sum("q_out_set", "kW", "all that consumers request"),
        T_EXT = one("t_ext", "°C", "ground or air in place of the parameter"),
    }
    published {
        Q_OUT = output("q_out", "kW", "delivered to all consumers together"),
        Q_EXCESS = output("q_excess", "kW", "rejected at the highest temperature"),
        T_INT = Published::state("t_int", "°C", "temperature of the water")
            .symbol("T")
            .with_initial(Literal::Float(70.0))
            .memory(),
        Q_LOSS = state("q_loss", "kW", "mean loss"),
        Q_BALANCE = state("q_balance", "kW", "inflow minus requested outflow").symbol("u"),
        Q_DEFICIT = state("q_deficit", "kW", "requested and not delivered"),
        SERVED = state("served", "-", "delivered of requested; 1 where nothing is")
            .with_initial(Literal::Float(1.0)),
        CONGESTION = Published::state("congestion", "-", "1 at the upper limit, -1 at the lower, else 0"),
    }
}

struct HeatNetwork {
    received: Received,
    store: LimitedStore,
    heat: MixedHeat,
    surroundings: f64,
    temperature: f64,
}

impl HeatNetwork {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let (low, high) = in_order(build, T_MIN, T_MAX)?;
        let capacity = cylinder(build, [LENGTH, DIAMETER, DENSITY_OF, SPECIFIC_HEAT_OF]);
        let loss = optional(build, LOSS).unwrap_or_else(|| {
            let (length, diameter) = (float(build, LENGTH), float(build, DIAMETER));
            let layer = libm::log(1.0 + 2.0 * float(build, THICKNESS) / diameter);
            2.0 * std::f64::consts::PI * float(build, CONDUCTIVITY) * length / layer
        });
        Ok(Self {
            received: Received::new(build)?,
            store: LimitedStore::between(low, high),
            heat: MixedHeat::new(capacity, loss / 1000.0, seconds(build)),
            surroundings: float(build, SURROUNDINGS),
            temperature: starting(build, T_INT, f64::MIN, f64::MAX)?,
        })
    }
}

impl Model for HeatNetwork {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let inflow = self.received.sum(step, Q_IN)?;
        let wanted = self.received.sum(step, Q_OUT_SET)?;
        let here = self.received.one(step, T_EXT)?.unwrap_or(self.surroundings);
        let (before, balance) = (self.temperature, inflow - wanted);
        let (alone, rise) = (self.heat.left_alone(before, here), self.heat.rise);
        let congestion = self.store.congestion(alone, rise, balance);
        let exchanged = self.store.exchange(alone, rise, inflow, wanted);
        self.temperature = exchanged.content;
        let out = wanted - exchanged.deficit;
        publish(
            step,
            &[
                (Q_OUT, out),
                (Q_EXCESS, exchanged.excess),
                (T_INT, self.temperature),
                (
                    Q_LOSS,
                    self.heat.loss(exchanged.net, before, self.temperature),
                ),
                (Q_BALANCE, balance),
                (Q_DEFICIT, exchanged.deficit),
                (SERVED, share_served(out, wanted)),
            ],
        );
        publish_flag(step, CONGESTION, congestion);
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
    use shared::value::Value;

    /// Pipes with 1 m³ of water.
    fn pipes(temperature: f64, loss: f64) -> Rig {
        let config = ModelConfig {
            states: Some(section(&[("t_int", Literal::Float(temperature))])),
            ..with_parameters(&[
                ("length", Literal::Float(400.0 / std::f64::consts::PI)),
                ("diameter", Literal::Float(0.1)),
                ("ua", Literal::Float(loss)),
            ])
        };
        Rig::new(&HEAT_NETWORK, &config).expect("buildable")
    }

    fn step(pipes: &mut Rig, inflow: f64, wanted: f64) {
        let flows = [
            ("q_in", Value::Float(inflow)),
            ("q_out_set", Value::Float(wanted)),
        ];
        pipes.step(&flows).expect("a step");
    }

    #[test]
    fn what_is_not_taken_out_warms_the_water_or_is_rejected() {
        let mut half = pipes(70.0, 0.0);
        step(&mut half, 10.0, 5.82);
        assert!((half.float("t_int") - 70.9).abs() < 1e-12);
        let mut hot = pipes(95.0, 0.0);
        step(&mut hot, 10.0, 4.0);
        assert!((hot.float("q_excess") - 6.0).abs() < 1e-12);
        assert_eq!(hot.value("congestion"), Value::Int(1));
        // Standing at the limit is no congestion.
        step(&mut hot, 4.0, 4.0);
        assert_eq!(hot.value("congestion"), Value::Int(0));
        let mut cold = pipes(30.0, 0.0);
        step(&mut cold, 0.0, 0.0);
        assert_eq!(cold.value("congestion"), Value::Int(-1));
        assert_eq!(cold.float("served"), 1.0);
    }

    proptest! {
        #[test]
        fn energy_is_conserved_between_the_temperatures(
            (temperature, loss) in (0.0_f64..120.0, 0.0_f64..500.0),
            flows in prop::collection::vec((0.0_f64..300.0, 0.0_f64..300.0), 1..40),
        ) {
            let mut pipes = pipes(temperature, loss);
            let mut before = temperature;
            for (inflow, wanted) in flows {
                step(&mut pipes, inflow, wanted);
                let [out, excess, after, loss, served] =
                    ["q_out", "q_excess", "t_int", "q_loss", "served"].map(|name| pipes.float(name));
                let change = 4180.0 * (after - before) / 900.0 - (inflow - excess - out) + loss;
                let flowing = inflow + wanted + loss.abs() + 4.18 * before;
                prop_assert!(change.abs() <= 1e-9 * flowing, "{change}");
                prop_assert!((0.0..=1.0).contains(&served));
                prop_assert!(after <= 95.0_f64.max(before) + 1e-9);
                prop_assert!(after >= 40.0_f64.min(before).min(10.0) - 1e-9);
                before = after;
            }
        }
    }
}
