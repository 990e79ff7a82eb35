//! What travels along connections: values, their kinds and their origins.

mod cell;
mod decimal;
mod notation;
mod number;
mod serial;

use std::fmt;
use std::mem;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::memory;

pub use cell::{write_cell, write_quoted};
pub use decimal::{exact_product, parse_float};
pub use notation::{PythonFloat, PythonText};
pub use number::{Number, OverflowError};
pub use serial::MAX_DEPTH;

/// A value of an attribute. Immutable once published; lists and maps are shared, not copied.
// The tag takes a word, which it has in any case. With a tag of one byte, a truth value lies beside it, and what is moved in parts
// of a word stalls where it is read as a whole: that was a fifth of a step.
#[derive(Debug, Default)]
#[repr(usize)]
pub enum Value {
    /// No value; an empty cell in the result file.
    #[default]
    Null,
    /// Truth value.
    Bool(bool),
    /// Signed integer. Stays apart from floats up to the result file.
    Int(i64),
    /// IEEE 754 binary64.
    Float(f64),
    /// IEEE 754 binary64 that the Python Illuminator computes with numpy. It is written like a
    /// float, but rounded as numpy rounds; [`Number`] says how it spreads.
    Numpy(f64),
    /// Text.
    Text(Arc<str>),
    /// Sequence of values.
    List(Arc<[Value]>),
    /// Ordered mapping with text keys: rows of a reader, bids and results of market agents.
    Map(Arc<[(Arc<str>, Value)]>),
}

impl Value {
    /// A text value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The kind of this value.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) | Self::Float(_) | Self::Numpy(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
        }
    }

    /// The value as a number; booleans count as 1 and 0.
    #[inline]
    pub fn as_number(&self) -> Option<Number> {
        match *self {
            Self::Bool(flag) => Some(Number::Int(i64::from(flag))),
            Self::Int(int) => Some(Number::Int(int)),
            Self::Float(float) => Some(Number::Float(float)),
            Self::Numpy(float) => Some(Number::Numpy(float)),
            _ => None,
        }
    }

    /// Puts the value into a place, where there may be another one.
    #[inline]
    pub fn put(self, place: &mut Option<Self>) {
        if let Some(old) = place
            && old.follow(&self)
        {
            // There is nothing to give back, and no code for it here.
            mem::forget(self);
        } else {
            replace(place, self);
        }
    }

    /// Takes the number of another value, if both are numbers of one kind; returns whether they are. Steps do little
    /// else: an attribute is of the same kind nearly always, and then this is a comparison and a move of one word.
    #[inline]
    fn follow(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(place), Self::Int(int)) => *place = *int,
            (Self::Float(place), Self::Float(float)) | (Self::Numpy(place), Self::Numpy(float)) => {
                *place = *float;
            }
            _ => return false,
        }
        true
    }

    /// What the value takes beside its own place: nothing for scalars. What is shared with other
    /// values counts as often as it is there.
    #[inline]
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Numpy(_) => 0,
            Self::Text(_) | Self::List(_) | Self::Map(_) => self.large_bytes(),
        }
    }

    #[cold]
    fn large_bytes(&self) -> usize {
        match self {
            Self::Text(text) => shared_bytes(&**text),
            Self::List(list) => {
                let items = list.iter().map(Self::heap_bytes);
                shared_bytes(&**list) + items.sum::<usize>()
            }
            Self::Map(entries) => {
                let items = entries
                    .iter()
                    .map(|(key, value)| shared_bytes(&**key) + value.heap_bytes());
                shared_bytes(&**entries) + items.sum::<usize>()
            }
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Numpy(_) => 0,
        }
    }

    /// The value as text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entry of a mapping with this key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(entries) => entries.iter().find(|(k, _)| **k == *key).map(|(_, v)| v),
            _ => None,
        }
    }
}

/// Scalars are copied where they are wanted; what is shared is counted elsewhere.
impl Clone for Value {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Bool(flag) => Self::Bool(*flag),
            Self::Int(int) => Self::Int(*int),
            Self::Float(float) => Self::Float(*float),
            Self::Numpy(float) => Self::Numpy(*float),
            Self::Text(_) | Self::List(_) | Self::Map(_) => share(self),
        }
    }

    #[inline]
    fn clone_from(&mut self, other: &Self) {
        if !self.follow(other) {
            copy(self, other);
        }
    }
}

