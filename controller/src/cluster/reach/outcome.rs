//! What the search for nodes comes to.

use std::net::SocketAddr;

use shared::index::Table;
use shared::plan::{CONTROLLER, ModelId, SiteId};

use crate::cluster::dial::all;
use crate::cluster::node::Node;
use crate::cluster::open::OpenSession;
use crate::cluster::unusable::Unusable;
use crate::placement;
use crate::scenario::Graph;

/// The nodes of a scenario, each with an open session.
#[derive(Debug)]
pub(crate) struct Reached {
    /// Site 1 is the first.
    pub(crate) nodes: Vec<Node>,
    /// The site of each model.
    pub(crate) site_of: Table<ModelId, SiteId>,
    /// What the user should know about it.
    pub(super) remarks: Vec<String>,
}

impl Reached {
    /// All models run in the controller.
    pub(crate) fn none(graph: &Graph) -> Self {
        Self {
            nodes: Vec::new(),
            site_of: graph.models.iter().map(|_| CONTROLLER).collect(),
            remarks: Vec::new(),
        }
    }

    /// Ends the sessions, in which nothing has been run.
    pub(super) async fn close(mut self) {
        all(self.nodes.iter_mut().map(Node::close)).await;
    }

    /// What there is to say of where the models run.
    pub(crate) fn notes(&self, graph: &Graph) -> Vec<String> {
        let dark = placement::dark_leds(graph, &self.site_of);
        self.remarks.iter().cloned().chain(dark).collect()
    }

    /// Adds a node with an open session, which runs nothing yet.
    pub(super) fn add_node(&mut self, name: String, address: SocketAddr, session: OpenSession) {
        self.remarks.extend(session.unprotected(&name, address));
        self.nodes.push(Node::new(name, address, session));
    }
}

/// What became of an endpoint.
pub(super) enum End {
    /// It has a session, at this address.
    Session(SocketAddr, Box<OpenSession>),
    /// The node of another endpoint serves it.
    Elsewhere,
    /// It cannot be used.
    Unusable(Unusable),
}
