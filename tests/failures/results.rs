//! The result while a run goes on, and what becomes of it: it grows beside its place and takes it
//! whole, or the result of the run before stays.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use rig::{Ended, Node, Run, Trial, controller_binary, grouped, loop_scenario, run_bounded};
use serde_json::Value as Json;

use super::FOREVER;

/// A run without end that has its first rows, over the result of a run before.
fn running(node: &Node, options: &[&str]) -> (Trial, Run) {
    let trial = Trial::loop_on(node.address, FOREVER);
    fs::write(trial.path("out.csv"), "old").expect("written");
    let run = trial.start(options);
    trial.wait_for_rows();
    (trial, run)
}

#[track_caller]
fn assert_old_result(trial: &Trial) {
    let result = fs::read_to_string(trial.path("out.csv"));
    assert_eq!(result.expect("there"), "old");
}

#[test]
fn a_run_that_is_interrupted_keeps_its_rows_beside_the_result_of_the_run_before() {
    let node = Node::start();
    for signal in ["INT", "TERM", "HUP"] {
        let (trial, run) = running(&node, &[]);
        assert_old_result(&trial);
        run.signal(signal);
        let ended = Ended::from(run.finish());
        let partial = trial.path("out.partial.csv");
        let left = format!("{} is left as it was", trial.path("out.csv").display());
        ended.assert(130, &["error: interrupted", &left]);
        assert_old_result(&trial);
        let rows = Trial::assert_loop_prefix(&trial.partial().expect("rows"));
        let kept = format!(
            "{} of {} rows in {}, ",
            grouped(rows),
            grouped(FOREVER),
            partial.display()
        );
        assert!(ended.stderr.contains(&kept), "{kept}: {}", ended.stderr);
    }
}

#[test]
fn a_terminal_that_goes_away_does_not_end_a_run_that_shall_outlive_it() {
    let node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let command = controller_binary().join(" ");
    let script = format!("trap '' HUP; exec {command} run scenario.yaml --output out.csv");
    let mut shell = Command::new("sh");
    let run = Run::start(shell.args(["-c", &script]).current_dir(trial.path("")));
    trial.wait_for_rows();
    run.signal("HUP");
    run.signal("TERM");
    // Had it heard the first one, it would say the same: what tells them apart is the mask.
    let status = fs::read_to_string(format!("/proc/{}/status", run.pid()));
    let status = status.expect("a process of this test");
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = u64::from_str_radix(caught.expect("Linux").trim(), 16).expect("a mask");
    assert_eq!(caught & 1, 0, "SIGHUP is not listened to");
    Ended::from(run.finish()).assert(130, &["error: interrupted"]);
}

#[test]
fn programs_are_told_where_the_rows_are() {
    let node = Node::start();
    let (trial, run) = running(&node, &["--json"]);
    run.signal("INT");
    let ended = Ended::from(run.finish());
    ended.assert(130, &[]);
    let summary: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    let path = |name: &str| trial.path(name).to_str().expect("text").to_owned();
    assert_eq!(summary["file"], path("out.csv"));
    assert_eq!(summary["partial"], path("out.partial.csv"));
    let fine = trial_of(20);
    let ended = fine.run(&["--json"]);
    let summary: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(summary["partial"], Json::Null);
    assert!(!fine.path("out.partial.csv").exists());
}

fn trial_of(ticks: u64) -> Trial {
    Trial::new(&loop_scenario(ticks))
}

#[test]
fn a_second_run_into_a_result_is_refused_while_the_first_lives() {
    let node = Node::start();
    let (trial, run) = running(&node, &[]);
    symlink("out.csv", trial.path("soft.csv")).expect("linked");
    fs::hard_link(trial.path("out.csv"), trial.path("hard.csv")).expect("linked");
    symlink(".", trial.path("here")).expect("linked");
    for name in ["out.csv", "soft.csv", "hard.csv", "here/out.csv"] {
        let name = trial.path(name);
        let name = name.to_str().expect("text");
        let holder = format!(
            "error: '{name}' is being written by another run (process {})",
            run.pid()
        );
        trial
            .run(&["--local", "--output", name])
            .assert(5, &[&holder, "choose another file with --output"]);
    }
    trial_of(20).run(&[]).assert(0, &[]);
    assert_old_result(&trial);
    run.signal("KILL");
    run.finish();
    let next = trial_of(20);
    for name in ["out.csv", "out.partial.csv"] {
        fs::copy(trial.path(name), next.path(name)).expect("copied");
    }
    next.run(&[]).assert(0, &[]);
    next.assert_whole_loop(20);
    assert!(!next.path("out.partial.csv").exists());
}

#[test]
fn a_run_that_was_killed_does_not_keep_others_from_its_result() {
    let node = Node::start();
    let (trial, run) = running(&node, &[]);
    run.signal("KILL");
    run.finish();
    fs::write(trial.path("scenario.yaml"), loop_scenario(20)).expect("written");
    trial.run(&[]).assert(0, &[]);
    trial.assert_whole_loop(20);
    assert!(!trial.path("out.partial.csv").exists());
}

