//! From nodes of the scenario to values of models.

use std::sync::Arc;

use crate::scenario::problems::Problems;
use crate::scenario::yaml::{Content, Node};
use shared::value::{MAX_DEPTH, Value};

/// The value of a node. `None` where it has none, which is reported. `name` is how messages call
/// it.
pub(crate) fn value(node: &Node, name: &str, problems: &mut Problems) -> Option<Value> {
    nested(node, name, MAX_DEPTH, problems)
}

fn nested(node: &Node, name: &str, levels: usize, problems: &mut Problems) -> Option<Value> {
    let below = match &node.content {
        Content::List(_) | Content::Map(_) => levels.checked_sub(1),
        _ => Some(levels),
    };
    let Some(below) = below else {
        let message = format!("{name} nests deeper than {MAX_DEPTH} levels of lists and mappings");
        problems.error("too_deep", node.position, message);
        return None;
    };
    Some(match &node.content {
        Content::Null => Value::Null,
        Content::Bool(flag) => Value::Bool(*flag),
        Content::Int(int) => Value::Int(*int),
        Content::Float(float) => Value::Float(*float),
        Content::Text(text) => Value::text(text),
        Content::Timestamp(written) => {
            let message = format!("{name} is taken as the text '{written}'; put it in quotes");
            problems.warning("unquoted_time", node.position, message);
            Value::text(written)
        }
        Content::List(items) => {
            let values: Vec<_> = items
                .iter()
                .map(|item| nested(item, name, below, problems))
                .collect();
            Value::List(values.into_iter().collect::<Option<Vec<_>>>()?.into())
        }
        Content::Map(entries) => {
            let values: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let value = nested(&entry.value, name, below, problems);
                    Some((Arc::clone(&entry.key.text), value?))
                })
                .collect();
            Value::Map(values.into_iter().collect::<Option<Vec<_>>>()?.into())
        }
        Content::Unreadable => return None,
    })
}

/// Whether a name consists of word characters: letters, digits, underscores.
pub(super) fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::yaml;

    fn read(text: &str) -> (Option<Value>, Problems) {
        let mut problems = Problems::new("test.yaml");
        let node = yaml::read(text, &mut problems).expect("valid YAML");
        let value = value(&node, "'x'", &mut problems);
        (value, problems)
    }

    #[test]
    fn lists_and_mappings_keep_their_order_and_their_kinds() {
        let (value, problems) = read("{b: [1, 1.0, yes, true, ], a: ~, 0: North}");
        let shown = value.expect("a value").to_string();
        assert_eq!(
            shown,
            "{'b': [1, 1.0, 'yes', True], 'a': None, '0': 'North'}"
        );
        assert_eq!(problems.iter().count(), 0);
    }

    #[test]
    fn an_unquoted_time_becomes_text_with_a_warning() {
        let (value, problems) = read("[2012-01-01]");
        assert_eq!(value, Some(Value::List([Value::text("2012-01-01")].into())));
        assert_eq!(
            problems.to_string(),
            "test.yaml:1:2: warning: 'x' is taken as the text '2012-01-01'; put it in quotes"
        );
    }

    #[test]
    fn values_nest_as_deep_as_the_wire_allows() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(&nested(MAX_DEPTH)).0.is_some());
        let (value, problems) = read(&nested(MAX_DEPTH + 1));
        assert!(value.is_none());
        assert_eq!(
            problems.iter().map(|p| &*p.code).collect::<Vec<_>>(),
            ["too_deep"]
        );
    }
}
