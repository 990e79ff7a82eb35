//! From a model's entry in the scenario to an instance that can step.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parameters::{resolve, yaml};
use super::{
    BuildError, Input, InputSlot, Model, ModelConfig, ModelType, Need, ParameterSlot, Place,
    PublishedSlot, Section, SectionPolicy, TypeRef,
};
#[cfg(feature = "saving")]
use super::{Step, StepError};
use crate::cable::SocketWish;
use crate::files::{Content, FileError, Files};
use crate::names::Names;
use crate::time::TimeGrid;
use crate::value::{Kind, Number, Origin, Value};

/// An attribute that an instance publishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Physical flow or information.
    pub origin: Origin,
    /// What readers get.
    pub kind: Kind,
}

/// A built model with all that an engine has to know about it.
pub struct Instance {
    /// The type, with the inputs that this instance adds.
    pub model_type: TypeRef,
    /// The memory.
    pub model: Box<dyn Model>,
    /// What it publishes: the declared attributes, then those that this instance adds.
    pub published: Vec<Attribute>,
    /// What the declared attributes are before the first step; nothing on a node, which is told.
    pub initial: Vec<Value>,
    /// Inputs that this instance needs, beyond those that its type always does.
    pub required: Vec<InputSlot>,
    /// Inputs of the type that this instance does not have, and why.
    pub left_out: Vec<(InputSlot, &'static str)>,
    /// Ticks from one step to the next.
    pub step_size: u32,
    /// The sockets that it wants to look at.
    pub sockets: Option<SocketWish>,
    /// What the user should know about the configuration.
    pub warnings: Vec<String>,
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("model_type", &self.model_type.name)
            .field("published", &self.published)
            .finish_non_exhaustive()
    }
}

impl Instance {
    /// What a declared attribute is before the first step, where this is known.
    pub fn initial(&self, slot: PublishedSlot) -> Option<&Value> {
        self.initial.get(slot.0)
    }

    /// The instance as it was built, for an engine; the one that is left is to be looked at and steps no more.
    #[cfg(feature = "saving")]
    #[must_use]
    pub fn hand_over(&mut self) -> Self {
        let model = std::mem::replace(&mut self.model, Box::new(HandedOver));
        self.with(model)
    }

    /// The same instance with another memory.
    #[cfg(feature = "saving")]
    #[must_use]
    pub fn with(&self, model: Box<dyn Model>) -> Self {
        Self {
            model_type: self.model_type.clone(),
            model,
            published: self.published.clone(),
            initial: self.initial.clone(),
            required: self.required.clone(),
            left_out: self.left_out.clone(),
            step_size: self.step_size,
            sockets: self.sockets.clone(),
            warnings: self.warnings.clone(),
        }
    }

    /// The slot of a published attribute.
    pub fn published_slot(&self, name: &str) -> Option<PublishedSlot> {
        self.published
            .iter()
            .position(|a| a.name == name)
            .map(PublishedSlot)
    }

    /// The slot of an input.
    pub fn input_slot(&self, name: &str) -> Option<InputSlot> {
        self.model_type.input_slot(name)
    }

    /// Whether the scenario must connect something to this input.
    pub fn requires(&self, input: InputSlot) -> bool {
        let declared = self.model_type.inputs.get(input.0);
        declared.is_some_and(|i| i.need == Need::Required) || self.required.contains(&input)
    }

    /// Why this instance does not have an input of its type, if so.
    pub fn lacks(&self, input: InputSlot) -> Option<&'static str> {
        let (_, why) = self.left_out.iter().find(|(slot, _)| *slot == input)?;
        Some(why)
    }
}

/// In place of a model that an engine has.
#[cfg(feature = "saving")]
struct HandedOver;

#[cfg(feature = "saving")]
impl Model for HandedOver {
    fn step(&mut self, _: &mut Step<'_>) -> Result<(), StepError> {
        Err(StepError::new("internal", "an engine has the model"))
    }
}

/// Builds a model: checks its parameters against their declaration, then lets the type build its
/// memory. Returns everything that is wrong with the parameters at once.
#[cold]
pub fn build(
    model_type: impl Into<TypeRef>,
    config: &ModelConfig,
    grid: TimeGrid,
    files: &dyn Files,
) -> Result<Instance, Vec<BuildError>> {
    let model_type = model_type.into();
    // One that was built before is built anew, with inputs of its own.
    let model_type = model_type.declared().clone();
    let parameters = resolve(&model_type, config)?;
    let published = model_type.published.iter().map(|p| Attribute {
        name: p.name.to_cow(),
        origin: p.origin,
        kind: p.kind,
    });
    let mut build = Build {
        model_type: &model_type,
        config,
        grid,
        files,
        parameters,
        step_size: config.time_step_size.unwrap_or(model_type.time_step_size),
        published: published.collect(),
        inputs: Vec::new(),
        initial: Vec::new(),
        names: Names::default(),
        required: Vec::new(),
        left_out: Vec::new(),
        sockets: None,
        warnings: Vec::new(),
    };
    let model = model_type
        .builder
        .build(&mut build)
        .map_err(|error| vec![error])?;
    // Who checks a scenario does that; a node is sent what has been checked.
    let initial = if cfg!(feature = "examination") {
        build.check_names()?;
        build.all_initial()
    } else {
        Vec::new()
    };
    let Build {
        published,
        inputs,
        required,
        left_out,
        step_size,
        sockets,
        warnings,
        ..
    } = build;
    let model_type = if inputs.is_empty() {
        model_type
    } else {
        model_type.with_inputs(inputs)
    };
    Ok(Instance {
        model_type,
        model,
        published,
        initial,
        required,
        left_out,
        step_size,
        sockets,
        warnings,
    })
}

