//! How far a session is.

use super::inbox::PlanInbox;
use shared::engine::{Engine, Turn, Wait};
use shared::plan::SiteId;
use shared::time::Tick;
use shared::wire::Token;

/// How far a session is.
#[derive(Debug)]
pub(super) enum Phase {
    /// The plan arrives.
    Planning(PlanInbox, Option<Token>),
    /// The engine is built.
    Building,
    Stepping(Box<Stepping>),
    Over,
}

/// What there is once the models are built.
#[derive(Debug)]
pub(super) struct Stepping {
    pub(super) engine: Engine,
    /// The sites that it exchanges values with.
    pub(super) partners: Vec<SiteId>,
    pub(super) turn: Turn,
    /// The tick of the failure that the controller knows.
    pub(super) failed_at: Option<Tick>,
    /// The controller has the report.
    pub(super) finished: bool,
}

impl Stepping {
    /// What the engine waits for, if it does.
    pub(super) fn wait(&self) -> Option<Wait> {
        let is_blocked = self.turn == Turn::Blocked;
        is_blocked.then(|| self.engine.blocked_on()).flatten()
    }
}
