//! What the variants of a scenario have in common: the plan is made once, and models are built anew for each variant.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use engine::Engine;
use engine::variant::{Common, NotMade, Trace};
use shared::files::{Files, WorkingDirectory};
use shared::index::Table;
use shared::memory::Account;
use shared::model::{ModelConfig, Notice, TypeRef, build};
use shared::plan::{CONTROLLER, ModelId, SitePlan};
use shared::progress::Failure;
use shared::time::TimeGrid;
use shared::value::Value;
use shared::variant::{Maker, Making, Shape};

use super::design::Variant;
use super::factor::Factor;
use super::study::GROUND;
use super::unchanging::{MOST, Unchanging, varying};
use super::variant::VariantError;
use crate::output::printable_line;
use crate::outputs::Header;
use crate::placement::{self, Plans, Snapshot};
use crate::run::{ModelFailure, RunError};
use crate::scenario::{Graph, GraphModel};

/// The most variants in one engine. More of them gain nothing, and what comes of any of them comes once all are done.
pub(super) const TOGETHER: usize = 16;

/// What the variants of a scenario have in common, with what people are told of it.
#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) common: Common,
    /// The same for two in one engine, for three, and so on, each made once it is wanted.
    several: Vec<OnceLock<Common>>,
    /// How many values a variant has.
    values: usize,
    pub(crate) told: Told,
    /// What models say that are the same in all variants.
    pub(crate) notices: Vec<Notice>,
}

/// What people are told of a variant.
#[derive(Debug)]
pub(crate) struct Told {
    /// What the scenario is called.
    pub(crate) scenario: String,
    names: Table<ModelId, String>,
    types: Table<ModelId, String>,
    pub(crate) grid: TimeGrid,
    pub(crate) header: Header,
}

impl Blueprint {
    /// What the variants of a graph have in common, where these factors change. What does not change is computed
    /// beforehand.
    ///
    /// # Errors
    /// The plan does not fit together.
    pub(crate) fn new(
        mut graph: Graph,
        factors: &[Factor],
        files: &dyn Files,
    ) -> Result<Self, RunError> {
        let grid = graph.grid;
        let changed = factors.iter().filter_map(|factor| {
            let mut models = graph.models.enumerate();
            let named = |(id, model): (ModelId, &GraphModel)| {
                (model.config.name == factor.model_name).then_some(id)
            };
            models.find_map(named)
        });
        let varying = varying(&graph, &changed.collect());
        let unchanging = Unchanging::of(&mut graph, &varying, MOST, &mut |graph, model| {
            let model = &graph.models[model];
            let model_type = model.instance.model_type.clone();
            build(model_type, &model.config, grid, files).ok()
        });
        if let Some(unchanging) = &unchanging {
            let played = unchanging.models();
            let is_wanted = |model: &ModelId| varying.contains(model) || played.contains(model);
            graph.order.retain(is_wanted);
            for model in &played {
                graph.models[*model].inputs.clear();
            }
        }
        let Plans { mut sites, items } = plan(&mut graph);
        let plan = sites.remove(0);
        let played = unchanging.as_ref().map(Unchanging::models);
        let is_played = |model| played.as_ref().is_some_and(|all| all.contains(&model));
        let makers = plan.models.iter().map(|planned| {
            let model = &graph.models[planned.id];
            let mut shape = Shape::of(&model.instance);
            let making = match &unchanging {
                Some(unchanging) if is_played(planned.id) => {
                    shape.step_size = 1;
                    Making::Played(unchanging.columns_of(planned.id))
                }
                _ => Making::Built(own_factors(&model.config, factors)),
            };
            (Maker { shape, making }, model.instance.model_type.clone())
        });
        let makers: Vec<(Maker, TypeRef)> = makers.collect();
        let (trace, notices) = match unchanging {
            Some(unchanging) => (unchanging.trace, unchanging.notices),
            None => (Arc::new(Trace::new(0, 0)), Vec::new()),
        };
        let common = Common::new(plan, items, makers, trace).map_err(|_| RunError::Plan)?;
        let most = common.most_copies().min(TOGETHER);
        Ok(Self {
            several: (1..most).map(|_| OnceLock::new()).collect(),
            values: factors.len(),
            common,
            notices,
            told: Told::of(&graph),
        })
    }

    /// How many variants one engine has at most.
    pub(crate) fn most_together(&self) -> usize {
        self.several.len() + 1
    }

