//! From a tree to text, which is read as the same tree.

use std::fmt::Write;

use shared::value::PythonFloat;

use super::scalar::{Scalar, plain};
use super::tree::{Content, Entry, Node};

/// Words that some loaders take for booleans.
const FLAGS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];

/// A tree as a block of YAML. Comments are gone, and aliases and merged mappings are written out.
pub(in crate::scenario) fn to_text(node: &Node) -> String {
    let mut text = String::new();
    write(&mut text, node, 0);
    text
}

/// Writes a node that begins on a line of its own.
fn write(text: &mut String, node: &Node, indent: usize) {
    match &node.content {
        Content::Map(entries) if !entries.is_empty() => {
            for Entry { key, value } in entries {
                pad(text, indent);
                write_words(text, &key.text);
                text.push(':');
                write_value(text, value, indent);
            }
        }
        Content::List(items) if !items.is_empty() => {
            for item in items {
                pad(text, indent);
                text.push('-');
                write_item(text, item, indent);
            }
        }
        scalar => {
            pad(text, indent);
            write_scalar(text, scalar);
            text.push('\n');
        }
    }
}

fn pad(text: &mut String, indent: usize) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// What comes behind a key.
fn write_value(text: &mut String, value: &Node, indent: usize) {
    if is_block(value) {
        text.push('\n');
        write(text, value, indent + 2);
    } else {
        text.push(' ');
        write_scalar(text, &value.content);
        text.push('\n');
    }
}

/// What comes behind a dash: what is in a block begins on its line.
fn write_item(text: &mut String, item: &Node, indent: usize) {
    if !is_block(item) {
        return write_value(text, item, indent);
    }
    let begin = text.len();
    write(text, item, indent + 2);
    // In place of its indentation.
    text.replace_range(begin..begin + indent + 2, " ");
}

fn is_block(node: &Node) -> bool {
    match &node.content {
        Content::Map(entries) => !entries.is_empty(),
        Content::List(items) => !items.is_empty(),
        _ => false,
    }
}

fn write_scalar(text: &mut String, content: &Content) {
    // Writing into a string cannot fail.
    let _ = match content {
        Content::Null | Content::Unreadable => write!(text, "null"),
        Content::Bool(flag) => write!(text, "{flag}"),
        Content::Int(int) => write!(text, "{int}"),
        Content::Float(float) if float.is_nan() => write!(text, ".nan"),
        Content::Float(float) if *float == f64::INFINITY => write!(text, ".inf"),
        Content::Float(float) if *float == f64::NEG_INFINITY => write!(text, "-.inf"),
        Content::Float(float) => write!(text, "{}", PythonFloat(*float)),
        Content::Timestamp(written) => write!(text, "{written}"),
        Content::List(_) => write!(text, "[]"),
        Content::Map(_) => write!(text, "{{}}"),
        Content::Text(words) => {
            write_words(text, words);
            Ok(())
        }
    };
}

/// Writes text, in quotes unless every loader takes it for that without.
fn write_words(text: &mut String, words: &str) {
    let is_ordinary = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/');
    let is_plain = words.starts_with(|c: char| c.is_ascii_alphabetic())
        && words.chars().all(is_ordinary)
        && !FLAGS.contains(&words.to_ascii_lowercase().as_str())
        && matches!(plain(words), Ok(Scalar::Text(_)));
    if is_plain {
        text.push_str(words);
        return;
    }
    text.push('"');
    for c in words.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            ' '..='~' | '\u{a1}'..='\u{1fff}' | '\u{3000}'..='\u{d7ff}' => text.push(c),
            // Breaks of lines, marks and what is not to be seen.
            other => {
                // Writing into a string cannot fail.
                let _ = write!(text, "\\U{:08x}", u32::from(other));
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::problems::{Position, Problems};
    use crate::scenario::yaml::read;
    use crate::scenario::yaml::tree::Key;
    use proptest::prelude::*;

    /// A tree without places.
    fn shown(node: &Node) -> String {
        match &node.content {
            Content::List(items) => {
                let items: Vec<String> = items.iter().map(shown).collect();
                format!("[{}]", items.join(", "))
            }
            Content::Map(entries) => {
                let entry =
                    |entry: &Entry| format!("{:?}: {}", entry.key.text, shown(&entry.value));
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
            other => format!("{other:?}"),
        }
    }

    #[track_caller]
    fn assert_comes_back(node: &Node) {
        let text = to_text(node);
        let mut problems = Problems::new("t");
        let again = read(&text, &mut problems);
        let again = again.unwrap_or_else(|| panic!("{problems}\n{text}"));
        assert_eq!(shown(&again), shown(node), "{text}");
    }

    #[test]
    fn a_scenario_is_read_as_it_was() {
        let text = "a: &x {b: 1, c: [1.0, 1e-7, .inf, -0.0], e: []}\nd: {<<: *x, b: yes}\n\
                    f: [[1, [2]], {g: ~, h: {}}, 'two\n\n words', \"\\x07\\u2028é\", '#no', 2012-01-01, true, 'true']\n\
                    ? 'k: x'\n: '- x'\n5: |\n  one\n   two\n";
        let node = read(text, &mut Problems::new("t")).expect("valid YAML");
        assert_comes_back(&node);
        let written = to_text(&node);
        assert!(
            written.starts_with("a:\n  b: 1\n  c:\n    - 1.0\n"),
            "{written}"
        );
        assert!(written.contains("\nd:\n  b: \"yes\"\n  c:"), "{written}");
        assert!(
            written.contains("\nf:\n  - - 1\n    - - 2\n  - g: null\n    h: {}\n"),
            "{written}"
        );
    }

    fn node(content: Content) -> Node {
        Node {
            position: Position::START,
            content,
        }
    }

    fn trees() -> impl Strategy<Value = Node> {
        let text = prop_oneof![any::<String>(), "[ -~]{0,6}", "[a-z]{1,4}"];
        let scalar = prop_oneof![
            Just(Content::Null),
            any::<bool>().prop_map(Content::Bool),
            any::<i64>().prop_map(Content::Int),
            any::<f64>().prop_map(Content::Float),
            text.prop_map(Content::Text),
        ];
        let scalar = scalar.prop_map(node);
        scalar.prop_recursive(4, 32, 4, |inner| {
            let entries = prop::collection::btree_map("[ -~é]{1,5}", inner.clone(), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|items| node(Content::List(items))),
                entries.prop_map(|entries| {
                    let entry = |(text, value): (String, Node)| Entry {
                        key: Key {
                            position: Position::START,
                            text: text.into(),
                        },
                        value,
                    };
                    node(Content::Map(entries.into_iter().map(entry).collect()))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_tree_comes_back(tree in trees()) {
            assert_comes_back(&tree);
        }
    }
}
