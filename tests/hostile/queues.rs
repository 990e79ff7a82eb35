//! Peers that send without end what somebody else does not take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rig::{Ended, FakeNode, Node, Peer, Trial, loop_scenario, peak_memory, placed, wait_for};
use shared::wire::{MAX_FRAME, ToController};

/// What a controller may have in memory at most, built for debugging, while something that it passes
/// on is not taken.
const MEMORY_BOUND: u64 = 96 * 1024 * 1024;

fn alive() -> ToController<'static> {
    ToController::Alive {
        progress: 0,
        steps: 0,
        wait: None,
    }
}

/// A node that takes its plan, says that it is there, and reads nothing more.
fn deaf(over: &Arc<AtomicBool>) -> FakeNode {
    let over = Arc::clone(over);
    FakeNode::start(move |mut peer| {
        peer.welcome();
        peer.take_plan();
        while !over.load(Ordering::Relaxed) {
            peer.send(&alive());
            thread::sleep(Duration::from_millis(100));
        }
    })
}

/// A node that takes its plan and sends values for this site as long as anybody takes them.
fn flooding(to: u16) -> FakeNode {
    FakeNode::start(move |mut peer: Peer| {
        peer.welcome();
        peer.take_plan();
        let mut frame = Vec::new();
        let records = vec![0; MAX_FRAME / 2];
        let records = &records;
        let batch = ToController::Batch { to, records };
        shared::wire::append_frame(&mut frame, &batch, MAX_FRAME).expect("fits");
        while peer.send_raw(&frame).is_ok() {}
    })
}

#[test]
fn a_node_that_takes_nothing_is_named_and_what_is_for_it_does_not_fill_the_controller() {
    let over = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = (flooding(2), deaf(&over));
    let places = [("Tank", sender.address), ("Cell", receiver.address)];
    let trial = Trial::new(&placed(&loop_scenario(50), &|model| {
        let (_, address) = places.iter().find(|(placed, _)| *placed == model)?;
        Some((address.ip().to_string(), address.port()))
    }));
    let run = trial.start(&["--timeout", "3"]);
    let mut peak = 0;
    wait_for("the end of the run", || match peak_memory(run.pid()) {
        Some(memory) => {
            peak = peak.max(memory);
            None
        }
        // It is over, or the system does not say.
        None => Some(()),
    });
    let ended = Ended::from(run.finish());
    over.store(true, Ordering::Relaxed);
    let lost = format!("error: lost node {}", receiver.address);
    ended.assert(
        4,
        &[&lost, "has taken nothing of what is sent to it for 3 s"],
    );
    assert!(peak < MEMORY_BOUND, "{peak} bytes");
}

#[test]
fn values_that_are_passed_on_are_held_up_and_not_lost_while_their_receiver_is_slow() {
    // Without a link, and more than waits at a time: the run is as it would be with one.
    let nodes = [Node::start(), Node::start()];
    let proxy = rig::Proxy::start(&[nodes[1].address]);
    let places = [
        ("Homes", nodes[0].address),
        ("Cell", nodes[0].address),
        ("Brain", proxy.address),
    ];
    let trial = Trial::new(&placed(&loop_scenario(2000), &|model| {
        let (_, address) = places.iter().find(|(placed, _)| *placed == model)?;
        Some((address.ip().to_string(), address.port()))
    }));
    trial
        .run(&[])
        .assert(0, &["this machine passes their values on"]);
    trial.assert_whole_loop(2000);
}
