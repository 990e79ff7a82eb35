//! From a wiring to a unit: what feeds what, and what depends on what.

use std::sync::Arc;

use shared::value::{Origin, Value};

use super::arriving::{FedAttribute, FedEntity};
use super::check::entity;
use super::feed::{Feed, Inside, Outlet, Source};
use super::member::{Member, Phase};
use super::moment::{Delay, Moment};
use super::rhythm::Rhythm;
use crate::running::Running;
use crate::{InsideConnection, Role, SimulatorKind, Spot, UnitWiring};

/// A simulator and what it is asked for, as places in the unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutletPlace {
    pub(super) member: usize,
    pub(super) outlet: usize,
}

/// What is made of a wiring.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) members: Vec<Member>,
    pub(super) feeds: Vec<Feed>,
    /// What the unit publishes, in the order of its slots.
    pub(super) published: Vec<(OutletPlace, Option<Value>)>,
}

/// Lays a unit out. All spots of the wiring are there.
pub(super) fn lay_out(wiring: &UnitWiring, running: Vec<Running>) -> Layout {
    let members = running.into_iter().map(member).collect();
    let mut layout = Layout {
        members,
        feeds: Vec::new(),
        published: Vec::new(),
    };
    let place = |spot: &Spot| {
        let place = wiring
            .simulators
            .iter()
            .position(|number| *number == spot.simulator);
        place.expect("a wiring that was checked")
    };
    for published in &wiring.published {
        let outlet = layout.outlet(place(&published.from), &published.from);
        layout.published.push((outlet, published.initial.clone()));
    }
    let mut ranked: Vec<(u32, Spot, Arc<str>, usize)> = Vec::new();
    for (input, wired) in wiring.inputs.iter().enumerate() {
        let to = place(&wired.to);
        for (place, source) in wired.sources.iter().enumerate() {
            let feed = Feed {
                to,
                is_trigger: layout.is_trigger(to, &wired.to),
                meaning: source.origin,
                source: Source::Outside {
                    input,
                    place: (wired.sources.len() > 1).then_some(place),
                    rhythm: Rhythm::new(source.every, source.shifted),
                },
            };
            ranked.push((
                source.rank,
                wired.to.clone(),
                source.id.as_str().into(),
                layout.feeds.len(),
            ));
            layout.feeds.push(feed);
        }
    }
    let data = |inside: &&InsideConnection| {
        !inside.from.attribute.is_empty() && !inside.to.attribute.is_empty()
    };
    for inside in wiring.inside.iter().filter(data) {
        let (from, to) = (place(&inside.from), place(&inside.to));
        let id = format!("{}.{}", layout.members[from].sid, inside.from.entity);
        ranked.push((
            inside.rank,
            inside.to.clone(),
            id.into(),
            layout.feeds.len(),
        ));
        layout.connect(from, to, inside);
    }
    ranked.sort_by_key(|(rank, ..)| *rank);
    for (_, spot, source, feed) in ranked {
        layout.feed(&spot, source, feed);
    }
    for member in &mut layout.members {
        member.wanted = wanted(&member.outlets);
    }
    let pairs = wiring
        .inside
        .iter()
        .map(|inside| (place(&inside.from), place(&inside.to), inside));
    layout.order(&pairs.collect::<Vec<_>>());
    layout
}

fn member(running: Running) -> Member {
    let first = Moment::of(0);
    let has_first = running.description.kind != SimulatorKind::EventBased;
    Member {
        sid: format!("{}-0", running.description.name),
        running,
        phase: Phase::Idle,
        due: has_first.then_some(first).into_iter().collect(),
        outlets: Vec::new(),
        wanted: Value::Null,
        entities: Vec::new(),
        set: Vec::new(),
        was_late: false,
        group: 0,
        earlier: Vec::new(),
        before: Vec::new(),
        triggered_by: Vec::new(),
        triggered_from_outside: Vec::new(),
    }
}

