//! The heat pump.

use shared::index::Index;
use shared::model::{
    Build, BuildError, Literal, Memory, Model, ModelType, Parameter, ParameterSlot, Published,
    Range, Role, SectionPolicy, Step, StepError,
};
use shared::model_type;
use shared::value::{Kind, Number, Value};

use crate::parts::hydrogen::T0;
use crate::parts::limited_store::EFFICIENCY;
use crate::parts::quantities::{
    Received, float, numbers, one, output, publish, publish_text, state, sum,
};

model_type! {
    /// Heat pump: makes heat of electric power and of a source, at a coefficient of performance that depends on the
    /// temperatures of source and supply.
    ///
    /// # Model
    ///
    /// The supply has t_w = `t_supply_set`, or else `t_return` + ΔT_s, t_max at most. The pump is off without a request
    /// q, with a source t below its limit and where t_w − `t_return` < 0.1 K. The COP lies between 1 and ε_max:
    ///
    /// | `cop_mode` | COP |
    /// |---|---|
    /// | fixed | ε |
    /// | carnot | η_C·T_h / (T_h − T_c), with T_h = t_w + ΔT_c and T_c = t − ΔT_e in K |
    /// | quadratic | c₀ + c₁·δ + c₂·δ², with δ = t_w − t between 15 and 60 K |
    /// | map | from a table, between its points by straight lines, beyond them as at its edge |
    ///
    /// The capacity is Q_r·(1 + κ·(t − t_r)), or from a table. Below the smallest output, q_min, the pump is on for a
    /// part φ of the step, and cycling costs:
    ///
    /// ```text
    /// q_gen = min(q, capacity)     φ = q_gen / q_min, 1 at most     cop = COP·φ / (1 − C_c·(1 − φ))
    /// p_cons = q_gen / cop         q_source = q_gen − p_cons        flow = q_gen / (c·(t_w − t_return))
    /// ```
    ///
    /// # Assumptions
    ///
    /// No inertia. In the mode `carnot` the COP is never above Carnot's. One above Carnot's is possible in the others,
    /// where whoever gives the numbers vouches for them. A negative request counts as 0.
    ///
    /// # Source
    ///
    /// C. Arpagaus et al., "High temperature heat pumps", *Energy* 152 (2018) 985-1010,
    /// doi:10.1016/j.energy.2018.03.166: fractions of Carnot's COP. I. Staffell, D. Brett, N. Brandon, A. Hawkes, "A
    /// review of domestic heat pumps", *Energy Environ. Sci.* 5 (2012) 9291-9306, doi:10.1039/c2ee22653g: the quadratic
    /// of air (default) and of ground, 8.77 − 0.150 δ + 0.000734 δ². EN 14825: cycling.
    ///
    /// # Errors
    ///
    /// Parameters outside of their ranges are refused, a table whose temperatures do not rise or whose size is not
    /// theirs, and the mode `map` without a table.
    ///
    /// # Example
    ///
    /// 10 kW in the mode `fixed` with an ε of 4, a return of 30 °C and ΔT_s = 5 K: a request of 8 kW takes 2 kW of power
    /// and 6 kW of the source, and moves 8 / (4.18 × 5) = 0.38278 kg/s at 35 °C.
    ///
    /// # Differences from the Python Illuminator
    ///
    /// Its calculation of a refrigerant cycle, which needs libraries that no longer have its parts, is replaced. Its
    /// `heat_source_T`, `cond_in_T`, `cons_T` and `cond_m` are `t_source`, `t_return`, `t_supply` and `flow`.
    pub static HEAT_PUMP = ModelType::new("HeatPump", |build| Ok(Box::new(HeatPump::new(build)?)))
        .with_sections(SectionPolicy::Merge)
        .unlike(&[], "it takes 'q_set', 't_source' and 't_return' in kW and °C in place of 'Q_Demand', 'heat_source_T' and 'cond_in_T', and gives 'q_gen', 'p_cons', 't_supply' and 'flow' in place of 'Q_Supplied', 'P_Required', 'cons_T' and 'cond_m'");
    parameters {
        COP_MODE = Parameter::choice("cop_mode", &["carnot", "quadratic", "map", "fixed"], "where the COP comes from")
            .with_default(Literal::text("carnot")),
        RATED_CAPACITY = Parameter::number("rated_capacity", "kW", "capacity at 'rating_source'")
            .symbol("Q_r")
            .with_default(Literal::Int(8))
            .in_range(Range::POSITIVE)
            .adjustable(1.0, 50.0),
        CARNOT_EFFICIENCY = Parameter::number("carnot_efficiency", "%", "fraction of the COP of Carnot")
            .symbol("η_C")
            .with_default(Literal::Int(50))
            .in_range(EFFICIENCY),
        DT_CONDENSER = Parameter::number("dt_condenser", "K", "condensation above the supply")
            .symbol("ΔT_c")
            .with_default(Literal::Int(5))
            .in_range(Range::NOT_NEGATIVE),
        DT_EVAPORATOR = Parameter::number("dt_evaporator", "K", "evaporation below the source")
            .symbol("ΔT_e")
            .with_default(Literal::Int(5))
            .in_range(Range::NOT_NEGATIVE),
        QUADRATIC = Parameter::any("quadratic", "the coefficients c₀, c₁ and c₂")
            .symbol("c₀, c₁, c₂")
            .with_default(Literal::Floats(&[6.81, -0.121, 0.000_630])),
        COP_FIXED = Parameter::number("cop", "-", "COP of the mode 'fixed'")
            .symbol("ε")
            .with_default(Literal::Float(3.5))
            .in_range(ONE_AT_LEAST),
        COP_MAX = Parameter::number("cop_max", "-", "largest COP, in every mode")
            .symbol("ε_max")
            .with_default(Literal::Int(8))
            .in_range(ONE_AT_LEAST),
        MAP_SOURCE = Parameter::any("map_source", "temperatures of the source in the table, in °C, rising")
            .with_default(Literal::Null),
        MAP_SUPPLY = Parameter::any("map_supply", "temperatures of the supply in the table, in °C, rising")
            .with_default(Literal::Null),
        MAP_COP = Parameter::any("map_cop", "COP: a list for each temperature of the source, of one for each of the supply")
            .with_default(Literal::Null),
        MAP_CAPACITY = Parameter::any("map_capacity", "capacities in kW, as 'map_cop'; null for those of the other modes")
            .with_default(Literal::Null),
        CAPACITY_SLOPE = Parameter::number("capacity_slope", "%/K", "change of the capacity with the source")
            .symbol("κ")
            .with_default(Literal::Int(0)),
        RATING_SOURCE = Parameter::number("rating_source", "°C", "temperature of the source of 'rated_capacity'")
            .symbol("t_r")
            .with_default(Literal::Int(7)),
        MIN_LOAD = Parameter::number("min_load", "%", "smallest output without cycling, of the capacity; 100 for one that is on or off")
            .with_default(Literal::Int(0))
            .in_range(Range::PERCENT),
        DEGRADATION = Parameter::number("degradation", "-", "coefficient of EN 14825; 1 where cycling costs nothing")
            .symbol("C_c")
            .with_default(Literal::Float(0.9))
            .in_range(&Range {
                low: Some((0.0, false)),
                high: Some((1.0, true)),
            }),
        T_SOURCE_MIN = Parameter::number("t_source_min", "°C", "source below which it is off")
            .with_default(Literal::Int(-20)),
        T_SUPPLY_MAX = Parameter::number("t_supply_max", "°C", "highest supply")
            .symbol("t_max")
            .with_default(Literal::Int(60)),
        DT_SINK = Parameter::number("dt_sink", "K", "supply minus return")
            .symbol("ΔT_s")
            .with_default(Literal::Int(5))
            .in_range(Range::POSITIVE),
        SPECIFIC_HEAT = Parameter::number("specific_heat", "kJ/(kg K)", "specific heat of the water")
            .symbol("c")
            .with_default(Literal::Float(4.18))
            .in_range(Range::POSITIVE),
    }
    inputs {
        Q_SET = sum("q_set", "kW", "requested heat").symbol("q").adjustable(0.0, 50.0),
        T_SOURCE = one("t_source", "°C", "temperature of the source")
            .symbol("t")
            .with_initial(Literal::Float(7.0)),
        T_RETURN = one("t_return", "°C", "water that comes back").with_initial(Literal::Float(30.0)),
        T_SUPPLY_SET = one("t_supply_set", "°C", "supply; null for 'dt_sink' above the return")
            .adjustable(30.0, 65.0),
    }
    published {
        Q_GEN = output("q_gen", "kW", "heat delivered"),
        P_CONS = output("p_cons", "kW", "electric power").role(Role::Used),
        STATUS = Published::state("status", "-", "'on' or 'off'")
            .with_kind(Kind::Text)
            .with_initial(Literal::text("off")),
        COP = state("cop", "-", "COP with what cycling costs; 0 where it is off"),
        CAPACITY = state("capacity", "kW", "present capacity; 0 where it is off"),
        LOAD = state("load", "%", "'q_gen' of 'capacity'"),
        ON_FRACTION = state("on_fraction", "-", "part of the step in which it is on").symbol("φ"),
        T_SUPPLY = Published::state("t_supply", "°C", "temperature of the supply")
            .symbol("t_w")
            .with_initial(Literal::Null),
        FLOW = state("flow", "kg/s", "mean flow of water"),
        Q_SOURCE = state("q_source", "kW", "heat taken from the source"),
        Q_DEFICIT = state("q_deficit", "kW", "requested and not delivered"),
    }
}

