//! Which models of a site step together, tick by tick and in the order of the plan. Between members of a group values
//! need no history: each reads what stands published.
//!
//! A member must not wait for something that another one can do without, or a loop across sites would stand still, or
//! be slower. So members depend on the same things outside of their group, and equally soon: by paths with as
//! many time-shifted connections. Then whatever one of them waits for, all wait for in any case. They are
//! connected, so that nobody is held up by the reader of somebody else; and they have the same step size.
//!
//! A model whose steps can be put off, or come when it wants, is a group of its own. Such models are programs, of
//! types that are described while the program runs.
//!
//! What is marked cold is done once a plan: it is made small for nodes, and not fast.

use std::mem;

use super::known::Known;
use shared::index::{Index, Table};
use shared::model::Instance;
use shared::plan::{Feed, LocalId, SitePlan};

/// The most models of a group: as many as step in the processor's cache.
pub(super) const MOST: usize = 64;

/// Connections that are walked to tell apart what models depend on. A plan may have so many streams
/// that it would take too long; models that depend on what is left then are groups of their own.
const WALKED: usize = 4_000_000;

/// How far a model is from something that it does not depend on.
const NEVER_REACHED: usize = usize::MAX;

/// The groups of a site, by their first models.
#[cold]
pub(super) fn groups(plan: &SitePlan, instances: &Table<LocalId, Instance>) -> Vec<Vec<LocalId>> {
    let graph = Graph::new(plan, instances);
    let parts = graph.parts();
    let mut roots = Roots((0..graph.rates.len()).collect());
    let edges = graph.edges.iter().flatten();
    for edge in edges.filter(|edge| graph.is_inner(edge)) {
        if graph.is_in_order && parts[edge.from] == parts[edge.to] {
            roots.join(edge.from, edge.to);
        }
    }
    let mut groups: Vec<Vec<LocalId>> = Vec::new();
    // Where the group is that takes the next model of a root.
    let mut open = vec![usize::MAX; graph.rates.len()];
    for model in 0..graph.rates.len() {
        let root = roots.of(model);
        match groups.get_mut(open[root]) {
            Some(group) if group.len() < MOST => group.push(LocalId::at(model)),
            _ => {
                open[root] = groups.len();
                groups.push(vec![LocalId::at(model)]);
            }
        }
    }
    groups
}

/// From what is read to who reads it.
struct Edge {
    from: usize,
    to: usize,
    shifted: bool,
}

/// The models of a site, and behind them the imports.
struct Graph {
    /// The step sizes of the models; none of one that keeps to itself.
    rates: Vec<Option<u32>>,
    /// Those that lead away from each.
    edges: Vec<Vec<Edge>>,
    /// What is read at the same tick stands before its reader in the plan, as in all that are made from scenarios.
    is_in_order: bool,
}

impl Graph {
    #[cold]
    fn new(plan: &SitePlan, instances: &Table<LocalId, Instance>) -> Self {
        let count = instances.len();
        let mut edges: Vec<Vec<Edge>> = Vec::new();
        edges.resize_with(count + plan.imports.len(), Vec::new);
        let mut is_in_order = true;
        for (to, planned) in plan.models.iter().enumerate() {
            for source in planned.inputs.iter().flat_map(|input| &input.sources) {
                let from = match source.from {
                    Feed::Local { model, .. } if model.place() < count => model.place(),
                    Feed::Import { import, .. } if import.place() < plan.imports.len() => {
                        count + import.place()
                    }
                    // The plan is refused in a moment.
                    _ => continue,
                };
                let shifted = source.shifted;
                is_in_order &= shifted || from < to || from >= count;
                edges[from].push(Edge { from, to, shifted });
            }
        }
        let rate = |instance: &Instance| {
            let keeps_time = instance.model_type.is_built_in();
            keeps_time.then_some(instance.step_size)
        };
        Self {
            rates: instances.iter().map(rate).collect(),
            edges,
            is_in_order,
        }
    }

    /// Whether both ends may be in one group.
    fn is_inner(&self, edge: &Edge) -> bool {
        let rate = self.rates.get(edge.from).copied().flatten();
        rate.is_some() && rate == self.rates[edge.to]
    }

    /// A number for each model, the same for those that depend on the same things equally soon.
    #[cold]
    fn parts(&self) -> Vec<usize> {
        let mut parts = vec![0; self.rates.len()];
        let mut next = 1;
        let mut refine = |key: &dyn Fn(usize, usize) -> usize, lags: &[usize]| {
            let mut known: Known<LocalId> = Known::nothing();
            for (model, &lag) in lags.iter().enumerate() {
                if lag != NEVER_REACHED {
                    let numbers = [parts[model], key(model, lag)];
                    let part = known.find_or_add(numbers, || {
                        next += 1;
                        LocalId::at(next)
                    });
                    parts[model] = part.place();
                }
            }
        };
        let is_outer = |&from: &usize| self.edges[from].iter().any(|edge| !self.is_inner(edge));
        let outer: Vec<usize> = (0..self.edges.len()).filter(is_outer).collect();
        let edges = self.edges.iter().map(Vec::len).sum::<usize>();
        let a_walk = (self.rates.len() + edges).max(1);
        let (each, rest) = outer.split_at(outer.len().min(WALKED / a_walk));
        for source in each.chunks(1) {
            refine(&|_, lag| lag, &self.lags(source));
        }
        refine(&|model, _| model, &self.lags(rest));
        parts
    }

    /// How many time-shifted connections there are on the way from any of these to each model, at least, where the way
    /// leads through models of one step size.
    #[cold]
    fn lags(&self, sources: &[usize]) -> Vec<usize> {
        let mut lags = vec![NEVER_REACHED; self.rates.len()];
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for edge in sources.iter().flat_map(|&source| &self.edges[source]) {
            if !self.is_inner(edge) {
                let next = if edge.shifted { &mut later } else { &mut now };
                next.push(edge.to);
            }
        }
        let mut lag = 0;
        while !now.is_empty() || !later.is_empty() {
            while let Some(model) = now.pop() {
                if lags[model] != NEVER_REACHED {
                    continue;
                }
                lags[model] = lag;
                for edge in self.edges[model].iter().filter(|e| self.is_inner(e)) {
                    let next = if edge.shifted { &mut later } else { &mut now };
                    next.push(edge.to);
                }
            }
            mem::swap(&mut now, &mut later);
            lag += 1;
        }
        lags
    }
}

/// Sets of models: where each looks for the one that stands for its set.
struct Roots(Vec<usize>);

impl Roots {
    #[cold]
    fn of(&mut self, mut model: usize) -> usize {
        while self.0[model] != model {
            self.0[model] = self.0[self.0[model]];
            model = self.0[model];
        }
        model
    }

    #[cold]
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests;
