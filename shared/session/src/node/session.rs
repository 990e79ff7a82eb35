//! The session of a node with a controller: one part of one scenario.

use std::fmt::Display;
use std::mem;
use std::net::SocketAddr;
use std::time::Instant;

use super::inbox::PlanInbox;
use super::peer_links::PeerLinks;
use super::phase::Phase;
use crate::SessionError;
use engine::Engine;
use shared::files::MemoryFiles;
use shared::memory::Account;
use shared::plan::{PlannedModel, SiteId, SitePlan};
use shared::progress::Wait;
use shared::time::Tick;
use shared::variant::VariantsPlan;
use shared::wire::{
    ALIVE_INTERVAL, Channel, ConnectionError, SETTLED, SiteReport, ToNode, Token, decode,
};

/// Who is at the other end of a channel of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The controller.
    Controller,
    /// Another node of the run.
    Peer(SiteId),
}

/// What a session wants of whoever drives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// To let these sites in when they call for the run with this token, and whoever goes on with the session.
    Await {
        /// The run.
        token: Token,
        /// The sites.
        callers: Vec<SiteId>,
        /// This site has links to none.
        is_alone: bool,
    },
    /// To call a node, as this site of the run with this token.
    Call {
        /// The run.
        token: Token,
        /// This site.
        from: SiteId,
        /// The site to be called.
        site: SiteId,
        /// Where.
        address: SocketAddr,
        /// There has been a link, over which so many bytes have been received: to go on with it.
        received: Option<u64>,
    },
    /// To know that a model has failed.
    Failed,
}

/// What a call of [`NodeSession::advance`] came to.
#[derive(Debug)]
pub enum Advance {
    /// There is more to do at once.
    Again,
    /// There is nothing to do until something arrives, or until the deadline.
    Wait,
    /// The plan is complete, and the engine for it is to be built: [`NodeSession::start`].
    Build(Box<(SitePlan, MemoryFiles)>),
    /// The plan for variants is complete, and what they have in common is to be made: [`NodeSession::vary`].
    Prepare(Box<(Vec<PlannedModel>, VariantsPlan, MemoryFiles)>),
    /// The controller has closed the session. What waits for it is still to be sent.
    Over,
}

/// The session of a node with a controller.
#[derive(Debug)]
pub struct NodeSession {
    pub(super) controller: Channel,
    /// What it takes of the memory of the node.
    pub(super) account: Account,
    pub(super) links: PeerLinks,
    pub(super) phase: Phase,
    pub(super) report: SiteReport,
    /// When the next heartbeat is due.
    pub(super) heartbeat: Instant,
    /// When values that are kept back go.
    pub(super) lazy_until: Option<Instant>,
    /// The release that the controller has set before there was an engine.
    pub(super) release: Option<Tick>,
    /// For whom the engine waits, and since when.
    pub(super) waits: Option<(Wait, Instant)>,
    /// Entries that the controller may not have on record yet. What follows from them goes to no other node before: were
    /// this one lost, nobody could compute that again.
    pub(super) unnoted: u32,
    /// When the models have come to rest, unless another step is made before: so long after the last one.
    pub(super) rests: Instant,
    /// The controller knows that there has been none since.
    pub(super) is_told: bool,
    pub(super) events: Vec<Event>,
}

impl NodeSession {
    /// A session that a controller has opened at this time, over a channel on which nothing else is
    /// said any more.
    pub fn new(controller: Channel, account: Account, now: Instant) -> Self {
        Self {
            controller,
            account,
            links: PeerLinks::default(),
            phase: Phase::Planning(PlanInbox::default(), None),
            report: SiteReport::default(),
            heartbeat: now + ALIVE_INTERVAL,
            lazy_until: None,
            release: None,
            waits: None,
            unnoted: 0,
            rests: now + SETTLED,
            is_told: true,
            events: Vec::new(),
        }
    }

