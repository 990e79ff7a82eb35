//! The section `multi_parameters` of a model: parameters that have another value in each run of a sweep. A single run
//! checks its form only.

use std::sync::Arc;

use shared::value::Value;

use super::fields::{filled_list, wrong_kind};
use super::values::value;
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::{Content, Node};

/// More values than this of one parameter are a mistake.
const MOST: usize = 10_000_000;

/// A parameter with the values that it takes, each with its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Varied {
    pub(crate) key: Arc<str>,
    pub(crate) values: Vec<(Value, Position)>,
}

/// Reads the section; what is wrong is reported.
pub(crate) fn read(node: &Node, name: &str, problems: &mut Problems) -> Vec<Varied> {
    let entries = match &node.content {
        Content::Map(entries) if !entries.is_empty() => entries,
        _ => {
            wrong_kind(node, name, "a mapping with at least one entry", problems);
            return Vec::new();
        }
    };
    let varied = entries.iter().filter_map(|entry| {
        let name = format!("'{}' in {name}", shortened(&entry.key.text));
        Some(Varied {
            key: Arc::clone(&entry.key.text),
            values: read_values(&entry.value, &name, problems)?,
        })
    });
    varied.collect()
}

/// The values of a list, or of a range; `None` where it is neither, which is reported.
pub(crate) fn read_values(
    node: &Node,
    name: &str,
    problems: &mut Problems,
) -> Option<Vec<(Value, Position)>> {
    if let Content::Text(text) = &node.content {
        return match range(text) {
            Ok(integers) => Some(
                integers
                    .into_iter()
                    .map(|integer| (Value::Int(integer), node.position))
                    .collect(),
            ),
            Err(wrong) => {
                let message = format!(
                    "{name} must be a list or 'range(first, end, step)' with three integers, not '{}'{wrong}",
                    shortened(text)
                );
                problems.error("invalid_range", node.position, message);
                None
            }
        };
    }
    let items = filled_list(node, name, problems)?;
    let values = items.iter().map(|item| {
        let value = value(item, name, problems)?;
        Some((value, item.position))
    });
    values.collect()
}

/// The integers from the first on, in steps, before the end. Returns what there is to say of a text that is no such
/// range.
fn range(text: &str) -> Result<Vec<i64>, String> {
    let inner = text
        .strip_prefix("range(")
        .and_then(|rest| rest.strip_suffix(')'));
    let fields: Option<Vec<i64>> = inner.and_then(|inner| {
        let fields = inner.split(',').map(|field| field.trim().parse().ok());
        fields.collect()
    });
    let Some([first, end, step]) = fields.as_deref().and_then(|fields| fields.first_chunk()) else {
        return Err(String::new());
    };
    if fields.as_ref().is_some_and(|fields| fields.len() > 3) {
        return Err(String::new());
    }
    if *step == 0 {
        return Err(", whose step must not be 0".to_owned());
    }
    let integers = std::iter::successors(Some(*first), |integer| integer.checked_add(*step));
    let is_before_end = |integer: &i64| {
        if *step > 0 {
            integer < end
        } else {
            integer > end
        }
    };
    let integers: Vec<i64> = integers.take_while(is_before_end).take(MOST + 1).collect();
    match integers.len() {
        0 => Err(", in which there is no integer".to_owned()),
        count if count > MOST => Err(format!(", which has more than {MOST} integers")),
        _ => Ok(integers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::yaml;

    fn varied(text: &str) -> (Vec<Varied>, Problems) {
        let mut problems = Problems::new("t");
        let node = yaml::read(text, &mut problems).expect("valid YAML");
        let varied = read(&node, "'multi_parameters' of model 'A'", &mut problems);
        (varied, problems)
    }

    /// The values of a parameter, as they are shown.
    fn shown(text: &str) -> String {
        let (varied, problems) = varied(&format!("{{a: {text}}}"));
        assert_eq!(problems.errors(), 0, "{problems}");
        let values = varied[0].values.iter();
        let values: Vec<String> = values.map(|(value, _)| value.to_string()).collect();
        values.join(" ")
    }

    #[test]
    fn values_are_lists_or_ranges() {
        assert_eq!(shown("[1, x, 2.0, null, [3, 4]]"), "1 'x' 2.0 None [3, 4]");
        assert_eq!(shown("'range(20, 4, -10)'"), "20 10");
        assert_eq!(shown("'range(1,2,3)'"), "1");
        assert_eq!(shown("'range(-1, 3, 2)'"), "-1 1");
        let wrong = "{a: [], b: 'range(1, 2)', c: 'range(1.5, 2, 1)', d: 3, e: , f: 'range(,1,2)', \
                     g: 'range(1, 2, 0)', h: 'range(2, 1, 1)', i: 'range(1, 2, 3, 4)', j: 'range(0, 99999999, 1)'}";
        let (none, problems) = varied(wrong);
        assert_eq!((none.len(), problems.errors()), (0, 10), "{problems}");
        assert_eq!(varied("{}").1.errors(), 1);
        assert_eq!(varied("[a]").1.errors(), 1);
    }

    #[test]
    fn each_value_has_its_place() {
        let (varied, _) = varied("a: [1, 2]\nb: 'range(0, 2, 1)'");
        let places = varied.iter().flat_map(|varied| &varied.values);
        let places: Vec<String> = places.map(|(_, place)| place.to_string()).collect();
        assert_eq!(places, ["1:5", "1:8", "2:4", "2:4"]);
    }
}
