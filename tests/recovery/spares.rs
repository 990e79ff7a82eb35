//! Others that take over.

use rig::{FakeNode, Node, Trial, assert_serves, loop_scenario, placed};
use shared::wire::{Preamble, ToController};

use super::{
    THIS_MACHINE, TICKS, assert_taken_over, interruption, interruptions, loop_over, start,
    takeovers, whole,
};

#[test]
fn a_spare_node_takes_over_from_one_that_does_not_come_back() {
    let (first, second, mut spare) = (Node::start(), Node::start(), Node::start());
    let trial = loop_over(&[first.address, second.address], TICKS);
    let address = spare.address.to_string();
    let mut run = start(&trial, &["--spare", &address]);
    trial.wait_for_row(300);
    first.signal("KILL");
    run.wait_to_say("the run holds at tick ");
    run.wait_to_say(&format!(
        "{address} runs Homes, Cell in place of {}",
        first.address
    ));
    let ended = whole(&trial, run, TICKS);
    assert_taken_over(&ended, first.address, &address, &["Homes", "Cell"]);
    spare.wait_for_report("session over");
    assert_serves(&mut spare);
}

#[test]
fn another_node_of_the_scenario_takes_over_where_there_is_no_spare_one() {
    let nodes = [Node::start(), Node::start(), Node::start()];
    let trial = loop_over(&nodes.each_ref().map(|node| node.address), TICKS);
    let run = start(&trial, &[]);
    trial.wait_for_row(300);
    nodes[0].signal("KILL");
    let ended = whole(&trial, run, TICKS);
    // The one with the fewest models.
    assert_taken_over(
        &ended,
        nodes[0].address,
        &nodes[1].address,
        &["Homes", "Cell"],
    );
}

#[test]
fn this_machine_takes_over_at_once_where_nobody_is_to_be_waited_for() {
    let node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let run = start(&trial, &["--patience", "0"]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    assert_taken_over(&ended, node.address, &THIS_MACHINE, &["Homes", "Cell"]);
    let held = interruption(&ended)["held_seconds"].as_f64();
    assert!(held < Some(2.0), "{held:?}: nobody was waited for");
}

#[test]
fn a_node_that_was_not_waited_for_is_well() {
    let mut node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let run = start(&trial, &["--patience", "0", "--timeout", "2"]);
    trial.wait_for_row(300);
    node.signal("STOP");
    let ended = whole(&trial, run, TICKS);
    assert_taken_over(&ended, node.address, &THIS_MACHINE, &["Homes", "Cell"]);
    node.signal("CONT");
    assert_serves(&mut node);
}

#[test]
fn this_machine_takes_over_when_patience_ends_and_there_is_nobody_else() {
    let node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let run = start(&trial, &["--patience", "3"]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    assert_taken_over(&ended, node.address, &THIS_MACHINE, &["Homes", "Cell"]);
    let held = interruption(&ended)["held_seconds"]
        .as_f64()
        .expect("a number");
    assert!((3.0..40.0).contains(&held), "{held}");
}

#[test]
fn a_spare_node_that_does_not_answer_is_passed_over() {
    let (node, gone, spare) = (Node::start(), Node::start(), Node::start());
    let gone_address = gone.address.to_string();
    drop(gone);
    let hung = FakeNode::start(|mut peer| peer.wait_for_end());
    let trial = loop_over(&[node.address], TICKS);
    let [silent, address] = [hung.address, spare.address].map(|address| address.to_string());
    let spares = [
        "--spare",
        &gone_address,
        "--spare",
        &silent,
        "--spare",
        &address,
    ];
    let run = start(&trial, &spares);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    let takeovers = takeovers(&interruptions(&ended));
    let from_to: Vec<(&str, &str)> = takeovers
        .iter()
        .map(|(from, by, _)| (from.as_str(), by.as_str()))
        .collect();
    let lost = node.address.to_string();
    let expected = [
        (&*lost, &*gone_address),
        (&gone_address, &silent),
        (&silent, &address),
    ];
    assert_eq!(from_to, expected);
}

#[test]
fn a_spare_node_that_lacks_a_type_is_passed_over() {
    let (node, narrow, spare) = (Node::start(), Node::start_for("Load"), Node::start());
    let [narrow_address, address] =
        [narrow.address, spare.address].map(|address| address.to_string());
    let trial = loop_over(&[node.address], TICKS);
    let run = start(&trial, &["--spare", &narrow_address, "--spare", &address]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    let takeovers = takeovers(&interruptions(&ended));
    let by: Vec<&str> = takeovers.iter().map(|(_, by, _)| by.as_str()).collect();
    assert_eq!(by, [&narrow_address, &address]);
}

#[test]
fn a_spare_node_that_does_not_take_the_lights_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("node.toml");
    std::fs::write(&config, "[leds]\nallow = [2]\n").expect("written");
    // Elsewhere this pin is reserved.
    let node = Node::start_with(&["--config", config.to_str().expect("UTF-8")]);
    let spare = Node::start();
    let scenario = loop_scenario(TICKS).replace(
        "- name: Cell\n  type: Battery\n",
        "- name: Cell\n  type: Battery\n  leds: [{attribute: soc, pin: 2, below: 101}]\n",
    );
    let trial = Trial::new(&placed(&scenario, &|model| {
        (model == "Cell").then(|| (node.address.ip().to_string(), node.address.port()))
    }));
    let address = spare.address.to_string();
    let run = start(&trial, &["--spare", &address]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    let takeovers = takeovers(&interruptions(&ended));
    let by: Vec<&str> = takeovers.iter().map(|(_, by, _)| by.as_str()).collect();
    assert_eq!(by, [&address, THIS_MACHINE]);
}

#[test]
fn a_node_that_answers_and_is_lost_without_a_row_again_and_again_is_given_up() {
    // It welcomes everybody, takes something of the plan, and that is all.
    let fake = FakeNode::start(|mut peer| {
        // Some are gone again at once, because they need others as well.
        if peer.preamble().is_some() && peer.send_raw(&Preamble::ours(false).to_bytes()).is_ok() {
            peer.receive();
            peer.send(&ToController::Welcome {
                release: "test",
                processor: "test",
                sessions: 0,
            });
            peer.receive();
        }
    });
    let node = Node::start();
    let trial = loop_over(&[node.address, fake.address], 300);
    let ended = whole(&trial, start(&trial, &[]), 300);
    assert_taken_over(&ended, fake.address, &node.address, &["Brain"]);
    let interruptions = interruptions(&ended);
    assert!(interruptions.len() <= 4, "{interruptions:#?}");
    assert!(interruptions.iter().all(|one| one["tick"] == 0));
}
