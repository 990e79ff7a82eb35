//! From a plan to an engine.
//!
//! What is marked cold is done once a plan or a model: it is made small for nodes, and not fast.

use super::booking::{MODEL, instance_bytes, kept_bytes, wiring_bytes};
use super::error::PlanError;
use super::outlook::Outlook;
use super::site::Engine;
use super::state::State;
use super::wirer::Wirer;
use shared::files::MemoryFiles;
use shared::index::Table;
use shared::memory::Account;
use shared::model::{Instance, Registry, build};
use shared::plan::{Feed, LocalId, SitePlan};

impl Engine {
    /// An engine for a plan that came from a peer, with models of these types. What it takes
    /// is booked on the account. Before each model, `go_on` says whether the engine is still wanted.
    #[cold]
    pub fn build(
        plan: &SitePlan,
        types: &Registry,
        files: &MemoryFiles,
        mut account: Account,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, PlanError> {
        if !plan.keeps_limits() {
            return Err(PlanError::Inconsistent);
        }
        account.take(wiring_bytes(plan))?;
        let mut instances = Vec::new();
        for planned in &plan.models {
            if !go_on() {
                return Err(PlanError::Abandoned);
            }
            let (model, name) = (planned.id, &planned.config.model_type);
            let model_type = types.find(name).ok_or_else(|| PlanError::UnknownType {
                model,
                model_type: name.clone(),
            })?;
            account.take(MODEL + kept_bytes(&planned.config))?;
            files.set_room(account.left());
            let built = build(model_type, &planned.config, plan.grid, files);
            account.take(files.taken())?;
            let instance = built.map_err(|errors| PlanError::Build { model, errors })?;
            account.take(instance_bytes(&instance))?;
            instances.push(instance);
        }
        Self::wire(plan, instances, &[], account)
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
