//! Looking after the nodes: whether they are there, take what is sent to them, and have done what they
//! should; and what a run waits for.

use std::time::{Duration, Instant};

use super::loss::{End, LossCause};
use super::session::ControllerSession;
use super::stall::Stall;
use shared::engine::{Turn, Wait};
use shared::plan::SiteId;
use shared::wire::{ALIVE_INTERVAL, ToNode};

/// How often the nodes are looked after.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

impl ControllerSession {
    /// When the nodes are to be looked after next: [`check`](Self::check) then.
    pub fn deadline(&self) -> Instant {
        self.checked + CHECK_INTERVAL
    }

    /// Looks after the nodes: whether they are there, and take what is sent to them; and gives them
    /// heartbeats. To be called at the [`deadline`](Self::deadline), once what has arrived by then has
    /// been read.
    ///
    /// # Errors
    /// Why the run ends.
    pub fn check(&mut self, now: Instant) -> Result<(), End> {
        let since = now.saturating_duration_since(self.checked);
        self.checked = now;
        self.check_finished(now)?;
        self.links.check(now)?;
        for (site, node) in SiteId::nodes().zip(self.nodes.iter_mut()) {
            let Some(node) = node.as_mut().filter(|node| node.gone.is_none()) else {
                continue;
            };
            let seconds = self.timeout.as_secs();
            if node.is_silent_for(self.timeout, now) {
                return Err(End::Lost(site, LossCause::Silent(seconds)));
            }
            node.look_at_backlog(since, now);
            if node.is_stalled_for(self.timeout) {
                return Err(End::Lost(site, LossCause::Stalled(seconds)));
            }
            if node.channel.idle_for(now) >= ALIVE_INTERVAL {
                let said = node.say(&ToNode::Alive);
                said.map_err(|cause| End::TooLarge(site, cause))?;
            }
        }
        Ok(())
    }

    /// What the run waits for, and for how long it has, if it stands still. To be asked several times a
    /// second.
    pub fn stall(&mut self, now: Instant) -> Option<(Stall, Duration)> {
        let nodes = self.nodes.iter().flatten();
        let steps: u64 = nodes.map(|node| node.steps).sum();
        let done = (self.engine.rows(), self.engine.steps() + steps);
        let time = self.motion.look(done, now)?;
        Some((self.waits_for()?, time))
    }

    /// What the run waits for at this moment, if it waits.
    pub fn waits_for(&self) -> Option<Stall> {
        if self.turn != Turn::Blocked {
            return None;
        }
        for (site, node) in SiteId::nodes().zip(self.nodes.iter()) {
            if node.as_ref().is_some_and(|node| !node.is_ready) {
                return Some(Stall::NotReady(site));
            }
        }
        #[cfg(feature = "described")]
        if let Some((model, tick)) = self.engine.put_off() {
            return Some(Stall::PutOff(model, tick));
        }
        let wait = self.engine.blocked_on()?;
        let wait = Stall::root(wait, |site| self.node(site)?.wait);
        Some(Stall::Waits(wait))
    }

    /// Whether every node that says it has finished has done what the others need. One that has not
    /// would be waited for without end.
    fn check_finished(&self, now: Instant) -> Result<(), End> {
        let nodes = || self.nodes.iter().flatten();
        if nodes().all(|node| node.finished.is_none()) {
            return Ok(());
        }
        for wait in self.engine.waits() {
            self.check_wait(wait, |_| true)?;
        }
        // What a node says about itself was true a moment ago.
        let settled = self.timeout + 2 * ALIVE_INTERVAL;
        for node in nodes() {
            if let (None, Some(wait)) = (node.finished, node.wait) {
                let is_settled = |at| now.saturating_duration_since(at) > settled;
                self.check_wait(wait, is_settled)?;
            }
        }
        Ok(())
    }

    fn check_wait(&self, wait: Wait, is_settled: impl Fn(Instant) -> bool) -> Result<(), End> {
        let finished = self.node(wait.site).and_then(|node| node.finished);
        if wait.source.is_some() && finished.is_some_and(is_settled) {
            return Err(End::Lost(wait.site, LossCause::Unfinished(wait)));
        }
        Ok(())
    }
}
