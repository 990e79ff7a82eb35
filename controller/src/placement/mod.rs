//! Who runs what: from a graph and the sites of its models to a plan for each site.

mod snapshot;

use std::collections::BTreeMap;

use shared::index::{Index, Table};
use shared::model::PublishedSlot;
use shared::plan::{
    CONTROLLER, Export, Feed, Import, ImportId, LARGE_VALUE_WINDOW, LocalId, ModelId, PlannedModel,
    Position, PublishedId, SiteId, SitePlan, scalar_window,
};

use crate::scenario::Graph;

pub(crate) use snapshot::Snapshot;

/// The plans of all sites, and what the monitor watches.
#[derive(Debug)]
pub(crate) struct Plans {
    /// One plan a site; the controller's is the first.
    pub(crate) sites: Vec<SitePlan>,
    /// Where the controller's site finds each item of the monitor.
    pub(crate) items: Vec<Feed>,
}

/// Says which lights stay dark because their models run here, if there are any.
pub(crate) fn dark_leds(graph: &Graph, site_of: &Table<ModelId, SiteId>) -> Option<String> {
    let models = graph.models.iter().zip(site_of);
    let dark: Vec<&str> = models
        .filter(|(model, site)| **site == CONTROLLER && !model.leds.is_empty())
        .map(|(model, _)| model.config.name.as_str())
        .collect();
    let note = format!(
        "the LEDs of {} stay dark, because the controller drives none; models that run on a node \
         ('connect') can show theirs",
        dark.join(", ")
    );
    (!dark.is_empty()).then_some(note)
}

/// Cuts a graph by the site of each model, for steps from the tick of the snapshot on.
pub(crate) fn plan(
    graph: &Graph,
    site_of: &Table<ModelId, SiteId>,
    site_count: usize,
    snapshot: &Snapshot,
) -> Plans {
    let cut = Cut::new(graph, site_of, site_count, snapshot);
    let items = graph.monitor.items.iter();
    Plans {
        sites: cut.members.ids().map(|site| cut.site_plan(site)).collect(),
        items: items
            .map(|item| cut.feed(CONTROLLER, item.source))
            .collect(),
    }
}

/// The number of so few things.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A stream by its ends: the sender, the receiver, and the model in the sender's order.
type Ends = (SiteId, SiteId, LocalId);

/// A graph and where it is cut.
struct Cut<'a> {
    graph: &'a Graph,
    site_of: &'a Table<ModelId, SiteId>,
    snapshot: &'a Snapshot,
    /// The models of each site in the order of their steps.
    members: Table<SiteId, Vec<ModelId>>,
    /// The place of each model among those of its site.
    place: Table<ModelId, LocalId>,
    /// What crosses.
    streams: BTreeMap<Ends, Crossing>,
}

/// What one site needs of one model on another site.
struct Crossing {
    model: ModelId,
    slots: Vec<PublishedSlot>,
    /// The position of each of them.
    position: BTreeMap<PublishedSlot, Position>,
    /// Its place among the streams that arrive there.
    import: ImportId,
    /// A model there reads it, and not only the monitor.
    feeds_model: bool,
    /// How far the sender may be ahead.
    window: u32,
}

impl<'a> Cut<'a> {
    fn new(
        graph: &'a Graph,
        site_of: &'a Table<ModelId, SiteId>,
        site_count: usize,
        snapshot: &'a Snapshot,
    ) -> Self {
        let mut cut = Self {
            graph,
            site_of,
            snapshot,
            members: vec![Vec::new(); site_count].into(),
            place: vec![LocalId::default(); graph.models.len()].into(),
            streams: BTreeMap::new(),
        };
        for &model in &graph.order {
            let site = &mut cut.members[site_of[model]];
            cut.place[model] = LocalId::at(site.len());
            site.push(model);
        }
        for (reader, model) in graph.models.enumerate() {
            for source in model.inputs.iter().flat_map(|input| &input.sources) {
                if let Some(crossing) = cut.cross(site_of[reader], source.from) {
                    crossing.feeds_model = true;
                }
            }
        }
        for item in &graph.monitor.items {
            cut.cross(CONTROLLER, item.source);
        }
        for site in cut.members.ids() {
            cut.number_and_open(site);
        }
        cut
    }

