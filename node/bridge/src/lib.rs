//! Between an Illuminator cluster and other programs.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;

use std::process::ExitCode;

use terminal::command_line::{self, Exit, Style};
use terminal::printer::Stream;

pub use arguments::{Arguments, Command, Run, Serve};

/// What this program is called.
const PROGRAM: &str = "illuminator-bridge";

/// Does what the command line of this process says.
pub fn run_from_env() -> ExitCode {
    let given = std::env::args_os().skip(1);
    let style = || Style {
        width: terminal::width(Stream::Output),
        colours: terminal::has_colours(Stream::Output),
    };
    match command_line::parse::<Arguments>(PROGRAM, given, style) {
        Ok(_) | Err(Exit::Help(_)) => ExitCode::SUCCESS,
        Err(Exit::Wrong(_)) => ExitCode::from(1),
    }
}