    /// What so many variants have in common that go into one engine, if as many do.
    pub(crate) fn common_of(&self, variants: usize) -> Option<&Common> {
        let Some(place) = variants.checked_sub(2) else {
            return Some(&self.common);
        };
        let times = || self.common.times(variants, self.values);
        Some(self.several.get(place)?.get_or_init(times))
    }

    /// The engine of variants with these values, and its plan. More of them than it has at most do not go together.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn engine(&self, variants: &[Variant]) -> Result<(Engine, &SitePlan), NotMade> {
        let common = self.common_of(variants.len()).ok_or(NotMade::OtherShape)?;
        let values = variants.iter().flat_map(|variant| &variant.values);
        let values: Vec<Value> = values.cloned().collect();
        let engine = common.engine(&values, &WorkingDirectory, Account::unlimited())?;
        Ok((engine, common.plan()))
    }

    /// The files that models read in any variant, each once, as far as their paths are known beforehand.
    pub(crate) fn files_read(&self, factors: &[Factor]) -> Vec<String> {
        let mut paths = BTreeSet::new();
        let models = self.common.makers().zip(self.common.types());
        for ((maker, model_type), planned) in models.zip(&self.common.plan().models) {
            let Making::Built(own) = &maker.making else {
                continue;
            };
            paths.extend(planned.config.paths_read(model_type));
            for (place, key) in own {
                let mut config = planned.config.clone();
                for (value, _) in &factors[*place as usize].values {
                    if value.as_text().is_some() {
                        config.set_parameter(key, value.clone());
                        paths.extend(config.paths_read(model_type));
                    }
                }
            }
        }
        // Whoever wants one that is not there says so itself.
        let is_there = |path: &String| GROUND.files.open(path).is_ok();
        paths.into_iter().filter(is_there).collect()
    }

    /// How many of its models step in each variant, and how many are played back.
    pub(crate) fn models(&self) -> (usize, usize) {
        let makers = self.common.makers();
        let played = makers.filter(|maker| maker.is_played()).count();
        (self.common.makers().count() - played, played)
    }
}

/// The factors that change a model: their places, and the parameters.
fn own_factors(config: &ModelConfig, factors: &[Factor]) -> Vec<(u32, Arc<str>)> {
    let own = (0..).zip(factors);
    let own = own.filter(|(_, factor)| factor.model_name == config.name);
    own.map(|(place, factor)| (place, Arc::clone(&factor.key)))
        .collect()
}

/// One variant, for whose engine the graph's own models step.
pub(crate) fn of_one(mut graph: Graph) -> Result<(Told, SitePlan, Engine), RunError> {
    let Plans { mut sites, items } = plan(&mut graph);
    let own = sites.remove(0);
    let models = own.models.iter();
    let instances = models.map(|planned| graph.models[planned.id].instance.hand_over());
    let engine = Engine::new(&own, instances.collect(), &items).map_err(|_| RunError::Plan)?;
    Ok((Told::of(&graph), own, engine))
}

impl Told {
    fn of(graph: &Graph) -> Self {
        let models = &graph.models;
        Self {
            scenario: graph.name.clone(),
            names: models.iter().map(|m| m.config.name.clone()).collect(),
            types: models.iter().map(GraphModel::type_name).collect(),
            grid: graph.grid,
            header: Header::of(graph),
        }
    }

    /// What a model is called.
    pub(crate) fn name(&self, model: ModelId) -> &str {
        self.names.get(model).map_or("?", String::as_str)
    }

    /// What there is to say of a model that warned, where warnings are errors.
    pub(crate) fn warned(&self, notice: &Notice) -> VariantError {
        let (name, text) = (self.name(notice.model), printable_line(&notice.text));
        VariantError::Warned(format!("model '{name}': {text}"))
    }

    /// What there is to say of a model that failed there.
    pub(crate) fn failure(&self, failure: Failure, site: &str) -> ModelFailure {
        ModelFailure {
            model: self.name(failure.model).to_owned(),
            model_type: self.types.get(failure.model).cloned().unwrap_or_default(),
            site: site.to_owned(),
            tick: failure.tick,
            time: self.grid.at(failure.tick),
            code: failure.code,
            message: failure.message,
            inputs: failure.inputs,
        }
    }
}

/// The plan of a graph in one process, without what there is of the world outside.
fn plan(graph: &mut Graph) -> Plans {
    for model in &mut graph.models {
        model.leds.clear();
    }
    let site_of: Table<ModelId, _> = graph.models.iter().map(|_| CONTROLLER).collect();
    placement::plan(graph, &site_of, 1, &Snapshot::start(graph))
}
