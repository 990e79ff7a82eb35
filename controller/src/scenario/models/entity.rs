//! Models that are entities of simulators: which of their attributes, and of their children, there are.

use std::borrow::Cow;
use std::sync::Arc;

use foreign::{
    Entity, EntityAttribute, EntityType, Role, SimulatorDescription, SimulatorKind, Spot,
};
use shared::model::{
    Build, BuildError, Built, Input, ModelType, Need, Published, Section, TypeRef,
};
use shared::value::{Kind, Origin};

use crate::scenario::entries::ModelEntry;
use crate::scenario::problems::{nearest, shortened, suggestion};

/// A model that is an entity of a simulator, or a class in Python.
#[derive(Debug)]
pub(crate) struct EntityOf {
    /// The simulator, as a place in the scenario's section.
    pub(crate) simulator: usize,
    /// What the simulator calls its model, where the scenario says so.
    pub(crate) model: Option<String>,
    /// Whether it is a class in Python: a program of its own.
    pub(crate) is_class: bool,
    /// Once its simulator has started.
    pub(crate) met: Option<Met>,
}

/// What is known of an entity once its simulator has started.
#[derive(Debug)]
pub(crate) struct Met {
    /// The simulator, as a number of what was asked for.
    pub(crate) request: u16,
    pub(crate) description: Arc<SimulatorDescription>,
    pub(crate) entity: Entity,
    /// What connections lead to, in the order of the inputs of the type that stands for it here.
    pub(crate) inputs: Vec<Place>,
    /// What is read, in the order of what that type publishes.
    pub(crate) published: Vec<Place>,
}

/// An attribute that the scenario uses.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) spot: Spot,
    /// What is said of it, where something is.
    pub(crate) attribute: Option<EntityAttribute>,
    /// What the scenario calls it behind the name of the model: `/Bus-5.P[MW]`, `.flow2b`.
    pub(crate) text: String,
}

/// Why an attribute cannot be used.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) code: &'static str,
    pub(crate) why: String,
}

impl Met {
    /// The simulator in mosaik's names.
    pub(crate) fn mosaik_name(&self) -> String {
        format!("{}-0", self.description.name)
    }

    /// Whether its steps are due when it says so, and at no other time.
    pub(crate) fn is_time_based(&self) -> bool {
        self.description.kind == SimulatorKind::TimeBased
    }

    /// The attribute that a reference means, of the entity or of a child: `P[MW]`, `/Bus-5.P[MW]`. Sections and
    /// lights name that of a child without its `/`.
    fn resolve(&self, model: &str, text: &str) -> Result<Place, Unusable> {
        if let Some(of_child) = text.strip_prefix('/') {
            return self.of_child(model, of_child);
        }
        let own = self.of(
            &self.entity,
            &format!("'{model}'"),
            text,
            format!(".{text}"),
        );
        own.or_else(|refused| self.of_child(model, text).map_err(|_| refused))
    }

    fn of_child(&self, model: &str, text: &str) -> Result<Place, Unusable> {
        let mut children = Vec::new();
        collect(&self.entity.children, &mut children);
        // An id may hold a point, so that one may be how another begins.
        let fitting = children.iter().filter(|child| {
            let rest = text.strip_prefix(child.id.as_str());
            rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
        });
        if let Some(child) = fitting.max_by_key(|child| child.id.len()) {
            let attribute = &text[child.id.len() + 1..];
            let whose = format!("'{}' of '{model}'", shortened(&child.id));
            return self.of(child, &whose, attribute, format!("/{text}"));
        }
        let ids: Vec<&str> = children.iter().map(|child| child.id.as_str()).collect();
        let written = text.rsplit_once('.').map_or(text, |(id, _)| id);
        Err(Unusable {
            code: "unknown_child",
            why: format!(
                "'{model}' has no child '{}'{}",
                shortened(written),
                suggestion(written, "children", &ids)
            ),
        })
    }

    fn of(
        &self,
        entity: &Entity,
        whose: &str,
        name: &str,
        text: String,
    ) -> Result<Place, Unusable> {
        let spot = Spot {
            simulator: self.request,
            entity: entity.id.clone(),
            attribute: name.to_owned(),
        };
        let known = self.description.entity_type(&entity.entity_type);
        let attribute = known.and_then(|known| find(known, name));
        if let (None, false) = (attribute, known.is_some_and(|known| known.any_inputs)) {
            let names = known.map_or(Vec::new(), |known| names(&known.attributes));
            return Err(Unusable {
                code: "unknown_attribute",
                why: format!(
                    "{whose} has no attribute '{}'{}",
                    shortened(name),
                    suggestion(name, "attributes", &names)
                ),
            });
        }
        Ok(Place {
            spot,
            attribute: attribute.cloned(),
            text,
        })
    }

    /// What the source of values is called where a model tells its sources apart.
    pub(crate) fn child(&self, place: &Place) -> Option<String> {
        (place.spot.entity != self.entity.id).then(|| place.spot.entity.clone())
    }
}

/// The children, and theirs.
fn collect<'a>(children: &'a [Entity], all: &mut Vec<&'a Entity>) {
    for child in children {
        all.push(child);
        collect(&child.children, all);
    }
}

