//! From the `connect` entries of a scenario to open sessions.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use shared::plan::{CONTROLLER, MAX_SITES, SiteId};
use shared::wire::{Connection, HANDSHAKE_TIMEOUT, MAX_HANDSHAKE_FRAME, TypeId};
use smol::{Async, LocalExecutor, Timer};

use super::error::Unreachable;
use super::node::Node;
use crate::scenario::Graph;

/// How long a node may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

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

/// One `host:port` of a scenario.
struct Endpoint {
    host: String,
    port: u16,
    models: Vec<usize>,
}

impl Endpoint {
    fn name(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        }
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

/// What came of an attempt to connect.
struct Attempt {
    addresses: Vec<IpAddr>,
    result: Result<(SocketAddr, Connection<TcpStream>), Miss>,
}

/// Why there is no connection.
enum Miss {
    /// Nothing answers there.
    NoAnswer(String),
    /// Something answers that cannot be used.
    Unusable(String),
}

/// Connects to all nodes that a scenario names and opens a session on each. All nodes that cannot
/// be used are reported together.
pub(crate) async fn reach(graph: &Graph) -> Result<Reached, Vec<Unreachable>> {
    let endpoints = endpoints(graph);
    check_number(graph, &endpoints)?;
    let attempts = all(endpoints.iter().map(attempt)).await;
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
        .map(async |(index, (_, mut node))| {
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

/// Runs futures side by side.
pub(crate) async fn all<'a, T: 'a>(
    futures: impl Iterator<Item = impl Future<Output = T> + 'a>,
) -> Vec<T> {
    let executor = LocalExecutor::new();
    let tasks: Vec<_> = futures.map(|future| executor.spawn(future)).collect();
    let collect = async {
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await);
        }
        results
    };
    executor.run(collect).await
}

fn endpoints(graph: &Graph) -> Vec<Endpoint> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for (model, entry) in graph.models.iter().enumerate() {
        let Some(connect) = &entry.connect else {
            continue;
        };
        let known = endpoints
            .iter_mut()
            .find(|e| e.host == connect.host && e.port == connect.port);
        match known {
            Some(endpoint) => endpoint.models.push(model),
            None => endpoints.push(Endpoint {
                host: connect.host.clone(),
                port: connect.port,
                models: vec![model],
            }),
        }
    }
    endpoints
}

/// Refuses nodes beyond the most that a run can have.
fn check_number(graph: &Graph, endpoints: &[Endpoint]) -> Result<(), Vec<Unreachable>> {
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

async fn attempt(endpoint: &Endpoint) -> Attempt {
    let addresses = match resolve(&endpoint.host, endpoint.port).await {
        Ok(addresses) => addresses,
        Err(error) => {
            let reason = format!("cannot find the address of '{}': {error}", endpoint.host);
            return Attempt {
                addresses: Vec::new(),
                result: Err(Miss::NoAnswer(reason)),
            };
        }
    };
    let mut result = Err(Miss::NoAnswer("the name has no address".to_owned()));
    for &address in &addresses {
        result = connect(address)
            .await
            .map(|connection| (address, connection));
        if result.is_ok() {
            break;
        }
    }
    Attempt {
        addresses: addresses.iter().map(SocketAddr::ip).collect(),
        result,
    }
}

async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let host = host.to_owned();
    let lookup = smol::unblock(move || (host.as_str(), port).to_socket_addrs().map(Vec::from_iter));
    let limit = async {
        Timer::after(CONNECT_TIMEOUT).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    smol::future::or(lookup, limit).await
}

/// Connects to a node, sees that it is one of this protocol, and leaves it again; or says why not.
pub(crate) async fn knock(host: &str, port: u16) -> Result<(), String> {
    let endpoint = Endpoint {
        host: host.to_owned(),
        port,
        models: Vec::new(),
    };
    match attempt(&endpoint).await.result {
        Ok(_) => Ok(()),
        Err(Miss::NoAnswer(reason) | Miss::Unusable(reason)) => Err(reason),
    }
}

/// Whether something, node or not, listens on a port of a host.
pub(crate) async fn is_listening(host: &str, port: u16) -> bool {
    let limit = async {
        Timer::after(CONNECT_TIMEOUT).await;
        false
    };
    let answer = async {
        let addresses = resolve(host, port).await.unwrap_or_default();
        for address in addresses {
            if Async::<TcpStream>::connect(address).await.is_ok() {
                return true;
            }
        }
        false
    };
    smol::future::or(answer, limit).await
}

async fn connect(address: SocketAddr) -> Result<Connection<TcpStream>, Miss> {
    let limit = async {
        Timer::after(CONNECT_TIMEOUT).await;
        Err(io::Error::from(io::ErrorKind::TimedOut))
    };
    let stream = smol::future::or(Async::<TcpStream>::connect(address), limit).await;
    let stream = stream.map_err(|error| Miss::NoAnswer(no_answer(&error)))?;
    // Without it the system holds small frames back; the run works all the same.
    let _ = stream.get_ref().set_nodelay(true);
    let mut connection = Connection::new(stream, MAX_HANDSHAKE_FRAME);
    match connection.greet(HANDSHAKE_TIMEOUT).await {
        Ok(()) => Ok(connection),
        Err(error) => Err(Miss::Unusable(error.to_string())),
    }
}

fn no_answer(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens there; start 'illuminator-node serve' on it, or run with --local"
                .to_owned()
        }
        io::ErrorKind::TimedOut => format!(
            "no answer within {} s; see whether it is switched on and in the same network, or run \
             with --local",
            CONNECT_TIMEOUT.as_secs()
        ),
        _ => format!("{error}; see whether its address is right, or run with --local"),
    }
}

