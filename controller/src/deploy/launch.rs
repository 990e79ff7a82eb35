//! A node that is started over ssh, and ends with the connection.

use std::time::Duration;

use shared::wire::Key;
use smol::io::{AsyncRead, AsyncWriteExt};
use smol::process::Child;
use transport::within;

use super::script;
use super::ssh::{self, Line};
use super::ssh_error::SshError;
use super::words::{Lines, reason};
use crate::chain::chain;
use crate::output::printable;

/// How long a node may take to say that it listens.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a node may take to end when it is told to.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// What a node says when it is ready.
const READY: &str = " listens on ";

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
    let mut connection = line.start(ssh::AS_USER)?;
    let stdout = connection
        .stdout
        .take()
        .ok_or("ssh has no standard output")?;
    let mut lines = Lines::new(stdout);
    let ready = async {
        hand_over(&mut connection, &script).await;
        Ok::<_, SshError>(listens(&mut lines).await)
    };
    match ssh::in_time(START_LIMIT, ready).await {
        Ok(true) => {
            smol::spawn(lines.swallow()).detach();
            if let Some(stderr) = connection.stderr.take() {
                smol::spawn(Lines::new(stderr).swallow()).detach();
            }
            Ok(Started { connection })
        }
        Ok(false) => {
            drop(connection.stdin.take());
            let over = ssh::in_time(STOP_LIMIT, ssh::end(connection, lines.said)).await?;
            let said = line.checked(over)?;
            let stdout = script::answer(&said.stdout).unwrap_or(&said.stdout);
            Err(printable(&reason(&said.stderr, stdout)).into_owned())
        }
        Err(late) => Err(format!("it does not listen: {}", chain(&late))),
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
