//! The small wind turbine.

use std::f64::consts::PI;

use shared::model::{
    Build, BuildError, Input, Literal, Memory, Model, ModelType, Parameter, ParameterSlot,
    Published, Range, Role, Step, StepError,
};
use shared::model_type;
use shared::value::{Number, Value};

use crate::parts::rounding::cube;
use crate::parts::whole_step::{self, booked_hours};

model_type! {
    /// Small wind turbine: wind speed at rotor height, then a cubic power curve up to a plateau.
    ///
    /// # Model
    ///
    /// The wind speed is measured at 100 m. Hellmann's power law takes it down to 60 m, the
    /// logarithmic profile over terrain of roughness 0.2 m from there to the rotor at 20 m:
    ///
    /// ```text
    /// u60 = u·α     α = (60/100)^0.14            = 0.93098
    /// v   = u60·λ   λ = ln(20/0.2) / ln(60/0.2)  = 0.80739
    /// ```
    ///
    /// The power is, with the swept area A = π·(D/2)²,
    ///
    /// ```text
    /// P = 0                          v < v_in or v > v_out
    /// P = ½·ρ·A·cp·v³ / 1000         v_in ≤ v < v_r
    /// P = P_r                        v_r ≤ v ≤ v_out
    /// ```
    ///
    /// Energy per step is P·Δt, with Δt = `time_resolution` / 3600 hours, or with `whole_step`
    /// Δt = `time_resolution` × `time_step_size` / 3600 hours.
    ///
    /// Input and output are both called `u`. What is connected *from* `u`, or recorded, is the
    /// speed at the rotor.
    ///
    /// # Assumptions
    ///
    /// Neutral stratification; air density ρ = 1.225 kg/m³; a constant power coefficient below
    /// rated speed, at most Betz's limit of 0.593; no inertia. Heights and roughness are fixed.
    /// 0 ≤ v_in < v_r ≤ v_out.
    ///
    /// # Source
    ///
    /// J. F. Manwell, J. G. McGowan, A. L. Rogers, *Wind Energy Explained*, 2nd edition, Wiley,
    /// 2009, chapters 2 and 3. Power law: E. W. Peterson, J. P. Hennessey, "On the use of power
    /// laws for estimates of wind power potential", *Journal of Applied Meteorology* 17 (1978)
    /// 390-394, doi:10.1175/1520-0450(1978)017<0390:OTUOPL>2.0.CO;2.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges, or speeds in another order than v_in < v_r ≤ v_out, are
    /// refused. `u` must be connected.
    ///
    /// # Example
    ///
    /// A rotor of 2 m (A = 3.1416 m²) with cp = 0.4: 10 m/s at 100 m are 9.310 m/s at 60 m and
    /// 7.517 m/s at the rotor, whose cube is 424.7. The power is
    /// 0.5 × 1.225 × 3.1416 × 0.4 × 424.7 / 1000 = 0.327 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: below rated speed the cubic law is neither scaled to `p_rated` nor limited by it, so
    /// that the power can exceed the rating and jumps at rated speed. A warning tells where the
    /// jump is more than 10 %, and which values would close it. Idle turbines publish the
    /// integer 0. With a `time_step_size` above 1 energy is that of one tick, unless `whole_step` is
    /// true; this gives a warning as well.
    ///
    /// Fixed: a `p_rated` of 0 is no turbine and gives no power at any speed, where the cubic law went
    /// on below rated speed. A cut-out below rated speed, a negative cut-in
    /// and an unknown `output_type` are refused. The height that is called 25 m there is 20 m, as
    /// it is computed in both. The name `u25`, which scenario files declare, is never published,
    /// so it cannot be connected or recorded.
    pub static WIND = ModelType::new("Wind", |build| Ok(Box::new(Wind::new(build)?)))
        .never_publishing(&["u25"])
        .formerly(&["windturbine"]);
    parameters {
        P_RATED = Parameter::number("p_rated", "kW", "power from rated speed on")
            .symbol("P_r")
            .with_default(Literal::Int(500))
            .in_range(Range::NOT_NEGATIVE)
            .adjustable(0.0, 500.0),
        U_RATED = Parameter::number("u_rated", "m/s", "rated speed, at rotor height, 20 m")
            .symbol("v_r")
            .with_default(Literal::Int(100))
            .in_range(Range::POSITIVE),
        U_CUTIN = Parameter::number("u_cutin", "m/s", "cut-in speed, at rotor height, 20 m")
            .symbol("v_in")
            .with_default(Literal::Int(1))
            .in_range(Range::NOT_NEGATIVE),
        U_CUTOUT = Parameter::number("u_cutout", "m/s", "cut-out speed, at rotor height, 20 m")
            .symbol("v_out")
            .with_default(Literal::Int(1000))
            .in_range(Range::POSITIVE),
        CP = Parameter::number("cp", "-", "power coefficient below rated speed")
            .symbol("cp")
            .with_default(Literal::Float(0.40))
            .in_range(&Range { low: Some((0.0, false)), high: Some((BETZ_LIMIT, true)), })
            .instead_of_zero(NO_TURBINE),
        DIAMETER = Parameter::number("diameter", "m", "diameter of the rotor")
            .symbol("D")
            .with_default(Literal::Int(30))
            .in_range(Range::POSITIVE)
            .instead_of_zero(NO_TURBINE),
        OUTPUT_TYPE = Parameter::choice("output_type", &[POWER, ENERGY], "what 'wind_gen' shall be")
            .with_default(Literal::text(POWER)),
        WHOLE_STEP = whole_step::WHOLE_STEP,
    }
    inputs {
        U_100 = Input::number("u", "m/s", "wind speed at 100 m").symbol("u"),
    }
    published {
        WIND_GEN = Published::output("wind_gen", "kW or kWh per step", "generation")
            .unit_by("output_type")
            .symbol("P or P·Δt")
            .role(Role::Made),
        U_ROTOR = Published::output("u", "m/s", "wind speed at the rotor, 20 m").symbol("v"),
        U_60 = Published::state("u60", "m/s", "wind speed at 60 m")
            .symbol("u60")
            .with_initial(Literal::Int(10)),
        WIND_GEN_STATE = Published::state(
            "wind_genState",
            "kW or kWh per step",
            "'wind_gen', for any number of readers",
        )
        .unit_by("output_type")
        .repeats("wind_gen"),
    }
}

