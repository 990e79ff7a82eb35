//! Short forms for the tables of a declaration.

use super::{Input, Literal, Missing, Need, Parameter, ParameterKind, Range, documentation};
use crate::value::Kind;

/// Parameters: what they are, then what limits them.
impl Parameter {
    const fn of_kind(
        name: &'static str,
        unit: &'static str,
        kind: ParameterKind,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            unit,
            kind,
            default: None,
            missing: Missing::Refused,
            range: Range::ANY,
            used_with: None,
            instead_of_zero: "",
            meaning: documentation(meaning),
        }
    }

    /// A number of any size, without a default, that a given section must hold.
    pub const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, unit, ParameterKind::Number, meaning)
    }

    /// A truth value, without a default, that a given section must hold.
    pub const fn flag(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Flag, meaning)
    }

    /// A text, without a default, that a given section must hold.
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Text, meaning)
    }

    /// A folder for the files `<name>_<tick>.csv` with these names, without a default, that a given
    /// section must hold.
    pub const fn write_folder(
        name: &'static str,
        files: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self::of_kind(name, "-", ParameterKind::WriteFolder(files), meaning)
    }

    /// Something that the type's own code looks at, without a default, that a given section must
    /// hold.
    pub const fn any(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Any, meaning)
    }

    /// One of several texts, without a default, that a given section must hold.
    pub const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        Self::of_kind(name, "-", ParameterKind::Choice(choices), meaning)
    }

    /// A key that scenario files have and that changes nothing.
    pub const fn unused(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Unused, meaning)
    }

    /// The value where the scenario has no `parameters` section for the model.
    #[must_use]
    pub const fn with_default(self, default: Literal) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// The numbers that make sense.
    #[must_use]
    pub const fn in_range(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// The flag among the parameters of the type without which this one is not used.
    #[must_use]
    pub const fn used_with(self, flag: &'static str) -> Self {
        Self {
            used_with: Some(flag),
            ..self
        }
    }

    /// What to write where somebody gives a zero that the range excludes.
    #[must_use]
    pub const fn instead_of_zero(self, remedy: &'static str) -> Self {
        Self {
            instead_of_zero: documentation(remedy),
            ..self
        }
    }

    /// The value where the section is given without this key.
    #[must_use]
    pub const fn if_missing(self, value: Literal) -> Self {
        Self {
            missing: Missing::Is(value),
            ..self
        }
    }
}

/// Inputs: what they are, then what holds where nothing is connected.
impl Input {
    /// A number that must be connected, with the initial value 0.
    pub const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            unit,
            kind: Kind::Number,
            need: Need::Required,
            initial: Literal::Int(0),
            meaning: documentation(meaning),
        }
    }

    /// A name that scenario files connect and that changes nothing: anything may arrive there.
    pub const fn unused(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self {
            kind: Kind::Any,
            need: Need::Unused,
            ..Self::number(name, unit, meaning)
        }
    }

    /// What the model wants to see there.
    #[must_use]
    pub const fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// What it means that nothing is connected.
    #[must_use]
    pub const fn with_need(self, need: Need) -> Self {
        Self { need, ..self }
    }

    /// The initial value of the type.
    #[must_use]
    pub const fn with_initial(self, initial: Literal) -> Self {
        Self { initial, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_form_declares_what_it_says() {
        let power = Parameter::number("max_p", "kW", "largest power")
            .with_default(Literal::Int(150))
            .in_range(Range::NOT_NEGATIVE);
        assert_eq!((power.name, power.unit), ("max_p", "kW"));
        assert_eq!(power.default, Some(Literal::Int(150)));
        assert_eq!(power.missing, Missing::Refused);
        assert_eq!(power.range, Range::NOT_NEGATIVE);

        let load = Input::number("load", "kW", "demand")
            .with_need(Need::Else(Literal::Int(0)))
            .with_initial(Literal::Int(7));
        assert_eq!(load.need, Need::Else(Literal::Int(0)));
        assert_eq!(load.initial, Literal::Int(7));

        let price = Input::unused("price", "€/kWh", "not used");
        assert_eq!((price.kind, price.need), (Kind::Any, Need::Unused));
    }

    #[test]
    fn what_something_means_is_kept_only_where_it_is_printed() {
        const FLAG: Parameter = Parameter::flag("active", "whether there is one");
        assert_eq!(
            FLAG.meaning.is_empty(),
            !cfg!(feature = "documentation"),
            "{:?}",
            FLAG.meaning
        );
    }
}
