//! Who may use the node.

use std::net::SocketAddr;
use std::path::Path;

use shared::wire::{Key, Trust};

use crate::error::ServeError;

/// Where the cluster's key is, unless the user says otherwise. `controller deploy` puts it there.
const KEY_FILE: &str = "/etc/illuminator/cluster.key";

/// Who may use the node: whoever has the cluster's key, or everybody who reaches it.
#[derive(Debug)]
pub(crate) struct Access {
    key: Option<Key>,
    /// The user knows that there is no key.
    insecure: bool,
}

impl Access {
    /// What the user wants: a key from this file or the usual one, or none.
    pub(crate) fn new(key: Option<&Path>, insecure: bool) -> Result<Self, ServeError> {
        let usual = Path::new(KEY_FILE);
        let path = match (key, insecure) {
            (Some(_), true) => return Err(ServeError::KeyAndInsecure),
            (Some(path), false) => Some(path),
            // A file that cannot be looked at is an error below, and not an open node.
            (None, false) => (!matches!(usual.try_exists(), Ok(false))).then_some(usual),
            (None, true) => None,
        };
        let key = path.map(Key::read).transpose().map_err(ServeError::Key)?;
        Ok(Self { key, insecure })
    }

    /// Refuses to let other machines in without a key, unless the user wants that.
    pub(crate) fn check(&self, address: SocketAddr) -> Result<(), ServeError> {
        if self.key.is_some() || self.insecure || address.ip().is_loopback() {
            return Ok(());
        }
        Err(ServeError::NoKey {
            address,
            file: KEY_FILE,
        })
    }

    /// What to say about it at the start.
    pub(crate) fn warning(&self, address: SocketAddr) -> Option<String> {
        (self.key.is_none() && !address.ip().is_loopback()).then(|| {
            format!(
                "warning: {address} is open: there is no cluster key, so whoever reaches this \
                 port can use the node and read along"
            )
        })
    }

    /// For handshakes.
    pub(crate) fn trust(&self) -> Trust<'_> {
        Trust {
            key: self.key.as_ref(),
            open_peers: false,
        }
    }
}
