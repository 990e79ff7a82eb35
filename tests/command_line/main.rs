//! Command lines, and what is made of their description: help, completions, manual pages, and the
//! tables of docs/commands.md.

mod pages;
mod readme;
mod results;
mod shells;
mod words;

use std::process::Command;

use rig::Ended;

/// Whether a program is there that a test wants. Where `ILLUMINATOR_REQUIRE_SHELLS` is set, it has to
/// be.
fn has(program: &str) -> bool {
    rig::has(program, "ILLUMINATOR_REQUIRE_SHELLS")
}

/// Runs the controller in the root of the workspace.
fn controller(arguments: &[&str]) -> Ended {
    rig::controller(rig::workspace(), arguments).into()
}

/// Runs the controller with a terminal's width and colours, as the environment has them.
fn controller_with(variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let (program, first) = rig::controller_binary().split_first().expect("a command");
    let mut command = Command::new(program);
    command
        .args(first)
        .args(arguments)
        .envs(variables.iter().copied());
    rig::run_bounded(&mut command).into()
}
