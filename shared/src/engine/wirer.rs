//! Resolves the connections of a plan to readers.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::error::PlanError;
use super::wiring::{
    Border, BorderId, Connection, Export, Input, Model, Monitor, Publisher, Reader, ReaderId,
    Source, SourceId, Wiring,
};
use crate::index::{Index, Table};
use crate::led::ValueLed;
use crate::model::AttributeSlot;
use crate::model::{Instance, PublishedSlot};
use crate::plan::{
    self, ConnectedInput, Feed, LocalId, PlannedModel, Position, SiteId, SitePlan, scalar_window,
};

/// The most publications a model may be ahead of a reader on the same site, where nothing comes from
/// other sites: more would leave the cache.
const LOCAL_WINDOW: usize = 64;

/// Wiring in the making. Imports are the first sources, in the order of the plan.
///
/// What is asked for by something else than its place has a map, so that the time it takes grows
/// with the plan and no faster.
pub(super) struct Wirer<'a> {
    pub(super) wiring: Wiring,
    instances: &'a Table<LocalId, Instance>,
    /// By the site that it leads to.
    border_to: Known<BorderId>,
    /// The places of what readers of this site want among the values of the model's source, by model and slot.
    position_of: Known<Position>,
    /// The readers of one owner, by source and whether they are time-shifted.
    reader_of: Known<ReaderId>,
}

/// The places of things of one kind, by a number or two that stand for each. With numbers for all kinds, their
/// maps share code, which is 1.5 KB for each kind of map.
#[derive(Debug)]
struct Known<I> {
    places: BTreeMap<[usize; 2], usize>,
    kind: PhantomData<I>,
}

impl<I: Index> Known<I> {
    fn nothing() -> Self {
        let (places, kind) = (BTreeMap::new(), PhantomData);
        Self { places, kind }
    }

    /// The place of what these numbers stand for; it is added where there is none yet.
    fn find_or_add(&mut self, numbers: [usize; 2], add: impl FnOnce() -> I) -> I {
        if let Some(&place) = self.places.get(&numbers) {
            return I::at(place);
        }
        let added = add();
        self.places.insert(numbers, added.place());
        added
    }
}

impl<'a> Wirer<'a> {
    #[cold]
    pub(super) fn new(plan: &SitePlan, instances: &'a Table<LocalId, Instance>) -> Self {
        let models = plan.models.iter().zip(instances);
        Self {
            wiring: Wiring {
                grid: plan.grid,
                models: models.map(|(planned, i)| unconnected(planned, i)).collect(),
                readers: Table::default(),
                inputs: Table::default(),
                connections: Table::default(),
                sources: Table::default(),
                borders: Table::default(),
                monitor: None,
            },
            instances,
            border_to: Known::nothing(),
            position_of: Known::nothing(),
            reader_of: Known::nothing(),
        }
    }

    fn border(&mut self, peer: SiteId) -> BorderId {
        self.border_to.find_or_add([peer.place(), 0], || {
            self.wiring.borders.push(Border {
                peer,
                exports: Table::default(),
                imports: Table::default(),
            })
        })
    }

    #[cold]
    pub(super) fn import(&mut self, imports: &[plan::Import]) {
        for import in imports {
            let border = self.border(import.from);
            let source = self.wiring.sources.end();
            let publisher = Publisher::Import {
                from: import.from,
                model: import.model,
                border,
                stream: self.wiring.borders[border].imports.push(source),
            };
            let (stride, window) = (import.attributes as usize, import.window as usize);
            self.wiring
                .sources
                .push(Source::new(publisher, stride, window));
        }
    }

    /// Lets models of this site run as far ahead of each other as of other sites, where some of
    /// them may wait for those.
    #[cold]
    pub(super) fn open_windows(&mut self, plan: &SitePlan) {
        if plan.imports.is_empty() {
            return;
        }
        let Wiring {
            models, sources, ..
        } = &mut self.wiring;
        let scalars = || models.iter().filter(|model| model.is_scalar);
        let scalars = || scalars().filter_map(|model| model.source);
        let values = scalars().map(|source| sources[source].stride).sum();
        let window = scalar_window(plan.site, values) as usize;
        for source in scalars() {
            let source = &mut sources[source];
            source.window = source.window.max(window);
        }
    }

    #[cold]
    pub(super) fn export(&mut self, exports: &[plan::Export]) -> Result<(), PlanError> {
        for export in exports {
            let published = self.published(export.model)?;
            let slots = export.attributes.clone();
            if slots.iter().any(|slot| slot.place() >= published) {
                return Err(PlanError::Inconsistent);
            }
            let border = self.border(export.to);
            let stream = self.wiring.borders[border].exports.push(Export {
                model: export.model,
                slots,
                lazy: export.lazy,
                window: export.window.max(2),
            });
            let model = &mut self.wiring.models[export.model];
            model.exports.push((border, stream));
        }
        Ok(())
    }

    /// How many attributes a model publishes.
    fn published(&self, model: LocalId) -> Result<usize, PlanError> {
        let instance = self.instances.get(model);
        let instance = instance.ok_or(PlanError::Inconsistent)?;
        Ok(instance.published.len())
    }

