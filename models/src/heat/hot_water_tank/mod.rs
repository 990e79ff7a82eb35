//! The hot water tank.

mod layers;

use std::sync::Arc;

use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, Published, PublishedSlot,
    Range, Role, SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Value};

use crate::parts::limited_store::in_order;
use crate::parts::mixed_heat::{DENSITY, SPECIFIC_HEAT};
use crate::parts::quantities::{
    MARGIN, Received, begin_with, count, finite, float, numbers, one, optional, output, publish,
    refuse_state, seconds, state, sum,
};
use layers::{Draw, Flows, Layers};

model_type! {
    /// Hot water tank: layers of water with a charging and a discharging circuit, a heating coil and an electric rod.
    ///
    /// # Model
    ///
    /// N layers of the mass m = ρ·V/N stand on each other, each with one temperature T_i from the bottom, i = 0, to the
    /// top. Between neighbours conducts G = λ·A/Δz; through the wall of a layer UA_i = U·(π·D·Δz + A at the bottom + A at
    /// the top), with A = V/H, D = √(4A/π) and Δz = H/N. A relative height z is in the layer ⌊z·N⌋, N − 1 at most.
    ///
    /// A step is made in K parts of δ seconds, so many that no water passes more than a layer, and that coil and rod warm
    /// theirs by 1 K at most:
    ///
    /// ```text
    /// ν = (charge_flow + discharge_flow + q_out_set/(c·ΔT)) / m + (2·G + max UA_i + q_in_set + P) / (m·c)
    /// K = ⌈Δt·ν⌉
    /// ```
    ///
    /// In each part every layer gets, from the temperatures at its start:
    ///
    /// - from each circuit the heat of what flows in, at the layer that is closest to its temperature (or at its port),
    ///   less that of what flows out at its port. A request of q_out_set moves q_out_set / (c·max(T_o − `discharge_t`,
    ///   ΔT)) of water where the tank is warmer than what comes back;
    /// - the heat of the water that all this pushes up or down, with the temperature of where it comes from;
    /// - conduction, and the loss U to the surroundings;
    /// - what the rod and the coil give, up to `t_rod_max` and t_max.
    ///
    /// Then layers that are warmer than what is above them mix.
    ///
    /// # Assumptions
    ///
    /// No flow across a layer; ports, coil and rod are in one layer each. Negative flows and powers count as 0. N·m·c
    /// times the change of `t_mean` over Δt is `q_in` + `p_cons` − `q_out` − `q_loss`. Connect a producer by its power
    /// (`q_in_set`) or by its flow (`charge_flow` and `charge_t`), not by both.
    ///
    /// # Source
    ///
    /// E. M. Kleinbach, W. A. Beckman, S. A. Klein, "Performance study of one-dimensional models for stratified thermal
    /// storage tanks", *Solar Energy* 50 (1993) 155-166, doi:10.1016/0038-092X(93)90087-5.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, t_min must be below t_max, and the initial `t_layers` one number,
    /// two (bottom and top) or N. Flows of which a step would take more than a million parts stop the run.
    ///
    /// # Example
    ///
    /// One layer of 1 m³ at 50 °C without losses: 4.18 kW at the coil over a quarter of an hour are 3762 kJ, which lifts
    /// it by 3762 / 4180 = 0.9 K to 50.9 °C.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its conduction is that of 4/9 of the area, it swaps layers in place of mixing them, and it has any number of ports
    /// with dotted names.
    pub static HOT_WATER_TANK =
        ModelType::new("HotWaterTank", |build| Ok(Box::new(HotWaterTank::new(build)?)))
            .with_sections(SectionPolicy::Merge)
            .unlike(&["hotwaterstorage"], "it has two circuits, 'charge_flow' and 'discharge_flow', a coil and a rod in place of ports with dotted names");
    parameters {
        VOLUME = Parameter::number("volume", "m³", "volume")
            .symbol("V")
            .with_default(Literal::Float(0.5))
            .in_range(Range::POSITIVE),
        HEIGHT = Parameter::number("height", "m", "height of the upright cylinder")
            .symbol("H")
            .with_default(Literal::Float(1.7))
            .in_range(Range::POSITIVE),
        LAYERS = Parameter::integer("layers", "-", "number of layers")
            .symbol("N")
            .with_default(Literal::Int(10))
            .in_range(&Range::between(1.0, 200.0)),
        DENSITY_OF = DENSITY,
        SPECIFIC_HEAT_OF = SPECIFIC_HEAT,
        U_WALL = Parameter::number("u_wall", "W/(m² K)", "heat transfer to the surroundings")
            .symbol("U")
            .with_default(Literal::Float(0.5))
            .in_range(Range::NOT_NEGATIVE),
        LAMBDA_EFF = Parameter::number("lambda_eff", "W/(m K)", "vertical conductivity of water, wall and mixing")
            .symbol("λ")
            .with_default(Literal::Float(1.5))
            .in_range(Range::NOT_NEGATIVE),
        SURROUNDINGS = Parameter::number("t_ext", "°C", "surroundings").with_default(Literal::Int(20)),
        T_MIN = Parameter::number("t_min", "°C", "mean temperature at 0 %").with_default(Literal::Int(40)),
        T_MAX = Parameter::number("t_max", "°C", "mean temperature at 100 %, and limit of the coil")
            .with_default(Literal::Int(90)),
        CHARGE_IN = height("charge_in", "where the charging circuit enters, 0 bottom and 1 top", Literal::Int(1)),
        CHARGE_OUT = height("charge_out", "where the charging circuit leaves", Literal::Int(0)),
        DISCHARGE_OUT = height("discharge_out", "where the discharging circuit leaves", Literal::Int(1)),
        DISCHARGE_IN = height("discharge_in", "where the discharging circuit enters", Literal::Int(0)),
        STRATIFIED_INLET = Parameter::flag(
            "stratified_inlet",
            "whether water enters at the layer of its own temperature and not at its port",
        )
        .with_default(Literal::Bool(true)),
        COIL_POSITION = height("coil_position", "relative height of the coil", Literal::Float(0.3)),
        ROD_POSITION = height("rod_position", "relative height of the rod", Literal::Float(0.5)),
        ROD_POWER = Parameter::number("rod_power", "kW", "rating of the rod; null for any")
            .with_default(Literal::Null)
            .in_range(Range::NOT_NEGATIVE),
        T_ROD_MAX = Parameter::number("t_rod_max", "°C", "thermostat of the rod").with_default(Literal::Int(90)),
        DT_MIN = Parameter::number("dt_min", "K", "span below which a draw by power is throttled")
            .symbol("ΔT")
            .with_default(Literal::Int(2))
            .in_range(Range::POSITIVE),
    }
    inputs {
        CHARGE_FLOW = sum("charge_flow", "kg/s", "circuit of a producer"),
        CHARGE_T = one("charge_t", "°C", "temperature that enters there").with_initial(Literal::Float(60.0)),
        DISCHARGE_FLOW = sum("discharge_flow", "kg/s", "circuit of a consumer, or tap water"),
        DISCHARGE_T = one("discharge_t", "°C", "temperature of what comes back, or of cold water")
            .with_initial(Literal::Float(30.0)),
        Q_IN_SET = sum("q_in_set", "kW", "heat into the coil"),
        Q_OUT_SET = sum("q_out_set", "kW", "heat to be drawn by the discharging circuit"),
        P_ROD_SET = sum("p_rod_set", "kW", "requested power of the rod").symbol("P").adjustable(0.0, 10.0),
        T_EXT = one("t_ext", "°C", "surroundings in place of the parameter"),
    }
    published {
        Q_OUT = output("q_out", "kW", "heat that the discharging circuit carries out"),
        P_CONS = output("p_cons", "kW", "power of the rod").role(Role::Used),
        Q_EXCESS = output("q_excess", "kW", "heat that the coil did not give"),
        T_LAYERS = Published::state("t_layers", "°C", "temperatures from bottom to top; initially one, two or all")
            .with_kind(Kind::List)
            .with_initial(Literal::Float(50.0))
            .memory(),
        T_MEAN = state("t_mean", "°C", "mean temperature"),
        T_TOP = state("t_top", "°C", "temperature of the highest layer"),
        T_BOTTOM = state("t_bottom", "°C", "temperature of the lowest layer"),
        CHARGE_T_OUT = state("charge_t_out", "°C", "temperature where the charging circuit leaves"),
        DISCHARGE_T_OUT = state("discharge_t_out", "°C", "temperature where the discharging circuit leaves"),
        SOC = state("soc", "%", "level, of any size").role(Role::Level),
        Q_IN = state("q_in", "kW", "heat from the charging circuit and the coil"),
        Q_LOSS = state("q_loss", "kW", "loss through the wall"),
        Q_DEFICIT = state("q_deficit", "kW", "part of 'q_out_set' that was not delivered"),
    }
}

