//! What a type says of its inputs, outputs and states.

use std::borrow::Cow;

use serde::Serialize;

#[cfg(feature = "documentation")]
use super::Role;
use super::text::set;
use super::{Documentation, Literal, Word};
use crate::value::{Kind, Origin};

/// An input of a model type.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// Its name in the scenario.
    pub name: Cow<'static, str>,
    /// Its unit; `-` where there is none. Where a parameter chooses between units, all of them, with ` or `
    /// between them.
    pub unit: Word,
    /// The parameter that chooses between the units: its choices are in their order.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub unit_by: Option<Cow<'static, str>>,
    /// What the model wants to see there. Several states into one input arrive as a list, which
    /// an input of kind `Number` refuses.
    pub kind: Kind,
    /// What an unconnected input means.
    pub need: Need,
    /// The initial value of the type: the first value of a time-shifted connection where the type
    /// merges its sections, and what the model starts from where it uses initial inputs.
    pub initial: Literal,
    /// The model is told whose values arrive there
    /// ([`Model::connected`](super::Model::connected)).
    #[serde(skip)]
    pub by_source: bool,
    /// One connection at most may lead there.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub is_single: bool,
    /// Several states may lead there: the model adds them.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub adds_states: bool,
    /// Another input of the type, of which this one is a second name: one of them may be connected.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub instead_of: Option<Cow<'static, str>>,
    /// Where nothing is connected to it, it can be changed while a model runs: between which numbers that is usual.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub adjustable: Option<(f64, f64)>,
    /// What it is called in the equations; empty where it is in none.
    #[serde(skip)]
    pub symbol: Documentation,
    /// What it means, in one line.
    #[serde(skip)]
    pub meaning: Documentation,
}

/// What it means that nothing is connected to an input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Need {
    /// The scenario is refused.
    Required,
    /// Required in some configurations; [`Build::require`](super::Build::require) says which.
    Sometimes(Word),
    /// This is used silently in every step, so the user is warned when the scenario is loaded.
    Else(Literal),
    /// It is fine.
    Optional,
    /// Nothing comes of what arrives there: scenarios connect it, and are warned.
    Unused,
}

impl Need {
    /// Required in the configurations that these words tell.
    pub const fn sometimes(when: &'static str) -> Self {
        Self::Sometimes(Word::new(when))
    }
}

/// Inputs: what they are, then what holds where nothing is connected.
impl Input {
    /// A number that must be connected, with the initial value 0.
    pub const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            unit: Word::new(unit),
            #[cfg(feature = "documentation")]
            unit_by: None,
            kind: Kind::Number,
            need: Need::Required,
            initial: Literal::Int(0),
            by_source: false,
            #[cfg(feature = "documentation")]
            is_single: false,
            #[cfg(feature = "documentation")]
            adds_states: false,
            #[cfg(feature = "documentation")]
            instead_of: None,
            #[cfg(feature = "documentation")]
            adjustable: None,
            symbol: Documentation::new(""),
            meaning: Documentation::new(meaning),
        }
    }

    /// A name that scenario files connect and that changes nothing: anything may arrive there.
    pub const fn unused(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self::number(name, unit, meaning)
            .with_kind(Kind::Any)
            .with_need(Need::Unused)
    }

    /// The model is told whose values arrive there. The kind of the input is that of each of them.
    #[must_use]
    pub const fn by_source(mut self) -> Self {
        self.by_source = true;
        self
    }

    /// One connection at most may lead there.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn single(mut self) -> Self {
        self.is_single = true;
        self
    }

    /// One connection at most may lead there, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn single(self) -> Self {
        self
    }

    /// Several states may lead there, which arrive as a list: the model adds them.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn adding(mut self) -> Self {
        self.adds_states = true;
        self
    }

    /// Several states may lead there, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn adding(self) -> Self {
        self
    }

    /// It is a second name of another input of the type: one of them may be connected.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn instead_of(mut self, other: &'static str) -> Self {
        set(&mut self.instead_of, Some(Cow::Borrowed(other)));
        self
    }

    /// It is a second name of another input, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn instead_of(self, _: &'static str) -> Self {
        self
    }

    /// Where nothing is connected to it, it can be changed while a model runs, usually between these numbers.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn adjustable(mut self, low: f64, high: f64) -> Self {
        self.adjustable = Some((low, high));
        self
    }

    /// It can be changed while a model runs: nobody asks between which numbers here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn adjustable(self, _: f64, _: f64) -> Self {
        self
    }

    /// What it means that nothing is connected.
    #[must_use]
    pub const fn with_need(mut self, need: Need) -> Self {
        set(&mut self.need, need);
        self
    }
}

