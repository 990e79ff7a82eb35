//! JSON as Python writes and reads it: not-a-number and infinities are the bare words `NaN`, `Infinity` and
//! `-Infinity`, and a number is a float where it has a point or an exponent.
//!
//! No library that is looked after takes these words, and values are read from JSON in each step.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use shared::value::{PythonFloat, Value};
use thiserror::Error;

/// How deep lists and mappings may nest.
pub const MAX_DEPTH: usize = 64;

/// A text is no JSON, or holds more than a value can.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("at byte {position}: {what}")]
pub struct JsonError {
    /// Where, in bytes from the beginning.
    pub position: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// Reads a text that is one JSON value and nothing else. Of several entries of a mapping with one key the last
/// one counts, at the place of the first.
pub fn read_json(text: &[u8]) -> Result<Value, JsonError> {
    let Ok(text) = str::from_utf8(text) else {
        return Err(JsonError {
            position: 0,
            what: "this is not UTF-8",
        });
    };
    let mut reader = Reader { text, position: 0 };
    reader.skip_blanks();
    let value = reader.value(MAX_DEPTH)?;
    reader.skip_blanks();
    if reader.position < text.len() {
        return Err(reader.error("there is something behind the value"));
    }
    Ok(value)
}

/// What is being read, and how far.
struct Reader<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, what: &'static str) -> JsonError {
        JsonError {
            position: self.position,
            what,
        }
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.position..]
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest().iter();
        let count = blanks.take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
        self.position += count.count();
    }

    /// Goes on behind a word if it stands here.
    fn skip(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word.as_bytes());
        if is_there {
            self.position += word.len();
        }
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        match self.peek() {
            Some(b'[') => self.list(depth),
            Some(b'{') => self.map(depth),
            Some(b'"') => Ok(Value::Text(self.string()?.into())),
            Some(b'0'..=b'9') => self.number(),
            Some(b'-') if !self.rest().starts_with(b"-I") => self.number(),
            Some(_) => {
                let mut words = words.into_iter();
                let found = words.find(|(word, _)| self.skip(word));
                found.map_or(Err(self.error("this is no value")), |(_, value)| Ok(value))
            }
            None => Err(self.error("the text ends where a value should be")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        self.entries(b']', depth, |reader, depth| {
            items.push(reader.value(depth)?);
            Ok(())
        })?;
        Ok(Value::List(items.into()))
    }

    fn map(&mut self, depth: usize) -> Result<Value, JsonError> {
        let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
        // Most mappings are small; what each entry costs must not grow with a large one.
        let mut places: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        self.entries(b'}', depth, |reader, depth| {
            if reader.peek() != Some(b'"') {
                return Err(reader.error("a key must be a text"));
            }
            let key: Arc<str> = reader.string()?.into();
            reader.skip_blanks();
            if !reader.skip(":") {
                return Err(reader.error("there should be a ':'"));
            }
            reader.skip_blanks();
            let value = reader.value(depth)?;
            if let Some(&place) = places.get(&key) {
                entries[place].1 = value;
            } else {
                places.insert(Arc::clone(&key), entries.len());
                entries.push((key, value));
            }
            Ok(())
        })?;
        Ok(Value::Map(entries.into()))
    }

    /// Reads what stands between brackets, with commas between the entries.
    fn entries(
        &mut self,
        end: u8,
        depth: usize,
        mut entry: impl FnMut(&mut Self, usize) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.error("lists and mappings nest too deep"));
        };
        self.position += 1;
        self.skip_blanks();
        if self.peek() == Some(end) {
            self.position += 1;
            return Ok(());
        }
        loop {
            entry(self, depth)?;
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.position += 1,
                Some(byte) if byte == end => break,
                _ => {
                    return Err(
                        self.error("there should be a ',' or the end of the list or mapping")
                    );
                }
            }
            self.skip_blanks();
        }
        self.position += 1;
        Ok(())
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let rest = self.rest();
        let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(is_part).count();
        let text = &self.text[self.position..self.position + length];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let has_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
        let begins = digits.starts_with(|first: char| first.is_ascii_digit());
        let is_exponent = digits.starts_with("0e") || digits.starts_with("0E");
        // `1.` and `1.e5` are floats for Rust and nothing for JSON.
        let mut pairs = digits.as_bytes().windows(2);
        let ends_in_point =
            digits.ends_with('.') || pairs.any(|pair| pair[0] == b'.' && !pair[1].is_ascii_digit());
        if !begins || (has_zero && !is_exponent) || ends_in_point {
            return Err(self.error("this is no number"));
        }
        let value = if is_plain {
            let int = text.parse().map(Value::Int);
            int.map_err(|_| self.error("an integer has more than 64 bits"))
        } else {
            let float = text.parse().map(Value::Float);
            float.map_err(|_| self.error("this is no number"))
        }?;
        self.position += length;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.position += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.position..];
            let Some(plain) = rest.find(|c| matches!(c, '"' | '\\') || c < ' ') else {
                return Err(self.error("a text has no end"));
            };
            text.push_str(&rest[..plain]);
            self.position += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => text.push(self.escaped()?),
                _ => return Err(self.error("a text has a control character")),
            }
        }
        self.position += 1;
        Ok(text)
    }

    /// What stands behind a `\`.
    fn escaped(&mut self) -> Result<char, JsonError> {
        let character = match self.rest().get(1) {
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(&byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => return self.code_point(),
            _ => return Err(self.error("there is nothing that is written like this")),
        };
        self.position += 2;
        Ok(character)
    }

    /// `\uXXXX`, or two of them that are one character together. One of a pair alone, which Python writes and no
    /// text can hold, is the character for what cannot be read.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let first = self.hexadecimal()?;
        if (0xd800..0xdc00).contains(&first) && self.rest().starts_with(b"\\u") {
            let behind = self.position;
            let second = self.hexadecimal()?;
            if (0xdc00..0xe000).contains(&second) {
                let both = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.position = behind;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self) -> Result<u32, JsonError> {
        let digits = self.rest().get(2..6);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let Some(code) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.error("there should be four hexadecimal digits"));
        };
        self.position += 6;
        Ok(code)
    }
}

