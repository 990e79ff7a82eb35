//! From a plan to a host: builds the models and resolves every connection to a reader.

use std::collections::BTreeMap;

use super::history::History;
use super::link::{Incoming, Link, Outgoing};
use super::member::{Member, Part, Wire, Wiring};
use super::reader::Reader;
use super::ready::ReadySet;
use super::{Feed, Host, Import, PlanError, Source, Watch};
use crate::files::MemoryFiles;
use crate::led::{LedAttribute, ValueLed};
use crate::memory::{Account, block, items};
use crate::model::{Attribute, Instance, Registry, build};
use crate::plan::{PlannedInput, SiteId, SitePlan, scalar_window};
use crate::time::Tick;
use crate::value::Value;

/// The most publications a model may be ahead of a reader on the same site, where nothing comes from
/// other sites: more would leave the cache.
const LOCAL_WINDOW: usize = 64;

/// What a model takes that is built, beside its values and what it keeps of its entry.
const MODEL: usize = 4 * 1024;

/// How many times what its entry takes a model may keep of it: names and numbers in tables of its
/// own.
const KEPT: usize = 4;

impl Host {
    /// A host for a plan that came from a peer, with models of these types. What it takes
    /// is booked on the account. Before each model, `go_on` says whether the host is still wanted.
    pub fn build(
        plan: &SitePlan,
        types: &Registry,
        files: &MemoryFiles,
        mut account: Account,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, PlanError> {
        if !plan.keeps_limits() {
            return Err(PlanError::Inconsistent);
        }
        account.take(wiring_bytes(plan))?;
        let mut instances = Vec::new();
        for planned in &plan.models {
            if !go_on() {
                return Err(PlanError::Abandoned);
            }
            let (model, name) = (planned.id, &planned.config.model_type);
            let model_type = types.find(name).ok_or_else(|| PlanError::UnknownType {
                model,
                model_type: name.clone(),
            })?;
            account.take(MODEL + KEPT * planned.config.heap_bytes())?;
            files.set_room(account.left());
            let built = build(model_type, &planned.config, plan.grid, files);
            account.take(files.taken())?;
            let instance = built.map_err(|errors| PlanError::Build { model, errors })?;
            account.take(instance_bytes(&instance))?;
            instances.push(instance);
        }
        Self::wire(plan, instances, &[], account)
    }

    /// A host for a plan with its models already built, and with the monitor's items, if any.
    pub fn new(
        plan: &SitePlan,
        instances: Vec<Instance>,
        items: &[Feed],
    ) -> Result<Self, PlanError> {
        Self::wire(plan, instances, items, Account::unlimited())
    }

    fn wire(
        plan: &SitePlan,
        instances: Vec<Instance>,
        items: &[Feed],
        account: Account,
    ) -> Result<Self, PlanError> {
        let stands_still = instances.iter().any(|instance| instance.step_size == 0);
        if instances.len() != plan.models.len() || stands_still {
            return Err(PlanError::Inconsistent);
        }
        let members = plan
            .models
            .iter()
            .zip(instances)
            .map(|(planned, i)| Member::new(planned, i));
        let mut wirer = Wirer {
            members: members.collect(),
            ..Wirer::default()
        };
        wirer.import(&plan.imports);
        for (number, planned) in plan.models.iter().enumerate() {
            wirer.connect(number, &planned.inputs)?;
        }
        wirer.export(plan)?;
        wirer.check_leds(plan)?;
        let watch = wirer.watch(items)?;
        wirer.open_windows(plan);
        let Wirer {
            members,
            wiring,
            readers,
            histories,
            sources,
            links,
            ..
        } = wirer;
        Ok(Self {
            grid: plan.grid,
            horizon: plan.grid.ticks,
            release: Tick::MAX,
            until: plan.grid.ticks,
            ready: ReadySet::all(members.len() + usize::from(watch.is_some())),
            members,
            wiring,
            readers,
            histories,
            sources,
            links,
            watch,
            failure: None,
            notices: Vec::new(),
            files: Vec::new(),
            file_bytes: 0,
            account,
            steps: 0,
            blocked: None,
        })
    }
}

/// What connections and streams take in a host, and while it is made.
fn wiring_bytes(plan: &SitePlan) -> usize {
    // Vectors that grow have room for twice as many.
    const PART: usize = 2 * (size_of::<Part>() + size_of::<Reader>());
    const STREAM: usize = 2 * (size_of::<History>() + size_of::<Source>() + size_of::<Outgoing>());
    // The place of something in a map, or in the lists of those that read a history.
    const PLACE: usize = 2 * size_of::<(usize, usize, usize)>();
    // A history for each import and each model, with its lists; an end for each export.
    let streams = plan.imports.len() + plan.exports.len() + plan.models.len();
    let slots = plan
        .exports
        .iter()
        .map(|export| items::<usize>(export.attributes.len()));
    let inputs = plan.models.iter().flat_map(|model| &model.inputs);
    let input = |input: &PlannedInput| {
        let initial = input.sources.iter().filter_map(|s| s.initial.as_ref());
        let kept = initial.map(Value::heap_bytes).sum::<usize>();
        // Several states are a list in each step.
        let source = PART + 2 * PLACE + 2 * size_of::<Value>();
        2 * size_of::<Wire>() + input.sources.len() * source + kept
    };
    streams * (STREAM + 2 * PLACE) + slots.sum::<usize>() + inputs.map(input).sum::<usize>()
}

/// What an instance takes for its attributes and their values.
fn instance_bytes(instance: &Instance) -> usize {
    let names = instance
        .published
        .iter()
        .map(|attribute| block(attribute.name.len()));
    let slots = instance.published.len() + instance.model_type.inputs.len();
    // The model itself may keep the names as well.
    2 * (items::<Attribute>(instance.published.len()) + names.sum::<usize>())
        + items::<Option<Value>>(slots)
}

/// A host in the making. Imports fill the first histories, in the order of the plan.
///
/// What is asked for by something else than its place has a map, so that the time it takes grows
/// with the plan and no faster.
#[derive(Default)]
struct Wirer {
    members: Vec<Member>,
    wiring: Wiring,
    readers: Vec<Reader>,
    histories: Vec<History>,
    sources: Vec<Source>,
    links: Vec<Link>,
    /// The links by site.
    link_to: BTreeMap<SiteId, usize>,
    /// The place of a member's published slot in its history, by number and slot.
    place_of: BTreeMap<(usize, usize), usize>,
    /// The readers of one owner, by history and whether they are time-shifted.
    reader_of: BTreeMap<(usize, bool), usize>,
}

impl Wirer {
    fn link(&mut self, peer: SiteId) -> usize {
        *self.link_to.entry(peer).or_insert_with(|| {
            self.links.push(Link::new(peer));
            self.links.len() - 1
        })
    }

