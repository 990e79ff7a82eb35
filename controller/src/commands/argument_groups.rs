//! Options that several commands have, in groups, as those who need them take them. argh has no groups,
//! so the options themselves stand where each command is declared.

use std::path::PathBuf;
use std::time::Duration;

use crate::arguments::{Cables, Check, Deploy, Identify, Nodes, Run, Undeploy};
use crate::cluster::NodeAccess;
use crate::deploy::SshOptions;

fn access(key: Option<&PathBuf>, insecure: bool, wait: Option<u32>) -> NodeAccess {
    NodeAccess {
        key: key.cloned(),
        insecure,
        wait: wait.map(|seconds| Duration::from_secs(seconds.into())),
    }
}

fn ssh(user: Option<&String>, identity: Option<&PathBuf>, port: Option<u16>) -> SshOptions {
    SshOptions {
        user: user.cloned(),
        identity: identity.cloned(),
        port,
    }
}

impl From<&Run> for NodeAccess {
    fn from(of: &Run) -> Self {
        access(of.key.as_ref(), of.insecure, of.wait)
    }
}

impl From<&Check> for NodeAccess {
    fn from(of: &Check) -> Self {
        access(of.key.as_ref(), of.insecure, of.wait)
    }
}

impl From<&Nodes> for NodeAccess {
    fn from(of: &Nodes) -> Self {
        access(of.key.as_ref(), of.insecure, None)
    }
}

impl From<&Cables> for NodeAccess {
    fn from(of: &Cables) -> Self {
        access(of.key.as_ref(), of.insecure, None)
    }
}

impl From<&Identify> for NodeAccess {
    fn from(of: &Identify) -> Self {
        access(of.key.as_ref(), of.insecure, None)
    }
}

impl From<&Run> for SshOptions {
    fn from(of: &Run) -> Self {
        ssh(of.user.as_ref(), of.identity.as_ref(), of.port)
    }
}

impl From<&Deploy> for SshOptions {
    fn from(of: &Deploy) -> Self {
        ssh(of.user.as_ref(), of.identity.as_ref(), of.port)
    }
}

impl From<&Undeploy> for SshOptions {
    fn from(of: &Undeploy) -> Self {
        ssh(of.user.as_ref(), of.identity.as_ref(), of.port)
    }
}