/// Makes sites of what answered. A port that does not answer is replaced by a node that does at the
/// same address: scenario files often give each model of a Pi a port of its own.
struct Fold<'a> {
    graph: &'a Graph,
    endpoints: &'a [Endpoint],
    nodes: Vec<(SocketAddr, Node)>,
    site_of: Vec<SiteId>,
    remarks: Vec<String>,
    misses: Vec<Unreachable>,
}

impl<'a> Fold<'a> {
    fn new(graph: &'a Graph, endpoints: &'a [Endpoint]) -> Self {
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
                .position(|(at, _)| addresses.contains(&at.ip()));
            match other {
                Some(node) => {
                    self.place(endpoint, node);
                    let names = endpoint.models(self.graph).join(", ");
                    self.remarks.push(format!(
                        "{} does not answer; the node at {} runs {names}",
                        endpoint.name(),
                        self.nodes[node].1.name
                    ));
                }
                None => self.miss(endpoint, reason),
            }
        }
    }

    fn answered(
        &mut self,
        endpoint: &Endpoint,
        address: SocketAddr,
        connection: Connection<TcpStream>,
    ) {
        let known = self.nodes.iter().position(|(at, _)| *at == address);
        let node = known.unwrap_or_else(|| {
            self.nodes
                .push((address, Node::new(endpoint.name(), Vec::new(), connection)));
            self.nodes.len() - 1
        });
        self.place(endpoint, node);
    }

    /// Gives the models of an endpoint to a node.
    fn place(&mut self, endpoint: &Endpoint, node: usize) {
        let names = endpoint.models(self.graph);
        self.nodes[node].1.models.extend(names);
        for &model in &endpoint.models {
            self.site_of[model] = SiteId::try_from(node + 1).unwrap_or(SiteId::MAX);
        }
    }

    fn miss(&mut self, endpoint: &Endpoint, reason: String) {
        let models = endpoint.models(self.graph);
        self.misses.push(Unreachable {
            node: endpoint.name(),
            models,
            reason,
        });
    }
}
