//! Nodes that are there for one run.

use std::fs;
use std::time::Instant;

use rig::{Ended, Trial, loop_scenario, placed, wait_within};

use crate::deploying::{assert_result, spread_loop};
use crate::lan::{Lan, PATIENCE};
use crate::machine::{Machine, Setup};

const SETUPS: [Setup; 3] = [Setup::Root, Setup::SudoWithPassword, Setup::Sudo];

/// More steps than any test waits for.
const FOREVER: u64 = 60_000_000;

const RUN: &[&str] = &[
    "run",
    "--start",
    "scenario.yaml",
    "--output",
    "out.csv",
    "--binaries",
    "illuminator-node",
];

/// Checks that no node and no file of one is on any machine any more.
fn assert_gone(lan: &Lan, before: &[String]) {
    for (machine, before) in lan.machines.iter().zip(before) {
        machine.wait_for_no_node();
        wait_within(PATIENCE, "the end of the node's files", || {
            let files = machine.sh("find /tmp -xdev -name cluster.key");
            (files.is_empty() && machine.remains() == *before).then_some(())
        });
    }
}

fn remains(lan: &Lan) -> Vec<String> {
    lan.machines.iter().map(Machine::remains).collect()
}

/// Waits until a run has written rows.
fn wait_for_rows(lan: &Lan) {
    wait_within(PATIENCE, "the first row of the result", || {
        let csv = fs::read_to_string(lan.path("out.partial.csv")).ok()?;
        (csv.lines().count() > 1).then_some(())
    });
}

#[test]
fn nodes_are_started_for_a_run_and_stopped_after_it() {
    let Some(lan) = Lan::with(&SETUPS) else {
        return;
    };
    let before = remains(&lan);
    spread_loop(&lan, 300);
    let ran = lan.run(RUN);
    assert_result(&lan, &ran, 300);
    ran.assert(0, &["10.99.0.2:5123: a node is started for this run"]);
    for machine in &lan.machines {
        assert_eq!(
            machine.nodes(),
            [] as [u32; 0],
            "stopped when the run is over"
        );
    }
    assert_gone(&lan, &before);
    for call in lan.ssh_calls() {
        assert!(
            !call.contains(&lan.key()),
            "the key is on a command line: {call}"
        );
    }
}

#[test]
fn the_time_of_logging_in_is_not_that_of_the_run() {
    let Some(lan) = Lan::with(&[Setup::Root]) else {
        return;
    };
    // What the host does at a login takes its time, and that is all there is to it.
    lan.machines[0].sh("mkdir -p /root/.ssh && echo 'sleep 2' >/root/.ssh/rc");
    let scenario = placed(&loop_scenario(10), &|model| {
        (model == "Cell").then(|| (lan.address_of(0), 5123))
    });
    fs::write(lan.path("scenario.yaml"), scenario).expect("written");
    let begun = Instant::now();
    let ran = lan.run(&[RUN, &["--json"]].concat());
    let whole = begun.elapsed().as_secs_f64();
    ran.assert(0, &[]);
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let [start_up, run] = ["start_up_seconds", "seconds"].map(|name| {
        summary[name]
            .as_f64()
            .unwrap_or_else(|| panic!("{name}: {summary}"))
    });
    assert!(start_up >= 2.0, "{summary}");
    assert!(
        start_up + run <= whole,
        "counted twice in {whole} s: {summary}"
    );
}

#[test]
fn a_node_that_listens_already_is_used_and_stays_until_its_last_run_is_over() {
    let Some(lan) = Lan::with(&SETUPS) else {
        return;
    };
    let before = remains(&lan);
    spread_loop(&lan, FOREVER);
    let first = lan.start(RUN);
    wait_for_rows(&lan);
    let nodes: Vec<_> = lan.machines.iter().map(Machine::nodes).collect();
    // Somebody else uses the nodes of the first run.
    let other = fs::read_to_string(lan.path("scenario.yaml")).expect("there");
    fs::write(lan.path("other.yaml"), other).expect("written");
    let second = lan.start(&["run", "--start", "other.yaml", "--output", "other.csv"]);
    wait_within(PATIENCE, "the first row of the other run", || {
        let csv = fs::read_to_string(lan.path("other.partial.csv")).ok()?;
        (csv.lines().count() > 1).then_some(())
    });
    first.signal("INT");
    assert_eq!(first.finish_within(PATIENCE).status.code(), Some(130));
    let after: Vec<_> = lan.machines.iter().map(Machine::nodes).collect();
    assert_eq!(nodes, after, "the other run goes on");
    let rows = fs::read_to_string(lan.path("other.partial.csv"))
        .expect("there")
        .len();
    wait_within(PATIENCE, "more rows of the other run", || {
        let csv = fs::read_to_string(lan.path("other.partial.csv")).ok()?;
        (csv.len() > rows).then_some(())
    });
    second.signal("INT");
    assert_eq!(second.finish_within(PATIENCE).status.code(), Some(130));
    assert_gone(&lan, &before);
}

