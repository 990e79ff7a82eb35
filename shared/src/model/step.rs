//! One step of a model: what it receives, and where it publishes.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Input, InputSlot, Instance, ModelType, Published, PublishedSlot};
use crate::cable::{Picture, Sight, Window};
use crate::ids::ModelId;
use crate::time::Tick;
use crate::value::{Number, OverflowError, Value};

/// The most that the path and the content of a side file may take together, in bytes: with room to
/// spare in the one frame in which it travels.
pub const MAX_SIDE_FILE: usize = 512 * 1024;

/// What a model sees of one step, and where it leaves its results.
///
/// Published values stay: what a step does not publish anew keeps its value.
#[derive(Debug)]
pub struct Step<'a> {
    pub(super) tick: Tick,
    pub(super) model_type: &'a ModelType,
    pub(super) inputs: &'a [Option<Value>],
    pub(super) published: &'a mut [Option<Value>],
    pub(super) window: Option<&'a mut Window>,
    pub(super) next: Tick,
    pub(super) overflow: Option<PublishedSlot>,
    pub(super) asides: Option<Box<Asides>>,
}

impl<'a> Step<'a> {
    /// A step at a tick, after which the next one is due at `next`. There is one place in
    /// `inputs` for each input of the instance, and one in `published` for each published
    /// attribute.
    pub fn new(
        tick: Tick,
        next: Tick,
        model_type: &'a ModelType,
        inputs: &'a [Option<Value>],
        published: &'a mut [Option<Value>],
    ) -> Self {
        Self {
            tick,
            model_type,
            inputs,
            published,
            window: None,
            next,
            overflow: None,
            asides: None,
        }
    }

    /// What the step has to say beside its results.
    #[cold]
    fn asides(&mut self) -> &mut Asides {
        self.asides.get_or_insert_default()
    }