    fn import(&mut self, imports: &[Import]) {
        for import in imports {
            let link = self.link(import.from);
            let stream = self.links[link].imports.len();
            let history = Incoming::new(self.histories.len());
            self.links[link].imports.push(history);
            self.histories.push(History::new(
                import.attributes as usize,
                import.window as usize,
            ));
            let (from, model) = (import.from, import.model);
            self.sources.push(Source::Import {
                from,
                model,
                link,
                stream,
            });
        }
    }

    /// Lets models of this site run as far ahead of each other as of other sites, where some of
    /// them may wait for those.
    fn open_windows(&mut self, plan: &SitePlan) {
        if plan.imports.is_empty() {
            return;
        }
        let histories = self.members.iter().filter(|member| member.is_scalar);
        let histories = histories.filter_map(|member| Some(member.history.as_ref()?.0));
        let histories: Vec<usize> = histories.collect();
        let strides = histories
            .iter()
            .map(|&number| self.histories[number].stride());
        let window = scalar_window(plan.site, strides.sum());
        for number in histories {
            self.histories[number].open(window as usize);
        }
    }

    fn export(&mut self, plan: &SitePlan) -> Result<(), PlanError> {
        for export in &plan.exports {
            let number = export.model as usize;
            let link = self.link(export.to);
            let member = self
                .members
                .get_mut(number)
                .ok_or(PlanError::Inconsistent)?;
            let slots: Vec<usize> = export
                .attributes
                .iter()
                .map(|&slot| slot as usize)
                .collect();
            if slots.iter().any(|&slot| slot >= member.published.len()) {
                return Err(PlanError::Inconsistent);
            }
            member.exports.push((link, self.links[link].exports.len()));
            self.links[link]
                .exports
                .push(Outgoing::new(number, slots, export.lazy, export.window));
        }
        Ok(())
    }

