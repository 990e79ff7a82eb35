//! Nodes that started from a card: nobody can log in there, and they take another program over the protocol. It is tried,
//! and the old one is back unless the new one is confirmed from here.

use std::time::{Duration, Instant};

use image::slots;
use shared::wire::DEFAULT_PORT;
use shared::wire::update::{Digest, MAX_PROGRAM, Running, State};
use smol::Timer;

use super::deployment::Deployment;
use super::hosts::Host;
use super::presence::{busy, runs};
use super::report::{Report, Step};
use super::service::{RELEASE, Service};
use crate::cluster::{Endpoint, NoUpdates, Updating, Visit, visit};
use crate::key::Keyring;

/// How long a program is tried there, and some seconds for the old one to be back.
const PATIENCE: Duration = Duration::from_secs(75);

/// How often is looked which program runs there.
const PAUSE: Duration = Duration::from_millis(250);

/// Finds a node of a card at a host.
pub(super) async fn find(host: &Host, deployment: &Deployment<'_>) -> Result<Updating, NoUpdates> {
    Updating::begin(&endpoint(host), deployment.key, deployment.force).await
}

/// Why nothing is done at a host that nobody can log in to: it may have started from a card all the same.
pub(super) fn or_a_card(host: &Host, why: NoUpdates, ssh: String) -> String {
    let from_a_card = match why {
        NoUpdates::NoNode => return ssh,
        NoUpdates::OtherKey => {
            "has another cluster key than this controller; if it started from a card, name the file of the key \
             that is on the card with --key, or write this controller's into illuminator.toml on the card"
        }
        NoUpdates::TakesNone => {
            "has this cluster's key and takes no updates; if it started from a card, illuminator.toml on that says \
             'updates = false', or the card is from an image without room for them and has to be written anew"
        }
    };
    let endpoint = endpoint(host);
    format!("the node at {endpoint} {from_a_card}; if it did not: {ssh}")
}

fn endpoint(host: &Host) -> Endpoint {
    host.at(host.port.unwrap_or(DEFAULT_PORT))
}

/// Brings it up to date.
pub(super) async fn update(
    host: &Host,
    mut node: Updating,
    deployment: &Deployment<'_>,
    report: &mut Report,
) -> Result<(), String> {
    let running = node.running.clone();
    report.processor.clone_from(&running.processor);
    if host.bridge {
        return Err(
            "it started from a card, which has no bridge; leave out --bridge, or give the Pi a whole system".to_owned(),
        );
    }
    let binaries = deployment.binaries;
    let program = binaries.for_processor(Service::Node, &running.processor)?;
    let program = program.read()?;
    if program.len() > MAX_PROGRAM {
        return Err(format!(
            "the node for it has {} bytes, and its card has room for {MAX_PROGRAM}",
            program.len()
        ));
    }
    let digest = slots::digest(&program);
    if running.digest == digest && running.state != State::OnTrial {
        let text = format!("node: release {} is up to date", running.release);
        report.add(Step::Kept(text));
        return Ok(());
    }
    // That of a deployment that was cut off is confirmed by this one.
    if running.digest != digest {
        if running.sessions > 0 && !deployment.force {
            return Err(busy(
                Service::Node,
                &sessions(host, deployment, &running).await,
            ));
        }
        node.send(&program, digest, RELEASE).await?;
    }
    drop(node);
    confirm(host, deployment, digest, &running).await?;
    let text = format!("node: release {RELEASE} is kept on its card");
    report.add(Step::Did(text));
    Ok(())
}

/// What its sessions are, if it is of a release that can be asked.
async fn sessions(host: &Host, deployment: &Deployment<'_>, running: &Running) -> String {
    match visit(endpoint(host), &Keyring::of(deployment.key.clone())).await {
        Visit::Node(status) if !status.sessions.is_empty() => runs(&status),
        _ => format!("something: it has {} of them", running.sessions),
    }
}

/// Waits for the new program, sees whether it serves, and has it kept.
async fn confirm(
    host: &Host,
    deployment: &Deployment<'_>,
    digest: Digest,
    before: &Running,
) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    let mut unconfirmed = "nobody could reach it".to_owned();
    loop {
        if let Ok(mut node) = find(host, deployment).await {
            let Running { state, note, .. } = node.running.clone();
            if node.running.digest == digest {
                if state == State::Settled {
                    return Ok(());
                }
                match visit(endpoint(host), &Keyring::of(deployment.key.clone())).await {
                    Visit::Node(_) => match node.keep(digest).await {
                        Ok(()) => return Ok(()),
                        Err(reason) => unconfirmed = reason,
                    },
                    Visit::OtherKey(reason) | Visit::Unusable(reason) | Visit::NoAnswer(reason) => {
                        unconfirmed = reason;
                    }
                }
            } else if state == State::Settled {
                let why = if note.is_empty() { unconfirmed } else { note };
                let release = &node.running.release;
                return Err(format!("the old node is back, release {release}: {why}"));
            }
        }
        if Instant::now() >= deadline {
            return Err(format!(
                "the new node was not confirmed ({unconfirmed}), and the old one, release {}, does not answer; \
                 switch the Pi off and on, and it starts with that",
                before.release
            ));
        }
        Timer::after(PAUSE).await;
    }
}
