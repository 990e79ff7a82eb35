//! Links to the other nodes of a run: values travel on the shortest way, from the node that has
//! them to the node that needs them.
//!
//! The controller says which nodes there are and who calls whom. Where there is no link, the
//! controller passes the values on.

mod call;
mod link;
mod lobby;

use std::future::Future;
use std::net::TcpStream;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use shared::host::Host;
use shared::plan::{CONTROLLER, MAX_SITES, SiteId};
use shared::wire::{Connection, FrameError, LINK_PATIENCE, LinkPeer, ToController, Token};
use smol::Timer;
use smol::stream::Stream;

use crate::server::Node;
use link::{Call, Link, News};

pub(crate) use lobby::{Door, Lobby};

/// The links that the controller wants of a node. Those who call find the door open already.
pub(crate) struct Wish {
    token: Token,
    silence: Duration,
    peers: Vec<LinkPeer>,
    door: Door,
}

impl Wish {
    /// What the controller wants; `None` where there cannot be such peers.
    pub(crate) fn new(
        node: &Node,
        token: Token,
        silence: u16,
        peers: Vec<LinkPeer>,
    ) -> Option<Self> {
        let in_order = peers.is_sorted_by(|a, b| a.site < b.site);
        let are_nodes = &mut peers.iter().map(|peer| peer.site);
        if !in_order || !are_nodes.all(|site| site != CONTROLLER && site < MAX_SITES) {
            return None;
        }
        let awaited = peers.iter().filter(|peer| peer.call.is_none());
        let door = node.lobby.open(token, awaited.map(|p| p.site).collect());
        Some(Self {
            token,
            silence: Duration::from_secs(silence.into()),
            peers,
            door,
        })
    }
}

/// The links of a session.
#[derive(Default)]
pub(crate) struct Links {
    /// By site.
    all: Vec<Link>,
    door: Option<Door>,
    /// Ends the time in which others may call.
    patience: Option<Timer>,
    silence: Duration,
}

impl Links {
    /// Begins to call, as the node of this site; `None` where a peer is none of those with which
    /// the plan exchanges values.
    pub(crate) fn begin(
        wish: Wish,
        node: &Rc<Node>,
        own: SiteId,
        partners: &[SiteId],
    ) -> Option<Self> {
        let Wish {
            token,
            silence,
            peers,
            door,
        } = wish;
        let of = |peer: LinkPeer| {
            let site = peer.site;
            (site != own && partners.contains(&site)).then(|| {
                let call = |address| -> Call {
                    Box::pin(call::call_node(Rc::clone(node), address, token, own))
                };
                Link::new(site, peer.call.map(call))
            })
        };
        Some(Self {
            all: peers.into_iter().map(of).collect::<Option<_>>()?,
            door: Some(door),
            patience: Some(Timer::after(LINK_PATIENCE)),
            silence,
        })
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

    /// Writes and reads; ready when something came, or when there is something to tell.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, beat: bool) -> Poll<()> {
        let mut ready = self.poll_arrivals(cx);
        for link in &mut self.all {
            if link.poll(cx, beat, self.silence).is_ready() {
                ready = Poll::Ready(());
            }
        }
        ready
    }

    fn poll_arrivals(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut ready = Poll::Pending;
        while self.all.iter().any(Link::is_awaited)
            && let Some(door) = &mut self.door
            && let Poll::Ready(Some((site, connection))) = door.arrivals.as_mut().poll_next(cx)
        {
            if let Some(link) = self.of(site) {
                link.arrive(connection);
            }
            ready = Poll::Ready(());
        }
        if let Some(patience) = &mut self.patience
            && Pin::new(patience).poll(cx).is_ready()
        {
            // Whoever comes now finds the door closed.
            (self.patience, self.door) = (None, None);
            for link in self.all.iter_mut().filter(|link| link.is_awaited()) {
                link.relay(&"nobody called");
            }
            ready = Poll::Ready(());
        }
        ready
    }

    /// The most bytes that wait for one of the others.
    pub(crate) fn backlog(&self) -> usize {
        self.all.iter().map(Link::backlog).max().unwrap_or(0)
    }

    /// Bytes sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.all.iter().map(Link::sent).sum()
    }
}