    /// Where an attribute crosses that this site reads; `None` where it does not.
    fn ends(&self, reader: SiteId, model: ModelId) -> Option<Ends> {
        let sender = self.site_of[model];
        (sender != reader).then(|| (sender, reader, self.place[model]))
    }

    /// Notes that a site reads an attribute. Returns what crosses for it, if anything does.
    fn cross(&mut self, reader: SiteId, read: PublishedId) -> Option<&mut Crossing> {
        let ends = self.ends(reader, read.model)?;
        let crossing = self.streams.entry(ends).or_insert_with(|| Crossing {
            model: read.model,
            slots: Vec::new(),
            position: BTreeMap::new(),
            import: ImportId::default(),
            feeds_model: false,
            window: 0,
        });
        let next = Position::at(crossing.slots.len());
        if *crossing.position.entry(read.slot).or_insert(next) == next {
            crossing.slots.push(read.slot);
        }
        Some(crossing)
    }

    /// Gives the streams that arrive at a site their numbers and windows.
    fn number_and_open(&mut self, reader: SiteId) {
        let models = &self.graph.models;
        let is_scalar = |crossing: &Crossing| {
            let published = &models[crossing.model].instance.published;
            let mut slots = crossing.slots.iter();
            slots.all(|slot| published[slot.place()].kind.is_scalar())
        };
        let streams = self.streams.iter_mut();
        let arriving = streams.filter(|((_, to, _), _)| *to == reader);
        let mut arriving: Vec<&mut Crossing> = arriving.map(|(_, crossing)| crossing).collect();
        let values = arriving.iter().map(|crossing| crossing.slots.len()).sum();
        for (place, crossing) in arriving.iter_mut().enumerate() {
            crossing.import = ImportId::at(place);
            crossing.window = if is_scalar(crossing) {
                scalar_window(reader, values)
            } else {
                LARGE_VALUE_WINDOW
            };
        }
    }

    /// Where a site finds an attribute.
    fn feed(&self, reader: SiteId, read: PublishedId) -> Feed {
        let Some(ends) = self.ends(reader, read.model) else {
            return Feed::Local {
                model: self.place[read.model],
                slot: read.slot,
            };
        };
        let crossing = self.streams.get(&ends);
        let crossing = crossing.expect("every attribute that crosses was noted");
        Feed::Import {
            import: crossing.import,
            attribute: crossing.position[&read.slot],
        }
    }

    fn site_plan(&self, site: SiteId) -> SitePlan {
        let streams = || self.streams.iter();
        let arriving = streams().filter(|((_, to, _), _)| *to == site);
        let imports = arriving.map(|((from, _, _), crossing)| Import {
            from: *from,
            model: crossing.model,
            attributes: number(crossing.slots.len()),
            window: crossing.window,
        });
        let leaving = streams().filter(|((from, _, _), _)| *from == site);
        let exports = leaving.map(|((_, to, place), crossing)| Export {
            to: *to,
            model: *place,
            attributes: crossing.slots.clone(),
            window: crossing.window,
            lazy: !crossing.feeds_model,
        });
        let models = self.members[site].iter();
        SitePlan {
            site,
            grid: self.graph.grid,
            from: self.snapshot.tick,
            models: models.map(|&model| self.planned(site, model)).collect(),
            imports: imports.collect(),
            exports: exports.collect(),
        }
    }

    fn planned(&self, site: SiteId, id: ModelId) -> PlannedModel {
        let model = &self.graph.models[id];
        let found = |from| self.feed(site, from);
        PlannedModel {
            id,
            config: model.config.clone(),
            inputs: model
                .inputs
                .iter()
                .map(|input| input.found_at(found))
                .collect(),
            leds: model.leds.clone(),
            outside: model.outside.clone(),
            saved: self.snapshot.saved[id].clone(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
