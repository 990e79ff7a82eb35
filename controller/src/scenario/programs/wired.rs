//! What a host is told of the connections of a unit.

use std::collections::{BTreeMap, BTreeSet};

use foreign::{InsideConnection, Spot, WiredInput, WiredPublished, WiredSource};
use shared::index::Index;
use shared::model::{InputSlot, PublishedSlot, Section};
use shared::value::Origin;

use super::relations::source_id;
use super::slots::At;
use super::unit::{UnitMaker, first_value};
use crate::scenario::models::Candidate;
use crate::scenario::wiring::Connection;

impl UnitMaker<'_> {
    pub(super) fn wired_input(&self, at: At, ranks: &BTreeMap<usize, u32>) -> Option<WiredInput> {
        let (model, input) = at;
        let place = self.candidates[model].place_input(InputSlot::at(input))?;
        let sources = self.outside(at, ranks).into_iter();
        let source = |(place, connection): (usize, &Connection)| {
            let from = &self.candidates[connection.source_model?];
            Some(WiredSource {
                id: source_id(self.candidates, connection)?,
                origin: connection.published?.origin,
                every: from.instance.as_ref().map_or(1, |i| i.step_size),
                shifted: connection.shifted == Some(true),
                rank: *ranks.get(&place)?,
            })
        };
        Some(WiredInput {
            name: self.text(model, place),
            to: place.spot.clone(),
            sources: sources.map(source).collect::<Option<_>>()?,
        })
    }

    pub(super) fn wired_published(&self, (model, slot): At) -> Option<WiredPublished> {
        let candidate = &self.candidates[model];
        let place = candidate.place_published(Some(PublishedSlot::at(slot)))?;
        let declared = candidate.model_type.as_ref()?.published.get(slot)?;
        let section = match declared.origin {
            Origin::Output => Section::Outputs,
            Origin::State => Section::States,
        };
        let given = candidate.entry.find(section, &declared.name);
        let said = place.attribute.as_ref().and_then(|a| a.initial.clone());
        Some(WiredPublished {
            name: self.text(model, place),
            from: place.spot.clone(),
            origin: declared.origin,
            initial: given.map(|given| given.value.clone()).or(said),
        })
    }

    /// The connections within a unit, in the order of the file.
    pub(super) fn inside(
        &self,
        members: &[usize],
        ranks: &BTreeMap<usize, u32>,
    ) -> Option<Vec<InsideConnection>> {
        let mut counting: BTreeSet<usize> = BTreeSet::new();
        for &model in members {
            let feeds = self.folding.arrangements[model].feeds.iter();
            counting.extend(feeds.flat_map(|feed| &feed.connections));
        }
        let for_requests = self.folding.connections.iter().enumerate();
        let for_requests = for_requests.filter(|(_, known)| known.is_for_requests);
        counting.extend(for_requests.map(|(place, _)| place));
        let inside = counting
            .into_iter()
            .map(|place| (place, &self.folding.connections[place]));
        let inside = inside.filter(|(_, connection)| {
            let source = connection.source_model;
            self.folding.units.is_inside(connection)
                && source.is_some_and(|model| members.contains(&model))
        });
        let connection = |(place, connection): (usize, &Connection)| {
            let target = &self.candidates[connection.target_model?];
            let shifted = connection.shifted == Some(true);
            let weak = connection.weak.is_some();
            let (from, to) = self.spots(connection)?;
            Some(InsideConnection {
                from,
                to,
                shifted,
                weak,
                initial: if shifted || weak {
                    first_value(target, connection)
                } else {
                    None
                },
                asynchronous: connection.asynchronous.is_some(),
                rank: *ranks.get(&place)?,
            })
        };
        inside.map(connection).collect()
    }

    /// Where a connection within a unit comes from, and where it leads. One that delivers nothing has no attributes.
    fn spots(&self, connection: &Connection) -> Option<(Spot, Spot)> {
        let source = &self.candidates[connection.source_model?];
        let target = &self.candidates[connection.target_model?];
        if connection.is_for_requests {
            let whole = |candidate: &Candidate| {
                let met = candidate.met()?;
                Some(Spot {
                    simulator: met.request,
                    entity: met.entity.id.clone(),
                    attribute: String::new(),
                })
            };
            return whole(source).zip(whole(target));
        }
        let from = source.place_published(connection.published?.slot)?;
        let to = target.place_input(InputSlot::at(connection.input()?))?;
        Some((from.spot.clone(), to.spot.clone()))
    }
}
