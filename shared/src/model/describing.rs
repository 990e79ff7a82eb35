//! Types that somebody describes while the program runs: what a description must keep to.

use std::collections::BTreeSet;
use std::fmt;

use super::{ModelType, Registry, TypeRef};
use crate::plan::MAX_ATTRIBUTES;

/// The longest name of a type or an attribute, in bytes: names stand in messages of a session that is not
/// open yet, which are short.
pub const MAX_NAME: usize = 256;

/// Why a description cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DescriptionError {
    /// The type has no name.
    Nameless,
    /// There is a type of this name already.
    NameTaken(String),
    /// A name is longer than [`MAX_NAME`]; here is how it begins.
    LongName(String),
    /// One of the parameters, inputs or published attributes of a type has no name.
    NamelessAttribute {
        /// The type.
        model_type: String,
        /// Which of the lists.
        list: &'static str,
    },
    /// Two parameters, two inputs or two published attributes of a type have one name.
    EqualNames {
        /// The type.
        model_type: String,
        /// Which of the lists.
        list: &'static str,
        /// The name.
        name: String,
    },
    /// A type has more parameters, inputs or published attributes than [`MAX_ATTRIBUTES`].
    TooMany {
        /// The type.
        model_type: String,
        /// Which of the lists.
        list: &'static str,
        /// How many.
        count: usize,
    },
    /// A parameter is used with another one that the type does not have.
    UnknownFlag {
        /// The type.
        model_type: String,
        /// The parameter.
        parameter: String,
        /// The one that is not there.
        flag: String,
    },
    /// The steps of a type are no ticks apart.
    StandsStill(String),
}

impl DescriptionError {
    /// Machine-readable category.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nameless => "nameless_type",
            Self::NameTaken(_) => "duplicate_type",
            Self::LongName(_) => "long_name",
            Self::NamelessAttribute { .. } => "nameless_attribute",
            Self::EqualNames { .. } => "duplicate_attribute",
            Self::TooMany { .. } => "too_many_attributes",
            Self::UnknownFlag { .. } => "unknown_flag",
            Self::StandsStill(_) => "no_step",
        }
    }
}

impl fmt::Display for DescriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nameless => f.write_str("a type has no name; give it one"),
            Self::NameTaken(name) => write!(
                f,
                "there is a type '{name}' already; give the other one a name of its own"
            ),
            Self::LongName(start) => write!(
                f,
                "a name has more than {MAX_NAME} bytes: '{start}…'; give a shorter one"
            ),
            Self::NamelessAttribute { model_type, list } => write!(
                f,
                "the type '{model_type}' has one of its {list} without a name; give it one"
            ),
            Self::EqualNames {
                model_type,
                list,
                name,
            } => write!(
                f,
                "the type '{model_type}' has two {list} called '{name}'; rename one of them"
            ),
            Self::TooMany {
                model_type,
                list,
                count,
            } => write!(
                f,
                "the type '{model_type}' has {count} {list}, and {MAX_ATTRIBUTES} are the most"
            ),
            Self::UnknownFlag {
                model_type,
                parameter,
                flag,
            } => write!(
                f,
                "the type '{model_type}' uses its parameter '{parameter}' with '{flag}', which is \
                 none of its parameters"
            ),
            Self::StandsStill(name) => write!(
                f,
                "the steps of the type '{name}' are 0 ticks apart; give 1 at least"
            ),
        }
    }
}

impl std::error::Error for DescriptionError {}

impl Registry {
    /// Takes in a type that somebody describes.
    pub fn add(&mut self, model_type: ModelType) -> Result<TypeRef, DescriptionError> {
        model_type.check()?;
        if self.find(&model_type.name).is_some() {
            return Err(DescriptionError::NameTaken(model_type.name.into_owned()));
        }
        let model_type = TypeRef::from(model_type);
        self.described.push(model_type.clone());
        Ok(model_type)
    }
}

impl Registry {
    /// Knows a type that was taken in elsewhere as well.
    pub fn include(&mut self, model_type: TypeRef) {
        self.described.push(model_type);
    }
}

impl ModelType {
    /// Whether the description holds together, and keeps the limits of what travels to other sites.
    pub fn check(&self) -> Result<(), DescriptionError> {
        if self.name.is_empty() {
            return Err(DescriptionError::Nameless);
        }
        check_length(&self.name)?;
        if self.time_step_size == 0 {
            return Err(DescriptionError::StandsStill(self.name.to_string()));
        }
        self.check_names("parameters", self.parameters.iter().map(|p| &*p.name))?;
        self.check_names("inputs", self.inputs.iter().map(|i| &*i.name))?;
        let published = self.published.iter().map(|p| &*p.name);
        self.check_names("outputs and states", published)?;
        for parameter in &*self.parameters {
            if let Some(flag) = &parameter.used_with
                && self.parameter_slot(flag).is_none()
            {
                return Err(DescriptionError::UnknownFlag {
                    model_type: self.name.to_string(),
                    parameter: parameter.name.to_string(),
                    flag: flag.to_string(),
                });
            }
        }
        Ok(())
    }

