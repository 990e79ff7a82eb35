//! Steps that simulators ask for themselves, in a run with a pace: mosaik calls them events.
//!
//! They come from outside, at a tick: what was taken is on record, and comes from there in a replay. Until its tick
//! begins such a step is known to nobody else, so no `max_advance` depends on when it was asked for.

use std::collections::{BTreeMap, BTreeSet};

use shared::journal::{Outside, What};
use shared::time::Tick;
use shared::value::Value;

use super::Unit;
use super::moment::Moment;
use super::requests::refused;
use crate::said::json;
use crate::wire::Failed;

/// The most of these steps of a unit that may be to come.
const MAX_ASKED: usize = 64 * 1024;

/// Steps that simulators ask for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Whether the run keeps to a pace.
    pub(super) is_paced: bool,
    /// Before this tick they come from a record, and from nowhere else.
    recorded: Tick,
    /// Those to come, and whose they are.
    due: BTreeMap<Tick, BTreeSet<usize>>,
    /// Whose are those of this tick.
    now: BTreeSet<usize>,
}

impl Asked {
    /// Takes it as the plan says, in a unit of so many simulators that has begun its steps up to a tick. What is known
    /// already may come again.
    pub(super) fn attend(&mut self, outside: &Outside, members: usize, begun: Option<Tick>) {
        self.is_paced = outside.paced;
        self.recorded = self.recorded.max(outside.recorded);
        for (tick, what) in &outside.comes {
            if let What::Asked { simulator } = what
                && usize::from(*simulator) < members
                && Some(*tick) > begun
            {
                let due = self.due.entry(*tick).or_default();
                due.insert((*simulator).into());
            }
        }
    }

    /// The tick of the next one.
    pub(super) fn next(&self) -> Option<Tick> {
        self.due.keys().next().copied()
    }

    /// Begins a tick. Returns whose steps were asked for.
    pub(super) fn begin(&mut self, tick: Tick) -> impl Iterator<Item = usize> {
        self.now = self.due.remove(&tick).unwrap_or_default();
        self.now.iter().copied()
    }

    /// Whose steps of this tick were asked for, as a record has them.
    pub(super) fn taken(&self) -> impl Iterator<Item = u16> {
        self.now
            .iter()
            .filter_map(|&place| u16::try_from(place).ok())
    }
}

impl Unit {
    /// Takes it that a simulator wants a step at a tick.
    pub(super) fn set_event(&mut self, place: usize, at: &Value) -> Result<(), Failed> {
        let &Value::Int(at) = at else {
            return Err(refused(format!(
                "'set_event' takes a tick, an integer, and gets {}",
                json(at)
            )));
        };
        if u64::try_from(at).is_ok_and(|tick| tick < self.asked.recorded) {
            // This one was asked for in the run that is on record, or it is none of it.
            return Ok(());
        }
        if !self.asked.is_paced {
            return Err(refused(
                "'set_event' works in runs in real time only, and this is none; give it a pace, such as --pace 1/s",
            ));
        }
        let first = match self.now {
            Some(now) if self.is_under_way && !self.has_started => now,
            Some(now) => now + 1,
            None => 0,
        };
        let Some(tick) = u64::try_from(at).ok().filter(|tick| *tick >= first) else {
            return Err(refused(format!(
                "'set_event' asks for a step at tick {at}, which is over; tick {first} is the next one"
            )));
        };
        if tick >= self.ticks {
            self.tell_of_late_event(place, tick);
            return Ok(());
        }
        if self.now == Some(tick) {
            self.asked.now.insert(place);
            self.members[place].due.insert(Moment::of(tick));
            return Ok(());
        }
        let waiting: usize = self.asked.due.values().map(BTreeSet::len).sum();
        if waiting >= MAX_ASKED {
            return Err(refused(format!(
                "{MAX_ASKED} steps that 'set_event' asked for are to come, and no more can be kept"
            )));
        }
        self.asked.due.entry(tick).or_default().insert(place);
        Ok(())
    }

    /// Has it said once that somebody wants steps behind the end of the run.
    fn tell_of_late_event(&mut self, place: usize, tick: Tick) {
        if !std::mem::replace(&mut self.members[place].was_late, true) {
            let name = self.members[place].running.simulator.name();
            self.remarks.push(format!(
                "simulator '{name}' asks for a step at tick {tick} by 'set_event', and the run has {} ticks; such steps \
                 are left out",
                self.ticks
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_come_part_by_part_and_what_is_known_again() {
        let outside = |ticks: &[Tick], recorded| Outside {
            comes: ticks
                .iter()
                .map(|tick| (*tick, What::Asked { simulator: 1 }))
                .collect(),
            recorded,
            ..Outside::default()
        };
        let mut asked = Asked::default();
        asked.attend(&outside(&[0, 2, 5], 9), 2, None);
        for tick in [0, 2] {
            assert_eq!(asked.next(), Some(tick));
            assert_eq!(asked.begin(tick).collect::<Vec<_>>(), [1]);
        }
        asked.attend(&outside(&[0, 2, 5, 7], 9), 2, Some(2));
        assert_eq!(
            asked.taken().collect::<Vec<_>>(),
            [1],
            "the tick is under way"
        );
        asked.attend(&outside(&[], 0), 2, Some(2));
        assert_eq!(asked.recorded, 9);
        let ticks: Vec<Tick> = asked.due.keys().copied().collect();
        assert_eq!(ticks, [5, 7]);
        // There is no such simulator.
        asked.attend(&outside(&[8], 9), 1, Some(2));
        assert_eq!(asked.due.len(), 2);
    }
}
