//! How runs end whose programs fail, die or are silent, or whose user has enough: with a name, with whole rows, and
//! with no program left.

use std::fs;
use std::path::Path;

use rig::{controller, controller_in, wait_for};

use crate::toys::{TOY, assert_gone, scenario, write};

/// Runs the scenario whose second program does something at tick 4. Returns what it says.
fn failing(then: &str, code: i32, rows: usize) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let then = format!(", parameters: {{at: 4, then: {then}}}");
    write(folder.path(), &scenario(&then));
    let run = controller(folder.path(), &["run", "toys.yaml"]);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(code), "{said}");
    let partial = fs::read_to_string(folder.path().join("out.partial.csv")).unwrap_or_default();
    assert!(partial.is_empty() || partial.ends_with('\n'), "{partial}");
    assert_eq!(
        partial.lines().count().saturating_sub(1),
        rows,
        "{partial}\n{said}"
    );
    assert_gone(folder.path());
    said
}

#[test]
fn a_program_that_fails_is_named_with_its_request() {
    let said = failing("fail", 3, 4);
    for words in [
        "model 'B' (Second.Toy) on this machine failed at tick 4 (2012-01-01 01:00:00)",
        "the tub is full",
        "it was asked: ",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_program_that_answers_nonsense_is_named() {
    let said = failing("nonsense", 3, 4);
    assert!(
        said.contains("model 'B' (Second.Toy) on this machine failed at tick 4"),
        "{said}"
    );
    assert!(said.contains("soon"), "{said}");
}

#[test]
fn a_program_that_dies_is_gone_with_its_last_words() {
    let said = failing("die", 4, 4);
    assert!(
        said.contains("model 'B' (Second.Toy) on this machine failed at tick 4"),
        "{said}"
    );
    assert!(said.contains("this is the end"), "{said}");
}

#[test]
fn a_run_that_waits_for_a_program_ends_with_its_user() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().expect("a folder");
        write(
            folder.path(),
            &scenario(", parameters: {at: 4, then: wait}"),
        );
        let run = controller_in(folder.path(), &["run", "toys.yaml"]);
        let partial = folder.path().join("out.partial.csv");
        wait_for("rows", || {
            let text = fs::read_to_string(&partial).ok()?;
            (text.lines().count() == 5).then_some(())
        });
        run.signal(signal);
        let output = run.finish();
        assert_eq!(output.status.code(), Some(130));
        assert_gone(folder.path());
    }
}

#[test]
fn a_controller_that_is_killed_leaves_no_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let then = ", parameters: {at: 4, then: wait}";
    write(folder.path(), &scenario(then));
    let run = controller_in(folder.path(), &["run", "toys.yaml"]);
    let partial = folder.path().join("out.partial.csv");
    wait_for("rows", || {
        let text = fs::read_to_string(&partial).ok()?;
        (text.lines().count() == 5).then_some(())
    });
    // In the middle of a step, so that it does not notice.
    run.signal("KILL");
    assert_no_toys(folder.path());
}

#[test]
fn a_start_that_waits_for_a_program_ends_with_its_user() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = scenario("").replacen("%(addr)s", "silent", 1);
    write(folder.path(), &text);
    let mut run = controller_in(folder.path(), &["run", "toys.yaml"]);
    let said = run.wait_to_say("waiting for");
    assert!(said.contains("'First'"), "{said}");
    run.signal("INT");
    assert_eq!(run.finish().status.code(), Some(130));
    assert_no_toys(folder.path());
}

/// Whether no simulator runs in a folder.
fn assert_no_toys(folder: &Path) {
    wait_for("the end of all simulators", || {
        let processes = fs::read_dir("/proc").expect("Linux").flatten();
        let is_there = processes.into_iter().any(|process| {
            let path = process.path();
            let is_toy = fs::read_link(path.join("exe")).is_ok_and(|exe| exe == Path::new(TOY));
            is_toy && fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd == folder)
        });
        (!is_there).then_some(())
    });
}

#[test]
fn a_program_that_is_not_there_is_told_at_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = scenario("").replace(TOY, "there-is-no-such-program");
    write(folder.path(), &text);
    let run = controller(folder.path(), &["run", "toys.yaml"]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{said}");
    assert!(
        said.contains("toys.yaml:3:3: error: simulator 'First': "),
        "{said}"
    );
    assert!(said.contains("there-is-no-such-program"), "{said}");
}
