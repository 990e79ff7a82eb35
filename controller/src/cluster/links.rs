//! What the nodes of a run need to exchange values directly, and what has become of it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use shared::plan::{CONTROLLER, SiteId, SitePlan};
use shared::time::Tick;
use shared::wire::{LinkPeer, ToNode, Token};

use super::drive::{Drive, say};
use super::error::ClusterError;
use crate::exit::RunError;

/// How long a link stays broken until that is the reason why the run ends. A node that is gone
/// breaks its links as well, and is the better reason.
const GRACE: Duration = Duration::from_secs(2);

/// How much longer than the controller a node waits for signs of life of another one.
const EXTRA_PATIENCE: Duration = Duration::from_secs(1);

/// The longest part of a node's words that is shown.
const MAX_WORDS: usize = 200;

/// The links between the nodes of a run.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The pairs whose values pass here, the lower site first.
    pub(super) relayed: BTreeSet<(SiteId, SiteId)>,
    lost: Option<LostLink>,
}

/// A link that broke.
#[derive(Debug)]
struct LostLink {
    since: Instant,
    /// Whoever says so, and the other one.
    sites: (SiteId, SiteId),
    progress: Tick,
    cause: String,
}

/// What a node is told about its links. Of a pair, the lower site calls the other one; only where
/// the address of one of them is good on this machine alone, that one does. `None` where a node
/// exchanges values with no other one.
pub(super) fn links_of(
    plan: &SitePlan,
    addresses: &[SocketAddr],
    token: Token,
    timeout: Duration,
) -> Option<ToNode<'static>> {
    let imports = plan.imports.iter().map(|import| import.from);
    let exports = plan.exports.iter().map(|export| export.to);
    let partners: BTreeSet<SiteId> = imports
        .chain(exports)
        .filter(|&s| s != CONTROLLER)
        .collect();
    let address = |site: SiteId| addresses.get(usize::from(site).checked_sub(1)?).copied();
    let is_hidden = |site| address(site).is_some_and(|address| address.ip().is_loopback());
    // The caller of a pair comes first.
    let rank = |site| (!is_hidden(site), site);
    let peer = |site| {
        let call = address(site).filter(|_| rank(plan.site) < rank(site));
        LinkPeer { site, call }
    };
    let peers: Vec<LinkPeer> = partners.into_iter().map(peer).collect();
    let silence = (timeout + EXTRA_PATIENCE).as_secs();
    (!peers.is_empty()).then(|| ToNode::Links {
        token,
        silence: u16::try_from(silence).unwrap_or(u16::MAX),
        peers,
    })
}

/// The beginning of what a node says.
fn words(text: &str) -> String {
    text.chars().take(MAX_WORDS).collect()
}

/// Two sites, the lower one first.
fn pair(a: SiteId, b: SiteId) -> (SiteId, SiteId) {
    (a.min(b), a.max(b))
}

impl Drive<'_> {
    /// Takes note that the values of two nodes pass here; the user is told once, and so is the
    /// other node.
    pub(super) fn take_relayed(
        &mut self,
        name: &str,
        from: SiteId,
        to: SiteId,
        reason: &str,
    ) -> Result<(), RunError> {
        if !self.links.relayed.insert(pair(from, to)) {
            return Ok(());
        }
        self.console.note(&format!(
            "{name} and {} have no link to each other ({}); this machine passes their values on",
            self.name_of(to),
            words(reason)
        ));
        let other = self.nodes.get_mut(usize::from(to) - 1);
        match other.and_then(Option::as_mut) {
            Some(other) => say(other, &ToNode::Relay(from)),
            None => Ok(()),
        }
    }

    /// Takes note that a link is broken. The first word counts.
    pub(super) fn take_lost_link(&mut self, sites: (SiteId, SiteId), progress: Tick, cause: &str) {
        self.links.lost.get_or_insert_with(|| LostLink {
            since: Instant::now(),
            sites,
            progress,
            cause: words(cause),
        });
    }

    /// Ends the run for a broken link, unless there has been a better reason meanwhile.
    pub(super) fn check_links(&self) -> Result<(), RunError> {
        match &self.links.lost {
            Some(lost) if lost.since.elapsed() >= GRACE => Err(ClusterError::LinkLost {
                node: self.name_of(lost.sites.0),
                other: self.name_of(lost.sites.1),
                progress: lost.progress,
                cause: lost.cause.clone(),
            }
            .into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::plan::{Export, Import};
    use shared::time::{TimeGrid, WallTime};

    #[test]
    fn the_lower_site_of_each_pair_that_exchanges_values_calls_unless_it_cannot() {
        let import = |from| Import {
            from,
            model: 0,
            attributes: 1,
            window: 1,
        };
        let export = |to| Export {
            to,
            model: 0,
            attributes: vec![0],
            window: 1,
        };
        let plan = SitePlan {
            site: 2,
            grid: TimeGrid {
                start: WallTime::parse("2012-01-01 00:00:00").expect("valid"),
                resolution: 1,
                ticks: 1,
            },
            models: Vec::new(),
            imports: vec![import(3), import(0)],
            exports: vec![export(1), export(3)],
        };
        let address = |site: u8| SocketAddr::from(([10, 0, 0, site], 5123));
        let addresses = [1, 2, 3, 4].map(address);
        let token = Token([1; 16]);
        let timeout = Duration::from_secs(10);
        let called = LinkPeer {
            site: 1,
            call: None,
        };
        let calls = LinkPeer {
            site: 3,
            call: Some(address(3)),
        };
        let expected = ToNode::Links {
            token,
            silence: 11,
            peers: vec![called, calls],
        };
        assert_eq!(links_of(&plan, &addresses, token, timeout), Some(expected));
        // A node on the controller's machine is not to be found at that address by another one.
        let here = SocketAddr::from(([127, 0, 0, 1], 5123));
        let addresses = [address(1), address(2), here];
        let expected = ToNode::Links {
            token,
            silence: 11,
            peers: [1, 3].map(|site| LinkPeer { site, call: None }).to_vec(),
        };
        assert_eq!(links_of(&plan, &addresses, token, timeout), Some(expected));
        let alone = SitePlan {
            imports: vec![import(0)],
            exports: vec![export(0)],
            ..plan
        };
        assert_eq!(links_of(&alone, &addresses, token, timeout), None);
    }
}
