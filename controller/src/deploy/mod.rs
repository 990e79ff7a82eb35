//! Nodes on machines that ssh reaches: as services that start at boot, and for the length of a run.
//!
//! Everything goes through the system's own `ssh`, so the user's keys, agent and configuration
//! apply. On the other machine there is a POSIX shell and nothing else to rely on; the scripts that
//! it is given are in `remote/`.

mod binaries;
mod dry_run;
mod hosts;
mod install;
mod presence;
mod reach;
mod report;
mod route;
mod script;
mod ssh;
mod start;
mod words;

use std::path::Path;

use shared::wire::{DEFAULT_PORT, Key};

use install::install;
use presence::Presence;
use reach::{check_name, try_out, unreachable};
use report::Step;
use script::{Found, Install};
use ssh::{Input, Line};
use words::reason;

pub(crate) use binaries::Binaries;
pub(crate) use dry_run::{deploy as show_deploy, undeploy as show_undeploy};
pub(crate) use hosts::{Host, hosts_of};
pub(crate) use report::Report;
pub(crate) use ssh::Login;
pub use start::StartOptions;
pub(crate) use start::{StartError, StartedNodes, start_nodes};

/// What all hosts of a deployment have in common.
pub(crate) struct Plan<'a> {
    pub(crate) login: &'a Login,
    pub(crate) binaries: &'a Binaries,
    pub(crate) key: &'a Key,
    /// What is somebody else's may be replaced, and what runs ended.
    pub(crate) force: bool,
}

/// Puts a node on a host.
pub(crate) async fn deploy_to(host: &Host, plan: &Plan<'_>) -> Report {
    let mut report = Report::new(&host.name);
    if let Err(reason) = try_deploy_to(host, plan, &mut report).await {
        report.add(Step::Failed(reason));
    }
    report
}

async fn try_deploy_to(host: &Host, plan: &Plan<'_>, report: &mut Report) -> Result<(), String> {
    let line = plan.login.to(&host.name).await?;
    check_name(host, &line).await?;
    let found = look(&line).await?;
    found.check_root()?;
    report.processor.clone_from(&found.processor);
    if !found.passing.is_empty() {
        report.add(Step::Note(format!(
            "disk: {} there is in memory, or an overlay over the disk that may be; if it is that of \
             raspi-config ('Overlay File System'), what is installed is gone after the next start: \
             switch it off first, and deploy again",
            found.passing.join(" and ")
        )));
    }
    // Where the node is told to listen, and where it is to be met: its own configuration wins.
    let told = host.port.or(found.port).unwrap_or(DEFAULT_PORT);
    if let Some(old) = found.port.filter(|&old| old != told) {
        report.add(Step::Note(format!("port: it changes from {old} to {told}")));
    }
    let met = host.port.or(found.listens.first().copied()).unwrap_or(told);
    let presence = Presence::of(host, met, &found, Some(plan.key), &line).await?;
    let busy = if plan.force {
        String::new()
    } else {
        presence.check_owner()?;
        presence.busy()
    };
    let binary = plan.binaries.for_processor(&found.processor)?;
    let sum = binary.sum()?;
    let upload = if sum == found.sum {
        String::new()
    } else {
        send(host, &line, &binary.path, &sum).await?
    };
    let work = async {
        if let Some(reason) = presence.silence(met) {
            if found.listens.contains(&met) {
                return Err(unreachable(host, met, reason, &line));
            }
            let tried = try_out(host, met, &upload, plan.key, &line).await;
            tried.map_err(|reason| format!("{reason}; nothing was installed"))?;
        }
        let key = plan.key.to_text();
        let settings = Install {
            port: told,
            sum: &sum,
            upload: &upload,
            key: key.trim_end(),
            force: plan.force,
            busy: &busy,
        };
        install(host, &settings, plan.key, &line, report).await
    };
    let result = work.await;
    if result.is_err() && !upload.is_empty() {
        // It cannot be told what became of it if this fails as well; the next deployment replaces it.
        let discard = format!("rm -f {upload}");
        let nothing = Input::Text(String::new());
        let _ = line.run(&discard, nothing, ssh::LOOK_LIMIT).await;
    }
    result
}

/// Takes the node away from a host.
pub(crate) async fn undeploy_from(
    host: &Host,
    login: &Login,
    key: Option<&Key>,
    force: bool,
) -> Report {
    let mut report = Report::new(&host.name);
    let work = async {
        let line = login.to(&host.name).await?;
        let found = look(&line).await?;
        found.check_root()?;
        report.processor.clone_from(&found.processor);
        if let (Some(&port), false) = (found.listens.first(), force) {
            let presence = Presence::of(host, port, &found, key, &line).await?;
            presence.check_owner()?;
            match presence.busy() {
                busy if busy.is_empty() => {}
                busy => return Err(busy),
            }
        }
        let script = Input::Text(script::remove(&host.upload_name()));
        let said = line.run(ssh::AS_ROOT, script, ssh::SCRIPT_LIMIT).await?;
        report.take(&said);
        Ok(())
    };
    if let Err(reason) = work.await {
        report.add(Step::Failed(reason));
    }
    report
}

/// Asks a host what it is and what it has.
async fn look(line: &Line<'_>) -> Result<Found, String> {
    let input = Input::Text(script::LOOK.to_owned());
    let said = line.run(ssh::AS_USER, input, ssh::LOOK_LIMIT).await?;
    Found::read(&said.stdout).ok_or_else(|| {
        let reason = reason(&said.stderr, &said.stdout);
        format!("what logs in there is not a POSIX shell: {reason}")
    })
}

/// Sends a node to a host; returns the name of the file, in the folder where the user logs in.
async fn send(host: &Host, line: &Line<'_>, path: &Path, sum: &str) -> Result<String, String> {
    let name = host.upload_name();
    let bytes = sum.rsplit(' ').next().unwrap_or_default();
    let command = ssh::receive_into(&name, bytes);
    let input = Input::File(path.to_owned());
    let said = line.run(&command, input, ssh::SEND_LIMIT).await?;
    if said.succeeded {
        return Ok(name);
    }
    let reason = reason(&said.stderr, &said.stdout);
    Err(format!("cannot copy the node there: {reason}"))
}
