//! Programs in a run with a pace.

use std::fs;
use std::process::Command;

use rig::{Run, Terminal, controller_binary, controller_in, wait_for};

use crate::toys::{assert_gone, scenario, write};

/// How many lines a file has.
fn lines(folder: &std::path::Path, name: &str) -> usize {
    let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines().count()
}

#[test]
fn programs_stand_still_in_a_pause_and_make_steps_one_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &scenario(""));
    let terminal = Terminal::new(100);
    let (program, first) = controller_binary().split_first().expect("a command");
    let mut command = Command::new("setsid");
    command.arg("--ctty").arg(program).args(first);
    command.args(["run", "toys.yaml", "--pace", "1/h"]);
    let run = Run::start_at_terminal(command.current_dir(folder.path()), &terminal);
    terminal.wait_for("keys: space pauses");
    let rows = |count: usize| {
        wait_for("a row", || {
            (lines(folder.path(), "out.partial.csv") == count + 1).then_some(())
        });
        // Both programs have made the steps of these rows, and no other one.
        assert_eq!(lines(folder.path(), "toy.steps"), 2 * count);
    };
    rows(1);
    terminal.press(" ");
    terminal.wait_for("paused");
    for count in 2..5 {
        terminal.press("\r");
        rows(count);
    }
    terminal.press("q");
    assert_eq!(run.finish().status.code(), Some(130));
    assert_eq!(lines(folder.path(), "toy.steps"), 8);
    assert_gone(folder.path());
}

#[test]
fn a_run_that_waits_for_a_program_is_behind_its_pace_and_names_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let then = ", parameters: {at: 4, then: wait}";
    write(folder.path(), &scenario(then));
    let pace = ["run", "toys.yaml", "--pace", "100/s"];
    let mut run = controller_in(folder.path(), &pace);
    let said = run.wait_to_say("behind its pace of 100 ticks/s");
    assert!(said.contains("'B'") && said.contains("tick 4"), "{said}");
    // In the middle of a step.
    run.signal("INT");
    assert_eq!(run.finish().status.code(), Some(130));
    assert_gone(folder.path());
}
