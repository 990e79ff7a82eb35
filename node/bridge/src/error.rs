//! Why the bridge cannot do what it was started for.

use std::io;
use std::net::SocketAddr;

use shared::wire::KeyError;
use thiserror::Error;

use crate::USAGE;
#[cfg(unix)]
use node::ServeError;

/// Why the bridge cannot do what it was started for.
#[derive(Debug, Error)]
pub enum BridgeError {
    /// The command line does not say what to do.
    #[error(
        "say what to do, such as 'illuminator-bridge serve --mosaik 127.0.0.1:5678'; see \
         'illuminator-bridge --help'"
    )]
    Nothing,
    /// It is to serve mosaik and controllers.
    #[error(
        "'--listen', '--config' and '--defaults' are for controllers, and '--mosaik' is for mosaik; start one \
         bridge for each"
    )]
    Both,
    /// It has nodes, and nobody to run models for.
    #[error("'--nodes' run models for mosaik; say where mosaik finds them with '--mosaik'")]
    NodesWithoutMosaik,
    /// Controllers cannot be served on this system.
    #[cfg(not(unix))]
    #[error("a bridge for controllers needs Linux or macOS; give '--mosaik' to serve mosaik")]
    NoSite,
    /// Controllers cannot be served.
    #[cfg(unix)]
    #[error(transparent)]
    Site(#[from] ServeError),
    /// There is no type of this name; here is what to say of it.
    #[error("{0}; 'illuminator-node models' lists them")]
    NoType(String),
    /// What is given as a node is none.
    #[error("--nodes: {0}; give nodes such as pi1.local,192.168.0.2:5123")]
    Nodes(String),
    /// A key, and nobody to show it to.
    #[error("'--key' is for nodes, and there are none; say which with '--nodes', or leave it out")]
    KeyWithoutNodes,
    /// The cluster's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An address has another form, or no machine has its name.
    #[error("'{address}' is no address: {cause}; give one such as 127.0.0.1:5678")]
    Address {
        /// As it was given.
        address: String,
        /// Why.
        cause: io::Error,
    },
    /// Other machines would be let in.
    #[error(
        "{address} is reached from other machines, and mosaik has no keys: whoever reaches it can use the \
         models here and read along; give an address of this machine such as 127.0.0.1:{port}, or let \
         everybody in with '--insecure'", port = address.port()
    )]
    Open {
        /// The address that they reach.
        address: SocketAddr,
    },
    /// mosaik would be talked to over a network.
    #[error(
        "{address} is on another machine, and what mosaik says can be read and changed on its way; run \
         both on one machine, or say '--insecure'"
    )]
    Away {
        /// The address.
        address: SocketAddr,
    },
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}: {cause}; give an address of this machine and a free port, such as \
         127.0.0.1:5678"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// Nobody listens at an address.
    #[error(
        "cannot reach mosaik at {address}: {cause}; it waits there only while it starts this program, so \
         let it do that with 'cmd', or have it connect with '--remote'"
    )]
    Dial {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: io::Error,
    },
    /// The system does not do what every system does.
    #[error("the system does not {what}: {cause}")]
    System {
        /// What it does not do.
        what: &'static str,
        /// Why.
        cause: io::Error,
    },
}

impl BridgeError {
    /// The exit code, which a service manager goes by.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            #[cfg(unix)]
            Self::Site(error) => error.exit_code(),
            _ => USAGE,
        }
    }
}
