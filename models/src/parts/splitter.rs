//! A flow that is split over several outlets.

use shared::model::{
    Build, BuildError, InputSlot, Literal, Memory, Model, Parameter, ParameterSlot, PublishedSlot,
    Range, Step, StepError,
};
use shared::value::{Kind, Origin, Value};

use super::quantities::{MARGIN, Received, count, numbers, one, publish};

pub(crate) const MODE: Parameter = Parameter::choice(
    "mode",
    &["priority", "ratio"],
    "who gets what: the first outlet first, or each its share",
)
.with_default(Literal::text("priority"));

pub(crate) const OUTLETS: Parameter = Parameter::integer("outlets", "-", "number of outlets")
    .symbol("n")
    .with_default(Literal::Int(2))
    .in_range(&Range::between(1.0, 16.0));

pub(crate) const RATIOS: Parameter = Parameter::any(
    "ratios",
    "shares of the outlets for the mode 'ratio', each 0 at least and 1 together at most; null for equal ones",
)
.symbol("r_k")
.with_default(Literal::Null);

/// A valve: its flow, the limits of its outlets, what flows out of them, and what is left.
pub(crate) struct Splitter {
    received: Received,
    /// The shares; without them the first outlet is served first.
    ratios: Option<Vec<f64>>,
    outlets: Vec<(InputSlot, PublishedSlot)>,
}

const MODE_SLOT: ParameterSlot = ParameterSlot::new(0);
const OUTLETS_SLOT: ParameterSlot = ParameterSlot::new(1);
const RATIOS_SLOT: ParameterSlot = ParameterSlot::new(2);
const FLOW: InputSlot = InputSlot::new(0);
const REST: PublishedSlot = PublishedSlot::new(0);

impl Splitter {
    /// A valve for flows in this unit.
    pub(crate) fn new(build: &mut Build<'_>, unit: &'static str) -> Result<Self, BuildError> {
        let count = count(build, OUTLETS_SLOT);
        let ratios = ratios(build.parameter(RATIOS_SLOT), count)?;
        let is_by_ratio = build.text(MODE_SLOT) == "ratio";
        let mut outlets = Vec::new();
        for outlet in 1..=count {
            let mut limit = one(
                "",
                unit,
                "largest flow through an outlet; null for no limit",
            );
            limit.name = format!("limit_{outlet}").into();
            let flow = format!("out_{outlet}");
            let flow = build.publish_also(&flow, Origin::Output, Kind::Number)?;
            outlets.push((build.take_also(limit), flow));
        }
        Ok(Self {
            received: Received::new(build)?,
            ratios: is_by_ratio.then_some(ratios),
            outlets,
        })
    }
}

/// The shares of so many outlets.
fn ratios(given: &Value, count: usize) -> Result<Vec<f64>, BuildError> {
    if *given == Value::Null {
        return Ok(vec![1.0 / count as f64; count]);
    }
    let ratios = numbers(given).filter(|ratios| {
        ratios.len() == count
            && ratios.iter().all(|ratio| *ratio >= 0.0)
            && ratios.iter().sum::<f64>() <= 1.0 + MARGIN
    });
    ratios.ok_or_else(|| {
        let message = format!(
            "parameter 'ratios' must be a list of {count} shares, each 0 at least and 1 together at most, not {given}"
        );
        BuildError::invalid_parameter("ratios", message)
    })
}

impl Model for Splitter {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let flow = self.received.positive(step, FLOW)?;
        let mut rest = flow;
        for (place, &(limit, outlet)) in self.outlets.iter().enumerate() {
            let wanted = self
                .ratios
                .as_ref()
                .map_or(rest, |ratios| ratios[place] * flow);
            let limit = self.received.one(step, limit)?;
            let limit = limit.map_or(rest, |limit| limit.max(0.0));
            let taken = wanted.min(limit).min(rest);
            rest -= taken;
            publish(step, &[(outlet, taken)]);
        }
        publish(step, &[(REST, rest)]);
        Ok(())
    }

    fn memory(&mut self, _: &mut Memory<'_>) -> bool {
        true
    }
}
