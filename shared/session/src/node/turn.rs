//! What a session does in a turn: it takes what has arrived, steps, and queues what the others are to have.

use std::time::{Duration, Instant};

use super::phase::Stepping;
use super::session::{Advance, Event, NodeSession, read};
use crate::SessionError;
use engine::{Engine, NoRows, Turn};
use shared::plan::CONTROLLER;
use shared::wire::{FULL_BATCH, Refusal, SETTLED, ToController, ToNode};

/// Steps between two looks at the network.
const BUDGET: usize = 512;

/// Bytes that may wait to be sent to all others before the models do.
pub(super) const MAX_UNSENT: usize = 2 * 1024 * 1024;

/// How long values that nobody waits for may be kept back, so that many go at once.
const LAZINESS: Duration = Duration::from_millis(10);

/// So many bytes of values that nobody waits for go without delay.
const LAZY_BATCH: usize = 4 * 1024;

impl NodeSession {
    pub(super) fn step(
        &mut self,
        stepping: &mut Stepping,
        now: Instant,
    ) -> Result<Advance, SessionError> {
        if !self.receive(&mut stepping.engine)? {
            if !stepping.finished {
                // The run ends early, and the controller sums up what there is of it.
                self.finish()?;
            }
            return Ok(Advance::Over);
        }
        stepping.turn = if self.is_full() || self.is_held(stepping) {
            Turn::Blocked
        } else {
            let turn = stepping.engine.run(BUDGET, &mut NoRows);
            turn.unwrap_or(Turn::Again)
        };
        let steps = stepping.engine.steps();
        if steps != self.report.steps {
            (self.report.steps, self.rests, self.is_told) = (steps, now + SETTLED, false);
        }
        self.report_turn(stepping, now)?;
        self.waits = stepping.wait().map(|wait| (wait, now));
        Ok(match stepping.turn {
            Turn::Again => Advance::Again,
            Turn::Blocked | Turn::Finished => Advance::Wait,
        })
    }

    /// Reports to the controller what has been done.
    fn finish(&mut self) -> Result<(), SessionError> {
        self.report.linked = self.links.sent();
        let report = self.report.clone();
        self.controller.queue(&ToController::Finished(report))?;
        Ok(())
    }

    /// Takes what has arrived. Returns whether the session goes on.
    fn receive(&mut self, engine: &mut Engine) -> Result<bool, SessionError> {
        let out_of_order = || SessionError::Refused(Refusal::OutOfOrder);
        while let Some(content) = self.controller.next_frame()? {
            match read(content, &mut self.account)? {
                ToNode::Batch { from, .. } if self.links.are_up_to(from) => {
                    return Err(out_of_order());
                }
                ToNode::Batch { from, batch } => {
                    engine.receive(from, batch).map_err(SessionError::Batch)?;
                }
                ToNode::Limit(tick) => engine.limit(tick),
                ToNode::Release(tick) => engine.release(tick),
                ToNode::Outside(model, what) => {
                    if !engine.come(model, what) {
                        return Err(out_of_order());
                    }
                }
                ToNode::Look(model, facet) => {
                    let number = engine.look(model, facet);
                    self.controller.queue(&ToController::Seen(number))?;
                }
                ToNode::Relay(site) => {
                    let relayed = self.links.relay(site, &"the other side has no link");
                    relayed.ok_or_else(out_of_order)?;
                }
                ToNode::Noted => {
                    let unnoted = self.unnoted.checked_sub(1);
                    self.unnoted = unnoted.ok_or_else(out_of_order)?;
                }
                ToNode::Alive => {}
                ToNode::Close => return Ok(false),
                _ => return Err(out_of_order()),
            }
        }
        self.links.receive(engine);
        Ok(true)
    }

    /// Queues what the turn gave: batches, notices, a failure, the end.
    fn report_turn(&mut self, stepping: &mut Stepping, now: Instant) -> Result<(), SessionError> {
        self.links
            .report(&mut self.controller, &stepping.engine, stepping.finished)?;
        // Before what follows from them.
        for entry in stepping.engine.take_entries() {
            if entry.what.comes_in() {
                self.unnoted += 1;
            }
            self.controller.queue(&ToController::Entry(entry))?;
        }
        self.send_batches(stepping, now)?;
        for notice in stepping.engine.take_notices() {
            self.controller.queue(&ToController::Notice(notice))?;
        }
        for written in stepping.engine.take_files() {
            self.controller.queue(&ToController::File(written))?;
        }
        if let Some(failure) = stepping.engine.failure()
            && stepping.failed_at.is_none_or(|known| failure.tick < known)
        {
            stepping.failed_at = Some(failure.tick);
            self.controller
                .queue(&ToController::Failed(failure.clone()))?;
            self.events.push(Event::Failed);
        }
        if self.has_report(stepping) {
            stepping.finished = true;
            self.finish()?;
        }
        Ok(())
    }

    /// Whether everything is done, and the controller is to know it: not before what the others
    /// need is on its way, since the controller may close the session then.
    pub(super) fn has_report(&self, stepping: &Stepping) -> bool {
        stepping.turn == Turn::Finished
            && !stepping.finished
            && self.unnoted == 0
            && self.links.backlog() == 0
    }

    /// Whether values that wait for something to be on record are as many as go at once.
    fn is_held(&self, stepping: &Stepping) -> bool {
        let engine = &stepping.engine;
        let partners = &mut stepping.partners.iter();
        self.unnoted > 0
            && partners.any(|&to| {
                let waiting = engine.waiting(to);
                waiting.is_some_and(|waiting| waiting.bytes >= FULL_BATCH)
            })
    }

    /// Queues batches at once where somebody waits for them, and keeps others back for a moment.
    fn send_batches(&mut self, stepping: &mut Stepping, now: Instant) -> Result<(), SessionError> {
        let Stepping {
            engine,
            partners,
            turn,
            ..
        } = stepping;
        let is_over = *turn == Turn::Finished || engine.failure().is_some();
        let all = is_over || self.lazy_until.is_some_and(|until| now >= until);
        let mut kept = false;
        for &to in partners.iter() {
            let Some(waiting) = engine.waiting(to) else {
                continue;
            };
            if self.unnoted > 0 && to != CONTROLLER {
                continue;
            }
            if !(all || waiting.is_awaited || waiting.bytes >= LAZY_BATCH) {
                kept = true;
                continue;
            }
            let batch = engine.take_batch(to);
            if !self.links.take(to, &batch) {
                self.controller
                    .queue(&ToController::Batch { to, batch: &batch })?;
            }
            engine.recycle(to, batch);
        }
        if !kept {
            self.lazy_until = None;
        } else if self.lazy_until.is_none() {
            self.lazy_until = Some(now + LAZINESS);
        }
        Ok(())
    }

    /// Whether more waits to be sent than there should be.
    fn is_full(&self) -> bool {
        self.controller.unsent() + self.links.backlog() > MAX_UNSENT
    }
}
