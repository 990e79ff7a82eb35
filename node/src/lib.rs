//! The daemon for a Raspberry Pi: listens, and runs models for the controllers of a cluster.
//!
//! One thread with one reactor lets peers in; each session then has a thread of its own, so a value
//! goes from the socket to a model without a change of thread. Sessions do not see each other.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod access;
mod arguments;
pub mod config;
mod guest;
pub mod lights;
mod links;
mod log;
mod machine;
mod server;
mod session;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use config::{Config, ConfigError};
use shared::model::Registry;
use shared::wire::KeyError;
use terminal::command_line::{self, Exit, Style};
use terminal::printer::Stream;
use terminal::spelling::nearest;

pub use arguments::{Arguments, Command, Models, Run, Serve};
pub use server::{MAX_GUESTS, MAX_SESSIONS};

/// What this program is called.
const PROGRAM: &str = "illuminator-node";

/// Does what the command line of this process says.
pub fn run_from_env() -> ExitCode {
    let given = std::env::args_os().skip(1);
    let code = match command_line::parse::<Arguments>(PROGRAM, given, style) {
        Ok(arguments) => return run(&arguments),
        Err(Exit::Help(text)) => {
            log::answer(format_args!("{}", text.trim_end()));
            0
        }
        Err(Exit::Wrong(text)) => {
            log::error(format_args!("{text}"));
            1
        }
    };
    log::end_answer();
    ExitCode::from(code)
}

/// How help is shown.
fn style() -> Style {
    Style {
        width: terminal::width(Stream::Output),
        colours: terminal::has_colours(Stream::Output),
    }
}

/// Does what a command line says.
pub fn run(arguments: &Arguments) -> ExitCode {
    log::begin();
    let code = obey(arguments);
    if let Some(Command::Serve(_) | Command::Run(_)) = arguments.command {
        log::end();
    } else {
        log::end_answer();
    }
    ExitCode::from(code)
}

/// Does it; returns the exit code.
fn obey(arguments: &Arguments) -> u8 {
    let Some(command) = &arguments.command else {
        if arguments.version {
            log::answer(format_args!(
                "illuminator-node {}",
                env!("CARGO_PKG_VERSION")
            ));
            return 0;
        }
        log::error(format_args!(
            "say what to do, such as 'illuminator-node serve'; see 'illuminator-node --help'"
        ));
        return 1;
    };
    let served = match command {
        Command::Serve(serve) => start(
            [serve.defaults.as_deref(), serve.config.as_deref()],
            serve.flags(),
            models::CATALOGUE.clone(),
        ),
        Command::Run(run) => {
            let Some(types) = models::CATALOGUE.only(&run.model_type) else {
                let name = &run.model_type;
                let near = nearest(name, models::CATALOGUE.names())
                    .map(|near| format!(", did you mean '{near}'?"));
                let near = near.unwrap_or_default();
                log::error(format_args!(
                    "there is no model type '{name}'{near}; 'illuminator-node models' lists them"
                ));
                return 1;
            };
            start([None, run.config.as_deref()], run.flags(), types)
        }
        Command::Models(_) => {
            for name in models::CATALOGUE.names() {
                log::answer(format_args!("{name}"));
            }
            return 0;
        }
    };
    match served {
        Ok(()) => 0,
        Err(error) => {
            log::error(format_args!("{error}"));
            error.exit_code()
        }
    }
}

/// Serves as the configuration files and the command line say.
fn start(
    [defaults, file]: [Option<&Path>; 2],
    flags: Config,
    types: Registry,
) -> Result<(), ServeError> {
    let defaults = match defaults {
        Some(defaults) => Config::load(Some(defaults))?,
        None => Config::default(),
    };
    let config = Config::load(file)?.overridden(flags);
    let config = defaults.overridden(config);
    config.leds.check()?;
    server::serve(&config, types)
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

/// The exit code of a node whose configuration or key is wrong: starting it again does not help. The
/// number is that of `EX_CONFIG` in BSD's `sysexits.h`.
const MISCONFIGURED: u8 = 78;

impl ServeError {
    /// The exit code, which a service manager goes by.
    fn exit_code(&self) -> u8 {
        match self {
            // These may be other ones a moment later.
            Self::Listen { .. } | Self::Signals(_) => 1,
            Self::Config(_) | Self::Key(_) | Self::NoKey { .. } | Self::KeyAndInsecure => {
                MISCONFIGURED
            }
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
        }
    }
}

impl std::error::Error for ServeError {}

impl From<ConfigError> for ServeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
