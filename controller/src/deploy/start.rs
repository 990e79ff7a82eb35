//! Nodes that are there for one run: `controller run --start`.

use std::process::Stdio;
use std::time::Duration;

use shared::wire::Key;
use smol::Timer;
use smol::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use smol::process::Child;

use super::binaries::Binaries;
use super::hosts::{self, Host};
use super::ssh::{self, Login};
use super::{look, script, send};
use crate::arguments::Run;
use crate::cluster::{ClusterError, Endpoint, Unreachable, all, is_listening};
use crate::exit::RunError;
use crate::key::load_or_create;
use crate::output::{printable, say_line};
use crate::scenario::Graph;

/// How long a node may take to say that it listens.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a node may take to end when it is told to.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// What a node says when it is ready.
const READY: &str = " listens on ";

/// Nodes that were started for a run. They end when this does, also if nobody says so: each lives
/// as long as its ssh, whose end is the end of their standard input.
#[derive(Debug, Default)]
pub(crate) struct StartedNodes {
    connections: Vec<Child>,
}

impl StartedNodes {
    /// Ends them all, and waits until they have ended.
    pub(crate) async fn stop(self) {
        all(self.connections.into_iter().map(stop)).await;
    }
}

async fn stop(mut connection: Child) {
    drop(connection.stdin.take());
    let limit = async {
        Timer::after(STOP_LIMIT).await;
    };
    let end = async {
        // Nothing can be done about a connection that cannot be waited for.
        let _ = connection.status().await;
    };
    smol::future::or(end, limit).await;
}

/// Starts a node on each host of a scenario where none listens. If one cannot be started, all
/// others are stopped.
pub(crate) async fn start_nodes(graph: &Graph, arguments: &Run) -> Result<StartedNodes, RunError> {
    let usage = |text: String| RunError::System(std::io::Error::other(text));
    let login = Login::new(
        arguments.user.clone(),
        arguments.identity.clone(),
        arguments.port,
    );
    let login = login.map_err(usage)?;
    let silent = silent_hosts(graph).await;
    if silent.is_empty() {
        return Ok(StartedNodes::default());
    }
    let key = load_or_create(arguments.key.as_deref()).map_err(RunError::Key)?;
    let binaries = Binaries::new(arguments.binaries.as_deref());
    let results = all(silent
        .iter()
        .map(|host| start(host, &login, &binaries, &key.key)))
    .await;
    let (mut started, mut failed) = (StartedNodes::default(), Vec::new());
    for (host, result) in silent.iter().zip(results) {
        match result {
            Ok(connection) => {
                if !arguments.quiet {
                    say_line!(
                        Plain,
                        "  {}: a node is started for this run",
                        host.address()
                    );
                }
                started.connections.push(connection);
            }
            Err(reason) => failed.push(Unreachable {
                node: host.address(),
                models: models_of(graph, host),
                reason: format!("cannot start a node there: {reason}"),
            }),
        }
    }
    if failed.is_empty() {
        return Ok(started);
    }
    started.stop().await;
    Err(ClusterError::Unreachable(failed).into())
}

/// The hosts of a scenario on which nothing listens at any of the ports that it names.
async fn silent_hosts(graph: &Graph) -> Vec<Host> {
    let hosts = hosts::of_graph(graph);
    let answers = all(hosts.iter().map(async |(host, ports)| {
        let endpoints = ports.iter().map(|&port| Endpoint {
            host: host.name.clone(),
            port,
        });
        let endpoints: Vec<Endpoint> = endpoints.collect();
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

async fn start(
    host: &Host,
    login: &Login,
    binaries: &Binaries,
    key: &Key,
) -> Result<Child, String> {
    let found = look(host, login).await?;
    let upload = if found.has_this_release() {
        String::new()
    } else {
        let binary = binaries.for_processor(&found.processor)?;
        send(host, login, &binary.path).await?
    };
    let script = script::start(host.port, &upload, key.to_text().trim_end());
    let mut connection = login.start(&host.name, ssh::AS_USER, Stdio::piped())?;
    let ready = hand_over(&mut connection, &script);
    let limit = async {
        Timer::after(START_LIMIT).await;
        let limit = START_LIMIT.as_secs();
        Err(format!("it does not listen within {limit} s"))
    };
    match smol::future::or(ready, limit).await {
        Ok(()) => Ok(connection),
        Err(reason) => {
            let said = last_words(&mut connection).await;
            let reason = match said.as_str() {
                "" => reason,
                _ => format!("{reason}: {said}"),
            };
            Err(reason)
        }
    }
}

/// Sends the script, and reads until the node says that it listens. Standard input stays open.
async fn hand_over(connection: &mut Child, script: &str) -> Result<(), String> {
    if let Some(stdin) = &mut connection.stdin {
        let sent = async {
            stdin.write_all(script.as_bytes()).await?;
            stdin.flush().await
        };
        sent.await
            .map_err(|error| format!("cannot send the script: {error}"))?;
    }
    let stdout = connection.stdout.take();
    let mut lines = BufReader::new(stdout.ok_or("ssh has no standard output")?);
    let mut said = String::new();
    loop {
        let start = said.len();
        match lines.read_line(&mut said).await {
            Ok(0) | Err(_) => return Err(format!("it ended: {}", shortened(&said))),
            Ok(_) if said[start..].contains(READY) => break,
            Ok(_) if said.len() > MOST_SAID => return Err("it says too much".to_owned()),
            Ok(_) => {}
        }
    }
    smol::spawn(swallow(lines)).detach();
    if let Some(stderr) = connection.stderr.take() {
        smol::spawn(swallow(stderr)).detach();
    }
    Ok(())
}

/// The most that is read of a node before it is ready.
const MOST_SAID: usize = 64 * 1024;

/// Reads on, so that whoever writes is not held up.
async fn swallow(mut stream: impl smol::io::AsyncRead + Unpin) {
    let mut piece = [0; 4096];
    while matches!(stream.read(&mut piece).await, Ok(count) if count > 0) {}
}

/// What ssh or the shell there said about the end.
async fn last_words(connection: &mut Child) -> String {
    drop(connection.stdin.take());
    let Some(stderr) = connection.stderr.take() else {
        return String::new();
    };
    let mut bytes = Vec::new();
    let read = async {
        let _ = stderr.take(MOST_SAID as u64).read_to_end(&mut bytes).await;
    };
    let limit = async {
        Timer::after(STOP_LIMIT).await;
    };
    smol::future::or(read, limit).await;
    shortened(&String::from_utf8_lossy(&bytes))
}

/// The last line that says anything.
fn shortened(text: &str) -> String {
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let last: String = last.unwrap_or_default().chars().take(200).collect();
    printable(last.trim()).into_owned()
}
