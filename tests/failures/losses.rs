//! Nodes and controllers that are lost in mid-run.

use std::net::SocketAddr;

use rig::{
    Ended, Node, Peer, Run, Trial, assert_serves, grouped, loop_scenario, placed,
    wait_for_heartbeats,
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

/// Waits until a run that nobody waits for a node in goes on without this one, lets it make some rows, ends it,
/// and checks how it ended.
#[track_caller]
fn assert_goes_on(trial: &Trial, mut run: Run, node: SocketAddr, said: &[&str]) {
    let lost = format!("note: lost node {node}, which ran Cell and had done at least ");
    let note = run.wait_to_say(&lost);
    for said in said.iter().chain(&["; the run holds at tick "]) {
        assert!(note.contains(said), "no '{said}' in: {note}");
    }
    run.wait_to_say(&format!("note: this machine runs Cell in place of {node}"));
    run.wait_to_say("note: the run goes on at tick ");
    let rows = trial.rows();
    trial.wait_for_row(rows + 1000);
    run.signal("INT");
    let lost = format!("  lost {node} at tick ");
    assert_lost(
        trial,
        &run.finish().into(),
        130,
        &["error: interrupted", &lost],
    );
}

#[test]
fn a_node_that_is_killed_is_lost() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&["--patience", "0"]);
    trial.wait_for_rows();
    node.signal("KILL");
    assert_eq!(node.wait(), None, "ended by the signal");
    assert_goes_on(&trial, run, node.address, &[]);
}

#[test]
fn a_node_that_hangs_is_lost_after_the_timeout() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&["--timeout", "2", "--patience", "0"]);
    trial.wait_for_rows();
    node.signal("STOP");
    let remedy = "no sign of life for 2 s; see whether the node hangs or the network is down, or \
                  allow more with --timeout";
    assert_goes_on(&trial, run, node.address, &[remedy]);
    node.signal("CONT");
    assert_serves(&mut node);
}

#[test]
fn a_node_that_is_stopped_takes_its_leave() {
    let mut node = Node::start();
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&["--patience", "0"]);
    trial.wait_for_rows();
    node.signal("TERM");
    assert_eq!(node.wait(), Some(0));
    assert_goes_on(&trial, run, node.address, &["somebody stopped the node"]);
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
    let mut run = trial.start(&["--timeout", "2", "--patience", "20"]);
    trial.wait_for_rows();
    run.signal("STOP");
    node.wait_for_report("the controller has been silent for 30 s");
    run.signal("CONT");
    let said = run.wait_to_say(": this machine was away for 3");
    let why = "s (it slept, or this program was stopped): it ended the session, as it had heard \
               nothing of this machine for 30 s";
    assert!(said.contains(why), "{said}");
    // The node is as well as it was.
    run.wait_to_say("note: the run goes on at tick ");
    let rows = trial.rows();
    trial.wait_for_row(rows + 1000);
    run.signal("INT");
    let lost = format!("  lost {} at tick ", node.address);
    assert_lost(&trial, &run.finish().into(), 130, &[&lost]);
    let sessions = node.log();
    let sessions = sessions.iter().filter(|line| line.contains("session for"));
    assert!(sessions.count() >= 2, "another one");
}

/// The number that a text begins with.
fn number_at(text: &str) -> u64 {
    let digits = text
        .chars()
        .filter(|c| *c != ',')
        .take_while(char::is_ascii_digit);
    digits.collect::<String>().parse().expect("a number")
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
    let mut run = trial.start(&["--json", "--patience", "0"]);
    trial.wait_for_rows();
    // Not before it has said how far it is, as it does in all its sessions every second.
    wait_for_heartbeats(lost.address, 2);
    lost.signal("KILL");
    lost.wait();
    run.wait_to_say(&format!("lost node {}", lost.address));
    run.wait_to_say("the run goes on at tick ");
    let rows = trial.rows();
    trial.wait_for_row(rows + 1000);
    run.signal("INT");
    let ended = Ended::from(run.finish());
    ended.assert(130, &[]);
    // It had two sessions: one with the node that was lost, and one with what that had run.
    let steps = rig::wait_for("the end of all its sessions", || {
        let log = well.log();
        let begun = log.iter().filter(|line| line.contains("session for "));
        let over = log
            .iter()
            .filter_map(|line| line.split_once("session over, "));
        let steps: Vec<u64> = over.map(|(_, steps)| number_at(steps)).collect();
        (steps.len() >= 2 && steps.len() == begun.count()).then(|| steps.iter().sum::<u64>())
    });
    let summary: serde_json::Value = serde_json::from_str(&ended.stdout).expect("a summary");
    for site in summary["sites"].as_array().expect("a list") {
        let told = site["steps"].as_u64().expect("a number");
        assert!(told > 0, "{summary:#}");
        if site["name"] == well.address.to_string() {
            assert_eq!(told, steps, "{summary:#}");
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
