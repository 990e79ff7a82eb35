//! The daemon for a Raspberry Pi: listens, and runs models for the controllers of a cluster.
//!
//! One thread with one reactor lets peers in; each session then has a thread of its own, so a value
//! goes from the socket to a model without a change of thread. Sessions do not see each other.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod acceptor;
mod access;
pub mod announce;
mod arguments;
pub mod config;
mod error;
mod executor;
mod inbox;
pub mod lights;
mod log;
mod machine;
mod peers;
#[cfg(feature = "programs")]
mod programs;
mod reports;
mod serve;
mod sessions;

use std::path::Path;
use std::process::ExitCode;

use config::Config;
use shared::model::Registry;
use terminal::command_line::{self, Exit, Style};
use terminal::printer::Stream;
use terminal::spelling::nearest;

pub use acceptor::{MAX_PENDING, MAX_SESSIONS};
pub use arguments::{Arguments, Command, Models, Run, Serve};
pub use error::ServeError;
#[cfg(feature = "programs")]
pub use programs::{Conversation, Programs};

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
    serve::serve(&config, types.into())
}

/// Serves as the configuration says, with these programs besides; until a signal ends it.
///
/// # Errors
/// Where it cannot serve.
#[cfg(feature = "programs")]
pub fn serve_programs(
    config: &Config,
    types: Registry,
    programs: std::sync::Arc<dyn Programs>,
) -> Result<(), ServeError> {
    log::begin();
    let programs = Some(programs);
    let served = serve::serve(config, serve::Models { types, programs });
    log::end();
    served
}
