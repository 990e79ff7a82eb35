//! What the attributes of a model are good for: which can be read, and which take a connection.

use shared::index::Index;
use shared::model::{ModelType, PublishedSlot, Section};
use shared::value::{Kind, Origin};

use super::candidate::Candidate;
use super::entity::Unusable;
use super::renamed::instead_of;
use crate::scenario::problems::suggestion;

/// An attribute that a model publishes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Published {
    /// `None` where the model could not be built.
    pub(crate) slot: Option<PublishedSlot>,
    pub(crate) origin: Origin,
    pub(crate) kind: Kind,
}

/// What is known about a name.
#[derive(Debug)]
pub(crate) enum Known<T> {
    /// It can be used.
    Yes(T),
    /// It cannot be used.
    No {
        /// Machine-readable category.
        code: &'static str,
        /// Why not, and what could be meant.
        why: String,
    },
    /// Nothing, because something else is wrong with the model.
    Nothing,
}

/// What a connection into an attribute does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// It feeds the input with this place in the declaration.
    Input(usize),
    /// Nothing: the name is there, and the model does not look at it.
    Unused,
}

impl Candidate {
    pub(crate) fn name(&self) -> &str {
        self.entry.name.as_deref().unwrap_or_default()
    }

    /// Whether a section of the entry has this name.
    fn lists(&self, section: Section, attribute: &str) -> bool {
        self.entry.find(section, attribute).is_some()
    }

    fn published_names(&self) -> Vec<&str> {
        match (&self.instance, &self.model_type) {
            (Some(instance), _) => instance.published.iter().map(|a| &*a.name).collect(),
            (None, Some(model_type)) => model_type.published.iter().map(|a| &*a.name).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Looks up an attribute that is to be read, by a connection or by the monitor.
    pub(crate) fn source(&self, attribute: &str) -> Known<Published> {
        if let Some(entity) = &self.entity {
            let Some(met) = &entity.met else {
                return Known::Nothing;
            };
            return self.of_entity(met.source(self.name(), attribute), |model_type, slot| {
                let declared = model_type.published.get(slot)?;
                Some(Published {
                    slot: Some(PublishedSlot::at(slot)),
                    origin: declared.origin,
                    kind: declared.kind,
                })
            });
        }
        let Some(model_type) = &self.model_type else {
            return Known::Nothing;
        };
        let found = if let Some(instance) = &self.instance {
            let slot = instance.published_slot(attribute);
            let found = slot.and_then(|slot| Some((slot, instance.published.get(slot.index())?)));
            found.map(|(slot, found)| (Some(slot), found.origin, found.kind))
        } else {
            let mut declared = model_type.published.iter();
            let found = declared.find(|a| a.name == attribute);
            found.map(|found| (None, found.origin, found.kind))
        };
        match found {
            Some((slot, origin, kind)) => Known::Yes(Published { slot, origin, kind }),
            None => self.why_unreadable(model_type, attribute),
        }
    }

    /// What is known of an attribute of an entity, from its place.
    fn of_entity<T>(
        &self,
        place: Result<usize, Unusable>,
        known: impl FnOnce(&ModelType, usize) -> Option<T>,
    ) -> Known<T> {
        match place {
            Ok(place) => {
                let model_type = self.model_type.as_ref();
                let found = model_type.and_then(|model_type| known(model_type, place));
                found.map_or(Known::Nothing, Known::Yes)
            }
            Err(Unusable { code, why }) => Known::No { code, why },
        }
    }

    fn why_unreadable(&self, model_type: &ModelType, attribute: &str) -> Known<Published> {
        let name = self.name();
        let choice = suggestion(attribute, "it publishes", &self.published_names());
        let no = |code, what: String| Known::No {
            code,
            why: what + &choice,
        };
        if model_type.inputs.iter().any(|i| i.name == attribute) {
            let what = format!("'{attribute}' is an input of '{name}' and cannot be read");
            return no("input_not_published", what);
        }
        let is_listed =
            self.lists(Section::Outputs, attribute) || self.lists(Section::States, attribute);
        if model_type.never_published.contains(attribute) || (is_listed && self.instance.is_some())
        {
            let what = format!("'{name}' never publishes a value of '{attribute}'");
            return no("never_published", what);
        }
        if self.instance.is_none() {
            // It may be one that the instance would add.
            return Known::Nothing;
        }
        if self.lists(Section::Inputs, attribute) {
            let what = format!(
                "'{attribute}' is only listed under 'inputs' of '{name}', so it cannot be read"
            );
            return no("input_not_published", what);
        }
        if let Some(differs) = instead_of(attribute, model_type) {
            return not_as_before(name, "attribute", attribute, differs);
        }
        let what = format!("'{name}' has no attribute '{attribute}'");
        no("unknown_attribute", what)
    }

    /// Looks up an attribute that a connection leads into.
    pub(crate) fn target(&self, attribute: &str) -> Known<Target> {
        if let Some(entity) = &self.entity {
            let Some(met) = &entity.met else {
                return Known::Nothing;
            };
            return self.of_entity(met.target(self.name(), attribute), |_, input| {
                Some(Target::Input(input))
            });
        }
        let Some(model_type) = &self.model_type else {
            return Known::Nothing;
        };
        let inputs = &model_type.inputs;
        if let Some(input) = inputs.iter().position(|i| i.name == attribute) {
            return Known::Yes(Target::Input(input));
        }
        let sections = [Section::Inputs, Section::Outputs, Section::States];
        if self.published_names().contains(&attribute)
            || model_type.never_published.contains(attribute)
            || sections.iter().any(|s| self.lists(*s, attribute))
        {
            return Known::Yes(Target::Unused);
        }
        if sections.iter().any(|s| self.entry.is_broken(*s)) {
            return Known::Nothing;
        }
        if let Some(differs) = instead_of(attribute, model_type) {
            return not_as_before(self.name(), "input", attribute, differs);
        }
        let inputs: Vec<&str> = inputs.iter().map(|i| &*i.name).collect();
        let choice = suggestion(attribute, "inputs", &inputs);
        Known::No {
            code: "unknown_attribute",
            why: format!("'{}' has no input '{attribute}'{choice}", self.name()),
        }
    }
}

/// A name that a type of an earlier generation has, and this one has not.
fn not_as_before<T>(name: &str, what: &str, attribute: &str, differs: &str) -> Known<T> {
    Known::No {
        code: "unknown_attribute",
        why: format!(
            "'{name}' has no {what} '{attribute}', as it has in the Python Illuminator: {differs}"
        ),
    }
}
