//! A unit that runs where its programs are.

use std::collections::VecDeque;

use shared::journal::Outside;
use shared::model::{Made, Memory, Model, Step, StepError};

use super::link::{Carrier, Shared};
use super::message::{Answer, Question};

/// The code of a step for which the host could not be asked.
pub const UNUSABLE: &str = "bridge_unusable";

/// Stands for a unit that runs where its programs are. In a run its steps are made there; where they are gone through
/// once more, it asks for what came of them.
pub(super) struct Elsewhere<C> {
    host: Shared<C>,
    type_name: String,
    /// Goes with the first question.
    outside: Option<Box<Outside>>,
    /// The steps that it has made.
    made: u64,
    /// What came of those after them, as far as it is known.
    ahead: VecDeque<Made>,
}

impl<C> Elsewhere<C> {
    pub(super) fn new(host: Shared<C>, type_name: &str, outside: Outside) -> Self {
        Self {
            host,
            type_name: type_name.to_owned(),
            outside: Some(Box::new(outside)),
            made: 0,
            ahead: VecDeque::new(),
        }
    }
}

impl<C: Carrier> Elsewhere<C> {
    /// Asks for what came of a step, or comes of it.
    fn ask(&mut self, step: &Step<'_>) -> Result<Vec<Made>, StepError> {
        let question = Question::Step {
            unit: self.type_name.clone(),
            made: self.made,
            tick: step.tick(),
            inputs: step.inputs().to_vec(),
            outside: self.outside.take(),
        };
        let unusable =
            |why: &str| StepError::new(UNUSABLE, format!("its bridge cannot be used: {why}"));
        match self.host.link().ask(&question, &mut |_| {}) {
            Ok(Answer::Made(made)) => made.map_err(|(code, message)| StepError::new(code, message)),
            Ok(_) => Err(unusable("it answers another question")),
            Err(why) => Err(unusable(&why)),
        }
    }
}

impl<C: Carrier> Model for Elsewhere<C> {
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
        if self.ahead.is_empty() {
            self.ahead = self.ask(step)?.into();
        }
        let made = self.ahead.pop_front();
        made.ok_or_else(|| StepError::new(UNUSABLE, "its bridge answers nothing"))?
            .repeat(step)?;
        self.made += 1;
        Ok(())
    }

    fn memory(&mut self, memory: &mut Memory<'_>) -> bool {
        memory.keep(&mut self.made);
        true
    }
}
