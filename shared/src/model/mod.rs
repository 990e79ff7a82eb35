//! What a model type declares, how an instance is built, and how it steps.
//!
//! A model type is a [`ModelType`]: one declaration of its name, parameters, inputs, published
//! attributes and documentation, beside the code that builds and steps it. Everything that has to know
//! about a type (checks of scenarios, `controller models`, the handshake, the documentation) reads that
//! declaration. A [`Registry`] has the types that a process knows.

mod attribute;
mod build;
mod config;
pub(crate) mod declare;
#[cfg(feature = "described")]
mod describing;
#[cfg(feature = "examination")]
mod examination;
#[cfg(all(feature = "described", feature = "saving"))]
mod made;
mod memory;
mod model_type;
mod parameter;
mod parameters;
mod registry;
mod role;
mod step;
mod text;
#[cfg(feature = "described")]
mod waker;

pub use attribute::{Input, Need, Published};
pub use build::{Attribute, Build, Instance, build};
pub use config::{BuildError, Entries, FilesWritten, Folder, ModelConfig, Place, Section};
pub use declare::{AttributeSlot, Facet, InputSlot, ParameterSlot, PublishedSlot};
#[cfg(feature = "described")]
pub use describing::{DescriptionError, MAX_NAME};
#[cfg(feature = "examination")]
pub use examination::{Acceptance, Examination, Expected, Finding, Taker};
#[cfg(all(feature = "described", feature = "saving"))]
pub use made::{Made, fingerprint};
pub use memory::Memory;
pub use model_type::{Builder, Built, ModelType, SectionPolicy};
pub use parameter::{Missing, Parameter, ParameterKind, Range};
pub use parameters::check_parameters;
pub use registry::{Registry, TypeRef};
pub use role::Role;
pub use step::{
    Asides, MAX_SIDE_FILE, Notice, Said, Severity, SideFile, Step, StepError, Stepped, WrittenFile,
};
pub use text::{Declared, Documentation, Literal, Names, Word};
#[cfg(feature = "described")]
pub use waker::Waker;

#[cfg(feature = "described")]
use crate::journal::Outside;
use crate::value::Number;

/// One model: the memory of an instance, and what it does in a step.
///
/// A model does no input or output of its own and reads no clock; files come through
/// [`Build::open`] and go through [`Step::write_file`], time comes through [`Step::tick`].
pub trait Model: Send {
    /// One step: reads the inputs, changes the memory, publishes.
    fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError>;

    /// Before the first step: the names of the models that are connected to an input which tells its
    /// sources apart ([`Input::by_source`]), in the order of the connections.
    fn connected(&mut self, _input: InputSlot, _sources: &[String]) {}

    /// Between two steps: a parameter has another value from now on. Returns whether the type takes that while it
    /// runs; those that are declared [adjustable](Parameter::adjustable) are taken. The value is in the range of the
    /// parameter.
    fn adjust(&mut self, _parameter: ParameterSlot, _value: Number) -> bool {
        false
    }

    /// Takes out all that changes from step to step, and what was [adjusted](Self::adjust), or puts it back into a model
    /// that has been built from the same entry: it then goes on as if it had made the steps itself. Returns whether
    /// the type does that. One that does not has to make all steps again where it is lost.
    fn memory(&mut self, _memory: &mut Memory<'_>) -> bool {
        false
    }

    /// For a model whose steps are made by a program somewhere else: how to say that a step which was
    /// [put off](Step::put_off) may be made, and what the plan says of the world outside. Such a model keeps the waker and
    /// returns true. This comes before the first step, and again where the model goes on in another engine: what is said of the
    /// steps to come is then more of the same.
    #[cfg(feature = "described")]
    fn attend(&mut self, _waker: &Waker, _outside: &Outside) -> bool {
        false
    }

    /// The waker of a model that [attends](Self::attend) a run with a pace was called, in a step or between two.
    #[cfg(feature = "described")]
    fn listen(&mut self) {}

    /// Before the first step: reads the files of the model as the steps will, and tells what they
    /// would find there. The model is as before. A model without files has nothing to do.
    #[cfg(feature = "examination")]
    fn examine(&mut self, _examination: &mut Examination<'_>) {}

    /// Before the first step: whether all that the steps would read is in memory. To have them made ahead in another thread
    /// would then take longer than to make them.
    #[cfg(feature = "examination")]
    fn has_at_hand(&self) -> bool {
        false
    }

    /// Before the first step: how an input looks at the values that come from files, where it wants
    /// more than their kind says.
    #[cfg(feature = "examination")]
    fn acceptance(&self, _input: InputSlot) -> Option<Acceptance> {
        None
    }
}
