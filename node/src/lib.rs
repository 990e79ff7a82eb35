//! The daemon for a Raspberry Pi: listens, and runs models for the controllers of a cluster.
//!
//! One thread with one reactor lets peers in; each session then has a thread of its own, so a value
//! goes from the socket to a model without a change of thread. Sessions do not see each other.

mod access;
mod arguments;
pub mod config;
mod guest;
pub mod lights;
mod links;
mod machine;
mod plan;
mod server;
mod session;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use config::{Config, ConfigError};
use shared::model::ModelType;
use shared::wire::KeyError;

pub use arguments::{Arguments, Command, Models, Run, Serve};
pub use server::{MAX_GUESTS, MAX_SESSIONS};

/// Does what the command line says.
pub fn run(arguments: &Arguments) -> ExitCode {
    let Some(command) = &arguments.command else {
        if arguments.version {
            server::answer(format_args!(
                "illuminator-node {}",
                env!("CARGO_PKG_VERSION")
            ));
            return ExitCode::SUCCESS;
        }
        eprintln!("illuminator-node: say what to do: 'illuminator-node serve', or '--help'");
        return ExitCode::FAILURE;
    };
    let served = match command {
        Command::Serve(serve) => start(
            serve.config.as_deref(),
            serve.flags(),
            models::CATALOGUE.to_vec(),
        ),
        Command::Run(run) => {
            let Some(model_type) = models::find(&run.model_type) else {
                let name = &run.model_type;
                eprintln!(
                    "illuminator-node: there is no model type '{name}'; 'illuminator-node models' \
                     lists them"
                );
                return ExitCode::FAILURE;
            };
            start(run.config.as_deref(), run.flags(), vec![model_type])
        }
        Command::Models(_) => {
            for model_type in models::CATALOGUE {
                server::answer(format_args!("{}", model_type.name));
            }
            return ExitCode::SUCCESS;
        }
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("illuminator-node: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves as the configuration file and the command line say.
fn start(
    file: Option<&Path>,
    flags: Config,
    catalogue: Vec<&'static ModelType>,
) -> Result<(), ServeError> {
    let config = Config::load(file)?.overridden(flags);
    config.leds.check()?;
    server::serve(&config, catalogue)
}

/// Why a node cannot serve.
#[derive(Debug)]
pub enum ServeError {
    /// It cannot be told how.
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
        }
    }
}

impl std::error::Error for ServeError {}

impl From<ConfigError> for ServeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
