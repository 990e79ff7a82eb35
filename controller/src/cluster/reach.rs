//! From the `connect` entries of a scenario to open sessions.

use std::net::{SocketAddr, TcpStream};

use shared::plan::{CONTROLLER, MAX_SITES, SiteId};
use shared::wire::{Connection, TypeId};

use super::dial::{Attempt, Endpoint, Miss, all, attempt};
use super::error::Unreachable;
use super::node::Node;
use crate::key::Keyring;
use crate::scenario::Graph;

/// The nodes of a scenario, each with an open session.
#[derive(Debug)]
pub(crate) struct Reached {
    /// Site 1 is the first.
    pub(crate) nodes: Vec<Node>,
    /// The site of each model.
    pub(crate) site_of: Vec<SiteId>,
    /// What the user should know about it.
    pub(crate) remarks: Vec<String>,
}

impl Reached {
    /// All models run in the controller.
    pub(crate) fn none(graph: &Graph) -> Self {
        Self {
            nodes: Vec::new(),
            site_of: vec![CONTROLLER; graph.models.len()],
            remarks: Vec::new(),
        }
    }
}

/// Connects to all nodes that a scenario names and opens a session on each. All nodes that cannot
/// be used are reported together.
pub(crate) async fn reach(graph: &Graph, keyring: &Keyring) -> Result<Reached, Vec<Unreachable>> {
    let endpoints = Wanted::all_of(graph);
    check_number(graph, &endpoints)?;
    let attempts = all(endpoints.iter().map(|e| attempt(&e.endpoint, keyring))).await;
    let mut fold = Fold::new(graph, &endpoints);
    fold.take(attempts);
    let Fold {
        nodes,
        site_of,
        remarks,
        mut misses,
        ..
    } = fold;
    let name = &graph.name;
    let opened = all(nodes
        .into_iter()
        .enumerate()
        .map(async |(index, mut node)| {
            let types = types_of(graph, &site_of, index + 1);
            node.open(name, types).await.map(|()| node)
        }))
    .await;
    let mut nodes = Vec::new();
    for result in opened {
        match result {
            Ok(node) => nodes.push(node),
            Err(unreachable) => misses.push(unreachable),
        }
    }
    if misses.is_empty() {
        Ok(Reached {
            nodes,
            site_of,
            remarks,
        })
    } else {
        Err(misses)
    }
}

/// An endpoint, and the models that shall run there.
struct Wanted {
    endpoint: Endpoint,
    models: Vec<usize>,
}

impl Wanted {
    fn all_of(graph: &Graph) -> Vec<Self> {
        let wanted = |endpoint: Endpoint| {
            let is_there = |model: usize| {
                let connect = graph.models[model].connect.as_ref();
                connect.is_some_and(|c| c.host == endpoint.host && c.port == endpoint.port)
            };
            let models = (0..graph.models.len()).filter(|&m| is_there(m)).collect();
            Self { endpoint, models }
        };
        Endpoint::all_of(graph).into_iter().map(wanted).collect()
    }

    fn name(&self) -> String {
        self.endpoint.to_string()
    }

    /// The names of its models.
    fn models(&self, graph: &Graph) -> Vec<String> {
        let names = self
            .models
            .iter()
            .map(|&model| &graph.models[model].config.name);
        names.cloned().collect()
    }
}

/// Refuses nodes beyond the most that a run can have.
fn check_number(graph: &Graph, endpoints: &[Wanted]) -> Result<(), Vec<Unreachable>> {
    let most = usize::from(MAX_SITES) - 1;
    let beyond: Vec<Unreachable> = endpoints
        .iter()
        .skip(most)
        .map(|endpoint| Unreachable {
            node: endpoint.name(),
            models: endpoint.models(graph),
            reason: format!("a run has at most {most} nodes; put more models on each"),
        })
        .collect();
    if beyond.is_empty() {
        Ok(())
    } else {
        Err(beyond)
    }
}

/// The types that the models of a site have.
fn types_of(graph: &Graph, site_of: &[SiteId], site: usize) -> Vec<TypeId> {
    let mut types: Vec<TypeId> = Vec::new();
    for (model, _) in graph
        .models
        .iter()
        .zip(site_of)
        .filter(|(_, of)| usize::from(**of) == site)
    {
        let model_type = model.instance.model_type;
        if !types.iter().any(|known| known.name == model_type.name) {
            let (name, fingerprint) = (model_type.name.to_owned(), model_type.fingerprint());
            types.push(TypeId { name, fingerprint });
        }
    }
    types
}

/// Makes sites of what answered. A port that does not answer is replaced by a node that does at the
/// same address: scenario files often give each model of a Pi a port of its own.
struct Fold<'a> {
    graph: &'a Graph,
    endpoints: &'a [Wanted],
    nodes: Vec<Node>,
    site_of: Vec<SiteId>,
    remarks: Vec<String>,
    misses: Vec<Unreachable>,
}

impl<'a> Fold<'a> {
    fn new(graph: &'a Graph, endpoints: &'a [Wanted]) -> Self {
        let site_of = vec![CONTROLLER; graph.models.len()];
        let (nodes, remarks, misses) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            graph,
            endpoints,
            nodes,
            site_of,
            remarks,
            misses,
        }
    }

    fn take(&mut self, attempts: Vec<Attempt>) {
        let endpoints = self.endpoints;
        let mut unanswered = Vec::new();
        for (endpoint, attempt) in endpoints.iter().zip(attempts) {
            match attempt.result {
                Ok((address, connection)) => self.answered(endpoint, address, connection),
                Err(Miss::Unusable(reason)) => self.miss(endpoint, reason),
                Err(Miss::NoAnswer(reason)) => {
                    unanswered.push((endpoint, attempt.addresses, reason));
                }
            }
        }
        for (endpoint, addresses, reason) in unanswered {
            let other = self
                .nodes
                .iter()
                .position(|node| addresses.contains(&node.address.ip()));
            match other {
                Some(node) => {
                    self.place(endpoint, node);
                    let names = endpoint.models(self.graph).join(", ");
                    self.remarks.push(format!(
                        "{} does not answer; the node at {} runs {names}",
                        endpoint.name(),
                        self.nodes[node].name
                    ));
                }
                None => self.miss(endpoint, format!("{reason}, or run with --local")),
            }
        }
    }

    fn answered(
        &mut self,
        endpoint: &Wanted,
        address: SocketAddr,
        connection: Connection<TcpStream>,
    ) {
        let known = self.nodes.iter().position(|node| node.address == address);
        let node = known.unwrap_or_else(|| {
            if !connection.is_secure() && !address.ip().is_loopback() {
                self.remarks.push(format!(
                    "{} has no cluster key: what goes to it and comes from it can be read and \
                     changed in the network; 'controller deploy' gives it one",
                    endpoint.name()
                ));
            }
            self.nodes
                .push(Node::new(endpoint.name(), address, connection));
            self.nodes.len() - 1
        });
        self.place(endpoint, node);
    }

    /// Gives the models of an endpoint to a node.
    fn place(&mut self, endpoint: &Wanted, node: usize) {
        let names = endpoint.models(self.graph);
        self.nodes[node].models.extend(names);
        for &model in &endpoint.models {
            self.site_of[model] = SiteId::try_from(node + 1).unwrap_or(SiteId::MAX);
        }
    }

    fn miss(&mut self, endpoint: &Wanted, reason: String) {
        let models = endpoint.models(self.graph);
        self.misses.push(Unreachable {
            node: endpoint.name(),
            models,
            reason,
        });
    }
}