fn find<'a>(known: &'a EntityType, name: &str) -> Option<&'a EntityAttribute> {
    known.attributes.iter().find(|known| known.name == name)
}

fn names(attributes: &[EntityAttribute]) -> Vec<&str> {
    let names = attributes.iter();
    names.map(|attribute| attribute.name.as_str()).collect()
}

impl EntityOf {
    /// Its type as far as the scenario uses it. What is not there is left to whoever looks it up.
    pub(crate) fn describe<'a>(
        &mut self,
        entry: &'a ModelEntry,
        sources: impl Iterator<Item = &'a str>,
        targets: impl Iterator<Item = &'a str>,
    ) -> Option<TypeRef> {
        let (name, _) = entry.type_name.as_ref()?;
        let model = entry.name.as_deref().unwrap_or_default();
        let lights = entry.leds.iter();
        let lights = lights.filter_map(|led| Some(led.attribute.as_ref()?.0.as_str()));
        let targets: Vec<&str> = targets.collect();
        // What arrives there is shown: simulators for mosaik do not say which attributes they publish.
        let lights = lights.filter(|text| !targets.contains(text));
        let met = self.met.as_mut()?;
        for text in sources.chain(lights) {
            let place = met.readable(model, text);
            note(&mut met.published, place.ok());
        }
        for text in targets {
            let place = met.resolve(model, text);
            note(&mut met.inputs, place.ok());
        }
        let mut model_type = ModelType::described(name, never_built);
        model_type.inputs = met.inputs.iter().map(input).collect();
        let published = met.published.iter();
        model_type.published = published.map(|place| publish(place, entry)).collect();
        Some(model_type.into())
    }
}

/// The type that stands for an entity where a scenario is checked has no instances: those are of the unit.
fn never_built(build: &mut Build<'_>) -> Built {
    Err(BuildError {
        code: "entity".into(),
        place: shared::model::Place::Model,
        message: format!("'{}' is built with its simulator", build.model_type().name),
    })
}

fn note(places: &mut Vec<Place>, place: Option<Place>) {
    let Some(place) = place else { return };
    if !places.iter().any(|known| known.spot == place.spot) {
        places.push(place);
    }
}

fn input(place: &Place) -> Input {
    Input {
        name: key(place).into(),
        unit: unit(place).into(),
        kind: Kind::Any,
        need: Need::Optional,
        ..Input::number("", "-", "")
    }
}

fn publish(place: &Place, entry: &ModelEntry) -> Published {
    Published {
        name: key(place).into(),
        unit: unit(place).into(),
        origin: origin(place, entry),
        kind: Kind::Any,
        ..Published::state("", "-", "")
    }
}

fn unit(place: &Place) -> Cow<'static, str> {
    let unit = place.attribute.as_ref().and_then(|a| a.unit.clone());
    unit.map_or(Cow::Borrowed("-"), Cow::Owned)
}

/// What a section of the model's entry calls an attribute: `P[MW]`, `Bus-5.P[MW]`.
fn key(place: &Place) -> String {
    place.text[1..].to_owned()
}

/// As the simulator says, else as the scenario has it: what is not among its outputs is information.
fn origin(place: &Place, entry: &ModelEntry) -> Origin {
    match place.attribute.as_ref().and_then(|a| a.role) {
        Some(Role::Output) => Origin::Output,
        None if entry.find(Section::Outputs, &key(place)).is_some() => Origin::Output,
        Some(Role::Input | Role::State) | None => Origin::State,
    }
}

impl Met {
    /// The place of what is read, among all that is.
    pub(super) fn source(&self, model: &str, text: &str) -> Result<usize, Unusable> {
        let place = self.readable(model, text)?;
        position(&self.published, &place)
    }

    /// The place of what a connection leads to, among all that is connected.
    pub(super) fn target(&self, model: &str, text: &str) -> Result<usize, Unusable> {
        let place = self.resolve(model, text)?;
        position(&self.inputs, &place)
    }

    fn readable(&self, model: &str, text: &str) -> Result<Place, Unusable> {
        let place = self.resolve(model, text)?;
        let attribute = place.attribute.as_ref();
        let unusable = |code, why| Err(Unusable { code, why });
        match attribute.map(|a| a.role) {
            Some(Some(Role::Input)) => {
                let why = format!("'{text}' is an input of '{model}' and cannot be read");
                unusable("input_not_published", why)
            }
            Some(_) => Ok(place),
            None => {
                let why = format!(
                    "'{model}' takes '{}' as an input and does not publish it",
                    shortened(text)
                );
                unusable("input_not_published", why)
            }
        }
    }

    /// Why a section has a key that is nobody's, where one that there is is probably meant.
    pub(crate) fn check_key(&self, model: &str, key: &str) -> Option<String> {
        let refused = self.resolve(model, key).err()?;
        let known = self.description.entity_type(&self.entity.entity_type)?;
        let near = nearest(key, names(&known.attributes));
        near.map(|_| refused.why)
    }
}

/// Whatever a scenario uses has been noted before it is looked up.
fn position(places: &[Place], wanted: &Place) -> Result<usize, Unusable> {
    let found = places.iter().position(|place| place.spot == wanted.spot);
    found.ok_or_else(|| Unusable {
        code: "unknown_attribute",
        why: format!("nothing is known of '{}'", wanted.text),
    })
}