/// From 100 m to 60 m by the power law, `(60 / 100)^0.14`.
const ALPHA: f64 = 0.930_981_765_964_323_9;
/// From 60 m to 20 m by the logarithmic profile, `ln(100) / ln(300)`.
const LAMBDA: f64 = 0.807_388_817_236_700_6;
/// Density of air in kg/m³.
const AIR_DENSITY: f64 = 1.225;
/// No rotor takes more out of the wind (Betz).
const BETZ_LIMIT: f64 = 0.593;

const POWER: &str = "power";
const ENERGY: &str = "energy";

const NO_TURBINE: &str = "for no turbine write 'p_rated: 0'";

struct Wind {
    p_rated: Number,
    u_rated: f64,
    u_cutin: f64,
    u_cutout: f64,
    cp: f64,
    swept_area: f64,
    /// The hours of a step where energy is asked for.
    hours: Option<f64>,
}

impl Wind {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let radius = build.number(DIAMETER).to_f64() / 2.0;
        let turbine = Self {
            p_rated: build.number(P_RATED),
            u_rated: build.number(U_RATED).to_f64(),
            u_cutin: build.number(U_CUTIN).to_f64(),
            u_cutout: build.number(U_CUTOUT).to_f64(),
            cp: build.number(CP).to_f64(),
            swept_area: PI * (radius * radius),
            hours: (build.text(OUTPUT_TYPE) == ENERGY).then(|| booked_hours(build, WHOLE_STEP)),
        };
        if turbine.u_cutin >= turbine.u_rated {
            return Err(BuildError::invalid_parameter(
                "u_cutin",
                format!(
                    "parameter 'u_cutin' must be below 'u_rated', and {} m/s is not below {} m/s",
                    turbine.u_cutin, turbine.u_rated
                ),
            ));
        }
        if turbine.u_cutout < turbine.u_rated {
            return Err(BuildError::invalid_parameter(
                "u_cutout",
                format!(
                    "parameter 'u_cutout' must not be below 'u_rated', and {} m/s is below {} m/s",
                    turbine.u_cutout, turbine.u_rated
                ),
            ));
        }
        if let Some(warning) = turbine.jump_at_rated_speed() {
            build.warn(|| warning);
        }
        Ok(turbine)
    }

    /// Power in kW of the cubic law at a speed at the rotor.
    fn cubic_law(&self, speed: f64) -> f64 {
        0.5 * cube(speed) * self.swept_area * AIR_DENSITY * self.cp / 1000.0
    }

    /// What is published for a power in kW.
    fn amount(&self, power: Number) -> Number {
        match self.hours {
            Some(hours) => power * hours,
            None => power,
        }
    }

    /// A warning where the cubic law does not lead to the rated power.
    fn jump_at_rated_speed(&self) -> Option<String> {
        if self.p_rated == 0 {
            return None;
        }
        let (below, rated) = (self.cubic_law(self.u_rated), self.p_rated.to_f64());
        let fitting_speed = self.u_rated * libm::cbrt(rated / below);
        ((below - rated).abs() > 0.1 * rated).then(|| {
            format!(
                "the power jumps at 'u_rated': just below {} m/s the turbine gives {below:.3} kW, \
                 from there on 'p_rated', {rated} kW; 'p_rated: {below:.3}' or \
                 'u_rated: {fitting_speed:.3}' would fit its diameter and cp",
                self.u_rated
            )
        })
    }
}

