//! Models that depend on nothing, such as readers of files: they can step ahead in a thread of
//! their own, on another core.
//!
//! Steps are made in blocks and used up in their order, each at its tick, so nothing that follows
//! from them is different. A model has at most two blocks: the one that is used up, and the next.

use std::io;
use std::mem;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::site::Engine;
use super::state::ModelState;
use super::wiring;
use shared::model::{Asides, Instance, MAX_SIDE_FILE, Model, Step, StepError, Stepped};
use shared::time::Tick;
use shared::value::Value;

/// The number of values that all blocks hold together: 16 bytes each.
const VALUES: usize = 256 * 1024;

/// The most steps of a block, and the least.
const MOST: usize = 512;
const LEAST: usize = 8;

/// What counts as so many values where a value can be a table.
const LARGE_VALUE: usize = 64;

/// The place of a model that steps ahead: gives away the steps that have been made.
#[derive(Debug)]
struct Ahead {
    /// Its number in the thread.
    number: usize,
    block: Block,
    /// Steps of the block that have been used up. Their values stay until others take their places.
    used: usize,
    wishes: Sender<Wish>,
    made: Receiver<Block>,
}

/// Steps that follow each other.
#[derive(Debug, Default)]
struct Block {
    steps: Vec<Made>,
    /// What stands published after each of them.
    values: Vec<Option<Value>>,
}

/// A step that has been made.
#[derive(Debug)]
struct Made {
    /// The tick of the next one.
    next: Tick,
    rest: Option<Rest>,
}

/// What few steps come with.
#[derive(Debug)]
enum Rest {
    Asides(Box<Asides>),
    Error(Box<StepError>),
}

/// The wish for the next block of a model, with one to be filled again.
#[derive(Debug)]
struct Wish {
    number: usize,
    block: Block,
}

impl Model for Ahead {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        if self.used == self.block.steps.len() {
            self.turn()?;
        }
        let number = self.used;
        let Some(made) = self.block.steps.get_mut(number) else {
            return Err(lost());
        };
        self.used += 1;
        let places = step.places();
        let count = places.len();
        let values = &self.block.values[number * count..][..count];
        places.clone_from_slice(values);
        let asides = match made.rest.take() {
            None => None,
            Some(Rest::Asides(asides)) => Some(asides),
            Some(Rest::Error(error)) => return Err(*error),
        };
        step.settle(made.next, asides);
        Ok(())
    }
}

impl Ahead {
    /// Goes on to the next block, and wishes for the one after it.
    #[cold]
    fn turn(&mut self) -> Result<(), StepError> {
        let next = self.made.recv().map_err(|_| lost())?;
        let block = mem::replace(&mut self.block, next);
        self.used = 0;
        self.wish(block)
    }

    fn wish(&self, block: Block) -> Result<(), StepError> {
        let number = self.number;
        let wish = Wish { number, block };
        self.wishes.send(wish).map_err(|_| lost())
    }
}

/// The thread is gone, with the models.
fn lost() -> StepError {
    StepError::new("internal", "the thread that makes its steps is gone")
}

/// A model in the thread.
struct Runner {
    instance: Instance,
    next: Tick,
    inputs: Vec<Option<Value>>,
    published: Vec<Option<Value>>,
    made: Sender<Block>,
    /// It has failed.
    is_over: bool,
}

impl Runner {
    /// Makes the next steps, up to so many.
    fn fill(&mut self, block: &mut Block, most: usize, end: Tick) {
        block.steps.clear();
        let count = self.published.len();
        block.values.resize(most * count, None);
        let mut places = block.values.chunks_exact_mut(count.max(1));
        let mut file_bytes = 0;
        while !self.is_over
            && self.next < end
            && block.steps.len() < most
            && file_bytes < MAX_SIDE_FILE
        {
            let stepped = self
                .instance
                .step(self.next, &self.inputs, &mut self.published);
            if let Some(places) = places.next() {
                places.clone_from_slice(&self.published);
            }
            let rest = match stepped {
                Ok(stepped) => {
                    let files = stepped.files().iter();
                    file_bytes += files.map(|file| file.content.len()).sum::<usize>();
                    let Stepped { next, asides } = stepped;
                    self.next = next;
                    asides.map(Rest::Asides)
                }
                Err(error) => {
                    self.is_over = true;
                    Some(Rest::Error(Box::new(error)))
                }
            };
            block.steps.push(Made {
                next: self.next,
                rest,
            });
        }
    }
}

impl Engine {
    /// Has the models that depend on nothing, and for which it is `worth_while`, step ahead in a thread of
    /// their own. To be called once, before the first step; the result is the same, and comes earlier where
    /// there is a second core.
    ///
    /// # Errors
    /// Where the system has no thread to give. The engine can go on without it.
    pub fn look_ahead(&mut self, worth_while: impl Fn(&Instance) -> bool) -> io::Result<()> {
        let all = self.wiring.models.iter().zip(&mut self.state.models);
        let sources = all.filter(|(wired, own)| {
            wired.inputs.is_empty()
                && own.outlook.is_none()
                && !own.is_patient
                && worth_while(&own.instance)
        });
        let mut models: Vec<(&wiring::Model, &mut ModelState)> = sources.collect();
        let weight: usize = models.iter().map(|(_, own)| weight(&own.instance)).sum();
        if weight == 0 {
            return Ok(());
        }
        // Two blocks each.
        let most = (VALUES / 2 / weight).clamp(LEAST, MOST);
        let (wishes, wished) = channel::<Wish>();
        let (runners, handed_over) = channel::<Runner>();
        let end = self.state.horizon;
        thread::Builder::new()
            .name("ahead".to_owned())
            .spawn(move || {
                // All of them, until that channel is closed.
                let mut runners: Vec<Runner> = handed_over.iter().collect();
                for Wish { number, mut block } in wished {
                    let Some(runner) = runners.get_mut(number) else {
                        return;
                    };
                    runner.fill(&mut block, most, end);
                    // Nobody takes it any more where the run has ended.
                    let _ = runner.made.send(block);
                }
            })?;
        for (number, (wired, model)) in models.iter_mut().enumerate() {
            let (made, blocks) = channel();
            let ahead = Ahead {
                number,
                block: Block::default(),
                used: 0,
                wishes: wishes.clone(),
                made: blocks,
            };
            // Where the thread is gone, the first step says so.
            let _ = ahead.wish(Block::default());
            let own = &mut model.instance;
            let instance = Instance {
                model_type: own.model_type.clone(),
                model: mem::replace(&mut own.model, Box::new(ahead)),
                published: own.published.clone(),
                initial: Vec::new(),
                required: Vec::new(),
                left_out: Vec::new(),
                sockets: None,
                step_size: own.step_size,
                warnings: Vec::new(),
            };
            let (inputs, published) = wired.values_in(&mut self.state.values);
            let _ = runners.send(Runner {
                instance,
                next: model.next,
                inputs: inputs.to_vec(),
                published: published.to_vec(),
                made,
                is_over: false,
            });
        }
        Ok(())
    }
}

/// How many values count for a step of a model: those that it publishes, and the step itself.
fn weight(instance: &Instance) -> usize {
    let values = instance.published.iter().map(|attribute| {
        if attribute.kind.is_scalar() {
            1
        } else {
            LARGE_VALUE
        }
    });
    values.sum::<usize>() + 1
}
