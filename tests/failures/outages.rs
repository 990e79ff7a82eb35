//! Networks that are away for a while, between machines of their own.

use std::time::Duration;

use rig::{Ended, Lan, Node, Run, Trial, wait_for_heartbeats, wait_within};

use super::FOREVER;
use super::links::loop_between;

/// How long a machine with other things to do may take over some rows.
const PATIENCE: Duration = Duration::from_secs(120);

/// A run of two nodes, each of which needs the other one and the controller at every step.
fn start(lan: &Lan, timeout: &str) -> (Trial, Run) {
    let trial = loop_between(lan.nodes[0].address, lan.nodes[1].address, FOREVER);
    let run = lan.start(&trial, &["--timeout", timeout, "--patience", "0"]);
    trial.wait_for_rows();
    (trial, run)
}

#[test]
fn an_outage_that_is_shorter_than_the_timeout_is_survived_by_sessions_and_links() {
    let Some(lan) = Lan::new(2) else {
        return;
    };
    // A node that nobody disturbs says every second that it is there.
    let clock = Node::start();
    // Without `Socket::keep_trying` the system tries again 12.6 s after what was lost, and everybody gives
    // up after 11 s.
    for cable in [0, 1] {
        let (trial, mut run) = start(&lan, "8");
        lan.set_cable(cable, "down");
        // How long it lasts is all that there is to an outage.
        wait_for_heartbeats(clock.address, 7);
        let rows = trial.csv().expect("a result").len();
        lan.set_cable(cable, "up");
        // A run that is over has something to say, which its end shows; one that does not find back is soon.
        // All other time is what this machine takes for some rows.
        wait_within(PATIENCE, "more rows after the outage", || {
            (run.is_over() || trial.csv()?.len() > rows + 1000).then_some(())
        });
        if !run.is_over() {
            run.signal("INT");
        }
        let ended = Ended::from(run.finish());
        ended.assert(130, &["error: interrupted"]);
        assert!(!ended.stderr.contains("the run holds"), "{}", ended.stderr);
        Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    }
}

#[test]
fn an_outage_that_is_longer_than_the_timeout_is_named_with_the_node_and_another_one_takes_over() {
    let Some(lan) = Lan::new(2) else {
        return;
    };
    let (trial, mut run) = start(&lan, "2");
    lan.set_cable(0, "down");
    let note = run.wait_to_say("the run holds at tick ");
    let [first, second] = [0, 1].map(|node| lan.nodes[node].address);
    let lost = format!("note: lost node {first}, which ran Homes, Cell");
    let why = "no sign of life for 2 s; see whether the node hangs";
    assert!(note.contains(&lost) && note.contains(why), "{note}");
    run.wait_to_say(&format!(
        "note: {second} runs Homes, Cell in place of {first}"
    ));
    run.wait_to_say("note: the run goes on at tick ");
    let rows = trial.rows();
    trial.wait_for_row(rows + 1000);
    run.signal("INT");
    let ended = Ended::from(run.finish());
    ended.assert(130, &[]);
    Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    // The other one is well, and says what it has done.
    let other = format!("  {second}: 3 models, ");
    let summary = ended.stderr.lines().find(|line| line.starts_with(&other));
    let summary = summary.expect("a line about the other one");
    assert!(
        !summary.contains("at least") && !summary.contains(", 0 steps"),
        "{summary}"
    );
}
