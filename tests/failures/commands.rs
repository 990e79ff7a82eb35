//! What the command line promises, for runs that end well and for others.

use std::fs;
use std::process::Command;

use rig::{Ended, Node, Trial, assert_serves, loop_scenario};
use serde_json::Value as Json;

use super::FOREVER;

/// The summary that a run gave as JSON, and nothing else.
#[track_caller]
fn summary(ended: &Ended) -> Json {
    let summary: Json = serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|error| panic!("{error}: {:?}\n{}", ended.stdout, ended.stderr));
    let fields: Vec<&str> = summary
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let documented = [
        "version",
        "started",
        "made_from",
        "scenario",
        "file",
        "partial",
        "rows",
        "ticks",
        "start_up_seconds",
        "seconds",
        "sites",
        "relayed",
        "interruptions",
        "stalls",
        "stalls_left_out",
        "problems",
        "problems_left_out",
        "error",
    ];
    assert_eq!(fields, documented);
    assert!(summary["seconds"].as_f64().expect("a number") >= 0.0);
    summary
}

#[track_caller]
fn assert_error(summary: &Json, code: &str, exit_code: i32, message: &str) {
    let error = &summary["error"];
    assert_eq!(error["code"], code, "{summary:#}");
    assert_eq!(error["exit_code"], exit_code, "{summary:#}");
    let text = error["message"].as_str().expect("text");
    assert!(text.contains(message), "{text}");
}

#[test]
fn a_run_that_ends_well_is_summed_up() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, 300);
    let ended = trial.run(&["--json"]);
    ended.assert(0, &[]);
    let summary = summary(&ended);
    assert_eq!(summary["scenario"], "loop");
    assert_eq!(summary["rows"], 300);
    assert_eq!(summary["ticks"], 300);
    assert_eq!(summary["error"], Json::Null);
    assert_eq!(
        summary["file"],
        trial.path("out.csv").to_str().expect("UTF-8")
    );
    let [own, there] = &summary["sites"].as_array().expect("a list")[..] else {
        panic!("two sites: {summary:#}")
    };
    assert_eq!(own["name"], "this machine");
    assert_eq!(own["steps"], 5 * 300);
    assert_eq!(there["name"], node.address.to_string());
    assert_eq!(there["models"], serde_json::json!(["Cell"]));
    assert_eq!(there["steps"], 300);
    for field in ["bytes_received", "bytes_sent"] {
        assert!(there[field].as_u64().expect("a number") > 300, "{there}");
    }
    let wait = &there["waits"][0];
    assert_eq!(wait["for"], "this machine");
    assert!(wait["seconds"].as_f64().expect("a number") > 0.0);
    assert_serves(&mut node);
}

#[test]
fn a_run_that_fails_is_summed_up_too() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    // With a file that is another one when the run is to go on.
    let reader = "models:\n- {name: Meter, type: CSV, parameters: {file_path: wind.csv}}\n";
    let scenario = fs::read_to_string(trial.path("scenario.yaml")).expect("readable");
    let scenario = scenario.replace("models:\n", reader);
    fs::write(trial.path("scenario.yaml"), scenario).expect("written");
    let data = format!("title\ntime,wind\n{},50\n", rig::LOOP_START);
    fs::write(trial.path("wind.csv"), &data).expect("written");
    let run = trial.start(&["--json", "--quiet"]);
    trial.wait_for_rows();
    fs::write(trial.path("wind.csv"), data + "\n").expect("written");
    node.signal("KILL");
    let ended = Ended::from(run.finish());
    node.wait();
    ended.assert(4, &["lost node"]);
    let lost = summary(&ended);
    assert_error(&lost, "node_lost", 4, "lost node");
    assert_eq!(
        lost["rows"],
        Trial::assert_loop_prefix(&trial.csv().expect("a result"))
    );
    let unreachable = trial.run(&["--json", "--quiet"]);
    unreachable.assert(4, &["nothing listens there"]);
    let unreachable = summary(&unreachable);
    assert_error(&unreachable, "node_unreachable", 4, "nothing listens there");
    assert_eq!(
        (&unreachable["rows"], &unreachable["scenario"]),
        (&0.into(), &"loop".into())
    );
    let broken = loop_scenario(10).replace("houses: 0.03", "houses: 9223372036854775807");
    let failed = Trial::new(&broken).run(&["--json", "--quiet"]);
    failed.assert(3, &[]);
    assert_error(
        &summary(&failed),
        "overflow:load_dem",
        3,
        "model 'Homes' (Load) on this machine",
    );
    let full = Trial::new(&loop_scenario(10)).run(&["--json", "--output", "/dev/full"]);
    full.assert(5, &[]);
    assert_error(&summary(&full), "output", 5, "cannot write");
    let refused = Trial::new("scenario: 1").run(&["--json"]);
    refused.assert(2, &["'scenario'"]);
    assert_error(&summary(&refused), "scenario", 2, "'scenario'");
}

