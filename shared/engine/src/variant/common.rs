//! What variants have in common, and how the engine of one is made.

use std::sync::Arc;

use shared::files::Files;
use shared::memory::Account;
use shared::model::{Instance, PublishedSlot, Registry, TypeRef};
use shared::plan::{CONTROLLER, Feed, PlannedModel, SitePlan};
use shared::time::TimeGrid;
use shared::value::Value;
use shared::variant::{EnginePlan, Maker, Making};

use super::trace::{Playback, Trace};
use crate::{Engine, PlanError};

/// What the variants of a scenario have in common.
#[derive(Debug)]
pub struct Common {
    pub(super) plan: SitePlan,
    pub(super) items: Vec<Feed>,
    /// The models of the plan, in its order.
    pub(super) makers: Vec<(Maker, TypeRef)>,
    pub(super) trace: Arc<Trace>,
}

/// Why the engine of a variant cannot be had.
#[derive(Debug)]
pub enum NotMade {
    /// A model cannot be built with its values, or there is not enough memory.
    Plan(PlanError),
    /// A model has other inputs or attributes with its values.
    OtherShape,
}

impl From<PlanError> for NotMade {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl Common {
    /// What variants have in common whose models are of these types.
    ///
    /// # Errors
    /// The parts do not fit together.
    pub fn new(
        plan: SitePlan,
        items: Vec<Feed>,
        makers: Vec<(Maker, TypeRef)>,
        trace: Arc<Trace>,
    ) -> Result<Self, PlanError> {
        if makers.len() != plan.models.len() || !plan.keeps_limits() {
            return Err(PlanError::Inconsistent);
        }
        Ok(Self {
            plan,
            items,
            makers,
            trace,
        })
    }

    /// What variants of this simulated time have in common, as a plan says that came from a peer.
    ///
    /// # Errors
    /// A type is not there, or the parts do not fit together.
    #[cold]
    pub fn of_plan(
        models: Vec<PlannedModel>,
        plan: EnginePlan,
        grid: TimeGrid,
        trace: Arc<Trace>,
        types: &Registry,
    ) -> Result<Self, PlanError> {
        let known = |planned: &PlannedModel| {
            let name = &planned.config.model_type;
            types.find(name).ok_or_else(|| PlanError::UnknownType {
                model: planned.id,
                model_type: name.clone(),
            })
        };
        let found: Vec<TypeRef> = models.iter().map(known).collect::<Result<_, _>>()?;
        let is_whole =
            trace.values().len() as u64 == grid.ticks.saturating_mul(trace.width() as u64);
        if plan.makers.len() != models.len() || !is_whole {
            return Err(PlanError::Inconsistent);
        }
        let own = SitePlan {
            site: CONTROLLER,
            grid,
            from: 0,
            models,
            imports: Vec::new(),
            exports: Vec::new(),
        };
        let makers = plan.makers.into_iter().zip(found).collect();
        Self::new(own, plan.items, makers, trace)
    }

    /// The plan of each variant.
    pub fn plan(&self) -> &SitePlan {
        &self.plan
    }

    /// What the values of a row are.
    pub fn items(&self) -> &[Feed] {
        &self.items
    }

    /// How each model comes about.
    pub fn makers(&self) -> impl Iterator<Item = &Maker> {
        self.makers.iter().map(|(maker, _)| maker)
    }

    /// The type of each model.
    pub fn types(&self) -> impl Iterator<Item = &TypeRef> {
        self.makers.iter().map(|(_, model_type)| model_type)
    }

    /// What is the same in all variants.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The engine of a variant with these values. What it takes is booked on the account.
    ///
    /// # Errors
    /// It cannot be made.
    #[cold]
    pub fn engine(
        &self,
        values: &[Value],
        files: &dyn Files,
        account: Account,
    ) -> Result<Engine, NotMade> {
        let mut making = Engine::making(&self.plan, account)?;
        for ((maker, model_type), planned) in self.makers.iter().zip(&self.plan.models) {
            match &maker.making {
                Making::Played(columns) => {
                    making.add(self.playback(maker, model_type, columns))?;
                    continue;
                }
                Making::Built(factors) if factors.is_empty() => {
                    making.build(planned.id, model_type, &planned.config, files)?;
                }
                Making::Built(factors) => {
                    let mut config = planned.config.clone();
                    for (factor, key) in factors {
                        let value = values.get(*factor as usize);
                        let value = value.ok_or(PlanError::Inconsistent)?;
                        config.set_parameter(key, value.clone());
                    }
                    making.build(planned.id, model_type, &config, files)?;
                }
            }
            let is_alike = making
                .newest()
                .is_some_and(|built| maker.shape.is_that_of(built));
            if !is_alike {
                return Err(NotMade::OtherShape);
            }
        }
        Ok(making.wire(&self.items)?)
    }

    #[cold]
    fn playback(
        &self,
        maker: &Maker,
        model_type: &TypeRef,
        columns: &[(u32, PublishedSlot)],
    ) -> Instance {
        let playback = Playback {
            trace: Arc::clone(&self.trace),
            columns: columns.to_vec(),
        };
        Instance {
            model_type: model_type.clone(),
            model: Box::new(playback),
            published: maker.shape.published.clone(),
            initial: Vec::new(),
            required: Vec::new(),
            left_out: Vec::new(),
            step_size: 1,
            sockets: None,
            warnings: Vec::new(),
        }
    }
}
