//! `controller deploy` and `controller undeploy`: nodes on machines that ssh reaches, as services
//! that start at boot; and nodes for the length of a run.
//!
//! Everything goes through the system's own `ssh`, so the user's keys, agent and configuration
//! apply. On the other machine there is a POSIX shell and nothing else to rely on; the scripts that
//! it is given are in `remote/`.

mod binaries;
mod deployment;
mod dry_run;
mod error;
mod hosts;
mod install;
mod launch;
mod login;
mod look;
mod presence;
mod reach;
mod removal;
mod report;
mod route;
mod script;
mod ssh;
mod ssh_error;
mod start;
mod upload;
mod words;

use smol::stream::StreamExt;

use crate::arguments::{Deploy, Undeploy};
use crate::cluster::all;
use crate::exit::RunError;
use crate::key::{load_if_there, load_or_create};
use crate::output::{answer, answer_line, say_line};
use crate::signals;
use binaries::Binaries;
use deployment::{Deployment, deploy_to};
use error::DeployError;
use login::Login;
use removal::undeploy_from;
use report::Report;

pub(crate) use start::{StartedNodes, start_nodes};

/// What a host whose deployment failed comes to: the exit code of a node that cannot be reached.
const HOST_FAILED: u8 = 4;

/// Puts nodes on hosts; returns the exit code.
pub(crate) fn deploy(arguments: &Deploy) -> u8 {
    try_deploy(arguments).unwrap_or_else(|error| error.print())
}

fn try_deploy(arguments: &Deploy) -> Result<u8, DeployError> {
    let hosts = hosts::read(&arguments.targets, arguments.listen_port)?;
    let login = Login::new(arguments.into()).map_err(DeployError::Usage)?;
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
    let deployment = Deployment {
        login: &login,
        binaries: &binaries,
        key: &key.key,
        force: arguments.force,
    };
    let work = all(hosts.iter().map(async |host| {
        let report = deploy_to(host, &deployment).await;
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
    let login = Login::new(arguments.into()).map_err(DeployError::Usage)?;
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
