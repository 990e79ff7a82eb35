//! The fuel cell.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, Range, Role,
    SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::Kind;

use crate::parts::hydrogen::{HEATING_VALUE, HHV, heating_value};
use crate::parts::limited_store::{BELOW_ALL, EFFICIENCY};
use crate::parts::quantities::{
    MARGIN, Received, float, is_at_least, one, optional, output, publish, publish_text, seconds,
    starting, state, sum,
};

model_type! {
    /// Fuel cell: makes electric power and usable heat from hydrogen, as far as the store can deliver it.
    ///
    /// # Model
    ///
    /// With the efficiencies of the stack and of all around it, η_s and η_b, and a heating value HV of 33.33 kWh/kg
    /// (LHV) or 39.41 kWh/kg (HHV), a kilogram gives e kWh. The power wanted, P_t, is 0 below the minimum load
    /// P_min; it is followed as fast as R allows, and as far as there is hydrogen:
    ///
    /// ```text
    /// e = η_s·η_b·HV                     P_t = min(p_set + |h2_set|·e, P_r)
    /// x = P_t, at least P − R·Δt and at most max(P, P_min) + R·Δt
    /// P = min(x, h2_avail·e), 0 where that is below P_min
    /// h2_cons = P / e                    q_gen = η_th·h2_cons·HV
    /// ```
    ///
    /// # Assumptions
    ///
    /// Constant efficiencies. What lacks hydrogen falls at once, whatever R says. Power and heat are never more than
    /// the hydrogen has by its HHV. The sign of `h2_set` means nothing: `Controller` publishes `h2_out` as 0 or below.
    ///
    /// # Source
    ///
    /// R. O'Hayre, S.-W. Cha, W. Colella, F. B. Prinz, *Fuel Cell Fundamentals*, 3rd edition, Wiley, 2016: efficiency
    /// by heating value, balance of plant.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, and efficiencies that together give more energy than the
    /// hydrogen has. An initial `load` must be between 0 and 100 %.
    ///
    /// # Example
    ///
    /// 10 kW with 60 % and 100 % of the LHV: e = 0.6 × 33.33 = 19.998 kWh/kg. At `p_set` 5 kW it uses 5 / 19.998 =
    /// 0.250025 kg/h. With an `h2_avail` of 0.1 kg/h the power is 0.1 × 19.998 = 1.9998 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its `Fuelcell` is on or off, and publishes power twice over and rounded; its consumption and its efficiency
    /// contradict each other. Its 1.92 kW are those of the defaults here.
    pub static FUEL_CELL = ModelType::new("FuelCell", |build| Ok(Box::new(FuelCell::new(build)?)))
        .with_sections(SectionPolicy::Merge)
        .unlike(&["fuelcell"], "it takes 'p_set' in kW in place of 'run_fuelcell', and 'h2_set' in kg/h in place of 'h2_flow2f', and gives 'p_gen' in kW in place of 'fc_gen', 'p_out' and 'p_out_fuelcell', and 'h2_cons' in kg/h in place of 'h2_consume' and 'h2_flow'");
    parameters {
        RATED_POWER = Parameter::number("rated_power", "kW", "largest electric power, net")
            .symbol("P_r")
            .with_default(Literal::Float(1.92))
            .in_range(Range::POSITIVE),
        EFFICIENCY_OF = Parameter::number("efficiency", "%", "power of the stack of hydrogen power")
            .symbol("η_s")
            .with_default(Literal::Int(58))
            .in_range(EFFICIENCY)
            .formerly(&["fuelcell_eff", "eff"]),
        BOP_EFFICIENCY = Parameter::number(
            "bop_efficiency",
            "%",
            "net power of that of the stack: inverter, pumps, control",
        )
        .symbol("η_b")
        .with_default(Literal::Float(68.6))
        .in_range(EFFICIENCY),
        HEATING_VALUE_OF = HEATING_VALUE,
        THERMAL_EFFICIENCY =
            Parameter::number("thermal_efficiency", "%", "usable heat of hydrogen power")
                .symbol("η_th")
                .with_default(Literal::Int(0))
                .in_range(Range::NOT_NEGATIVE)
                .formerly(&["term_eff"]),
        MIN_LOAD = Parameter::number("min_load", "%", "smallest power while it runs, of 'rated_power'")
            .with_default(Literal::Int(0))
            .in_range(BELOW_ALL),
        RAMP_RATE = Parameter::number("ramp_rate", "kW/min", "largest change of power; null for any")
            .symbol("R")
            .with_default(Literal::Null)
            .in_range(Range::POSITIVE),
    }
    inputs {
        P_SET = sum("p_set", "kW", "requested net power; a negative one counts as 0")
            .adjustable(0.0, 100.0),
        H2_SET = sum("h2_set", "kg/h", "requested use of hydrogen, of either sign; adds to 'p_set'"),
        H2_AVAIL = one("h2_avail", "kg/h", "what the store can deliver; null for no limit"),
    }
    published {
        P_GEN = output("p_gen", "kW", "net power").symbol("P").role(Role::Reconverted),
        H2_CONS = output("h2_cons", "kg/h", "hydrogen used"),
        Q_GEN = output("q_gen", "kW", "usable heat"),
        STATUS = Published::state("status", "-", "'on' or 'off'")
            .with_kind(Kind::Text)
            .with_initial(Literal::text("off")),
        LOAD = state("load", "%", "'p_gen' of 'rated_power'").memory(),
    }
}

