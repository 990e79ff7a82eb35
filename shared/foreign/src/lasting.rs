//! Models that cannot be had again, and so last longer than the engines that step them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scratch::{Cursor, Log, Scratch};
use shared::journal::Outside;
use shared::model::{InputSlot, Made, Memory, Model, Step, StepError, Waker};

/// A model that is a program: what it has answered is kept, so that an engine that begins at an earlier tick gets the
/// same answers without asking again, and goes on with the program from there.
///
/// Its memory is how many steps it has made.
#[derive(Clone, Debug)]
pub struct Lasting {
    live: Arc<Mutex<Live>>,
    /// Before the next step of this one.
    next: Cursor,
}

struct Live {
    model: Box<dyn Model>,
    /// Whom to wake: whoever drives the newest engine.
    waker: Arc<Mutex<Option<Waker>>>,
    /// The inputs that it has heard the sources of.
    connected: Vec<InputSlot>,
    /// All steps that were made.
    kept: Log<Made>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

impl Lasting {
    /// A model that has not made a step, whose answers are kept there.
    pub fn new(model: Box<dyn Model>, scratch: &Scratch) -> Self {
        let live = Live {
            model,
            waker: Arc::default(),
            connected: Vec::new(),
            kept: Log::new(scratch),
        };
        Self {
            live: Arc::new(Mutex::new(live)),
            next: Cursor::default(),
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
            next: Cursor::at(made),
        }
    }

    /// Whether the step that comes next has been made already.
    pub fn is_behind(&self) -> bool {
        self.next.record() < self.live().kept.len()
    }

    /// The steps that come next and have been made already, as far as all together have no more than so many bytes.
    /// None where they are lost.
    pub fn ahead(&self, bytes: usize) -> Vec<Made> {
        let (live, mut next) = (self.live(), self.next.clone());
        let (mut steps, mut taken) = (Vec::new(), 0);
        while let Ok(Some(step)) = live.kept.next(&mut next) {
            taken += step.bytes();
            if taken > bytes {
                break;
            }
            steps.push(step);
        }
        steps
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        // What a step left that panicked says nothing: the process ends.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Model for Lasting {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        let Self { live, next } = self;
        let mut live = live.lock().unwrap_or_else(PoisonError::into_inner);
        let made = live.kept.next(next);
        let made = made.map_err(|lost| {
            let why = format!("what its program answered is not kept any more: {lost}");
            Made::not_again(step.tick(), &why)
        })?;
        if let Some(made) = made {
            return made.repeat(step);
        }
        live.model.step(step)?;
        if step.is_put_off() {
            return Ok(());
        }
        live.kept.push(&Made::of(step));
        *next = Cursor::at(live.kept.len());
        if let Some(news) = live.kept.scratch().news() {
            step.remark(news);
        }
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
        let mut made = self.next.record();
        memory.keep(&mut made);
        if memory.is_restored() {
            self.next = Cursor::at(made);
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
        let before = newest(&wake);
        *wake.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
        if before.is_some() {
            // What it said in between may have woken nobody.
            waker.wake();
        }
        let waker = Waker::new(move || {
            if let Some(waker) = newest(&wake) {
                waker.wake();
            }
        });
        live.model.attend(&waker, outside)
    }

    fn listen(&mut self) {
        self.live().model.listen();
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use shared::model::{Instance, ModelType, TypeRef};
    use shared::time::Tick;
    use shared::value::Value;

    use super::*;

    static TYPE: ModelType = ModelType::new("Counter", |_| Ok(Box::new(Counter(0))));

    /// A program that counts how often it is asked, and answers the second time.
    struct Counter(i64);

    impl Model for Counter {
        fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
            self.0 += 1;
            if self.0 % 2 == 1 {
                step.put_off();
            } else {
                step.publish(0.into(), self.0);
            }
            Ok(())
        }
    }

    /// Has a model make its step; returns what it publishes, unless it is put off.
    fn step(model: &mut Lasting, tick: Tick, input: i64) -> Result<Option<Value>, StepError> {
        let inputs = [Some(Value::Int(input))];
        let mut published = [None];
        let mut step = Step::new(tick, tick + 1, &TYPE, &inputs, &mut published);
        model.step(&mut step)?;
        let is_put_off = step.is_put_off();
        Ok(published[0].take().filter(|_| !is_put_off))
    }

    /// A counter whose answers are kept in a file as soon as there is a block of them.
    fn counter(counts_from: i64, folder: PathBuf) -> Lasting {
        Lasting::new(
            Box::new(Counter(counts_from)),
            &Scratch::with_memory(vec![folder], 0),
        )
    }

    #[test]
    fn a_program_is_asked_once_and_goes_on_where_it_is() {
        let mut first = counter(0, std::env::temp_dir());
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
        assert!(fourth.is_behind());
        assert_eq!(fourth.ahead(1_000).len(), 2);
        assert_eq!(step(&mut fourth, 1, 7), Ok(Some(Value::Int(4))));
    }

    #[test]
    fn however_many_steps_there_were_all_are_had_again() {
        let mut first = counter(0, std::env::temp_dir());
        for tick in 0..20_000 {
            while step(&mut first, tick, 7) == Ok(None) {}
        }
        assert!(!first.is_behind());
        for from in [0, 9_999] {
            let mut again = first.at(from);
            for tick in from..20_000 {
                let answer = i64::try_from(2 * (tick + 1)).expect("small");
                assert_eq!(step(&mut again, tick, 7), Ok(Some(Value::Int(answer))));
            }
            assert!(!again.is_behind());
        }
    }

    #[test]
    fn where_answers_cannot_be_kept_the_program_goes_on_and_cannot_be_asked_again() {
        let first = counter(0, PathBuf::from("/nowhere/at/all"));
        let mut live = Instance {
            model_type: TypeRef::from(&TYPE),
            model: Box::new(first.clone()),
            published: Vec::new(),
            initial: Vec::new(),
            required: Vec::new(),
            left_out: Vec::new(),
            step_size: 1,
            sockets: None,
            warnings: Vec::new(),
        };
        let mut said = Vec::new();
        for tick in 0..40_000 {
            let (inputs, mut published) = ([Some(Value::Int(7))], [None]);
            for _ in 0..2 {
                let stepped = live.step(tick, &inputs, &mut published);
                let stepped = stepped.expect("it is live");
                said.extend(stepped.notices().iter().map(|said| said.text.clone()));
            }
            let answer = i64::try_from(2 * (tick + 1)).expect("small");
            assert_eq!(published, [Some(Value::Int(answer))]);
        }
        let [said] = &said[..] else {
            panic!("it is said once: {said:?}");
        };
        assert!(said.contains("/nowhere/at/all"), "{said}");
        assert!(first.again().ahead(1_000).is_empty());
        let error = step(&mut first.again(), 0, 7).expect_err("it is not kept");
        assert_eq!(error.code, "not_again");
        assert!(error.message.contains("/nowhere/at/all"), "{error:?}");
    }

    #[test]
    fn with_other_values_what_a_program_did_is_none_of_the_run() {
        let mut first = counter(1, std::env::temp_dir());
        assert_eq!(step(&mut first, 0, 7), Ok(Some(Value::Int(2))));
        let error = step(&mut first.again(), 0, 8).expect_err("it had another one");
        assert_eq!(error.code, "not_again");
        assert!(error.message.contains("tick 0"), "{}", error.message);
    }
}
