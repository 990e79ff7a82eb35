//! What the variants of a scenario have in common: the plan is made once, and models are built anew for each variant.

use std::sync::Arc;

use engine::Engine;
use shared::files::Files;
use shared::index::Table;
use shared::model::{
    Attribute, BuildError, InputSlot, Instance, ModelConfig, Notice, TypeRef, build,
};
use shared::plan::{CONTROLLER, Feed, ModelId, SitePlan};
use shared::progress::Failure;
use shared::time::TimeGrid;
use shared::value::Value;

use super::factor::Factor;
use super::unchanging::{Playback, Unchanging, varying};
use crate::cluster::THIS_MACHINE;
use crate::outputs::Header;
use crate::placement::{self, Plans, Snapshot};
use crate::run::{ModelFailure, RunError};
use crate::scenario::Graph;

/// What the variants of a scenario have in common.
#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) plan: SitePlan,
    items: Vec<Feed>,
    /// The models of the plan, in its order.
    makers: Vec<Maker>,
    names: Table<ModelId, String>,
    types: Table<ModelId, String>,
    pub(crate) grid: TimeGrid,
    pub(crate) header: Header,
    /// What models say that are the same in all variants.
    pub(crate) notices: Vec<Notice>,
}

/// How a model comes about.
#[derive(Debug)]
struct Maker {
    shape: Shape,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// It is built from its entry, with the values of these factors.
    Built(ModelConfig, Vec<(usize, Arc<str>)>),
    /// It is the same in all variants.
    Played(Playback),
}

/// What the rest of a plan has to know of a model.
#[derive(Debug, PartialEq)]
struct Shape {
    published: Vec<Attribute>,
    required: Vec<InputSlot>,
    left_out: Vec<(InputSlot, &'static str)>,
    step_size: u32,
    model_type: Typed,
}

/// A type, which is the same wherever this is compared.
#[derive(Debug)]
struct Typed(TypeRef);

impl PartialEq for Typed {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

/// Why the models of a variant cannot be had from a blueprint.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// A model cannot be built with its values.
    Refused(ModelId, Vec<BuildError>),
    /// A model has other inputs or attributes with its values.
    OtherShape,
}

impl Shape {
    fn of(instance: &Instance) -> Self {
        Self {
            published: instance.published.clone(),
            required: instance.required.clone(),
            left_out: instance.left_out.clone(),
            step_size: instance.step_size,
            model_type: Typed(instance.model_type.clone()),
        }
    }

