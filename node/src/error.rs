//! Why a node cannot serve.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use shared::wire::KeyError;

use crate::config::ConfigError;

/// Why a node cannot serve.
#[derive(Debug)]
pub enum ServeError {
    /// Its configuration says nothing that can be done.
    Config(ConfigError),
    /// An address cannot be listened on.
    Listen {
        /// The address as given.
        address: String,
        /// Why.
        cause: io::Error,
    },
    /// The system does not deliver signals.
    Signals(io::Error),
    /// The cluster's key cannot be used.
    Key(KeyError),
    /// Other machines would be let in without a key.
    NoKey {
        /// The address that they reach.
        address: SocketAddr,
        /// Where the key would be.
        file: &'static str,
    },
    /// A key, and the wish to do without one.
    KeyAndInsecure,
    /// Updates are to be passed on, and standard input is no socket.
    NoUpdates(io::Error),
}

/// The exit code of a node whose configuration or key is wrong: starting it again does not help. The
/// number is that of `EX_CONFIG` in BSD's `sysexits.h`.
const MISCONFIGURED: u8 = 78;

impl ServeError {
    /// The exit code, which a service manager goes by.
    pub fn exit_code(&self) -> u8 {
        match self {
            // These may be other ones a moment later.
            Self::Listen { .. } | Self::Signals(_) => 1,
            Self::Config(_)
            | Self::Key(_)
            | Self::NoKey { .. }
            | Self::KeyAndInsecure
            | Self::NoUpdates(_) => MISCONFIGURED,
        }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Listen { address, cause } => write!(
                f,
                "cannot listen on '{address}': {cause}; give an address of this machine and a free \
                 port, such as '--listen 192.168.0.1:5123'"
            ),
            Self::Signals(cause) => write!(f, "cannot wait for signals: {cause}"),
            Self::Key(error) => error.fmt(f),
            Self::NoKey { address, file } => write!(
                f,
                "{address} lets other machines in, and there is no cluster key at {file}: \
                 'controller deploy' puts it there; or name its file with '--key', or let \
                 everybody in with '--insecure'"
            ),
            Self::KeyAndInsecure => {
                f.write_str("'--key' and '--insecure' exclude each other; leave one out")
            }
            Self::NoUpdates(cause) => write!(
                f,
                "'--updates' wants a socket as standard input: {cause}; leave it out"
            ),
        }
    }
}

impl std::error::Error for ServeError {}

impl From<ConfigError> for ServeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