    fn check_names<'a>(
        &self,
        list: &'static str,
        names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Result<(), DescriptionError> {
        let model_type = || self.name.to_string();
        let count = names.len();
        if count > MAX_ATTRIBUTES as usize {
            return Err(DescriptionError::TooMany {
                model_type: model_type(),
                list,
                count,
            });
        }
        let mut known = BTreeSet::new();
        for name in names {
            if name.is_empty() {
                let model_type = model_type();
                return Err(DescriptionError::NamelessAttribute { model_type, list });
            }
            check_length(name)?;
            if !known.insert(name) {
                return Err(DescriptionError::EqualNames {
                    model_type: model_type(),
                    list,
                    name: name.to_owned(),
                });
            }
        }
        Ok(())
    }
}

fn check_length(name: &str) -> Result<(), DescriptionError> {
    if name.len() <= MAX_NAME {
        return Ok(());
    }
    let start = name.chars().take(40).collect();
    Err(DescriptionError::LongName(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Input, Parameter, Published};

    fn described(name: &str) -> ModelType {
        ModelType::described(name, |_| panic!("never built"))
    }

    fn inputs(names: &[&str]) -> ModelType {
        let input = |name: &&str| Input {
            name: name.to_string().into(),
            ..Input::number("", "-", "")
        };
        ModelType {
            inputs: names.iter().map(input).collect(),
            ..described("T")
        }
    }

    fn code(model_type: ModelType) -> &'static str {
        let mut registry = Registry::of(&[]);
        let error = registry.add(model_type).expect_err("refused");
        assert!(registry.names().next().is_none(), "{error}");
        error.code()
    }

    #[test]
    fn types_are_found_in_the_order_in_which_they_came() {
        static BUILT_IN: ModelType = ModelType::new("B", |_| panic!("never built"));
        static TYPES: Registry = Registry::of(&[&BUILT_IN]);
        let mut registry = TYPES.clone();
        let added = registry.add(described("A")).expect("taken in");
        assert_eq!(added.name, "A");
        assert_eq!(registry.names().collect::<Vec<_>>(), ["B", "A"]);
        assert_eq!(registry.find("A").expect("found").name, "A");
        assert!(registry.find("a").is_none(), "case matters");
        for name in ["A", "B"] {
            let error = registry.add(described(name)).expect_err("twice");
            assert_eq!(error, DescriptionError::NameTaken(name.to_owned()));
            assert_eq!(error.code(), "duplicate_type");
        }
        assert_eq!(registry.names().count(), 2);
    }

    #[test]
    fn a_name_is_needed_and_has_a_limit() {
        assert_eq!(code(described("")), "nameless_type");
        assert_eq!(code(described(&"x".repeat(MAX_NAME + 1))), "long_name");
        assert!(described(&"x".repeat(MAX_NAME)).check().is_ok());
        assert_eq!(code(inputs(&["a", ""])), "nameless_attribute");
        assert_eq!(code(inputs(&[&"é".repeat(MAX_NAME)])), "long_name");
    }

    #[test]
    fn names_differ_within_a_list() {
        assert_eq!(code(inputs(&["a", "b", "a"])), "duplicate_attribute");
        // As with the wind speed of a turbine, which is one thing above and another at the rotor.
        let both = ModelType {
            published: vec![Published::output("a", "-", "")].into(),
            ..inputs(&["a"])
        };
        assert!(both.check().is_ok());
    }

    #[test]
    fn there_is_a_limit_to_attributes() {
        let names: Vec<String> = (0..=MAX_ATTRIBUTES).map(|n| n.to_string()).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(code(inputs(&names)), "too_many_attributes");
        names.pop();
        assert!(inputs(&names).check().is_ok());
    }

    #[test]
    fn flags_and_steps_must_be_there() {
        let parameters = vec![Parameter::number("p", "kW", "").used_with("is_on")];
        let lonely = ModelType {
            parameters: parameters.into(),
            ..described("T")
        };
        assert_eq!(code(lonely), "unknown_flag");
        let still = ModelType {
            time_step_size: 0,
            ..described("T")
        };
        assert_eq!(code(still), "no_step");
    }
}
