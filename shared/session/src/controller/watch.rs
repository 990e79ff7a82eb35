//! Looking after the nodes: whether they are there, take what is sent to them, and have done what they
//! should; and what a run waits for.

use std::iter;
use std::time::{Duration, Instant};

use super::loss::{End, LinkLoss, LossCause};
use super::node::NodeState;
use super::session::ControllerSession;
use super::stall::{Cause, Stall};
use engine::Turn;
use shared::plan::{CONTROLLER, SiteId};
use shared::progress::Wait;
use shared::time::NEVER;
use shared::wire::{ALIVE_INTERVAL, SILENCE_GRACE, ToNode};

/// How often the nodes are looked after.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// So much longer than the timeout a link is waited for over which nothing comes. Nodes that are not patient have said
/// before that it is broken, and why.
const LINK_GRACE: Duration = Duration::from_secs(8);

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
        let is_unheard = |node: &NodeState| node.unheard_for(self.timeout, now).is_some();
        if self.nodes.iter().flatten().any(is_unheard) {
            self.all_heard = now;
        }
        self.check_links(now)?;
        if self.nodes.len() > 1 && self.nodes.iter().flatten().all(is_unheard) {
            self.unheard = Some(now);
        }
        let out = self.unheard.map(|at| now.saturating_duration_since(at));
        for (site, node) in SiteId::nodes().zip(self.nodes.iter_mut()) {
            let Some(node) = node.as_mut().filter(|node| node.gone.is_none()) else {
                continue;
            };
            node.look_at_backlog(since, now);
            // That nobody was heard says nothing of this one. Afterwards one is heard before the others, by more than a moment
            // where an attempt to reach another fails once more: each has as long again as it ever has.
            let is_out = out.is_some_and(|out| out <= self.timeout + node.grace + SILENCE_GRACE);
            let patience = if is_out {
                self.patience
            } else {
                Duration::ZERO
            };
            if let Some(cause) = node.unheard_for(self.timeout + node.grace.max(patience), now) {
                return Err(End::Lost(site, cause));
            }
            if node.channel.idle_for(now) >= ALIVE_INTERVAL {
                let said = node.say(&ToNode::Alive);
                said.map_err(|cause| End::TooLarge(site, cause))?;
            }
        }
        Ok(())
    }

    /// A node of which nothing has been heard for longer than the timeout, and that is waited for all the same. One whose
    /// connection breaks meanwhile is not heard by that.
    pub fn unheard(&self, now: Instant) -> Option<(SiteId, LossCause)> {
        SiteId::nodes().zip(&self.nodes).find_map(|(site, node)| {
            let node = node.as_ref().filter(|node| node.report.is_none())?;
            Some((site, node.unheard_for(self.timeout, now)?))
        })
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
        Some(self.follow(CONTROLLER, self.own_wait()?, now))
    }

    /// What the earliest step of this engine waits for.
    fn own_wait(&self) -> Option<Wait> {
        let wait = self.engine.earliest_wait();
        #[cfg(feature = "described")]
        if let Some((model, tick)) = self.engine.put_off()
            && wait.is_none_or(|wait| tick <= wait.tick)
        {
            return Some(Wait {
                model: Some(model),
                tick,
                site: CONTROLLER,
                source: Some(model),
            });
        }
        wait
    }

    fn follow(&self, site: SiteId, wait: Wait, now: Instant) -> Stall {
        Stall::follow(site, wait, |site, tick| match self.node(site) {
            Some(node) => node.wait_or_cause(tick, now),
            None if site == CONTROLLER => Err(Cause::OnItsWay),
            None => Err(Cause::Unknown),
        })
    }

    /// Whether something comes over each link, once all nodes have been heard for long enough: before, they may all have
    /// waited for one that was not. Where both nodes stand still, and one of them waits for what the other one did long ago,
    /// nothing does. Where each of several waits for the next, nothing does over one of their links: the earliest of their
    /// steps has all that it needs, but where it was made. They say so themselves, but where they wait for each other as
    /// long as for this machine.
    fn check_links(&self, now: Instant) -> Result<(), End> {
        let limit = self.timeout + LINK_GRACE;
        if now.saturating_duration_since(self.all_heard) < limit {
            return Ok(());
        }
        let standing = |site| {
            let node = self.node(site)?;
            Some((node, node.wait?)).filter(|(node, _)| node.stands_for(limit, now))
        };
        let stuck = SiteId::nodes().take(self.nodes.len()).filter_map(|site| {
            let (node, wait) = standing(site)?;
            let (other, _) = standing(wait.site)?;
            let is_done = wait.source.is_some() && other.progress > wait.tick;
            let next = |&at: &SiteId| match at {
                CONTROLLER => Some(self.own_wait()?.site),
                at => Some(standing(at)?.1.site),
            };
            let mut waited_for = iter::successors(Some(wait.site), next).take(self.nodes.len() + 1);
            let is_stuck = self.links.is_in_use(site, wait.site)
                && (is_done || waited_for.any(|waited_for| waited_for == site));
            is_stuck.then_some((site, node, wait))
        });
        let Some((site, node, wait)) = stuck.min_by_key(|(.., wait)| wait.tick) else {
            return Ok(());
        };
        Err(End::LinkLost(LinkLoss {
            site,
            other: wait.site,
            progress: node.progress,
            cause: format!("nothing has come from it for {} s", limit.as_secs()),
        }))
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
        let settled = self.longest() + 2 * ALIVE_INTERVAL;
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
