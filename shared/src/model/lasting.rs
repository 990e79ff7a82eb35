//! Models that cannot be had again, and so last longer than the engines that step them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::made::not_again;
use super::{InputSlot, Made, Memory, Model, Step, StepError, Waker};
use crate::journal::Outside;

/// A model that is a program: what it has answered is kept, so that an engine that begins at an earlier tick gets the
/// same answers without asking again, and goes on with the program from there.
///
/// Its memory is how many steps it has made. Whoever puts that back begins there, so nobody will begin earlier, but for
/// somebody who begins with the first step: answers before it go where others need the room, and not before.
#[derive(Clone, Debug)]
pub struct Lasting {
    live: Arc<Mutex<Live>>,
    /// The steps that this one has made.
    made: u64,
}

struct Live {
    model: Box<dyn Model>,
    /// Whom to wake: whoever drives the newest engine.
    waker: Arc<Mutex<Option<Waker>>>,
    /// What the model said of its steps, once it was asked.
    attends: Option<bool>,
    /// The inputs that it has heard the sources of.
    connected: Vec<InputSlot>,
    kept: Kept,
}

/// The newest steps that were made.
#[derive(Debug)]
struct Kept {
    steps: VecDeque<Made>,
    /// How many are not there any more.
    forgotten: u64,
    /// How many there were when an engine went on last.
    settled: u64,
    /// What they take of memory, and may take.
    bytes: usize,
    limit: usize,
}

impl Kept {
    fn get(&self, place: u64) -> Result<Option<&Made>, &'static str> {
        let place = place.checked_sub(self.forgotten);
        let place = place.ok_or("more has been answered since than could be kept")?;
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        Ok(self.steps.get(place))
    }

    /// Keeps another step, and lets go of others where there are too many: of those that nobody but a beginner needs
    /// first, then of all, since whoever has to begin before has to have each of them.
    fn push(&mut self, step: Made) {
        self.bytes += step.bytes();
        self.steps.push_back(step);
        if self.bytes > self.limit {
            self.drop_before(self.settled);
        }
        if self.bytes > self.limit {
            self.drop_before(u64::MAX);
        }
    }

    fn drop_before(&mut self, place: u64) {
        while self.forgotten < place
            && let Some(step) = self.steps.pop_front()
        {
            self.bytes -= step.bytes();
            self.forgotten += 1;
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("forgotten", &self.kept.forgotten)
            .field("steps", &self.kept.steps.len())
            .finish_non_exhaustive()
    }
}

impl Lasting {
    /// A model that has not made a step, whose answers may take this many bytes.
    pub fn new(model: Box<dyn Model>, limit: usize) -> Self {
        let kept = Kept {
            steps: VecDeque::new(),
            forgotten: 0,
            settled: 0,
            bytes: 0,
            limit,
        };
        let live = Live {
            model,
            waker: Arc::default(),
            attends: None,
            connected: Vec::new(),
            kept,
        };
        Self {
            live: Arc::new(Mutex::new(live)),
            made: 0,
        }
    }

    /// The same model for another engine, before its first step.
    #[must_use]
    pub fn again(&self) -> Self {
        self.at(0)
    }

    /// The same model after so many steps.
    #[must_use]
    pub fn at(&self, made: u64) -> Self {
        Self {
            live: Arc::clone(&self.live),
            made,
        }
    }

    /// The steps that come next and have been made already: the first one, and others as far as all together have no
    /// more than so many bytes.
    pub fn ahead(&self, bytes: usize) -> Vec<Made> {
        let live = self.live();
        let made = self.made.checked_sub(live.kept.forgotten);
        let made = made.and_then(|made| usize::try_from(made).ok());
        let mut taken = 0;
        let steps = live.kept.steps.iter().skip(made.unwrap_or(usize::MAX));
        let is_wanted = |step: &&Made| {
            let is_first = taken == 0;
            taken += step.bytes();
            is_first || taken <= bytes
        };
        steps.take_while(is_wanted).cloned().collect()
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        // What a step left that panicked says nothing: the process ends.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model for Lasting {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let mut live = self.live();
        let made = live.kept.get(self.made);
        if let Some(made) = made.map_err(|why| not_again(step.tick, why))? {
            made.repeat(step)?;
        } else {
            live.model.step(step)?;
            if step.is_put_off() {
                return Ok(());
            }
            live.kept.push(Made::of(step));
        }
        drop(live);
        self.made += 1;
        Ok(())
    }