const fn height(name: &'static str, meaning: &'static str, default: Literal) -> Parameter {
    Parameter::number(name, "-", meaning)
        .with_default(default)
        .in_range(const { &Range::between(0.0, 1.0) })
}

/// The most parts that a step is made in.
const MOST_PARTS: f64 = 1e6;

struct HotWaterTank {
    received: Received,
    layers: Layers,
    seconds: f64,
    limits: (f64, f64),
    rod_power: f64,
    surroundings: f64,
}

impl HotWaterTank {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let limits = in_order(build, T_MIN, T_MAX)?;
        let count = count(build, LAYERS);
        let given = build.initial_published(T_LAYERS);
        let temperatures = temperatures(&given, count);
        let temperatures = temperatures.ok_or_else(|| refuse_state(build, T_LAYERS, &given))?;
        let (volume, height) = (float(build, VOLUME), float(build, HEIGHT));
        let layer = |slot| layer_at(float(build, slot), count);
        let layers = Layers::new(
            temperatures,
            (volume, height),
            float(build, DENSITY_OF) * volume / count as f64,
            float(build, SPECIFIC_HEAT_OF),
            (float(build, LAMBDA_EFF), float(build, U_WALL)),
            layers::Places {
                charge_in: layer(CHARGE_IN),
                charge_out: layer(CHARGE_OUT),
                discharge_in: layer(DISCHARGE_IN),
                discharge_out: layer(DISCHARGE_OUT),
                coil: layer(COIL_POSITION),
                rod: layer(ROD_POSITION),
                is_stratified: build.flag(STRATIFIED_INLET),
            },
            layers::Bounds {
                coil: limits.1,
                rod: float(build, T_ROD_MAX),
                span: float(build, DT_MIN),
            },
        );
        let tank = Self {
            received: Received::new(build)?,
            layers,
            seconds: seconds(build),
            limits,
            rod_power: optional(build, ROD_POWER).unwrap_or(f64::INFINITY),
            surroundings: float(build, SURROUNDINGS),
        };
        let values = tank.derived();
        begin_with(build, &values);
        build.begin_with(T_LAYERS, || tank.layers());
        Ok(tank)
    }

    fn derived(&self) -> [(PublishedSlot, f64); 6] {
        let temperatures = &self.layers.temperatures;
        let mean = temperatures.iter().sum::<f64>() / temperatures.len() as f64;
        let (low, high) = self.limits;
        let places = &self.layers.places;
        [
            (T_MEAN, mean),
            (T_TOP, temperatures[temperatures.len() - 1]),
            (T_BOTTOM, temperatures[0]),
            (CHARGE_T_OUT, temperatures[places.charge_out]),
            (DISCHARGE_T_OUT, temperatures[places.discharge_out]),
            (SOC, 100.0 * (mean - low) / (high - low)),
        ]
    }

    /// The temperatures, as they are published.
    fn layers(&self) -> Value {
        let temperatures = self.layers.temperatures.iter();
        Value::List(temperatures.map(|t| Value::Float(*t)).collect::<Arc<_>>())
    }
}

