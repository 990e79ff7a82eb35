//! Variants: whole runs, which whoever drives the session makes side by side.

use std::collections::VecDeque;

use super::phase::Phase;
use super::session::{Advance, NodeSession, read};
use super::turn::MAX_UNSENT;
use crate::SessionError;
use engine::PlanError;
use shared::memory::items;
use shared::value::Value;
use shared::variant::{MAX_WAITING, Outcome, TallyPlan};
use shared::wire::{FrameError, Refusal, ToController, ToNode};

/// A variant that is to be run, or several in one engine.
#[derive(Debug)]
pub struct Asked {
    /// Its number, or one for all of them.
    pub id: u64,
    /// The place of the engine in the plan.
    pub engine: u32,
    /// The values of their factors, one variant after the other.
    pub values: Vec<Value>,
    /// What is made of the rows of each, where its values change that.
    pub tallies: Option<Box<TallyPlan>>,
    /// What it takes of the memory of the session until it is done.
    bytes: usize,
}

/// What there is of variants.
#[derive(Debug, Default)]
pub(super) struct Varying {
    waiting: VecDeque<Asked>,
    /// Those that are not done.
    open: usize,
}

impl NodeSession {
    /// What variants have in common is there, or is not; they may come.
    pub fn vary(&mut self, prepared: Result<(), PlanError>) -> Result<(), SessionError> {
        prepared.map_err(|error| self.not_ready(error))?;
        self.controller.queue(&ToController::Ready)?;
        self.phase = Phase::Varying(Varying::default());
        Ok(())
    }

    /// Takes what the controller says.
    pub(super) fn take_variants_to(
        &mut self,
        varying: &mut Varying,
    ) -> Result<Advance, SessionError> {
        while let Some(content) = self.controller.next_frame()? {
            match read(content, &mut self.account)? {
                ToNode::Variant {
                    id,
                    engine,
                    values,
                    tallies,
                } if varying.open < MAX_WAITING => {
                    let bytes = items::<Asked>(1)
                        + items::<Value>(values.len())
                        + values.iter().map(Value::heap_bytes).sum::<usize>()
                        + tallies
                            .as_ref()
                            .map_or(0, |own| items::<TallyPlan>(1) + own.heap_bytes());
                    self.account.take(bytes)?;
                    varying.waiting.push_back(Asked {
                        id,
                        engine,
                        values,
                        tallies,
                        bytes,
                    });
                    varying.open += 1;
                }
                ToNode::Alive => {}
                ToNode::Close => return Ok(Advance::Over),
                _ => return Err(SessionError::Refused(Refusal::OutOfOrder)),
            }
        }
        Ok(Advance::Wait)
    }

    /// The next variant that is to be run, or several.
    pub fn next_variant(&mut self) -> Option<Asked> {
        match &mut self.phase {
            Phase::Varying(varying) => varying.waiting.pop_front(),
            _ => None,
        }
    }

    /// Whether the controller takes what variants have come to, so that more of it need not wait.
    pub fn takes_results(&self) -> bool {
        self.controller.unsent() < MAX_UNSENT
    }

    /// Rows of a variant, as bytes of their values.
    pub fn rows(&mut self, id: u64, values: &[u8]) -> Result<(), FrameError> {
        self.controller.queue(&ToController::Rows { id, values })
    }

    /// A variant is done, or several in one engine.
    pub fn came(
        &mut self,
        asked: &Asked,
        outcome: Box<Outcome>,
        steps: u64,
    ) -> Result<(), FrameError> {
        self.report.steps += steps;
        self.account.give(asked.bytes);
        if let Phase::Varying(varying) = &mut self.phase {
            varying.open = varying.open.saturating_sub(1);
        }
        let id = asked.id;
        self.controller.queue(&ToController::Came { id, outcome })
    }
}
