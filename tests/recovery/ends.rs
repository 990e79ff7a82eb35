//! Runs that end all the same: because somebody wants it, or nobody can make up for what is lost.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;
use std::thread;

use rig::{Ended, LOOP_START, Node, Proxy, Run, Trial, placed};
use serde_json::{Value as Json, json};
use shared::time::WallTime;

use super::{TICKS, loop_over, start, summary};

/// Checks what a run has left that did not come to its end; returns how many rows.
#[track_caller]
fn assert_left(trial: &Trial, ended: &Ended, code: &str) -> u64 {
    let rows = Trial::assert_loop_prefix(&trial.partial().expect("rows"));
    assert!(rows < TICKS && !trial.path("out.csv").exists());
    let record: Json =
        serde_json::from_slice(&super::bytes(trial, "out.partial.run.json")).expect("JSON");
    for told in [record, summary(ended)] {
        assert_eq!(told["error"]["code"], code);
        assert_eq!(told["rows"], rows);
        assert_eq!(told["ticks"], TICKS);
        assert_eq!(told["interruptions"], json!([]), "it did not go on");
    }
    rows
}

#[test]
fn a_run_that_is_ended_while_it_holds_keeps_whole_rows_and_goes_on_later() {
    for signal in ["INT", "TERM"] {
        let node = Node::start();
        let trial = loop_over(&[node.address], TICKS);
        let mut run = start(&trial, &[]);
        trial.wait_for_row(300);
        node.signal("KILL");
        run.wait_to_say("the run holds at tick ");
        run.signal(signal);
        let ended = Ended::from(run.finish());
        ended.assert(130, &["error: interrupted"]);
        let rows = assert_left(&trial, &ended, "interrupted");
        assert!(rows >= 300);
        trial
            .run(&["--resume", "--local"])
            .assert(0, &["and the same"]);
        trial.assert_whole_loop(TICKS);
    }
}

/// The loop with a reader of a file beside it, on this machine.
fn with_data(trial: &Trial) {
    let scenario = trial.path("scenario.yaml");
    let text = fs::read_to_string(&scenario).expect("readable");
    let reader = "models:\n- {name: Meter, type: CSV, parameters: {file_path: wind.csv}}\n";
    fs::write(&scenario, text.replace("models:\n", reader)).expect("written");
}

fn data() -> String {
    let start = WallTime::parse(LOOP_START).expect("valid");
    let rows = (0..TICKS).map(|tick| {
        let time = start.plus(i64::try_from(tick).expect("small"));
        format!("{time},50\n")
    });
    format!("title\ntime,wind\n{}", rows.collect::<String>())
}

#[test]
fn data_that_were_changed_since_are_named_and_the_run_ends_with_what_it_has() {
    let nodes = [Node::start(), Node::start()];
    let proxy = Proxy::start(&[nodes[1].address; 2]);
    let losses: [(&str, &str, &dyn Fn()); 2] = [
        ("link_lost", "error: the link between nodes ", &|| {
            proxy.cut(1);
        }),
        ("node_lost", "error: lost node ", &|| {
            nodes[0].signal("KILL");
        }),
    ];
    for (code, said, lose) in losses {
        let second = if code == "link_lost" {
            proxy.address
        } else {
            nodes[1].address
        };
        let trial = loop_over(&[nodes[0].address, second], TICKS);
        with_data(&trial);
        let file = trial.path("wind.csv");
        fs::write(&file, data()).expect("written");
        let run = start(&trial, &[]);
        trial.wait_for_row(300);
        fs::write(&file, data() + "\n").expect("written");
        lose();
        let ended = Ended::from(run.finish());
        let why = "the run cannot go on elsewhere: 'wind.csv' has been changed since the run began";
        ended.assert(4, &[said, why]);
        assert_left(&trial, &ended, code);
        // With the data as they were, it goes on by itself.
        fs::write(&file, data()).expect("written");
        trial
            .run(&["--resume", "--local"])
            .assert(0, &["and the same"]);
        trial.assert_whole_loop(TICKS);
    }
}

#[test]
fn data_that_can_be_read_once_only_are_named() {
    let node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    with_data(&trial);
    let pipe = trial.path("wind.csv");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let writer = thread::spawn(move || {
        let mut file = OpenOptions::new().write(true).open(pipe).expect("a reader");
        // The reader may be gone before the end.
        let _ = file.write_all(data().as_bytes());
    });
    let run = start(&trial, &[]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = Ended::from(run.finish());
    writer.join().expect("ended");
    let why = "the run cannot go on elsewhere: 'wind.csv' can be read once only";
    ended.assert(4, &["error: lost node ", why]);
    assert_left(&trial, &ended, "node_lost");
}

/// Starts a run with a model that fails at a tick, on this node if there is one.
fn failing(node: Option<&Node>, options: &[&str]) -> (Trial, Run) {
    let scenario = rig::loop_scenario(TICKS)
        .replace(
            "- {from: Tank.soc, to: Mill.load}\n",
            "- {from: Meter.wind, to: Mill.load}\n- {from: Story.file_index_Load, to: Meter.file_index}\n",
        )
        .replace(
            "models:\n",
            "models:\n- {name: Story, type: Controller_StoryMode, parameters: {switch_step: 5000}}\n- {name: Meter, type: \
             CSV, parameters: {file_path: [wind.csv, wind.csv]}}\n",
        );
    let trial = Trial::new(&placed(&scenario, &|model| {
        let address = node.filter(|_| ["Meter", "Cell"].contains(&model))?.address;
        Some((address.ip().to_string(), address.port()))
    }));
    let start = WallTime::parse(LOOP_START).expect("valid").plus(1_000);
    let bad = data().replace(&format!("{start},50"), &format!("{start},calm"));
    fs::write(trial.path("wind.csv"), bad).expect("written");
    let run = trial.start(options);
    (trial, run)
}

#[test]
fn a_model_that_fails_after_a_loss_leaves_the_same_rows() {
    let (alone, run) = failing(None, &[]);
    let failed = "failed at tick 1000 (2012-01-01 00:16:40): wind.csv:1003: ";
    Ended::from(run.finish()).assert(3, &[failed]);
    let node = Node::start();
    let (trial, run) = failing(Some(&node), &["--pace", "1000/s", "--patience", "0"]);
    trial.wait_for_row(300);
    node.signal("KILL");
    Ended::from(run.finish()).assert(3, &[failed, " of 2,000 rows", "lost "]);
    assert_eq!(trial.partial(), alone.partial());
}
