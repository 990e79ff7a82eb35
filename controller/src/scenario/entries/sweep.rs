//! The section `multi_parameters` of a model: the values of a parallel run, of which a single run
//! only checks the form.

use super::fields::{filled_list, wrong_kind};
use crate::scenario::problems::{Problems, shortened};
use crate::scenario::yaml::{Content, Node};

/// Reports what is wrong with the section.
pub(crate) fn check(node: &Node, name: &str, problems: &mut Problems) {
    let entries = match &node.content {
        Content::Map(entries) if !entries.is_empty() => entries,
        _ => {
            wrong_kind(node, name, "a mapping with at least one entry", problems);
            return;
        }
    };
    for entry in entries {
        let name = format!("'{}' in {name}", shortened(&entry.key.text));
        match &entry.value.content {
            Content::Text(text) if is_range(text) => {}
            Content::Text(text) => {
                let message = format!(
                    "{name} must be a list or 'range(first, end, step)' with three integers, \
                     not '{}'",
                    shortened(text)
                );
                problems.error("invalid_range", entry.value.position, message);
            }
            _ => {
                filled_list(&entry.value, &name, problems);
            }
        }
    }
}

fn is_range(text: &str) -> bool {
    let inner = text
        .strip_prefix("range(")
        .and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner else {
        return false;
    };
    let is_field = |field: &str| {
        !field.is_empty()
            && field
                .chars()
                .all(|c| c == '-' || c.is_ascii_digit() || c.is_whitespace())
    };
    inner.split(',').count() == 3 && inner.split(',').all(is_field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::yaml;

    fn problems(text: &str) -> usize {
        let mut problems = Problems::new("t");
        let node = yaml::read(text, &mut problems).expect("valid YAML");
        check(&node, "'multi_parameters' of model 'A'", &mut problems);
        problems.errors()
    }

    #[test]
    fn values_are_lists_or_ranges() {
        assert_eq!(
            problems("{a: [1, x], b: 'range(20, 4, -10)', c: 'range(1,2,3)'}"),
            0
        );
        let wrong = "{a: [], b: 'range(1, 2)', c: 'range(1.5, 2, 1)', d: 3, e: , f: 'range(,1,2)'}";
        assert_eq!(problems(wrong), 6);
        assert_eq!(problems("{}"), 1);
        assert_eq!(problems("[a]"), 1);
    }
}
