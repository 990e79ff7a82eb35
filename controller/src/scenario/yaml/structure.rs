//! The tree of a scenario: `serde_yaml` tells what there is, the marks beside it where it stands
//! and how it is written.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::mapping::MappingBuilder;
use super::marks::{Marked, Shape};
use super::scalar::{self, Scalar};
use super::tree::{Content, Entry, Key, Node};
use crate::scenario::problems::{Position, Problems, shortened};

/// Reads the text, of which the marks are known. Reports what is wrong with single nodes; `None`
/// where the text as a whole cannot be read.
pub(super) fn read(text: &str, marked: &Marked, problems: &mut Problems) -> Option<Node> {
    let beside = Beside { marked, problems };
    match beside.deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(node) => Some(node),
        Err(error) => {
            let place = error.location().map_or(Position::START, |at| Position {
                line: at.line(),
                column: at.column(),
            });
            problems.error("invalid_yaml", place, format!("not valid YAML: {error}"));
            None
        }
    }
}

/// Reads one node beside its marks.
struct Beside<'a> {
    marked: &'a Marked,
    problems: &'a mut Problems,
}

/// The two parsers see different things.
fn disagreement<E: Error>() -> E {
    E::custom("this can be read in two ways; write it more simply")
}

/// The prefix of the tags that YAML itself defines.
const CORE: &str = "tag:yaml.org,2002:";

impl<'de> DeserializeSeed<'de> for Beside<'_> {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Beside<'a> {
    fn of<'b>(&'b mut self, marked: &'b Marked) -> Beside<'b>
    where
        'a: 'b,
    {
        Beside {
            marked,
            problems: self.problems,
        }
    }

    fn node(&self, content: Content) -> Node {
        Node {
            position: self.marked.position,
            content,
        }
    }

    /// A scalar. Where `serde_yaml` takes it as text, that is its text.
    fn scalar<E: Error>(self, text: Option<&str>) -> Result<Node, E> {
        let Shape::Scalar { raw, plain } = &self.marked.shape else {
            return Err(disagreement());
        };
        let text = text.unwrap_or(raw);
        let tag = self.marked.tag.as_deref();
        let scalar = match tag.map(|tag| tag.strip_prefix(CORE).unwrap_or(tag)) {
            None if *plain => scalar::plain(raw),
            None | Some("str") => Ok(Scalar::Text(text.to_owned())),
            Some("float") => scalar::plain(raw).map(|value| match value {
                Scalar::Int(int) => Scalar::Float(int as f64),
                other => other,
            }),
            Some("int" | "bool" | "null") => scalar::plain(raw),
            Some("timestamp") => Ok(Scalar::Timestamp(text.to_owned())),
            Some(_) => return Ok(self.unknown_tag()),
        };
        let content = match scalar {
            Ok(Scalar::Text(_)) => Content::Text(text.to_owned()),
            Ok(Scalar::Null) => Content::Null,
            Ok(Scalar::Bool(flag)) => Content::Bool(flag),
            Ok(Scalar::Int(int)) => Content::Int(int),
            Ok(Scalar::Float(float)) => Content::Float(float),
            Ok(Scalar::Timestamp(written)) => Content::Timestamp(written),
            Err(error) => {
                let message = format!("'{}' cannot be read: {error}", shortened(raw));
                self.problems
                    .error("invalid_scalar", self.marked.position, message);
                Content::Unreadable
            }
        };
        Ok(self.node(content))
    }

    fn unknown_tag(self) -> Node {
        let tag = self.marked.tag.as_deref().unwrap_or_default();
        let message = match tag.strip_prefix(CORE) {
            Some(name) => format!("the tag '!!{name}' is not supported; leave it away"),
            None => format!("the tag '{tag}' is unknown; leave it away"),
        };
        self.problems
            .error("unknown_tag", self.marked.position, message);
        self.node(Content::Unreadable)
    }

    /// Whether a list or mapping has no tag but its own.
    fn has_tag_other_than(&self, own: &str) -> bool {
        let tag = self.marked.tag.as_deref();
        tag.is_some_and(|tag| tag.strip_prefix(CORE) != Some(own))
    }

    fn key(&mut self, node: Node) -> Option<Key> {
        let text: Arc<str> = match node.content {
            Content::Text(text) | Content::Timestamp(text) => text.into(),
            Content::Int(int) => int.to_string().into(),
            Content::Float(float) => shared::value::PythonFloat(float).to_string().into(),
            Content::Bool(flag) => flag.to_string().into(),
            Content::Unreadable => return None,
            Content::Null | Content::List(_) | Content::Map(_) => {
                let message = format!("a key must be text, not {}", node.described());
                self.problems.error("invalid_key", node.position, message);
                return None;
            }
        };
        Some(Key {
            position: node.position,
            text,
        })
    }
}

impl<'de> Visitor<'de> for Beside<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
        self.scalar(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.scalar(Some(text))
    }

    /// A local tag: there is none that we know.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        let (_, content) = data.variant::<String>()?;
        content.newtype_variant::<IgnoredAny>()?;
        Ok(self.unknown_tag())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Node, A::Error> {
        let Shape::Sequence(marks) = &self.marked.shape else {
            return Err(disagreement());
        };
        let mut items = Vec::with_capacity(marks.len());
        for marked in marks {
            match seq.next_element_seed(self.of(marked))? {
                Some(item) => items.push(item),
                None => return Err(disagreement()),
            }
        }
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(disagreement());
        }
        if self.has_tag_other_than("seq") {
            return Ok(self.unknown_tag());
        }
        Ok(self.node(Content::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Node, A::Error> {
        let Shape::Mapping(marks) = &self.marked.shape else {
            return Err(disagreement());
        };
        let mut mapping = MappingBuilder::default();
        for (marked_key, marked_value) in marks {
            let Some(key) = map.next_key_seed(self.of(marked_key))? else {
                return Err(disagreement());
            };
            let value = map.next_value_seed(self.of(marked_value))?;
            if is_merge(marked_key) {
                mapping.merge(key.position, value, self.problems);
            } else if let Some(key) = self.key(key) {
                mapping.add(Entry { key, value }, self.problems);
            }
        }
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(disagreement());
        }
        if self.has_tag_other_than("map") {
            return Ok(self.unknown_tag());
        }
        let entries = mapping.finish();
        Ok(self.node(Content::Map(entries)))
    }
}

fn is_merge(key: &Rc<Marked>) -> bool {
    let Shape::Scalar { raw, plain } = &key.shape else {
        return false;
    };
    key.tag.is_none() && *plain && raw == "<<"
}