#[test]
fn a_scenario_with_errors_is_refused_and_nothing_is_written() {
    let mut node = Node::start();
    let scenario = loop_scenario(10).replace("Brain.flow2b, to", "Brian.flow2b, to");
    let trial = Trial::new(&scenario);
    fs::write(trial.path("out.csv"), "old").expect("written");
    for ended in [
        trial.run(&[]),
        trial.check(&[]),
        trial.run(&["--local", "--quiet"]),
    ] {
        ended.assert(2, &["scenario.yaml:38:10: error: ", "Brian", "Brain"]);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(trial.csv().as_deref(), Some("old"));
    let missing = rig::controller(std::path::Path::new("/"), &["run", "no-such-scenario.yaml"]);
    Ended::from(missing).assert(2, &["cannot read the scenario 'no-such-scenario.yaml'"]);
    assert_serves(&mut node);
}

/// The loop with a monitor file of its own, and something to warn about.
fn warned_loop() -> Trial {
    let scenario = loop_scenario(10)
        .replace("name: loop\n", "name: loop\n  align_parameters: false\n")
        .replace("monitor:\n", "monitor:\n  file: results/own.csv\n");
    Trial::new(&scenario)
}

#[test]
fn warnings_are_shown_hidden_or_taken_for_errors() {
    let trial = warned_loop();
    let warning = "warning: a single run ignores 'align_parameters'";
    trial.run(&[]).assert(0, &[warning]);
    let quiet = trial.run(&["--quiet"]);
    quiet.assert(0, &[]);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
    fs::remove_file(trial.path("out.csv")).expect("removed");
    for options in [&["--strict"][..], &["--strict", "--quiet"]] {
        let treated = "error: 4 warning(s), and --strict treats them as errors";
        trial.run(options).assert(2, &[warning, treated]);
        trial.check(options).assert(2, &[warning, treated]);
    }
    assert_eq!(trial.csv(), None);
    Trial::new(&loop_scenario(10))
        .run(&["--strict"])
        .assert(2, &["'Tank.soc' is in %"]);
}

#[test]
fn the_result_goes_where_the_scenario_or_the_user_says() {
    let trial = warned_loop();
    let deep = trial.path("new/deep/out.csv");
    trial
        .run(&["--output", deep.to_str().expect("UTF-8")])
        .assert(0, &[]);
    let scenario = trial.path("scenario.yaml");
    let arguments = ["run", scenario.to_str().expect("UTF-8")];
    let folder = scenario.parent().expect("in a folder");
    Ended::from(rig::controller(folder, &arguments)).assert(0, &["results/own.csv"]);
    let read = |path: &str| fs::read_to_string(trial.path(path)).expect("a result");
    assert_eq!(read("results/own.csv"), read("new/deep/out.csv"));
    Trial::assert_loop_prefix(&read("results/own.csv"));
}

#[test]
fn a_check_asks_the_nodes_unless_it_is_told_not_to() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, 10);
    let asked = trial.check(&[]);
    asked.assert(0, &[]);
    for said in [
        "6 models, 10 ticks: fine",
        "this machine: 5 models",
        &format!("{}: illuminator-node ", node.address),
        ", for Cell\n",
    ] {
        assert!(asked.stdout.contains(said), "{said}: {}", asked.stdout);
    }
    let quiet = trial.check(&["--quiet"]);
    quiet.assert(0, &[]);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
    assert_eq!(trial.csv(), None, "a check writes nothing");
    node.wait_for_report("session over");
    assert_serves(&mut node);
    node.signal("KILL");
    node.wait();
    trial.check(&[]).assert(4, &["nothing listens there"]);
    trial.check(&["--local"]).assert(0, &[]);
}

#[test]
fn wrong_use_is_told_apart_from_a_wrong_scenario() {
    let root = std::path::Path::new("/");
    for arguments in [
        &[][..],
        &["run"],
        &["run", "a.yaml", "--no-such-option"],
        &["models", "NoSuchType"],
    ] {
        let ended = Ended::from(rig::controller(root, arguments));
        ended.assert(1, &[]);
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn whoever_reads_the_answer_may_stop_reading() {
    let controller = rig::controller_binary().join(" ");
    let node = rig::node_binary().join(" ");
    for command in [
        format!("{controller} schema"),
        format!("{controller} models --markdown"),
        format!("{node} models"),
    ] {
        let script = format!("{{ {command}; echo \"ended with $?\" >&2; }} | true");
        let ended: Ended = rig::run_bounded(Command::new("sh").args(["-c", &script])).into();
        ended.assert(0, &["ended with 0"]);
        assert_eq!(ended.stderr, "ended with 0\n", "{command}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let controller = rig::controller_binary().join(" ");
    let script = format!("{controller} schema >/dev/full");
    let ended: Ended = rig::run_bounded(Command::new("sh").args(["-c", &script])).into();
    ended.assert(1, &["error: cannot write to standard output"]);
}
