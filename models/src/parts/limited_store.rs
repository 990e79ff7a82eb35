//! A store with limits: its content moves with what flows in and out, as far as there is room or content, and what
//! flows through passes it by. The content is a mass, or the temperature of what holds heat.

use shared::index::Index;
use shared::model::{Build, BuildError, Literal, Parameter, ParameterSlot, Range};

use super::quantities::{MARGIN, float, optional};

/// Above 0 % and up to 100 %.
pub(crate) const EFFICIENCY: &Range = &Range {
    low: Some((0.0, false)),
    high: Some((100.0, true)),
};

/// From 0 % to below 100 %.
pub(crate) const BELOW_ALL: &Range = &Range {
    low: Some((0.0, true)),
    high: Some((100.0, false)),
};

pub(crate) const CHARGE_EFFICIENCY: Parameter = Parameter::number(
    "charge_efficiency",
    "%",
    "stored of what is accepted; the rest is lost",
)
.symbol("η_c")
.with_default(Literal::Int(100))
.in_range(EFFICIENCY);

pub(crate) const DISCHARGE_EFFICIENCY: Parameter = Parameter::number(
    "discharge_efficiency",
    "%",
    "delivered of what is taken out; the rest is lost",
)
.symbol("η_d")
.with_default(Literal::Int(100))
.in_range(EFFICIENCY);

/// The largest flow into a store, in this unit.
pub(crate) const fn max_charge(unit: &'static str, symbol: &'static str) -> Parameter {
    largest("max_charge", unit, "largest inflow; null for any", symbol)
}

/// The largest flow out of a store, in this unit.
pub(crate) const fn max_discharge(unit: &'static str, symbol: &'static str) -> Parameter {
    largest(
        "max_discharge",
        unit,
        "largest outflow; null for any",
        symbol,
    )
}

const fn largest(
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    symbol: &'static str,
) -> Parameter {
    Parameter::number(name, unit, meaning)
        .symbol(symbol)
        .with_default(Literal::Null)
        .in_range(Range::NOT_NEGATIVE)
}

/// What of the span between the limits is rounding.
const ROUNDING: f64 = 1e-13;

/// What a store can do, in the unit of its flows and the unit of its content.
pub(crate) struct LimitedStore {
    /// The content that it is emptied to and filled to.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The largest flows in and out, infinite where there is no limit.
    max_charge: f64,
    max_discharge: f64,
    /// Efficiencies as fractions.
    charge: f64,
    discharge: f64,
}

/// What comes of a step.
pub(crate) struct Exchanged {
    pub(crate) content: f64,
    /// What flows into the content on average, negative where out of it, after losses of charging and discharging.
    pub(crate) net: f64,
    /// Delivered, not taken of what was offered, and not delivered of what was wanted.
    pub(crate) out: f64,
    pub(crate) excess: f64,
    pub(crate) deficit: f64,
    /// 1 where it is charged, -1 where it is discharged, else 0.
    pub(crate) mode: i64,
}

impl LimitedStore {
    /// A store without losses or limits of flows.
    pub(crate) fn between(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            max_charge: f64::INFINITY,
            max_discharge: f64::INFINITY,
            charge: 1.0,
            discharge: 1.0,
        }
    }

    /// A store with the efficiencies and the limits of flows that these parameters say.
    pub(crate) fn new(
        build: &Build<'_>,
        (low, high): (f64, f64),
        efficiencies: [ParameterSlot; 2],
        limits: [ParameterSlot; 2],
    ) -> Self {
        let [charge, discharge] = efficiencies.map(|slot| float(build, slot) / 100.0);
        let limits = limits.map(|slot| optional(build, slot).unwrap_or(f64::INFINITY));
        let [max_charge, max_discharge] = limits;
        Self {
            low,
            high,
            max_charge,
            max_discharge,
            charge,
            discharge,
        }
    }

    /// The largest inflow, where a flow of 1 adds `rise` to the content in a step.
    pub(crate) fn room(&self, content: f64, rise: f64) -> f64 {
        let room = (self.high - content).max(0.0) / (self.charge * rise);
        room.min(self.max_charge)
    }

    /// The largest outflow.
    pub(crate) fn available(&self, content: f64, rise: f64) -> f64 {
        let available = (content - self.low).max(0.0) * self.discharge / rise;
        available.min(self.max_discharge)
    }

    /// A step with these flows. The content is that at the end of the step without them.
    pub(crate) fn exchange(&self, content: f64, rise: f64, inflow: f64, wanted: f64) -> Exchanged {
        let surplus = inflow - wanted;
        let taken = surplus.max(0.0).min(self.room(content, rise));
        let lack = (-surplus).max(0.0);
        let given = lack.min(self.available(content, rise));
        // One of the two is 0.
        let net = taken * self.charge - given / self.discharge;
        let moved = content + net * rise;
        let is_flow = |flow: f64, request: f64| i64::from(flow > MARGIN * request.max(0.0));
        Exchanged {
            // Rounding does not carry it over a limit, and nothing moves it back that was beyond.
            content: if net > 0.0 {
                moved.min(self.high.max(content))
            } else {
                moved.max(self.low.min(content))
            },
            net,
            out: if lack > 0.0 { inflow + given } else { wanted },
            excess: surplus.max(0.0) - taken,
            deficit: lack - given,
            mode: is_flow(taken, surplus) - is_flow(given, lack),
        }
    }

    /// 1 where the flows would carry the content over the upper limit, -1 below the lower one, else 0.
    pub(crate) fn congestion(&self, content: f64, rise: f64, surplus: f64) -> i64 {
        let end = content + surplus * rise;
        let span = self.high - self.low;
        let margin = (MARGIN * (surplus * rise).abs()).max(ROUNDING * span);
        i64::from(end > self.high + margin) - i64::from(end < self.low - margin)
    }
}

/// Refuses limits that are in the wrong order.
pub(crate) fn in_order(
    build: &Build<'_>,
    low: ParameterSlot,
    high: ParameterSlot,
) -> Result<(f64, f64), BuildError> {
    let limits = (float(build, low), float(build, high));
    if limits.0 < limits.1 {
        return Ok(limits);
    }
    let name = |slot: ParameterSlot| &build.model_type().parameters[slot.place()].name;
    let (low, high) = (name(low), name(high));
    let message = format!("parameter '{low}' must be below '{high}'");
    Err(BuildError::invalid_parameter(low, message))
}

/// How full it is: 1 full, -1 empty, 0 between, all in percent.
pub(crate) fn flag(level: f64, low: f64, high: f64) -> i64 {
    if level >= high - MARGIN {
        1
    } else if level <= low + MARGIN {
        -1
    } else {
        0
    }
}
