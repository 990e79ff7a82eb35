//! What declarations are made of: constants, lists of names, and words for people.

use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use crate::value::Value;

/// Puts a value in the place of another one that holds no memory of its own: while compiling, nothing can
/// be freed.
pub(super) const fn set<T>(place: &mut T, value: T) {
    mem::forget(mem::replace(place, value));
}

/// A word of a declaration. Where the feature `described` is off, as on a node, whose types are all built in, it is no
/// more than where the word is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word(
    #[cfg(feature = "described")] Cow<'static, str>,
    #[cfg(not(feature = "described"))] &'static str,
);

impl Word {
    /// A word that is built in.
    #[cfg(feature = "described")]
    pub const fn new(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    /// A word that is built in.
    #[cfg(not(feature = "described"))]
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }

    /// The word for others, who may have words of their own in its place.
    #[cfg(feature = "described")]
    pub fn to_cow(&self) -> Cow<'static, str> {
        self.0.clone()
    }

    /// The word for others, who may have words of their own in its place.
    #[cfg(not(feature = "described"))]
    pub fn to_cow(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0)
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        let Self(word) = self;
        word
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(feature = "described")]
impl From<String> for Word {
    fn from(word: String) -> Self {
        Self(Cow::Owned(word))
    }
}

#[cfg(feature = "described")]
impl From<&'static str> for Word {
    fn from(word: &'static str) -> Self {
        Self::new(word)
    }
}

#[cfg(feature = "described")]
impl From<Cow<'static, str>> for Word {
    fn from(word: Cow<'static, str>) -> Self {
        Self(word)
    }
}

impl PartialEq<str> for Word {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Word {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

/// What a type declares of one kind, likewise.
#[derive(Clone, Debug, Serialize)]
pub struct Declared<T: Clone + 'static>(
    #[cfg(feature = "described")] Cow<'static, [T]>,
    #[cfg(not(feature = "described"))] &'static [T],
);

impl<T: Clone + 'static> Declared<T> {
    /// What is built in.
    #[cfg(feature = "described")]
    pub const fn new(list: &'static [T]) -> Self {
        Self(Cow::Borrowed(list))
    }

    /// What is built in.
    #[cfg(not(feature = "described"))]
    pub const fn new(list: &'static [T]) -> Self {
        Self(list)
    }
}

impl<T: Clone + 'static> Deref for Declared<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let Self(list) = self;
        list
    }
}

#[cfg(feature = "described")]
impl<T: Clone + 'static> From<Vec<T>> for Declared<T> {
    fn from(list: Vec<T>) -> Self {
        Self(Cow::Owned(list))
    }
}

#[cfg(feature = "described")]
impl<T: Clone + 'static> FromIterator<T> for Declared<T> {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Self(list.into_iter().collect())
    }
}

/// A constant in a declaration.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    Text(Word),
    /// The empty sequence.
    EmptyList,
    /// The empty mapping.
    EmptyMap,
    /// A sequence of floats.
    Floats(&'static [f64]),
}

impl Literal {
    /// A text.
    pub const fn text(text: &'static str) -> Self {
        Self::Text(Word::new(text))
    }
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Value::Null,
            Literal::Bool(flag) => Value::Bool(*flag),
            Literal::Int(int) => Value::Int(*int),
            Literal::Float(float) => Value::Float(*float),
            Literal::Text(text) => Value::text(text),
            Literal::EmptyList => Value::List([].into()),
            Literal::EmptyMap => Value::Map([].into()),
            Literal::Floats(floats) => {
                Value::List(floats.iter().map(|float| Value::Float(*float)).collect())
            }
        }
    }
}

/// A list of names, in order.
#[derive(Clone, Debug)]
pub struct Names(List);

#[derive(Clone, Debug)]
enum List {
    BuiltIn(&'static [&'static str]),
    #[cfg(feature = "described")]
    Described(std::sync::Arc<[String]>),
}

impl Names {
    /// No names.
    pub const NONE: Names = Names::of(&[]);

    /// These names.
    pub const fn of(names: &'static [&'static str]) -> Self {
        Self(List::BuiltIn(names))
    }

    fn get(&self, place: usize) -> Option<&str> {
        match &self.0 {
            List::BuiltIn(names) => names.get(place).copied(),
            #[cfg(feature = "described")]
            List::Described(names) => names.get(place).map(String::as_str),
        }
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).map_while(|place| self.get(place))
    }

    /// Whether a name is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|known| known == name)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.get(0).is_none()
    }
}

#[cfg(feature = "described")]
impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(List::Described(names.into_iter().collect()))
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Names {}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names: Vec<&str> = self.iter().collect();
        names.serialize(serializer)
    }
}

/// Words for people. Where the feature `documentation` is off, as on a node, which never prints them, they
/// take no place and are empty.
#[derive(Clone, Debug, Default)]
pub struct Documentation(#[cfg(feature = "documentation")] Cow<'static, str>);

#[cfg(feature = "documentation")]
impl Documentation {
    /// These words.
    pub const fn new(words: &'static str) -> Self {
        Self(Cow::Borrowed(words))
    }
}

#[cfg(not(feature = "documentation"))]
impl Documentation {
    /// No words.
    pub const fn new(_: &'static str) -> Self {
        Self()
    }
}

impl From<String> for Documentation {
    #[cfg(feature = "documentation")]
    fn from(words: String) -> Self {
        Self(Cow::Owned(words))
    }

    #[cfg(not(feature = "documentation"))]
    fn from(_: String) -> Self {
        Self()
    }
}

impl Deref for Documentation {
    type Target = str;

    #[cfg(feature = "documentation")]
    fn deref(&self) -> &str {
        &self.0
    }

    #[cfg(not(feature = "documentation"))]
    fn deref(&self) -> &'static str {
        ""
    }
}

impl fmt::Display for Documentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_only_where_they_are_printed() {
        const WORDS: Documentation = Documentation::new("whether there is one");
        assert_eq!(WORDS.is_empty(), !cfg!(feature = "documentation"));
        let place = size_of::<Documentation>();
        assert_eq!(place == 0, !cfg!(feature = "documentation"));
    }

    #[cfg(feature = "described")]
    #[test]
    fn names_are_the_same_whoever_holds_them() {
        let built_in = Names::of(&["power", "energy"]);
        let described: Names = ["power", "energy"].map(str::to_owned).into_iter().collect();
        assert_eq!(built_in, described);
        assert_eq!(
            postcard::to_stdvec(&built_in),
            postcard::to_stdvec(&["power", "energy"].as_slice())
        );
        assert_eq!(
            postcard::to_stdvec(&built_in),
            postcard::to_stdvec(&described)
        );
        assert!(described.contains("energy") && !described.contains("heat"));
    }
}
