//! Several losses: at once, one after the other, and before there is anything to lose.

use rig::{FakeNode, Node, Proxy};
use serde_json::json;

use super::{TICKS, interruption, interruptions, loop_over, start, takeovers, whole};

#[test]
fn two_nodes_that_are_killed_at_once_are_started_anew_or_made_up_for() {
    for restarted in [true, false] {
        let nodes = [Node::start(), Node::start(), Node::start()];
        let addresses = nodes.each_ref().map(|node| node.address);
        let trial = loop_over(&addresses, TICKS);
        let mut run = start(&trial, &[]);
        trial.wait_for_row(300);
        let [first, second, _third] = nodes;
        first.signal("KILL");
        second.signal("KILL");
        run.wait_to_say("the run holds at tick ");
        drop((first, second));
        let again =
            |number: usize| restarted.then(|| Node::start_at(&addresses[number].to_string()));
        let _again = [again(0), again(1)];
        let ended = whole(&trial, run, TICKS);
        let takeovers = takeovers(&interruptions(&ended));
        if restarted {
            assert_eq!(takeovers, []);
            continue;
        }
        // One may be asked to take over from the other one before it is known to be gone as well.
        let [first, second, third] = addresses.map(|address| address.to_string());
        for model in ["Homes", "Cell", "Brain"] {
            let ran = |models: &[String]| models.iter().any(|name| name == model);
            let newest = takeovers.iter().rfind(|(_, _, models)| ran(models));
            assert_eq!(newest.map(|(_, by, _)| by), Some(&third), "{takeovers:?}");
        }
        assert!(
            takeovers
                .iter()
                .all(|(from, ..)| *from == first || *from == second)
        );
    }
}

#[test]
fn a_node_that_is_lost_while_another_one_is_waited_for_is_waited_for_as_well() {
    let nodes = [Node::start(), Node::start()];
    let addresses = nodes.each_ref().map(|node| node.address);
    let trial = loop_over(&addresses, TICKS);
    let mut run = start(&trial, &["--patience", "30"]);
    trial.wait_for_row(300);
    let [first, second] = nodes;
    first.signal("KILL");
    run.wait_to_say("the run holds at tick ");
    second.signal("KILL");
    drop((first, second));
    let _again = addresses.map(|address| Node::start_at(&address.to_string()));
    let ended = whole(&trial, run, TICKS);
    assert_eq!(takeovers(&interruptions(&ended)), []);
}

#[test]
fn whoever_took_over_can_be_lost_as_well() {
    let nodes = [Node::start(), Node::start(), Node::start()];
    let trial = loop_over(&nodes.each_ref().map(|node| node.address), TICKS);
    let mut run = start(&trial, &["--patience", "0"]);
    for (round, node) in (1..).zip(&nodes) {
        trial.wait_for_row(round * 300);
        node.signal("KILL");
        run.wait_to_say("the run goes on at tick ");
    }
    let ended = whole(&trial, run, TICKS);
    let interruptions = interruptions(&ended);
    assert_eq!(interruptions.len(), 3);
    let takeovers = takeovers(&interruptions);
    let last = takeovers.last().expect("some");
    assert_eq!(last.1, super::THIS_MACHINE);
    assert_eq!(last.2, ["Tank", "Mill", "Homes", "Cell", "Brain"]);
}

#[test]
fn a_node_that_is_lost_before_its_plan_is_there_is_made_up_for() {
    // It welcomes a controller, and is gone before it has said that it is ready.
    let (node, spare) = (Node::start(), Node::start());
    let mut is_there = true;
    let fake = FakeNode::start(move |mut peer| {
        if std::mem::take(&mut is_there) {
            peer.welcome();
            peer.receive();
        }
    });
    let trial = loop_over(&[node.address, fake.address], 300);
    let run = start(&trial, &["--spare", &spare.address.to_string()]);
    let ended = whole(&trial, run, 300);
    let interruption = interruption(&ended);
    assert_eq!(interruption["tick"], 0);
    assert_eq!(interruption["ticks_computed_again"], 0);
    assert_eq!(interruption["node"], fake.address.to_string());
    super::assert_taken_over(&ended, fake.address, &spare.address, &["Brain"]);
}

#[test]
fn a_node_that_is_killed_as_soon_as_it_has_a_session_is_made_up_for() {
    let node = Node::start();
    let address = node.address;
    let trial = loop_over(&[address], 300);
    let run = start(&trial, &["--wait", "30"]);
    node.wait_for_report("session for 'loop'");
    node.signal("KILL");
    drop(node);
    let _node = Node::start_at(&address.to_string());
    whole(&trial, run, 300);
}

#[test]
fn a_link_that_is_cut_is_there_again_or_this_machine_passes_values_on() {
    for calls in [4, 3] {
        let nodes = [Node::start(), Node::start()];
        // The controller, the link, and then both again, or the controller alone.
        let proxy = Proxy::start(&vec![nodes[1].address; calls]);
        let trial = loop_over(&[nodes[0].address, proxy.address], TICKS);
        let mut run = start(&trial, &[]);
        trial.wait_for_row(300);
        proxy.cut(1);
        let said = run.wait_to_say("the run holds at tick ");
        assert!(said.contains("the link between nodes "), "{said}");
        let ended = whole(&trial, run, TICKS);
        let interruption = interruption(&ended);
        assert_eq!(interruption["node"], json!(null));
        assert_eq!(interruption["takeovers"], json!([]));
        let relayed = &super::summary(&ended)["relayed"];
        let pairs = usize::from(calls != 4);
        assert_eq!(relayed.as_array().map(Vec::len), Some(pairs), "{relayed}");
    }
}

#[test]
fn a_controller_and_then_a_node_are_killed() {
    let node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let run = start(&trial, &[]);
    trial.wait_for_row(300);
    run.signal("KILL");
    run.finish();
    let left = trial.rows();
    let run = start(&trial, &["--resume", "--patience", "0"]);
    trial.wait_for_row(left + 100);
    node.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    assert_eq!(super::summary(&ended)["resumed"], left);
    assert!(interruption(&ended)["tick"].as_u64() >= Some(left + 100));
}
