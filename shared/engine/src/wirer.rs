//! Resolves the connections of a plan to readers.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use super::error::PlanError;
use super::groups::groups;
use super::known::Known;
use super::wiring::{
    Border, BorderId, Export, Group, GroupId, Model, Monitor, Publisher, Reader, ReaderId, Source,
    SourceId, ValueId, Wiring,
};
use shared::index::{Index, Table};
use shared::led::ValueLed;
use shared::model::AttributeSlot;
use shared::model::{Instance, PublishedSlot};
use shared::plan::{self, Feed, LocalId, PlannedModel, Position, SiteId, SitePlan, scalar_window};

/// The most publications a model may be ahead of a reader on the same site, where nothing comes from
/// other sites: more would leave the cache.
const LOCAL_WINDOW: usize = 64;

/// Wiring in the making. Imports are the first sources, in the order of the plan.
///
/// What is asked for by something else than its place has a map, so that the time it takes grows
/// with the plan and no faster.
pub(super) struct Wirer<'a> {
    pub(super) wiring: Wiring,
    pub(super) instances: &'a Table<LocalId, Instance>,
    /// By the site that it leads to.
    border_to: Known<BorderId>,
    /// The places of what readers of this site want among the values of the group's source.
    position_of: Known<Position>,
    /// The places where later members of a group find what stood before.
    pub(super) held_of: Known<ValueId>,
    /// The readers of one owner, by source and whether they are time-shifted.
    pub(super) reader_of: Known<ReaderId>,
}

impl<'a> Wirer<'a> {
    #[cold]
    pub(super) fn new(plan: &SitePlan, instances: &'a Table<LocalId, Instance>) -> Self {
        let planned = plan.models.iter().zip(instances);
        let mut values = 0;
        let models = planned.map(|(planned, i)| unconnected(planned, i, &mut values));
        let mut models: Table<LocalId, Model> = models.collect();
        let mut formed: Table<GroupId, Group> = Table::default();
        for members in groups(plan, instances) {
            for &member in &members {
                models[member].group = formed.end();
            }
            formed.push(Group {
                is_scalar: members.iter().all(|&member| models[member].is_scalar),
                members,
                readers: Index::at(0)..Index::at(0),
                source: None,
                kept: Vec::new(),
                is_exported: false,
                row: None,
            });
        }
        Self {
            wiring: Wiring {
                grid: plan.grid,
                models,
                groups: formed,
                readers: Table::default(),
                inputs: Table::default(),
                connections: Table::default(),
                directs: Table::default(),
                sources: Table::default(),
                borders: Table::default(),
                values,
                row_of: None,
                monitor: None,
            },
            instances,
            border_to: Known::nothing(),
            position_of: Known::nothing(),
            held_of: Known::nothing(),
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
            groups, sources, ..
        } = &mut self.wiring;
        let scalars = || groups.iter().filter(|group| group.is_scalar);
        let scalars = || scalars().filter_map(|group| group.source);
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
            self.wiring.groups[model.group].is_exported = true;
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
    pub(super) fn source(&mut self, feed: Feed) -> Result<(SourceId, Position), PlanError> {
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
            Feed::Local { model, slot } => {
                let value = self.value(model, slot)?;
                Ok(self.local_source(self.wiring.models[model].group, value))
            }
        }
    }

    /// The place of what a model publishes.
    pub(super) fn value(&self, model: LocalId, slot: PublishedSlot) -> Result<ValueId, PlanError> {
        if slot.place() >= self.published(model)? {
            return Err(PlanError::Inconsistent);
        }
        let first = self.wiring.models[model].published().start;
        Ok(Index::at(first.place() + slot.place()))
    }

    fn local_source(&mut self, id: GroupId, value: ValueId) -> (SourceId, Position) {
        let Wiring {
            groups, sources, ..
        } = &mut self.wiring;
        let group = &mut groups[id];
        let source = *group.source.get_or_insert_with(|| {
            sources.push(Source::new(Publisher::Local(id), 0, LOCAL_WINDOW))
        });
        let position = self.position_of.find_or_add([value.place(), 0], || {
            group.kept.push(value);
            Position::at(group.kept.len() - 1)
        });
        sources[source].stride = group.kept.len();
        (source, position)
    }

    /// The owner's reader of a source; added where there is none yet.
    pub(super) fn reader(&mut self, owner: GroupId, source: SourceId, shifted: bool) -> ReaderId {
        let numbers = [source.place(), shifted.into()];
        self.reader_of.find_or_add(numbers, || {
            let reader = self.wiring.readers.push(Reader { source, shifted });
            let source = &mut self.wiring.sources[source];
            source.readers.push(reader);
            source.owners.push(owner);
            reader
        })
    }

    /// Has the monitor stand in a group, if all that it watches is published there and each member steps at every tick.
    /// Returns whether it does.
    fn watch_group(&mut self, items: &[Feed]) -> Result<bool, PlanError> {
        let mut row = Vec::with_capacity(items.len());
        let mut id = None;
        for &item in items {
            let Feed::Local { model, slot } = item else {
                return Ok(false);
            };
            row.push(self.value(model, slot)?);
            let group = self.wiring.models[model].group;
            if *id.get_or_insert(group) != group {
                return Ok(false);
            }
        }
        let keeps_pace = |&member: &LocalId| {
            let instance = &self.instances[member];
            instance.step_size == 1 && instance.model_type.is_built_in()
        };
        let Some(id) = id else {
            return Ok(false);
        };
        let group = &mut self.wiring.groups[id];
        if !group.members.iter().all(keeps_pace) {
            return Ok(false);
        }
        group.row = Some(row);
        self.wiring.row_of = Some(id);
        Ok(true)
    }

    pub(super) fn watch(&mut self, items: &[Feed]) -> Result<(), PlanError> {
        if items.is_empty() || self.watch_group(items)? {
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

/// A model of a plan before anything is connected to it; its values have the next places.
fn unconnected(planned: &PlannedModel, instance: &Instance, values: &mut usize) -> Model {
    let inputs = &instance.model_type.inputs;
    let (first, seen) = (*values, inputs.len());
    *values += seen + instance.published.len();
    Model {
        id: planned.id,
        group: Index::at(0),
        inputs: Index::at(0)..Index::at(0),
        directs: Index::at(0)..Index::at(0),
        values: Index::at(first)..Index::at(*values),
        seen,
        held: Vec::new(),
        is_scalar: instance.published.iter().all(|a| a.kind.is_scalar()),
        takes_scalars: inputs.iter().all(|input| input.kind.is_scalar()),
        exports: Vec::new(),
    }
}
