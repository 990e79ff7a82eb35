//! However a text is laid out: what `serde_yaml` takes is taken, with places.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::de::IgnoredAny;

use super::super::marks;
use super::{problems, tree};

/// A value to be written.
#[derive(Clone, Debug)]
enum Value {
    Plain(&'static str),
    Quoted(&'static str),
    List(Vec<Value>),
    Map(Vec<Value>),
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        select(vec![
            "5",
            "1.5",
            "a b",
            "x.y",
            "true",
            "http://a/b",
            "it's",
            "a#b",
            "-1"
        ])
        .prop_map(Value::Plain),
        select(vec!["one two three", "it's", "", "[x: y]", " a ", "größer"])
            .prop_map(Value::Quoted),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::List),
            vec(inner, 0..4).prop_map(Value::Map),
        ]
    })
}

/// What the tree of a value looks like.
fn expected(value: &Value) -> String {
    match value {
        Value::Plain(text @ ("5" | "1.5" | "true" | "-1")) => (*text).to_owned(),
        Value::Plain(text) | Value::Quoted(text) => format!("{text:?}"),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(expected).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(items) => {
            let items = items.iter().enumerate();
            let items: Vec<String> = items
                .map(|(i, item)| format!("k{i}: {}", expected(item)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
    }
}

/// Writes values, and chooses among the ways to do so.
struct Writer {
    text: String,
    choices: Vec<Index>,
    used: usize,
}

impl Writer {
    fn choose<T: Copy>(&mut self, among: &[T]) -> T {
        self.used += 1;
        among[self.choices[self.used % self.choices.len()].index(among.len())]
    }

    fn end_line(&mut self) {
        let ends = ["\n", "\r\n", " # why\n", "\n\n", "\n  # why\n", "\t\n"];
        // A tab behind the `-` of an entry could be its indentation, and is refused.
        let among = ends.len() - usize::from(self.text.ends_with('-'));
        let end = self.choose(&ends[..among]);
        self.text.push_str(end);
    }

    /// White space inside brackets or quotes, where it is free.
    fn gap(&mut self) {
        let gap = self.choose(&[
            "",
            " ",
            "\n",
            "\n ",
            "\r\n      ",
            " # x\n",
            "\n\n",
            "\n   ",
        ]);
        self.text.push_str(gap);
    }

    fn scalar(&mut self, value: &Value) {
        match value {
            Value::Quoted(text) if self.choose(&[true, false]) => {
                let fold = self.choose(&[" ", "\n", "\r\n ", "\n          ", "\n\t"]);
                let parts: Vec<&str> = text.split(' ').collect();
                let inner = parts.len() - 1;
                for (i, part) in parts.iter().enumerate() {
                    let open = if i == 0 { "'" } else { "" };
                    let close = if i == inner { "'" } else { "" };
                    // A blank at the edge of a text cannot be folded.
                    let is_free =
                        !part.is_empty() && parts.get(i + 1).is_some_and(|p| !p.is_empty());
                    let gap = match (i == inner, is_free) {
                        (true, _) => "",
                        (false, true) => fold,
                        (false, false) => " ",
                    };
                    let part = part.replace('\'', "''");
                    let _ = write!(self.text, "{open}{part}{close}{gap}");
                }
            }
            Value::Quoted(text) => {
                let _ = write!(self.text, "{text:?}");
            }
            Value::Plain(text) => self.text.push_str(text),
            Value::List(_) | Value::Map(_) => self.flow(value),
        }
    }

    fn flow(&mut self, value: &Value) {
        let (items, brackets) = match value {
            Value::List(items) => (items, ('[', ']')),
            Value::Map(items) => (items, ('{', '}')),
            other => return self.scalar(other),
        };
        self.text.push(brackets.0);
        for (i, item) in items.iter().enumerate() {
            self.gap();
            if brackets.0 == '{' {
                let after = self.choose(&[" ", "\t", "  ", "\n", "\n   "]);
                let _ = write!(self.text, "k{i}:{after}");
            }
            self.flow(item);
            self.gap();
            if i + 1 < items.len() || self.choose(&[true, false]) {
                self.text.push(',');
            }
        }
        self.gap();
        self.text.push(brackets.1);
    }

    /// What follows `key:` or `-`; `column` is where that stands, less one.
    fn block(&mut self, value: &Value, column: usize, in_mapping: bool) {
        let (Value::List(items) | Value::Map(items)) = value else {
            self.text.push(' ');
            self.scalar(value);
            return self.end_line();
        };
        if items.is_empty() || self.choose(&[false, false, true]) {
            self.text.push(' ');
            self.flow(value);
            return self.end_line();
        }
        self.end_line();
        let is_map = matches!(value, Value::Map(_));
        let least = usize::from(is_map || !in_mapping);
        let column = column + self.choose(&[least, 1, 2, 5]);
        self.entries(items, column, is_map);
    }

    fn entries(&mut self, items: &[Value], column: usize, is_map: bool) {
        for (i, item) in items.iter().enumerate() {
            let blanks = " ".repeat(column);
            if is_map {
                let _ = write!(self.text, "{blanks}k{i}:");
            } else {
                let _ = write!(self.text, "{blanks}-");
            }
            self.block(item, column, is_map);
        }
    }
}

fn written(items: &[Value], choices: Vec<Index>) -> String {
    let mut writer = Writer {
        text: String::new(),
        choices,
        used: 0,
    };
    let start = writer.choose(&[
        "",
        "---\n",
        "\u{feff}",
        "%YAML 1.2\n---\n",
        "# x\n--- # y\n",
    ]);
    writer.text.push_str(start);
    writer.entries(items, 0, true);
    let end = writer.choose(&["", "...\n", "# end", "\n\n"]);
    writer.text.push_str(end);
    writer.text
}

/// Whether `serde_yaml` takes a text.
fn is_taken(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_yaml::from_str::<IgnoredAny>(text).is_ok()
}

proptest! {
    #[test]
    fn every_layout_of_a_value_is_read_as_that_value(
        items in vec(values(), 1..5),
        choices in vec(any::<Index>(), 8..200),
    ) {
        let text = written(&items, choices);
        prop_assert!(is_taken(&text), "{text}");
        prop_assert_eq!(problems(&text), Vec::<String>::new(), "{}", text);
        prop_assert_eq!(tree(&text), expected(&Value::Map(items)), "{}", text);
    }

    /// Whatever is changed in a text: the two parsers take it both or refuse it both.
    #[test]
    fn a_changed_text_is_refused_by_both_or_by_none(
        items in vec(values(), 1..5),
        choices in vec(any::<Index>(), 8..200),
        changes in vec((any::<Index>(), select(vec![
            " ", "\n", "\t", ":", "- ", "'", "\"", "[", "]", "{", "}", ",", "#", "  ", "a", ": ",
            "? ", "|\n", "&a ", "*a", "\\", "\r", "...\n", "---\n", "!x ", "%",
        ]), 0..3_usize), 1..4),
    ) {
        let mut text: Vec<char> = written(&items, choices).chars().collect();
        for (place, inserted, removed) in changes {
            let at = place.index(text.len() + 1);
            let end = (at + removed).min(text.len());
            text.splice(at..end, inserted.chars());
        }
        let text: String = text.into_iter().collect();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let beyond = ["several_documents", "unsupported_yaml", "too_deep", "too_large"];
        match marks::mark(text) {
            // What follows a tag is refused by `serde_yaml` alone.
            Ok(Some(_)) => prop_assert!(is_taken(text) || text.contains('!'), "{text}"),
            Ok(None) => {}
            Err(error) if beyond.contains(&error.code) => {}
            Err(error) => prop_assert!(!is_taken(text), "{error:?}\n{text}"),
        }
    }
}

#[test]
fn what_the_marked_parser_stumbles_over_is_read_all_the_same() {
    assert_eq!(
        tree("a: [!!str, b!, !<tag:yaml.org,2002:int> 5, '!x,y']\nb: hi!, you\n"),
        r#"{a: ["", "b!", 5, "!x,y"], b: "hi!, you"}"#
    );
    assert_eq!(problems("a: \"\\"), ["1:4:invalid_yaml"]);
    assert_eq!(problems("a: [x!,y!, *z]"), ["1:12:invalid_alias"]);
}

#[test]
fn lists_and_mappings_in_brackets_may_stand_left_of_their_key() {
    assert_eq!(
        tree("a:\n    b: [\n  1,\n2\n    ]\n    c: {\n x: 1,\ny: 2 }\n"),
        "{a: {b: [1, 2], c: {x: 1, y: 2}}}"
    );
    assert_eq!(tree("connections: [\n]\n"), "{connections: []}");
    assert_eq!(tree("- a: 'one\ntwo'\n"), r#"[{a: "one two"}]"#);
}
