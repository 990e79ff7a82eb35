//! How nodes are met.

use std::path::PathBuf;
use std::time::Duration;

use shared::wire::KeyError;

use crate::key::Keyring;

/// How nodes are met.
#[derive(Clone, Debug, Default)]
pub struct NodeAccess {
    /// The file with the cluster's key; `None` is the usual one, if it is there.
    pub key: Option<PathBuf>,
    /// Nodes without a key will do as well, unencrypted.
    pub insecure: bool,
    /// How long to wait for nodes that do not answer yet; `None` is for a moment.
    pub wait: Option<Duration>,
}

impl NodeAccess {
    /// What a controller shows nodes, and whom it takes for one.
    pub(crate) fn keyring(&self) -> Result<Keyring, KeyError> {
        Keyring::load(self.key.as_deref(), self.insecure)
    }
}