const ONE_AT_LEAST: &Range = &Range {
    low: Some((1.0, true)),
    high: None,
};

struct HeatPump {
    received: Received,
    performance: Performance,
    cop_max: f64,
    capacities: Option<Map>,
    rated: f64,
    /// Per K.
    slope: f64,
    rating_source: f64,
    min_load: f64,
    degradation: f64,
    t_source_min: f64,
    t_supply_max: f64,
    dt_sink: f64,
    specific_heat: f64,
}

/// Where the COP comes from.
enum Performance {
    Fixed(f64),
    Carnot {
        fraction: f64,
        condenser: f64,
        evaporator: f64,
    },
    Quadratic([f64; 3]),
    Map(Map),
}

impl HeatPump {
    fn new(build: &mut Build<'_>) -> Result<Self, BuildError> {
        let quadratic = numbers(build.parameter(QUADRATIC));
        let quadratic = quadratic.and_then(|list| <[f64; 3]>::try_from(list).ok());
        let quadratic = quadratic.ok_or_else(|| {
            BuildError::invalid_parameter(
                "quadratic",
                "parameter 'quadratic' must be a list of 3 numbers",
            )
        })?;
        let (source, supply) = (axis(build, MAP_SOURCE)?, axis(build, MAP_SUPPLY)?);
        let (source, supply) = (source.as_ref(), supply.as_ref());
        let cops = map(build, MAP_COP, source, supply, |cop| cop > 0.0)?;
        let capacities = map(build, MAP_CAPACITY, source, supply, |capacity| {
            capacity >= 0.0
        })?;
        let mode = build.text(COP_MODE);
        let performance = match mode {
            "fixed" => Performance::Fixed(float(build, COP_FIXED)),
            "quadratic" => Performance::Quadratic(quadratic),
            "map" => Performance::Map(cops.ok_or_else(|| missing("map_cop"))?),
            _ => Performance::Carnot {
                fraction: float(build, CARNOT_EFFICIENCY) / 100.0,
                condenser: float(build, DT_CONDENSER),
                evaporator: float(build, DT_EVAPORATOR),
            },
        };
        Ok(Self {
            received: Received::new(build)?,
            capacities: capacities.filter(|_| mode == "map"),
            performance,
            cop_max: float(build, COP_MAX),
            rated: float(build, RATED_CAPACITY),
            slope: float(build, CAPACITY_SLOPE) / 100.0,
            rating_source: float(build, RATING_SOURCE),
            min_load: float(build, MIN_LOAD) / 100.0,
            degradation: float(build, DEGRADATION),
            t_source_min: float(build, T_SOURCE_MIN),
            t_supply_max: float(build, T_SUPPLY_MAX),
            dt_sink: float(build, DT_SINK),
            specific_heat: float(build, SPECIFIC_HEAT),
        })
    }

