//! Putting a node on one host, and a bridge beside it.

use shared::wire::Key;

use super::binaries::{Binaries, Binary};
use super::card;
use super::found::Found;
use super::hosts::Host;
use super::install::install;
use super::login::Login;
use super::look::look;
use super::presence::Presence;
use super::reach::{check_name, try_out, unreachable};
use super::report::{Report, Step};
use super::script::Install;
use super::service::{Ports, Service};
use super::ssh::{self, Line};
use super::upload::send;

/// What all hosts of a deployment have in common.
pub(crate) struct Deployment<'a> {
    pub(crate) login: &'a Login,
    pub(crate) binaries: &'a Binaries,
    pub(crate) key: &'a Key,
    /// What is somebody else's may be replaced, and what runs ended.
    pub(crate) force: bool,
}

/// Puts a node on a host, or brings the one that is there up to date; likewise a bridge.
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
    let no_updates = match card::find(host, deployment).await {
        Ok(node) => return card::update(host, node, deployment, report).await,
        Err(no_updates) => no_updates,
    };
    let logged_in = log_in(host, deployment).await;
    let (line, found) = logged_in.map_err(|ssh| card::or_a_card(host, no_updates, ssh))?;
    found.check_root()?;
    report.processor.clone_from(&found.processor);
    note_what_is_there(host, &found, report);
    let machine = Machine {
        host,
        line: &line,
        found: &found,
        deployment,
    };
    let node = machine.look_at(Service::Node).await?;
    let node_binary = deployment
        .binaries
        .for_processor(Service::Node, &found.processor)?;
    // What is in the way of a bridge is told before anything is done.
    let bridge = match machine.bridge_binary(report)? {
        Some(binary) => Some((machine.look_at(Service::Bridge).await?, binary)),
        None => None,
    };
    machine.place(&node, &node_binary, report).await?;
    match bridge {
        Some((bridge, binary)) if !report.has_failed() => {
            machine.place(&bridge, &binary, report).await
        }
        _ => Ok(()),
    }
}

/// Finds out how ssh gets to a host, and what is there.
async fn log_in<'a>(host: &Host, deployment: &Deployment<'a>) -> Result<(Line<'a>, Found), String> {
    let line = Line::to(&host.name, deployment.login).await?;
    check_name(host, &line).await?;
    let found = look(&line).await?;
    Ok((line, found))
}

/// A host on which something is placed.
struct Machine<'a> {
    host: &'a Host,
    line: &'a Line<'a>,
    found: &'a Found,
    deployment: &'a Deployment<'a>,
}

/// A program that may be placed.
struct Candidate {
    program: Service,
    ports: Ports,
    presence: Presence,
    /// Why the one that runs there must not be stopped; empty if it may be.
    busy: String,
}

impl Machine<'_> {
    /// The bridge for the host, where one is wanted or there is one to bring up to date.
    fn bridge_binary(&self, report: &mut Report) -> Result<Option<Binary>, String> {
        let is_wanted = self.host.bridge;
        if !is_wanted && !self.found.is_bridge_deployed {
            return Ok(None);
        }
        let binaries = self.deployment.binaries;
        match binaries.for_processor(Service::Bridge, &self.found.processor) {
            Ok(binary) => Ok(Some(binary)),
            Err(reason) if is_wanted => Err(reason),
            Err(reason) => {
                let release = &self.found.bridge.release;
                report.add(Step::Note(format!(
                    "bridge: it stays what it is, {release}: {reason}"
                )));
                Ok(None)
            }
        }
    }

    /// Looks who has what is there, and uses it.
    async fn look_at(&self, program: Service) -> Result<Candidate, String> {
        let (host, deployment) = (self.host, self.deployment);
        let ports = self.found.ports(program, host);
        let installed = self.found.of(program);
        let key = Some(deployment.key);
        let presence = Presence::of(host, ports.met, program, installed, key, self.line).await?;
        if program == Service::Bridge {
            presence.check_installed(&installed.listens)?;
        }
        let busy = if deployment.force {
            String::new()
        } else {
            presence.check_owner()?;
            presence.busy()
        };
        Ok(Candidate {
            program,
            ports,
            presence,
            busy,
        })
    }

    /// Sends a program, unless it is there, and installs it.
    async fn place(
        &self,
        candidate: &Candidate,
        binary: &Binary,
        report: &mut Report,
    ) -> Result<(), String> {
        let sum = binary.sum()?;
        let program = candidate.program;
        let upload = if sum == self.found.of(program).sum {
            String::new()
        } else {
            send(self.host, program, self.line, &binary.path, &sum).await?
        };
        let result = self.install(candidate, &sum, &upload, report).await;
        if result.is_err() && !upload.is_empty() {
            // If this fails as well, nothing is known of the file; the next deployment replaces it.
            let discard = format!("rm -f {upload}");
            let _ = self.line.run(&discard, &[], ssh::LOOK_LIMIT).await;
        }
        result
    }

    /// Installs what has arrived; a node only if it can be reached from here.
    async fn install(
        &self,
        candidate: &Candidate,
        sum: &str,
        upload: &str,
        report: &mut Report,
    ) -> Result<(), String> {
        let Candidate { program, ports, .. } = candidate;
        if *program == Service::Node {
            self.try_node(candidate, upload).await?;
        }
        let key = self.deployment.key.to_text();
        let settings = Install {
            program: *program,
            port: ports.configured,
            sum,
            upload,
            key: key.trim_end(),
            force: self.deployment.force,
            busy: &candidate.busy,
        };
        let key = self.deployment.key;
        install(self.host, ports.named, &settings, key, self.line, report).await
    }

    /// Sees whether a node could be reached from here, where none answers.
    async fn try_node(&self, node: &Candidate, upload: &str) -> Result<(), String> {
        let (host, port, line) = (self.host, node.ports.met, self.line);
        let Some(reason) = node.presence.silence(port) else {
            return Ok(());
        };
        if self.found.node.listens.contains(&port) {
            return Err(unreachable(host, port, Service::Node, reason, line));
        }
        let tried = try_out(host, port, upload, self.deployment.key, line).await;
        tried.map_err(|reason| format!("{reason}; nothing was installed"))
    }
}

/// Notes what the user should know about what was found on a host.
fn note_what_is_there(host: &Host, found: &Found, report: &mut Report) {
    if !found.passing.is_empty() {
        report.add(Step::Note(format!(
            "disk: {} there is in memory, or an overlay over the disk that may be; if it is that of \
             raspi-config ('Overlay File System'), what is installed is gone after the next start: \
             switch it off first, and deploy again",
            found.passing.join(" and ")
        )));
    }
    let new = found.ports(Service::Node, host).configured;
    if let Some(old) = found.port.filter(|&old| old != new) {
        report.add(Step::Note(format!("port: it changes from {old} to {new}")));
    }
}
