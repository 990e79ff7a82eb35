//! A unit: simulators that take turns, as one model. Within it, time is as mosaik has it.
//!
//! A step of the unit is all that its simulators do at one tick. It is put off until they have answered. In a tick
//! each simulator steps once what it depends on has stepped; those that do not depend on each other step at the
//! same time. A weak connection delivers in the next *round* of the same tick, to simulators of the same *group*:
//! those that are connected in a loop of direct and weak connections. A group goes through its rounds alone, before
//! those that depend on it.

mod arriving;
mod asked;
mod check;
mod feed;
mod layout;
mod loan;
mod loans;
mod member;
mod moment;
mod order;
mod reach;
mod requests;
mod rhythm;
mod rounds;

use shared::index::Index;
use shared::journal::Outside;
use shared::model::{InputSlot, Model, PublishedSlot, Step, StepError, Waker};
use shared::time::Tick;
use shared::value::Value;

use asked::Asked;
pub(crate) use check::check;
use feed::{Feed, Source};
use layout::{Layout, OutletPlace, lay_out};
use loan::Loans;
use member::{Member, Phase};
use moment::Moment;

use crate::running::Running;
use crate::simulator::{Heard, ROOM};
use crate::wire::Call;
use crate::{Fault, RelationGraph, UnitWiring};

/// Simulators that take turns.
#[derive(Debug)]
pub(crate) struct Unit {
    members: Vec<Member>,
    feeds: Vec<Feed>,
    published: Vec<(OutletPlace, Option<Value>)>,
    /// Which simulators may be asked by which while these step.
    asynchronous: Vec<(usize, usize)>,
    graph: RelationGraph,
    loans: Loans,
    /// The number of ticks of the run.
    ticks: Tick,
    /// Whether steps are due at ticks that the simulators name, and at no others.
    is_time_based: bool,
    /// The tick at which the simulators are.
    now: Option<Tick>,
    /// Whether they are in the middle of it.
    is_under_way: bool,
    /// Whether any of them has begun a step there.
    has_started: bool,
    /// What has arrived for it.
    arrived: Vec<Value>,
    /// The steps that they ask for.
    asked: Asked,
    /// What was wrong between two steps.
    fault: Option<Fault>,
    /// What the user is to be told with the next step.
    remarks: Vec<String>,
}

impl Unit {
    /// A unit of these simulators, which have been checked for the wiring.
    pub(crate) fn new(wiring: &UnitWiring, running: Vec<Running>) -> Self {
        let Layout {
            members,
            feeds,
            published,
        } = lay_out(wiring, running);
        let place = |number| wiring.simulators.iter().position(|known| *known == number);
        let asynchronous = wiring.inside.iter().filter(|inside| inside.asynchronous);
        let asynchronous = asynchronous.filter_map(|inside| {
            Some((place(inside.from.simulator)?, place(inside.to.simulator)?))
        });
        Self {
            asynchronous: asynchronous.collect(),
            graph: wiring.graph.clone(),
            loans: Loans::default(),
            ticks: members
                .iter()
                .map(|member| member.running.ticks)
                .max()
                .unwrap_or(0),
            is_time_based: members.iter().all(Member::is_time_based),
            now: None,
            is_under_way: false,
            has_started: false,
            arrived: Vec::new(),
            asked: Asked::default(),
            fault: None,
            remarks: Vec::new(),
            members,
            feeds,
            published,
        }
    }

    /// Begins a tick.
    fn begin(&mut self, step: &Step<'_>) -> Result<(), Fault> {
        let tick = step.tick();
        if self.now.is_none() {
            for member in &mut self.members {
                if member.running.interface.has_setup_done {
                    member
                        .running
                        .simulator
                        .ask(&Call::new("setup_done", Vec::new()));
                    member.running.simulator.send()?;
                    member.phase = Phase::SettingUp;
                }
            }
        }
        self.now = Some(tick);
        (self.is_under_way, self.has_started) = (true, false);
        for place in self.asked.begin(tick) {
            self.members[place].due.insert(Moment::of(tick));
        }
        self.arrived.clear();
        let inputs = step_inputs(step, &self.feeds);
        self.arrived.extend(inputs);
        for feed in self.feeds.iter().filter(|feed| feed.is_trigger) {
            if let Source::Outside { rhythm, .. } = feed.source
                && rhythm.is_new_at(tick)
            {
                self.members[feed.to].due.insert(Moment::of(tick));
            }
        }
        Ok(())
    }

    /// Takes all that has come, and has everybody do what can be done. Returns whether the tick is through.
    fn advance(&mut self, tick: Tick) -> Result<bool, Fault> {
        let mut taken = vec![0; self.members.len()];
        loop {
            let has_heard = self.hear(tick, &mut taken)?;
            let starts = self.start_steps(tick)?;
            self.has_started |= starts;
            if !starts && !has_heard {
                return Ok(self.is_through(tick));
            }
        }
    }