    /// The COP of a pump that is on all the time.
    fn cop(&self, source: f64, supply: f64) -> f64 {
        let cop = match &self.performance {
            Performance::Fixed(cop) => *cop,
            Performance::Carnot {
                fraction,
                condenser,
                evaporator,
            } => {
                let lift = supply + condenser - (source - evaporator);
                if lift > 0.0 {
                    fraction * (supply + condenser + T0) / lift
                } else {
                    self.cop_max
                }
            }
            Performance::Quadratic([c0, c1, c2]) => {
                let lift = (supply - source).clamp(15.0, 60.0);
                c0 + c1 * lift + c2 * lift * lift
            }
            Performance::Map(map) => map.at(source, supply),
        };
        cop.max(1.0).min(self.cop_max)
    }

    fn capacity(&self, source: f64, supply: f64) -> f64 {
        if let Some(map) = &self.capacities {
            return map.at(source, supply);
        }
        let change = self.slope * (source - self.rating_source);
        self.rated * (1.0 + change).max(0.0)
    }
}

impl Model for HeatPump {
    fn adjust(&mut self, parameter: ParameterSlot, value: Number) -> bool {
        if parameter == RATED_CAPACITY {
            self.rated = value.to_f64();
        }
        parameter == RATED_CAPACITY
    }

    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let request = self.received.positive(step, Q_SET)?;
        let source = self.received.number(step, T_SOURCE)?;
        let back = self.received.number(step, T_RETURN)?;
        let supply = self.received.one(step, T_SUPPLY_SET)?;
        let supply = supply.unwrap_or(back + self.dt_sink).min(self.t_supply_max);
        let span = supply - back;
        let is_off = request <= 0.0 || source < self.t_source_min || span < 0.1;
        let capacity = if is_off {
            0.0
        } else {
            self.capacity(source, supply)
        };
        let heat = request.min(capacity);
        let (mut on_fraction, mut cop, mut power) = (0.0, 0.0, 0.0);
        if heat > 0.0 {
            on_fraction = (heat / (self.min_load * capacity)).min(1.0);
            let cost = 1.0 - self.degradation * (1.0 - on_fraction);
            cop = self.cop(source, supply) * on_fraction / cost;
            power = heat / cop;
        }
        publish(
            step,
            &[
                (Q_GEN, heat),
                (P_CONS, power),
                (COP, cop),
                (CAPACITY, capacity),
                (
                    LOAD,
                    if capacity > 0.0 {
                        100.0 * heat / capacity
                    } else {
                        0.0
                    },
                ),
                (ON_FRACTION, on_fraction),
                (T_SUPPLY, if is_off { back } else { supply }),
                (
                    FLOW,
                    if is_off {
                        0.0
                    } else {
                        heat / (self.specific_heat * span)
                    },
                ),
                (Q_SOURCE, heat - power),
                (Q_DEFICIT, request - heat),
            ],
        );
        publish_text(step, STATUS, if heat > 0.0 { "on" } else { "off" });
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.rated);
        true
    }
}

