//! Runs scenarios: reads and checks them, finds their nodes, runs its own part, and writes the
//! result.

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod check;
mod cluster;
mod deploy;
mod exit;
mod key;
pub mod manual;
mod nodes;
mod output;
mod outputs;
mod placement;
mod places;
mod run;
pub mod scenario;
mod signals;
mod targets;

use std::process::ExitCode;

use terminal::command_line::{self, Exit, Style};
use terminal::printer::Stream;
use terminal::spelling::nearest;

use output::{answer, answer_line, catch_panics, finish, say_line};

pub use arguments::{
    Arguments, Check, Command, Completions, Deploy, Identify, KeyAction, KeyCommand, Man, Models,
    NewKey, Nodes, Run, Schema, Shell, Undeploy,
};

/// What this program is called.
const PROGRAM: &str = "controller";

/// The pages of all model types as one Markdown document, which `models/README.md` holds.
pub fn model_library() -> String {
    output::library(&models::CATALOGUE)
}

/// Does what the command line of this process says.
pub fn run_from_env() -> ExitCode {
    catch_panics();
    let given = std::env::args_os().skip(1);
    let code = match command_line::parse::<Arguments>(PROGRAM, given, style) {
        Ok(arguments) => run(&arguments),
        Err(Exit::Help(text)) => {
            answer(format_args!("{text}"));
            0
        }
        Err(Exit::Wrong(text)) => {
            say_line!(Error, "{text}");
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

/// Does what a command line says; returns the exit code.
pub fn run(arguments: &Arguments) -> u8 {
    match &arguments.command {
        Some(Command::Run(run)) => run::run(run),
        Some(Command::Check(check)) => check::check(check),
        Some(Command::Deploy(deploy)) => deploy::deploy(deploy),
        Some(Command::Undeploy(undeploy)) => deploy::undeploy(undeploy),
        Some(Command::Models(models)) => show_models(models),
        Some(Command::Schema(_)) => {
            answer_line!("{:#}", output::schema(&models::CATALOGUE));
            0
        }
        Some(Command::Nodes(arguments)) => nodes::nodes(arguments),
        Some(Command::Identify(arguments)) => nodes::identify(arguments),
        Some(Command::Completions(completions)) => {
            answer(format_args!("{}", manual::completions(completions.shell)));
            0
        }
        Some(Command::Man(man)) => manual::man(man),
        Some(Command::Key(KeyCommand {
            action: KeyAction::New(new),
        })) => key::new(new.key.as_deref()),
        None if arguments.version => {
            answer_line!("controller {}", env!("CARGO_PKG_VERSION"));
            0
        }
        None => {
            say_line!(
                Error,
                "say what to do, such as 'controller run scenario.yaml'; see 'controller --help'"
            );
            exit::USAGE
        }
    }
}

fn show_models(arguments: &Models) -> u8 {
    if arguments.markdown {
        answer(format_args!("{}", output::library(&models::CATALOGUE)));
        return 0;
    }
    let Some(name) = &arguments.model_type else {
        answer(format_args!("{}", output::list_types(&models::CATALOGUE)));
        return 0;
    };
    let Some(model_type) = models::CATALOGUE.find(name) else {
        let near = nearest(name, models::CATALOGUE.names())
            .map(|near| format!(", did you mean '{near}'?"));
        let near = near.unwrap_or_default();
        say_line!(
            Error,
            "there is no model type '{name}'{near}; 'controller models' lists them"
        );
        return exit::USAGE;
    };
    answer(format_args!("{}", output::show_type(&model_type)));
    0
}
