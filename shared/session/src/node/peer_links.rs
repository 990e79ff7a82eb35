//! The peer links of a session: values travel on the shortest way, from the node that has them to the
//! node that needs them. The controller says which there are and who calls whom. Where there is none,
//! the controller passes the values on.

use std::fmt::Display;
use std::time::{Duration, Instant};

use super::peer_link::{News, PeerLink};
use super::session::Event;
use engine::Engine;
use shared::plan::{CONTROLLER, MAX_SITES, SiteId, SitePlan};
use shared::wire::{
    Channel, ConnectionError, FrameError, LINK_PATIENCE, LinkPeer, MAX_LINKS, ToController, Token,
};

/// The peer links of a session.
#[derive(Debug, Default)]
pub(super) struct PeerLinks {
    /// By site; at most [`MAX_LINKS`].
    all: Vec<PeerLink>,
    /// Until when others may call.
    patience: Option<Instant>,
    silence: Duration,
    /// The run, and this site.
    run: Option<(Token, SiteId)>,
}

impl PeerLinks {
    /// The links that the controller wants; `None` where there cannot be such peers.
    pub(super) fn new(silence: u16, peers: &[LinkPeer], now: Instant) -> Option<Self> {
        let in_order = peers.is_sorted_by(|a, b| a.site < b.site);
        let are_nodes = &mut peers.iter().map(|peer| peer.site);
        let are_nodes = are_nodes.all(|site| site != CONTROLLER && site < SiteId(MAX_SITES));
        (in_order && are_nodes && peers.len() <= MAX_LINKS).then(|| Self {
            all: peers
                .iter()
                .map(|peer| PeerLink::new(peer.site, peer.call))
                .collect(),
            patience: Some(now + LINK_PATIENCE),
            silence: Duration::from_secs(silence.into()),
            run: None,
        })
    }

    /// The sites that will call.
    pub(super) fn callers(&self) -> Vec<SiteId> {
        let callers = self.all.iter().filter(|link| link.address.is_none());
        callers.map(|link| link.site).collect()
    }

    /// The calls that are to be made now that there is a plan; `None` where a peer is none of
    /// those with which the plan exchanges values.
    pub(super) fn calls(&mut self, token: Token, plan: &SitePlan) -> Option<Vec<Event>> {
        self.run = Some((token, plan.site));
        let imports = plan.imports.iter().map(|import| import.from);
        let exports = plan.exports.iter().map(|export| export.to);
        let partners: Vec<SiteId> = imports.chain(exports).collect();
        let is_partner = |link: &PeerLink| link.site != plan.site && partners.contains(&link.site);
        let call = |link: &PeerLink| {
            Some(Event::Call {
                token,
                from: plan.site,
                site: link.site,
                address: link.address?,
                received: None,
            })
        };
        let all = self.all.iter();
        all.clone()
            .all(is_partner)
            .then(|| all.filter_map(call).collect())
    }

    /// The calls that are to be made to go on with links over which nothing comes.
    pub(super) fn calls_again(&mut self, now: Instant) -> impl Iterator<Item = Event> {
        let run = self.run;
        self.all.iter_mut().filter_map(move |link| {
            let (token, from) = run?;
            let (address, received) = link.call_again(now)?;
            Some(Event::Call {
                token,
                from,
                site: link.site,
                address,
                received: Some(received),
            })
        })
    }

    /// A site has been called to go on with its link, in vain.
    pub(super) fn not_reconnected(&mut self, site: SiteId) {
        if let Some(link) = self.of(site) {
            link.not_reconnected();
        }
    }

    /// A site has been called to go on with its link, and answers.
    pub(super) fn reconnected(&mut self, site: SiteId, received: u64) -> bool {
        self.of(site).is_some_and(|link| link.reconnected(received))
    }

    fn of(&mut self, site: SiteId) -> Option<&mut PeerLink> {
        let place = self.all.binary_search_by_key(&site, |link| link.site);
        self.all.get_mut(place.ok()?)
    }