/// An attribute that instances of a type publish.
#[derive(Clone, Debug, Serialize)]
pub struct Published {
    /// Its name in the scenario.
    pub name: Word,
    /// Whether it is a physical flow or information.
    pub origin: Origin,
    /// Its unit; `-` where there is none. Where a parameter chooses between units, all of them, with ` or `
    /// between them.
    pub unit: Word,
    /// The parameter that chooses between the units: its choices are in their order.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub unit_by: Option<Cow<'static, str>>,
    /// What readers get.
    pub kind: Kind,
    /// The initial value of the type, for states that the model starts from.
    pub initial: Literal,
    /// The output of the type whose value this state repeats, for readers that are more than one.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub repeats: Option<Cow<'static, str>>,
    /// What it is in the balance of energy, where it is anything there.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub role: Option<Role>,
    /// The parameter that must be true for the role to hold.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub role_with: Option<Cow<'static, str>>,
    /// What it is called in the equations; empty where it is in none.
    #[serde(skip)]
    pub symbol: Documentation,
    /// What it means, in one line.
    #[serde(skip)]
    pub meaning: Documentation,
    /// Whether the next step starts from it.
    #[serde(skip)]
    pub is_memory: bool,
}

/// Outputs and states: what they are, then what limits them.
impl Published {
    const fn of_origin(origin: Origin, [name, unit, meaning]: [&'static str; 3]) -> Self {
        Self {
            name: Word::new(name),
            origin,
            unit: Word::new(unit),
            #[cfg(feature = "documentation")]
            unit_by: None,
            kind: Kind::Number,
            initial: Literal::Int(0),
            #[cfg(feature = "documentation")]
            repeats: None,
            #[cfg(feature = "documentation")]
            role: None,
            #[cfg(feature = "documentation")]
            role_with: None,
            symbol: Documentation::new(""),
            meaning: Documentation::new(meaning),
            is_memory: false,
        }
    }

    /// A number that is a physical flow, with the initial value 0.
    pub const fn output(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self::of_origin(Origin::Output, [name, unit, meaning])
    }

    /// A number that is information, with the initial value 0.
    pub const fn state(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self::of_origin(Origin::State, [name, unit, meaning])
    }

    /// The next step starts from it.
    #[must_use]
    pub const fn memory(mut self) -> Self {
        self.is_memory = true;
        self
    }

    /// It has the value of an output of the type, for readers that are more than one.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn repeats(mut self, output: &'static str) -> Self {
        set(&mut self.repeats, Some(Cow::Borrowed(output)));
        self
    }

    /// It has the value of an output of the type, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn repeats(self, _: &'static str) -> Self {
        self
    }
}

/// What is said of inputs and of published attributes alike.
macro_rules! said_of_both {
    ($($attribute:ident)+) => {$(
        impl $attribute {
            /// The parameter that chooses between the units.
            #[cfg(feature = "documentation")]
            #[must_use]
            pub const fn unit_by(mut self, parameter: &'static str) -> Self {
                set(&mut self.unit_by, Some(Cow::Borrowed(parameter)));
                self
            }

            /// The parameter that chooses between the units, which nobody asks here.
            #[cfg(not(feature = "documentation"))]
            #[must_use]
            pub const fn unit_by(self, _: &'static str) -> Self {
                self
            }

            /// What the values are.
            #[must_use]
            pub const fn with_kind(mut self, kind: Kind) -> Self {
                self.kind = kind;
                self
            }

            /// The initial value of the type.
            #[must_use]
            pub const fn with_initial(mut self, initial: Literal) -> Self {
                set(&mut self.initial, initial);
                self
            }

            /// What it is called in the equations.
            #[must_use]
            pub const fn symbol(mut self, symbol: &'static str) -> Self {
                set(&mut self.symbol, Documentation::new(symbol));
                self
            }
        }
    )+};
}

said_of_both! { Input Published }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_form_declares_what_it_says() {
        let load = Input::number("load", "kW", "demand")
            .with_need(Need::Else(Literal::Int(0)))
            .with_initial(Literal::Int(7));
        assert_eq!(load.need, Need::Else(Literal::Int(0)));
        assert_eq!(load.initial, Literal::Int(7));

        let price = Input::unused("price", "€/kWh", "not used");
        assert_eq!((price.kind, price.need), (Kind::Any, Need::Unused));

        let soc = Published::state("soc", "%", "level").with_initial(Literal::Null);
        assert_eq!((soc.origin, soc.kind), (Origin::State, Kind::Number));
        assert_eq!(soc.initial, Literal::Null);
    }
}