    /// The tick of this step.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// What stands at all inputs, for whoever has the step made somewhere else.
    #[cfg(feature = "described")]
    pub fn inputs(&self) -> &'a [Option<Value>] {
        self.inputs
    }

    /// The places of all published attributes, for whoever has made the step somewhere else.
    #[inline]
    pub fn places(&mut self) -> &mut [Option<Value>] {
        self.published
    }

    /// Leaves what else there is of a step that was made somewhere else: when the next one is due, and what it has to
    /// say beside its results.
    #[inline]
    pub fn settle(&mut self, next: Tick, asides: Option<Box<Asides>>) {
        self.next = next;
        self.asides = asides;
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
            None => Err(self.no_number(input)),
        }
    }

    /// The number at an input, `None` where nothing is connected.
    #[inline]
    pub fn optional_number(&self, input: InputSlot) -> Result<Option<Number>, StepError> {
        match self.value(input) {
            None => Ok(None),
            // Most are: a few instructions wherever this is compiled for size.
            Some(&Value::Float(float)) => Ok(Some(Number::Float(float))),
            Some(value) => match value.as_number() {
                Some(number) => Ok(Some(number)),
                None => Err(self.no_number(input)),
            },
        }
    }

    /// Why there is no number at an input. Apart from where numbers are read, which then is a few
    /// instructions.
    #[cold]
    fn no_number(&self, input: InputSlot) -> StepError {
        let name = self.input_name(input);
        match self.value(input) {
            Some(value) => StepError::type_mismatch(name, "a number", value),
            None => StepError::missing_input(name),
        }
    }

    /// The name of an input.
    pub fn input_name(&self, input: InputSlot) -> &'a str {
        self.model_type
            .inputs
            .get(input.0)
            .map_or("?", |Input { name, .. }| name)
    }

    /// Publishes a value under an output or a state.
    #[inline]
    pub fn publish(&mut self, attribute: PublishedSlot, value: impl Into<Value>) {
        if let Some(place) = self.published.get_mut(attribute.0) {
            value.into().put(place);
        }
    }

    /// Publishes a value that stands somewhere else and stays there.
    #[inline]
    pub fn publish_copy(&mut self, attribute: PublishedSlot, value: &Value) {
        match self.published.get_mut(attribute.0) {
            Some(Some(place)) => place.clone_from(value),
            Some(place) => *place = Some(value.clone()),
            None => {}
        }
    }

    /// Publishes a number; one that overflowed ends the step with an error.
    #[inline]
    pub fn publish_number(&mut self, attribute: PublishedSlot, number: Number) {
        let place = self.published.get_mut(attribute.0).and_then(Option::as_mut);
        match (place, number) {
            // It takes the place of one of its kind nearly always. A value that is made of it first would go through
            // memory, in parts, and be read from there as a whole, which stalls.
            (Some(Value::Int(place)), Number::Int(int)) => *place = int,
            (Some(Value::Float(place)), Number::Float(float))
            | (Some(Value::Numpy(place)), Number::Numpy(float)) => *place = float,
            _ => self.publish_other(attribute, number),
        }
    }

    /// Publishes a number where there was none, or one of another kind.
    #[inline(never)]
    fn publish_other(&mut self, attribute: PublishedSlot, number: Number) {
        match number.to_value() {
            Ok(value) => self.publish(attribute, value),
            Err(_) => self.overflow = self.overflow.or(Some(attribute)),
        }
    }

    /// Asks for no further step; what is published stays valid to the end of the run.
    pub fn never_again(&mut self) {
        self.next = crate::time::NEVER;
    }

    /// The step cannot be made yet: the program that makes it has not answered. Nothing that it published
    /// counts. After the [waker](super::Model::attend) was called it is made again, at the same tick and with
    /// the same inputs.
    #[cfg(feature = "described")]
    pub fn put_off(&mut self) {
        self.next = self.tick;
    }

    /// Whether it was put off.
    #[cfg(feature = "described")]
    pub fn is_put_off(&self) -> bool {
        self.next == self.tick
    }

    /// Sets the tick of the next step, which is the step size away where nothing is said.
    #[cfg(feature = "described")]
    pub fn come_again(&mut self, tick: Tick) {
        self.next = tick.max(self.tick.saturating_add(1));
    }

    /// Puts on record that a simulator among those that step the model had asked for this step.
    #[cfg(feature = "described")]
    pub fn note_asked(&mut self, simulator: u16) {
        self.asides().asked.push(simulator);
    }

    /// What is in a socket of the model; nothing where it asked for none when it was built.
    pub fn sight(&self, socket: usize) -> Sight {
        let window = self.window.as_ref();
        window.map_or(Sight::Gone, |window| window.sight(socket))
    }

    /// Has the cable in a socket of the model show something.
    pub fn show(&mut self, socket: usize, picture: Picture) {
        if let Some(window) = &mut self.window {
            window.show(socket, picture);
        }
    }

    /// Warns the user of something that does not stop the run, unless warnings are errors in it.
    pub fn notice(&mut self, text: String) {
        let severity = Severity::Warning;
        self.asides().notices.push(Said { severity, text });
    }

    /// Tells the user something about the world outside of the simulation, of which the scenario cannot
    /// know: it never stops a run.
    pub fn remark(&mut self, text: String) {
        let severity = Severity::Note;
        self.asides().notices.push(Said { severity, text });
    }

    /// Asks for a file with this content: a new one, or in place of the one that is there. The path
    /// is relative to the working directory of the controller, and its folders are made where they
    /// are not there. Nothing is written where the step fails.
    ///
    /// # Errors
    /// `file_too_large:<path>` where path and content take more than [`MAX_SIDE_FILE`].
    pub fn write_file(&mut self, path: String, content: Vec<u8>) -> Result<(), StepError> {
        let size = path.len() + content.len();
        if size > MAX_SIDE_FILE {
            return Err(StepError::file_too_large(&path, size));
        }
        self.asides().files.push(SideFile { path, content });
        Ok(())
    }
}

impl Instance {
    /// Steps the model. There is one place in `inputs` for each input of the type, empty where
    /// nothing is connected, and one in `published` for each published attribute.
    #[inline]
    pub fn step(
        &mut self,
        tick: Tick,
        inputs: &[Option<Value>],
        published: &mut [Option<Value>],
    ) -> Result<Stepped, StepError> {
        self.step_with(tick, inputs, published, None)
    }

    /// Steps a model that has sockets, with what is in them.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "what a step came to is not copied then"
    )]
    pub fn step_with<'a>(
        &'a mut self,
        tick: Tick,
        inputs: &'a [Option<Value>],
        published: &'a mut [Option<Value>],
        window: Option<&'a mut Window>,
    ) -> Result<Stepped, StepError> {
        let next = tick.saturating_add(self.step_size.into());
        let mut step = Step::new(tick, next, &self.model_type, inputs, published);
        step.window = window;
        self.model.step(&mut step)?;
        match step.overflow {
            Some(slot) => Err(self.overflow(slot)),
            None => Ok(Stepped {
                next: step.next,
                asides: step.asides,
            }),
        }
    }
}

