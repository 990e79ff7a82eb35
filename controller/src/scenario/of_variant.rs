//! The scenario of one variant, as a file of its own that a single run takes.

use std::path::Path;
use std::sync::Arc;

use shared::value::Value;

use super::problems::{Position, Problems};
use super::template::Assigned;
use super::yaml::{self, Content, Entry, Key, Node};

/// A scenario of which the variants are written out.
#[derive(Debug)]
pub(crate) struct WrittenOut {
    root: Node,
    /// It names programs, which are looked for in the folder of the scenario.
    pub(crate) has_programs: bool,
}

impl WrittenOut {
    /// Takes the text of a scenario, which has been read before; `None` where it is none.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut root = yaml::read(text, &mut Problems::new(""))?;
        Some(Self {
            has_programs: section(&mut root, "simulators").is_some(),
            root,
        })
    }

    /// The text of the scenario in which parameters have these values, and whose result goes there.
    pub(crate) fn with(&self, assigned: &[Assigned], result: &Path) -> String {
        let mut root = self.root.clone();
        if let Some(scenario) = section(&mut root, "scenario") {
            remove(scenario, "align_parameters");
        }
        if let Some(Content::List(models)) =
            section(&mut root, "models").map(|node| &mut node.content)
        {
            for (place, model) in models.iter_mut().enumerate() {
                remove(model, "multi_parameters");
                for own in assigned.iter().filter(|own| own.model == place) {
                    let parameters = entry(model, "parameters");
                    *entry(parameters, &own.key) = node_of(&own.value);
                }
            }
        }
        if let Some(monitor) = section(&mut root, "monitor") {
            let result = result.to_string_lossy().into_owned();
            *entry(monitor, "file") = node(Content::Text(result));
        }
        yaml::to_text(&root)
    }
}

fn node(content: Content) -> Node {
    Node {
        position: Position::START,
        content,
    }
}

fn section<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    let Content::Map(entries) = &mut node.content else {
        return None;
    };
    let found = entries.iter_mut().find(|entry| &*entry.key.text == key)?;
    Some(&mut found.value)
}

fn remove(node: &mut Node, key: &str) {
    if let Content::Map(entries) = &mut node.content {
        entries.retain(|entry| &*entry.key.text != key);
    }
}

/// What stands at a key of a mapping. It is one from now on, and the key is there.
fn entry<'a>(node: &'a mut Node, key: &str) -> &'a mut Node {
    if !matches!(node.content, Content::Map(_)) {
        node.content = Content::Map(Vec::new());
    }
    let Content::Map(entries) = &mut node.content else {
        unreachable!("it is a mapping now");
    };
    let known = entries.iter().position(|entry| &*entry.key.text == key);
    let place = known.unwrap_or_else(|| {
        entries.push(Entry {
            key: Key {
                position: Position::START,
                text: key.into(),
            },
            value: self::node(Content::Null),
        });
        entries.len() - 1
    });
    &mut entries[place].value
}

fn node_of(value: &Value) -> Node {
    node(match value {
        Value::Null => Content::Null,
        Value::Bool(flag) => Content::Bool(*flag),
        Value::Int(int) => Content::Int(*int),
        Value::Float(float) | Value::Numpy(float) => Content::Float(*float),
        Value::Text(text) => Content::Text(text.to_string()),
        Value::List(items) => Content::List(items.iter().map(node_of).collect()),
        Value::Map(entries) => {
            let entry = |(key, value): &(Arc<str>, Value)| Entry {
                key: Key {
                    position: Position::START,
                    text: Arc::clone(key),
                },
                value: node_of(value),
            };
            Content::Map(entries.iter().map(entry).collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_place_of_those_in_the_file_or_are_added() {
        let text = "scenario: {name: a, align_parameters: true}\nmodels:\n- {name: A, parameters: {x: 1, q: 2}}\n\
                    - name: B # without parameters\n  multi_parameters: {x: [3]}\n- {name: C, parameters: }\n\
                    monitor: {items: [A.x]}\n";
        let assign = |model, key: &str, value| Assigned {
            model,
            key: key.into(),
            value,
            position: Position::START,
        };
        let assigned = [
            assign(0, "q", Value::text("no")),
            assign(1, "x", Value::List([Value::Int(3), Value::Null].into())),
            assign(2, "z", Value::Float(0.5)),
        ];
        let written = WrittenOut::of(text).expect("a scenario");
        assert!(!written.has_programs);
        let expected = "scenario:\n  name: a\nmodels:\n  - name: A\n    parameters:\n      x: 1\n      q: \"no\"\n  - name: B\n    \
                        parameters:\n      x:\n        - 3\n        - null\n  - name: C\n    parameters:\n      z: 0.5\nmonitor:\n  \
                        items:\n    - A.x\n  file: \"out 2.csv\"\n";
        assert_eq!(written.with(&assigned, Path::new("out 2.csv")), expected);
    }
}