/// The argument of `get_data`: each entity with its attributes.
fn wanted(outlets: &[Outlet]) -> Value {
    let mut entities: Vec<(Arc<str>, Vec<Value>)> = Vec::new();
    for outlet in outlets {
        let attribute = Value::Text(Arc::clone(&outlet.attribute));
        match entities.last_mut() {
            Some((entity, attributes)) if *entity == outlet.entity => attributes.push(attribute),
            _ => entities.push((Arc::clone(&outlet.entity), vec![attribute])),
        }
    }
    let entities = entities.into_iter();
    Value::Map(
        entities
            .map(|(entity, attributes)| (entity, Value::List(attributes.into())))
            .collect(),
    )
}

impl Layout {
    /// What a simulator says of an attribute: whether it triggers, whether it holds, and its role.
    fn said(&self, member: usize, spot: &Spot) -> (bool, bool, Option<Role>) {
        let running = &self.members[member].running;
        let found = entity(running, &spot.entity);
        let found = found.and_then(|entity| running.description.entity_type(&entity.entity_type));
        let found = found.and_then(|known| {
            known
                .attributes
                .iter()
                .find(|known| known.name == spot.attribute)
        });
        let is_event_based = running.description.kind == SimulatorKind::EventBased;
        found.map_or((is_event_based, !is_event_based, None), |known| {
            (known.is_trigger, known.is_persistent, known.role)
        })
    }

    fn is_trigger(&self, member: usize, spot: &Spot) -> bool {
        self.said(member, spot).0
    }

    /// The outlet of a spot. Those of an entity stand together.
    fn outlet(&mut self, member: usize, spot: &Spot) -> OutletPlace {
        let (_, is_persistent, _) = self.said(member, spot);
        let outlets = &mut self.members[member].outlets;
        let same = |outlet: &Outlet| {
            *outlet.entity == *spot.entity && *outlet.attribute == *spot.attribute
        };
        if let Some(outlet) = outlets.iter().position(same) {
            return OutletPlace { member, outlet };
        }
        outlets.push(Outlet::new(
            spot.entity.as_str().into(),
            spot.attribute.as_str().into(),
            !is_persistent,
        ));
        OutletPlace {
            member,
            outlet: outlets.len() - 1,
        }
    }

    fn connect(&mut self, from: usize, to: usize, inside: &InsideConnection) {
        let outlet = self.outlet(from, &inside.from).outlet;
        let (_, _, role) = self.said(from, &inside.from);
        let is_trigger = self.is_trigger(to, &inside.to);
        let wired = &mut self.members[from].outlets[outlet];
        wired.feeds.push(self.feeds.len());
        // An event that triggers a step is nothing that was there before.
        let has_initial = !(wired.is_event && is_trigger);
        self.feeds.push(Feed {
            to,
            is_trigger,
            meaning: if role == Some(Role::Output) {
                Origin::Output
            } else {
                Origin::State
            },
            source: Source::Inside(Inside {
                member: from,
                outlet,
                delay: delay(inside),
                is_same_group: false,
                initial: inside.initial.clone().filter(|_| has_initial),
                events: Vec::new(),
            }),
        });
    }

    /// Notes where a feed goes to. Two feeds of one source have one place.
    fn feed(&mut self, to: &Spot, source: Arc<str>, feed: usize) {
        let entities = &mut self.members[self.feeds[feed].to].entities;
        let place = entities.iter().position(|known| *known.id == *to.entity);
        let place = place.unwrap_or_else(|| {
            entities.push(FedEntity {
                id: to.entity.as_str().into(),
                attributes: Vec::new(),
            });
            entities.len() - 1
        });
        let attributes = &mut entities[place].attributes;
        let place = attributes
            .iter()
            .position(|known| *known.name == *to.attribute);
        let place = place.unwrap_or_else(|| {
            let name = to.attribute.as_str().into();
            attributes.push(FedAttribute {
                name,
                sources: Vec::new(),
                feeds: Vec::new(),
            });
            attributes.len() - 1
        });
        let attribute = &mut attributes[place];
        let place = attribute.sources.iter().position(|known| *known == source);
        let place = place.unwrap_or_else(|| {
            attribute.sources.push(source);
            attribute.sources.len() - 1
        });
        attribute.feeds.push((feed, place));
    }
}

/// How much later something arrives over a connection.
pub(super) fn delay(inside: &InsideConnection) -> Delay {
    match (inside.shifted, inside.weak) {
        (true, _) => Delay::Shifted,
        (false, true) => Delay::Weak,
        (false, false) => Delay::Direct,
    }
}