#[test]
fn a_node_that_is_installed_and_does_not_run_is_not_sent_again() {
    let Some(lan) = Lan::with(&SETUPS) else {
        return;
    };
    spread_loop(&lan, 50);
    let deploy = ["deploy", "--binaries", "illuminator-node", "10.99.0.3"];
    lan.run(&deploy).assert(0, &[]);
    let ran = lan.run(RUN);
    assert_result(&lan, &ran, 50);
    let sent = |host: &str| {
        let send = |call: &&String| call.contains(host) && call.contains("cat >");
        lan.ssh_calls().iter().filter(send).count()
    };
    let counts = ["10.99.0.1 ", "10.99.0.2 ", "10.99.0.3 "].map(sent);
    assert_eq!(counts, [1, 1, 1], "an installed node is not sent again");
}

#[test]
fn what_a_login_prints_is_passed_over() {
    let Some(lan) = Lan::with(&[Setup::Sudo]) else {
        return;
    };
    // Longer than what the node says, without an end of line, and like what scripts say.
    let banner = "failed logins: 3\nnote é listens on 22\n".to_owned() + &"=".repeat(300);
    fs::write(lan.machines[0].path("/home/pi/banner"), banner).expect("written");
    lan.machines[0].sh(
        "printf 'cat /home/pi/banner; cat /home/pi/banner >&2\n' >/home/pi/.bashrc
        chsh -s /bin/bash pi",
    );
    let scenario = placed(&loop_scenario(50), &|model| {
        (model == "Mill").then(|| (lan.address_of(0), 5123))
    });
    fs::write(lan.path("scenario.yaml"), scenario).expect("written");
    let ran = lan.run(RUN);
    assert_result(&lan, &ran, 50);
    let deployed = lan.deploy(&[]);
    deployed.assert(0, &[]);
    assert!(!deployed.stdout.contains("listens on 22"), "{deployed:?}");
    lan.for_all("undeploy", &[]).assert(0, &[]);
}

#[test]
fn nodes_end_with_a_run_that_is_interrupted_or_killed() {
    let Some(lan) = Lan::with(&SETUPS) else {
        return;
    };
    let before = remains(&lan);
    spread_loop(&lan, FOREVER);
    for (signal, code) in [("INT", Some(130)), ("TERM", Some(130)), ("KILL", None)] {
        // An earlier run has left its result.
        let _ = fs::remove_file(lan.path("out.partial.csv"));
        let run = lan.start(RUN);
        wait_for_rows(&lan);
        run.signal(signal);
        let ended = Ended::from(run.finish_within(PATIENCE));
        assert_eq!(ended.code, code, "{signal}: {}", ended.stderr);
        assert_gone(&lan, &before);
        let csv = fs::read_to_string(lan.path("out.partial.csv")).expect("a result");
        if code.is_some() {
            Trial::assert_loop_prefix(&csv);
        }
    }
}

#[test]
fn nodes_end_with_a_run_that_fails() {
    let Some(lan) = Lan::with(&SETUPS) else {
        return;
    };
    let before = remains(&lan);
    let scenario = spread_loop(&lan, FOREVER);
    let broken = scenario.replace("houses: 0.03", "houses: 9223372036854775807");
    fs::write(lan.path("scenario.yaml"), broken).expect("written");
    lan.run(RUN)
        .assert(3, &["model 'Homes' (Load) on node 10.99.0.3:5123"]);
    assert_gone(&lan, &before);

    // One machine on which a node cannot be started stops the others.
    spread_loop(&lan, FOREVER);
    let stranger = fs::read(lan.path("ssh/stranger.pub")).expect("a key");
    fs::write(lan.machines[1].path("/etc/pi/user.pub"), stranger).expect("written");
    let refused = lan.run(RUN);
    refused.assert(
        4,
        &[
            "node 10.99.0.2:5123 (for Mill): cannot start a node there: ssh cannot log in",
            "ssh-copy-id 10.99.0.2",
        ],
    );
    assert_gone(&lan, &before);
}
