//! `controller deploy` and `controller undeploy`: nodes on machines that ssh reaches, as services
//! that start at boot; and nodes for the length of a run.
//!
//! Everything goes through the system's own `ssh`, so the user's keys, agent and configuration
//! apply. On the other machine there is a POSIX shell and nothing else to rely on; the scripts that
//! it is given are in `remote/`.

mod binaries;
mod dry_run;
mod hosts;
mod report;
mod script;
mod ssh;
mod start;

use std::path::PathBuf;
use std::time::Duration;

use shared::wire::{Key, ToNode};
use smol::Timer;
use smol::stream::StreamExt;

use crate::arguments::{Deploy, Undeploy};
use crate::cluster::{all, survey};
use crate::exit::{RunError, USAGE};
use crate::key::{Keyring, load_or_create};
use crate::output::{answer, answer_line, printable, say_line};
use crate::signals;
use binaries::Binaries;
use hosts::Host;
use report::{Report, Step};
use ssh::{Input, Login};

pub(crate) use start::{StartedNodes, start_nodes};

/// What a host whose deployment failed comes to: the exit code of a node that cannot be reached.
const HOST_FAILED: u8 = 4;

/// How often the node's port is tried before its handshake counts as failed.
const KNOCKS: u32 = 5;

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
            dry_run::deploy(&hosts, &login, &binaries)
        ));
        return Ok(0);
    }
    let key = load_or_create(arguments.key.as_deref()).map_err(RunError::Key)?;
    if key.is_new {
        answer_line!("the cluster has a key now: {}", key.path.display());
    }
    let work = all(hosts.iter().map(async |host| {
        let report = deploy_to(host, &login, &binaries, &key.key).await;
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
    let work = all(hosts.iter().map(async |host| {
        let report = undeploy_from(host, &login).await;
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

async fn deploy_to(host: &Host, login: &Login, binaries: &Binaries, key: &Key) -> Report {
    let mut report = Report::new(&host.name);
    if let Err(reason) = try_deploy_to(host, login, binaries, key, &mut report).await {
        report.add(Step::Failed(reason));
    }
    report
}

async fn try_deploy_to(
    host: &Host,
    login: &Login,
    binaries: &Binaries,
    key: &Key,
    report: &mut Report,
) -> Result<(), String> {
    let found = look(host, login).await?;
    found.check_root()?;
    report.processor.clone_from(&found.processor);
    let binary = binaries.for_processor(&found.processor)?;
    let sum = binary.sum()?;
    let upload = if sum == found.sum {
        String::new()
    } else {
        send(host, login, &binary.path).await?
    };
    let text = script::install(host.port, &sum, &upload, key.to_text().trim_end());
    let said = login
        .run(
            &host.name,
            ssh::AS_ROOT,
            Input::Text(text),
            ssh::SCRIPT_LIMIT,
        )
        .await?;
    report.take(&said);
    if report.has_failed() {
        return Ok(());
    }
    if report.has_note("start: ") {
        report.add(Step::Note(
            "handshake: not checked, as the node is not started".to_owned(),
        ));
        return Ok(());
    }
    shake_hands(host, key, report).await
}

/// Checks that the node answers, has the key and is of this release.
async fn shake_hands(host: &Host, key: &Key, report: &mut Report) -> Result<(), String> {
    let (address, keyring) = (host.address(), Keyring::of(key.clone()));
    let mut result = knock(host, &keyring).await;
    for _ in 1..KNOCKS {
        if result.is_ok() {
            break;
        }
        Timer::after(Duration::from_millis(500)).await;
        result = knock(host, &keyring).await;
    }
    result.map_err(|reason| {
        format!("handshake: the node runs, and cannot be used at {address} from here: {reason}")
    })?;
    report.add(Step::Did(format!(
        "handshake: the node answers at {address}"
    )));
    Ok(())
}

async fn knock(host: &Host, keyring: &Keyring) -> Result<(), String> {
    let answers = survey(vec![host.endpoint()], keyring, &ToNode::Status).await;
    let statuses = answers.into_iter().map(|answer| answer.status);
    for status in statuses {
        let (status, _) = status?;
        if status.release != env!("CARGO_PKG_VERSION") {
            return Err(format!("it is of release {}", printable(&status.release)));
        }
    }
    Ok(())
}

async fn undeploy_from(host: &Host, login: &Login) -> Report {
    let mut report = Report::new(&host.name);
    let work = async {
        let found = look(host, login).await?;
        found.check_root()?;
        report.processor.clone_from(&found.processor);
        let script = Input::Text(script::remove(&host.upload_name()));
        let said = login
            .run(&host.name, ssh::AS_ROOT, script, ssh::SCRIPT_LIMIT)
            .await?;
        report.take(&said);
        Ok(())
    };
    if let Err(reason) = work.await {
        report.add(Step::Failed(reason));
    }
    report
}

/// Asks a host what it is and what it has.
async fn look(host: &Host, login: &Login) -> Result<script::Found, String> {
    let input = Input::Text(script::LOOK.to_owned());
    let said = login
        .run(&host.name, ssh::AS_USER, input, ssh::LOOK_LIMIT)
        .await?;
    script::Found::read(&said.stdout).ok_or_else(|| {
        let last = said.stderr.lines().last().unwrap_or_default();
        format!("what logs in there is not a POSIX shell: {last}")
    })
}

/// Sends a node to a host; returns the name of the file, in the folder where the user logs in.
async fn send(host: &Host, login: &Login, path: &std::path::Path) -> Result<String, String> {
    let name = host.upload_name();
    let command = ssh::receive_into(&name);
    let input = Input::File(path.to_owned());
    let said = login
        .run(&host.name, &command, input, ssh::SEND_LIMIT)
        .await?;
    if said.succeeded {
        return Ok(name);
    }
    let last = said.stderr.lines().last().unwrap_or("no reason given");
    Err(format!("cannot copy the node there: {last}"))
}
