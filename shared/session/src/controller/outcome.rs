//! What a controller has of a run: on the way, and in the end.

use super::node::NodeState;
use shared::journal::Entry;
use shared::model::{Notice, WrittenFile};
use shared::plan::SiteId;
use shared::progress::Failure;
use shared::wire::SiteReport;

/// What a controller wants its user to know, or has of its models and nodes for somebody else.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// A model says something.
    Notice(Notice),
    /// Something passed between a model and the world outside of the simulation.
    Entry(Entry),
    /// A model wants a file written: one of this site, or of that node, which may say anything.
    File(SiteId, WrittenFile),
    /// Two nodes have no link to each other, for this reason, which the first of them says. Their
    /// values pass here.
    Relayed(SiteId, SiteId, String),
    /// The first has the cluster's key and the second has none, so there is no link between them. Their
    /// values pass here.
    NoCommonKey(SiteId, SiteId),
}

/// What is left of a run, seen from its controller.
#[derive(Debug)]
pub struct Outcome {
    /// The nodes, by site.
    pub nodes: Vec<NodeState>,
    /// The pairs of sites whose values passed here.
    pub relayed: Vec<(SiteId, SiteId)>,
    /// What the controller's own models did.
    pub report: SiteReport,
    /// The earliest failure of a model.
    pub failure: Option<Failure>,
}
