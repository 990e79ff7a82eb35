//! The photovoltaic array.

use shared::model::{
    Build, Input, Literal, Memory, Model, ModelType, Parameter, ParameterSlot, Published, Range,
    Role, Step, StepError,
};
use shared::model_type;
use shared::value::{Number, Value};

use crate::parts::rounding::round3_scaled;

model_type! {
    /// Photovoltaic array: what a fixed, tilted array feeds in, from irradiance, sun and weather.
    ///
    /// # Model
    ///
    /// Angle of incidence θ and sky view factor s of the module:
    ///
    /// ```text
    /// cos θ = max(0, cos(90° − β)·cos h·cos(γ − A) + sin(90° − β)·sin h)
    /// s     = (1 + cos β) / 2
    /// ```
    ///
    /// Irradiance on the module: diffuse from an isotropic sky, reflected from ground with an
    /// albedo of 0.2, and beam.
    ///
    /// ```text
    /// G = s·G_Dh + 0.2·(1 − s)·G_Gh + G_Bn·cos θ
    /// ```
    ///
    /// Cell temperature from the nominal operating cell temperature (NOCT), with the wind at the
    /// module as 0.61 of the wind measured (3.8 × 0.61 = 2.318), and efficiency:
    ///
    /// ```text
    /// T = Ta + G/G_NOCT·(NOCT − 20)·9.5/(5.7 + 2.318·FF)·(1 − η_stc/0.9)
    /// η = η_stc·(1 − 0.0031·(T − 25))
    /// ```
    ///
    /// Power in kW of ⌈cap/P_STC⌉ modules, after inverter (0.96), tracking of the maximum power
    /// point (0.99) and other losses (0.97):
    ///
    /// ```text
    /// P = ⌈cap/P_STC⌉·m_area·G·η·0.96·0.99·0.97 / 1000
    /// ```
    ///
    /// Published is P, or the energy P·Δt of a step of Δt = `time_resolution` × `time_step_size` /
    /// 3600 hours, rounded to three decimals.
    ///
    /// # Assumptions
    ///
    /// The wind FF is measured at about 10 m, and h counts from the horizon.
    /// Azimuths of module and sun count from the same zero; only their difference matters. No
    /// shading, no snow. The sun below the horizon is not treated on its own: the beam is zero at
    /// night in sound data. Nothing is clipped, so slightly negative irradiance gives slightly
    /// negative power. Installed capacity is in watts, and rounded up to whole modules.
    /// 0 < η_stc < 0.9, 20 °C < NOCT < 100 °C, 0 ≤ β ≤ 180°.
    ///
    /// # Source
    ///
    /// Geometry: A. Smets, K. Jäger, O. Isabella, R. van Swaaij, M. Zeman, *Solar Energy*, UIT
    /// Cambridge, 2016. Isotropic sky: B. Y. H. Liu, R. C. Jordan, *Solar Energy* 7(2) (1963)
    /// 53-74, doi:10.1016/0038-092X(63)90006-9. Cell temperature: J. A. Duffie, W. A. Beckman,
    /// *Solar Engineering of Thermal Processes*, 4th edition, Wiley, 2013, chapter 23; with the
    /// wind factor, P. Gilman et al., NREL/TP-6A20-67399, 2018, section 10.6. Efficiency: D. L.
    /// Evans, *Solar Energy* 27(6) (1981) 555-560, doi:10.1016/0038-092X(81)90051-7.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused. All seven inputs must be connected.
    ///
    /// # Example
    ///
    /// Two flat modules (tilt 0) of 1 m² and 200 W each (cap = 400), η_stc = 0.18, NOCT = 44 °C at
    /// 800 W/m², under a diffuse sky of 800 W/m² at 20 °C with a wind of 1.639 m/s, for which
    /// 5.7 + 2.318·FF = 9.5: s = 1, so G = 800 W/m². T = 20 + 24·(1 − 0.2) = 39.2 °C and
    /// η = 0.18·(1 − 0.0031·14.2) = 0.17208. P = 2·800·0.17208·0.92189 / 1000 = 0.254 kW.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Kept: `cap` is in W, where its manual says kW; the coefficient 0.0031 per K and the wind
    /// factor, where its manual has others; rounding to 1 W or 1 Wh per step, which distorts
    /// small systems and adds up in energy mode; rounding up to whole modules. A `cap` below one
    /// module, which is often a number of kilowatts, gives a warning. Sample data of the Python
    /// Illuminator count the sun's azimuth from south while its scenarios set `m_az: 180`: such
    /// arrays face north.
    ///
    /// Fixed: parameters are checked when the model is built, an unknown `output_type` included,
    /// and those without a sensible default must be given. `total_irr` and `g_aoi`, which are
    /// never set there, are both G, not rounded.
    ///
    /// Its branch for clusters, which has `pv_genState`, computes with other coefficients, and takes degrees for
    /// radians. Here the arithmetic is that of the main branch.
    pub static PV = ModelType::new("PV", |build| Ok(Box::new(Pv::new(build)))).formerly(&["solar"]);
    parameters {
        M_AREA = Parameter::number("m_area", "m²", "area of one module")
            .in_range(Range::NOT_NEGATIVE),
        NOCT = Parameter::number("NOCT", "°C", "nominal operating cell temperature")
            .symbol("NOCT")
            .in_range(&Range { low: Some((20.0, false)), high: Some((100.0, false)), }),
        M_EFFICIENCY_STC = Parameter::number(
            "m_efficiency_stc",
            "-",
            "efficiency of a module at standard test conditions",
        )
        .symbol("η_stc")
        .in_range(&Range { low: Some((0.0, false)), high: Some((0.9, false)), }),
        G_NOCT = Parameter::number("G_NOCT", "W/m²", "irradiance at NOCT, normally 800")
            .symbol("G_NOCT")
            .in_range(Range::POSITIVE),
        P_STC = Parameter::number("P_STC", "W", "power of one module at standard test conditions")
            .symbol("P_STC")
            .in_range(Range::POSITIVE)
            .instead_of_zero("for no panels write 'cap: 0'"),
        _ = Parameter::unused("peak_power", "accepted, without effect"),
        M_TILT = Parameter::number("m_tilt", "°", "tilt of the modules; 0 is flat, 90 vertical")
            .symbol("β")
            .with_default(Literal::Int(0))
            .in_range(&Range::between(0.0, 180.0)),
        M_AZ = Parameter::number("m_az", "°", "azimuth of the modules, same zero as 'Az'")
            .symbol("γ")
            .with_default(Literal::Int(0)),
        CAP = Parameter::number("cap", "W", "installed capacity, rounded up to whole modules")
            .symbol("cap")
            .in_range(Range::NOT_NEGATIVE)
            .adjustable(0.0, 20_000.0),
        OUTPUT_TYPE = Parameter::choice("output_type", &[POWER, ENERGY], "what 'pv_gen' shall be")
            .with_default(Literal::text(POWER)),
        _ = Parameter::unused("sim_start", "accepted, without effect"),
    }
    inputs {
        G_GH = Input::number("G_Gh", "W/m²", "global horizontal irradiance").symbol("G_Gh"),
        G_DH = Input::number("G_Dh", "W/m²", "diffuse horizontal irradiance").symbol("G_Dh"),
        G_BN = Input::number("G_Bn", "W/m²", "direct normal irradiance, the beam").symbol("G_Bn"),
        TA = Input::number("Ta", "°C", "air temperature").symbol("Ta"),
        HS = Input::number("hs", "°", "elevation of the sun").symbol("h"),
        FF = Input::number("FF", "m/s", "wind speed").symbol("FF"),
        AZ = Input::number("Az", "°", "azimuth of the sun").symbol("A"),
    }
    published {
        PV_GEN = Published::output("pv_gen", "kW or kWh per step", "generation behind the inverter")
            .unit_by("output_type")
            .symbol("P or P·Δt")
            .role(Role::Made),
        TOTAL_IRR = Published::output("total_irr", "W/m²", "irradiance on the modules").symbol("G"),
        G_AOI = Published::output("g_aoi", "W/m²", "irradiance on the modules, under another name")
            .symbol("G"),
        PV_GEN_STATE = Published::state("pv_genState", "kW or kWh per step", "'pv_gen', for any number of readers")
            .unit_by("output_type")
            .repeats("pv_gen"),
    }
}

