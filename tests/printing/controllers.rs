//! Controllers.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use rig::{Run, Terminal, Trial, controller_binary, loop_scenario, wait_for, workspace};

use crate::streams::{closed_pipe, full_disk, pipe, waiting};

/// A controller in a folder, which prints to these streams.
fn start(folder: &Path, arguments: &[&str], stdout: Stdio, stderr: Stdio) -> Run {
    let (program, first) = controller_binary().split_first().expect("a command");
    let mut command = Command::new(program);
    command.args(first).args(arguments).current_dir(folder);
    Run::start_with_streams(&mut command, stdout, stderr)
}

/// The folder of a scenario that runs.
fn folder_with(scenario: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("ok.yaml"), scenario).expect("written");
    folder
}

const RUN: &[&str] = &["run", "ok.yaml", "--output", "out.csv"];

/// Runs a scenario with standard error at this stream, and looks whether it came to its end.
#[track_caller]
fn assert_runs(stderr: Stdio) {
    let folder = folder_with(&loop_scenario(50));
    let ended = start(folder.path(), RUN, Stdio::null(), stderr).finish();
    assert_eq!(ended.status.code(), Some(0));
    let csv = fs::read_to_string(folder.path().join("out.csv")).expect("a result");
    assert_eq!(csv.lines().count(), 51);
}

/// A scenario with so much wrong with it that no pipe takes the words.
fn much_that_is_wrong() -> String {
    let models: Vec<String> = (0..2000)
        .map(|number| format!("- {{name: N{number}, type: NoSuchType{number}}}\n"))
        .collect();
    loop_scenario(50).replace("models:\n", &format!("models:\n{}", models.concat()))
}

#[test]
fn a_run_ends_as_it_would_where_nobody_takes_what_it_says() {
    assert_runs(closed_pipe().into());
    assert_runs(full_disk().into());
    let (_unread, writer) = pipe();
    assert_runs(writer.into());
    let terminal = Terminal::new(80);
    terminal.stop();
    assert_runs(terminal.stdio());
}

#[test]
fn a_refused_scenario_is_refused_where_nobody_takes_the_reasons() {
    let folder = folder_with(&much_that_is_wrong());
    let check = |stderr| {
        let ended = start(folder.path(), &["check", "ok.yaml"], Stdio::null(), stderr).finish();
        assert_eq!(ended.status.code(), Some(2));
    };
    check(closed_pipe().into());
    check(full_disk().into());
    let (_unread, writer) = pipe();
    check(writer.into());
}

#[test]
fn whoever_reads_slowly_gets_all_the_reasons() {
    let folder = folder_with(&much_that_is_wrong());
    let (mut reader, writer) = pipe();
    let run = start(
        folder.path(),
        &["check", "ok.yaml"],
        Stdio::null(),
        writer.into(),
    );
    wait_for("a full pipe", || (waiting(&reader) >= 60_000).then_some(()));
    let mut said = String::new();
    reader.read_to_string(&mut said).expect("UTF-8");
    assert_eq!(run.finish().status.code(), Some(2));
    let whole = rig::controller(folder.path(), &["check", "ok.yaml"]).stderr;
    assert!(
        said.as_bytes() == whole,
        "{} of {} bytes",
        said.len(),
        whole.len()
    );
}

#[test]
fn an_answer_arrives_whole_however_slowly_it_is_read() {
    let (mut reader, writer) = pipe();
    let arguments = ["models", "--markdown"];
    let run = start(workspace(), &arguments, writer.into(), Stdio::null());
    wait_for("a full pipe", || (waiting(&reader) >= 60_000).then_some(()));
    let mut answer = String::new();
    reader.read_to_string(&mut answer).expect("UTF-8");
    assert_eq!(run.finish().status.code(), Some(0));
    let library = fs::read_to_string(workspace().join("models/README.md")).expect("there");
    assert!(
        answer == library,
        "{} of {} bytes",
        answer.len(),
        library.len()
    );
}

#[test]
fn an_answer_that_nobody_reads_any_more_can_be_given_up() {
    let (reader, writer) = pipe();
    let arguments = ["models", "--markdown"];
    let run = start(workspace(), &arguments, writer.into(), Stdio::null());
    wait_for("a full pipe", || (waiting(&reader) >= 60_000).then_some(()));
    run.signal("TERM");
    let code = run.finish().status.code();
    // By the signal itself where it came before the program waited.
    assert!(matches!(code, None | Some(130)), "{code:?}");
}

#[test]
fn help_that_nobody_reads_is_no_error() {
    for _ in 0..40 {
        for arguments in [&["--help"][..], &["run", "--help"], &["--version"]] {
            let (mut reader, writer) = pipe();
            let stdout = closed_pipe().into();
            let ended = start(workspace(), arguments, stdout, writer.into()).finish();
            let mut said = String::new();
            reader.read_to_string(&mut said).expect("UTF-8");
            assert_eq!(
                (ended.status.code(), &*said),
                (Some(0), ""),
                "{arguments:?}"
            );
        }
    }
}

#[test]
fn a_terminal_that_is_closed_ends_a_run_with_its_summary() {
    let trial = Trial::new(&loop_scenario(100_000_000));
    let run = trial.start(&[]);
    trial.wait_for_rows();
    run.signal("HUP");
    let ended: rig::Ended = run.finish().into();
    ended.assert(130, &["error: interrupted", " of 100,000,000 rows"]);
}

#[test]
fn a_run_that_is_to_ignore_a_closed_terminal_goes_on() {
    let folder = folder_with(&loop_scenario(20_000));
    let (program, first) = controller_binary().split_first().expect("a command");
    let mut command = Command::new("nohup");
    command
        .arg(program)
        .args(first)
        .args(RUN)
        .current_dir(folder.path());
    let run = Run::start(&mut command);
    wait_for("a controller that takes signals", || {
        let status = fs::read_to_string(format!("/proc/{}/status", run.pid())).ok()?;
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        // SIGINT is signal 2.
        (caught & 2 != 0).then_some(())
    });
    run.signal("HUP");
    assert_eq!(run.finish().status.code(), Some(0));
}

#[test]
fn a_narrow_terminal_keeps_nothing_of_the_bar() {
    let terminal = Terminal::new(30);
    let folder = folder_with(&loop_scenario(10_000));
    let ended = start(folder.path(), RUN, Stdio::null(), terminal.stdio()).finish();
    assert_eq!(ended.status.code(), Some(0));
    terminal.wait_for(" steps");
    let seen = terminal.seen();
    let frames: Vec<&str> = seen.split("\r\x1b[K").skip(1).collect();
    assert!(frames.len() > 1, "{seen:?}");
    for frame in &frames[..frames.len() - 1] {
        assert!(
            frame.chars().count() < 30 && !frame.contains('\n'),
            "{frame:?}"
        );
    }
}
