//! The compressor of hydrogen.

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Range, Role, SectionPolicy,
    Step, StepError,
};
use shared::model_type;

use crate::parts::hydrogen::{GAS_TEMPERATURE, R_SPECIFIC, T0, density};
use crate::parts::limited_store::EFFICIENCY;
use crate::parts::quantities::{Received, float, one, optional, output, publish, state, sum};

model_type! {
    /// Compressor: raises a flow of hydrogen from its suction pressure to its discharge pressure, with electric power.
    ///
    /// # Model
    ///
    /// With r = p_2 / p_in, where p_2 is `back_pressure` or else `p_out`, and R_s = 4124.5 J/(kg K), a kilogram takes
    ///
    /// ```text
    /// isentropic   w = N/x · R_s·T · (r^(x/N) − 1) / η      x = (γ − 1) / γ
    /// isothermal   w = R_s·T · ln r / η
    /// specific     w = w_s
    /// ```
    ///
    /// and nothing in the first two where r ≤ 1. A flow f of F at most is compressed with w·f.
    ///
    /// # Assumptions
    ///
    /// Ideal gas; equal pressure ratios of the N stages, and cooling to T after each. What a real gas takes more (10 %
    /// at 272 bar) is part of η. A negative flow counts as 0. `isothermal` is electrochemical compression, and what
    /// many stages come to.
    ///
    /// # Source
    ///
    /// R. Sinnott, G. Towler, *Chemical Engineering Design*, 6th edition, Butterworth-Heinemann, 2019, chapter 3;
    /// M. Rhandi et al., "Electrochemical hydrogen compression and purification versus competing technologies",
    /// *Chin. J. Catal.* 41 (2020) 756-769, doi:10.1016/S1872-2067(19)63404-2. The density is that of a real gas, as
    /// of `H2Storage`.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, and the method `specific` without a `specific_energy`.
    ///
    /// # Example
    ///
    /// 2 kg/h by the method `specific` with 3 kWh/kg take 6 kW. Isothermally, from 10 bar to 100 bar at 20 °C and
    /// 100 %, a kilogram takes 4124.5 × 293.15 × ln 10 / 3.6·10⁶ = 0.77334 kWh.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its hydrogen is lost while `compressor_on` is 0. There is no such gate here; power is positive, and flows are
    /// in kg/h. Its electrochemical type is `specific` with 13.661 kWh/kg.
    pub static COMPRESSOR =
        ModelType::new("Compressor", |build| Ok(Box::new(Compressor::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&[], "it takes 'h2_in' in kg/h in place of 'flow2c', has no gate 'compressor_on', and gives 'p_cons' in kW in place of 'eflow2c'");
    parameters {
        METHOD = Parameter::choice("method", &["isentropic", "isothermal", "specific"], "kind of work")
            .with_default(Literal::text("isentropic")),
        P_IN = Parameter::number("p_in", "bar", "suction pressure")
            .symbol("p_in")
            .with_default(Literal::Int(35))
            .in_range(Range::POSITIVE),
        P_OUT = Parameter::number("p_out", "bar", "discharge pressure")
            .with_default(Literal::Int(272))
            .in_range(Range::POSITIVE),
        TEMPERATURE = Parameter::number("temperature", "°C", "temperature before and after each stage")
            .symbol("T")
            .with_default(Literal::Int(20))
            .in_range(GAS_TEMPERATURE),
        EFFICIENCY_OF = Parameter::number("efficiency", "%", "ideal work of electric energy")
            .symbol("η")
            .with_default(Literal::Int(75))
            .in_range(EFFICIENCY),
        STAGES = Parameter::integer("stages", "-", "number of stages")
            .symbol("N")
            .with_default(Literal::Int(1))
            .in_range(&Range {
                low: Some((1.0, true)),
                high: None,
            }),
        GAMMA = Parameter::number("gamma", "-", "ratio of heat capacities")
            .symbol("γ")
            .with_default(Literal::Float(1.41))
            .in_range(&Range {
                low: Some((1.0, false)),
                high: None,
            }),
        SPECIFIC_ENERGY = Parameter::number(
            "specific_energy",
            "kWh/kg",
            "electric energy of a kilogram, for the method 'specific'",
        )
        .symbol("w_s")
        .with_default(Literal::Null)
        .in_range(Range::NOT_NEGATIVE),
        MAX_FLOW = Parameter::number("max_flow", "kg/h", "largest flow; null for any")
            .symbol("F")
            .with_default(Literal::Null)
            .in_range(Range::NOT_NEGATIVE),
    }
    inputs {
        H2_IN = sum("h2_in", "kg/h", "offered flow"),
        BACK_PRESSURE = one("back_pressure", "bar", "discharge pressure in place of 'p_out'"),
    }
    published {
        H2_OUT = output("h2_out", "kg/h", "compressed").symbol("f"),
        P_CONS = output("p_cons", "kW", "electric power").role(Role::Used),
        H2_EXCESS = output("h2_excess", "kg/h", "offered above 'max_flow'"),
        SPECIFIC_WORK = state("specific_work", "kWh/kg", "electric energy of a kilogram").symbol("w"),
        DENSITY = state("density", "kg/m³", "density at the discharge pressure"),
        VOLUME_FLOW = state("volume_flow", "m³/h", "'h2_out' at that density"),
    }
}

/// Joules of a kilowatt hour.
const KWH: f64 = 3.6e6;

struct Compressor {
    received: Received,
    work: Work,
    p_in: f64,
    p_out: f64,
    kelvin: f64,
    max_flow: Option<f64>,
}

/// What a kilogram takes, in kWh.
enum Work {
    /// Of a number of stages, from x and R·T/η.
    Isentropic {
        stages: f64,
        x: f64,
        ideal: f64,
    },
    Isothermal {
        ideal: f64,
    },
    Specific(f64),
}

impl Compressor {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let kelvin = float(build, TEMPERATURE) + T0;
        let ideal = R_SPECIFIC * kelvin / (float(build, EFFICIENCY_OF) / 100.0) / KWH;
        let gamma = float(build, GAMMA);
        let given = optional(build, SPECIFIC_ENERGY);
        let work = match (build.text(METHOD), given) {
            ("specific", Some(energy)) => Work::Specific(energy),
            ("specific", None) => {
                return Err(BuildError::missing_parameter(
                    "specific_energy",
                    "the method 'specific' needs the parameter 'specific_energy'",
                ));
            }
            ("isothermal", _) => Work::Isothermal { ideal },
            _ => Work::Isentropic {
                stages: float(build, STAGES),
                x: (gamma - 1.0) / gamma,
                ideal,
            },
        };
        Ok(Self {
            received: Received::new(build)?,
            work,
            p_in: float(build, P_IN),
            p_out: float(build, P_OUT),
            kelvin,
            max_flow: optional(build, MAX_FLOW),
        })
    }

    /// What a kilogram takes at a ratio of pressures.
    fn work(&self, ratio: f64) -> f64 {
        match self.work {
            Work::Specific(energy) => energy,
            _ if ratio <= 1.0 => 0.0,
            Work::Isothermal { ideal } => ideal * libm::log(ratio),
            Work::Isentropic { stages, x, ideal } => {
                // Of many stages the power is close to 1.
                stages / x * ideal * libm::expm1(x / stages * libm::log(ratio))
            }
        }
    }
}

impl Model for Compressor {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let offered = self.received.positive(step, H2_IN)?;
        let back = self.received.one(step, BACK_PRESSURE)?;
        let pressure = back.unwrap_or(self.p_out);
        let flow = self.max_flow.map_or(offered, |limit| offered.min(limit));
        let work = self.work(pressure / self.p_in);
        let density = density(pressure.max(self.p_in), self.kelvin);
        publish(
            step,
            &[
                (H2_OUT, flow),
                (P_CONS, work * flow),
                (H2_EXCESS, offered - flow),
                (SPECIFIC_WORK, work),
                (DENSITY, density),
                (VOLUME_FLOW, flow / density),
            ],
        );
        Ok(())
    }

    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::value::Value;

    fn compressed(parameters: &[(&str, Literal)], flow: f64) -> Rig {
        let config = with_parameters(parameters);
        let mut compressor = Rig::new(&COMPRESSOR, &config).expect("buildable");
        compressor
            .step(&[("h2_in", Value::Float(flow))])
            .expect("a step");
        compressor
    }

    #[test]
    fn a_kilogram_takes_what_its_method_says() {
        let specific = [
            ("method", Literal::text("specific")),
            ("specific_energy", Literal::Int(3)),
        ];
        assert_eq!(compressed(&specific, 2.0).float("p_cons"), 6.0);
        let isothermal = [
            ("method", Literal::text("isothermal")),
            ("p_in", Literal::Int(10)),
            ("p_out", Literal::Int(100)),
            ("efficiency", Literal::Int(100)),
        ];
        let compressor = compressed(&isothermal, 1.0);
        assert!((compressor.float("specific_work") - 0.773_34).abs() < 5e-6);
        let config = with_parameters(&specific[..1]);
        let error = Rig::new(&COMPRESSOR, &config).err().expect("refused");
        assert_eq!(error.code, "missing_parameter:specific_energy");
    }

    #[test]
    fn a_pressure_that_is_there_already_takes_nothing() {
        let compressor = compressed(&[("p_out", Literal::Int(20))], 1.0);
        assert_eq!(compressor.float("p_cons"), 0.0);
        assert_eq!(compressor.float("h2_out"), 1.0);
    }

    proptest! {
        #[test]
        fn many_stages_come_to_isothermal_work_from_above(
            (low, ratio) in (1.0_f64..100.0, 1.0_f64..50.0),
            temperature in -100.0_f64..600.0,
            stages in 1_i64..50,
        ) {
            let work = |method: &'static str, stages: i64| {
                let parameters = [
                    ("method", Literal::text(method)),
                    ("p_in", Literal::Float(low)),
                    ("p_out", Literal::Float(low * ratio)),
                    ("temperature", Literal::Float(temperature)),
                    ("stages", Literal::Int(stages)),
                ];
                compressed(&parameters, 1.0).float("specific_work")
            };
            let (few, more) = (work("isentropic", stages), work("isentropic", stages + 1));
            let least = work("isothermal", 1);
            prop_assert!(few >= more && more >= least * (1.0 - 1e-12));
            let most = work("isentropic", 1_000_000);
            prop_assert!((most - least).abs() <= 1e-5 * least.max(1e-12), "{most} {least}");
        }

        #[test]
        fn nothing_is_lost(
            limit in prop::option::of(0.0_f64..5.0),
            flow in -1.0_f64..10.0,
        ) {
            let limit = limit.map_or(Literal::Null, Literal::Float);
            let compressor = compressed(&[("max_flow", limit)], flow);
            let [out, excess, power] =
                ["h2_out", "h2_excess", "p_cons"].map(|name| compressor.float(name));
            prop_assert!(out >= 0.0 && excess >= 0.0 && power >= 0.0);
            prop_assert!((out + excess - flow.max(0.0)).abs() <= 1e-9 * flow.abs());
        }
    }
}
