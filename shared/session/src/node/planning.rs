//! From the first message of a plan to models that step.

use std::time::Instant;

use super::inbox::PlanInbox;
use super::peer_links::PeerLinks;
use super::phase::{Phase, Stepping};
use super::session::{Advance, Event, NodeSession, read};
use crate::SessionError;
use engine::{Engine, PlanError, Turn};
use shared::files::MemoryFiles;
use shared::model::Notice;
use shared::plan::{PlannedModel, SitePlan};
use shared::wire::{MAX_BATCH, MAX_LINKS, Refusal, ToController, ToNode, Token};

/// What a peer link takes for what arrives and what is to be sent, beside that.
const LINK_BUFFERS: usize = 4 * MAX_BATCH;

impl NodeSession {
    /// Takes messages until there is a plan.
    pub(super) fn take_plan(
        &mut self,
        mut inbox: PlanInbox,
        mut run: Option<Token>,
        now: Instant,
    ) -> Result<Advance, SessionError> {
        let inconsistent = || SessionError::Refused(Refusal::InconsistentPlan);
        while let Some(content) = self.controller.next_frame()? {
            match read(content, &mut self.account)? {
                ToNode::Close => return Ok(Advance::Over),
                ToNode::Links {
                    token,
                    silence,
                    peers,
                } if run.is_none() => {
                    run = Some(token);
                    self.controller.keep();
                    let buffers = LINK_BUFFERS * peers.len().min(MAX_LINKS);
                    self.account.take(buffers)?;
                    self.links = PeerLinks::new(silence, &peers, now).ok_or_else(inconsistent)?;
                    let callers = self.links.callers();
                    self.events.push(Event::Await {
                        token,
                        callers,
                        is_alone: peers.is_empty(),
                    });
                }
                ToNode::Release(tick) => self.release = Some(tick),
                ToNode::Variants(plan) if run.is_none() => {
                    // It stays as long as the session, and takes no more than it could take to be read.
                    self.account.take(ToNode::memory_to_read(content))?;
                    let (models, files) = inbox.finish();
                    self.phase = Phase::Building;
                    return Ok(Advance::Prepare(Box::new((models, *plan, files))));
                }
                message => {
                    let plan = inbox.take(message, content.len(), &mut self.account);
                    let Some((plan, files)) = plan.map_err(SessionError::Refused)? else {
                        continue;
                    };
                    if let Some(token) = run {
                        let calls = self.links.calls(token, &plan).ok_or_else(inconsistent)?;
                        self.events.extend(calls);
                    }
                    self.phase = Phase::Building;
                    return Ok(Advance::Build(Box::new((plan, files))));
                }
            }
        }
        self.phase = Phase::Planning(inbox, run);
        Ok(Advance::Wait)
    }

    /// Takes the engine that has been built for the plan, or why there is none, and what is to be
    /// reported to the controller at once.
    pub fn start(
        &mut self,
        plan: SitePlan,
        files: MemoryFiles,
        built: Result<Engine, PlanError>,
        notices: Vec<Notice>,
    ) -> Result<(), SessionError> {
        let mut engine = match built {
            Ok(engine) => engine,
            Err(error) => return Err(self.not_ready(error)),
        };
        if let Some(tick) = self.release {
            engine.release(tick);
        }
        self.controller.queue(&ToController::Ready)?;
        for notice in notices {
            self.controller.queue(&ToController::Notice(notice))?;
        }
        // What it was made from can be large. Files are read to the end of the run.
        let models = plan.models.iter().map(PlannedModel::bytes);
        #[cfg(feature = "described")]
        let site = plan.site;
        let done_with = plan.streams_bytes() + models.sum::<usize>();
        drop((plan, files));
        self.account.give(done_with);
        let partners = engine.peers();
        self.phase = Phase::Stepping(Box::new(Stepping {
            engine,
            #[cfg(feature = "described")]
            site,
            partners,
            turn: Turn::Again,
            failed_at: None,
            finished: false,
        }));
        Ok(())
    }

    /// Lets the controller know which model cannot be built.
    pub(super) fn not_ready(&mut self, error: PlanError) -> SessionError {
        let (model, errors) = match error {
            PlanError::Build { model, errors } => (model, errors),
            PlanError::OutOfMemory(error) => return error.into(),
            _ => return SessionError::Refused(Refusal::InconsistentPlan),
        };
        let said = ToController::NotReady { model, errors };
        match self.controller.queue(&said) {
            Ok(()) => SessionError::NotReady,
            Err(error) => error.into(),
        }
    }
}
