//! Nodes that are there for one run.

use std::fs;

use rig::{Ended, Trial, wait_for};

use crate::deploying::{assert_result, spread_loop};
use crate::lan::Lan;
use crate::machine::{Machine, Setup};

const SETUPS: [Setup; 3] = [Setup::Root, Setup::SudoWithPassword, Setup::WithoutSystemd];

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
        wait_for("the end of the node's files", || {
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
    wait_for("the first row of the result", || {
        let csv = fs::read_to_string(lan.path("out.csv")).ok()?;
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
fn a_node_that_listens_already_is_used_and_left_running() {
    let Some(lan) = Lan::with(&SETUPS) else {
        return;
    };
    spread_loop(&lan, 50);
    let deploy = ["deploy", "--binaries", "illuminator-node", "10.99.0.1"];
    lan.run(&deploy).assert(0, &[]);
    // The third has a node that is installed and does not run.
    let deploy = ["deploy", "--binaries", "illuminator-node", "10.99.0.3"];
    lan.run(&deploy).assert(0, &[]);
    let serving = lan.machines[0].nodes();
    let ran = lan.run(RUN);
    assert_result(&lan, &ran, 50);
    assert!(
        !ran.stderr.contains("10.99.0.1:5123: a node is started"),
        "{ran:?}"
    );
    assert_eq!(lan.machines[0].nodes(), serving);
    let sent = |host: &str| {
        let send = |call: &&String| call.contains(host) && call.contains("cat >");
        lan.ssh_calls().iter().filter(send).count()
    };
    let counts = ["10.99.0.1 ", "10.99.0.2 ", "10.99.0.3 "].map(sent);
    assert_eq!(counts, [1, 1, 1], "an installed node is not sent again");
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
        let _ = fs::remove_file(lan.path("out.csv"));
        let run = lan.start(RUN);
        wait_for_rows(&lan);
        run.signal(signal);
        let ended = Ended::from(run.finish());
        assert_eq!(ended.code, code, "{signal}: {}", ended.stderr);
        assert_gone(&lan, &before);
        let csv = fs::read_to_string(lan.path("out.csv")).expect("a result");
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