/// What a type's build function works with.
pub struct Build<'a> {
    model_type: &'a ModelType,
    config: &'a ModelConfig,
    grid: TimeGrid,
    files: &'a dyn Files,
    parameters: Vec<Value>,
    step_size: u32,
    published: Vec<Attribute>,
    /// Inputs beyond those of the type.
    inputs: Vec<Input>,
    /// Attributes that begin with something else than the scenario or the type says.
    initial: Vec<(PublishedSlot, Value)>,
    /// Their names, once the configuration adds any.
    names: Names,
    required: Vec<InputSlot>,
    left_out: Vec<(InputSlot, &'static str)>,
    sockets: Option<SocketWish>,
    warnings: Vec<String>,
}

impl fmt::Debug for Build<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Build")
            .field("config", self.config)
            .finish_non_exhaustive()
    }
}

impl Build<'_> {
    /// Whether the scenario itself gives this parameter.
    pub fn is_given(&self, slot: ParameterSlot) -> bool {
        let name = &self.model_type.parameters[slot.0].name;
        self.config.entry(Section::Parameters, name).is_some()
    }

    /// The entries of a section, as the scenario gives them.
    pub fn given(&self, section: Section) -> &[(Arc<str>, Value)] {
        self.config.section(section).map_or(&[], Vec::as_slice)
    }

    /// A parameter, as given or by default. It fits its declaration.
    pub fn parameter(&self, slot: ParameterSlot) -> &Value {
        self.parameters.get(slot.0).unwrap_or(&Value::Null)
    }

    /// A parameter of kind `Number` or `Integer`.
    pub fn number(&self, slot: ParameterSlot) -> Number {
        self.parameter(slot)
            .as_number()
            .unwrap_or(Number::Float(f64::NAN))
    }

    /// A parameter of kind `Flag`.
    pub fn flag(&self, slot: ParameterSlot) -> bool {
        matches!(self.parameter(slot), Value::Bool(true) | Value::Int(1))
    }

    /// A parameter of kind `Text` or `Choice`.
    pub fn text(&self, slot: ParameterSlot) -> &str {
        self.parameter(slot).as_text().unwrap_or_default()
    }

    /// The initial value of an input: the scenario's, else that of the type.
    pub fn initial_input(&self, slot: InputSlot) -> Value {
        let declared = self.input(slot);
        let given = self.config.entry(Section::Inputs, &declared.name);
        given.cloned().unwrap_or_else(|| (&declared.initial).into())
    }

    /// The initial value of an output or a state: the scenario's, else that of the type.
    pub fn initial_published(&self, slot: PublishedSlot) -> Value {
        let declared = &self.model_type.published[slot.0];
        let section = section_of(declared.origin);
        let given = self.config.entry(section, &declared.name);
        given.cloned().unwrap_or_else(|| (&declared.initial).into())
    }

    /// The initial value of a state that the model starts from, which must be a number.
    pub fn initial_number(&self, slot: PublishedSlot) -> Result<Number, BuildError> {
        let value = self.initial_published(slot);
        value.as_number().ok_or_else(|| {
            let declared = &self.model_type.published[slot.0];
            let name = &declared.name;
            BuildError {
                code: format!("missing_state:{name}").into(),
                place: Place::Key(section_of(declared.origin), name.to_string()),
                message: format!(
                    "the initial value of {} '{name}' must be a number, not {}",
                    declared.origin,
                    yaml(&value)
                ),
            }
        })
    }

    /// The type. One that is described at run time finds its slots there.
    pub fn model_type(&self) -> &ModelType {
        self.model_type
    }

    /// Opens a file that a parameter names.
    pub fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        self.files.open(path)
    }

    /// Start, resolution and length of the simulated time.
    pub fn grid(&self) -> TimeGrid {
        self.grid
    }

    /// Ticks from one step of this model to the next.
    pub fn step_size(&self) -> u32 {
        self.step_size
    }

    /// The length of one step in hours, `((resolution × step size) / 60) / 60`.
    pub fn step_hours(&self) -> f64 {
        let seconds = u64::from(self.grid.resolution) * u64::from(self.step_size);
        seconds as f64 / 60.0 / 60.0
    }

    /// Adds a published attribute that depends on the configuration, such as a column of a file.
    /// A name that is there already is refused.
    pub fn publish_also(
        &mut self,
        name: &str,
        origin: Origin,
        kind: Kind,
    ) -> Result<PublishedSlot, BuildError> {
        if self.names.is_empty() {
            for (place, declared) in self.published.iter().enumerate() {
                self.names.insert(declared.name.to_string(), place);
            }
        }
        let place = self.published.len();
        if self.names.insert(name.to_owned(), place).is_some() {
            return Err(BuildError {
                code: format!("duplicate_attribute:{name}").into(),
                place: Place::Model,
                message: format!("two attributes would be called '{name}'"),
            });
        }
        self.published.push(Attribute {
            name: name.to_owned().into(),
            origin,
            kind,
        });
        Ok(PublishedSlot(place))
    }

    /// Adds an input that depends on the configuration, such as one for each outlet.
    pub fn take_also(&mut self, input: Input) -> InputSlot {
        self.inputs.push(input);
        InputSlot(self.model_type.inputs.len() + self.inputs.len() - 1)
    }

    /// The inputs: those that are declared, then those that were added.
    pub fn inputs(&self) -> impl Iterator<Item = (InputSlot, &Input)> {
        let inputs = self.model_type.inputs.iter().chain(&self.inputs);
        let numbered = inputs.enumerate();
        numbered.map(|(place, input)| (InputSlot(place), input))
    }

    /// An input, declared or added.
    fn input(&self, slot: InputSlot) -> &Input {
        let declared = &self.model_type.inputs;
        let added = slot.0.checked_sub(declared.len());
        added.map_or_else(|| &declared[slot.0], |place| &self.inputs[place])
    }

    /// Says what a declared attribute is before the first step, where that follows from something else. A node, which
    /// is told, does not even compute it.
    pub fn begin_with(&mut self, slot: PublishedSlot, value: impl FnOnce() -> Value) {
        if cfg!(feature = "examination") {
            self.initial.push((slot, value()));
        }
    }

    /// What the declared attributes are before the first step.
    fn all_initial(&self) -> Vec<Value> {
        let slots = (0..self.model_type.published.len()).map(PublishedSlot);
        let initial = |slot| {
            let said = self.initial.iter().find(|(known, _)| *known == slot);
            said.map_or_else(|| self.initial_published(slot), |(_, value)| value.clone())
        };
        slots.map(initial).collect()
    }

    /// Refuses names in the sections of a type that merges them with its own and has none of these names.
    fn check_names(&self) -> Result<(), Vec<BuildError>> {
        if self.model_type.sections != SectionPolicy::Merge {
            return Ok(());
        }
        let parameters = self.model_type.parameters.iter().map(|p| &*p.name);
        let inputs = self.inputs().map(|(_, input)| &*input.name);
        // One in the wrong section is told apart from one that is not there by whoever knows where they stand.
        let published = self.published.iter().map(|a| &*a.name);
        let published: Vec<&str> = published.collect();
        let mut errors = Vec::new();
        for (section, what, known) in [
            (Section::Parameters, "parameter", parameters.collect()),
            (Section::Inputs, "input", inputs.collect()),
            (Section::Outputs, "output", published.clone()),
            (Section::States, "state", published),
        ] {
            let known: Vec<&str> = known;
            for (name, _) in self.given(section) {
                if !known.contains(&&**name) {
                    let (of, has) = (&self.model_type.name, known.join(", "));
                    errors.push(BuildError {
                        code: format!("unknown_{what}:{name}").into(),
                        place: Place::Key(section, name.to_string()),
                        message: format!("the type '{of}' has no {what} '{name}' (has: {has})"),
                    });
                }
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Makes an input required that is so in some configurations only.
    pub fn require(&mut self, input: InputSlot) {
        self.required.push(input);
    }

    /// Takes an input away that is not there in this configuration: a connection to it is refused for this
    /// reason, and nobody is told that there is none.
    pub fn leave_out(&mut self, input: InputSlot, why: &'static str) {
        self.left_out.push((input, why));
    }

    /// Lets the steps look at sockets, and have the cables there show something.
    pub fn look_at(&mut self, sockets: SocketWish) {
        self.sockets = Some(sockets);
    }

    /// Tells the user something about the configuration that does not stop the run: where the scenario is
    /// checked. A node, which builds the model again, does not even make the words.
    pub fn warn<Text: Into<String>>(&mut self, text: impl FnOnce() -> Text) {
        if cfg!(feature = "examination") {
            self.warnings.push(text().into());
        }
    }
}

/// The section of the scenario that holds the initial values of this origin.
fn section_of(origin: Origin) -> Section {
    match origin {
        Origin::Output => Section::Outputs,
        Origin::State => Section::States,
    }
}
