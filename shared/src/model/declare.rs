//! How a type is declared beside its code, and the slots that come of it.

use serde::{Deserialize, Serialize};

use crate::index::Index;

/// The place of a parameter in its type's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct ParameterSlot(pub(crate) usize);

/// The place of an input in its type's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct InputSlot(pub(crate) usize);

/// The place of a published attribute in its type's declaration, or after those that are declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct PublishedSlot(pub(crate) usize);

/// An attribute of a model by its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeSlot {
    /// What the model has published last under this slot.
    Published(PublishedSlot),
    /// What stood at this input in the last step.
    Input(InputSlot),
}

/// What of a model somebody can look at while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Facet {
    /// An attribute.
    Attribute(AttributeSlot),
    /// What is in a socket, and what it was told: a [`SocketView`](crate::cable::SocketView).
    Socket(u8),
}

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

index_slots! { ParameterSlot InputSlot PublishedSlot }

impl ParameterSlot {
    /// The slot with this number.
    #[doc(hidden)]
    pub const fn new(number: usize) -> Self {
        Self(number)
    }
}

impl InputSlot {
    /// The slot with this number.
    #[doc(hidden)]
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// The number of the slot.
    pub fn index(self) -> usize {
        self.0
    }
}

impl PublishedSlot {
    /// The slot with this number.
    #[doc(hidden)]
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// The number of the slot.
    pub fn index(self) -> usize {
        self.0
    }
}

/// Declares a model type: its documentation, a static of type [`ModelType`](crate::model::ModelType),
/// and its parameters, inputs, and outputs and states, in the order of their slots. The lists may be left
/// out.
///
/// ```
/// use shared::model::{Input, Model, ModelType, Published, Step, StepError};
/// use shared::model_type;
///
/// model_type! {
///     /// Mirror: shows what it sees.
///     ///
///     /// # Model
///     ///
///     /// y = x
///     pub static MIRROR = ModelType::new("Mirror", |_| Ok(Box::new(Mirror)));
///     inputs {
///         X = Input::number("x", "kW", "what it sees").symbol("x"),
///         _ = Input::unused("price", "€/kWh", "not used"),
///     }
///     published {
///         Y = Published::output("y", "kW", "what it shows").symbol("y"),
///     }
/// }
///
/// struct Mirror;
///
/// impl Model for Mirror {
///     fn step(&mut self, step: &mut Step<'_>) -> Result<(), StepError> {
///         step.publish_number(Y, step.number(X)?);
///         Ok(())
///     }
/// }
/// assert_eq!((&*MIRROR.name, &*MIRROR.inputs[1].name), ("Mirror", "price"));
/// ```
///
/// It comes to the static, whose lists hold the expressions as they stand and whose page shows them, and a
/// constant for each name before a `=`: here `const X: InputSlot` with the number 0 and
/// `const Y: PublishedSlot` with the number 0. An entry that the code does not look at has `_` there.
#[macro_export]
macro_rules! model_type {
    (
        $(#[doc = $line:literal])+
        $vis:vis static $name:ident = $type:expr;
        $(parameters { $($parameter_slot:tt = $parameter:expr),+ $(,)? })?
        $(inputs { $($input_slot:tt = $input:expr),+ $(,)? })?
        $(published { $($published_slot:tt = $published:expr),+ $(,)? })?
    ) => {
        $(#[doc = $line])+
        $(
            #[doc = "\n # Parameters\n"]
            $(#[doc = concat!(" - `", stringify!($parameter), "`")])+
        )?
        $(
            #[doc = "\n # Inputs\n"]
            $(#[doc = concat!(" - `", stringify!($input), "`")])+
        )?
        $(
            #[doc = "\n # Outputs and states\n"]
            $(#[doc = concat!(" - `", stringify!($published), "`")])+
        )?
        $vis static $name: $crate::model::ModelType = {
            const PARAMETERS: &[$crate::model::Parameter] = &[$($($parameter),+)?];
            const INPUTS: &[$crate::model::Input] = &[$($($input),+)?];
            const PUBLISHED: &[$crate::model::Published] = &[$($($published),+)?];
            $type.declaring(concat!($($line, "\n"),+), PARAMETERS, INPUTS, PUBLISHED)
        };
        $($crate::slots! { ParameterSlot, 0; $($parameter_slot)+ })?
        $($crate::slots! { InputSlot, 0; $($input_slot)+ })?
        $($crate::slots! { PublishedSlot, 0; $($published_slot)+ })?
    };
}

/// Numbers the entries of a list; `_` takes a number and gives it no name.
#[doc(hidden)]
#[macro_export]
macro_rules! slots {
    ($slot:ident, $number:expr; ) => {};
    ($slot:ident, $number:expr; _ $($rest:tt)*) => {
        $crate::slots! { $slot, $number + 1; $($rest)* }
    };
    ($slot:ident, $number:expr; $name:ident $($rest:tt)*) => {
        const $name: $crate::model::$slot = $crate::model::$slot::new($number);
        $crate::slots! { $slot, $number + 1; $($rest)* }
    };
}
