//! Between an Illuminator cluster and other programs.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod error;
mod log;
mod mosaik;
#[cfg(unix)]
mod site;

use std::process::ExitCode;

use terminal::command_line::{self, Exit, Style};
use terminal::printer::Stream;

pub use arguments::{Arguments, Command, Run, Serve};
pub use error::BridgeError;

/// What this program is called.
const PROGRAM: &str = "illuminator-bridge";

/// Wrong use, or an error of this machine.
pub(crate) const USAGE: u8 = 1;

/// Does what the command line of this process says.
pub fn run_from_env() -> ExitCode {
    log::begin();
    let given = std::env::args_os().skip(1);
    let style = || Style {
        width: terminal::width(Stream::Output),
        colours: terminal::has_colours(Stream::Output),
    };
    let code = match command_line::parse::<Arguments>(PROGRAM, given, style) {
        Ok(arguments) => match obey(&arguments) {
            Ok(()) => 0,
            Err(error) => {
                log::error(&error);
                error.exit_code()
            }
        },
        Err(Exit::Help(text)) => {
            log::answer(format_args!("{}", text.trim_end()));
            0
        }
        Err(Exit::Wrong(text)) => {
            log::wrong(&text);
            USAGE
        }
    };
    log::end();
    ExitCode::from(code)
}

/// Serves mosaik, or controllers.
fn serve(arguments: &Serve) -> Result<(), BridgeError> {
    if let Some(address) = &arguments.mosaik {
        let files = arguments.config.as_ref().or(arguments.defaults.as_ref());
        if !arguments.listen.is_empty() || files.is_some() {
            return Err(BridgeError::Both);
        }
        return mosaik::serve(address, arguments);
    }
    if arguments.nodes.is_some() {
        return Err(BridgeError::NodesWithoutMosaik);
    }
    #[cfg(unix)]
    return Ok(site::serve(arguments)?);
    #[cfg(not(unix))]
    Err(BridgeError::NoSite)
}

/// Does what a command line says.
fn obey(arguments: &Arguments) -> Result<(), BridgeError> {
    match &arguments.command {
        Some(Command::Serve(arguments)) => serve(arguments),
        Some(Command::Run(run)) => mosaik::run(run),
        None if arguments.version => {
            log::answer(format_args!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
        None => Err(BridgeError::Nothing),
    }
}
