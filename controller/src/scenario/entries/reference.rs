//! `model.attribute`: how connections and monitor items name an attribute.

use std::collections::BTreeMap;

use super::fields::text;
use super::model::ModelEntry;
use super::simulator::SimulatorEntry;
use super::values::is_word;
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::{Content, Node};

/// An attribute as a connection or a monitor item names it.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// As it is written: `Homes.load_dem`.
    pub(crate) text: String,
    /// The name of the model.
    pub(crate) model: String,
    /// The name of the attribute. That of a child of an entity: `/Bus-5.P_gen[MW]`. Empty where all of a model is
    /// meant.
    pub(crate) attribute: String,
    /// Where it is written.
    pub(crate) position: Position,
}

impl Reference {
    /// The entity of a simulator that a text names, if it names one.
    pub(super) fn of_model(node: &Node, names: &ModelNames<'_>) -> Option<Self> {
        let written = match &node.content {
            Content::Text(written) if names.0.get(written.as_str()) == Some(&true) => written,
            _ => return None,
        };
        Some(Self {
            text: written.clone(),
            model: written.clone(),
            attribute: String::new(),
            position: node.position,
        })
    }

    /// Whether all of a model is meant.
    pub(crate) fn is_model(&self) -> bool {
        self.attribute.is_empty()
    }

    /// The attribute that a text names; reports any other form.
    pub(crate) fn of(
        node: &Node,
        name: &str,
        names: &ModelNames<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let written = text(node, name, problems)?;
        let parts = written
            .split_once('.')
            .filter(|(model, attribute)| is_word(model) && is_word(attribute));
        let Some((model, attribute)) = parts.or_else(|| names.split(written)) else {
            let of_entities = if names.has_entities() {
                " (of an entity of a simulator also 'model/child.attribute')"
            } else {
                ""
            };
            let message = format!(
                "{name} must be 'model.attribute', two names of letters, digits and _ with one \
                 point between them{of_entities}, not '{}'",
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

/// The models of a scenario, and which of them are entities of simulators: their attributes have names with any
/// characters, and their children have some as well.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelNames<'a>(BTreeMap<&'a str, bool>);

impl<'a> ModelNames<'a> {
    pub(super) fn of(models: &'a [ModelEntry], simulators: &[SimulatorEntry]) -> Self {
        let is_entity = |model: &ModelEntry| {
            let simulator = model.type_name.as_ref().map(|(text, _)| simulator_of(text));
            simulator.is_some_and(|name| simulators.iter().any(|known| known.name == name))
        };
        let names = models.iter();
        Self(
            names
                .filter_map(|model| Some((model.name.as_deref()?, is_entity(model))))
                .collect(),
        )
    }

    fn has_entities(&self) -> bool {
        self.0.values().any(|is_entity| *is_entity)
    }

    /// The parts of a reference to an attribute with any characters. What nobody is called may be a misspelt entity.
    fn split<'t>(&self, written: &'t str) -> Option<(&'t str, &'t str)> {
        let end = written.find(['.', '/'])?;
        let (model, rest) = written.split_at(end);
        let attribute = rest.strip_prefix('.').unwrap_or(rest);
        let may_be_entity = *self.0.get(model).unwrap_or(&self.has_entities());
        (may_be_entity && is_word(model) && rest.len() > 1).then_some((model, attribute))
    }
}

/// The simulator that a type names, if it names one: `Grid` of `Grid.Bus`.
pub(crate) fn simulator_of(type_name: &str) -> &str {
    type_name.split('.').next().unwrap_or(type_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, names: &ModelNames<'_>) -> Option<(String, String)> {
        let node = Node {
            position: Position::START,
            content: Content::Text(text.to_owned()),
        };
        let read = Reference::of(&node, "item 1", names, &mut Problems::new(""))?;
        Some((read.model, read.attribute))
    }

    #[test]
    fn a_reference_is_two_words_with_a_point_between_them() {
        for text in ["Homes.load_dem", "a.b", "Gemüse1.größe", "0.1", "_._"] {
            assert!(read(text, &ModelNames::default()).is_some(), "{text}");
        }
        for text in [
            "Homes", "a.b.c", ".b", "a.", "a b.c", "a-1.b", "a.b\n", " a.b", "",
        ] {
            assert!(read(text, &ModelNames::default()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn attributes_of_entities_and_of_their_children_have_any_characters() {
        let names = ModelNames(BTreeMap::from([("Net", true), ("Homes", false)]));
        for (text, model, attribute) in [
            ("Net.P[MW]", "Net", "P[MW]"),
            ("Net.a.b", "Net", "a.b"),
            ("Net/Bus-5.P_gen[MW]", "Net", "/Bus-5.P_gen[MW]"),
            ("Ne/Bus-5.P", "Ne", "/Bus-5.P"),
            ("Homes.load", "Homes", "load"),
        ] {
            let expected = Some((model.to_owned(), attribute.to_owned()));
            assert_eq!(read(text, &names), expected, "{text}");
        }
        for text in [
            "Homes/x.y",
            "Homes.P[MW]",
            "Net",
            "Net.",
            "Net/",
            "N t.P[W]",
        ] {
            assert_eq!(read(text, &names), None, "{text}");
        }
    }
}
