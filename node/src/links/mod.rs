//! Links to the other nodes of a run: values travel on the shortest way, from the node that has
//! them to the node that needs them.
//!
//! The controller says which nodes there are and who calls whom. Where there is no link, the
//! controller passes the values on.

mod call;
mod link;
mod lobby;
mod reach;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use shared::host::Host;
use shared::plan::{CONTROLLER, MAX_SITES, SiteId, SitePlan};
use shared::wire::{
    Connection, FrameError, LINK_PATIENCE, LinkPeer, MAX_LINKS, ToController, Token,
};

use crate::session::{Event, Request};
use link::{Link, News};

pub(crate) use call::{NoLink, VainCalls, call_node};
pub(crate) use lobby::Lobby;

/// The links of a session.
#[derive(Default)]
pub(crate) struct Links {
    /// By site; at most [`MAX_LINKS`].
    all: Vec<Link>,
    /// Until when others may call.
    patience: Option<Instant>,
    silence: Duration,
}

impl Links {
    /// The links that the controller wants; `None` where there cannot be such peers.
    pub(crate) fn new(silence: u16, peers: &[LinkPeer]) -> Option<Self> {
        let in_order = peers.is_sorted_by(|a, b| a.site < b.site);
        let are_nodes = &mut peers.iter().map(|peer| peer.site);
        let are_nodes = are_nodes.all(|site| site != CONTROLLER && site < MAX_SITES);
        (in_order && are_nodes && peers.len() <= MAX_LINKS).then(|| Self {
            all: peers.iter().map(|p| Link::new(p.site, p.call)).collect(),
            patience: Some(Instant::now() + LINK_PATIENCE),
            silence: Duration::from_secs(silence.into()),
        })
    }

    /// The sites that will call.
    pub(crate) fn callers(&self) -> Vec<SiteId> {
        let callers = self.all.iter().filter(|link| link.address.is_none());
        callers.map(|link| link.site).collect()
    }

    /// The calls that are to be made now that there is a plan; `None` where a peer is none of
    /// those with which the plan exchanges values.
    pub(crate) fn calls(&self, token: Token, plan: &SitePlan) -> Option<Vec<Request>> {
        let imports = plan.imports.iter().map(|import| import.from);
        let exports = plan.exports.iter().map(|export| export.to);
        let partners: Vec<SiteId> = imports.chain(exports).collect();
        let from = plan.site;
        let is_partner = |link: &Link| link.site != from && partners.contains(&link.site);
        let call = |link: &Link| {
            let site = link.site;
            link.address.map(|address| Request::Call {
                token,
                from,
                site,
                address,
            })
        };
        let all = self.all.iter();
        all.clone()
            .all(is_partner)
            .then(|| all.filter_map(call).collect())
    }

    /// Takes what has become of a call.
    pub(crate) fn take_event(&mut self, event: Event) {
        match event {
            Event::Arrived(site, connection) => {
                if let Some(link) = self.of(site) {
                    link.arrived(connection);
                }
            }
            Event::Called(site, answer) => {
                if let Some(link) = self.of(site) {
                    link.called(answer);
                }
            }
            Event::Stop => {}
        }
    }

    fn of(&mut self, site: SiteId) -> Option<&mut Link> {
        let place = self.all.binary_search_by_key(&site, |link| link.site);
        self.all.get_mut(place.ok()?)
    }

    /// Takes records for a site; `false` where they go by way of the controller.
    pub(crate) fn take(&mut self, to: SiteId, records: &[u8]) -> bool {
        self.of(to).is_some_and(|link| link.take(records))
    }

    /// Whether records from a site come over a link, and not by way of the controller.
    pub(crate) fn are_up_to(&mut self, site: SiteId) -> bool {
        self.of(site).is_some_and(|link| link.is_up())
    }

    /// The controller says that a site has no link to this one; `None` where there was to be none.
    pub(crate) fn relay(&mut self, site: SiteId) -> Option<()> {
        self.of(site)?.relay(&"the other side has no link");
        Some(())
    }

    /// Hands out what has arrived.
    pub(crate) fn receive(&mut self, host: &mut Host) {
        self.all.iter_mut().for_each(|link| link.receive(host));
    }

    /// Writes as much as the others take without waiting.
    pub(crate) fn write(&mut self) {
        self.all.iter_mut().for_each(Link::write);
    }

    /// Tells the controller what has become of the links, and gives it what has waited for those
    /// that there are not. Who has finished does not miss a link that is lost.
    pub(crate) fn tell(
        &mut self,
        controller: &mut Connection<TcpStream>,
        host: &Host,
        finished: bool,
    ) -> Result<(), FrameError> {
        for link in &mut self.all {
            let site = link.site;
            match link.take_news() {
                Some(News::Relayed(reason, held)) => {
                    let reason = &reason;
                    controller.queue(&ToController::Relayed { site, reason })?;
                    for records in &held {
                        controller.queue(&ToController::Batch { to: site, records })?;
                    }
                }
                Some(News::Lost(cause)) if !finished => {
                    let (progress, cause) = (host.progress(), &cause);
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

    /// The connections that there are, to be waited for.
    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection<TcpStream>> {
        self.all.iter().filter_map(Link::connection)
    }

    /// Reads from those of [`Links::connections`] that have something.
    pub(crate) fn fill(&mut self, mut has_something: impl FnMut() -> bool) {
        let open = self.all.iter_mut();
        for link in open.filter(|link| link.connection().is_some()) {
            if has_something() {
                link.fill();
            }
        }
    }

    /// How long somebody may be silent until that is the end, as the controller wants it.
    pub(crate) fn silence(&self) -> Duration {
        self.silence
    }

    /// Keeps links alive, looks whether they are, and gives up on those that nobody opened. Returns
    /// whether a sign of life is overdue on one of them.
    pub(crate) fn beat(&mut self) -> bool {
        if self.patience.is_some_and(|until| Instant::now() >= until) {
            self.patience = None;
            self.all.iter_mut().for_each(Link::give_up);
        }
        let mut is_quiet = false;
        for link in &mut self.all {
            is_quiet |= link.beat(self.silence);
        }
        is_quiet
    }

    /// The bytes that wait for the others.
    pub(crate) fn backlog(&self) -> usize {
        self.all.iter().map(Link::backlog).sum()
    }

    /// Bytes sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.all.iter().map(Link::sent).sum()
    }
}
