//! Runs scenarios: reads and checks them, finds their nodes, runs its own part, and writes the
//! result.

mod arguments;
mod check;
mod cluster;
mod deploy;
mod exit;
mod key;
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

use output::{answer, answer_line, is_lost};

pub use arguments::{
    Arguments, Check, Command, Deploy, Identify, KeyAction, KeyCommand, Models, NewKey, Nodes, Run,
    Schema, Undeploy,
};

/// The pages of all model types as one Markdown document, which `models/README.md` holds.
pub fn model_library() -> String {
    output::library(models::CATALOGUE)
}

/// Does what the command line says.
pub fn run(arguments: &Arguments) -> ExitCode {
    let code = match &arguments.command {
        Some(Command::Run(run)) => run::run(run),
        Some(Command::Check(check)) => check::check(check),
        Some(Command::Deploy(deploy)) => deploy::deploy(deploy),
        Some(Command::Undeploy(undeploy)) => deploy::undeploy(undeploy),
        Some(Command::Models(models)) => show_models(models),
        Some(Command::Schema(_)) => {
            answer_line!("{:#}", output::schema(models::CATALOGUE));
            0
        }
        Some(Command::Nodes(arguments)) => nodes::nodes(arguments),
        Some(Command::Identify(arguments)) => nodes::identify(arguments),
        Some(Command::Key(KeyCommand {
            action: KeyAction::New(new),
        })) => key::new(new.key.as_deref()),
        None if arguments.version => {
            answer_line!("controller {}", env!("CARGO_PKG_VERSION"));
            0
        }
        None => {
            eprintln!("controller: say what to do: 'controller run scenario.yaml', or '--help'");
            exit::USAGE
        }
    };
    let code = if code == 0 && is_lost() {
        exit::USAGE
    } else {
        code
    };
    ExitCode::from(code)
}

fn show_models(arguments: &Models) -> u8 {
    if arguments.markdown {
        answer(format_args!("{}", output::library(models::CATALOGUE)));
        return 0;
    }
    let Some(name) = &arguments.model_type else {
        answer(format_args!("{}", output::list_types(models::CATALOGUE)));
        return 0;
    };
    let Some(model_type) = models::find(name) else {
        eprintln!("controller: there is no model type '{name}'; 'controller models' lists them");
        return exit::USAGE;
    };
    answer(format_args!("{}", output::show_type(model_type)));
    0
}
