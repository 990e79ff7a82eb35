//! What a type says of a parameter.

use std::fmt;

use serde::Serialize;

use super::text::set;
use super::{Documentation, Literal, Names, Word};

/// A parameter of a model type.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its key in the scenario.
    pub name: Word,
    /// Its unit; `-` where there is none.
    pub unit: Word,
    /// What may be given.
    pub kind: ParameterKind,
    /// The value where the scenario has no `parameters` section for the model; `None` where the
    /// type has no usable default, so that the section must be given.
    pub default: Option<Literal>,
    /// What happens where the section is given without this key.
    pub missing: Missing,
    /// The numbers that make sense.
    pub range: &'static Range,
    /// The flag among the parameters without which this one is not used. Where it is off, what is
    /// given here is not looked at, and nothing needs to be.
    pub used_with: Option<Word>,
    /// What to write where somebody gives a zero that the range excludes; empty where there is
    /// nothing to say.
    #[serde(skip)]
    pub instead_of_zero: Documentation,
    /// What it is called in the equations; empty where it is in none.
    #[serde(skip)]
    pub symbol: Documentation,
    /// What it means, in one line.
    #[serde(skip)]
    pub meaning: Documentation,
    /// What it was called in earlier generations of the Illuminator, and what else people call it, in lower
    /// case.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub formerly: Names,
    /// It can be changed while a model runs: between which numbers that is usual.
    #[cfg(feature = "documentation")]
    #[serde(skip)]
    pub adjustable: Option<(f64, f64)>,
}

/// What may be given for a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    Choice(Names),
    /// The path of a file that instances read, or a list of paths. The content travels to the
    /// node that runs the model.
    ReadPaths,
    /// The path of a folder that instances write into. In each step they may write the files
    /// `<name>_<tick>.csv` with these names there, and nothing else anywhere.
    WriteFolder(Names),
    /// Anything; the type's own code looks at it.
    Any,
    /// Accepted because scenario files have it, and not used.
    Unused,
}

/// What happens where a `parameters` section is given without a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Missing {
    /// The scenario is refused, with the default in the message.
    Refused,
    /// This value is used.
    Is(Literal),
}

/// Parameters: what they are, then what limits them.
impl Parameter {
    const fn of_kind(
        name: &'static str,
        unit: &'static str,
        kind: ParameterKind,
        meaning: &'static str,
    ) -> Self {
        Self {
            name: Word::new(name),
            unit: Word::new(unit),
            kind,
            default: None,
            missing: Missing::Refused,
            range: Range::ANY,
            used_with: None,
            instead_of_zero: Documentation::new(""),
            symbol: Documentation::new(""),
            meaning: Documentation::new(meaning),
            #[cfg(feature = "documentation")]
            formerly: Names::NONE,
            #[cfg(feature = "documentation")]
            adjustable: None,
        }
    }

    /// A number of any size, without a default, that a given section must hold.
    pub const fn number(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, unit, ParameterKind::Number, meaning)
    }

    /// An integer of any size, without a default, that a given section must hold.
    pub const fn integer(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, unit, ParameterKind::Integer, meaning)
    }

    /// A truth value, without a default, that a given section must hold.
    pub const fn flag(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Flag, meaning)
    }

    /// A text, without a default, that a given section must hold.
    pub const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Text, meaning)
    }

    /// The path of a file that instances read, or a list of them, which a given section must hold.
    pub const fn read_paths(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::ReadPaths, meaning)
    }

    /// A folder for the files `<name>_<tick>.csv` with these names, without a default, that a given
    /// section must hold.
    pub const fn write_folder(
        name: &'static str,
        files: &'static [&'static str],
        meaning: &'static str,
    ) -> Self {
        let kind = ParameterKind::WriteFolder(Names::of(files));
        Self::of_kind(name, "-", kind, meaning)
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
        let kind = ParameterKind::Choice(Names::of(choices));
        Self::of_kind(name, "-", kind, meaning)
    }

    /// A key that scenario files have and that changes nothing.
    pub const fn unused(name: &'static str, meaning: &'static str) -> Self {
        Self::of_kind(name, "-", ParameterKind::Unused, meaning)
    }

    /// The value where the scenario has no `parameters` section for the model.
    #[must_use]
    pub const fn with_default(mut self, default: Literal) -> Self {
        set(&mut self.default, Some(default));
        self
    }

    /// The value where the section is given without this key.
    #[must_use]
    pub const fn if_missing(mut self, value: Literal) -> Self {
        set(&mut self.missing, Missing::Is(value));
        self
    }

    /// The numbers that make sense.
    #[must_use]
    pub const fn in_range(mut self, range: &'static Range) -> Self {
        self.range = range;
        self
    }

    /// The flag among the parameters of the type without which this one is not used.
    #[must_use]
    pub const fn used_with(mut self, flag: &'static str) -> Self {
        set(&mut self.used_with, Some(Word::new(flag)));
        self
    }

    /// What to write where somebody gives a zero that the range excludes.
    #[must_use]
    pub const fn instead_of_zero(mut self, remedy: &'static str) -> Self {
        set(&mut self.instead_of_zero, Documentation::new(remedy));
        self
    }

    /// What it is called in the equations.
    #[must_use]
    pub const fn symbol(mut self, symbol: &'static str) -> Self {
        set(&mut self.symbol, Documentation::new(symbol));
        self
    }

    /// It can be changed while a model runs ([`Model::adjust`](super::Model::adjust)), usually between these numbers;
    /// what its range excludes is refused.
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

    /// What it was called in earlier generations of the Illuminator.
    #[cfg(feature = "documentation")]
    #[must_use]
    pub const fn formerly(mut self, names: &'static [&'static str]) -> Self {
        set(&mut self.formerly, Names::of(names));
        self
    }

    /// What it was called in earlier generations of the Illuminator, which nobody asks here.
    #[cfg(not(feature = "documentation"))]
    #[must_use]
    pub const fn formerly(self, _: &'static [&'static str]) -> Self {
        self
    }
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
    pub const ANY: &Range = &Range {
        low: None,
        high: None,
    };
    /// Zero and up.
    pub const NOT_NEGATIVE: &Range = &Range {
        low: Some((0.0, true)),
        high: None,
    };
    /// Above zero.
    pub const POSITIVE: &Range = &Range {
        low: Some((0.0, false)),
        high: None,
    };
    /// Zero and below.
    pub const NOT_POSITIVE: &Range = &Range {
        low: None,
        high: Some((0.0, true)),
    };
    /// From 0 to 100, both included.
    pub const PERCENT: &Range = &Range::between(0.0, 100.0);

    /// From one number to another, both included.
    pub const fn between(low: f64, high: f64) -> Self {
        Self {
            low: Some((low, true)),
            high: Some((high, true)),
        }
    }

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
    fn a_short_form_declares_what_it_says() {
        let power = Parameter::number("max_p", "kW", "largest power")
            .with_default(Literal::Int(150))
            .in_range(Range::NOT_NEGATIVE);
        assert_eq!((&*power.name, &*power.unit), ("max_p", "kW"));
        assert_eq!(power.default, Some(Literal::Int(150)));
        assert_eq!(power.missing, Missing::Refused);
        assert_eq!(power.range, Range::NOT_NEGATIVE);
    }
}