    /// Takes all that has come. Returns whether that was anything.
    ///
    /// Of one that speaks without end no more is taken at a time than can have waited and one message more, which
    /// then has come meanwhile, and has called for another try.
    fn hear(&mut self, tick: Tick, taken: &mut [usize]) -> Result<bool, Fault> {
        let mut any = false;
        for (place, taken) in taken.iter_mut().enumerate() {
            while *taken <= ROOM
                && let Some(heard) = self.members[place].running.simulator.hear()?
            {
                any = true;
                *taken += 1;
                match heard {
                    Heard::Answer(value, asked) => self.answered(place, tick, &value, asked)?,
                    Heard::Request(number, call) => self.requested(place, number, &call)?,
                }
            }
        }
        Ok(any)
    }

    /// Takes an answer.
    fn answered(
        &mut self,
        place: usize,
        tick: Tick,
        value: &Value,
        asked: String,
    ) -> Result<(), Fault> {
        let member = &mut self.members[place];
        match member.phase {
            Phase::Stepping(moment) => {
                if let Some(next) = member.stepped(moment, value, asked)?
                    && next < self.ticks
                {
                    member.due.insert(Moment::of(next));
                }
            }
            Phase::Telling(moment) => {
                let (sent, values) = member.told(moment, value, &asked)?;
                self.deliver(place, Moment::of(tick), sent, values);
            }
            Phase::Lending => self.lent(place, value, &asked)?,
            Phase::SettingUp | Phase::Idle => member.phase = Phase::Idle,
        }
        Ok(())
    }

    /// Hands out what a simulator has told.
    fn deliver(&mut self, place: usize, now: Moment, sent: Moment, values: Vec<Option<Value>>) {
        for (outlet, value) in values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let outlet = &mut self.members[place].outlets[outlet];
            let (feeds, is_event) = (outlet.feeds.clone(), outlet.is_event);
            outlet.note(sent, now, value.clone());
            for feed in feeds {
                let feed = &mut self.feeds[feed];
                let Source::Inside(inside) = &mut feed.source else {
                    continue;
                };
                if is_event {
                    inside.send(sent, value.clone());
                }
                let arrival = inside.arrival(sent);
                if feed.is_trigger {
                    self.members[feed.to].due.insert(arrival);
                }
            }
        }
    }

    /// Publishes what the tick has come to.
    fn publish(&mut self, step: &mut Step<'_>) {
        self.asked.taken().for_each(|place| step.note_asked(place));
        for remark in self.remarks.drain(..) {
            step.remark(remark);
        }
        for (slot, (place, initial)) in self.published.iter().enumerate() {
            let outlet = &self.members[place.member].outlets[place.outlet];
            let value = outlet
                .at(step.tick())
                .or(initial.as_ref().filter(|_| !outlet.is_event));
            step.publish(PublishedSlot::at(slot), value.cloned().unwrap_or_default());
        }
    }
}

/// The values at the inputs that have feeds.
fn step_inputs(step: &Step<'_>, feeds: &[Feed]) -> Vec<Value> {
    let inputs = feeds.iter().filter_map(|feed| match feed.source {
        Source::Outside { input, .. } => Some(input + 1),
        Source::Inside(_) => None,
    });
    let count = inputs.max().unwrap_or(0);
    let value = |slot| step.value(InputSlot::at(slot)).cloned().unwrap_or_default();
    (0..count).map(value).collect()
}

impl Model for Unit {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let tick = step.tick();
        if let Some(fault) = self.fault.take() {
            return Err(fault.into());
        }
        if self.now != Some(tick) {
            self.begin(step)?;
        }
        if !self.advance(tick)? {
            step.put_off();
            return Ok(());
        }
        self.is_under_way = false;
        self.publish(step);
        if self.is_time_based && !self.asked.is_paced {
            let due = self.members.iter().filter_map(|member| member.due.first());
            let due = due.map(|moment| moment.tick).chain(self.asked.next());
            match due.min() {
                Some(next) => step.come_again(next),
                None => step.never_again(),
            }
        } else {
            // Something may come in between, from outside or because a simulator asks for it.
            step.come_again(tick + 1);
        }
        Ok(())
    }

    fn attend(&mut self, waker: &Waker, outside: &Outside) -> bool {
        self.asked.attend(outside, self.members.len(), self.now);
        for member in &self.members {
            member.running.simulator.wake_with(waker);
        }
        true
    }

    fn listen(&mut self) {
        // In the middle of a step the step does it.
        let (Some(now), false, None) = (self.now, self.is_under_way, &self.fault) else {
            return;
        };
        let mut taken = vec![0; self.members.len()];
        while self.fault.is_none() {
            match self.hear(now, &mut taken) {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => self.fault = Some(fault),
            }
        }
    }
}
