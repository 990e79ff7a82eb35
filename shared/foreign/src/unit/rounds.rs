//! Who may step now.

use std::mem;
use std::sync::Arc;

use shared::time::Tick;
use shared::value::{Origin, Value};

use super::Unit;
use super::arriving::arriving;
use super::feed::{Feed, Source};
use super::member::{Member, Phase};
use super::moment::{Delay, Moment};
use crate::Fault;
use crate::simulator::FAILED;

/// How often loops of weak connections are gone through in a tick, as in mosaik.
const MAX_ROUNDS: u32 = 100;

impl Unit {
    /// Starts the steps that can be made. Returns whether there were any.
    pub(super) fn start_steps(&mut self, tick: Tick) -> Result<bool, Fault> {
        if self
            .members
            .iter()
            .any(|member| member.phase == Phase::SettingUp)
        {
            return Ok(false);
        }
        let mut any = false;
        for place in 0..self.members.len() {
            if let Some(moment) = self.can_step(place, tick) {
                self.start_step(place, moment)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// Whether all are through with a tick.
    pub(super) fn is_through(&self, tick: Tick) -> bool {
        let members = &mut self.members.iter();
        members.all(|member| member.phase == Phase::Idle && !is_at(member, tick))
    }

    /// The moment of the step that a simulator can make.
    fn can_step(&self, place: usize, tick: Tick) -> Option<Moment> {
        let member = &self.members[place];
        let moment = *member.due.first().filter(|moment| moment.tick == tick)?;
        let is_later = |other: &Member| other.earliest().is_none_or(|earliest| earliest > moment);
        let is_not_earlier =
            |other: &Member| other.earliest().is_none_or(|earliest| earliest >= moment);
        let can = member.phase == Phase::Idle
            && member
                .before
                .iter()
                .all(|&other| !is_at(&self.members[other], tick))
            && member
                .earlier
                .iter()
                .all(|&other| is_later(&self.members[other]))
            && self
                .members
                .iter()
                .all(|other| other.group != member.group || is_not_earlier(other));
        can.then_some(moment)
    }

    fn start_step(&mut self, place: usize, moment: Moment) -> Result<(), Fault> {
        if moment.round >= MAX_ROUNDS {
            return Err(self.endless(place, moment));
        }
        let member = &mut self.members[place];
        member.due.pop_first();
        let max_advance = self.max_advance(place, moment.tick);
        let Self {
            members,
            feeds,
            arrived,
            ..
        } = self;
        // What the others hold is looked at while the one is asked.
        let values = fed_values(members, feeds, arrived, place, moment);
        let member = &mut members[place];
        let set = mem::take(&mut member.set);
        let inputs = arriving(&member.entities, set, |feed| values[feed].clone());
        member.ask_step(moment, inputs, max_advance)
    }

    /// The tick up to which nothing can come to a simulator, as far as is known.
    fn max_advance(&self, place: usize, tick: Tick) -> i64 {
        let member = &self.members[place];
        let due = |member: &Member| member.due.first().map(|due| due.tick);
        let by = member.triggered_by.iter();
        let by = by.filter_map(|&(other, ticks)| Some(due(&self.members[other])? + ticks));
        let outside = member.triggered_from_outside.iter();
        let outside = outside
            .filter_map(|&(rhythm, ticks)| Some(rhythm.next_after(tick, self.ticks)? + ticks));
        let first = by.chain(outside).chain(due(member)).min();
        first
            .unwrap_or(self.ticks + 1)
            .min(self.ticks + 1)
            .cast_signed()
            - 1
    }

    /// How far simulators are, on average, in percent of the run.
    pub(super) fn progress(&self) -> f64 {
        let earliest = |member: &Member| member.earliest().map(|moment| moment.tick);
        let ticks = self.members.iter().map(|member| {
            let by = member.triggered_by.iter();
            let by = by.filter_map(|&(other, ticks)| Some(earliest(&self.members[other])? + ticks));
            by.chain(earliest(member))
                .min()
                .unwrap_or(self.ticks)
                .min(self.ticks)
        });
        let sum: u64 = ticks.sum();
        sum as f64 / self.members.len() as f64 * 100.0 / self.ticks.max(1) as f64
    }

    /// A loop that comes to no rest.
    fn endless(&self, place: usize, moment: Moment) -> Fault {
        let member = &self.members[place];
        let weak = self.feeds.iter().filter_map(|feed| match &feed.source {
            Source::Inside(inside)
                if inside.delay == Delay::Weak && self.members[feed.to].group == member.group =>
            {
                let name = |place: usize| self.members[place].running.simulator.name();
                Some(format!("'{}' to '{}'", name(inside.member), name(feed.to)))
            }
            _ => None,
        });
        let mut weak: Vec<String> = weak.collect();
        weak.dedup();
        let message = format!(
            "it is triggered again and again at tick {}: its loop has been gone through {MAX_ROUNDS} times, over the \
             weak connection from {}; one of these simulators has to stop answering values there once nothing changes",
            moment.tick,
            weak.join(" and from ")
        );
        member.running.simulator.fault(FAILED, message)
    }
}

/// Whether a simulator works or has to at a tick.
fn is_at(member: &Member, tick: Tick) -> bool {
    member
        .earliest()
        .is_some_and(|earliest| earliest.tick <= tick)
}

/// The values of all feeds of a simulator at the moment of its step; those of others are empty.
fn fed_values(
    members: &[Member],
    feeds: &mut [Feed],
    arrived: &[Value],
    place: usize,
    moment: Moment,
) -> Vec<Option<Value>> {
    let has_envelopes = members[place].running.has_envelopes;
    let values = feeds.iter_mut().map(|feed| {
        if feed.to != place {
            return None;
        }
        let value = match &mut feed.source {
            Source::Outside { input, place, .. } => {
                let value = arrived.get(*input);
                let value = match (value, *place) {
                    (Some(Value::List(values)), Some(place)) => values.get(place),
                    (value, _) => value,
                };
                Some(value.cloned().unwrap_or_default())
            }
            Source::Inside(inside) => {
                let outlet = &members[inside.member].outlets[inside.outlet];
                if outlet.is_event {
                    inside.take_event(moment)
                } else {
                    let held = outlet.held(inside, moment).or(inside.initial.as_ref());
                    Some(held.cloned().unwrap_or_default())
                }
            }
        };
        value.map(|value| {
            if has_envelopes {
                enveloped(value, feed.meaning)
            } else {
                value
            }
        })
    });
    values.collect()
}

/// A value with what it means, as classes of the Illuminator have it.
fn enveloped(value: Value, meaning: Origin) -> Value {
    let origin = match meaning {
        Origin::Output => "output",
        Origin::State => "state",
    };
    let is_numpy = matches!(value, Value::Numpy(_));
    let mut parts: Vec<(Arc<str>, Value)> = vec![
        ("message_origin".into(), Value::text(origin)),
        ("value".into(), value),
    ];
    if is_numpy {
        // JSON does not tell it from other floats, and it is rounded in another way.
        parts.push(("numpy".into(), Value::Bool(true)));
    }
    Value::Map(parts.into())
}
