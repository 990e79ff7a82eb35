//! Runs scenarios: reads and checks them, finds their nodes, runs its own part, and writes the result.
//!
//! This is a library; the program `controller` is a thin layer of commands over it. A scenario is loaded
//! and run from a program of one's own like this:
//!
//! ```
//! use controller::{Output, Run, Scenario};
//!
//! # std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?;
//! # let folder = tempfile::tempdir()?;
//! # let result = folder.path().join("result.csv");
//! let scenario = Scenario::load("scenarios/power-balance.yaml")?;
//! for warning in scenario.warnings() {
//!     eprintln!("{warning}");
//! }
//! let outcome = Run::new(scenario).output(Output::File(result)).start()?;
//! println!("{} rows in {:?}", outcome.rows, outcome.wall_time);
//! # assert_eq!(outcome.rows, outcome.ticks);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Scenario`] is a scenario that has been checked in full, [`Run`] what is done with it and how. Rows go
//! to a [`Sink`], such as the [`Table`] in memory; an [`Observer`] hears what happens in a run; a
//! [`Control`] holds it at a tick, lets it go on, changes its [`Pace`], or ends it.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod adjusting;
mod arguments;
mod cards;
mod chain;
mod chart;
mod cluster;
mod commands;
mod deploy;
mod exit;
mod key;
mod keys;
mod made_from;
pub mod manual;
mod new;
mod observers;
mod output;
mod outputs;
pub mod page;
mod pages;
mod placement;
mod places;
mod plot;
mod replay;
mod report;
pub mod results;
mod run;
pub mod scenario;
mod signals;
mod sweep;
mod totals;

use std::process::ExitCode;

use terminal::command_line::{self, Exit, Style};
use terminal::printer::Stream;

use output::{answer, catch_panics, finish, say_line, without_login};

pub use arguments::{
    Arguments, Check, Command, Completions, Deploy, Identify, Image, KeyAction, KeyCommand, Man,
    Models, New, NewKey, Nodes, Plot, Report, Schema, Shell, Show, Sweep, Totals, Undeploy,
};
pub use cards::{Kind, Leds, Names};
pub use chain::chain;
pub use cluster::{ClusterError, FileNotSent, Loss, NodeAccess, Standstill, Unreachable, Waiter};
pub use deploy::{SshOptions, StartOptions};
pub use outputs::{Column, Ending, Header, Output, Sink, Table};
pub use places::{Beside, Collision, InfluxServer, MqttServer, SystemError, WriteError};
pub use replay::ReplayError;
pub use run::{
    Adjusted, Begins, Control, Event, Holding, Interruption, InvalidPace, ModelFailure,
    ModelNotice, Newest, Observer, Options, Outcome, Pace, Paced, Progress, ResumeError, Run,
    RunError, Site, SiteOutcome, SiteProgress, Takeover,
};
pub use scenario::Scenario;
pub use sweep::Share;

/// What this program is called.
const PROGRAM: &str = "controller";

/// The pages of all model types as one Markdown document, which `models/README.md` holds.
pub fn model_library() -> String {
    pages::library(&models::CATALOGUE)
}

/// Does what the command line of this process says.
pub fn run_from_env() -> ExitCode {
    catch_panics();
    let given = std::env::args_os().skip(1);
    let code = match command_line::parse::<Arguments>(PROGRAM, given, style) {
        Ok(arguments) => match commands::run(&arguments) {
            Ok(()) => 0,
            Err(failure) => {
                failure.print();
                failure.exit_code()
            }
        },
        Err(Exit::Help(text)) => {
            answer(format_args!("{text}"));
            0
        }
        Err(Exit::Wrong(text)) => {
            say_line!(Error, "{}", without_login(&text));
            exit::USAGE
        }
    };
    ExitCode::from(finish(code))
}

/// How help is shown.
fn style() -> Style {
    Style {
        width: terminal::width(Stream::Output),
        colours: terminal::has_colours(Stream::Output),
    }
}
