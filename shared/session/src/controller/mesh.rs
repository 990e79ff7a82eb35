//! The peer links between the nodes of a run: what they need for them, and what has become of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::loss::{End, LinkLoss};
use shared::plan::{CONTROLLER, SiteId, SitePlan};
use shared::time::Tick;
use shared::wire::{LinkPeer, MAX_LINKS, SILENCE_GRACE, ToNode, Token};

/// How long a link stays broken until that is the reason why the run ends. A node that is gone
/// breaks its links as well, and is the better reason.
const GRACE: Duration = Duration::from_secs(2);

/// How much longer than the controller a node waits for signs of life of another one.
const EXTRA_PATIENCE: Duration = Duration::from_secs(1);

/// The longest part of a node's words that is shown.
const MAX_WORDS: usize = 200;

/// The peer links of a run: between which nodes there is one.
#[derive(Debug, Default)]
pub(super) struct Mesh {
    /// The pairs that are to have one, the lower site first.
    wanted: BTreeSet<(SiteId, SiteId)>,
    /// The pairs of which only one, named first, has the cluster's key.
    apart: Vec<(SiteId, SiteId)>,
    /// The pairs whose values pass the controller, the lower site first.
    relayed: BTreeSet<(SiteId, SiteId)>,
    /// A link that broke, and since when.
    lost: Option<(LinkLoss, Instant)>,
}

impl Mesh {
    /// Wants a link for each of these pairs, where both have the cluster's key or neither has: the
    /// others would turn each other away, and are not kept waiting for that.
    pub(super) fn plan(
        pairs: BTreeSet<(SiteId, SiteId)>,
        is_secure: impl Fn(SiteId) -> Option<bool>,
    ) -> Self {
        let is_alike = |&(a, b): &(SiteId, SiteId)| is_secure(a) == is_secure(b);
        let (wanted, relayed): (BTreeSet<_>, BTreeSet<_>) = pairs.into_iter().partition(is_alike);
        let key_first = |&(a, b): &(SiteId, SiteId)| match is_secure(a) {
            Some(true) => (a, b),
            _ => (b, a),
        };
        Self {
            wanted,
            apart: relayed.iter().map(key_first).collect(),
            relayed,
            lost: None,
        }
    }

    /// The pairs of which only the first has the cluster's key.
    pub(super) fn apart(&self) -> &[(SiteId, SiteId)] {
        &self.apart
    }

    /// Whether two sites are to have a link.
    pub(super) fn is_wanted(&self, a: SiteId, b: SiteId) -> bool {
        self.wanted.contains(&pair(a, b))
    }

    /// Whether the values of two sites go from one to the other.
    pub(super) fn is_in_use(&self, a: SiteId, b: SiteId) -> bool {
        self.is_wanted(a, b) && !self.relayed.contains(&pair(a, b))
    }

    /// Takes note that the values of two sites pass the controller; `false` where that is known.
    pub(super) fn relay(&mut self, a: SiteId, b: SiteId) -> bool {
        self.relayed.insert(pair(a, b))
    }

    /// The pairs whose values passed the controller.
    pub(super) fn into_relayed(self) -> Vec<(SiteId, SiteId)> {
        self.relayed.into_iter().collect()
    }

    /// Takes note that a link is broken. The first word counts.
    pub(super) fn lose(
        &mut self,
        (site, other): (SiteId, SiteId),
        progress: Tick,
        cause: &str,
        now: Instant,
    ) {
        let loss = || LinkLoss {
            site,
            other,
            progress,
            cause: words(cause),
        };
        self.lost.get_or_insert_with(|| (loss(), now));
    }

