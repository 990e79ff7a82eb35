//! What is needed to tell of a run once its graph has become an engine.

use shared::index::Table;
use shared::plan::{CONTROLLER, ModelId, SiteId};
use shared::progress::Failure;
use shared::time::TimeGrid;

use super::drive::Driven;
use super::error::{ModelFailure, RunError};
use super::outcome::{Outcome, SiteOutcome};
use crate::cluster::{NodeOutcome, Reached, THIS_MACHINE};
use crate::output::printable_line;
use crate::scenario::{Graph, GraphModel, Programs};

/// The names of a run.
pub(super) struct Described {
    /// Those of the models, by their place in the scenario.
    pub(super) names: Table<ModelId, String>,
    types: Table<ModelId, String>,
    /// The programs that are some of them.
    programs: Table<ModelId, Option<Programs>>,
    site_of: Table<ModelId, SiteId>,
    nodes: Vec<String>,
}

impl Described {
    pub(super) fn new(graph: &Graph, reached: &Reached) -> Self {
        let models = &graph.models;
        Self {
            names: models.iter().map(|m| m.config.name.clone()).collect(),
            types: models.iter().map(GraphModel::type_name).collect(),
            programs: models.iter().map(|m| m.programs.clone()).collect(),
            site_of: reached.site_of.clone(),
            nodes: reached.nodes.iter().map(|node| node.name.clone()).collect(),
        }
    }

    /// The error that the failure of a model is.
    pub(super) fn failure(&self, failure: Failure, grid: TimeGrid) -> RunError {
        let Failure {
            model,
            tick,
            code,
            message,
            inputs,
        } = failure;
        let site = self.site_of.get(model).copied().unwrap_or(CONTROLLER);
        let node = site.node().and_then(|index| self.nodes.get(index));
        RunError::Model(Box::new(ModelFailure {
            model: self.names.get(model).cloned().unwrap_or_default(),
            model_type: self.types.get(model).cloned().unwrap_or_default(),
            site: node.map_or_else(|| THIS_MACHINE.to_owned(), |node| format!("node {node}")),
            tick,
            time: grid.at(tick),
            code,
            message,
            inputs,
        }))
    }

    /// Notes what each site did, beside what it had done before the run went on after a loss.
    pub(super) fn sum_up(self, driven: Driven, outcome: &mut Outcome) {
        let programs: Vec<Programs> = self.programs.iter().flatten().cloned().collect();
        let own = self.names.into_iter().zip(self.programs).zip(self.site_of);
        let own = own.filter(|(_, site)| *site == CONTROLLER);
        let own = own.flat_map(|((name, programs), _)| match programs {
            Some(programs) => programs.models.into_iter().map(|(name, _)| name).collect(),
            None => vec![name],
        });
        let own = SiteOutcome {
            name: THIS_MACHINE.to_owned(),
            release: env!("CARGO_PKG_VERSION").to_owned(),
            processor: std::env::consts::ARCH.to_owned(),
            models: own.collect(),
            programs,
            is_final: true,
            steps: driven.report.steps,
            received: 0,
            sent: 0,
            linked: 0,
            waits: driven.report.waits,
        };
        let nodes = driven.nodes.into_iter().map(of_node);
        let mut sites: Vec<SiteOutcome> = std::iter::once(own).chain(nodes).collect();
        for earlier in outcome.sites.drain(..) {
            match sites.iter_mut().find(|site| site.name == earlier.name) {
                Some(site) => site.add(&earlier),
                None => sites.push(SiteOutcome {
                    waits: Vec::new(),
                    ..earlier
                }),
            }
        }
        outcome.sites = sites;
        outcome.relayed = driven.relayed;
    }
}

/// What a node did. It may call itself what it likes.
fn of_node(node: NodeOutcome) -> SiteOutcome {
    let is_final = node.report.is_some();
    let report = node.report.unwrap_or_default();
    SiteOutcome {
        name: node.name,
        release: printable_line(&node.release).into_owned(),
        processor: printable_line(&node.processor).into_owned(),
        models: node.models,
        programs: Vec::new(),
        is_final,
        steps: if is_final { report.steps } else { node.steps },
        received: node.received,
        sent: node.sent,
        linked: report.linked,
        waits: report.waits,
    }
}