/// Numbers over two temperatures.
struct Map {
    source: Vec<f64>,
    supply: Vec<f64>,
    rows: Vec<Vec<f64>>,
}

impl Map {
    /// The number between the four points around two temperatures.
    fn at(&self, source: f64, supply: f64) -> f64 {
        let (row, up) = place(&self.source, source);
        let (column, right) = place(&self.supply, supply);
        let in_row = |row: usize| {
            let row = &self.rows[row];
            let next = row[(column + 1).min(row.len() - 1)];
            row[column] + (next - row[column]) * right
        };
        let below = in_row(row);
        below + (in_row((row + 1).min(self.rows.len() - 1)) - below) * up
    }
}

/// The place of a grid point at or before a temperature, and the part of the way to the next one.
fn place(axis: &[f64], at: f64) -> (usize, f64) {
    let at = at.max(axis[0]).min(axis[axis.len() - 1]);
    let place = axis
        .iter()
        .skip(1)
        .take_while(|point| **point <= at)
        .count();
    match axis.get(place + 1) {
        Some(next) => (place, (at - axis[place]) / (next - axis[place])),
        None => (place, 0.0),
    }
}

fn name<'a>(build: &'a Build<'_>, slot: ParameterSlot) -> &'a str {
    &build.model_type().parameters[slot.place()].name
}