/// The layer at a relative height.
fn layer_at(height: f64, count: usize) -> usize {
    let is_above = |layer: &usize| height * count as f64 >= *layer as f64;
    (1..count).take_while(is_above).count()
}

/// The temperatures of so many layers, from what the scenario says.
fn temperatures(given: &Value, count: usize) -> Option<Vec<f64>> {
    if let Some(temperature) = finite(given) {
        return Some(vec![temperature; count]);
    }
    let given = numbers(given)?;
    match given.as_slice() {
        [bottom, top] if count >= 2 => {
            let last = (count - 1) as f64;
            let at = |layer: usize| bottom + (top - bottom) * layer as f64 / last;
            Some((0..count).map(at).collect())
        }
        _ if given.len() == count => Some(given),
        _ => None,
    }
}

impl Model for HotWaterTank {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let received = &self.received;
        let flows = Flows {
            charge: received.positive(step, CHARGE_FLOW)?,
            charge_t: received.number(step, CHARGE_T)?,
            discharge: received.positive(step, DISCHARGE_FLOW)?,
            discharge_t: received.number(step, DISCHARGE_T)?,
            coil: received.positive(step, Q_IN_SET)?,
            draw: received.positive(step, Q_OUT_SET)?,
            rod: received.positive(step, P_ROD_SET)?.min(self.rod_power),
            surroundings: received.one(step, T_EXT)?.unwrap_or(self.surroundings),
        };
        let parts = (self.seconds * self.layers.rate(&flows) - MARGIN)
            .ceil()
            .max(1.0);
        if parts > MOST_PARTS {
            return Err(StepError::new(
                "flow_too_large",
                format!(
                    "a step would take {parts} parts, because so much flows; make the step or the flows smaller"
                ),
            ));
        }
        let mut drawn = Draw::default();
        let mut part = 0.0;
        while part < parts {
            part += 1.0;
            self.layers.pass(&flows, self.seconds / parts, &mut drawn);
        }
        let mean = |heat: f64| heat / self.seconds;
        let coil = mean(drawn.coil);
        publish(
            step,
            &[
                (Q_OUT, mean(drawn.out)),
                (P_CONS, mean(drawn.rod)),
                (Q_EXCESS, (flows.coil - coil).max(0.0)),
                (Q_IN, mean(drawn.charging) + coil),
                (Q_LOSS, mean(drawn.loss)),
                (Q_DEFICIT, (flows.draw - mean(drawn.by_power)).max(0.0)),
            ],
        );
        publish(step, &self.derived());
        step.publish(T_LAYERS, self.layers());
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        for temperature in &mut self.layers.temperatures {
            memory.keep(temperature);
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

    fn tank(from: Literal, parameters: &[(&str, Literal)]) -> Result<Rig, BuildError> {
        let config = ModelConfig {
            states: Some(section(&[("t_layers", from)])),
            ..with_parameters(parameters)
        };
        Rig::new(&HOT_WATER_TANK, &config)
    }

    fn layers(tank: &Rig) -> Vec<f64> {
        numbers(&tank.value("t_layers")).expect("a list of numbers")
    }

    #[test]
    fn a_coil_warms_what_it_is_in() {
        let whole = [
            ("volume", Literal::Int(1)),
            ("layers", Literal::Int(1)),
            ("u_wall", Literal::Int(0)),
        ];
        let mut tank = tank(Literal::Float(50.0), &whole).expect("buildable");
        tank.step(&[("q_in_set", Value::Float(4.18))])
            .expect("a step");
        assert!((tank.float("t_mean") - 50.9).abs() < 1e-9);
        assert!((tank.float("q_in") - 4.18).abs() < 1e-9);
    }

    #[test]
    fn a_tank_starts_with_one_temperature_two_or_all() {
        let three = [("layers", Literal::Int(3))];
        let after = |from| {
            let lossless = [
                &three[..],
                &[("u_wall", Literal::Int(0)), ("lambda_eff", Literal::Int(0))],
            ];
            let mut tank = tank(from, &lossless.concat())?;
            tank.step(&[]).expect("a step");
            Ok::<_, BuildError>(layers(&tank))
        };
        assert_eq!(after(Literal::Int(40)), Ok(vec![40.0; 3]));
        assert_eq!(
            after(Literal::Floats(&[40.0, 60.0])),
            Ok(vec![40.0, 50.0, 60.0])
        );
        assert_eq!(
            after(Literal::Floats(&[40.0, 41.0, 60.0])),
            Ok(vec![40.0, 41.0, 60.0])
        );
        for wrong in [
            Literal::Floats(&[40.0]),
            Literal::Floats(&[40.0; 4]),
            Literal::EmptyList,
            Literal::Null,
            Literal::text("warm"),
        ] {
            let error = after(wrong).expect_err("refused");
            assert_eq!(error.code, "invalid_state:t_layers");
        }
    }

    #[test]
    fn flows_that_would_take_for_ever_stop_the_run() {
        let mut tank = tank(Literal::Int(50), &[]).expect("buildable");
        let error = tank
            .step(&[("charge_flow", Value::Float(1e9))])
            .expect_err("too much");
        assert_eq!(error.code, "flow_too_large");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn energy_is_conserved_and_no_layer_is_warmer_than_what_is_above(
            (bottom, top, count) in (0.0_f64..90.0, 0.0_f64..90.0, 2_i64..20),
            ports in prop::array::uniform4(0.0_f64..=1.0),
            is_stratified: bool,
            outside in -10.0_f64..30.0,
            steps in prop::collection::vec(
                (
                    (0.0_f64..0.2, 10.0_f64..90.0),
                    (0.0_f64..0.2, 10.0_f64..60.0),
                    (0.0_f64..10.0, 0.0_f64..10.0, 0.0_f64..5.0),
                    any::<bool>(),
                ),
                1..12,
            ),
        ) {
            let float = Literal::Float;
            let mut tank = tank(float(bottom), &[
                ("layers", Literal::Int(count)),
                ("charge_in", float(ports[0])),
                ("charge_out", float(ports[1])),
                ("discharge_in", float(ports[2])),
                ("discharge_out", float(ports[3])),
                ("stratified_inlet", Literal::Bool(is_stratified)),
                ("t_ext", float(outside)),
            ]).expect("buildable");
            // Half way to another temperature at the top.
            tank.step(&[("charge_flow", Value::Float(0.1)), ("charge_t", Value::Float(top))]).expect("a step");
            let (mut before, mut seen) = (tank.float("t_mean"), layers(&tank));
            for ((charge, charge_t), (discharge, discharge_t), (coil, draw, rod), is_off) in steps {
                let by = if is_off { 0.0 } else { 1.0 };
                tank.step(&[
                    ("charge_flow", Value::Float(charge)),
                    ("charge_t", Value::Float(charge_t)),
                    ("discharge_flow", Value::Float(discharge)),
                    ("discharge_t", Value::Float(discharge_t)),
                    ("q_in_set", Value::Float(coil * by)),
                    ("q_out_set", Value::Float(draw)),
                    ("p_rod_set", Value::Float(rod * by)),
                ])
                .expect("a step");
                let [after, into, out, power, loss, excess, deficit] =
                    ["t_mean", "q_in", "q_out", "p_cons", "q_loss", "q_excess", "q_deficit"]
                        .map(|name| tank.float(name));
                let stored = 500.0 * 4.18 * (after - before) / 900.0;
                let flowing = 4.18 * 90.0 * (charge + discharge) + coil + draw + rod + loss.abs() + 200.0;
                let gap = stored - (into + power - out - loss);
                prop_assert!(gap.abs() <= 1e-9 * flowing, "{gap}");
                prop_assert!(excess >= 0.0 && excess <= coil && deficit >= 0.0 && deficit <= draw);
                let now = layers(&tank);
                prop_assert!(now.is_sorted(), "{now:?}");
                if is_off {
                    let around = [charge_t, discharge_t, outside];
                    let all = || seen.iter().chain(&around).copied();
                    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
                    prop_assert!(now.iter().all(|t| (low - 1e-9..=high + 1e-9).contains(t)), "{now:?}");
                }
                (before, seen) = (after, now);
            }
        }
    }
}
