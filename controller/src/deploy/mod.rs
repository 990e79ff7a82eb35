//! Nodes on machines that ssh reaches: as services that start at boot, with bridges beside them, and for the
//! length of a run.
//!
//! A node that started from a card is updated over the protocol ([`card`]), since nobody can log in there.
//! Everything else goes through the system's own `ssh`, so the user's keys, agent and configuration
//! apply. On the other machine there is a POSIX shell and nothing else to rely on; the scripts that
//! it is given are in `remote/`.

mod binaries;
mod card;
mod deployment;
mod dry_run;
mod found;
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
mod service;
mod ssh;
mod ssh_error;
mod start;
mod system;
mod upload;
mod words;

pub(crate) use binaries::Binaries;
pub(crate) use deployment::{Deployment, deploy_to};
pub(crate) use dry_run::{deploy as show_deploy, undeploy as show_undeploy};
pub(crate) use hosts::{Host, hosts_of};
pub(crate) use login::Login;
pub use login::SshOptions;
pub(crate) use removal::undeploy_from;
pub(crate) use report::Report;
pub(crate) use script::quoted;
pub use start::StartOptions;
pub(crate) use start::{StartError, StartedNodes, start_nodes};
