//! A model type as a whole.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::text::set;
use super::{
    Build, BuildError, Declared, Documentation, Input, InputSlot, Model, Names, Parameter,
    ParameterSlot, Published, PublishedSlot,
};
use crate::append::Append;

/// A model type: everything there is to know about it without building one.
///
/// One that is built in is declared with [`model_type!`](crate::model_type) beside its code. One that
/// somebody describes while the program runs is made with `ModelType::described`, where the feature
/// `described` is on.
#[derive(Clone, Debug)]
pub struct ModelType {
    /// The name that scenarios use.
    pub name: Cow<'static, str>,
    /// Documentation in Markdown: the first paragraph is the summary.
    pub documentation: Documentation,
    /// What a section given in a scenario does to the defaults of the type.
    pub sections: SectionPolicy,
    /// Parameters, in the order of their slots.
    pub parameters: Declared<Parameter>,
    /// Inputs, in the order of their slots.
    pub inputs: Cow<'static, [Input]>,
    /// Outputs and states that instances publish, in the order of their slots.
    pub published: Declared<Published>,
    /// Names that scenario files of the Python Illuminator declare for this type and that no
    /// instance ever sets: harmless to declare, refused where they are to be read.
    pub never_published: Names,
    /// What the type was called in earlier generations of the Illuminator: in lower case, without `_` and
    /// without endings such as `sim`.
    #[cfg(feature = "documentation")]
    pub formerly: Names,
    /// What a type of an earlier generation was called that does the same and has another interface, as
    /// [`formerly`](Self::formerly), and what differs.
    #[cfg(feature = "documentation")]
    pub unlike: (Names, Documentation),
    /// Units of what instances add, by how its name begins: of inputs and of what is published.
    #[cfg(feature = "documentation")]
    pub units_of_added: &'static [(&'static str, &'static str)],
    /// Ticks from one step to the next where the scenario does not say.
    pub time_step_size: u32,
    /// Whether the same inputs give the same results again. That of a foreign program, a device or a
    /// human may be another one each time.
    pub is_repeatable: bool,
    /// Builds the memory of an instance. The parameters have been checked against their
    /// declaration; what remains are rules between them.
    pub builder: Builder,
}

/// What building gives: the memory of an instance.
pub type Built = Result<Box<dyn Model>, BuildError>;

/// How instances of a type are built.
#[derive(Clone)]
pub enum Builder {
    /// By a function of this program.
    BuiltIn(fn(&mut Build<'_>) -> Built),
    /// By something that knows more than a function does, such as where a foreign simulator is.
    #[cfg(feature = "described")]
    Described(std::sync::Arc<dyn Fn(&mut Build<'_>) -> Built + Send + Sync>),
}

impl Builder {
    /// Builds the memory of an instance.
    pub(super) fn build(&self, build: &mut Build<'_>) -> Built {
        match self {
            Self::BuiltIn(function) => function(build),
            #[cfg(feature = "described")]
            Self::Described(closure) => closure(build),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Builder")
    }
}

/// Types: what they are, then what is rare.
impl ModelType {
    /// A type of this name without attributes, whose steps are one tick apart and whose instances a
    /// function builds.
    pub const fn new(name: &'static str, build: fn(&mut Build<'_>) -> Built) -> Self {
        Self::with(Cow::Borrowed(name), Builder::BuiltIn(build))
    }

    /// A type that somebody describes while the program runs: without attributes, with steps one tick
    /// apart and instances that a closure builds. All that there is to say of it is put into the fields.
    #[cfg(feature = "described")]
    pub fn described(
        name: impl Into<String>,
        build: impl Fn(&mut Build<'_>) -> Built + Send + Sync + 'static,
    ) -> Self {
        let builder = Builder::Described(std::sync::Arc::new(build));
        Self::with(Cow::Owned(name.into()), builder)
    }

    const fn with(name: Cow<'static, str>, builder: Builder) -> Self {
        Self {
            name,
            documentation: Documentation::new(""),
            sections: SectionPolicy::Replace,
            parameters: Declared::new(&[]),
            inputs: Cow::Borrowed(&[]),
            published: Declared::new(&[]),
            never_published: Names::NONE,
            #[cfg(feature = "documentation")]
            formerly: Names::NONE,
            #[cfg(feature = "documentation")]
            unlike: (Names::NONE, Documentation::new("")),
            #[cfg(feature = "documentation")]
            units_of_added: &[],
            time_step_size: 1,
            is_repeatable: true,
            builder,
        }
    }

    /// What a section given in a scenario does to the defaults of the type, where that is not
    /// [`SectionPolicy::Replace`].
    #[must_use]
    pub const fn with_sections(mut self, sections: SectionPolicy) -> Self {
        self.sections = sections;
        self
    }

    /// See [`never_published`](Self::never_published).
    #[must_use]
    pub const fn never_publishing(mut self, names: &'static [&'static str]) -> Self {
        set(&mut self.never_published, Names::of(names));
        self
    }

    /// What the type was called in earlier generations of the Illuminator.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn formerly(mut self, names: &'static [&'static str]) -> Self {
        set(&mut self.formerly, Names::of(names));
        self
    }

    /// What the type was called in earlier generations of the Illuminator, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn formerly(self, _: &'static [&'static str]) -> Self {
        self
    }

    /// What a type of an earlier generation was called that does the same and has another interface, and what differs.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn unlike(mut self, names: &'static [&'static str], differs: &'static str) -> Self {
        set(
            &mut self.unlike,
            (Names::of(names), Documentation::new(differs)),
        );
        self
    }

    /// The units of what instances add, by how its name begins: `("vm_", "p.u.")`.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn adding(mut self, units: &'static [(&'static str, &'static str)]) -> Self {
        self.units_of_added = units;
        self
    }

