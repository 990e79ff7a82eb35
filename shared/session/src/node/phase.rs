//! How far a session is.

use super::inbox::PlanInbox;
use super::variants::Varying;
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
    /// Variants are run as they come.
    Varying(Varying),
    Over,
}

/// What there is once the models are built.
#[derive(Debug)]
pub(super) struct Stepping {
    pub(super) engine: Engine,
    /// Which site of the run this is.
    #[cfg(feature = "described")]
    pub(super) site: SiteId,
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
        if self.turn != Turn::Blocked {
            return None;
        }
        #[cfg(feature = "described")]
        if let Some(wait) = self.put_off() {
            return Some(wait);
        }
        self.engine.blocked_on()
    }

    /// What its earliest step waits for that has not been made, if it does.
    pub(super) fn earliest_wait(&self) -> Option<Wait> {
        if self.turn != Turn::Blocked {
            return None;
        }
        let wait = self.engine.earliest_wait();
        #[cfg(feature = "described")]
        if let Some(program) = self.put_off()
            && wait.is_none_or(|wait| program.tick <= wait.tick)
        {
            return Some(program);
        }
        wait
    }

    /// A step that waits for the program that makes it, which is here.
    #[cfg(feature = "described")]
    fn put_off(&self) -> Option<Wait> {
        let (model, tick) = self.engine.put_off()?;
        Some(Wait {
            model: Some(model),
            tick,
            site: self.site,
            source: Some(model),
        })
    }
}
