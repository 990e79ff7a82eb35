//! The declaration of a model type.

use std::fmt;

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

use super::{Build, BuildError, Model};
use crate::index::Index;
use crate::value::{Kind, Origin, Value};

/// A model type: everything there is to know about it without building one.
///
/// Declare it with [`model_type!`](crate::model_type), which takes the documentation from the doc
/// comment.
#[derive(Debug)]
pub struct ModelType {
    /// The name that scenarios use.
    pub name: &'static str,
    /// Documentation in Markdown: the first paragraph is the summary. Empty where the feature
    /// `documentation` is off.
    pub documentation: &'static str,
    /// What a section given in a scenario does to the defaults of the type.
    pub sections: SectionPolicy,
    /// Parameters, in the order of their slots.
    pub parameters: &'static [Parameter],
    /// Inputs, in the order of their slots.
    pub inputs: &'static [Input],
    /// Outputs and states that instances publish, in the order of their slots.
    pub published: &'static [Published],
    /// Names that scenario files of the Python Illuminator declare for this type and that no
    /// instance ever sets: harmless to declare, refused where they are to be read.
    pub never_published: &'static [&'static str],
    /// Ticks from one step to the next where the scenario does not say.
    pub time_step_size: u32,
    /// Builds the memory of an instance. The parameters have been checked against their
    /// declaration; what remains are rules between them.
    pub build: fn(&mut Build<'_>) -> Result<Box<dyn Model>, BuildError>,
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

    /// A number that changes with the interface of the type: names, units, kinds, defaults and
    /// ranges. Controller and node compare it in their handshake.
    #[expect(
        clippy::missing_panics_doc,
        reason = "a hash takes everything, and the length of everything is known"
    )]
    pub fn fingerprint(&self) -> u32 {
        let interface = (
            (self.name, self.sections, self.time_step_size),
            self.parameters,
            self.inputs,
            self.published,
        );
        // What the parts mean is documentation, which a node does not carry: they leave it out.
        let hashed = postcard::serialize_with_flavor(&interface, Fnv1a(0x811c_9dc5));
        hashed.expect("a declaration has an encoding")
    }
}

/// The hash of Fowler, Noll and Vo, 32 bits: the same on every platform. It takes the encoding that
/// goes over the wire as well.
struct Fnv1a(u32);

impl Flavor for Fnv1a {
    type Output = u32;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u32> {
        Ok(self.0)
    }
}

/// Declares a model type; its doc comment becomes both the page of the static and the
/// [`documentation`](ModelType::documentation) of the catalogue.
#[macro_export]
macro_rules! model_type {
    ($(#[doc = $line:literal])+ $vis:vis static $name:ident = {
        $($field:ident: $value:expr),+ $(,)?
    }) => {
        $(#[doc = $line])+
        $vis static $name: $crate::model::ModelType = $crate::model::ModelType {
            documentation: $crate::model::documentation(concat!($($line, "\n"),+)),
            $($field: $value),+
        };
    };
}

/// The text itself where the feature `documentation` is on, else nothing, so that a node does not
/// carry what it never prints.
pub const fn documentation(text: &'static str) -> &'static str {
    if cfg!(feature = "documentation") {
        text
    } else {
        ""
    }
}

/// What a section given in a scenario does to the defaults of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SectionPolicy {
    /// A given `parameters` section replaces the defaults as a whole: the type's own
    /// [`Missing`] rule decides about each key that it lacks. The Python Illuminator does this.
    Replace,
    /// Given keys are merged into the defaults.
    Merge,
    /// The keys are names of the scenario's own, which the type's code looks at.
    Own,
}

/// A constant in a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Literal {
    /// No value.
    Null,
    /// Truth value.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Float.
    Float(f64),
    /// Text.
    Text(&'static str),
    /// The empty sequence.
    EmptyList,
    /// The empty mapping.
    EmptyMap,
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Null => Value::Null,
            Literal::Bool(flag) => Value::Bool(flag),
            Literal::Int(int) => Value::Int(int),
            Literal::Float(float) => Value::Float(float),
            Literal::Text(text) => Value::text(text),
            Literal::EmptyList => Value::List([].into()),
            Literal::EmptyMap => Value::Map([].into()),
        }
    }
}