    fn connected(&mut self, input: InputSlot, sources: &[String]) {
        let mut live = self.live();
        if !live.connected.contains(&input) {
            live.connected.push(input);
            live.model.connected(input, sources);
        }
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.made);
        if memory.is_restored() {
            self.live().kept.settled = self.made;
        }
        true
    }

    fn attend(&mut self, waker: &Waker, outside: &Outside) -> bool {
        let mut live = self.live();
        let wake = Arc::clone(&live.waker);
        let newest = |wake: &Mutex<Option<Waker>>| {
            let waker = wake.lock().unwrap_or_else(PoisonError::into_inner);
            waker.clone()
        };
        *wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
        if let Some(attends) = live.attends {
            // What it said in between may have woken nobody.
            waker.wake();
            return attends;
        }
        let waker = Waker::new(move || {
            if let Some(waker) = newest(&wake) {
                waker.wake();
            }
        });
        let attends = live.model.attend(&waker, outside);
        live.attends = Some(attends);
        attends
    }

    fn listen(&mut self) {
        self.live().model.listen();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelType;
    use crate::time::Tick;
    use crate::value::Value;

    const ROOMY: usize = 1 << 20;

    static TYPE: ModelType = ModelType::new("Counter", |_| Ok(Box::new(Counter(0))));

    /// A program that counts how often it is asked, and answers the second time.
    struct Counter(i64);

    impl Model for Counter {
        fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
            self.0 += 1;
            if self.0 % 2 == 1 {
                step.put_off();
                return Ok(());
            }
            step.published[0] = Some(Value::Int(self.0));
            Ok(())
        }
    }

    /// Has a model make its step; returns what it publishes, unless it is put off.
    fn step(model: &mut Lasting, tick: Tick, input: i64) -> Result<Option<Value>, StepError> {
        let inputs = [Some(Value::Int(input))];
        let mut published = [None];
        let mut step = Step::new(tick, tick + 1, &TYPE, &inputs, &mut published);
        model.step(&mut step)?;
        Ok(if step.next == tick {
            None
        } else {
            published[0].clone()
        })
    }

    #[test]
    fn a_program_is_asked_once_and_goes_on_where_it_is() {
        let mut first = Lasting::new(Box::new(Counter(0)), ROOMY);
        for (tick, answers) in [(0, [None, Some(2)]), (1, [None, Some(4)])] {
            for answer in answers {
                assert_eq!(step(&mut first, tick, 7), Ok(answer.map(Value::Int)));
            }
        }
        assert_eq!(step(&mut first, 2, 7), Ok(None), "it is asked");
        let mut again = first.again();
        for (tick, answer) in [(0, Some(2)), (1, Some(4)), (2, Some(6)), (3, None)] {
            assert_eq!(step(&mut again, tick, 7), Ok(answer.map(Value::Int)));
        }
        let mut bytes = Vec::new();
        let mut third = first.again();
        assert_eq!(step(&mut third, 0, 7), Ok(Some(Value::Int(2))));
        assert!(third.memory(&mut Memory::save(&mut bytes)));
        let mut fourth = first.again();
        assert!(fourth.memory(&mut Memory::restore(&bytes)));
        assert_eq!(fourth.ahead(1).len(), 1);
        assert_eq!(step(&mut fourth, 1, 7), Ok(Some(Value::Int(4))));
    }

    #[test]
    fn what_is_kept_has_a_bound_and_what_lies_before_a_snapshot_goes_first() {
        let one = Made::of(&Step::new(0, 1, &TYPE, &[], &mut [Some(Value::Int(2))])).bytes();
        let mut first = Lasting::new(Box::new(Counter(0)), 3 * one);
        let mut make = |tick| {
            while step(&mut first, tick, 7) == Ok(None) {}
            assert!(first.live().kept.bytes <= 3 * one, "at tick {tick}");
        };
        (0..2).for_each(&mut make);
        let mut bytes = Vec::new();
        assert!(first.memory(&mut Memory::save(&mut bytes)));
        assert!(first.again().memory(&mut Memory::restore(&bytes)));
        // There is room for all of them.
        assert_eq!(step(&mut first.again(), 0, 7), Ok(Some(Value::Int(2))));
        let mut make = |tick| while step(&mut first, tick, 7) == Ok(None) {};
        (2..5).for_each(&mut make);
        let after_snapshot = |first: &Lasting| {
            let mut again = first.again();
            assert!(again.memory(&mut Memory::restore(&bytes)));
            step(&mut again, 2, 7)
        };
        assert_eq!(after_snapshot(&first), Ok(Some(Value::Int(6))));
        let error = step(&mut first.again(), 0, 7).expect_err("it is forgotten");
        assert_eq!(error.code, "not_again");
        while step(&mut first, 5, 7) == Ok(None) {}
        let error = after_snapshot(&first).expect_err("there is no room");
        assert!(error.message.contains("than could be kept"), "{error:?}");
    }

    #[test]
    fn with_other_values_what_a_program_did_is_none_of_the_run() {
        let mut first = Lasting::new(Box::new(Counter(1)), ROOMY);
        assert_eq!(step(&mut first, 0, 7), Ok(Some(Value::Int(2))));
        let error = step(&mut first.again(), 0, 8).expect_err("it had another one");
        assert_eq!(error.code, "not_again");
        assert!(error.message.contains("tick 0"), "{}", error.message);
    }
}
