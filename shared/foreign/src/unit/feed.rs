//! What arrives at a simulator: one source at one attribute of an entity.

use std::sync::Arc;

use shared::value::{Origin, Value};

use super::moment::{Delay, Moment};
use super::rhythm::Rhythm;

/// A connection into a simulator of a unit.
#[derive(Debug)]
pub(super) struct Feed {
    /// The simulator, as a place in the unit.
    pub(super) to: usize,
    /// Whether a step is due when something new arrives.
    pub(super) is_trigger: bool,
    /// What the value means, for simulators that want to hear it.
    pub(super) meaning: Origin,
    pub(super) source: Source,
}

/// Where the values come from.
#[derive(Debug)]
pub(super) enum Source {
    /// From outside of the unit.
    Outside {
        /// The input of the unit.
        input: usize,
        /// Its place in the list there, where that has several sources.
        place: Option<usize>,
        /// When its values are new.
        rhythm: Rhythm,
    },
    /// From a simulator of the unit.
    Inside(Inside),
}

/// What comes from a simulator of the unit.
#[derive(Debug)]
pub(super) struct Inside {
    /// The simulator.
    pub(super) member: usize,
    /// Its outlet.
    pub(super) outlet: usize,
    pub(super) delay: Delay,
    /// Whether the loops of both are gone through together.
    pub(super) is_same_group: bool,
    /// What stands there before anything has come.
    pub(super) initial: Option<Value>,
    /// Events that have been sent and not been taken, in the order of their arrival.
    pub(super) events: Vec<(Moment, Value)>,
}

impl Inside {
    /// When something arrives that was sent then.
    pub(super) fn arrival(&self, sent: Moment) -> Moment {
        let arrival = self.delay.after(sent);
        if self.is_same_group {
            arrival
        } else {
            Moment::of(arrival.tick)
        }
    }

    /// Takes an event that was sent then.
    pub(super) fn send(&mut self, sent: Moment, value: Value) {
        let arrival = self.arrival(sent);
        // Of those before this tick only the last one can still be seen.
        let old = self
            .events
            .partition_point(|(earlier, _)| earlier.tick < sent.tick);
        self.events.drain(..old.saturating_sub(1));
        let place = self
            .events
            .partition_point(|(earlier, _)| *earlier <= arrival);
        self.events.insert(place, (arrival, value));
    }

    /// Takes what has arrived by then. Of several events the last one counts. What has an initial value always has
    /// a value.
    pub(super) fn take_event(&mut self, now: Moment) -> Option<Value> {
        let count = self.events.partition_point(|(arrival, _)| *arrival <= now);
        let last = self
            .events
            .drain(..count)
            .next_back()
            .map(|(_, value)| value);
        if last.is_some() && self.initial.is_some() {
            self.initial.clone_from(&last);
        }
        last.or_else(|| self.initial.clone())
    }
}

/// What a simulator is asked for after each step.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) entity: Arc<str>,
    pub(super) attribute: Arc<str>,
    /// Whether its values are there at their moment only.
    pub(super) is_event: bool,
    /// The feeds that come from here.
    pub(super) feeds: Vec<usize>,
    /// Its values, as far as somebody may still want them, in their order.
    values: Vec<(Moment, Value)>,
}

impl Outlet {
    pub(super) fn new(entity: Arc<str>, attribute: Arc<str>, is_event: bool) -> Self {
        Self {
            entity,
            attribute,
            is_event,
            feeds: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Notes a value of that moment.
    pub(super) fn note(&mut self, moment: Moment, now: Moment, value: Value) {
        // Who looks a tick back wants the last one before this tick.
        let old = self
            .values
            .partition_point(|(earlier, _)| earlier.tick < now.tick);
        self.values.drain(..old.saturating_sub(1));
        let place = self
            .values
            .partition_point(|(earlier, _)| *earlier <= moment);
        self.values.insert(place, (moment, value));
    }

    /// What holds for a feed at that moment.
    pub(super) fn held(&self, feed: &Inside, now: Moment) -> Option<&Value> {
        let count = self
            .values
            .partition_point(|(moment, _)| feed.arrival(*moment) <= now);
        let (_, value) = self.values[..count].last()?;
        Some(value)
    }

    /// What it comes to at the end of a tick.
    pub(super) fn at(&self, tick: u64) -> Option<&Value> {
        let count = self
            .values
            .partition_point(|(moment, _)| moment.tick <= tick);
        let (moment, value) = self.values[..count].last()?;
        (!self.is_event || moment.tick == tick).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(tick: u64, round: u32) -> Moment {
        Moment { tick, round }
    }

    fn inside(delay: Delay, initial: Option<Value>) -> Inside {
        Inside {
            member: 0,
            outlet: 0,
            delay,
            is_same_group: true,
            initial,
            events: Vec::new(),
        }
    }

    #[test]
    fn an_event_is_taken_once_and_the_last_of_several_counts() {
        let mut feed = inside(Delay::Weak, None);
        feed.send(at(3, 0), Value::Int(1));
        assert_eq!(feed.take_event(at(3, 0)), None);
        feed.send(at(3, 1), Value::Int(2));
        assert_eq!(feed.take_event(at(3, 2)), Some(Value::Int(2)));
        assert_eq!(feed.take_event(at(3, 3)), None);
        for tick in 4..1000 {
            feed.send(at(tick, 0), Value::Int(3));
            assert!(feed.events.len() < 3);
        }
        feed.send(at(2000, 0), Value::Int(4));
        assert_eq!(feed.take_event(at(1500, 0)), Some(Value::Int(3)));
        assert_eq!(feed.take_event(at(2000, 1)), Some(Value::Int(4)));
    }

    #[test]
    fn an_event_with_an_initial_value_holds() {
        let mut feed = inside(Delay::Shifted, Some(Value::Int(0)));
        feed.send(at(0, 0), Value::Int(1));
        assert_eq!(feed.take_event(at(0, 0)), Some(Value::Int(0)));
        assert_eq!(feed.take_event(at(1, 0)), Some(Value::Int(1)));
        assert_eq!(feed.take_event(at(2, 0)), Some(Value::Int(1)));
    }

    #[test]
    fn a_value_holds_until_there_is_a_newer_one() {
        let mut outlet = Outlet::new("e".into(), "a".into(), false);
        let (direct, shifted, weak) = (
            inside(Delay::Direct, None),
            inside(Delay::Shifted, None),
            inside(Delay::Weak, None),
        );
        assert_eq!(outlet.at(0), None);
        for tick in [0_u64, 2, 5] {
            for round in 0..2 {
                let value = Value::Int(tick.cast_signed() * 10 + i64::from(round));
                outlet.note(at(tick, round), at(tick, round), value);
            }
        }
        let held = |feed, tick, round| outlet.held(feed, at(tick, round)).cloned();
        assert_eq!(held(&direct, 5, 0), Some(Value::Int(50)));
        assert_eq!(held(&direct, 7, 0), Some(Value::Int(51)));
        assert_eq!(held(&weak, 5, 1), Some(Value::Int(50)));
        assert_eq!(held(&weak, 5, 0), Some(Value::Int(21)));
        assert_eq!(held(&shifted, 5, 9), Some(Value::Int(21)));
        assert_eq!(outlet.at(4), Some(&Value::Int(21)));
        outlet.is_event = true;
        assert_eq!(outlet.at(5), Some(&Value::Int(51)));
        assert_eq!(outlet.at(6), None);
    }
}