/// A parameter of a model type.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Its key in the scenario.
    pub name: &'static str,
    /// Its unit; `-` where there is none.
    pub unit: &'static str,
    /// What may be given.
    pub kind: ParameterKind,
    /// The value where the scenario has no `parameters` section for the model; `None` where the
    /// type has no usable default, so that the section must be given.
    pub default: Option<Literal>,
    /// What happens where the section is given without this key.
    pub missing: Missing,
    /// The numbers that make sense.
    pub range: Range,
    /// The flag among the parameters without which this one is not used. Where it is off, what is
    /// given here is not looked at, and nothing needs to be.
    pub used_with: Option<&'static str>,
    /// What to write where somebody gives a zero that the range excludes; empty where there is
    /// nothing to say.
    #[serde(skip)]
    pub instead_of_zero: &'static str,
    /// What it means, in one line.
    #[serde(skip)]
    pub meaning: &'static str,
}

/// What may be given for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ParameterKind {
    /// Integer or float (booleans are refused: a yes in place of a number is a slip).
    Number,
    /// Integer, or null where the default is null.
    Integer,
    /// Boolean, or the integers 0 and 1.
    Flag,
    /// Text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// The path of a file that instances read, or a list of paths. The content travels to the
    /// node that runs the model.
    ReadPaths,
    /// The path of a folder that instances write into. In each step they may write the files
    /// `<name>_<tick>.csv` with these names there, and nothing else anywhere.
    WriteFolder(&'static [&'static str]),
    /// Anything; the type's own code looks at it.
    Any,
    /// Accepted because scenario files have it, and not used.
    Unused,
}

/// What happens where a `parameters` section is given without a key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Missing {
    /// The scenario is refused, with the default in the message.
    Refused,
    /// This value is used.
    Is(Literal),
}

/// An interval of numbers. A NaN is outside of every interval but the unlimited one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// Lower limit, and whether it belongs to the interval.
    pub low: Option<(f64, bool)>,
    /// Upper limit, and whether it belongs to the interval.
    pub high: Option<(f64, bool)>,
}

impl Range {
    /// All numbers.
    pub const ANY: Range = Range {
        low: None,
        high: None,
    };
    /// Zero and up.
    pub const NOT_NEGATIVE: Range = Range {
        low: Some((0.0, true)),
        high: None,
    };
    /// Above zero.
    pub const POSITIVE: Range = Range {
        low: Some((0.0, false)),
        high: None,
    };
    /// Zero and below.
    pub const NOT_POSITIVE: Range = Range {
        low: None,
        high: Some((0.0, true)),
    };
    /// From 0 to 100, both included.
    pub const PERCENT: Range = Range {
        low: Some((0.0, true)),
        high: Some((100.0, true)),
    };

    /// Whether a number lies inside.
    pub fn contains(&self, x: f64) -> bool {
        let above = self
            .low
            .is_none_or(|(low, closed)| x > low || (closed && x == low));
        let below = self
            .high
            .is_none_or(|(high, closed)| x < high || (closed && x == high));
        above && below
    }
}

/// `0 < x ≤ 100`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((low, closed)) = self.low {
            write!(f, "{low} {} ", if closed { "≤" } else { "<" })?;
        }
        f.write_str("x")?;
        if let Some((high, closed)) = self.high {
            write!(f, " {} {high}", if closed { "≤" } else { "<" })?;
        }
        Ok(())
    }
}

/// An input of a model type.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Input {
    /// Its name in the scenario.
    pub name: &'static str,
    /// Its unit; `-` where there is none.
    pub unit: &'static str,
    /// What the model wants to see there. Several states into one input arrive as a list, which
    /// an input of kind `Number` refuses.
    pub kind: Kind,
    /// What an unconnected input means.
    pub need: Need,
    /// The initial value of the type: the first value of a time-shifted connection where the type
    /// merges its sections, and what the model starts from where it uses initial inputs.
    pub initial: Literal,
    /// What it means, in one line.
    #[serde(skip)]
    pub meaning: &'static str,
}

/// What it means that nothing is connected to an input.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Need {
    /// The scenario is refused.
    Required,
    /// Required in some configurations; [`Build::require`] says which.
    Sometimes(&'static str),
    /// This is used silently in every step, so the user is warned when the scenario is loaded.
    Else(Literal),
    /// It is fine.
    Optional,
    /// Nothing comes of what arrives there: scenarios connect it, and are warned.
    Unused,
}

/// An attribute that instances of a type publish.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Published {
    /// Its name in the scenario.
    pub name: &'static str,
    /// Whether it is a physical flow or information.
    pub origin: Origin,
    /// Its unit; `-` where there is none.
    pub unit: &'static str,
    /// What readers get.
    pub kind: Kind,
    /// The initial value of the type, for states that the model starts from.
    pub initial: Literal,
    /// What it means, in one line.
    #[serde(skip)]
    pub meaning: &'static str,
}

