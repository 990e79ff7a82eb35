//! What the nodes of a run say, and what follows from it.

use std::fmt::Display;
use std::time::Instant;

use shared::host::{Failure, Wait};
use shared::plan::{CONTROLLER, SiteId};
use shared::time::Tick;
use shared::wire::{ALIVE_INTERVAL, FrameError, ToController, ToNode, decode};

use super::drive::{Drive, say};
use super::error::{ClusterError, LossCause};
use super::node::Node;
use crate::exit::RunError;

/// Why a node's message ends the run.
enum End {
    /// The node is lost.
    Loss(LossCause),
    /// Something else.
    Error(RunError),
}

impl From<RunError> for End {
    fn from(error: RunError) -> Self {
        Self::Error(error)
    }
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        confused(error)
    }
}

fn confused(what: impl Display) -> End {
    End::Loss(LossCause::Confused(what.to_string()))
}

impl Drive<'_> {
    /// Handles what a node has said.
    pub(super) fn take_messages(&mut self, index: usize) -> Result<(), RunError> {
        let Some(mut node) = self.nodes[index].take() else {
            return Ok(());
        };
        let result = self.handle_all(&mut node, index).map_err(|end| match end {
            End::Loss(cause) => node.lost(cause, self.presence.away()).into(),
            End::Error(error) => error,
        });
        self.nodes[index] = Some(node);
        result
    }

    fn handle_all(&mut self, node: &mut Node, index: usize) -> Result<(), End> {
        let site = SiteId::try_from(index + 1).unwrap_or(SiteId::MAX);
        loop {
            if node.held_by.is_some_and(|to| !self.has_room(to)) {
                return Ok(());
            }
            node.held_by = None;
            let Some(content) = node.connection.next_frame()? else {
                break;
            };
            match decode(content)? {
                ToController::Batch { to, records } => {
                    self.take_batch(&node.name, site, to, records)?;
                    node.held_by = (!self.has_room(to)).then_some(to);
                }
                ToController::Alive {
                    progress,
                    steps,
                    wait,
                } => {
                    (node.progress, node.steps, node.wait) = (progress, steps, wait);
                }
                ToController::Notice(notice) => self.take_notice(notice),
                ToController::Failed(failure) => {
                    self.check_runs(node, failure.model, failure.tick)?;
                    self.take_failure(failure);
                }
                ToController::File(written) => {
                    self.check_runs(node, written.model, written.tick)?;
                    self.side_files.check(&written).map_err(confused)?;
                    self.side_files.take(&written).map_err(RunError::Output)?;
                }
                ToController::Finished(report) => node.finish(report),
                ToController::Ready => node.is_ready = true,
                ToController::NotReady { model, errors } => {
                    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                    let error = ClusterError::NotReady {
                        node: node.name.clone(),
                        model: self.console.name(model).to_owned(),
                        message: errors.join("; "),
                    };
                    return Err(End::Error(error.into()));
                }
                ToController::Refused(refusal) => {
                    return Err(End::Loss(LossCause::Refused(refusal)));
                }
                ToController::Leaving => return Err(End::Loss(LossCause::Stopped)),
                ToController::Relayed { site: to, reason } => {
                    self.check_partner(site, to)?;
                    self.take_relayed(&node.name, site, to, reason)?;
                }
                ToController::LinkLost {
                    site: to,
                    progress,
                    cause,
                } => {
                    self.check_partner(site, to)?;
                    self.take_lost_link((site, to), progress, cause);
                }
                ToController::Welcome { .. } => return Err(confused("a second welcome")),
                ToController::Status(_) => return Err(confused("a status in a session")),
            }
        }
        match node.gone.take() {
            Some(error) if node.report.is_none() => Err(End::Loss(LossCause::Connection(error))),
            gone => {
                node.gone = gone;
                Ok(())
            }
        }
    }

    /// Refuses what a node says of a link that cannot be.
    fn check_partner(&self, site: SiteId, to: SiteId) -> Result<(), End> {
        let is_node = to != CONTROLLER && usize::from(to) <= self.nodes.len();
        if is_node && to != site {
            return Ok(());
        }
        Err(confused("it speaks of a link to nobody"))
    }

    /// Refuses what a node says of a model that it does not run, or of a step after the end.
    fn check_runs(&self, node: &Node, model: u32, tick: Tick) -> Result<(), End> {
        if tick >= self.host.grid().ticks {
            return Err(confused("it speaks of a step after the end of the run"));
        }
        let name = self.console.name(model);
        if node.models.iter().any(|known| known == name) {
            return Ok(());
        }
        Err(confused("it speaks for a model that it does not run"))
    }

    /// Takes a batch for the controller's own models, or passes it on.
    fn take_batch(
        &mut self,
        name: &str,
        from: SiteId,
        to: SiteId,
        records: &[u8],
    ) -> Result<(), End> {
        if to == CONTROLLER {
            return self.host.receive(from, records).map_err(confused);
        }
        if usize::from(to) > self.nodes.len() || to == from {
            return Err(confused("a batch for nobody"));
        }
        let reason = if self.links.is_wanted(from, to) {
            "it does not say why"
        } else {
            "a node takes no more of them"
        };
        self.take_relayed(name, from, to, reason)?;
        let receiver = self.nodes.get_mut(usize::from(to) - 1);
        let receiver = receiver.and_then(Option::as_mut);
        let receiver = receiver.ok_or_else(|| confused("a batch for nobody"))?;
        Ok(say(receiver, &ToNode::Batch { from, records })?)
    }

    /// The earliest failure counts. What lies before it is still done, everywhere, so that the rows
    /// up to it are the same wherever the model ran.
    pub(super) fn take_failure(&mut self, failure: Failure) {
        let order = |failure: &Failure| (failure.tick, failure.model);
        let known = self.failure.as_ref();
        if known.is_some_and(|known| order(known) <= order(&failure)) {
            return;
        }
        let tick = failure.tick;
        self.failure = Some(failure);
        self.host.limit(tick);
        self.new_limit = Some(tick);
    }

    /// Whether every node that says it has finished has done what the others need. One that has not
    /// would be waited for without end.
    pub(super) fn check_finished(&self) -> Result<(), RunError> {
        if self
            .nodes
            .iter()
            .flatten()
            .all(|node| node.finished.is_none())
        {
            return Ok(());
        }
        for wait in self.host.waits() {
            self.check_wait(wait, |_| true)?;
        }
        // What a node says about itself was true a moment ago.
        let settled = self.timeout + 2 * ALIVE_INTERVAL;
        for node in self.nodes.iter().flatten() {
            if let (None, Some(wait)) = (node.finished, node.wait) {
                self.check_wait(wait, |finished| finished.elapsed() > settled)?;
            }
        }
        Ok(())
    }

    fn check_wait(&self, wait: Wait, is_settled: impl Fn(Instant) -> bool) -> Result<(), RunError> {
        let node = usize::from(wait.site)
            .checked_sub(1)
            .and_then(|index| self.nodes.get(index)?.as_ref());
        let (Some(node), Some(source)) = (node, wait.source) else {
            return Ok(());
        };
        if !node.finished.is_some_and(is_settled) {
            return Ok(());
        }
        let reader = wait.model.map_or("the monitor".to_owned(), |model| {
            format!("model '{}'", self.console.name(model))
        });
        let (source, tick) = (self.console.name(source), wait.tick);
        let what = format!(
            "it says that it has finished, and {reader} still waits for values of '{source}' at \
             tick {tick}"
        );
        Err(node.lost(LossCause::Confused(what), None).into())
    }
}
