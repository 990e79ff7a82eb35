//! Indicators: what of a run is one number, such as `max(Store.soc)`.

use shared::variant::Function;

use super::fields::wrong_kind;
use super::reference::{ModelNames, Reference};
use crate::scenario::problems::{Position, Problems, shortened, suggestion};
use crate::scenario::yaml::{Content, Node};

/// The names of functions. That of a quantile has a number as well.
const FUNCTIONS: [&str; 7] = ["sum", "mean", "min", "max", "last", "quantile", "energy"];

/// One number of a run, as it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct IndicatorEntry {
    /// What it is called.
    pub(crate) name: String,
    pub(crate) function: Function,
    /// The attribute.
    pub(crate) of: Reference,
}

/// Reads the section `indicators`: a name and a text for each.
pub(super) fn read_indicators(
    node: &Node,
    names: &ModelNames<'_>,
    problems: &mut Problems,
) -> Vec<IndicatorEntry> {
    let Content::Map(entries) = &node.content else {
        wrong_kind(
            node,
            "'indicators'",
            "a mapping (name: function(model.attribute))",
            problems,
        );
        return Vec::new();
    };
    let indicators = entries.iter().filter_map(|entry| {
        let name = format!("indicator '{}'", shortened(&entry.key.text));
        let Content::Text(text) = &entry.value.content else {
            wrong_kind(
                &entry.value,
                &name,
                "text, such as max(Store.soc)",
                problems,
            );
            return None;
        };
        let (function, of) = call(text, &name, entry.value.position, names, problems)?;
        Some(IndicatorEntry {
            name: entry.key.text.to_string(),
            function,
            of,
        })
    });
    indicators.collect()
}

/// Reads `[name=]function(model.attribute)`, and of a quantile `quantile(model.attribute, 0.95)`. Without a name it is
/// called as it is written.
pub(crate) fn read_indicator(
    text: &str,
    names: &ModelNames<'_>,
    problems: &mut Problems,
) -> Option<IndicatorEntry> {
    let (name, text, column) = match text.split_once('=') {
        Some((name, call)) => (name.trim(), call, name.chars().count() + 2),
        None => (text.trim(), text, 1),
    };
    let position = Position { line: 1, column };
    let label = format!("indicator '{}'", shortened(name));
    if name.is_empty() {
        problems.error(
            "empty_text",
            Position::START,
            "an indicator needs a name before '='",
        );
        return None;
    }
    let (function, of) = call(text, &label, position, names, problems)?;
    let of = Reference {
        position: IN_AN_OPTION,
        ..of
    };
    Some(IndicatorEntry {
        name: name.to_owned(),
        function,
        of,
    })
}

/// In place of a line of the scenario.
const IN_AN_OPTION: Position = Position {
    line: 0,
    column: usize::MAX,
};

fn call(
    text: &str,
    label: &str,
    position: Position,
    names: &ModelNames<'_>,
    problems: &mut Problems,
) -> Option<(Function, Reference)> {
    let parts = text.trim().split_once('(');
    let parts = parts.and_then(|(function, rest)| Some((function.trim(), rest.strip_suffix(')')?)));
    let Some((function, inner)) = parts else {
        let message = format!(
            "{label} must be a function of an attribute, such as max(Store.soc), not '{}'",
            shortened(text)
        );
        problems.error("malformed_indicator", position, message);
        return None;
    };
    let (attribute, number) = match inner.rsplit_once(',') {
        Some((attribute, number)) => (attribute, Some(number.trim())),
        None => (inner, None),
    };
    let function = match (function, number) {
        ("sum", None) => Function::Sum,
        ("mean", None) => Function::Mean,
        ("min", None) => Function::Min,
        ("max", None) => Function::Max,
        ("last", None) => Function::Last,
        ("energy", None) => Function::Energy,
        ("quantile", number) => {
            let part = number.and_then(|number| number.parse().ok());
            let Some(part) = part.filter(|part| (0.0..=1.0).contains(part)) else {
                let message = format!(
                    "{label}: a quantile has a number from 0 to 1 beside its attribute, such as quantile({}, 0.95)",
                    shortened(attribute.trim())
                );
                problems.error("malformed_indicator", position, message);
                return None;
            };
            Function::Quantile(part)
        }
        (known, Some(_)) if FUNCTIONS.contains(&known) => {
            let message = format!("{label}: '{known}' is made of one attribute and nothing else");
            problems.error("malformed_indicator", position, message);
            return None;
        }
        (other, _) => {
            let message = format!(
                "{label}: there is no function '{}'{}",
                shortened(other),
                suggestion(other, "functions", &FUNCTIONS)
            );
            problems.error("unknown_function", position, message);
            return None;
        }
    };
    let node = Node {
        position,
        content: Content::Text(attribute.trim().to_owned()),
    };
    Some((function, Reference::of(&node, label, names, problems)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Function, String), String> {
        let mut problems = Problems::new("x");
        let read = read_indicator(text, &ModelNames::default(), &mut problems);
        read.map(|read| (read.name, read.function, read.of.text))
            .ok_or_else(|| problems.to_string())
    }

    #[test]
    fn an_indicator_is_a_function_of_an_attribute() {
        let known = |name: &str, function, of: &str| Ok((name.to_owned(), function, of.to_owned()));
        let max = "max(Store.soc)";
        assert_eq!(read(max), known(max, Function::Max, "Store.soc"));
        assert_eq!(
            read("peak = quantile( Grid.power , 0.95)"),
            known("peak", Function::Quantile(0.95), "Grid.power")
        );
        for (text, said) in [
            (
                "Store.soc",
                "x:1:1: error: indicator 'Store.soc' must be a function",
            ),
            (
                "a=maximum(A.x)",
                "x:1:3: error: indicator 'a': there is no function 'maximum'",
            ),
            ("max(A)", "must be 'model.attribute'"),
            ("max(A.x, 1)", "of one attribute"),
            ("quantile(A.x)", "a number from 0 to 1"),
            ("quantile(A.x, 95)", "a number from 0 to 1"),
            ("=max(A.x)", "needs a name"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
