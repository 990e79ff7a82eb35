//! From a plan to an engine.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use super::booking::{MODEL, instance_bytes, kept_bytes, wiring_bytes};
use super::error::PlanError;
use super::outlook::Outlook;
use super::site::Engine;
use super::state::State;
use super::wirer::Wirer;
use crate::files::{Files, MemoryFiles};
use crate::index::Table;
use crate::memory::Account;
use crate::model::{Instance, ModelConfig, Registry, TypeRef, build};
use crate::plan::{Feed, LocalId, ModelId, SitePlan};

/// An engine in the making: its models are built one by one.
#[derive(Debug)]
pub struct EngineMaking<'a> {
    plan: &'a SitePlan,
    account: Account,
    instances: Vec<Instance>,
}

impl EngineMaking<'_> {
    /// Builds the next model of the plan, by this entry. What it takes is booked.
    #[cold]
    pub fn build(
        &mut self,
        model: ModelId,
        model_type: &TypeRef,
        config: &ModelConfig,
        files: &dyn Files,
    ) -> Result<(), PlanError> {
        if self.account.is_limited() {
            self.account.take(MODEL + kept_bytes(config))?;
            files.set_room(self.account.left());
        }
        let built = build(model_type.clone(), config, self.plan.grid, files);
        self.account.take(files.taken())?;
        let instance = built.map_err(|errors| PlanError::Build { model, errors })?;
        self.add(instance)
    }

    /// Takes the next model of the plan as it is.
    pub fn add(&mut self, instance: Instance) -> Result<(), PlanError> {
        if self.account.is_limited() {
            self.account.take(instance_bytes(&instance))?;
        }
        self.instances.push(instance);
        Ok(())
    }

    /// The model that was built last.
    pub fn newest(&self) -> Option<&Instance> {
        self.instances.last()
    }

    /// The engine, with the monitor's items, if any.
    pub fn wire(self, items: &[Feed]) -> Result<Engine, PlanError> {
        Engine::wire(self.plan, self.instances, items, self.account)
    }
}

impl Engine {
    /// Begins to make an engine for a plan. What it takes is booked on the account.
    #[cold]
    pub fn making(plan: &SitePlan, mut account: Account) -> Result<EngineMaking<'_>, PlanError> {
        if account.is_limited() {
            account.take(wiring_bytes(plan))?;
        }
        Ok(EngineMaking {
            plan,
            account,
            instances: Vec::with_capacity(plan.models.len()),
        })
    }

    /// An engine for a plan that came from a peer, with models of these types. What it takes
    /// is booked on the account. Before each model, `go_on` says whether the engine is still wanted.
    #[cold]
    pub fn build(
        plan: &SitePlan,
        types: &Registry,
        files: &MemoryFiles,
        account: Account,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, PlanError> {
        if !plan.keeps_limits() {
            return Err(PlanError::Inconsistent);
        }
        let mut making = Self::making(plan, account)?;
        for planned in &plan.models {
            if !go_on() {
                return Err(PlanError::Abandoned);
            }
            let (model, name) = (planned.id, &planned.config.model_type);
            let model_type = types.find(name).ok_or_else(|| PlanError::UnknownType {
                model,
                model_type: name.clone(),
            })?;
            making.build(model, &model_type, &planned.config, files)?;
        }
        making.wire(&[])
    }

    /// An engine for a plan with its models already built, and with the monitor's items, if any.
    pub fn new(
        plan: &SitePlan,
        instances: Vec<Instance>,
        items: &[Feed],
    ) -> Result<Self, PlanError> {
        Self::wire(plan, instances, items, Account::unlimited())
    }

    #[cold]
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
        let mut instances: Table<LocalId, Instance> = instances.into();
        for (instance, planned) in instances.iter_mut().zip(&plan.models) {
            let by_source = planned.inputs.iter().filter(|i| !i.names.is_empty());
            for input in by_source {
                instance.model.connected(input.slot, &input.names);
            }
        }
        let mut wirer = Wirer::new(plan, &instances);
        wirer.import(&plan.imports);
        wirer.connect(plan)?;
        wirer.export(&plan.exports)?;
        wirer.check_leds(plan)?;
        wirer.watch(items)?;
        wirer.open_windows(plan);
        let wiring = wirer.wiring;
        let mut state = State::new(&wiring, instances, account, plan.from);
        for (own, planned) in state.models.iter_mut().zip(&plan.models) {
            let wish = own.instance.sockets.as_ref();
            let outside = &planned.outside;
            if wish.is_some() || outside.open || !outside.comes.is_empty() {
                own.outlook = Some(Box::new(Outlook::new(wish, outside)));
            }
        }
        if plan.from > 0 {
            state.restore(&wiring, plan)?;
        }
        Ok(Self { wiring, state })
    }
}