    fn is_that_of(&self, instance: &Instance) -> bool {
        self.published == instance.published
            && self.required == instance.required
            && self.left_out == instance.left_out
            && self.step_size == instance.step_size
    }
}

impl Blueprint {
    /// What the variants of a graph have in common, where these factors change. What does not change is computed
    /// beforehand.
    pub(crate) fn new(mut graph: Graph, factors: &[Factor], files: &dyn Files) -> Self {
        let grid = graph.grid;
        let changed = factors.iter().filter_map(|factor| {
            let mut models = graph.models.enumerate();
            let named = |(id, model): (ModelId, &crate::scenario::GraphModel)| {
                (model.config.name == factor.model_name).then_some(id)
            };
            models.find_map(named)
        });
        let varying = varying(&graph, &changed.collect());
        let unchanging = Unchanging::of(&mut graph, &varying, &mut |graph, model| {
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
        let makers = plan.models.iter().map(|planned| {
            let model = &graph.models[planned.id];
            let mut shape = Shape::of(&model.instance);
            let is_played = played.as_ref().is_some_and(|all| all.contains(&planned.id));
            let kind = match &unchanging {
                Some(unchanging) if is_played => {
                    shape.step_size = 1;
                    Kind::Played(unchanging.playback(planned.id))
                }
                _ => {
                    let own = factors.iter().enumerate();
                    let own = own.filter(|(_, factor)| factor.model_name == model.config.name);
                    let own = own.map(|(number, factor)| (number, Arc::clone(&factor.key)));
                    Kind::Built(model.config.clone(), own.collect())
                }
            };
            Maker { shape, kind }
        });
        Self {
            makers: makers.collect(),
            items,
            notices: unchanging.map(|same| same.notices).unwrap_or_default(),
            ..Self::bare(&graph, plan)
        }
    }

    /// A blueprint for one variant, and its engine: the graph's own models step.
    pub(crate) fn of_one(mut graph: Graph) -> Result<(Self, Engine), RunError> {
        let Plans { mut sites, items } = plan(&mut graph);
        let own = sites.remove(0);
        let models = own.models.iter();
        let instances = models.map(|planned| graph.models[planned.id].instance.hand_over());
        let engine = Engine::new(&own, instances.collect(), &items).map_err(|_| RunError::Plan)?;
        Ok((Self::bare(&graph, own), engine))
    }

    fn bare(graph: &Graph, plan: SitePlan) -> Self {
        let models = &graph.models;
        Self {
            plan,
            items: Vec::new(),
            makers: Vec::new(),
            names: models.iter().map(|m| m.config.name.clone()).collect(),
            types: models
                .iter()
                .map(crate::scenario::GraphModel::type_name)
                .collect(),
            grid: graph.grid,
            header: Header::of(graph),
            notices: Vec::new(),
        }
    }

    /// The engine of a variant with these values.
    ///
    /// # Errors
    /// It cannot be made from this blueprint.
    pub(crate) fn engine(&self, values: &[Value], files: &dyn Files) -> Result<Engine, NotMade> {
        let mut instances = Vec::with_capacity(self.makers.len());
        for (maker, planned) in self.makers.iter().zip(&self.plan.models) {
            let instance = maker.make(values, self.grid, files);
            let instance = instance.map_err(|errors| NotMade::Refused(planned.id, errors))?;
            if !maker.shape.is_that_of(&instance) {
                return Err(NotMade::OtherShape);
            }
            instances.push(instance);
        }
        Engine::new(&self.plan, instances, &self.items).map_err(|_| NotMade::OtherShape)
    }

    /// How many of its models step in each variant, and how many are played back.
    pub(crate) fn models(&self) -> (usize, usize) {
        let is_played = |maker: &&Maker| matches!(maker.kind, Kind::Played(_));
        let played = self.makers.iter().filter(is_played).count();
        (self.makers.len() - played, played)
    }

    /// What a model is called.
    pub(crate) fn name(&self, model: ModelId) -> &str {
        self.names.get(model).map_or("?", String::as_str)
    }

    /// What there is to say of a model that failed.
    pub(crate) fn failure(&self, failure: Failure) -> ModelFailure {
        ModelFailure {
            model: self.name(failure.model).to_owned(),
            model_type: self.types.get(failure.model).cloned().unwrap_or_default(),
            site: THIS_MACHINE.to_owned(),
            tick: failure.tick,
            time: self.grid.at(failure.tick),
            code: failure.code,
            message: failure.message,
            inputs: failure.inputs,
        }
    }
}

impl Maker {
    fn make(
        &self,
        values: &[Value],
        grid: TimeGrid,
        files: &dyn Files,
    ) -> Result<Instance, Vec<BuildError>> {
        let model_type = self.shape.model_type.0.clone();
        match &self.kind {
            Kind::Built(config, factors) if factors.is_empty() => {
                build(model_type, config, grid, files)
            }
            Kind::Built(config, factors) => {
                let mut config = config.clone();
                let entries = config.parameters.get_or_insert_default();
                for (factor, key) in factors {
                    let value = values[*factor].clone();
                    match entries.iter_mut().find(|(known, _)| known == key) {
                        Some((_, place)) => *place = value,
                        None => entries.push((Arc::clone(key), value)),
                    }
                }
                build(model_type, &config, grid, files)
            }
            Kind::Played(playback) => Ok(Instance {
                model_type,
                model: Box::new(playback.clone()),
                published: self.shape.published.clone(),
                required: self.shape.required.clone(),
                left_out: self.shape.left_out.clone(),
                step_size: 1,
                sockets: None,
                warnings: Vec::new(),
            }),
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
