//! Whether a node could be reached from here, by the name that scenarios will use: tried before
//! anything is installed.

use shared::wire::Key;

use super::hosts::Host;
use super::launch::{Node, launch};
use super::service::Service;
use super::ssh::Line;
use crate::cluster::{Visit, address_of, visit};
use crate::key::Keyring;

/// Refuses a name that only ssh knows.
pub(super) async fn check_name(host: &Host, line: &Line<'_>) -> Result<(), String> {
    let Err(reason) = address_of(&host.at(0)).await else {
        return Ok(());
    };
    match line.route.alias_of() {
        Some(address) => Err(format!(
            "'{}' is an alias of ssh only, and a run does not go through ssh; name its address: \
             {address}",
            host.name
        )),
        None => Err(reason),
    }
}

/// Runs a node there for a moment, as the user who logs in, and sees whether it answers.
pub(super) async fn try_out(
    host: &Host,
    port: u16,
    upload: &str,
    key: &Key,
    line: &Line<'_>,
) -> Result<(), String> {
    let node = Node {
        port,
        upload,
        is_trial: true,
    };
    let started = launch(&node, key, line).await;
    let started = started.map_err(|reason| format!("a node does not come up there: {reason}"))?;
    let visited = visit(host.at(port), &Keyring::of(key.clone())).await;
    started.stop().await;
    match visited {
        Visit::Node(_) => Ok(()),
        Visit::OtherKey(reason) | Visit::Unusable(reason) => Err(format!(
            "ssh and runs come to different machines by this name: at {} {reason}{}",
            host.at(port),
            detour(line)
        )),
        Visit::NoAnswer(reason) => Err(unreachable(host, port, Service::Node, &reason, line)),
    }
}

/// A program runs there, and does not answer.
pub(super) fn unreachable(
    host: &Host,
    port: u16,
    program: Service,
    reason: &str,
    line: &Line<'_>,
) -> String {
    // By then ssh has been there, so the machine is on.
    let hint = match detour(line) {
        hint if hint.is_empty() => format!(
            "; ssh reaches it, so let a firewall there or on the way pass TCP to port {port} as well"
        ),
        hint => hint,
    };
    let (at, kind) = (host.at(port), program.kind());
    format!("a {kind} runs at {at}, and cannot be reached from here: {reason}{hint}")
}

/// How ssh goes another way than a run.
fn detour(line: &Line<'_>) -> String {
    match (line.route.jump(), line.route.alias_of()) {
        (Some(jump), _) => format!(
            "; ssh goes through '{jump}', and a run goes straight: it needs a network in common with \
             the node"
        ),
        (None, Some(address)) => {
            format!("; ssh goes to {address} by this name: name that address instead")
        }
        (None, None) => String::new(),
    }
}
