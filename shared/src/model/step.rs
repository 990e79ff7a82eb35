//! One step of a model: what it receives, and where it publishes.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Input, InputSlot, Instance, ModelType, Published, PublishedSlot};
use crate::time::Tick;
use crate::value::{Number, OverflowError, Value};

/// What a model sees of one step, and where it leaves its results.
///
/// Published values stay: what a step does not publish anew keeps its value.
#[derive(Debug)]
pub struct Step<'a> {
    pub(crate) tick: Tick,
    pub(crate) model_type: &'static ModelType,
    pub(crate) inputs: &'a [Option<Value>],
    pub(crate) published: &'a mut [Option<Value>],
    pub(crate) next: Tick,
    pub(crate) overflow: Option<PublishedSlot>,
    pub(crate) notices: Vec<String>,
}

impl<'a> Step<'a> {
    /// A step at a tick, after which the next one is due at `next`. There is one place in
    /// `inputs` for each input of the instance, and one in `published` for each published
    /// attribute.
    pub fn new(
        tick: Tick,
        next: Tick,
        model_type: &'static ModelType,
        inputs: &'a [Option<Value>],
        published: &'a mut [Option<Value>],
    ) -> Self {
        Self {
            tick,
            model_type,
            inputs,
            published,
            next,
            overflow: None,
            notices: Vec::new(),
        }
    }

    /// The tick of this step.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// The value at an input; `None` where nothing is connected.
    pub fn value(&self, input: InputSlot) -> Option<&'a Value> {
        self.inputs.get(input.0).and_then(Option::as_ref)
    }

    /// The number at an input that must be connected.
    #[inline]
    pub fn number(&self, input: InputSlot) -> Result<Number, StepError> {
        match self.optional_number(input)? {
            Some(number) => Ok(number),
            None => Err(StepError::missing_input(self.input_name(input))),
        }
    }

    /// The number at an input, `None` where nothing is connected.
    #[inline]
    pub fn optional_number(&self, input: InputSlot) -> Result<Option<Number>, StepError> {
        match self.value(input) {
            None => Ok(None),
            Some(value) => match value.as_number() {
                Some(number) => Ok(Some(number)),
                None => Err(StepError::type_mismatch(
                    self.input_name(input),
                    "a number",
                    value,
                )),
            },
        }
    }

    fn input_name(&self, input: InputSlot) -> &'static str {
        self.model_type
            .inputs
            .get(input.0)
            .map_or("?", |Input { name, .. }| name)
    }

    /// Publishes a value under an output or a state.
    #[inline]
    pub fn publish(&mut self, attribute: PublishedSlot, value: impl Into<Value>) {
        if let Some(place) = self.published.get_mut(attribute.0) {
            *place = Some(value.into());
        }
    }

    /// Publishes a number; one that overflowed ends the step with an error.
    #[inline]
    pub fn publish_number(&mut self, attribute: PublishedSlot, number: Number) {
        match number.to_value() {
            Ok(value) => self.publish(attribute, value),
            Err(_) => self.overflow = self.overflow.or(Some(attribute)),
        }
    }

    /// Asks for no further step; what is published stays valid to the end of the run.
    pub fn never_again(&mut self) {
        self.next = crate::time::NEVER;
    }

    /// Tells the user something that does not stop the run.
    pub fn notice(&mut self, text: String) {
        self.notices.push(text);
    }
}

impl Instance {
    /// Steps the model. There is one place in `inputs` for each input of the type, empty where
    /// nothing is connected, and one in `published` for each published attribute.
    pub fn step(
        &mut self,
        tick: Tick,
        inputs: &[Option<Value>],
        published: &mut [Option<Value>],
    ) -> Result<Stepped, StepError> {
        let next = tick.saturating_add(self.step_size.into());
        let mut step = Step::new(tick, next, self.model_type, inputs, published);
        self.model.step(&mut step)?;
        match step.overflow {
            Some(slot) => Err(StepError::overflow(
                self.model_type
                    .published
                    .get(slot.0)
                    .map_or("?", |Published { name, .. }| name),
            )),
            None => Ok(Stepped {
                next: step.next,
                notices: step.notices,
            }),
        }
    }
}

/// What remains of a step, beside what it published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// The tick of the next step.
    pub next: Tick,
    /// What the model tells the user.
    pub notices: Vec<String>,
}

/// Something that a model tells the user without stopping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The model's place in the scenario.
    pub model: u32,
    /// The tick of the step.
    pub tick: Tick,
    /// What it says.
    pub text: String,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepError {
    /// Machine-readable category, such as `missing_input:soc`.
    pub code: Cow<'static, str>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl StepError {
    /// A step error with its category.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// Nothing is connected to an input that is needed.
    pub fn missing_input(name: &str) -> Self {
        Self::new(
            format!("missing_input:{name}"),
            format!("input '{name}' is needed and nothing is connected to it"),
        )
    }

    /// An integer result for an input or a published attribute left the range of 64 bits.
    pub fn overflow(name: &str) -> Self {
        Self::new(
            format!("overflow:{name}"),
            format!("'{name}': {OverflowError}"),
        )
    }

    /// An input got a value of the wrong kind.
    pub fn type_mismatch(name: &str, wanted: &str, got: &Value) -> Self {
        let kind = got.kind();
        Self::new(
            format!("type_mismatch:{name}"),
            format!("input '{name}' wants {wanted} and got a {kind}: {got}"),
        )
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StepError {}
