//! Nodes that are there for one run: `controller run --start`.

use std::path::{Path, PathBuf};

use shared::wire::{DEFAULT_PORT, Key, KeyError};
use thiserror::Error;

use super::binaries::Binaries;
use super::hosts::{Host, hosts_of};
use super::launch::{Node, Started, launch};
use super::login::{Login, SshOptions};
use super::look::look;
use super::reach::check_name;
use super::service::Service;
use super::ssh::Line;
use super::upload::send;
use crate::cluster::{ClusterError, Endpoint, Unreachable, all, is_listening};
use crate::key::load_or_create;
use crate::scenario::Graph;

/// Nodes that were started for a run. They end when this does, also if nobody says so: each lives
/// as long as its ssh, whose end is the end of their standard input, and then until the last session
/// that somebody else has there is over.
#[derive(Debug, Default)]
pub(crate) struct StartedNodes {
    nodes: Vec<Started>,
}

impl StartedNodes {
    /// Ends them all, and waits until they have ended; what somebody else uses stays until then.
    pub(crate) async fn stop(self) {
        all(self.nodes.into_iter().map(Started::stop)).await;
    }
}

/// How nodes are started for a run.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// How to log in.
    pub login: SshOptions,
    /// A folder with nodes to send, called `illuminator-node-TARGET`; `None` is where they are built or
    /// installed beside this program.
    pub binaries: Option<PathBuf>,
}

/// Why no node can be started.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    /// What is to be given to ssh cannot be.
    #[error("{0}")]
    Login(String),
    /// The cluster's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Hosts, each with its reason.
    #[error(transparent)]
    Hosts(ClusterError),
}

/// Starts a node on each host of a scenario where none listens; `tell` hears of each. If one cannot be
/// started, all others are stopped.
pub(crate) async fn start_nodes(
    graph: &Graph,
    options: &StartOptions,
    key: Option<&Path>,
    tell: &dyn Fn(&str),
) -> Result<StartedNodes, StartError> {
    let login = Login::new(options.login.clone()).map_err(StartError::Login)?;
    let silent = silent_hosts(graph).await;
    if silent.is_empty() {
        return Ok(StartedNodes::default());
    }
    let key = load_or_create(key)?;
    let binaries = Binaries::new(options.binaries.as_deref());
    let results = all(silent
        .iter()
        .map(|host| start(host, &login, &binaries, &key.key)))
    .await;
    let (mut started, mut failed) = (StartedNodes::default(), Vec::new());
    for (host, result) in silent.iter().zip(results) {
        let at = host.at(port_of(host));
        match result {
            Ok(node) => {
                tell(&format!("{at}: a node is started for this run"));
                started.nodes.push(node);
            }
            Err(reason) => failed.push(Unreachable {
                node: at.to_string(),
                models: models_of(graph, host),
                reason: format!("cannot start a node there: {reason}"),
            }),
        }
    }
    if failed.is_empty() {
        return Ok(started);
    }
    started.stop().await;
    Err(StartError::Hosts(ClusterError::Unreachable(failed)))
}

/// The hosts of a scenario on which nothing listens at any of the ports that it names.
async fn silent_hosts(graph: &Graph) -> Vec<Host> {
    let hosts = hosts_of(graph.machines());
    let answers = all(hosts.iter().map(async |(host, ports)| {
        let endpoints: Vec<Endpoint> = ports.iter().map(|&port| host.at(port)).collect();
        all(endpoints.iter().map(is_listening))
            .await
            .contains(&true)
    }))
    .await;
    let silent = hosts.into_iter().zip(answers).filter(|(_, answer)| !answer);
    silent.map(|((host, _), _)| host).collect()
}

fn models_of(graph: &Graph, host: &Host) -> Vec<String> {
    let models = graph.models.iter().filter(|model| {
        let connect = model.connect.as_ref();
        connect.is_some_and(|connect| connect.host == host.name)
    });
    models.map(|model| model.config.name.clone()).collect()
}

fn port_of(host: &Host) -> u16 {
    host.port.unwrap_or(DEFAULT_PORT)
}

async fn start(
    host: &Host,
    login: &Login,
    binaries: &Binaries,
    key: &Key,
) -> Result<Started, String> {
    let line = Line::to(&host.name, login).await?;
    check_name(host, &line).await?;
    let found = look(&line).await?;
    let upload = if found.has_this_release() {
        String::new()
    } else {
        let binary = binaries.for_processor(Service::Node, &found.processor)?;
        send(host, Service::Node, &line, &binary.path, &binary.sum()?).await?
    };
    let node = Node {
        port: port_of(host),
        upload: &upload,
        is_trial: false,
    };
    launch(&node, key, &line).await
}
