//! What the nodes say.

use std::fmt::Display;
use std::time::Instant;

use super::loss::{End, LossCause};
use super::mesh::words;
use super::node::NodeState;
use super::outcome::Report;
use super::session::ControllerSession;
use shared::plan::{CONTROLLER, ModelId, SiteId};
use shared::time::Tick;
use shared::wire::{FrameError, ToController, ToNode, decode};

/// Why a node's message ends the run.
enum Stop {
    Loss(LossCause),
    End(End),
}

impl From<FrameError> for Stop {
    fn from(error: FrameError) -> Self {
        confused(error)
    }
}

fn confused(what: impl Display) -> Stop {
    Stop::Loss(LossCause::Confused(what.to_string()))
}

impl ControllerSession {
    /// Handles what a node has said.
    pub(super) fn take_messages(&mut self, site: SiteId, now: Instant) -> Result<(), End> {
        let place = site.node().and_then(|place| self.nodes.get_mut(place));
        let Some(mut node) = place.and_then(Option::take) else {
            return Ok(());
        };
        let result = self.handle_all(&mut node, site, now);
        if let Some(place) = site.node().and_then(|place| self.nodes.get_mut(place)) {
            *place = Some(node);
        }
        result.map_err(|stop| match stop {
            Stop::Loss(cause) => End::Lost(site, cause),
            Stop::End(end) => end,
        })
    }

    #[allow(
        clippy::match_wildcard_for_single_variants,
        reason = "with programs there are two"
    )]
    fn handle_all(&mut self, node: &mut NodeState, site: SiteId, now: Instant) -> Result<(), Stop> {
        loop {
            if node.held_by.is_some_and(|to| !self.has_room(to)) {
                return Ok(());
            }
            node.held_by = None;
            let Some(content) = node.channel.next_frame()? else {
                break;
            };
            match decode(content)? {
                ToController::Batch { to, batch } => {
                    self.take_batch(site, to, batch)?;
                    node.held_by = (!self.has_room(to)).then_some(to);
                }
                ToController::Alive(standing) => node.stand(standing, now),
                ToController::Notice(notice) => self.reports.push(Report::Notice(notice)),
                ToController::Entry(entry) => {
                    self.check_runs(&node.models, entry.model, entry.tick)?;
                    self.reports.push(Report::Entry(entry));
                    if entry.what.comes_in() {
                        node.say(&ToNode::Noted)?;
                    }
                }
                ToController::Failed(failure) => {
                    self.check_runs(&node.models, failure.model, failure.tick)?;
                    self.take_failure(failure);
                }
                ToController::File(written) => {
                    self.check_runs(&node.models, written.model, written.tick)?;
                    self.reports.push(Report::File(site, written));
                }
                ToController::Seen(value) => {
                    if !node.looks.take(value) {
                        return Err(confused("it answers what nobody has asked"));
                    }
                }
                ToController::Finished(report) => node.finish(report, now),
                ToController::Ready => node.is_ready = true,
                ToController::NotReady { model, errors } => {
                    return Err(Stop::End(End::NotReady(site, model, errors)));
                }
                ToController::Refused(refusal) => {
                    return Err(Stop::Loss(LossCause::Refused(refusal)));
                }
                ToController::Leaving => return Err(Stop::Loss(LossCause::Stopped)),
                ToController::Relayed { site: to, reason } => {
                    self.check_partner(site, to)?;
                    self.take_relayed(site, to, reason)?;
                }
                ToController::LinkLost {
                    site: to,
                    progress,
                    cause,
                } => {
                    self.check_partner(site, to)?;
                    self.links.lose((site, to), progress, cause, now);
                }
                ToController::Welcome { .. } => return Err(confused("a second welcome")),
                // A status, and with programs an answer.
                _ => return Err(confused("a message that belongs to no session")),
            }
        }
        match node.gone.take() {
            Some(error) if node.report.is_none() => Err(Stop::Loss(LossCause::Connection(error))),
            gone => {
                node.gone = gone;
                Ok(())
            }
        }
    }

    /// Whether a site is a node of the run.
    fn has_node(&self, site: SiteId) -> bool {
        site.node().is_some_and(|place| place < self.nodes.len())
    }

    /// Refuses what a node says of a peer link that cannot be.
    fn check_partner(&self, site: SiteId, to: SiteId) -> Result<(), Stop> {
        if self.has_node(to) && to != site {
            return Ok(());
        }
        Err(confused("it speaks of a link to nobody"))
    }

    /// Refuses what a node says of a model that it does not run, or of a step after the end.
    fn check_runs(&self, models: &[ModelId], model: ModelId, tick: Tick) -> Result<(), Stop> {
        if tick >= self.engine.grid().ticks {
            return Err(confused("it speaks of a step after the end of the run"));
        }
        if models.contains(&model) {
            return Ok(());
        }
        Err(confused("it speaks for a model that it does not run"))
    }

    /// Takes a batch for the controller's own models, or passes it on.
    fn take_batch(&mut self, from: SiteId, to: SiteId, batch: &[u8]) -> Result<(), Stop> {
        if to == CONTROLLER {
            return self.engine.receive(from, batch).map_err(confused);
        }
        if !self.has_node(to) || to == from {
            return Err(confused("a batch for nobody"));
        }
        let reason = if self.links.is_wanted(from, to) {
            "it does not say why"
        } else {
            "a node takes no more of them"
        };
        self.take_relayed(from, to, reason)?;
        let receiver = self.node_mut(to);
        let receiver = receiver.ok_or_else(|| confused("a batch for nobody"))?;
        let said = receiver.say(&ToNode::Batch { from, batch });
        said.map_err(|cause| Stop::End(End::TooLarge(to, cause)))
    }

    /// Takes note that the values of two nodes pass here; it is reported once, and the other node
    /// gets to know.
    fn take_relayed(&mut self, from: SiteId, to: SiteId, reason: &str) -> Result<(), Stop> {
        if !self.links.relay(from, to) {
            return Ok(());
        }
        let report = Report::Relayed(from, to, words(reason));
        self.reports.push(report);
        if !self.links.is_wanted(from, to) {
            // It knows of no peer link.
            return Ok(());
        }
        match self.node_mut(to) {
            Some(other) => other
                .say(&ToNode::Relay(from))
                .map_err(|cause| Stop::End(End::TooLarge(to, cause))),
            None => Ok(()),
        }
    }
}
