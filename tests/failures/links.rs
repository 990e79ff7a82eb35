//! Links between nodes: that they are used, what happens where there is none, and what when one
//! breaks in mid-run.

use std::net::SocketAddr;

use rig::{Ended, Node, Proxy, Run, Trial, assert_serves, loop_scenario, placed};
use serde_json::{Value as Json, json};

use super::FOREVER;

/// The loop with `Cell` on one node and `Brain` on another one, so that every step crosses the
/// link twice. The first node calls the second.
pub(super) fn loop_between(first: SocketAddr, second: SocketAddr, ticks: u64) -> Trial {
    let places = [("Homes", first), ("Cell", first), ("Brain", second)];
    Trial::new(&placed(&loop_scenario(ticks), &|model| {
        let (_, address) = places.iter().find(|(name, _)| *name == model)?;
        Some((address.ip().to_string(), address.port()))
    }))
}

fn summary(ended: &Ended) -> Json {
    serde_json::from_str(&ended.stdout).expect("a summary")
}

#[test]
fn values_between_two_nodes_go_over_a_link() {
    let nodes = [Node::start(), Node::start_at("127.0.0.2")];
    let trial = loop_between(nodes[0].address, nodes[1].address, 500);
    let ended = trial.run(&["--json"]);
    ended.assert(0, &[]);
    trial.assert_whole_loop(500);
    let summary = summary(&ended);
    assert_eq!(summary["relayed"], json!([]));
    for site in [1, 2] {
        let site = &summary["sites"][site];
        // A value and what is around it.
        assert!(site["bytes_to_nodes"].as_u64() > Some(500 * 10), "{site}");
    }
    // What the controller needs is little: it comes in batches.
    assert_eq!(summary["sites"][0]["bytes_to_nodes"], 0);
}

/// Checks that a run between two nodes comes to its end without a link, and says so.
#[track_caller]
fn assert_relays(trial: &Trial, first: SocketAddr, second: SocketAddr) {
    let ended = trial.run(&["--json"]);
    let note = format!(
        "note: {first} and {second} have no link to each other (no link within 5 s; the log of the node says why)"
    );
    ended.assert(0, &[&note, "this machine passes their values on"]);
    trial.assert_whole_loop(300);
    let summary = summary(&ended);
    let pair = json!([[first.to_string(), second.to_string()]]);
    assert_eq!(summary["relayed"], pair);
    assert_eq!(summary["sites"][1]["bytes_to_nodes"], 0);
}

#[test]
fn where_a_node_cannot_reach_another_one_the_controller_passes_values_on() {
    let nodes = [Node::start(), Node::start()];
    let (first, second) = (nodes[0].address, nodes[1].address);
    // Only the controller gets through.
    let proxy = Proxy::start(&[second]);
    let trial = loop_between(first, proxy.address, 300);
    assert_relays(&trial, first, proxy.address);
    nodes[0].wait_for_report("no link: Connection refused");
}

#[test]
fn a_node_that_reaches_itself_in_the_place_of_another_one_notices() {
    let nodes = [Node::start(), Node::start()];
    let (first, second) = (nodes[0].address, nodes[1].address);
    // As with 127.0.0.1, which is another machine for each of them.
    let proxy = Proxy::start(&[second, first]);
    let trial = loop_between(first, proxy.address, 300);
    assert_relays(&trial, first, proxy.address);
    nodes[0].wait_for_report("no link: another node answers at that address");
}

#[test]
fn nodes_that_have_no_key_in_common_have_no_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("cluster.key");
    let made = shared::wire::Key::random().expect("random").create(&key);
    made.expect("written");
    let nodes = [Node::start(), Node::start_with_key(&key)];
    let (first, second) = (nodes[0].address, nodes[1].address);
    let trial = loop_between(first, second, 300);
    let ended = trial.run(&["--key", key.to_str().expect("UTF-8")]);
    let note = format!("note: {second} has the cluster's key and {first} has none");
    let text = format!("{first} and {second} had no link: their values passed here");
    ended.assert(0, &[&note, &text]);
    // They are not even asked to call each other: each would wait until the other one's call fails.
    nodes[0].wait_for_report("session over");
    let log = nodes[0].log();
    assert!(!log.iter().any(|line| line.contains("no link")), "{log:?}");
    trial.assert_whole_loop(300);
}

/// Has a run make some rows after it went on, and ends it.
#[track_caller]
fn end_later(trial: &Trial, mut run: Run) -> Ended {
    run.wait_to_say("note: the run goes on at tick ");
    let rows = trial.rows();
    trial.wait_for_row(rows + 1000);
    run.signal("INT");
    let ended = Ended::from(run.finish());
    ended.assert(130, &["error: interrupted"]);
    Trial::assert_loop_prefix(&trial.csv().expect("a result"));
    ended
}

#[test]
fn a_link_that_is_cut_is_named_and_the_run_goes_on_with_another_one() {
    let nodes = [Node::start(), Node::start()];
    // Twice the controller, and the other node.
    let proxy = Proxy::start(&[nodes[1].address; 4]);
    let trial = loop_between(nodes[0].address, proxy.address, FOREVER);
    let mut run = trial.start(&["--json"]);
    trial.wait_for_rows();
    // The first connection is the controller's.
    proxy.cut(1);
    let said = run.wait_to_say("the run holds at tick ");
    for words in ["the peer closed the connection", "see whether the network"] {
        assert!(said.contains(words), "{said}");
    }
    let first = nodes[0].address;
    let names = [
        format!("note: the link between nodes {first}"),
        format!(" and {first} broke"),
    ];
    assert!(names.iter().any(|name| said.contains(name)), "{said}");
    let summary = summary(&end_later(&trial, run));
    assert_eq!(summary["interruptions"][0]["node"], Json::Null);
    assert_eq!(summary["relayed"], json!([]));
    for mut node in nodes {
        assert_serves(&mut node);
    }
}

#[test]
fn a_node_that_is_gone_is_a_better_reason_than_its_links() {
    for (signal, said) in [
        ("KILL", "lost node "),
        ("TERM", "somebody stopped the node"),
    ] {
        let nodes = [Node::start(), Node::start()];
        let trial = loop_between(nodes[0].address, nodes[1].address, FOREVER);
        let mut run = trial.start(&["--patience", "0"]);
        trial.wait_for_rows();
        nodes[0].signal(signal);
        let note = run.wait_to_say("the run holds at tick ");
        let lost = format!(
            "note: lost node {}, which ran Homes, Cell",
            nodes[0].address
        );
        assert!(note.contains(&lost) && note.contains(said), "{note}");
        end_later(&trial, run);
    }
}
