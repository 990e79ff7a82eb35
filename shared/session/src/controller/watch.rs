//! Looking after the nodes: whether they are there, take what is sent to them, and have done what they
//! should; and what a run waits for.

use std::time::{Duration, Instant};

use super::loss::{End, LossCause};
use super::session::ControllerSession;
use super::stall::{Cause, Stall};
use engine::Turn;
use shared::plan::{CONTROLLER, SiteId};
use shared::progress::Wait;
use shared::time::NEVER;
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
        let moved = nodes.filter_map(|node| node.moved).max();
        let done = (self.engine.rows(), self.engine.steps());
        let time = self.motion.look(done, moved, now)?;
        Some((self.waits_for(now)?, time))
    }

    /// What the run waits for at this moment, if it waits.
    pub fn waits_for(&self, now: Instant) -> Option<Stall> {
        let nodes = || SiteId::nodes().zip(self.nodes.iter().flatten());
        match self.turn {
            Turn::Again => return None,
            Turn::Finished => {
                // Nothing is missing here, and somebody is still at work.
                let rest = nodes().filter(|(_, node)| node.report.is_none());
                let (site, node) = rest.min_by_key(|(_, node)| node.progress)?;
                return Some(match node.wait_or_cause(NEVER, now) {
                    Ok(wait) => self.follow(site, wait, now),
                    Err(cause) => Stall::at(site, node.progress, cause),
                });
            }
            Turn::Blocked => {}
        }
        if let Some((site, node)) = nodes().find(|(_, node)| !node.is_ready) {
            let cause = node.wait_or_cause(0, now).err();
            return Some(Stall::at(site, 0, cause.unwrap_or(Cause::NotReady)));
        }
        if self.is_full
            && let Some((site, node)) = nodes().find(|(_, node)| !node.has_room())
        {
            return Some(Stall::at(site, node.progress, Cause::TakesNothing));
        }
        let wait = self.engine.earliest_wait();
        #[cfg(feature = "described")]
        if let Some((model, tick)) = self.engine.put_off()
            && wait.is_none_or(|wait| tick <= wait.tick)
        {
            return Some(Stall {
                model: Some(model),
                ..Stall::at(CONTROLLER, tick, Cause::Program)
            });
        }
        Some(self.follow(CONTROLLER, wait?, now))
    }

    fn follow(&self, site: SiteId, wait: Wait, now: Instant) -> Stall {
        Stall::follow(site, wait, |site, tick| match self.node(site) {
            Some(node) => node.wait_or_cause(tick, now),
            None if site == CONTROLLER => Err(Cause::OnItsWay),
            None => Err(Cause::Unknown),
        })
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
