//! Command lines, and what is made of their description: help, completions, manual pages, and the
//! tables of README.md.

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
    let is_there = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|found| found.status.success());
    if !is_there {
        let required = std::env::var_os("ILLUMINATOR_REQUIRE_SHELLS").is_some();
        assert!(!required, "{program} is not there");
        eprintln!("SKIPPED: a test with {program}, which is not there");
    }
    is_there
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