struct FuelCell {
    received: Received,
    rated: f64,
    minimum: f64,
    /// The largest change of power in a step, kW.
    change: Option<f64>,
    /// kWh per kilogram.
    energy: f64,
    /// Heat per kilogram, kWh.
    heat: f64,
    power: f64,
}

impl FuelCell {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let heating_value = heating_value(build.text(HEATING_VALUE_OF));
        let of = |slot| float(build, slot) / 100.0;
        let energy = of(EFFICIENCY_OF) * of(BOP_EFFICIENCY) * heating_value;
        let heat = of(THERMAL_EFFICIENCY) * heating_value;
        if energy + heat > HHV * (1.0 + MARGIN) {
            return Err(BuildError::invalid_parameter(
                "thermal_efficiency",
                "parameter 'thermal_efficiency' is too high: power and heat would be more than the \
                 hydrogen has by its HHV",
            ));
        }
        let rated = float(build, RATED_POWER);
        let minutes = seconds(build) / 60.0;
        Ok(Self {
            received: Received::new(build)?,
            rated,
            minimum: float(build, MIN_LOAD) * rated / 100.0,
            change: optional(build, RAMP_RATE).map(|rate| rate * minutes),
            energy,
            heat,
            power: starting(build, LOAD, 0.0, 100.0)? * rated / 100.0,
        })
    }
}

impl Model for FuelCell {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let hydrogen = self.received.sum(step, H2_SET)?.abs();
        let requested = self.received.positive(step, P_SET)? + hydrogen * self.energy;
        let or_off = |power: f64| {
            if is_at_least(power, self.minimum) {
                power
            } else {
                0.0
            }
        };
        let mut power = or_off(requested.min(self.rated));
        if let Some(change) = self.change {
            let highest = self.power.max(self.minimum) + change;
            power = power.min(highest).max(self.power - change);
        }
        if let Some(available) = self.received.one(step, H2_AVAIL)? {
            power = power.min(available.max(0.0) * self.energy);
        }
        self.power = or_off(power).max(0.0);
        let used = self.power / self.energy;
        publish(
            step,
            &[
                (P_GEN, self.power),
                (H2_CONS, used),
                (Q_GEN, self.heat * used),
                (LOAD, 100.0 * self.power / self.rated),
            ],
        );
        publish_text(step, STATUS, if self.power > 0.0 { "on" } else { "off" });
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.power);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::value::Value;

    const TEN: [(&str, Literal); 3] = [
        ("rated_power", Literal::Int(10)),
        ("efficiency", Literal::Int(60)),
        ("bop_efficiency", Literal::Int(100)),
    ];

    #[test]
    fn hydrogen_becomes_power_as_far_as_there_is_some() {
        let mut cell = Rig::new(&FUEL_CELL, &with_parameters(&TEN)).expect("buildable");
        let set = ("p_set", Value::Int(5));
        cell.step(std::slice::from_ref(&set)).expect("a step");
        assert_eq!(cell.float("p_gen"), 5.0);
        assert!((cell.float("h2_cons") - 5.0 / 19.998).abs() < 1e-12);
        cell.step(&[set, ("h2_avail", Value::Float(0.1))])
            .expect("a step");
        assert!((cell.float("p_gen") - 1.9998).abs() < 1e-12);
        assert_eq!(cell.value("status"), Value::text("on"));
    }

    #[test]
    fn heat_that_the_hydrogen_does_not_have_is_refused() {
        for (heat, is_refused) in [(58, false), (59, true)] {
            // By the LHV there are 39.41 / 33.33 = 118.24 % in it.
            let config = with_parameters(
                &[&TEN[..], &[("thermal_efficiency", Literal::Int(heat))]].concat(),
            );
            let code = Rig::new(&FUEL_CELL, &config)
                .err()
                .map(|error| error.code.into_owned());
            let expected = is_refused.then(|| "invalid_parameter:thermal_efficiency".to_owned());
            assert_eq!(code, expected);
        }
    }

    proptest! {
        #[test]
        fn more_never_comes_out_than_the_hydrogen_has(
            (efficiency, bop, heat) in (1.0_f64..100.0, 1.0_f64..100.0, 0.0_f64..18.0),
            (min_load, ramp) in (0.0_f64..99.0, prop::option::of(0.001_f64..1.0)),
            requests in prop::collection::vec((-2.0_f64..12.0, -0.3_f64..0.3, 0.0_f64..0.6), 1..40),
        ) {
            let float = Literal::Float;
            let config = with_parameters(&[
                ("rated_power", float(10.0)),
                ("efficiency", float(efficiency)),
                ("bop_efficiency", float(bop)),
                ("thermal_efficiency", float(heat)),
                ("min_load", float(min_load)),
                ("ramp_rate", ramp.map_or(Literal::Null, float)),
            ]);
            let mut cell = Rig::new(&FUEL_CELL, &config).expect("buildable");
            for (power, hydrogen, available) in requests {
                cell.step(&[
                    ("p_set", Value::Float(power)),
                    ("h2_set", Value::Float(hydrogen)),
                    ("h2_avail", Value::Float(available)),
                ])
                .expect("a step");
                let [power, used, heat] = ["p_gen", "h2_cons", "q_gen"].map(|name| cell.float(name));
                prop_assert!((0.0..=10.0).contains(&power));
                prop_assert!(used <= available * (1.0 + 1e-9));
                prop_assert!(power + heat <= used * HHV * (1.0 + 1e-9));
                prop_assert!(power == 0.0 || power >= min_load / 10.0 * (1.0 - 1e-8));
            }
        }
    }
}