    /// The units of what instances add, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn adding(self, _: &'static [(&'static str, &'static str)]) -> Self {
        self
    }

    /// The unit of an attribute of this name that an instance adds; none where the type does not say.
    #[cfg(feature = "documentation")]
    pub fn unit_of_added(&self, name: &str) -> Option<&'static str> {
        let mut units = self.units_of_added.iter();
        let found = units.find(|(beginning, _)| name.starts_with(beginning));
        found.map(|(_, unit)| *unit)
    }

    /// What has another interface in earlier generations, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn unlike(self, _: &'static [&'static str], _: &'static str) -> Self {
        self
    }

    /// What [`model_type!`](crate::model_type) takes from the doc comment and the lists.
    #[doc(hidden)]
    #[must_use]
    pub const fn declaring(
        mut self,
        documentation: &'static str,
        parameters: &'static [Parameter],
        inputs: &'static [Input],
        published: &'static [Published],
    ) -> Self {
        set(&mut self.documentation, Documentation::new(documentation));
        set(&mut self.parameters, Declared::new(parameters));
        set(&mut self.inputs, Cow::Borrowed(inputs));
        set(&mut self.published, Declared::new(published));
        self
    }
}

impl ModelType {
    /// The first paragraph of the documentation, on one line.
    pub fn summary(&self) -> String {
        let paragraph = self.documentation.split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The documentation after the summary, without the leading blank of doc comments.
    pub fn details(&self) -> String {
        let rest = self
            .documentation
            .split_once("\n\n")
            .map_or("", |(_, rest)| rest);
        let lines: Vec<&str> = rest
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
            .collect();
        lines.join("\n").trim().to_owned()
    }

    /// The slot of the parameter with this name.
    pub fn parameter_slot(&self, name: &str) -> Option<ParameterSlot> {
        let place = self.parameters.iter().position(|p| p.name == name);
        place.map(ParameterSlot)
    }

    /// The slot of the input with this name.
    pub fn input_slot(&self, name: &str) -> Option<InputSlot> {
        let place = self.inputs.iter().position(|i| i.name == name);
        place.map(InputSlot)
    }

    /// The slot of the output or state with this name.
    pub fn published_slot(&self, name: &str) -> Option<PublishedSlot> {
        let place = self.published.iter().position(|p| p.name == name);
        place.map(PublishedSlot)
    }

    /// A number that changes with the interface of the type: names, units, kinds, defaults and
    /// ranges. Controller and node compare it in their handshake.
    #[expect(
        clippy::missing_panics_doc,
        reason = "memory takes everything, and the length of everything is known"
    )]
    pub fn fingerprint(&self) -> u32 {
        let interface = (
            (&self.name, self.sections, self.time_step_size),
            &self.parameters,
            &self.inputs,
            &self.published,
        );
        // What the parts mean is documentation, which a node does not carry: they leave it out. The encoding is that
        // of the wire, so there is the code for it.
        let mut encoding = Vec::new();
        postcard::serialize_with_flavor(&interface, Append(&mut encoding))
            .expect("a declaration has an encoding");
        fnv1a(&encoding)
    }
}

/// The hash of Fowler, Noll and Vo, 32 bits: the same on every platform.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// What a section given in a scenario does to the defaults of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SectionPolicy {
    /// A given `parameters` section replaces the defaults as a whole: the type's own
    /// [`Missing`](super::Missing) rule decides about each key that it lacks. The Python Illuminator
    /// does this.
    Replace,
    /// Given keys are merged into the defaults.
    Merge,
    /// The keys are names of the scenario's own, which the type's code looks at.
    Own,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Range;

    const SAID: &[Parameter] = &[Parameter::number("p", "kW", "said")];
    const SAID_OTHERWISE: &[Parameter] = &[Parameter::number("p", "kW", "otherwise").symbol("P")];
    const LIMITED: &[Parameter] = &[Parameter::number("p", "kW", "said").in_range(Range::PERCENT)];

    fn with(name: &'static str, parameters: &'static [Parameter]) -> ModelType {
        let never = |_: &mut Build<'_>| Err(BuildError::missing_parameter("p", "never built"));
        ModelType::new(name, never).declaring("", parameters, &[], &[])
    }

    #[test]
    fn the_fingerprint_is_that_of_the_interface_and_not_of_its_wording() {
        let fingerprint = with("T", SAID).fingerprint();
        assert_eq!(fingerprint, with("T", SAID_OTHERWISE).fingerprint());
        assert_ne!(fingerprint, with("U", SAID).fingerprint());
        assert_ne!(fingerprint, with("T", LIMITED).fingerprint());
    }

    #[cfg(feature = "described")]
    #[test]
    fn the_fingerprint_does_not_tell_who_described_the_type() {
        let text = String::from;
        let mut described = ModelType::described("T", |_| {
            Err(BuildError::missing_parameter("p", "never built"))
        });
        described.parameters = Declared::from(vec![Parameter {
            name: text("p").into(),
            unit: text("kW").into(),
            meaning: text("described").into(),
            ..SAID[0].clone()
        }]);
        assert_eq!(described.fingerprint(), with("T", SAID).fingerprint());
    }

    #[test]
    fn slots_are_found_by_name() {
        let model_type = with("T", SAID);
        assert_eq!(model_type.parameter_slot("p"), Some(ParameterSlot(0)));
        assert_eq!(model_type.parameter_slot("q"), None);
    }
}
