//! Models that cannot be had again, and so last longer than the engines that step them.

use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{InputSlot, Memory, Model, Step, StepError, Waker};
use crate::journal::Outside;
use crate::time::Tick;
use crate::value::Value;

/// A model that is a program: what it has answered is kept, so that an engine that begins at an earlier tick gets the
/// same answers without asking again, and goes on with the program from there.
///
/// Its memory is how many steps it has made.
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
    /// The steps that nobody asks for any more.
    forgotten: u64,
    steps: VecDeque<Answer>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("forgotten", &self.forgotten)
            .field("steps", &self.steps.len())
            .finish_non_exhaustive()
    }
}

/// A step that was made.
struct Answer {
    tick: Tick,
    /// What stood at the inputs, in few bytes.
    inputs: u64,
    next: Tick,
    published: Vec<Option<Value>>,
    asked: Vec<u16>,
}

impl Lasting {
    /// A model that has not made a step.
    pub fn new(model: Box<dyn Model>) -> Self {
        let live = Live {
            model,
            waker: Arc::default(),
            attends: None,
            connected: Vec::new(),
            forgotten: 0,
            steps: VecDeque::new(),
        };
        Self {
            live: Arc::new(Mutex::new(live)),
            made: 0,
        }
    }

    /// The same model for another engine, before its first step.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            live: Arc::clone(&self.live),
            made: 0,
        }
    }

    /// No engine begins before this tick any more.
    pub fn forget_before(&self, tick: Tick) {
        let mut live = self.live();
        while live.steps.front().is_some_and(|step| step.tick < tick) {
            live.steps.pop_front();
            live.forgotten += 1;
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        // What a step left that panicked says nothing: the process ends.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model for Lasting {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let mut live = self.live();
        let inputs = fingerprint(step.inputs);
        let place = self.made.checked_sub(live.forgotten);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let place = place.ok_or_else(|| not_again(step.tick, "the step is forgotten"))?;
        if let Some(answer) = live.steps.get(place) {
            if (answer.tick, answer.inputs) != (step.tick, inputs) {
                return Err(not_again(
                    step.tick,
                    "its program has made the step with other values before",
                ));
            }
            step.published.clone_from_slice(&answer.published);
            step.next = answer.next;
            for &simulator in &answer.asked {
                step.note_asked(simulator);
            }
        } else {
            live.model.step(step)?;
            if step.next == step.tick {
                return Ok(());
            }
            let answer = Answer {
                tick: step.tick,
                inputs,
                next: step.next,
                published: step.published.to_vec(),
                asked: step.asides.as_ref().map_or(Vec::new(), |a| a.asked.clone()),
            };
            live.steps.push_back(answer);
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

/// Other values have another number, as good as always. It is compared in this process only.
fn fingerprint(inputs: &[Option<Value>]) -> u64 {
    let encoded = postcard::to_stdvec(inputs);
    let encoded = encoded.expect("a vector grows, and a value knows its length");
    let mut hasher = DefaultHasher::new();
    hasher.write(&encoded);
    hasher.finish()
}

/// A program is not to be asked for something twice.
fn not_again(tick: Tick, why: &str) -> StepError {
    StepError::new(
        "not_again",
        format!(
            "after a loss the run went on before tick {tick}, and {why}: what programs do is not taken back"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelType;

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
        let mut first = Lasting::new(Box::new(Counter(0)));
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
        // From a snapshot on, before which all is forgotten.
        let mut bytes = Vec::new();
        let mut third = first.again();
        assert_eq!(step(&mut third, 0, 7), Ok(Some(Value::Int(2))));
        assert!(third.memory(&mut Memory::save(&mut bytes)));
        third.forget_before(1);
        let mut fourth = first.again();
        assert!(fourth.memory(&mut Memory::restore(&bytes)));
        assert_eq!(step(&mut fourth, 1, 7), Ok(Some(Value::Int(4))));
        let error = step(&mut first.again(), 0, 7).expect_err("it is forgotten");
        assert_eq!(error.code, "not_again");
    }

    #[test]
    fn with_other_values_what_a_program_did_is_none_of_the_run() {
        let mut first = Lasting::new(Box::new(Counter(1)));
        assert_eq!(step(&mut first, 0, 7), Ok(Some(Value::Int(2))));
        let error = step(&mut first.again(), 0, 8).expect_err("it had another one");
        assert_eq!(error.code, "not_again");
        assert!(error.message.contains("tick 0"), "{}", error.message);
    }
}