const RADIANS_PER_DEGREE: f64 = 0.017_453_292_519_943_295;
const ALBEDO: f64 = 0.2;
/// Inverter, tracking of the maximum power point, other losses.
const EFFICIENCIES: [f64; 3] = [0.96, 0.99, 0.97];

const POWER: &str = "power";
const ENERGY: &str = "energy";

struct Pv {
    noct: f64,
    efficiency_stc: f64,
    g_noct: f64,
    azimuth: f64,
    /// Area in m² and power in W of one module.
    module: (f64, f64),
    /// Area of all modules in m².
    area: f64,
    /// Cosine and sine of the elevation of the module's normal, 90° − tilt.
    normal: (f64, f64),
    sky_view: f64,
    /// Seconds of a tick and ticks of a step where energy is asked for.
    seconds: Option<(f64, f64)>,
}

/// The cosine of an angle in degrees.
fn cos(degrees: f64) -> f64 {
    libm::cos(degrees * RADIANS_PER_DEGREE)
}

/// The sine of an angle in degrees.
fn sin(degrees: f64) -> f64 {
    libm::sin(degrees * RADIANS_PER_DEGREE)
}

impl Pv {
    fn new(build: &mut Build<'_>) -> Self {
        let (cap, module) = (build.number(CAP).to_f64(), build.number(P_STC).to_f64());
        if cap > 0.0 && cap < module {
            build.warn(|| format!(
                "'cap' is {cap} W, less than one module of 'P_STC', {module} W, and counts as one; \
                 capacity is in watts"
            ));
        }
        let module_area = build.number(M_AREA).to_f64();
        let tilt = build.number(M_TILT).to_f64();
        let energy = build.text(OUTPUT_TYPE) == ENERGY;
        Self {
            noct: build.number(NOCT).to_f64(),
            efficiency_stc: build.number(M_EFFICIENCY_STC).to_f64(),
            g_noct: build.number(G_NOCT).to_f64(),
            azimuth: build.number(M_AZ).to_f64(),
            module: (module_area, module),
            area: (cap / module).ceil() * module_area,
            normal: (cos(90.0 - tilt), sin(90.0 - tilt)),
            sky_view: f64::midpoint(1.0, cos(tilt)),
            seconds: energy.then(|| (build.grid().resolution.into(), build.step_size().into())),
        }
    }

