//! What happens between the sites of a run, in the names that its user has for them.

use std::time::Duration;

use session::{End, LossCause, Stall};
use shared::index::Table;
use shared::plan::{CONTROLLER, ModelId, SiteId};
use shared::progress::Wait;
use shared::time::Tick;

use crate::cluster::{
    ClusterError, Loss, Names, Running, Service, Standstill, THIS_MACHINE, UploadError,
};

/// The names of sites and models.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    /// The nodes, by site.
    pub(super) nodes: &'a [Running],
    /// The names of the models.
    pub(super) models: &'a Table<ModelId, String>,
}

impl<'a> Words<'a> {
    pub(super) fn model(&self, model: ModelId) -> &'a str {
        self.models.get(model).map_or("?", String::as_str)
    }

    pub(super) fn site(&self, site: SiteId) -> &'a str {
        self.node(site).map_or(THIS_MACHINE, |node| &node.name)
    }

    fn node(&self, site: SiteId) -> Option<&'a Running> {
        self.nodes.get(site.node()?)
    }

    /// Why a run has stood still for this long, at this tick.
    pub(super) fn standstill(&self, stall: &Stall, time: Duration, tick: Tick) -> Standstill {
        let names = Names {
            model: &|model, _| format!("'{}'", self.model(model)),
            site: &|site| match site {
                CONTROLLER => THIS_MACHINE.to_owned(),
                site => {
                    let name = self.node(site).map(|node| node.name.clone());
                    name.unwrap_or_else(|| "a node that there is not".to_owned())
                }
            },
        };
        names.standstill(stall, time, tick)
    }

    /// Two nodes do not reach each other.
    pub(super) fn relayed(&self, from: SiteId, to: SiteId, reason: &str) -> String {
        let (from, to) = (self.site(from), self.site(to));
        format!(
            "{from} and {to} have no link to each other ({reason}); this machine passes their values on"
        )
    }

    /// Of two nodes one has the key.
    pub(super) fn no_common_key(&self, with: SiteId, without: SiteId) -> String {
        let (with, without) = (self.site(with), self.site(without));
        format!(
            "{with} has the cluster's key and {without} has none, so that they have no link to each \
             other; this machine passes their values on ('controller deploy' gives it to a node)"
        )
    }

    /// The error that the end of a run is, unless it is that of the rows. The node that it is about had
    /// done so many ticks; this machine was away for so long shortly before.
    pub(super) fn end(&self, end: End, progress: Tick, away: Option<Duration>) -> EndOfRun {
        let node = |site| self.site(site).to_owned();
        EndOfRun::Cluster(match end {
            End::Rows(cause) => return EndOfRun::Rows(cause),
            End::Lost(site, cause) => ClusterError::Lost {
                node: node(site),
                models: self.node(site).map_or(Vec::new(), |n| n.models.clone()),
                progress,
                source: self.loss(site, cause, away),
            },
            End::LinkLost(loss) => ClusterError::LinkLost {
                node: node(loss.site),
                other: node(loss.other),
                progress: loss.progress,
                cause: loss.cause,
            },
            End::NotReady(site, model, errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                ClusterError::NotReady {
                    node: node(site),
                    model: self.model(model).to_owned(),
                    message: errors.join("; "),
                }
            }
            End::TooLarge(site, source) => ClusterError::TooLarge {
                node: node(site),
                source,
            },
        })
    }

    fn loss(&self, site: SiteId, cause: LossCause, away: Option<Duration>) -> Loss {
        let service = self.node(site).map_or(Service::Node, |node| node.service);
        match cause {
            // A fault of the node, whatever this machine did.
            LossCause::Unfinished(wait) => {
                Loss::new(LossCause::Confused(self.unfinished(&wait)), service)
            }
            cause => Loss {
                away,
                has_timeout: true,
                ..Loss::new(cause, service)
            },
        }
    }

    fn unfinished(&self, wait: &Wait) -> String {
        let reader = wait.model.map_or("the monitor".to_owned(), |model| {
            format!("model '{}'", self.model(model))
        });
        let source = wait.source.map_or("?", |source| self.model(source));
        format!(
            "it says that it has finished, and {reader} still waits for values of '{source}' at tick {}",
            wait.tick
        )
    }
}

/// Whose fault the end of a run is.
pub(super) enum EndOfRun {
    /// The rows cannot be written.
    Rows(std::io::Error),
    /// Something is wrong with nodes.
    Cluster(ClusterError),
}

/// The error that a plan cannot be sent to a node.
pub(super) fn not_sent(node: &str, error: UploadError) -> ClusterError {
    let node = node.to_owned();
    match error {
        UploadError::File(source) => ClusterError::File { node, source },
        UploadError::TooLarge(source) => ClusterError::TooLarge { node, source },
    }
}