    /// The channel to one of the others, as long as something can be said and heard over it.
    pub fn channel(&mut self, side: Side) -> Option<&mut Channel> {
        match side {
            Side::Controller => Some(&mut self.controller),
            Side::Peer(site) => self.links.channel(site),
        }
    }

    /// What has been said with one of the others, as long as there may be more, over whatever connection.
    pub fn said(&mut self, side: Side) -> Option<&Channel> {
        match side {
            Side::Controller => Some(&self.controller),
            Side::Peer(site) => self.links.said(site),
        }
    }

    /// Nothing is said or heard over a channel any more.
    ///
    /// # Errors
    /// Where it is that to the controller. What it said before is lost with it.
    pub fn lost(&mut self, side: Side, error: ConnectionError) -> Result<(), SessionError> {
        match side {
            Side::Controller => return Err(error.into()),
            Side::Peer(site) => self.links.lost(site, error),
        }
        Ok(())
    }

    /// A node of the run has called, and its call has been answered.
    pub fn link_arrived(&mut self, site: SiteId, channel: Channel) {
        self.links.arrived(site, channel);
    }

    /// A node that was called for [`Event::Call`] has let this one in.
    pub fn link_called(&mut self, site: SiteId, channel: Channel) {
        self.links.called(site, channel);
    }

    /// A call for [`Event::Call`] was in vain.
    pub fn link_failed(&mut self, site: SiteId, reason: &dyn Display) {
        self.links.not_reconnected(site);
        // Where there was to be no link nobody was called.
        let _ = self.links.relay(site, reason);
    }

    /// A node that was called to go on with a link has answered that it has received so many bytes. Returns whether they go
    /// on over the connection over which it was called.
    pub fn link_reconnected(&mut self, site: SiteId, received: u64) -> bool {
        self.links.reconnected(site, received)
    }

    /// Has the next [`advance`](Self::advance) try the steps again that were put off.
    #[cfg(feature = "described")]
    pub fn retry(&mut self) {
        if let Phase::Stepping(stepping) = &mut self.phase {
            stepping.engine.retry();
        }
    }

    /// What is wanted of whoever drives the session, since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        mem::take(&mut self.events)
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.report.steps
    }

    /// The engine, once the models are built.
    pub fn engine(&self) -> Option<&Engine> {
        match &self.phase {
            Phase::Stepping(stepping) => Some(&stepping.engine),
            _ => None,
        }
    }

    /// An account for the engine that is to be built, beside what the session has taken so far.
    pub fn engine_account(&self) -> Account {
        self.account.branch()
    }

    /// The channel to the controller, when the session is over.
    pub fn into_channel(self) -> Channel {
        self.controller
    }

    /// Takes what has arrived, steps, and queues what the others are to have.
    pub fn advance(&mut self, now: Instant) -> Result<Advance, SessionError> {
        if let Some((wait, since)) = self.waits.take() {
            let time = now.saturating_duration_since(since);
            self.report.add_wait(wait.site, time);
        }
        let result = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Planning(inbox, token) => return self.take_plan(inbox, token, now),
            Phase::Building => {
                self.phase = Phase::Building;
                return Ok(Advance::Wait);
            }
            Phase::Stepping(mut stepping) => {
                let result = self.step(&mut stepping, now);
                self.phase = Phase::Stepping(stepping);
                result
            }
            Phase::Varying(mut varying) => {
                let result = self.take_variants_to(&mut varying);
                self.phase = Phase::Varying(varying);
                result
            }
            Phase::Over => return Ok(Advance::Over),
        };
        if matches!(result, Ok(Advance::Over)) {
            self.phase = Phase::Over;
        }
        result
    }
}

/// Reads a message, if there is the memory that this may take for a moment.
pub(super) fn read<'a>(
    content: &'a [u8],
    account: &mut Account,
) -> Result<ToNode<'a>, SessionError> {
    let most = ToNode::memory_to_read(content);
    account.take(most)?;
    let message = decode(content)?;
    account.give(most);
    Ok(message)
}