    /// The cosine of the angle of incidence; 0 where the sun is behind the module.
    fn cos_incidence(&self, elevation: f64, azimuth: f64) -> f64 {
        let (cos_normal, sin_normal) = self.normal;
        let cosine =
            cos_normal * cos(elevation) * cos(self.azimuth - azimuth) + sin_normal * sin(elevation);
        if cosine < 0.0 { 0.0 } else { cosine }
    }

    /// The cell temperature in °C.
    fn cell_temperature(&self, irradiance: f64, air: f64, wind: f64) -> f64 {
        air + irradiance / self.g_noct
            * (self.noct - 20.0)
            * (9.5 / (5.7 + 2.318 * wind))
            * (1.0 - self.efficiency_stc / 0.90)
    }

    /// Power in kW behind the inverter.
    fn power(&self, irradiance: f64, cell_temperature: f64) -> f64 {
        let efficiency = self.efficiency_stc * (1.0 + -0.0031 * (cell_temperature - 25.0));
        let [inverter, tracking, other] = EFFICIENCIES;
        self.area * irradiance * efficiency * inverter * tracking * other / 1000.0
    }
}

impl Model for Pv {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == CAP {
            let (area, power) = self.module;
            self.area = (value.to_f64() / power).ceil() * area;
        }
        parameter == CAP
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let global = step.number(G_GH)?.to_f64();
        let diffuse = step.number(G_DH)?.to_f64();
        let beam = step.number(G_BN)?.to_f64();
        let air = step.number(TA)?.to_f64();
        let elevation = step.number(HS)?.to_f64();
        let wind = step.number(FF)?.to_f64();
        let azimuth = step.number(AZ)?.to_f64();