    /// Lights show attributes that are there.
    fn check_leds(&self, plan: &SitePlan) -> Result<(), PlanError> {
        for (member, planned) in self.members.iter().zip(&plan.models) {
            let is_there = |led: &ValueLed| match led.attribute {
                LedAttribute::Published(slot) => (slot as usize) < member.published.len(),
                LedAttribute::Input(slot) => (slot as usize) < member.inputs.len(),
            };
            if !planned.leds.iter().all(is_there) {
                return Err(PlanError::Inconsistent);
            }
        }
        Ok(())
    }

    /// The history that a feed reads, and the position of its attribute there.
    fn history(&mut self, feed: Feed) -> Result<(usize, usize), PlanError> {
        match feed {
            Feed::Import { import, attribute } => {
                let (import, attribute) = (import as usize, attribute as usize);
                // Histories of imports come first, so the index is the same.
                let is_import = matches!(self.sources.get(import), Some(Source::Import { .. }));
                if !is_import || attribute >= self.histories[import].stride() {
                    return Err(PlanError::Inconsistent);
                }
                Ok((import, attribute))
            }
            Feed::Local { model, slot } => self.local_history(model as usize, slot as usize),
        }
    }

    fn local_history(&mut self, number: usize, slot: usize) -> Result<(usize, usize), PlanError> {
        let member = self
            .members
            .get_mut(number)
            .ok_or(PlanError::Inconsistent)?;
        if slot >= member.published.len() {
            return Err(PlanError::Inconsistent);
        }
        let (history, slots) = member.history.get_or_insert_with(|| {
            self.histories.push(History::new(0, LOCAL_WINDOW));
            self.sources.push(Source::Member(number));
            (self.histories.len() - 1, Vec::new())
        });
        let attribute = *self.place_of.entry((number, slot)).or_insert_with(|| {
            slots.push(slot);
            slots.len() - 1
        });
        self.histories[*history].widen(slots.len());
        Ok((*history, attribute))
    }

    /// The reader of a history among those of the owner; added where there is none yet.
    fn reader(&mut self, owner: usize, history: usize, shifted: bool) -> usize {
        *self.reader_of.entry((history, shifted)).or_insert_with(|| {
            let number = self.readers.len();
            self.readers.push(Reader::new(history, shifted));
            self.histories[history].add_reader(number, owner);
            number
        })
    }

    fn connect(&mut self, number: usize, inputs: &[PlannedInput]) -> Result<(), PlanError> {
        self.reader_of.clear();
        let first_reader = self.readers.len();
        let first_wire = self.wiring.wires.len();
        for input in inputs {
            let slot = input.slot as usize;
            if slot >= self.members[number].inputs.len() || input.sources.is_empty() {
                return Err(PlanError::Inconsistent);
            }
            let first_part = self.wiring.parts.len();
            for source in &input.sources {
                if source.shifted && source.initial.is_none() {
                    return Err(PlanError::Inconsistent);
                }
                let (history, attribute) = self.history(source.from)?;
                let reader = self.reader(number, history, source.shifted);
                self.wiring.parts.push(Part {
                    reader,
                    attribute,
                    initial: source.initial.clone(),
                });
            }
            self.wiring.wires.push(Wire {
                slot,
                origin: input.origin,
                parts: first_part..self.wiring.parts.len(),
            });
        }
        let member = &mut self.members[number];
        member.readers = first_reader..self.readers.len();
        member.wires = first_wire..self.wiring.wires.len();
        Ok(())
    }

    fn watch(&mut self, items: &[Feed]) -> Result<Option<Watch>, PlanError> {
        if items.is_empty() {
            return Ok(None);
        }
        let owner = self.members.len();
        self.reader_of.clear();
        let first = self.readers.len();
        let mut columns = Vec::new();
        for &item in items {
            let (history, attribute) = self.history(item)?;
            columns.push((self.reader(owner, history, false), attribute));
        }
        Ok(Some(Watch {
            tick: 0,
            readers: first..self.readers.len(),
            items: columns,
            row: Vec::new(),
        }))
    }
}
