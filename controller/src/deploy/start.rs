//! Nodes that are there for one run: `controller run --start`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use shared::wire::{DEFAULT_PORT, Key, KeyError};
use smol::io::{AsyncRead, AsyncWriteExt};
use smol::process::Child;
use thiserror::Error;
use transport::within;

use super::binaries::Binaries;
use super::hosts::{Host, hosts_of};
use super::reach::check_name;
use super::ssh::{self, Line, Login};
use super::words::{Lines, reason};
use super::{look, script, send};
use crate::cluster::{ClusterError, Endpoint, Unreachable, all, is_listening};
use crate::key::load_or_create;
use crate::output::printable;
use crate::scenario::Graph;

/// How long a node may take to say that it listens.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a node may take to end when it is told to.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// What a node says when it is ready.
const READY: &str = " listens on ";

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

/// A node that runs as long as this is there.
#[derive(Debug)]
pub(super) struct Started {
    connection: Child,
}

impl Started {
    /// Has the node end, and waits for that.
    pub(super) async fn stop(mut self) {
        drop(self.connection.stdin.take());
        // Nothing can be done about a connection that cannot be waited for.
        let _ = within(STOP_LIMIT, self.connection.status()).await;
    }
}

/// How nodes are started for a run.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// The user to log in as; `None` is what the configuration of ssh says.
    pub user: Option<String>,
    /// The private key to log in with; likewise.
    pub identity: Option<PathBuf>,
    /// The port of ssh; likewise.
    pub port: Option<u16>,
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
    let StartOptions {
        user,
        identity,
        port,
        binaries,
    } = options.clone();
    let login = Login::new(user, identity, port).map_err(StartError::Login)?;
    let silent = silent_hosts(graph).await;
    if silent.is_empty() {
        return Ok(StartedNodes::default());
    }
    let key = load_or_create(key)?;
    let binaries = Binaries::new(binaries.as_deref());
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
    let hosts = hosts_of(graph);
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
    let line = login.to(&host.name).await?;
    check_name(host, &line).await?;
    let found = look(&line).await?;
    let upload = if found.has_this_release() {
        String::new()
    } else {
        let binary = binaries.for_processor(&found.processor)?;
        send(host, &line, &binary.path, &binary.sum()?).await?
    };
    let node = Node {
        port: port_of(host),
        upload: &upload,
        is_trial: false,
    };
    launch(&node, key, &line).await
}

/// A node that is to be started.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) port: u16,
    /// The file in which it has arrived, or empty where the one that is installed is to be used.
    pub(super) upload: &'a str,
    /// Whether it is only to be seen whether it answers.
    pub(super) is_trial: bool,
}

/// Starts a node, and waits until it listens.
pub(super) async fn launch(node: &Node<'_>, key: &Key, line: &Line<'_>) -> Result<Started, String> {
    let script = script::start(
        node.port,
        node.upload,
        node.is_trial,
        key.to_text().trim_end(),
    );
    let mut connection = line.start(ssh::AS_USER, Stdio::piped())?;
    let stdout = connection
        .stdout
        .take()
        .ok_or("ssh has no standard output")?;
    let mut lines = Lines::new(stdout);
    let ready = async {
        hand_over(&mut connection, &script).await;
        Ok(listens(&mut lines).await)
    };
    match ssh::within(START_LIMIT, ready).await {
        Ok(true) => {
            smol::spawn(lines.swallow()).detach();
            if let Some(stderr) = connection.stderr.take() {
                smol::spawn(Lines::new(stderr).swallow()).detach();
            }
            Ok(Started { connection })
        }
        Ok(false) => {
            drop(connection.stdin.take());
            let over = ssh::within(STOP_LIMIT, ssh::end(connection, lines.said)).await?;
            let said = line.checked(over)?;
            let stdout = script::answer(&said.stdout).unwrap_or(&said.stdout);
            Err(printable(&reason(&said.stderr, stdout)).into_owned())
        }
        Err(late) => Err(format!("it does not listen: {late}")),
    }
}

/// Sends the script. Standard input stays open.
async fn hand_over(connection: &mut Child, script: &str) {
    if let Some(stdin) = &mut connection.stdin {
        // A host that has ended does not read; its own words say why.
        let _ = stdin.write_all(script.as_bytes()).await;
        let _ = stdin.flush().await;
    }
}

/// Whether the node comes to say that it listens.
async fn listens(lines: &mut Lines<impl AsyncRead + Unpin>) -> bool {
    let mut speaks = false;
    while let Some(line) = lines.next().await {
        speaks = speaks || script::begins_answer(&line);
        if speaks && line.contains(READY) {
            return true;
        }
    }
    false
}