#[test]
fn rows_that_somebody_removes_or_cuts_in_mid_run_are_missed_at_the_end() {
    type Disturb = fn(&Path);
    let cases: [(&str, Disturb); 3] = [
        ("was removed", |path| {
            fs::remove_file(path).expect("removed");
        }),
        ("was replaced", |path| {
            fs::rename(path, path.with_extension("moved")).expect("moved");
            fs::write(path, "other").expect("written");
        }),
        ("was cut", |path| {
            let file = OpenOptions::new().write(true).open(path);
            file.expect("there").set_len(3).expect("cut");
        }),
    ];
    let node = Node::start();
    for (said, disturb) in cases {
        let scenario = loop_scenario(20_000);
        let trial = Trial::new(&rig::placed(&scenario, &|model| {
            (model == "Cell").then(|| (node.address.ip().to_string(), node.address.port()))
        }));
        fs::write(trial.path("out.csv"), "old").expect("written");
        let run = trial.start(&[]);
        trial.wait_for_rows();
        disturb(&trial.path("out.partial.csv"));
        Ended::from(run.finish()).assert(5, &["out.partial.csv'", said, "is left as it was"]);
        assert_old_result(&trial);
    }
}

#[test]
fn a_result_that_another_program_writes_meanwhile_is_not_replaced() {
    let node = Node::start();
    let scenario = loop_scenario(20_000);
    let trial = Trial::new(&rig::placed(&scenario, &|model| {
        (model == "Cell").then(|| (node.address.ip().to_string(), node.address.port()))
    }));
    let run = trial.start(&[]);
    trial.wait_for_rows();
    fs::write(trial.path("out.csv"), "of somebody else").expect("written");
    let said = "was written by another program while the run went on";
    Ended::from(run.finish()).assert(5, &[said, "out.partial.csv"]);
    let result = fs::read_to_string(trial.path("out.csv"));
    assert_eq!(result.expect("there"), "of somebody else");
    let partial = trial.partial().expect("the rows");
    assert_eq!(Trial::assert_loop_prefix(&partial), 20_000);
}

#[test]
fn a_result_that_is_a_link_is_written_where_it_leads() {
    let trial = trial_of(20);
    fs::create_dir(trial.path("deep")).expect("made");
    fs::write(trial.path("deep/real.csv"), "old").expect("written");
    symlink("deep/real.csv", trial.path("out.csv")).expect("linked");
    trial.run(&[]).assert(0, &[]);
    trial.assert_whole_loop(20);
    let link = fs::symlink_metadata(trial.path("out.csv")).expect("there");
    assert!(link.is_symlink());
    let real = fs::read_to_string(trial.path("deep/real.csv"));
    assert_eq!(real.ok(), trial.csv());
}

#[test]
fn rows_go_to_standard_output_and_nothing_else_does() {
    let trial = trial_of(20);
    trial.run(&[]).assert(0, &[]);
    for output in ["-", "/dev/stdout"] {
        let ended = trial.run(&["--output", output]);
        ended.assert(0, &["20 of 20 rows on standard output"]);
        assert_eq!(Some(ended.stdout), trial.csv(), "{output}");
        let mixed = trial.run(&["--output", output, "--json"]);
        mixed.assert(
            1,
            &["error: the rows and --json cannot both go to standard output"],
        );
    }
    assert!(!trial.path("-").exists());
    trial
        .run(&["--output", "/dev/null"])
        .assert(0, &["20 of 20 rows in /dev/null"]);
}

#[test]
fn rows_go_through_a_pipe_with_a_name() {
    let trial = trial_of(20);
    let pipe = trial.path("pipe");
    let made = run_bounded(Command::new("mkfifo").arg(&pipe));
    assert!(made.status.success(), "{made:?}");
    trial.run(&[]).assert(0, &[]);
    let run = trial.start(&["--output", pipe.to_str().expect("text")]);
    assert_eq!(fs::read_to_string(&pipe).ok(), trial.csv());
    Ended::from(run.finish()).assert(0, &[]);
    assert!(!trial.path("pipe.partial.csv").exists());
}

#[test]
fn a_reader_that_has_seen_enough_is_told_as_what_it_is() {
    let controller = controller_binary().join(" ");
    let trial = trial_of(100_000);
    let script =
        format!("{{ {controller} run scenario.yaml -o -; echo \"ended with $?\" >&2; }} | head -1");
    let mut shell = Command::new("sh");
    let ended: Ended = run_bounded(shell.args(["-c", &script]).current_dir(trial.path(""))).into();
    ended.assert(
        0,
        &[
            "error: cannot write 'standard output': Broken pipe",
            "ended with 5",
        ],
    );
}

#[test]
fn a_result_that_is_protected_or_in_a_folder_that_is_stays_as_it_is() {
    let trial = trial_of(20);
    if run_bounded(Command::new("id").arg("-u")).stdout == b"0\n" {
        eprintln!("SKIPPED: permissions, which do not hold for root");
        return;
    }
    let mode = |path: &str, mode: &str| {
        let changed = run_bounded(Command::new("chmod").arg(mode).arg(trial.path(path)));
        assert!(changed.status.success());
    };
    fs::create_dir(trial.path("closed")).expect("made");
    for path in ["out.csv", "closed/out.csv"] {
        let mut file = fs::File::create(trial.path(path)).expect("created");
        file.write_all(b"old").expect("written");
    }
    mode("out.csv", "444");
    trial.run(&[]).assert(5, &["out.csv': Permission denied"]);
    assert_old_result(&trial);
    mode("closed", "555");
    let closed = trial.path("closed/out.csv");
    let closed = closed.to_str().expect("text");
    let said = format!("cannot write '{closed}': Permission denied");
    trial
        .run(&["--output", closed])
        .assert(5, &[&said, "choose another file"]);
    mode("closed", "755");
    assert_eq!(fs::read_to_string(closed).expect("there"), "old");
}