    /// A site has called.
    pub(super) fn arrived(&mut self, site: SiteId, channel: Channel) {
        if let Some(link) = self.of(site) {
            link.arrived(channel);
        }
    }

    /// A site has been called, and answers.
    pub(super) fn called(&mut self, site: SiteId, channel: Channel) {
        if let Some(link) = self.of(site) {
            link.called(channel);
        }
    }

    /// There is no link to a site; `None` where there was to be none.
    pub(super) fn relay(&mut self, site: SiteId, reason: &dyn Display) -> Option<()> {
        self.of(site)?.relay(reason);
        Some(())
    }

    /// The channel to a site, as long as something can be said and heard over it.
    pub(super) fn channel(&mut self, site: SiteId) -> Option<&mut Channel> {
        self.of(site)?.channel()
    }

    /// What has been said with a site, as long as there may be more, over whatever connection.
    pub(super) fn said(&mut self, site: SiteId) -> Option<&Channel> {
        self.of(site)?.open_channel().map(|channel| &*channel)
    }

    /// Nothing is said or heard over the channel to a site any more.
    pub(super) fn lost(&mut self, site: SiteId, error: ConnectionError) {
        if let Some(link) = self.of(site) {
            link.lost(error);
        }
    }

    /// Takes a batch for a site; `false` where they go by way of the controller.
    pub(super) fn take(&mut self, to: SiteId, batch: &[u8]) -> bool {
        self.of(to).is_some_and(|link| link.take(batch))
    }

    /// Whether batches from a site come over a link, and not by way of the controller.
    pub(super) fn are_up_to(&mut self, site: SiteId) -> bool {
        self.of(site).is_some_and(|link| link.is_up())
    }

    /// Hands out what has arrived.
    pub(super) fn receive(&mut self, engine: &mut Engine) {
        self.all.iter_mut().for_each(|link| link.receive(engine));
    }

    /// Reports to the controller what has become of the links, and gives it what has waited for those
    /// that there are not. Who has finished does not miss a link that is lost.
    pub(super) fn report(
        &mut self,
        controller: &mut Channel,
        engine: &Engine,
        finished: bool,
    ) -> Result<(), FrameError> {
        for link in &mut self.all {
            let site = link.site;
            match link.take_news() {
                Some(News::Relayed(reason, held)) => {
                    let reason = &reason;
                    controller.queue(&ToController::Relayed { site, reason })?;
                    for batch in &held {
                        controller.queue(&ToController::Batch { to: site, batch })?;
                    }
                }
                Some(News::Lost(cause)) if !finished => {
                    let (progress, cause) = (engine.progress(), &cause);
                    controller.queue(&ToController::LinkLost {
                        site,
                        progress,
                        cause,
                    })?;
                }
                Some(News::Lost(_)) | None => {}
            }
        }
        Ok(())
    }

    /// How long somebody may be silent until that is the end, as the controller wants it.
    pub(super) fn silence(&self) -> Duration {
        self.silence
    }

    /// Keeps links alive, looks whether they are, and gives up on those that nobody opened. Returns
    /// whether a heartbeat is overdue on one of them.
    pub(super) fn beat(&mut self, now: Instant) -> bool {
        if self.patience.is_some_and(|until| now >= until) {
            self.patience = None;
            self.all.iter_mut().for_each(PeerLink::give_up);
        }
        let mut is_quiet = false;
        for link in &mut self.all {
            is_quiet |= link.beat(self.silence, now);
        }
        is_quiet
    }

    /// The bytes that wait for the others.
    pub(super) fn backlog(&self) -> usize {
        self.all.iter().map(PeerLink::backlog).sum()
    }

    /// Bytes sent so far.
    pub(super) fn sent(&self) -> u64 {
        self.all.iter().map(PeerLink::sent).sum()
    }
}