impl Instance {
    /// The error of a step that published a number which had overflowed.
    #[cold]
    fn overflow(&self, slot: PublishedSlot) -> StepError {
        let published = self.model_type.published.get(slot.0);
        StepError::overflow(published.map_or("?", |Published { name, .. }| name))
    }
}

/// What remains of a step, beside what it published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// The tick of the next step; that of this one where it was [put off](Step::put_off).
    pub next: Tick,
    /// What few steps come with.
    pub asides: Option<Box<Asides>>,
}

impl Stepped {
    /// What the model tells the user.
    pub fn notices(&self) -> &[Said] {
        self.asides.as_ref().map_or(&[], |asides| &asides.notices)
    }

    /// The files that the model asks for, in the order in which they are to be written.
    pub fn files(&self) -> &[SideFile] {
        self.asides.as_ref().map_or(&[], |asides| &asides.files)
    }
}

/// What a step has to say beside its results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asides {
    /// What the model tells the user.
    pub notices: Vec<Said>,
    /// The files that the model asks for, in the order in which they are to be written.
    pub files: Vec<SideFile>,
    /// The simulators among those that step the model that had asked for the step, as places among these.
    #[cfg(feature = "described")]
    pub asked: Vec<u16>,
}

/// A file beside the result file that a model asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideFile {
    /// Its path, relative to the working directory of the controller; the same on every platform,
    /// with `/` between folders.
    pub path: String,
    /// All of its content. It replaces what is there.
    pub content: Vec<u8>,
}

/// A side file, and the step that asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// The file.
    pub file: SideFile,
}

/// How much something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// The scenario may not mean it: an error where warnings are errors.
    Warning,
    /// It is so, and nothing is wrong with the scenario.
    Note,
}

/// What a step tells the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// How much it is meant.
    pub severity: Severity,
    /// What it says.
    pub text: String,
}

/// Something that a model tells the user without stopping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// How much it is meant.
    pub severity: Severity,
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

    /// A side file is over the limit.
    pub fn file_too_large(path: &str, size: usize) -> Self {
        // The path may be what is too long.
        let path: String = path.chars().take(200).collect();
        let message = format!(
            "the file '{path}' would take {size} bytes with its path, and {MAX_SIDE_FILE} is the limit"
        );
        Self::new(format!("file_too_large:{path}"), message)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MemoryFiles;
    use crate::model::{Model, ModelConfig, build};
    use crate::time::{TimeGrid, WallTime};

    static WRITER: ModelType = ModelType::new("Writer", |_| Ok(Box::new(Writer)));

    /// Asks in the step at tick n for a file of n bytes.
    struct Writer;

    impl Model for Writer {
        fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
            let size = usize::try_from(step.tick()).expect("a small tick");
            step.write_file("first".into(), Vec::new())?;
            step.write_file("a".into(), vec![b'x'; size])
        }
    }

    fn write(size: usize) -> Result<Stepped, StepError> {
        let grid = TimeGrid {
            start: WallTime::parse("2012-01-01 00:00:00").expect("a time"),
            resolution: 900,
            ticks: 1,
        };
        let config = ModelConfig::default();
        let mut writer = build(&WRITER, &config, grid, &MemoryFiles::default()).expect("built");
        writer.step(size as Tick, &[], &mut [])
    }

    #[test]
    fn side_files_come_out_of_the_step_in_order() {
        let stepped = write(2).expect("a step");
        let files = stepped.files();
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["first", "a"]);
        assert_eq!(files[1].content, b"xx");
    }

    #[test]
    fn a_side_file_over_the_limit_fails_the_step() {
        let largest = MAX_SIDE_FILE - "a".len();
        assert!(write(largest).is_ok());
        let error = write(largest + 1).expect_err("too large");
        assert_eq!(error.code, "file_too_large:a");
        assert!(error.message.contains("'a'"), "{error}");
    }

    #[test]
    fn the_largest_side_file_fits_into_a_frame() {
        let file = SideFile {
            path: "a".into(),
            content: vec![0xff; MAX_SIDE_FILE - 1],
        };
        let written = WrittenFile {
            model: ModelId(u32::MAX),
            tick: Tick::MAX,
            file,
        };
        let bytes = postcard::to_stdvec(&written).expect("serializes");
        assert!(bytes.len() < crate::wire::MAX_FRAME);
        assert_eq!(postcard::from_bytes(&bytes), Ok(written));
    }
}
