//! Values on the wire, with a limit on how deep they nest.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, EnumAccess, Error, SeqAccess, VariantAccess, Visitor};
use serde::ser::{SerializeSeq, SerializeTuple};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Number, Value};

/// How deep lists and mappings may nest. Deeper ones are refused when they are read, so that a
/// hostile peer cannot exhaust the stack.
pub const MAX_DEPTH: usize = 16;

const NAME: &str = "Value";
const VARIANTS: &[&str] = &[
    "Null", "Bool", "Int", "Float", "Text", "List", "Map", "Numpy",
];

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit_variant(NAME, 0, "Null"),
            Value::Bool(flag) => serializer.serialize_newtype_variant(NAME, 1, "Bool", flag),
            Value::Int(int) => serializer.serialize_newtype_variant(NAME, 2, "Int", int),
            Value::Float(float) => serializer.serialize_newtype_variant(NAME, 3, "Float", float),
            Value::Text(text) => serializer.serialize_newtype_variant(NAME, 4, "Text", text),
            Value::List(items) => {
                serializer.serialize_newtype_variant(NAME, 5, "List", &Items(items))
            }
            Value::Map(entries) => {
                serializer.serialize_newtype_variant(NAME, 6, "Map", &Entries(entries))
            }
            Value::Numpy(float) => serializer.serialize_newtype_variant(NAME, 7, "Numpy", float),
        }
    }
}

struct Items<'a>(&'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            seq.serialize_element(item)?;
        }
        seq.end()
    }
}

struct Entries<'a>(&'a [(Arc<str>, Value)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for (key, value) in self.0 {
            seq.serialize_element(&Entry(key, value))?;
        }
        seq.end()
    }
}

struct Entry<'a>(&'a str, &'a Value);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(self.0)?;
        pair.serialize_element(self.1)?;
        pair.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Nested(MAX_DEPTH).deserialize(deserializer)
    }
}

/// As the value that it is; as none where it overflowed. So nodes need nothing to read it that they do not have.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().unwrap_or_default().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match value {
            Value::Null => Some(Self::Overflow),
            other => other.as_number(),
        };
        number.ok_or_else(|| D::Error::custom("no number"))
    }
}

/// Reads a value that may hold this many levels of lists and mappings.
#[derive(Clone, Copy)]
struct Nested(usize);

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_enum(NAME, VARIANTS, self)
    }
}

#[derive(Deserialize)]
enum Tag {
    Null,
    Bool,
    Int,
    Float,
    Text,
    List,
    Map,
    Numpy,
}

impl Nested {
    fn deeper<E: Error>(self) -> Result<Nested, E> {
        self.0
            .checked_sub(1)
            .map(Nested)
            .ok_or_else(|| E::custom("value nests too deep"))
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    // Else it is there several times, each time with the next level of lists in it.
    #[inline(never)]
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (tag, content) = data.variant::<Tag>()?;
        Ok(match tag {
            Tag::Null => {
                content.unit_variant()?;
                Value::Null
            }
            Tag::Bool => Value::Bool(content.newtype_variant()?),
            Tag::Int => Value::Int(content.newtype_variant()?),
            Tag::Float => Value::Float(content.newtype_variant()?),
            Tag::Text => Value::Text(content.newtype_variant()?),
            Tag::List => content.newtype_variant_seed(ItemsOf(self.deeper()?))?,
            Tag::Map => content.newtype_variant_seed(EntriesOf(self.deeper()?))?,
            Tag::Numpy => Value::Numpy(content.newtype_variant()?),
        })
    }
}

/// Room for as many items as are announced, where there are so many bytes: postcard gives no hint
/// where there are fewer. With room for half of them, it would take three times as much for a moment.
fn room_for<'de, A: SeqAccess<'de>, T>(seq: &A) -> Vec<T> {
    Vec::with_capacity(seq.size_hint().unwrap_or(0))
}

struct ItemsOf(Nested);

impl<'de> DeserializeSeed<'de> for ItemsOf {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ItemsOf {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of values")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = room_for(&seq);
        while let Some(item) = seq.next_element_seed(self.0)? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }
}

struct EntriesOf(Nested);

