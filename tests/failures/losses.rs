//! Nodes and controllers that are lost in mid-run.

use rig::{
    Ended, Node, Peer, Trial, assert_serves, grouped, loop_scenario, placed, wait_for_heartbeats,
};

use super::FOREVER;

/// Checks how a run ended, and that its result holds whole rows, and right ones only.
#[track_caller]
fn assert_lost(trial: &Trial, ended: &Ended, code: i32, said: &[&str]) {
    ended.assert(code, said);
    let rows = Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    let summary = format!("{} of {} rows", grouped(rows), grouped(FOREVER));
    assert!(
        ended.stderr.contains(&summary),
        "{summary}: {}",
        ended.stderr
    );
}

#[test]
fn a_node_that_is_killed_is_lost() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    trial.wait_for_rows();
    node.signal("KILL");
    let ended = Ended::from(run.finish());
    assert_eq!(node.wait(), None, "ended by the signal");
    let lost = format!(
        "error: lost node {}, which ran Cell and had done at least ",
        node.address
    );
    assert_lost(&trial, &ended, 4, &[&lost]);
}

#[test]
fn a_node_that_hangs_is_lost_after_the_timeout() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&["--timeout", "2"]);
    trial.wait_for_rows();
    node.signal("STOP");
    let ended = Ended::from(run.finish());
    let lost = format!(
        "error: lost node {}, which ran Cell and had done at least ",
        node.address
    );
    let remedy = "no sign of life for 2 s; see whether the node hangs or the network is down, or \
                  allow more with --timeout";
    assert_lost(&trial, &ended, 4, &[&lost, remedy]);
    node.signal("CONT");
    assert_serves(&mut node);
}

#[test]
fn a_node_that_is_stopped_takes_its_leave() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    trial.wait_for_rows();
    node.signal("TERM");
    let ended = Ended::from(run.finish());
    assert_eq!(node.wait(), Some(0));
    assert_lost(&trial, &ended, 4, &["somebody stopped the node"]);
    node.wait_for_report("the node is being stopped");
}

#[test]
fn a_run_that_is_interrupted_ends_with_whole_rows_and_frees_its_node() {
    let mut node = Node::start();
    for signal in ["INT", "TERM"] {
        let trial = Trial::loop_on(node.address, FOREVER);
        let run = trial.start(&[]);
        trial.wait_for_rows();
        run.signal(signal);
        assert_lost(&trial, &run.finish().into(), 130, &["error: interrupted"]);
    }
    node.wait_for_report("session over");
    assert_serves(&mut node);
}

#[test]
fn a_run_on_one_machine_can_be_interrupted() {
    let trial = Trial::new(&loop_scenario(FOREVER));
    let run = trial.start(&["--local"]);
    trial.wait_for_rows();
    run.signal("INT");
    let ended = Ended::from(run.finish());
    ended.assert(130, &["error: interrupted"]);
    let csv = trial.csv().expect("a result");
    assert!(csv.ends_with('\n') && csv.lines().count() > 1);
}

#[test]
fn a_node_that_loses_its_controller_serves_the_next() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    trial.wait_for_rows();
    run.signal("KILL");
    assert_eq!(Ended::from(run.finish()).code, None, "ended by the signal");
    Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    node.wait_for_report("session lost: ");
    let mut peer = Peer::greeted(node.address);
    assert_eq!(peer.open(&[]), Ok(0), "no other session is left");
    drop(peer);
    assert_serves(&mut node);
}

#[test]
fn a_controller_that_hung_itself_does_not_take_its_node_for_lost() {
    let node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&["--timeout", "2"]);
    trial.wait_for_rows();
    run.signal("STOP");
    // Longer than a node may be silent, were it the node.
    wait_for_heartbeats(node.address, 4);
    let rows = trial.csv().expect("a result").len();
    run.signal("CONT");
    rig::wait_for("more rows after the pause", || {
        (trial.csv()?.len() > rows + 1000).then_some(())
    });
    run.signal("INT");
    assert_lost(&trial, &run.finish().into(), 130, &["error: interrupted"]);
}

#[test]
fn a_controller_that_was_away_for_too_long_says_so() {
    let node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    trial.wait_for_rows();
    run.signal("STOP");
    node.wait_for_report("the controller has been silent for 30 s");
    run.signal("CONT");
    let away = ": this machine was away for 3";
    let why = "s (it slept, or this program was stopped): it ended the session, as it had heard \
               nothing of this machine for 30 s";
    assert_lost(&trial, &run.finish().into(), 4, &[away, why]);
}

#[test]
fn nodes_that_are_well_say_what_they_have_done_when_another_one_is_lost() {
    let (well, mut lost) = (Node::start(), Node::start_at("127.0.0.2"));
    let trial = Trial::new(&placed(&loop_scenario(FOREVER), &|model| {
        let address = match model {
            "Mill" => well.address,
            "Cell" => lost.address,
            _ => return None,
        };
        Some((address.ip().to_string(), address.port()))
    }));
    let run = trial.start(&["--json"]);
    trial.wait_for_rows();
    // Not before it has said how far it is, as it does in all its sessions every second.
    wait_for_heartbeats(lost.address, 2);
    lost.signal("KILL");
    let ended = Ended::from(run.finish());
    lost.wait();
    ended.assert(4, &["lost node"]);
    let report = well.wait_for_report("session over, ");
    let summary: serde_json::Value = serde_json::from_str(&ended.stdout).expect("a summary");
    for site in summary["sites"].as_array().expect("a list") {
        let steps = site["steps"].as_u64().expect("a number");
        assert!(steps > 0, "{summary:#}");
        if site["name"] == well.address.to_string() {
            assert!(
                report.contains(&format!("session over, {steps} steps")),
                "{report}"
            );
        }
    }
}

#[test]
fn a_node_serves_although_nobody_takes_its_reports() {
    let mut node = Node::start_unheard();
    for _ in 0..2 {
        assert_serves(&mut node);
    }
    node.signal("TERM");
    assert_eq!(node.wait(), Some(0));
}
