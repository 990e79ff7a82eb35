//! What is the same in all variants: it is computed once, and played back in each of them.

use std::collections::BTreeSet;
use std::mem::size_of;
use std::sync::Arc;

use shared::engine::{Engine, Turn};
use shared::index::Table;
use shared::model::{Instance, Notice, PublishedSlot};
use shared::plan::{CONTROLLER, ModelId, PublishedId};
use shared::value::Value;
use shared::variant::Trace;

use crate::placement::{self, Snapshot};
use crate::scenario::{Graph, MonitorItem};

/// What is the same may take so much memory, in bytes. Where it would be more, each variant computes it.
pub(crate) const MOST: usize = 256 << 20;

/// Steps in one go.
const BUDGET: usize = 1 << 20;

/// What is the same in all variants.
#[derive(Debug)]
pub(crate) struct Unchanging {
    pub(crate) trace: Arc<Trace>,
    /// What the columns of it are, in their order.
    columns: Vec<PublishedId>,
    /// What models say that are the same.
    pub(crate) notices: Vec<Notice>,
}

/// The models that differ from variant to variant: those that change themselves, and all that they have an influence on.
pub(crate) fn varying(graph: &Graph, changed: &BTreeSet<ModelId>) -> BTreeSet<ModelId> {
    let mut varying = changed.clone();
    // What a model writes beside the result belongs to that of its variant.
    varying.extend(graph.models.enumerate().filter_map(|(id, model)| {
        let written = model.files_written();
        (!written.folders().is_empty()).then_some(id)
    }));
    loop {
        let before = varying.len();
        for (id, model) in graph.models.enumerate() {
            let mut sources = model.inputs.iter().flat_map(|input| &input.sources);
            if sources.any(|source| varying.contains(&source.from.model)) {
                varying.insert(id);
            }
        }
        if varying.len() == before {
            return varying;
        }
    }
}

impl Unchanging {
    /// Computes what is the same. `instances` are the models, which step for it. `None` where that does not pay: there
    /// is nothing, it would take more memory than `most`, or it does not come to its end, which each variant then says itself.
    pub(crate) fn of(
        graph: &mut Graph,
        varying: &BTreeSet<ModelId>,
        most: usize,
        instances: &mut dyn FnMut(&Graph, ModelId) -> Option<Instance>,
    ) -> Option<Self> {
        let columns = needed(graph, varying);
        let ticks = usize::try_from(graph.grid.ticks).ok()?;
        let values = ticks.checked_mul(columns.len())?;
        if columns.is_empty() || values.checked_mul(size_of::<Value>())? > most {
            return None;
        }
        let item = |source: &PublishedId| MonitorItem {
            text: String::new(),
            source: *source,
        };
        let items = columns.iter().map(item).collect();
        let items = std::mem::replace(&mut graph.monitor.items, items);
        let is_same = |model: &ModelId| !varying.contains(model);
        let same = graph.order.iter().copied().filter(is_same).collect();
        let order = std::mem::replace(&mut graph.order, same);
        let site_of: Table<ModelId, _> = graph.models.iter().map(|_| CONTROLLER).collect();
        let mut plans = placement::plan(graph, &site_of, 1, &Snapshot::start(graph));
        graph.monitor.items = items;
        graph.order = order;
        let plan = plans.sites.remove(0);
        let models = plan.models.iter();
        let built = models.map(|planned| instances(graph, planned.id));
        let mut engine = Engine::new(&plan, built.collect::<Option<_>>()?, &plans.items).ok()?;
        let mut trace = Trace::new(columns.len(), values);
        let mut notices = Vec::new();
        while engine.run(BUDGET, &mut trace).ok()? == Turn::Again {
            notices.append(&mut engine.take_notices());
            engine.take_entries();
        }
        notices.append(&mut engine.take_notices());
        if engine.failure().is_some() || trace.values().len() < values {
            return None;
        }
        Some(Self {
            trace: Arc::new(trace),
            columns,
            notices,
        })
    }

    /// The models that are played back.
    pub(crate) fn models(&self) -> BTreeSet<ModelId> {
        self.columns.iter().map(|column| column.model).collect()
    }

    /// What plays a model back: columns of the trace, and the slots that they go to.
    pub(crate) fn columns_of(&self, model: ModelId) -> Vec<(u32, PublishedSlot)> {
        let columns = (0..).zip(&self.columns);
        let own = columns.filter(|(_, column)| column.model == model);
        own.map(|(place, column)| (place, column.slot)).collect()
    }
}

/// What of models that are the same is wanted: by those that differ, and in columns.
fn needed(graph: &Graph, varying: &BTreeSet<ModelId>) -> Vec<PublishedId> {
    let readers = graph.models.enumerate();
    let readers = readers.filter(|(id, _)| varying.contains(id));
    let inputs = readers.flat_map(|(_, model)| &model.inputs);
    let sources = inputs.flat_map(|input| &input.sources);
    let sources = sources.map(|source| source.from);
    let items = graph.monitor.items.iter().map(|item| item.source);
    let needed = sources
        .chain(items)
        .filter(|wanted| !varying.contains(&wanted.model));
    let mut columns: Vec<PublishedId> = Vec::new();
    for wanted in needed {
        if !columns.contains(&wanted) {
            columns.push(wanted);
        }
    }
    columns
}
