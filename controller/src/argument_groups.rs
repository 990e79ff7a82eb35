//! Options that several commands have, in groups, as those who need them take them. argh has no groups,
//! so the options themselves stand where each command is declared.

use std::path::Path;
use std::time::Duration;

use crate::arguments::{Check, Deploy, Identify, Nodes, Run, Undeploy};

/// How nodes are met: `--key`, `--insecure` and `--wait`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeAccess<'a> {
    /// The file with the cluster's key, if it is not the usual one.
    pub(crate) key: Option<&'a Path>,
    /// Nodes without a key will do.
    pub(crate) insecure: bool,
    /// For how long nodes that do not answer yet are waited for; `None` for a moment.
    pub(crate) wait: Option<Duration>,
}

impl<'a> NodeAccess<'a> {
    fn new(key: Option<&'a Path>, insecure: bool, wait: Option<u32>) -> Self {
        let wait = wait.map(|seconds| Duration::from_secs(seconds.into()));
        Self {
            key,
            insecure,
            wait,
        }
    }
}

/// How to log in on hosts, where the user's ssh configuration does not say: `--user`, `--identity` and
/// `--port`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SshOptions<'a> {
    pub(crate) user: Option<&'a str>,
    /// The file with the private key.
    pub(crate) identity: Option<&'a Path>,
    pub(crate) port: Option<u16>,
}

impl<'a> From<&'a Run> for NodeAccess<'a> {
    fn from(of: &'a Run) -> Self {
        Self::new(of.key.as_deref(), of.insecure, of.wait)
    }
}

impl<'a> From<&'a Check> for NodeAccess<'a> {
    fn from(of: &'a Check) -> Self {
        Self::new(of.key.as_deref(), of.insecure, of.wait)
    }
}

impl<'a> From<&'a Nodes> for NodeAccess<'a> {
    fn from(of: &'a Nodes) -> Self {
        Self::new(of.key.as_deref(), of.insecure, None)
    }
}

impl<'a> From<&'a Identify> for NodeAccess<'a> {
    fn from(of: &'a Identify) -> Self {
        Self::new(of.key.as_deref(), of.insecure, None)
    }
}

impl<'a> From<&'a Run> for SshOptions<'a> {
    fn from(of: &'a Run) -> Self {
        Self {
            user: of.user.as_deref(),
            identity: of.identity.as_deref(),
            port: of.port,
        }
    }
}

impl<'a> From<&'a Deploy> for SshOptions<'a> {
    fn from(of: &'a Deploy) -> Self {
        Self {
            user: of.user.as_deref(),
            identity: of.identity.as_deref(),
            port: of.port,
        }
    }
}

impl<'a> From<&'a Undeploy> for SshOptions<'a> {
    fn from(of: &'a Undeploy) -> Self {
        Self {
            user: of.user.as_deref(),
            identity: of.identity.as_deref(),
            port: of.port,
        }
    }
}