impl Model for Wind {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == P_RATED {
            self.p_rated = value;
        }
        parameter == P_RATED
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let at_60_m = step.number(U_100)? * ALPHA;
        let speed = at_60_m.to_f64() * LAMBDA;
        let generation = if speed >= self.u_rated && speed <= self.u_cutout {
            self.amount(self.p_rated)
        } else if speed > self.u_cutout || speed < self.u_cutin || self.p_rated == 0 {
            Number::ZERO
        } else {
            self.amount(Number::Numpy(self.cubic_law(speed)))
        };
        step.publish_number(WIND_GEN, generation);
        step.publish(U_ROTOR, Value::Numpy(speed));
        step.publish_number(U_60, at_60_m);
        step.publish_number(WIND_GEN_STATE, generation);
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.p_rated);
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

    const SMALL: &[(&str, Literal)] = &[
        ("p_rated", Literal::Float(0.3)),
        ("u_rated", Literal::Float(10.3)),
        ("u_cutin", Literal::Float(2.8)),
        ("u_cutout", Literal::Int(25)),
        ("cp", Literal::Float(0.40)),
        ("diameter", Literal::Int(2)),
        ("output_type", Literal::text(POWER)),
    ];

    fn turbine(changes: &[(&str, Literal)]) -> Rig {
        let config = with_parameters(&changed(SMALL, changes));
        Rig::new(&WIND, &config).expect("buildable")
    }

    fn generation(turbine: &mut Rig, speed: f64) -> Value {
        let step = turbine.step(&[("u", Value::Float(speed))]);
        step.expect("a step");
        turbine.value("wind_gen")
    }

    fn close(value: &Value, expected: f64) -> bool {
        matches!(value, Value::Numpy(x) if (x - expected).abs() <= 1e-12 * expected.abs())
    }

    #[test]
    fn the_height_factors_are_those_of_the_specification() {
        assert_eq!(ALPHA.to_bits(), 0x3fed_ca9a_45bf_a6af);
        assert_eq!(LAMBDA.to_bits(), 0x3fe9_d621_12a6_020d);
        assert!((ALPHA - libm::pow(0.6, 0.14)).abs() < 1e-15);
        assert!((LAMBDA - libm::log(100.0) / libm::log(300.0)).abs() < 1e-15);
    }

    #[test]
    fn power_follows_the_cube_of_the_speed_at_the_rotor_up_to_the_plateau() {
        let mut turbine = turbine(&[]);
        assert!(close(&generation(&mut turbine, 7.63), 0.145_198_217_816_78));
        assert_eq!(turbine.value("u"), Value::Numpy(5.735_198_356_377_340_5));
        assert_eq!(turbine.value("u60"), Value::Float(7.63 * ALPHA));
        let step = turbine.step(&[("u", Value::Numpy(7.63))]);
        step.expect("a step");
        assert_eq!(turbine.value("u60"), Value::Numpy(7.63 * ALPHA));
        generation(&mut turbine, 10.0);
        assert!((turbine.float("wind_gen") - 0.327).abs() < 5e-4);
        assert!(close(
            &generation(&mut turbine, 13.6),
            0.822_250_974_855_249_9
        ));
        assert_eq!(generation(&mut turbine, 13.71), Value::Float(0.3));
    }

    #[test]
    fn an_idle_turbine_publishes_the_integer_zero() {
        let mut turbine = turbine(&[("output_type", Literal::text(ENERGY))]);
        assert_eq!(generation(&mut turbine, 3.0), Value::Int(0), "below cut-in");
        assert_eq!(
            generation(&mut turbine, 40.0),
            Value::Int(0),
            "above cut-out"
        );
    }

    #[test]
    fn energy_counts_all_ticks_of_a_step_where_the_scenario_asks_for_it() {
        let power = ("p_rated", Literal::Int(3));
        let mut parameters = changed(SMALL, &[power, ("output_type", Literal::text(ENERGY))]);
        for energy in [0.75, 3.0] {
            let config = ModelConfig {
                time_step_size: Some(4),
                ..with_parameters(&parameters)
            };
            let mut turbine = Rig::new(&WIND, &config).expect("buildable");
            assert_eq!(generation(&mut turbine, 20.0), Value::Float(energy));
            parameters.push(("whole_step", Literal::Bool(true)));
        }
    }

    #[test]
    fn a_rated_power_of_zero_is_no_turbine() {
        let mut none = turbine(&[("p_rated", Literal::Int(0))]);
        assert_eq!(none.warnings(), &[] as &[String]);
        for speed in [0.0, 4.0, 8.0, 13.6, 13.71, 20.0, 60.0] {
            assert_eq!(generation(&mut none, speed), Value::Int(0), "{speed} m/s");
        }
    }

    #[test]
    fn what_else_cannot_be_zero_names_the_rated_power() {
        for key in ["cp", "diameter"] {
            let config = with_parameters(&changed(SMALL, &[(key, Literal::Int(0))]));
            let error = Rig::new(&WIND, &config).err().expect("refused");
            assert!(error.message.contains("'p_rated: 0'"), "{error}");
        }
    }

    #[test]
    fn rated_power_keeps_its_kind() {
        let mut turbine = turbine(&[("p_rated", Literal::Int(3))]);
        assert_eq!(generation(&mut turbine, 20.0), Value::Int(3));
    }

    #[test]
    fn a_jump_at_rated_speed_gives_a_warning_with_values_that_close_it() {
        let jumping = turbine(&[]);
        let warning = &jumping.warnings()[0];
        assert!(warning.contains("'p_rated: 0.841'"), "{warning}");
        assert!(warning.contains("'u_rated: 7.305'"), "{warning}");
        for (key, value) in [("p_rated", 0.841), ("u_rated", 7.305)] {
            let mended = turbine(&[(key, Literal::Float(value))]);
            assert_eq!(mended.warnings(), &[] as &[String]);
        }
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [
            ("p_rated", Literal::Int(-1)),
            ("u_cutin", Literal::Float(10.3)),
            ("u_cutin", Literal::Int(-1)),
            ("u_cutout", Literal::Int(6)),
            ("cp", Literal::Float(0.6)),
            ("diameter", Literal::Int(0)),
            ("output_type", Literal::text("kW")),
        ] {
            let config = with_parameters(&changed(SMALL, &[(key, value)]));
            let error = Rig::new(&WIND, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"), "{error}");
        }
    }

    #[test]
    fn no_wind_speed_stops_the_run() {
        let error = turbine(&[]).step(&[]).expect_err("nothing connected");
        assert_eq!(error.code, "missing_input:u");
    }

    proptest! {
        #[test]
        fn nothing_is_generated_outside_of_cut_in_and_cut_out(speed in -50.0_f64..100.0) {
            let mut turbine = turbine(&[]);
            let generated = generation(&mut turbine, speed);
            let at_rotor = turbine.float("u");
            prop_assert_eq!(
                generated == Value::Int(0),
                !(2.8..=25.0).contains(&at_rotor),
                "{} m/s at the rotor",
                at_rotor
            );
        }

        #[test]
        fn below_rated_speed_no_more_than_the_share_of_betz_is_taken_out(speed in 3.8_f64..13.7) {
            let mut turbine = turbine(&[]);
            generation(&mut turbine, speed);
            let in_the_wind = 0.5 * AIR_DENSITY * PI * turbine.float("u").powi(3) / 1000.0;
            let share = turbine.float("wind_gen") / in_the_wind;
            prop_assert!((share - 0.4).abs() < 1e-12, "{share}");
        }
    }
}
