//! A unit as a model of the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foreign::remote::Bridge;
use foreign::{RelationGraph, UnitWiring, WiredInput};
use shared::index::Index;
use shared::led::ValueLed;
use shared::model::{self, InputSlot, Instance, ModelConfig};
use shared::plan::{ConnectedInput, PublishedId, Source};
use shared::value::{Origin, Value};

use super::hosting::Hosting;
use super::lights::lights;
use super::ranks::ranks;
use super::slots::{At, Slots};
use crate::scenario::entries::SimulatorEntry;
use crate::scenario::fold::Folding;
use crate::scenario::graph::Programs;
use crate::scenario::models::{Candidate, Place, Surroundings};
use crate::scenario::problems::Problems;
use crate::scenario::wiring::{Connection, initial_value};

/// All that the models of units are made of.
pub(crate) struct UnitMaker<'a> {
    pub(crate) candidates: &'a [Candidate],
    pub(crate) folding: &'a Folding<'a>,
    pub(crate) slots: &'a Slots<'a>,
    pub(crate) graph: RelationGraph,
}

/// A unit as a model of the graph.
pub(crate) struct UnitModel {
    pub(crate) config: ModelConfig,
    pub(crate) instance: Instance,
    pub(crate) inputs: Vec<ConnectedInput<PublishedId>>,
    pub(crate) leds: Vec<ValueLed>,
    pub(crate) programs: Programs,
}

