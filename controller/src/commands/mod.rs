//! The commands: each takes what was typed, calls the library, and prints what it answers. What fails
//! comes back as a [`Failure`].

mod argument_groups;
mod cables;
mod check;
mod deploy;
mod failure;
mod image;
mod key;
mod loading;
mod models;
mod new;
mod nodes;
mod results;
mod run;
mod served;
mod sweep;
mod target;
mod waiting;

use crate::arguments::{Arguments, Command, KeyAction, KeyCommand};
use crate::output::{answer, answer_line};
use crate::{PROGRAM, manual};

pub(crate) use failure::Failure;

/// Does what a command line says.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::New(arguments)) => new::new(arguments),
        Some(Command::Run(arguments)) => run::run(arguments),
        Some(Command::Sweep(arguments)) => sweep::sweep(arguments),
        Some(Command::Check(arguments)) => check::check(arguments),
        Some(Command::Deploy(arguments)) => deploy::deploy(arguments),
        Some(Command::Undeploy(arguments)) => deploy::undeploy(arguments),
        Some(Command::Image(arguments)) => image::image(arguments),
        Some(Command::Models(arguments)) => models::models(arguments),
        Some(Command::Schema(_)) => {
            models::print_schema();
            Ok(())
        }
        Some(Command::Totals(arguments)) => results::print_totals(arguments),
        Some(Command::Plot(arguments)) => results::draw_plot(arguments),
        Some(Command::Show(arguments)) => results::show(arguments),
        Some(Command::Report(arguments)) => results::write_report(arguments),
        Some(Command::Nodes(arguments)) => nodes::nodes(arguments),
        Some(Command::Cables(arguments)) => cables::cables(arguments),
        Some(Command::Identify(arguments)) => nodes::identify(arguments),
        Some(Command::Completions(arguments)) => {
            answer(format_args!("{}", manual::completions(arguments.shell)));
            Ok(())
        }
        Some(Command::Man(arguments)) => manual::man(arguments).map_err(Failure::Usage),
        Some(Command::Key(KeyCommand {
            action: KeyAction::New(new),
        })) => key::new(new.key.as_deref()),
        None if arguments.version => {
            answer_line!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
        None => Err(Failure::Usage(format!(
            "say what to do, such as '{PROGRAM} run scenario.yaml'; see '{PROGRAM} --help'"
        ))),
    }
}