/// Puts a value into the place of another one, of whatever kinds they are.
#[inline(never)]
fn copy(place: &mut Value, value: &Value) {
    // Not `clone_from`, whose other half this is.
    drop(mem::replace(place, value.clone()));
}

/// One more of a value that is shared.
#[cold]
fn share(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(Arc::clone(text)),
        Value::List(list) => Value::List(Arc::clone(list)),
        Value::Map(entries) => Value::Map(Arc::clone(entries)),
        _ => Value::Null,
    }
}

/// Puts a value into a place, where there is none or one of another kind.
#[inline(never)]
fn replace(place: &mut Option<Value>, value: Value) {
    *place = Some(value);
}

/// What something takes that is shared: its content, and two counts of who shares it.
pub(crate) fn shared_bytes<T: ?Sized>(content: &T) -> usize {
    memory::block(size_of_val(content) + 2 * size_of::<usize>())
}

/// Equality to the bit: integer, float and numpy's float are different, and so are 0.0 and -0.0; a
/// NaN equals itself. Values that are equal in this way lead to the same result.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) | (Self::Numpy(a), Self::Numpy(b)) => {
                a.to_bits() == b.to_bits()
            }
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

/// What kind of value an attribute or a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Null only.
    Null,
    /// Truth value.
    Bool,
    /// Integer or float.
    Number,
    /// Text.
    Text,
    /// Sequence.
    List,
    /// Mapping.
    Map,
    /// Any of them.
    Any,
}

impl Kind {
    /// Whether a value of kind `given` can be used where this kind is wanted. Booleans count as
    /// the numbers 1 and 0.
    pub fn accepts(self, given: Kind) -> bool {
        self == Kind::Any
            || given == Kind::Any
            || self == given
            || (self == Kind::Number && given == Kind::Bool)
    }

    /// Whether values of this kind have a fixed small size.
    pub fn is_scalar(self) -> bool {
        matches!(self, Kind::Null | Kind::Bool | Kind::Number)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Number => "number",
            Kind::Text => "text",
            Kind::List => "list",
            Kind::Map => "mapping",
            Kind::Any => "any value",
        })
    }
}

/// What a published attribute means to its readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A physical flow: several into one input are summed, and it may go to one reader only.
    Output,
    /// Information: passed on unchanged, to any number of readers; several into one input arrive
    /// as a list.
    State,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Output => "output",
            Origin::State => "state",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_same_size_and_of_different_kinds_are_different_values() {
        assert_ne!(Value::Int(3), Value::Float(3.0));
        assert_ne!(Value::Float(3.0), Value::Numpy(3.0));
        assert_ne!(Value::Float(0.0), Value::Float(-0.0));
        assert_eq!(Value::Float(f64::NAN), Value::Float(f64::NAN));
        assert_eq!(Value::Numpy(f64::NAN), Value::Numpy(f64::NAN));
    }

    #[test]
    fn a_value_is_not_larger_than_its_largest_content_and_a_tag() {
        assert_eq!(size_of::<Value>(), 3 * size_of::<usize>());
        assert_eq!(size_of::<Option<Value>>(), size_of::<Value>());
    }

    #[test]
    fn a_boolean_is_accepted_where_a_number_is_wanted_but_not_the_other_way_round() {
        assert!(Kind::Number.accepts(Kind::Bool));
        assert!(!Kind::Bool.accepts(Kind::Number));
        assert!(Kind::Any.accepts(Kind::Map));
    }

    #[test]
    fn what_a_value_takes_is_more_than_its_bytes_on_the_wire() {
        assert_eq!(Value::Float(1.5).heap_bytes(), 0);
        let nulls = Value::List(vec![Value::Null; 1000].into());
        assert!(nulls.heap_bytes() >= 1000 * size_of::<Value>());
        let lists = Value::List(vec![nulls.clone(); 10].into());
        assert!(lists.heap_bytes() >= 10 * nulls.heap_bytes());
        let map = Value::Map([("key".into(), Value::text("text"))].into());
        assert!(map.heap_bytes() > size_of::<Value>() + "keytext".len());
    }

    #[test]
    fn entries_of_a_mapping_are_found_by_key() {
        let row = Value::Map([("a".into(), Value::Int(1)), ("b".into(), Value::Null)].into());
        assert_eq!(row.get("b"), Some(&Value::Null));
        assert_eq!(row.get("c"), None);
        assert_eq!(Value::Int(1).get("a"), None);
    }
}