/// Appends a value as Python's `json.dumps` writes it: ASCII, with a blank behind commas and colons.
pub fn append_json(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(int) => append(out, format_args!("{int}")),
        Value::Float(float) | Value::Numpy(float) => append_float(*float, out),
        Value::Text(text) => append_text(text, out),
        Value::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                append_json(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => append_map(entries, out),
    }
}

/// Appends a mapping.
pub(super) fn append_map(entries: &[(Arc<str>, Value)], out: &mut String) {
    out.push('{');
    for (place, (key, value)) in entries.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        append_text(key, out);
        out.push_str(": ");
        append_json(value, out);
    }
    out.push('}');
}

fn append(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Nothing fails that is written to a `String`.
    let _ = out.write_fmt(what);
}

fn append_float(float: f64, out: &mut String) {
    if float.is_nan() {
        out.push_str("NaN");
    } else if float.is_infinite() {
        out.push_str(if float > 0.0 { "Infinity" } else { "-Infinity" });
    } else {
        append(out, format_args!("{}", PythonFloat(float)));
    }
}

/// Appends a text.
pub(super) fn append_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    append(out, format_args!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        append_json(value, &mut text);
        text
    }

    fn what(text: &str) -> (usize, &'static str) {
        let error = read_json(text.as_bytes()).expect_err(text);
        (error.position, error.what)
    }

    #[test]
    fn values_are_written_as_python_writes_them() {
        let text = concat!(
            r#"{"a": [1, 1.0, -0.0, 1e+16, 1e-07, 0.1], "b": {"": null}, "c": [true, false], "#,
            r#""d": [NaN, Infinity, -Infinity], "\u00e9\ud83d\ude00": "\"\\\n\t\u0000/", "e": [], "f": {}}"#
        );
        assert_eq!(written(&read_json(text.as_bytes()).expect("JSON")), text);
    }

    #[test]
    fn any_json_is_read() {
        let text = "\n{ \"a\" :[1 ,\t-2.5E+1,1e2,0, 0e1],\r\n\"\\/\\u00E9é\":\"\\ud800x\"} ";
        let value = read_json(text.as_bytes()).expect("JSON");
        let again = r#"{"a": [1, -25.0, 100.0, 0, 0.0], "/\u00e9\u00e9": "\ufffdx"}"#;
        assert_eq!(written(&value), again);
    }

    #[test]
    fn of_two_entries_with_one_key_the_last_counts_where_the_first_stands() {
        let value = read_json(br#"{"a": 1, "b": 2, "a": 3}"#).expect("JSON");
        assert_eq!(written(&value), r#"{"a": 3, "b": 2}"#);
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        assert_eq!(what(""), (0, "the text ends where a value should be"));
        assert_eq!(
            what("[1"),
            (2, "there should be a ',' or the end of the list or mapping")
        );
        assert_eq!(what("[1,]"), (3, "this is no value"));
        assert_eq!(what("{a: 1}"), (1, "a key must be a text"));
        assert_eq!(what(r#"{"a" 1}"#), (5, "there should be a ':'"));
        assert_eq!(what(r#""a"#), (1, "a text has no end"));
        assert_eq!(what("\"a\nb\""), (2, "a text has a control character"));
        assert_eq!(
            what(r#""\x""#),
            (1, "there is nothing that is written like this")
        );
        assert_eq!(
            what(r#""\u12g4""#),
            (1, "there should be four hexadecimal digits")
        );
        assert_eq!(what("1 2"), (2, "there is something behind the value"));
        for number in ["-", "01", "1.", "1.e5", ".5", "1e", "1-2", "--1", "+1"] {
            let said = what(number).1;
            assert!(
                said == "this is no number" || said == "this is no value",
                "{number}: {said}"
            );
        }
        assert_eq!(
            what("9223372036854775808"),
            (0, "an integer has more than 64 bits")
        );
        let deep = "[".repeat(MAX_DEPTH + 1);
        assert_eq!(what(&deep), (MAX_DEPTH, "lists and mappings nest too deep"));
        assert_eq!(
            read_json(b"\"\xff\"").expect_err("no text").what,
            "this is not UTF-8"
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            ".*".prop_map(|text: String| Value::text(&text)),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            let key = "[a-c]{1,8}";
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(|v| Value::List(v.into())),
                proptest::collection::btree_map(key, inner, 0..4).prop_map(|map| {
                    let entries = map.into_iter().map(|(key, value)| (key.into(), value));
                    Value::Map(entries.collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in values()) {
            let text = written(&value);
            prop_assert!(text.is_ascii());
            let back = read_json(text.as_bytes()).expect("JSON");
            // Not-a-number is equal to nothing, itself included.
            prop_assert_eq!(written(&back), text);
        }

        #[test]
        fn nothing_that_arrives_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = read_json(&bytes);
        }

        #[test]
        fn nothing_that_looks_like_json_panics(text in r#"[\[\]{}",:0-9eE+\-.\\untrfls ]{0,30}"#) {
            let _ = read_json(text.as_bytes());
        }
    }
}