fn missing(name: &str) -> BuildError {
    let message = format!("a table of the heat pump needs the parameter '{name}'");
    BuildError::missing_parameter(name, message)
}

/// Temperatures that rise, where there are some.
fn axis(build: &Build<'_>, slot: ParameterSlot) -> Result<Option<Vec<f64>>, BuildError> {
    let given = build.parameter(slot);
    if *given == Value::Null {
        return Ok(None);
    }
    let axis = numbers(given).filter(|axis| !axis.is_empty() && axis.is_sorted_by(|a, b| a < b));
    axis.map(Some).ok_or_else(|| {
        let name = name(build, slot);
        let message = format!("parameter '{name}' must be a list of rising numbers");
        BuildError::invalid_parameter(name, message)
    })
}

/// A table over these temperatures, where there is one.
fn map(
    build: &Build<'_>,
    slot: ParameterSlot,
    source: Option<&Vec<f64>>,
    supply: Option<&Vec<f64>>,
    fits: fn(f64) -> bool,
) -> Result<Option<Map>, BuildError> {
    let given = build.parameter(slot);
    if *given == Value::Null {
        return Ok(None);
    }
    let refuse = || {
        let name = name(build, slot);
        let message = format!(
            "parameter '{name}' must be a list for each temperature of the source, of one number that makes sense for \
             each of the supply"
        );
        BuildError::invalid_parameter(name, message)
    };
    let Value::List(rows) = given else {
        return Err(refuse());
    };
    let rows: Option<Vec<Vec<f64>>> = rows.iter().map(numbers).collect();
    let rows = rows.ok_or_else(refuse)?;
    let source = source.cloned().ok_or_else(|| missing("map_source"))?;
    let supply = supply.cloned().ok_or_else(|| missing("map_supply"))?;
    let is_row = |row: &Vec<f64>| row.len() == supply.len() && row.iter().all(|x| fits(*x));
    if rows.len() != source.len() || !rows.iter().all(is_row) {
        return Err(refuse());
    }
    Ok(Some(Map {
        source,
        supply,
        rows,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{Rig, with_parameters};
    use proptest::prelude::*;
    use shared::files::MemoryFiles;
    use shared::model::{ModelConfig, build};
    use shared::time::{TimeGrid, WallTime};

    #[test]
    fn heat_is_power_and_what_the_source_gives() {
        let config = with_parameters(&[
            ("cop_mode", Literal::text("fixed")),
            ("cop", Literal::Int(4)),
            ("rated_capacity", Literal::Int(10)),
        ]);
        let mut pump = Rig::new(&HEAT_PUMP, &config).expect("buildable");
        pump.step(&[("q_set", Value::Int(8))]).expect("a step");
        assert_eq!(pump.float("p_cons"), 2.0);
        assert_eq!(pump.float("q_source"), 6.0);
        assert_eq!(pump.float("t_supply"), 35.0);
        assert!((pump.float("flow") - 0.382_78).abs() < 5e-6);
    }

    #[test]
    fn the_defaults_have_the_cop_of_their_page() {
        for (source, cop) in [(7, 4.12), (-7, 3.01)] {
            let mut pump = Rig::new(&HEAT_PUMP, &ModelConfig::default()).expect("buildable");
            let inputs = [("q_set", Value::Int(1)), ("t_source", Value::Int(source))];
            pump.step(&inputs).expect("a step");
            assert!((pump.float("cop") - cop).abs() < 0.005, "{source}");
        }
    }

    /// The categories of what is wrong with a heat pump in the mode `map` with these tables.
    fn refusal(tables: &[(&str, Value)]) -> Option<String> {
        let mut parameters = vec![("cop_mode".into(), Value::text("map"))];
        parameters.extend(
            tables
                .iter()
                .map(|(name, value)| ((*name).into(), value.clone())),
        );
        let config = ModelConfig {
            parameters: Some(parameters),
            ..ModelConfig::default()
        };
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks: 1,
        };
        let built = build(&HEAT_PUMP, &config, grid, &MemoryFiles::default());
        Some(built.err()?.remove(0).code.into_owned())
    }

    #[test]
    fn tables_that_do_not_fit_are_refused() {
        let list = |floats: &[f64]| Value::List(floats.iter().map(|x| Value::Float(*x)).collect());
        let rows = |rows: &[&[f64]]| Value::List(rows.iter().map(|row| list(row)).collect());
        let source = ("map_source", list(&[-7.0, 7.0]));
        let supply = ("map_supply", list(&[35.0]));
        let cop = ("map_cop", rows(&[&[2.5], &[4.0]]));
        let sound = [source.clone(), supply.clone(), cop.clone()];
        assert_eq!(refusal(&sound), None);
        for (missing, name) in [(0, "map_source"), (1, "map_supply"), (2, "map_cop")] {
            let mut tables = sound.to_vec();
            tables.remove(missing);
            assert_eq!(refusal(&tables), Some(format!("missing_parameter:{name}")));
        }
        for (name, value) in [
            ("map_source", list(&[7.0, 7.0])),
            ("map_source", list(&[])),
            ("map_cop", rows(&[&[2.5]])),
            ("map_cop", rows(&[&[2.5], &[4.0, 5.0]])),
            ("map_cop", rows(&[&[2.5], &[0.0]])),
            ("map_capacity", rows(&[&[-1.0], &[4.0]])),
        ] {
            let mut tables = sound.to_vec();
            tables.retain(|(known, _)| *known != name);
            tables.push((name, value));
            assert_eq!(refusal(&tables), Some(format!("invalid_parameter:{name}")));
        }
    }

    proptest! {
        #[test]
        fn heat_is_never_more_than_carnot_makes_of_power(
            mode in prop::sample::select(vec!["carnot", "fixed", "quadratic"]),
            (fraction, min_load, degradation) in (1.0_f64..=100.0, 0.0_f64..=100.0, 0.1_f64..=1.0),
            (request, source, back) in (-1.0_f64..15.0, -25.0_f64..25.0, 20.0_f64..60.0),
        ) {
            let config = with_parameters(&[
                ("cop_mode", Literal::text(mode)),
                ("carnot_efficiency", Literal::Float(fraction)),
                ("min_load", Literal::Float(min_load)),
                ("degradation", Literal::Float(degradation)),
            ]);
            let mut pump = Rig::new(&HEAT_PUMP, &config).expect("buildable");
            pump.step(&[
                ("q_set", Value::Float(request)),
                ("t_source", Value::Float(source)),
                ("t_return", Value::Float(back)),
            ])
            .expect("a step");
            let [heat, power, taken, supply, deficit] =
                ["q_gen", "p_cons", "q_source", "t_supply", "q_deficit"].map(|name| pump.float(name));
            prop_assert!((heat - power - taken).abs() <= 1e-9 * heat);
            prop_assert!((request.max(0.0) - heat - deficit).abs() <= 1e-9);
            prop_assert!((0.0..=8.0).contains(&heat) && power >= 0.0);
            if mode == "carnot" && supply > source && heat > 0.0 {
                // Or the 1 that a rod would have.
                let carnot = (supply + T0) / (supply - source);
                prop_assert!(heat / power <= carnot.max(1.0) * (1.0 + 1e-9));
            }
        }
    }
}
