//! Heartbeats, and when a session wants to go on.

use std::time::{Duration, Instant};

use super::phase::Phase;
use super::session::NodeSession;
use crate::SessionError;
use shared::wire::{ALIVE_INTERVAL, SETTLED, Standing, ToController};

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
        let beat = self.next_beat();
        Some(self.lazy_until.unwrap_or(beat).min(beat))
    }

    /// When the next heartbeat is due: once more when the models have come to rest, so that the controller does not
    /// take what they waited for in passing for what they wait for.
    fn next_beat(&self) -> Instant {
        if self.is_told {
            return self.heartbeat;
        }
        self.heartbeat.min(self.rests)
    }

    /// Where the models stand, once they are built.
    pub fn standing(&self, now: Instant) -> Option<Standing> {
        let Phase::Stepping(stepping) = &self.phase else {
            return None;
        };
        Some(Standing {
            progress: stepping.engine.progress(),
            steps: stepping.engine.steps(),
            wait: stepping.earliest_wait(),
            still: (now + SETTLED).saturating_duration_since(self.rests),
        })
    }

    /// Gives a heartbeat where one is due, and looks for those of the others. Returns whether it was:
    /// then it is time to look after the connections as well.
    pub fn beat(&mut self, now: Instant) -> Result<bool, SessionError> {
        if now < self.next_beat() {
            return Ok(false);
        }
        self.events.extend(self.links.calls_again(now));
        let is_quiet = self.links.beat(now) | self.controller.is_quiet(now);
        self.heartbeat = now + if is_quiet { HASTE } else { ALIVE_INTERVAL };
        let standing = self.standing(now).unwrap_or_default();
        self.is_told |= standing.still >= SETTLED;
        self.controller.queue(&ToController::Alive(standing))?;
        let limit = SILENCE_LIMIT.max(self.links.silence());
        if self.controller.silent_for(now) > limit {
            return Err(SessionError::Silent(limit));
        }
        Ok(true)
    }
}