    /// Lights show attributes that are there.
    pub(super) fn check_leds(&self, plan: &SitePlan) -> Result<(), PlanError> {
        for (instance, planned) in self.instances.iter().zip(&plan.models) {
            let is_there = |led: &ValueLed| match led.attribute {
                AttributeSlot::Published(slot) => slot.place() < instance.published.len(),
                AttributeSlot::Input(slot) => slot.place() < instance.model_type.inputs.len(),
            };
            if !planned.leds.iter().all(is_there) {
                return Err(PlanError::Inconsistent);
            }
        }
        Ok(())
    }

    /// The source that a feed reads, and which value of it.
    #[cold]
    fn source(&mut self, feed: Feed) -> Result<(SourceId, Position), PlanError> {
        match feed {
            Feed::Import { import, attribute } => {
                // Imports are the first sources, so the place is the same.
                let source = SourceId(import.0);
                let found = self.wiring.sources.get(source);
                let found = found.filter(|found| found.is_import());
                let stride = found.map_or(0, |found| found.stride);
                if attribute.place() >= stride {
                    return Err(PlanError::Inconsistent);
                }
                Ok((source, attribute))
            }
            Feed::Local { model, slot } => self.local_source(model, slot),
        }
    }

    fn local_source(
        &mut self,
        place: LocalId,
        slot: PublishedSlot,
    ) -> Result<(SourceId, Position), PlanError> {
        if slot.place() >= self.published(place)? {
            return Err(PlanError::Inconsistent);
        }
        let Wiring {
            models, sources, ..
        } = &mut self.wiring;
        let model = &mut models[place];
        let source = *model.source.get_or_insert_with(|| {
            sources.push(Source::new(Publisher::Local(place), 0, LOCAL_WINDOW))
        });
        let position = self
            .position_of
            .find_or_add([place.place(), slot.place()], || {
                model.kept.push(slot);
                Position::at(model.kept.len() - 1)
            });
        sources[source].stride = model.kept.len();
        Ok((source, position))
    }

    /// The owner's reader of a source; added where there is none yet.
    fn reader(&mut self, owner: LocalId, source: SourceId, shifted: bool) -> ReaderId {
        let numbers = [source.place(), shifted.into()];
        self.reader_of.find_or_add(numbers, || {
            let reader = self.wiring.readers.push(Reader { source, shifted });
            let source = &mut self.wiring.sources[source];
            source.readers.push(reader);
            source.owners.push(owner);
            reader
        })
    }

    #[cold]
    pub(super) fn connect(
        &mut self,
        place: LocalId,
        inputs: &[ConnectedInput],
    ) -> Result<(), PlanError> {
        self.reader_of = Known::nothing();
        let first_reader = self.wiring.readers.end();
        let first_input = self.wiring.inputs.end();
        let places = self.instances[place].model_type.inputs.len();
        for input in inputs {
            if input.slot.place() >= places || input.sources.is_empty() {
                return Err(PlanError::Inconsistent);
            }
            let first_connection = self.wiring.connections.end();
            for wanted in &input.sources {
                self.connect_source(place, wanted)?;
            }
            self.wiring.inputs.push(Input {
                slot: input.slot,
                origin: input.origin,
                connections: first_connection..self.wiring.connections.end(),
            });
        }
        let model = &mut self.wiring.models[place];
        model.readers = first_reader..self.wiring.readers.end();
        model.inputs = first_input..self.wiring.inputs.end();
        Ok(())
    }

    fn connect_source(&mut self, place: LocalId, wanted: &plan::Source) -> Result<(), PlanError> {
        if wanted.shifted && wanted.initial.is_none() {
            return Err(PlanError::Inconsistent);
        }
        let (source, position) = self.source(wanted.from)?;
        let reader = self.reader(place, source, wanted.shifted);
        self.wiring.connections.push(Connection {
            reader,
            source,
            position,
            initial: wanted.initial.clone(),
        });
        Ok(())
    }

    pub(super) fn watch(&mut self, items: &[Feed]) -> Result<(), PlanError> {
        if items.is_empty() {
            return Ok(());
        }
        let owner = self.wiring.monitor_place();
        self.reader_of = Known::nothing();
        let first = self.wiring.readers.end();
        let mut columns = Vec::new();
        for &item in items {
            let (source, position) = self.source(item)?;
            columns.push((self.reader(owner, source, false), source, position));
        }
        self.wiring.monitor = Some(Monitor {
            readers: first..self.wiring.readers.end(),
            items: columns,
        });
        Ok(())
    }
}

/// A model of a plan before anything is connected to it.
fn unconnected(planned: &PlannedModel, instance: &Instance) -> Model {
    let start = ReaderId(0)..ReaderId(0);
    let inputs = &instance.model_type.inputs;
    Model {
        id: planned.id,
        readers: start,
        inputs: Index::at(0)..Index::at(0),
        is_scalar: instance.published.iter().all(|a| a.kind.is_scalar()),
        takes_scalars: inputs.iter().all(|input| input.kind.is_scalar()),
        source: None,
        kept: Vec::new(),
        exports: Vec::new(),
    }
}
