//! Who runs what: from a graph and the sites of its models to a plan for each site.

use std::collections::BTreeMap;

use shared::plan::{
    CONTROLLER, Export, Feed, Import, LARGE_VALUE_WINDOW, PlannedInput, PlannedModel,
    PlannedSource, SiteId, SitePlan, scalar_window,
};

use crate::scenario::{Graph, Source};

/// The plans of all sites, and what the monitor watches.
#[derive(Debug)]
pub(crate) struct Plans {
    /// One plan a site; the controller's is the first.
    pub(crate) sites: Vec<SitePlan>,
    /// Where the controller's site finds each item of the monitor.
    pub(crate) items: Vec<Feed>,
}

/// Says which lights stay dark because their models run here, if there are any.
pub(crate) fn dark_leds(graph: &Graph, site_of: &[SiteId]) -> Option<String> {
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

/// Cuts a graph by the site of each model.
pub(crate) fn plan(graph: &Graph, site_of: &[SiteId], site_count: usize) -> Plans {
    let cut = Cut::new(graph, site_of, site_count);
    let sites = (0..site_count)
        .map(|site| cut.site_plan(id(site)))
        .collect();
    let watched = |item: &crate::scenario::MonitorItem| {
        cut.feed(CONTROLLER, item.model, number(item.attribute.index()))
    };
    Plans {
        sites,
        items: graph.monitor.items.iter().map(watched).collect(),
    }
}

/// A scenario has fewer models and sites than these types hold; its loader sees to it.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn id(site: usize) -> SiteId {
    SiteId::try_from(site).unwrap_or(SiteId::MAX)
}

/// A graph and where it is cut.
struct Cut<'a> {
    graph: &'a Graph,
    site_of: &'a [SiteId],
    /// The models of each site in the order of their steps.
    members: Vec<Vec<usize>>,
    /// The place of each model among those of its site.
    place: Vec<u32>,
    /// What crosses, by sender, receiver and the sender's place in the order.
    streams: BTreeMap<(SiteId, SiteId, u32), Crossing>,
    /// The window of streams of scalars to each site.
    scalar_windows: Vec<u32>,
}

/// What one site needs of one model on another site.
struct Crossing {
    model: usize,
    slots: Vec<u32>,
    /// The position of each of them.
    position: BTreeMap<u32, u32>,
    /// Its place among the streams that arrive there.
    import: u32,
    /// A model there reads it, and not only the monitor.
    feeds_model: bool,
}

impl<'a> Cut<'a> {
    fn new(graph: &'a Graph, site_of: &'a [SiteId], site_count: usize) -> Self {
        let mut members = vec![Vec::new(); site_count];
        let mut place = vec![0; graph.models.len()];
        for &model in &graph.order {
            let site = &mut members[usize::from(site_of[model])];
            place[model] = number(site.len());
            site.push(model);
        }
        let mut cut = Self {
            graph,
            site_of,
            members,
            place,
            streams: BTreeMap::new(),
            scalar_windows: Vec::new(),
        };
        for (reader, model) in graph.models.iter().enumerate() {
            for source in model.inputs.iter().flat_map(|input| &input.sources) {
                let slot = number(source.attribute.index());
                if let Some(crossing) = cut.cross(site_of[reader], source.model, slot) {
                    crossing.feeds_model = true;
                }
            }
        }
        for item in &graph.monitor.items {
            cut.cross(CONTROLLER, item.model, number(item.attribute.index()));
        }
        let mut arrived = vec![0; site_count];
        for ((_, reader, _), crossing) in &mut cut.streams {
            let count = &mut arrived[usize::from(*reader)];
            crossing.import = *count;
            *count += 1;
        }
        cut.scalar_windows = (0..site_count)
            .map(|site| cut.scalar_window(id(site)))
            .collect();
        cut
    }

    /// Notes that a site reads an attribute. Returns what crosses for it, if anything does.
    fn cross(&mut self, reader: SiteId, model: usize, slot: u32) -> Option<&mut Crossing> {
        let sender = self.site_of[model];
        if sender == reader {
            return None;
        }
        let key = (sender, reader, self.place[model]);
        let crossing = self.streams.entry(key).or_insert_with(|| Crossing {
            model,
            slots: Vec::new(),
            position: BTreeMap::new(),
            import: 0,
            feeds_model: false,
        });
        let next = number(crossing.slots.len());
        if *crossing.position.entry(slot).or_insert(next) == next {
            crossing.slots.push(slot);
        }
        Some(crossing)
    }

    /// The streams that arrive at a site, in the order of its plan.
    fn arriving(&self, reader: SiteId) -> impl Iterator<Item = (SiteId, &Crossing)> {
        let streams = self.streams.iter();
        streams
            .filter(move |((_, to, _), _)| *to == reader)
            .map(|((from, _, _), crossing)| (*from, crossing))
    }

    /// Where a site finds an attribute.
    fn feed(&self, reader: SiteId, model: usize, slot: u32) -> Feed {
        if self.site_of[model] == reader {
            return Feed::Local {
                model: self.place[model],
                slot,
            };
        }
        let key = (self.site_of[model], reader, self.place[model]);
        let crossing = self.streams.get(&key);
        let crossing = crossing.expect("every attribute that crosses was noted");
        Feed::Import {
            import: crossing.import,
            attribute: crossing.position[&slot],
        }
    }

    /// How far ahead the streams of scalars to a site may be.
    fn scalar_window(&self, site: SiteId) -> u32 {
        let values = self.arriving(site).map(|(_, c)| c.slots.len()).sum();
        scalar_window(site, values)
    }

    fn window(&self, crossing: &Crossing, scalar_window: u32) -> u32 {
        let published = &self.graph.models[crossing.model].instance.published;
        let mut slots = crossing.slots.iter();
        if slots.all(|&slot| published[slot as usize].kind.is_scalar()) {
            scalar_window
        } else {
            LARGE_VALUE_WINDOW
        }
    }

    fn site_plan(&self, site: SiteId) -> SitePlan {
        let models = self.members[usize::from(site)].iter();
        let window = self.scalar_windows[usize::from(site)];
        let imports = self.arriving(site).map(|(from, crossing)| Import {
            from,
            model: number(crossing.model),
            attributes: number(crossing.slots.len()),
            window: self.window(crossing, window),
        });
        let leaving = self
            .streams
            .iter()
            .filter(|((from, _, _), _)| *from == site);
        let exports = leaving.map(|((_, to, place), crossing)| Export {
            to: *to,
            model: *place,
            attributes: crossing.slots.clone(),
            window: self.window(crossing, self.scalar_windows[usize::from(*to)]),
            lazy: !crossing.feeds_model,
        });
        SitePlan {
            site,
            grid: self.graph.grid,
            models: models.map(|&model| self.planned(site, model)).collect(),
            imports: imports.collect(),
            exports: exports.collect(),
        }
    }

    fn planned(&self, site: SiteId, index: usize) -> PlannedModel {
        let model = &self.graph.models[index];
        let source = |source: &Source| PlannedSource {
            from: self.feed(site, source.model, number(source.attribute.index())),
            shifted: source.shifted,
            initial: source.initial.clone(),
        };
        let inputs = model.inputs.iter().map(|input| PlannedInput {
            slot: number(input.slot.index()),
            origin: input.origin,
            sources: input.sources.iter().map(source).collect(),
        });
        PlannedModel {
            id: number(index),
            config: model.config.clone(),
            inputs: inputs.collect(),
            leds: model.leds.clone(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
