//! A simulator of a unit: when its steps are due, and what it is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::value::Value;

use super::arriving::FedEntity;
use super::feed::Outlet;
use super::moment::Moment;
use super::rhythm::Rhythm;
use crate::running::Running;
use crate::wire::Call;
use crate::{Fault, SimulatorKind};

/// A simulator of a unit.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) running: Running,
    /// What mosaik calls it.
    pub(super) sid: String,
    pub(super) phase: Phase,
    /// When its next steps are due.
    pub(super) due: BTreeSet<Moment>,
    pub(super) outlets: Vec<Outlet>,
    /// The argument of `get_data`.
    pub(super) wanted: Value,
    /// What arrives, in the order of the connections.
    pub(super) entities: Vec<FedEntity>,
    /// What others have set, for its next step: entity, attribute, who, and the value.
    pub(super) set: Vec<(String, Arc<str>, Arc<str>, Value)>,
    /// Whether it has asked for a step behind the end of the run.
    pub(super) was_late: bool,
    /// Its group: those whose loops are gone through together.
    pub(super) group: usize,
    /// Those of its group that step before it in a round.
    pub(super) earlier: Vec<usize>,
    /// Those that are through with a tick before it begins it.
    pub(super) before: Vec<usize>,
    /// Whose steps may come to trigger one of its own, and how many ticks later at least.
    pub(super) triggered_by: Vec<(usize, u64)>,
    /// When what comes from outside is new and may do that, and how many ticks later at least.
    pub(super) triggered_from_outside: Vec<(Rhythm, u64)>,
}

/// What a simulator is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing.
    Idle,
    /// It hears that everything has been created.
    SettingUp,
    /// It makes a step.
    Stepping(Moment),
    /// It tells what came of the step.
    Telling(Moment),
    /// It tells something to another one that has asked.
    Lending,
}

impl Member {
    /// The moment at which it works, if it does.
    pub(super) fn working(&self) -> Option<Moment> {
        match self.phase {
            Phase::Stepping(moment) | Phase::Telling(moment) => Some(moment),
            Phase::Idle | Phase::SettingUp | Phase::Lending => None,
        }
    }

    /// The earliest moment at which it works or has to.
    pub(super) fn earliest(&self) -> Option<Moment> {
        self.working().or_else(|| self.due.first().copied())
    }

    pub(super) fn is_time_based(&self) -> bool {
        self.running.description.kind == SimulatorKind::TimeBased
    }

    /// Asks for a step, and for what comes of it where that goes together.
    pub(super) fn ask_step(
        &mut self,
        moment: Moment,
        inputs: Value,
        max_advance: i64,
    ) -> Result<(), Fault> {
        let mut arguments = vec![Value::Int(moment.tick.cast_signed()), inputs];
        if self.running.interface.has_max_advance {
            arguments.push(Value::Int(max_advance));
        }
        self.running.simulator.ask(&Call::new("step", arguments));
        self.phase = Phase::Stepping(moment);
        if self.asks_together() {
            self.ask_data();
        }
        self.running.simulator.send()
    }

    /// Whether a step and the question for its results go in one packet. Where a step may come to no results,
    /// nothing is asked ahead.
    fn asks_together(&self) -> bool {
        self.running.pipeline && self.is_time_based() && !self.outlets.is_empty()
    }

    fn ask_data(&mut self) {
        let call = Call::new("get_data", vec![self.wanted.clone()]);
        self.running.simulator.ask(&call);
    }

    /// Takes the answer to a step. Returns the tick of the next one, where it named one.
    pub(super) fn stepped(
        &mut self,
        moment: Moment,
        answer: &Value,
        asked: String,
    ) -> Result<Option<u64>, Fault> {
        let tick = moment.tick;
        let next = match *answer {
            Value::Int(next) if next > tick.cast_signed() => Some(next.cast_unsigned()),
            Value::Null if !self.is_time_based() => None,
            _ => {
                let or_null = if self.is_time_based() { "" } else { " or null" };
                let message = format!(
                    "'step' at tick {tick} should answer the next tick, an integer above {tick}{or_null}, and \
                     answers {}",
                    crate::said::json(answer)
                );
                return Err(self.running.simulator.nonsense(message, Some(asked)));
            }
        };
        if self.outlets.is_empty() {
            self.phase = Phase::Idle;
        } else {
            self.phase = Phase::Telling(moment);
            if !self.asks_together() {
                self.ask_data();
                self.running.simulator.send()?;
            }
        }
        Ok(next)
    }

    /// Takes the answer to the question for data: the moment of it, and for each outlet its value, if it has one.
    pub(super) fn told(
        &mut self,
        moment: Moment,
        answer: &Value,
        asked: &str,
    ) -> Result<(Moment, Vec<Option<Value>>), Fault> {
        self.phase = Phase::Idle;
        let simulator = &self.running.simulator;
        let nonsense = |what: String| {
            let message = format!("'get_data' at tick {} {what}", moment.tick);
            simulator.nonsense(message, Some(asked.to_owned()))
        };
        let Value::Map(entities) = answer else {
            return Err(nonsense(format!(
                "should answer a mapping, and answers {}",
                crate::said::json(answer)
            )));
        };
        let sent = match answer.get("time") {
            None => moment,
            Some(_) if self.is_time_based() => moment,
            Some(&Value::Int(time)) if time == moment.tick.cast_signed() => moment,
            Some(&Value::Int(time)) if time > moment.tick.cast_signed() => {
                Moment::of(time.cast_unsigned())
            }
            Some(other) => {
                let time = crate::said::json(other);
                return Err(nonsense(format!(
                    "says that it is of tick {time}, which is no later one"
                )));
            }
        };
        let mut values = Vec::with_capacity(self.outlets.len());
        let (mut near, mut within) = (0, 0);
        for outlet in &self.outlets {
            let entity = find(entities, &outlet.entity, &mut near);
            let value = match entity {
                None => None,
                Some(Value::Map(attributes)) => find(attributes, &outlet.attribute, &mut within),
                Some(other) => {
                    let other = crate::said::json(other);
                    return Err(nonsense(format!(
                        "should have a mapping for '{}', and has {other}",
                        outlet.entity
                    )));
                }
            };
            if value.is_none() && self.is_time_based() {
                let Outlet {
                    entity, attribute, ..
                } = outlet;
                return Err(nonsense(format!(
                    "gives no '{attribute}' of '{entity}', which it was asked for"
                )));
            }
            values.push(value.map(|value| bare(value, self.running.has_envelopes)));
        }
        Ok((sent, values))
    }
}

/// The entry with this key. Entries mostly come in the order in which they are asked for: it is looked first where
/// the last one was found, and behind it.
fn find<'a>(entries: &'a [(Arc<str>, Value)], key: &str, near: &mut usize) -> Option<&'a Value> {
    let is_it = |place: &usize| {
        entries
            .get(*place)
            .is_some_and(|(known, _)| **known == *key)
    };
    let place = [*near, *near + 1].into_iter().find(is_it);
    let place = place.or_else(|| (0..entries.len()).find(is_it))?;
    *near = place;
    Some(&entries[place].1)
}

/// A value without the envelope that says what it means.
fn bare(value: &Value, has_envelopes: bool) -> Value {
    let inner = match (value.get("message_origin"), value.get("value")) {
        (Some(_), Some(inner)) if has_envelopes => inner,
        _ => return value.clone(),
    };
    match (inner, value.get("numpy")) {
        (&Value::Float(float), Some(Value::Bool(true))) => Value::Numpy(float),
        _ => inner.clone(),
    }
}
