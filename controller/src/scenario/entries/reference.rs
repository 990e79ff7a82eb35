//! `model.attribute`: how connections and monitor items name an attribute.

use super::fields::text;
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::Node;

/// An attribute as a connection or a monitor item names it.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// As it is written: `Homes.load_dem`.
    pub(crate) text: String,
    /// The name of the model.
    pub(crate) model: String,
    /// The name of the attribute.
    pub(crate) attribute: String,
    /// Where it is written.
    pub(crate) position: Position,
}

impl Reference {
    /// The attribute that a text names; reports any other form.
    pub(crate) fn of(node: &Node, name: &str, problems: &mut Problems) -> Option<Self> {
        let written = text(node, name, problems)?;
        let parts = written
            .split_once('.')
            .filter(|(model, attribute)| is_word(model) && is_word(attribute));
        let Some((model, attribute)) = parts else {
            let message = format!(
                "{name} must be 'model.attribute', two names of letters, digits and _ with one \
                 point between them, not '{}'",
                shortened(written)
            );
            problems.error("malformed_reference", node.position, message);
            return None;
        };
        Some(Self {
            text: written.to_owned(),
            model: model.to_owned(),
            attribute: attribute.to_owned(),
            position: node.position,
        })
    }
}

/// Whether a name consists of word characters: letters, digits, underscores.
fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::yaml::Content;

    fn accepted(text: &str) -> bool {
        let node = Node {
            position: Position::START,
            content: Content::Text(text.to_owned()),
        };
        Reference::of(&node, "item 1", &mut Problems::new("")).is_some()
    }

    #[test]
    fn a_reference_is_two_words_with_a_point_between_them() {
        for text in ["Homes.load_dem", "a.b", "Gemüse1.größe", "0.1", "_._"] {
            assert!(accepted(text), "{text}");
        }
        for text in [
            "Homes", "a.b.c", ".b", "a.", "a b.c", "a-1.b", "a.b\n", " a.b", "",
        ] {
            assert!(!accepted(text), "{text:?}");
        }
    }
}
