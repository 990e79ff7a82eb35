//! `controller deploy` and `controller undeploy`: nodes on machines that ssh reaches, as services
//! that start at boot; and nodes for the length of a run.
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

use std::path::{Path, PathBuf};

use shared::wire::{DEFAULT_PORT, Key};
use smol::stream::StreamExt;

use crate::arguments::{Deploy, Undeploy};
use crate::cluster::all;
use crate::exit::{RunError, USAGE};
use crate::key::{load_if_there, load_or_create};
use crate::output::{answer, answer_line, say_line};
use crate::signals;
use binaries::Binaries;
use hosts::Host;
use install::install;
use presence::Presence;
use reach::{check_name, try_out, unreachable};
use report::{Report, Step};
use script::{Found, Install};
use ssh::{Input, Line, Login};
use words::reason;

pub(crate) use start::{StartedNodes, start_nodes};

/// What a host whose deployment failed comes to: the exit code of a node that cannot be reached.
const HOST_FAILED: u8 = 4;

/// Why nothing was done to any host.
#[derive(Debug)]
enum DeployError {
    /// The scenario, a signal, or the system.
    Run(RunError),
    /// The command line is wrong, or the key is.
    Usage(String),
}

impl DeployError {
    fn print(&self) -> u8 {
        match self {
            Self::Run(error) => {
                error.print();
                error.exit_code()
            }
            Self::Usage(text) => {
                say_line!(Error, "{text}");
                USAGE
            }
        }
    }
}

impl From<RunError> for DeployError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

/// Puts nodes on hosts; returns the exit code.
pub(crate) fn deploy(arguments: &Deploy) -> u8 {
    try_deploy(arguments).unwrap_or_else(|error| error.print())
}

fn try_deploy(arguments: &Deploy) -> Result<u8, DeployError> {
    let hosts = hosts::read(&arguments.targets, arguments.listen_port)?;
    let login = login(
        arguments.user.as_ref(),
        arguments.identity.as_ref(),
        arguments.port,
    )?;
    let binaries = Binaries::new(arguments.binaries.as_deref());
    if arguments.dry_run {
        answer(format_args!(
            "{}",
            dry_run::deploy(&hosts, &login, &binaries, arguments.force)
        ));
        return Ok(0);
    }
    let key = load_or_create(arguments.key.as_deref()).map_err(RunError::Key)?;
    if key.is_new {
        answer_line!("the cluster has a key now: {}", key.path.display());
    }
    let plan = Plan {
        login: &login,
        binaries: &binaries,
        key: &key.key,
        force: arguments.force,
    };
    let work = all(hosts.iter().map(async |host| {
        let report = deploy_to(host, &plan).await;
        report.print();
        report
    }));
    let reports = smol::block_on(unless_interrupted(work))?;
    Ok(sum_up(&reports, "ready"))
}

/// Takes nodes away from hosts; returns the exit code.
pub(crate) fn undeploy(arguments: &Undeploy) -> u8 {
    try_undeploy(arguments).unwrap_or_else(|error| error.print())
}

fn try_undeploy(arguments: &Undeploy) -> Result<u8, DeployError> {
    let hosts = hosts::read(&arguments.targets, None)?;
    let login = login(
        arguments.user.as_ref(),
        arguments.identity.as_ref(),
        arguments.port,
    )?;
    if arguments.dry_run {
        answer(format_args!("{}", dry_run::undeploy(&hosts, &login)));
        return Ok(0);
    }
    let key = load_if_there(arguments.key.as_deref()).map_err(RunError::Key)?;
    let work = all(hosts.iter().map(async |host| {
        let report = undeploy_from(host, &login, key.as_ref(), arguments.force).await;
        report.print();
        report
    }));
    let reports = smol::block_on(unless_interrupted(work))?;
    Ok(sum_up(&reports, "without a node"))
}

fn login(
    user: Option<&String>,
    identity: Option<&PathBuf>,
    port: Option<u16>,
) -> Result<Login, DeployError> {
    Login::new(user.cloned(), identity.cloned(), port).map_err(DeployError::Usage)
}

/// Does the work, unless the user ends it before. Scripts that run on hosts by then come to their
/// end there.
async fn unless_interrupted<T>(work: impl Future<Output = T>) -> Result<T, RunError> {
    let mut signals = signals::that_end().map_err(RunError::System)?;
    let interrupted = async {
        signals.next().await;
        Err(RunError::Interrupted)
    };
    smol::future::or(interrupted, async { Ok(work.await) }).await
}

fn sum_up(reports: &[Report], state: &str) -> u8 {
    let failed: Vec<&str> = reports
        .iter()
        .filter(|report| report.has_failed())
        .map(|report| report.host.as_str())
        .collect();
    let (good, all) = (reports.len() - failed.len(), reports.len());
    answer_line!("{good} of {all} hosts {state}");
    if failed.is_empty() {
        return 0;
    }
    say_line!(Error, "failed: {}", failed.join(", "));
    HOST_FAILED
}

/// What all hosts of a deployment have in common.
struct Plan<'a> {
    login: &'a Login,
    binaries: &'a Binaries,
    key: &'a Key,
    /// What is somebody else's may be replaced, and what runs ended.
    force: bool,
}

async fn deploy_to(host: &Host, plan: &Plan<'_>) -> Report {
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

async fn undeploy_from(host: &Host, login: &Login, key: Option<&Key>, force: bool) -> Report {
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