impl UnitMaker<'_> {
    /// Makes the model of a unit. `None` where its programs refuse it, which is reported.
    pub(crate) fn make(
        &self,
        unit: usize,
        hosting: &mut Hosting<'_>,
        problems: &mut Problems,
    ) -> Option<UnitModel> {
        let members = &self.folding.units.members()[unit];
        let first = &self.candidates[*members.first()?];
        let wiring = self.wiring(unit)?;
        let simulators = wiring.simulators.len();
        let inputs = self.connected(unit, &wiring)?;
        let leds = lights(
            members,
            self.folding.leds,
            self.slots,
            self.candidates,
            problems,
        )?;
        let name = wiring.name.clone();
        let host = hosting.host_for(first.entry.connect.as_ref());
        let wired = host.map(|host| host.wire(wiring).map(|wired| (wired, host.bridge())));
        let (model_type, bridge) = match wired {
            Ok(Ok(wired)) => wired,
            Ok(Err(fault)) => {
                let message = format!("{fault:#}");
                problems.error(fault.code, first.entry.position, message);
                return None;
            }
            Err(why) => {
                problems.error("program_elsewhere", first.entry.position, why);
                return None;
            }
        };
        let config = ModelConfig {
            name,
            model_type: model_type.name.to_string(),
            ..ModelConfig::default()
        };
        let Surroundings { grid, files, .. } = self.folding.surroundings;
        let instance = match model::build(model_type, &config, grid?, files) {
            Ok(instance) => instance,
            Err(errors) => {
                for error in errors {
                    let message = format!("{}: {}", first.entry.label, error.message);
                    problems.error(error.code, first.entry.position, message);
                }
                return None;
            }
        };
        Some(UnitModel {
            config,
            instance,
            inputs,
            leds,
            programs: self.programs(members, simulators, bridge),
        })
    }

    /// What steps the models of a unit.
    fn programs(
        &self,
        members: &[usize],
        count: usize,
        bridge: Option<Arc<dyn Bridge>>,
    ) -> Programs {
        let simulators = self.folding.surroundings.simulators;
        let models = members.iter().map(|&model| {
            let entry = &self.candidates[model].entry;
            let kind = entry.type_name.as_ref().map(|(name, _)| name.clone());
            (
                self.candidates[model].name().to_owned(),
                kind.unwrap_or_default(),
            )
        });
        let mut run_by: Vec<String> = Vec::new();
        for &model in members {
            let entity = self.candidates[model].entity.as_ref();
            let simulator = entity.map(|entity| &simulators[entity.simulator]);
            let what = simulator.map_or(String::new(), SimulatorEntry::described);
            if !run_by.contains(&what) {
                run_by.push(what);
            }
        }
        Programs {
            models: models.collect(),
            simulators: count,
            run_by,
            bridge,
        }
    }

    fn wiring(&self, unit: usize) -> Option<UnitWiring> {
        let members = &self.folding.units.members()[unit];
        let simulators: BTreeSet<u16> = members
            .iter()
            .filter_map(|model| Some(self.candidates[*model].met()?.request))
            .collect();
        let (name, type_name) = self.names(members)?;
        let ranks = ranks(members, self.folding.units, self.folding.connections);
        let published = self.slots.published_of(unit).iter();
        let inputs = self.slots.inputs_of(unit).iter();
        Some(UnitWiring {
            type_name,
            name,
            simulators: simulators.into_iter().collect(),
            inputs: inputs
                .map(|at| self.wired_input(*at, &ranks))
                .collect::<Option<_>>()?,
            published: published
                .map(|at| self.wired_published(*at))
                .collect::<Option<_>>()?,
            inside: self.inside(members, &ranks)?,
            graph: self.graph.clone(),
        })
    }

    /// The name of a unit, and that of its type: those of the only model, else those of its simulators.
    fn names(&self, members: &[usize]) -> Option<(String, String)> {
        let type_of = |model: usize| {
            let (name, _) = self.candidates[model].entry.type_name.as_ref()?;
            Some(name.as_str())
        };
        if let [only] = members {
            let name = self.candidates[*only].name();
            return Some((name.to_owned(), format!("{} of '{name}'", type_of(*only)?)));
        }
        let mut simulators: Vec<&str> = Vec::new();
        for &model in members {
            let entity = self.candidates[model].entity.as_ref()?;
            let name = if entity.is_class {
                self.candidates[model].name()
            } else {
                &self.folding.surroundings.simulators[entity.simulator].name
            };
            if !simulators.contains(&name) {
                simulators.push(name);
            }
        }
        let name = simulators.join(" and ");
        let type_name = format!("models of {name}");
        Some((name, type_name))
    }

    /// What the scenario calls an attribute of a unit: that of a class is alone there.
    pub(super) fn text(&self, model: usize, place: &Place) -> String {
        let candidate = &self.candidates[model];
        let is_class = candidate
            .entity
            .as_ref()
            .is_some_and(|entity| entity.is_class);
        if is_class && self.folding.units.members()[self.folding.units.place(model)].len() == 1 {
            place.spot.attribute.clone()
        } else {
            format!("{}{}", candidate.name(), place.text)
        }
    }

    /// The connections that feed an input of a model, in the order in which their values are listed.
    fn feeding(&self, (model, input): At) -> impl Iterator<Item = (usize, &Connection)> {
        let feeds = self.folding.arrangements[model].feeds.iter();
        let feeds = feeds.filter(move |feed| feed.input == input);
        let places = feeds.flat_map(|feed| &feed.connections);
        places.map(|&place| (place, &self.folding.connections[place]))
    }

    /// The connections from outside of the unit that feed an input of it, in the order of their ranks.
    pub(super) fn outside(
        &self,
        at: At,
        ranks: &BTreeMap<usize, u32>,
    ) -> Vec<(usize, &Connection)> {
        let fed = self.feeding(at);
        let mut outside: Vec<_> = fed
            .filter(|(_, connection)| !self.folding.units.is_inside(connection))
            .collect();
        outside.sort_by_key(|(place, _)| ranks.get(place).copied());
        outside
    }

    /// The inputs of a unit as the graph has them.
    fn connected(
        &self,
        unit: usize,
        wiring: &UnitWiring,
    ) -> Option<Vec<ConnectedInput<PublishedId>>> {
        let ranks = ranks(
            &self.folding.units.members()[unit],
            self.folding.units,
            self.folding.connections,
        );
        let inputs = self.slots.inputs_of(unit).iter().zip(&wiring.inputs);
        let input = |(slot, (at, wired)): (usize, (&At, &WiredInput))| {
            let sources = self.outside(*at, &ranks).into_iter();
            let target = &self.candidates[at.0];
            let source = |(_, connection): (usize, &Connection)| {
                let (model, slot) = (connection.source_model?, connection.published?.slot?);
                let shifted = connection.shifted == Some(true);
                Some(Source {
                    from: self.slots.published(&self.candidates[model], model, slot)?,
                    shifted,
                    initial: shifted.then(|| first_value(target, connection)).flatten(),
                })
            };
            Some(ConnectedInput {
                slot: InputSlot::at(slot),
                // The step sees each value by itself.
                origin: Origin::State,
                sources: sources.map(source).collect::<Option<_>>()?,
                names: wired
                    .sources
                    .iter()
                    .map(|source| source.id.clone())
                    .collect(),
            })
        };
        inputs.enumerate().map(input).collect()
    }
}

/// What a connection delivers first.
pub(super) fn first_value(target: &Candidate, connection: &Connection) -> Option<Value> {
    let model_type = target.model_type.as_ref()?;
    let input = model_type.inputs.get(connection.input()?)?;
    initial_value(target, model_type, input).map(|(value, _)| value)
}
