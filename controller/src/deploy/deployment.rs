//! Putting a node on one host.

use shared::wire::{DEFAULT_PORT, Key};

use super::binaries::Binaries;
use super::hosts::Host;
use super::install::install;
use super::login::Login;
use super::look::look;
use super::presence::Presence;
use super::reach::{check_name, try_out, unreachable};
use super::report::{Report, Step};
use super::script::{Found, Install};
use super::ssh::{self, Input, Line};
use super::upload::send;

/// What all hosts of a deployment have in common.
pub(crate) struct Deployment<'a> {
    pub(crate) login: &'a Login,
    pub(crate) binaries: &'a Binaries,
    pub(crate) key: &'a Key,
    /// What is somebody else's may be replaced, and what runs ended.
    pub(crate) force: bool,
}

/// Puts a node on a host, or brings the one that is there up to date.
pub(crate) async fn deploy_to(host: &Host, deployment: &Deployment<'_>) -> Report {
    let mut report = Report::new(&host.name);
    if let Err(reason) = try_deploy_to(host, deployment, &mut report).await {
        report.add(Step::Failed(reason));
    }
    report
}

async fn try_deploy_to(
    host: &Host,
    deployment: &Deployment<'_>,
    report: &mut Report,
) -> Result<(), String> {
    let line = Line::to(&host.name, deployment.login).await?;
    check_name(host, &line).await?;
    let found = look(&line).await?;
    found.check_root()?;
    report.processor.clone_from(&found.processor);
    let ports = Ports::of(host, &found);
    note_what_is_there(&found, &ports, report);
    let presence = Presence::of(host, ports.met, &found, Some(deployment.key), &line).await?;
    let busy = if deployment.force {
        String::new()
    } else {
        presence.check_owner()?;
        presence.busy()
    };
    let binary = deployment.binaries.for_processor(&found.processor)?;
    let sum = binary.sum()?;
    let upload = if sum == found.sum {
        String::new()
    } else {
        send(host, &line, &binary.path, &sum).await?
    };
    let work = async {
        if let Some(reason) = presence.silence(ports.met) {
            if found.listens.contains(&ports.met) {
                return Err(unreachable(host, ports.met, reason, &line));
            }
            let tried = try_out(host, ports.met, &upload, deployment.key, &line).await;
            tried.map_err(|reason| format!("{reason}; nothing was installed"))?;
        }
        let key = deployment.key.to_text();
        let settings = Install {
            port: ports.configured,
            sum: &sum,
            upload: &upload,
            key: key.trim_end(),
            force: deployment.force,
            busy: &busy,
        };
        install(host, &settings, deployment.key, &line, report).await
    };
    let result = work.await;
    if result.is_err() && !upload.is_empty() {
        // If this fails as well, nothing is known of the file; the next deployment replaces it.
        let discard = format!("rm -f {upload}");
        let nothing = Input::Text(String::new());
        let _ = line.run(&discard, nothing, ssh::LOOK_LIMIT).await;
    }
    result
}

/// Where the node is configured to listen, and where it is to be met: its own configuration wins.
struct Ports {
    configured: u16,
    met: u16,
}

impl Ports {
    fn of(host: &Host, found: &Found) -> Self {
        let configured = host.port.or(found.port).unwrap_or(DEFAULT_PORT);
        let met = host.port.or(found.listens.first().copied());
        Self {
            configured,
            met: met.unwrap_or(configured),
        }
    }
}

/// Notes what the user should know about what was found on a host.
fn note_what_is_there(found: &Found, ports: &Ports, report: &mut Report) {
    if !found.passing.is_empty() {
        report.add(Step::Note(format!(
            "disk: {} there is in memory, or an overlay over the disk that may be; if it is that of \
             raspi-config ('Overlay File System'), what is installed is gone after the next start: \
             switch it off first, and deploy again",
            found.passing.join(" and ")
        )));
    }
    let new = ports.configured;
    if let Some(old) = found.port.filter(|&old| old != new) {
        report.add(Step::Note(format!("port: it changes from {old} to {new}")));
    }
}