/// Declares an output: a physical flow.
pub const fn output(
    name: &'static str,
    unit: &'static str,
    kind: Kind,
    initial: Literal,
    meaning: &'static str,
) -> Published {
    Published {
        name,
        origin: Origin::Output,
        unit,
        kind,
        initial,
        meaning: documentation(meaning),
    }
}

/// Declares a state: information.
pub const fn state(
    name: &'static str,
    unit: &'static str,
    kind: Kind,
    initial: Literal,
    meaning: &'static str,
) -> Published {
    Published {
        name,
        origin: Origin::State,
        unit,
        kind,
        initial,
        meaning: documentation(meaning),
    }
}

/// The place of a parameter in its type's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterSlot(pub(crate) usize);

/// The place of an input in its type's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct InputSlot(pub(crate) usize);

/// The place of a published attribute in its type's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct PublishedSlot(pub(crate) usize);

/// Makes slots index types, which are on the wire as numbers of 32 bits.
macro_rules! index_slots {
    ($($slot:ident)+) => {$(
        impl Index for $slot {
            #[inline]
            fn at(place: usize) -> Self {
                Self(place)
            }

            #[inline]
            fn place(self) -> usize {
                self.0
            }
        }

        impl From<u32> for $slot {
            fn from(place: u32) -> Self {
                Self(place as usize)
            }
        }

        impl From<$slot> for u32 {
            /// No declaration has as many places as do not fit.
            fn from(slot: $slot) -> Self {
                Self::try_from(slot.0).unwrap_or(Self::MAX)
            }
        }
    )+};
}

index_slots! { InputSlot PublishedSlot }

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

macro_rules! slot_of {
    ($(#[$doc:meta])* $function:ident, $declared:ty, $slot:ident) => {
        $(#[$doc])*
        ///
        /// # Panics
        /// While compiling, where the declaration lacks the name.
        pub const fn $function(declared: &[$declared], name: &str) -> $slot {
            let mut i = 0;
            while i < declared.len() {
                if same(declared[i].name, name) {
                    return $slot(i);
                }
                i += 1;
            }
            panic!("no such name in the declaration")
        }
    };
}

slot_of! {
    /// The slot of the parameter with this name, found while compiling.
    parameter_slot, Parameter, ParameterSlot
}
slot_of! {
    /// The slot of the input with this name, found while compiling.
    input_slot, Input, InputSlot
}
slot_of! {
    /// The slot of the output or state with this name, found while compiling.
    published_slot, Published, PublishedSlot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_what_lies_inside() {
        let efficiency = Range {
            low: Some((0.0, false)),
            high: Some((100.0, true)),
        };
        assert_eq!(efficiency.to_string(), "0 < x ≤ 100");
        assert!(efficiency.contains(100.0) && !efficiency.contains(0.0));
        assert!(!efficiency.contains(f64::NAN));
        assert!(Range::ANY.contains(f64::NAN));
    }

    #[test]
    fn the_fingerprint_is_that_of_the_interface_and_not_of_its_wording() {
        const fn with(name: &'static str, parameters: &'static [Parameter]) -> ModelType {
            ModelType {
                name,
                documentation: "",
                sections: SectionPolicy::Replace,
                parameters,
                inputs: &[],
                published: &[],
                never_published: &[],
                time_step_size: 1,
                build: |_| Err(BuildError::missing_parameter("p", "never built")),
            }
        }
        const SAID: Parameter = Parameter {
            meaning: "said",
            ..Parameter::number("p", "kW", "")
        };
        const SAID_OTHERWISE: Parameter = Parameter {
            meaning: "said otherwise",
            ..SAID
        };
        const LIMITED: Parameter = SAID.in_range(Range::PERCENT);
        let fingerprint = with("T", &[SAID]).fingerprint();
        assert_eq!(fingerprint, with("T", &[SAID_OTHERWISE]).fingerprint());
        assert_ne!(fingerprint, with("U", &[SAID]).fingerprint());
        assert_ne!(fingerprint, with("T", &[LIMITED]).fingerprint());
    }

    #[test]
    fn slots_are_found_by_name() {
        const PUBLISHED: &[Published] = &[
            output("p", "kW", Kind::Number, Literal::Int(0), ""),
            state("soc", "%", Kind::Number, Literal::Int(0), ""),
        ];
        const SOC: PublishedSlot = published_slot(PUBLISHED, "soc");
        assert_eq!(SOC, PublishedSlot(1));
    }
}