impl<'de> DeserializeSeed<'de> for EntriesOf {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for EntriesOf {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping of values")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut entries = room_for(&seq);
        while let Some(entry) = seq.next_element_seed(EntryOf(self.0))? {
            entries.push(entry);
        }
        Ok(Value::Map(entries.into()))
    }
}

struct EntryOf(Nested);

impl<'de> DeserializeSeed<'de> for EntryOf {
    type Value = (Arc<str>, Value);
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_tuple(2, self)
    }
}

impl<'de> Visitor<'de> for EntryOf {
    type Value = (Arc<str>, Value);
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key and a value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let key = seq
            .next_element()?
            .ok_or_else(|| A::Error::custom("an entry without a key"))?;
        let value = seq
            .next_element_seed(self.0)?
            .ok_or_else(|| A::Error::custom("an entry without a value"))?;
        Ok((key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(Value::Null, |inner, _| Value::List([inner].into()))
    }

    #[test]
    fn each_kind_has_its_bytes() {
        let golden: [(Value, &[u8]); 8] = [
            (Value::Null, &[0]),
            (Value::Bool(true), &[1, 1]),
            (Value::Int(-2), &[2, 3]),
            (Value::Float(1.5), &[3, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
            (Value::text("ab"), &[4, 2, b'a', b'b']),
            (
                Value::List([Value::Int(1), Value::Null].into()),
                &[5, 2, 2, 2, 0],
            ),
            (
                Value::Map([("k".into(), Value::Bool(false))].into()),
                &[6, 1, 1, b'k', 1, 0],
            ),
            (Value::Numpy(1.5), &[7, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]),
        ];
        for (value, bytes) in golden {
            assert_eq!(postcard::to_stdvec(&value).expect("serializes"), bytes);
            assert_eq!(
                postcard::from_bytes::<Value>(bytes).expect("reads back"),
                value
            );
        }
    }

    #[test]
    fn a_number_has_the_bytes_of_its_value_and_an_overflow_those_of_none() {
        let numbers = [Number::Int(-2), Number::Float(-0.0), Number::Numpy(0.1)];
        for number in numbers {
            let bytes = postcard::to_stdvec(&number).expect("serializes");
            let value = number.to_value().expect("no overflow");
            assert_eq!(postcard::from_bytes(&bytes), Ok(value.clone()));
            let read: Number = postcard::from_bytes(&bytes).expect("reads back");
            assert_eq!(read.to_value(), Ok(value));
        }
        let bytes = postcard::to_stdvec(&Number::Overflow).expect("serializes");
        assert_eq!(bytes, [0]);
        let read = postcard::from_bytes(&bytes);
        assert!(matches!(read, Ok(Number::Overflow)), "{read:?}");
        let text = postcard::to_stdvec(&Value::text("5")).expect("serializes");
        assert!(postcard::from_bytes::<Number>(&text).is_err());
    }

    #[test]
    fn a_value_that_nests_too_deep_is_refused() {
        let fits = postcard::to_stdvec(&nested(MAX_DEPTH)).expect("serializes");
        assert!(postcard::from_bytes::<Value>(&fits).is_ok());
        // A hostile peer needs two bytes a level.
        let hostile: Vec<u8> = [5, 1].repeat(500_000);
        assert!(postcard::from_bytes::<Value>(&hostile).is_err());
    }

    #[test]
    fn an_announced_length_without_content_is_refused_without_allocating_it() {
        let hostile = [5, 0xff, 0xff, 0xff, 0xff, 0x0f];
        assert!(postcard::from_bytes::<Value>(&hostile).is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            any::<f64>().prop_map(Value::Numpy),
            ".{0,12}".prop_map(|text| Value::text(&text)),
        ];
        scalar.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|v| Value::List(v.into())),
                prop::collection::vec((".{0,5}", inner), 0..5).prop_map(|v| {
                    Value::Map(v.into_iter().map(|(k, v)| (k.into(), v)).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_comes_back_to_the_bit(value in any_value()) {
            let bytes = postcard::to_stdvec(&value).expect("serializes");
            prop_assert_eq!(postcard::from_bytes::<Value>(&bytes).expect("reads back"), value);
        }

        #[test]
        fn arbitrary_bytes_never_crash_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = postcard::from_bytes::<Value>(&bytes);
        }
    }
}