    /// Ends the run for a broken link, unless there has been a better reason meanwhile.
    pub(super) fn check(&self, now: Instant) -> Result<(), End> {
        match &self.lost {
            Some((loss, since)) if now.saturating_duration_since(*since) >= GRACE => {
                Err(End::LinkLost(loss.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// The pairs of nodes that are to have a link, the lower site first: those that exchange values, as
/// long as both have room for one more.
pub(super) fn pairs<'a>(plans: impl Iterator<Item = &'a SitePlan>) -> BTreeSet<(SiteId, SiteId)> {
    let mut links: BTreeMap<SiteId, usize> = BTreeMap::new();
    let mut pairs = BTreeSet::new();
    for plan in plans {
        let imports = plan.imports.iter().map(|import| import.from);
        let exports = plan.exports.iter().map(|export| export.to);
        for other in imports.chain(exports).filter(|&site| site != CONTROLLER) {
            let sites = [plan.site, other];
            let has_room = |site| links.get(site).is_none_or(|&count| count < MAX_LINKS);
            if sites.iter().all(has_room) && pairs.insert(pair(plan.site, other)) {
                for site in sites {
                    *links.entry(site).or_default() += 1;
                }
            }
        }
    }
    pairs
}

/// What a node has to know about its peer links. Of a pair, the lower site calls the other one; only where
/// the address of one of them is good on this machine alone, that one does.
pub(super) fn call_list(
    site: SiteId,
    mesh: &Mesh,
    addresses: &[SocketAddr],
    token: Token,
    timeout: Duration,
) -> ToNode<'static> {
    let address = |site: SiteId| addresses.get(site.node()?).copied();
    let is_hidden = |site| address(site).is_some_and(|address| address.ip().is_loopback());
    // The caller of a pair comes first.
    let rank = |site| (!is_hidden(site), site);
    let other = |&(a, b): &(SiteId, SiteId)| match site {
        _ if site == a => Some(b),
        _ if site == b => Some(a),
        _ => None,
    };
    let peer = |other| {
        let call = address(other).filter(|_| rank(site) < rank(other));
        LinkPeer { site: other, call }
    };
    let peers: Vec<LinkPeer> = mesh.wanted.iter().filter_map(other).map(peer).collect();
    let silence = (timeout + EXTRA_PATIENCE + SILENCE_GRACE).as_secs();
    ToNode::Links {
        token,
        silence: u16::try_from(silence).unwrap_or(u16::MAX),
        peers,
    }
}

/// The beginning of what a node says.
pub(super) fn words(text: &str) -> String {
    text.chars().take(MAX_WORDS).collect()
}

/// Two sites, the lower one first.
fn pair(a: SiteId, b: SiteId) -> (SiteId, SiteId) {
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::index::Index;
    use shared::model::PublishedSlot;
    use shared::plan::{Export, Import, LocalId, ModelId};
    use shared::time::{TimeGrid, WallTime};

    /// A plan of this site with streams from and to those.
    fn plan(site: u16, from: &[u16], to: &[u16]) -> SitePlan {
        let import = |&from: &u16| Import {
            from: SiteId(from),
            model: ModelId(0),
            attributes: 1,
            window: 1,
        };
        let export = |&to: &u16| Export {
            to: SiteId(to),
            model: LocalId(0),
            attributes: vec![PublishedSlot::at(0)],
            window: 1,
            lazy: false,
        };
        SitePlan {
            from: 0,
            site: SiteId(site),
            grid: TimeGrid {
                start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
                resolution: 1,
                ticks: 1,
            },
            models: Vec::new(),
            imports: from.iter().map(import).collect(),
            exports: to.iter().map(export).collect(),
        }
    }

    #[test]
    fn the_lower_site_of_each_pair_that_exchanges_values_calls_unless_it_cannot() {
        let pairs = pairs([plan(2, &[3, 0], &[1, 3])].iter());
        let planned = Mesh::plan(pairs, |_| Some(false));
        let address = |site: u8| SocketAddr::from(([10, 0, 0, site], 5123));
        let addresses = [1, 2, 3, 4].map(address);
        let token = Token([1; 16]);
        let links = |site: u16, addresses: &[SocketAddr]| {
            call_list(
                SiteId(site),
                &planned,
                addresses,
                token,
                Duration::from_secs(10),
            )
        };
        let peer = |site, call| LinkPeer {
            site: SiteId(site),
            call,
        };
        let expected = |peers: &[LinkPeer]| ToNode::Links {
            token,
            silence: 14,
            peers: peers.to_vec(),
        };
        let said = links(2, &addresses);
        let peers = [peer(1, None), peer(3, Some(address(3)))];
        assert_eq!(said, expected(&peers));
        // A node on the controller's machine is not to be found at that address by another one.
        let here = SocketAddr::from(([127, 0, 0, 1], 5123));
        let said = links(2, &[address(1), address(2), here]);
        assert_eq!(said, expected(&[1, 3].map(|site| peer(site, None))));
        assert_eq!(links(4, &addresses), expected(&[]));
    }

    #[test]
    fn nodes_of_which_only_one_has_the_key_get_no_link() {
        let pairs = pairs([plan(2, &[3], &[1]), plan(1, &[3], &[])].iter());
        let mesh = Mesh::plan(pairs, |site| Some(site == SiteId(2)));
        let sites = |(a, b)| (SiteId(a), SiteId(b));
        assert_eq!(mesh.apart(), [(2, 1), (2, 3)].map(sites));
        assert!(mesh.is_wanted(SiteId(1), SiteId(3)) && !mesh.is_wanted(SiteId(1), SiteId(2)));
        assert_eq!(mesh.into_relayed(), [(1, 2), (2, 3)].map(sites));
    }

    #[test]
    fn a_node_has_no_more_links_than_it_takes() {
        let all: Vec<u16> = (2..100).collect();
        let plans: Vec<SitePlan> = std::iter::once(plan(1, &all, &[]))
            .chain(all.iter().map(|&site| plan(site, &[], &[1])))
            .collect();
        let pairs = pairs(plans.iter());
        assert_eq!(pairs.len(), MAX_LINKS);
        assert!(pairs.iter().all(|pair| pair.0 == SiteId(1)));
    }
}
