//! Heartbeats, and when a session wants to go on.

use std::time::{Duration, Instant};

use super::phase::Phase;
use super::session::NodeSession;
use crate::SessionError;
use shared::wire::{ALIVE_INTERVAL, ToController};

/// Between two heartbeats while somebody else's are overdue.
const HASTE: Duration = Duration::from_millis(250);

/// A controller that has been silent for this long is gone, unless it asks for more.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

impl NodeSession {
    /// When the session wants to go on, though nothing may have arrived: [`beat`](Self::beat) and
    /// [`advance`](Self::advance) then. `None`: at once.
    pub fn deadline(&self) -> Option<Instant> {
        if let Phase::Stepping(stepping) = &self.phase
            && self.has_report(stepping)
        {
            return None;
        }
        let lazy = self.lazy_until.unwrap_or(self.heartbeat);
        Some(lazy.min(self.heartbeat))
    }

    /// Gives a heartbeat where one is due, and looks for those of the others. Returns whether it was:
    /// then it is time to look after the connections as well.
    pub fn beat(&mut self, now: Instant) -> Result<bool, SessionError> {
        if now < self.heartbeat {
            return Ok(false);
        }
        let is_quiet = self.links.beat(now) | self.controller.is_quiet(now);
        self.heartbeat = now + if is_quiet { HASTE } else { ALIVE_INTERVAL };
        let (progress, steps, wait) = match &self.phase {
            Phase::Stepping(stepping) => (
                stepping.engine.progress(),
                stepping.engine.steps(),
                stepping.wait(),
            ),
            _ => (0, 0, None),
        };
        self.controller.queue(&ToController::Alive {
            progress,
            steps,
            wait,
        })?;
        let limit = SILENCE_LIMIT.max(self.links.silence());
        if self.controller.silent_for(now) > limit {
            return Err(SessionError::Silent(limit));
        }
        Ok(true)
    }
}
