//! What the models of a run are built from, and whether they can be built from it once more.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use foreign::Lasting;
use scratch::Scratch;
use shared::files::Files;
use shared::index::Table;
use shared::journal::Outside;
use shared::model::{BuildError, Instance, Memory, build};
use shared::plan::{ModelId, PlannedModel};
use shared::time::{Tick, TimeGrid};

use super::not_again::not_kept;
use crate::scenario::{Graph, GraphModel};

/// What the models of a run are built from.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The data files, and what was known of each at the beginning.
    files: Vec<(PathBuf, Option<State>)>,
    /// The models that cannot be had again.
    unique: Vec<String>,
    /// The models that are programs here: these go on as they are.
    lasting: Table<ModelId, Option<Lasting>>,
    /// What is kept for going on after a loss, where the run can.
    kept: Option<Scratch>,
}

/// A file, as far as somebody who changes it changes this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    is_file: bool,
    length: u64,
    changed: Option<SystemTime>,
}

impl State {
    /// `None` where there is no such file: it comes from somewhere else.
    fn of(path: &PathBuf) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            is_file: metadata.is_file(),
            length: metadata.len(),
            changed: metadata.modified().ok(),
        })
    }
}

impl Sources {
    /// Takes note of them. Programs stay with it, whatever becomes of the engines that step them, and what they answer is
    /// kept in the scratch; not where the run could not go on anyway, or has nothing to lose.
    pub(crate) fn of(graph: &mut Graph, scratch: Scratch) -> Self {
        let paths = graph.models.iter().flat_map(|model| &model.paths);
        let files = paths.map(PathBuf::from).map(|path| {
            let state = State::of(&path);
            (path, state)
        });
        let files = files.collect();
        let unique = graph.models.iter_mut().filter_map(|model| {
            let is_had_again = match &model.programs {
                Some(programs) => model.connect.is_none() || programs.bridge.is_some(),
                None => saves(model),
            };
            (!is_had_again).then(|| model.config.name.clone())
        });
        let unique: Vec<String> = unique.collect();
        let kept = Some(scratch).filter(|_| unique.is_empty() && graph.has_nodes());
        let lasting = graph.models.iter_mut().map(|model| {
            let kept = kept.as_ref().filter(|_| is_program_here(model));
            kept.map(|scratch| lasting(model, scratch))
        });
        let lasting = lasting.collect();
        Self {
            files,
            unique,
            lasting,
            kept,
        }
    }

    /// Where is kept what is wanted for going on after a loss; `None` where the run cannot.
    pub(crate) fn kept(&self) -> Option<&Scratch> {
        self.kept.as_ref()
    }

    /// A model as it was before its first step.
    pub(crate) fn build(
        &self,
        graph: &Graph,
        planned: &PlannedModel,
        grid: TimeGrid,
        files: &dyn Files,
    ) -> Result<Instance, Vec<BuildError>> {
        let instance = &graph.models[planned.id].instance;
        match &self.lasting[planned.id] {
            Some(lasting) => Ok(instance.with(Box::new(lasting.again()))),
            None => build(instance.model_type.clone(), &planned.config, grid, files),
        }
    }

    /// A model that goes through the steps before a tick once more, from the first one on or from a snapshot.
    pub(crate) fn again(
        &self,
        graph: &Graph,
        planned: &PlannedModel,
        to: Tick,
        grid: TimeGrid,
        files: &dyn Files,
    ) -> Result<Instance, Vec<BuildError>> {
        let model = &graph.models[planned.id];
        let programs = model.programs.as_ref().filter(|_| model.connect.is_some());
        let Some(bridge) = programs.and_then(|programs| programs.bridge.as_ref()) else {
            return self.build(graph, planned, grid, files);
        };
        // Where its programs begin anew, what they have of the world outside is that of the run, and on record until then.
        let before = planned.outside.comes.iter();
        let later = model.outside.comes.iter().filter(|(tick, _)| *tick >= to);
        let outside = Outside {
            comes: before.chain(later).copied().collect(),
            recorded: model.outside.recorded.max(to),
            ..model.outside.clone()
        };
        let unit = bridge.replay(&model.instance.model_type.name, outside);
        Ok(model.instance.with(unit))
    }

    /// Whether the models can be built once more, and do the same with what was kept.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.unique.is_empty() {
            let unique = self.unique.join(", ");
            return Err(format!("what {unique} did cannot be computed again"));
        }
        for (path, before) in &self.files {
            let shown = path.display();
            if before.is_some_and(|before| !before.is_file) {
                return Err(format!("'{shown}' can be read once only"));
            }
            if State::of(path) != *before {
                return Err(format!("'{shown}' has been changed since the run began"));
            }
        }
        let kept = self.kept.as_ref().map_or(Ok(()), Scratch::check);
        kept.map_err(|lost| not_kept(&lost))
    }
}

/// Whether a model is a program on this machine.
fn is_program_here(model: &GraphModel) -> bool {
    model.programs.is_some() && model.connect.is_none()
}

/// Whether a model says what it has become.
fn saves(model: &mut GraphModel) -> bool {
    let mut bytes = Vec::new();
    model.instance.model.memory(&mut Memory::save(&mut bytes))
}

/// Has a model last longer than its engine.
fn lasting(model: &mut GraphModel, scratch: &Scratch) -> Lasting {
    let lasting = Lasting::new(model.instance.hand_over().model, scratch);
    model.instance.model = Box::new(lasting.again());
    lasting
}