        let irradiance = self.sky_view * diffuse
            + ALBEDO * (1.0 - self.sky_view) * global
            + beam * self.cos_incidence(elevation, azimuth);
        let power = self.power(irradiance, self.cell_temperature(irradiance, air, wind));
        let generation = match self.seconds {
            Some((tick, ticks)) => power * tick * ticks / 60.0 / 60.0,
            None => power,
        };
        let generation = round3_scaled(generation);
        step.publish(PV_GEN, Value::Numpy(generation));
        step.publish(TOTAL_IRR, Value::Numpy(irradiance));
        step.publish(G_AOI, Value::Numpy(irradiance));
        step.publish(PV_GEN_STATE, Value::Numpy(generation));
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.area);
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

    const ROOF: &[(&str, Literal)] = &[
        ("m_area", Literal::Float(1.26)),
        ("NOCT", Literal::Int(44)),
        ("m_efficiency_stc", Literal::Float(0.198)),
        ("G_NOCT", Literal::Int(800)),
        ("P_STC", Literal::Int(250)),
        ("m_tilt", Literal::Int(14)),
        ("m_az", Literal::Int(180)),
        ("cap", Literal::Int(500)),
        ("output_type", Literal::text(POWER)),
    ];

    fn array(changes: &[(&str, Literal)]) -> Rig {
        let config = with_parameters(&changed(ROOF, changes));
        Rig::new(&PV, &config).expect("buildable")
    }

    /// Irradiances (global, diffuse, beam), air temperature, elevation, wind, azimuth.
    fn generation(array: &mut Rig, weather: [f64; 7]) -> f64 {
        let names = ["G_Gh", "G_Dh", "G_Bn", "Ta", "hs", "FF", "Az"];
        let inputs: Vec<_> = names.into_iter().zip(weather.map(Value::Float)).collect();
        array.step(&inputs).expect("a step");
        array.float("pv_gen")
    }

    const SUNNY: [f64; 7] = [700.0, 150.0, 700.0, 20.0, 50.0, 3.0, 170.0];

    #[test]
    fn a_sunny_roof_generates_what_the_specification_says() {
        assert_eq!(generation(&mut array(&[]), SUNNY), 0.348);
    }

    #[test]
    fn two_flat_modules_under_an_overcast_sky_can_be_checked_by_hand() {
        let mut array = array(&[
            ("m_area", Literal::Int(1)),
            ("m_efficiency_stc", Literal::Float(0.18)),
            ("P_STC", Literal::Int(200)),
            ("m_tilt", Literal::Int(0)),
            ("cap", Literal::Int(400)),
        ]);
        let overcast = [800.0, 800.0, 0.0, 20.0, 30.0, 1.639, 0.0];
        assert_eq!(generation(&mut array, overcast), 0.254);
        assert_eq!(array.value("total_irr"), Value::Numpy(800.0));
        assert_eq!(array.value("g_aoi"), Value::Numpy(800.0));
    }

    #[test]
    fn the_sun_behind_a_vertical_module_gives_no_beam() {
        let mut array = array(&[("m_tilt", Literal::Int(90))]);
        generation(&mut array, [0.0, 0.0, 900.0, 20.0, 30.0, 1.0, 0.0]);
        assert_eq!(array.value("total_irr"), Value::Numpy(0.0));
    }

    #[test]
    fn energy_counts_all_ticks_of_a_step() {
        let config = ModelConfig {
            time_step_size: Some(2),
            ..with_parameters(&changed(ROOF, &[("output_type", Literal::text(ENERGY))]))
        };
        let mut array = Rig::new(&PV, &config).expect("buildable");
        assert_eq!(generation(&mut array, SUNNY), 0.174);
    }

    #[test]
    fn capacity_is_rounded_up_to_whole_modules() {
        let one = generation(&mut array(&[("cap", Literal::Int(250))]), SUNNY);
        let two = generation(&mut array(&[("cap", Literal::Int(251))]), SUNNY);
        assert_eq!((one, two), (0.174, 0.348));
    }

    #[test]
    fn a_capacity_below_one_module_gives_a_warning() {
        let kilowatts = array(&[("cap", Literal::Int(5))]);
        assert!(kilowatts.warnings()[0].contains("capacity is in watts"));
        for cap in [0, 250, 500] {
            let watts = array(&[("cap", Literal::Int(cap))]);
            assert_eq!(watts.warnings(), &[] as &[String]);
        }
    }

    #[test]
    fn parameters_that_make_no_sense_are_refused() {
        for (key, value) in [
            ("m_area", Literal::Int(-1)),
            ("NOCT", Literal::Int(20)),
            ("m_efficiency_stc", Literal::Float(0.9)),
            ("G_NOCT", Literal::Int(0)),
            ("P_STC", Literal::Int(0)),
            ("m_tilt", Literal::Int(181)),
            ("cap", Literal::Int(-1)),
            ("output_type", Literal::text("Power")),
        ] {
            let config = with_parameters(&changed(ROOF, &[(key, value)]));
            let error = Rig::new(&PV, &config).err().expect("refused");
            assert_eq!(error.code, format!("invalid_parameter:{key}"), "{error}");
        }
    }

    #[test]
    fn a_module_must_be_described() {
        let error = Rig::new(&PV, &ModelConfig::default()).err();
        let error = error.expect("no default");
        assert_eq!(error.code, "missing_parameter:m_area");
    }

    #[test]
    fn every_input_must_be_connected() {
        let error = array(&[]).step(&[]).expect_err("nothing connected");
        assert_eq!(error.code, "missing_input:G_Gh");
    }

    proptest! {
        #[test]
        fn without_irradiance_there_is_no_generation(
            tilt in 0.0_f64..=180.0,
            weather in (-30.0_f64..50.0, -90.0_f64..90.0, 0.0_f64..40.0, -360.0_f64..360.0),
        ) {
            let (air, elevation, wind, azimuth) = weather;
            let mut array = array(&[("m_tilt", Literal::Float(tilt))]);
            let dark = [0.0, 0.0, 0.0, air, elevation, wind, azimuth];
            prop_assert_eq!(generation(&mut array, dark), 0.0);
            prop_assert_eq!(array.float("total_irr"), 0.0);
        }

        #[test]
        fn the_irradiance_on_a_module_never_exceeds_sky_ground_and_beam_together(
            tilt in 0.0_f64..=180.0,
            irradiances in prop::array::uniform3(0.0_f64..1200.0),
            (elevation, azimuth) in (-90.0_f64..90.0, 0.0_f64..360.0),
        ) {
            let [global, diffuse, beam] = irradiances;
            let mut array = array(&[("m_tilt", Literal::Float(tilt))]);
            generation(&mut array, [global, diffuse, beam, 20.0, elevation, 1.0, azimuth]);
            let irradiance = array.float("total_irr");
            prop_assert!(irradiance >= 0.0);
            prop_assert!(irradiance <= (diffuse + ALBEDO * global + beam) * (1.0 + 1e-12));
        }
    }
}
