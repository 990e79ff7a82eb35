//! Peers that send without end what somebody else does not take.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rig::{Ended, FakeNode, Node, Peer, Run, Trial, grouped, loop_scenario, peak_memory, placed};
use shared::model::{Notice, Severity};
use shared::plan::{ModelId, SiteId};
use shared::wire::{MAX_FRAME, Standing, ToController};

/// What a controller may have in memory at most, built for debugging, while something that it passes
/// on is not taken.
const MEMORY_BOUND: u64 = 96 * 1024 * 1024;

fn alive() -> ToController<'static> {
    ToController::Alive(Standing::default())
}

/// A node that takes its plan, says that it is there, and reads nothing more.
fn stalled(over: Receiver<()>) -> FakeNode {
    FakeNode::start(move |mut peer| {
        let takes_part = peer.takes_a_plan();
        while takes_part
            && over.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout)
        {
            peer.send(&alive());
        }
    })
}

/// A node that takes its plan and sends values for this site as long as anybody takes them.
fn flooding(to: u16) -> FakeNode {
    FakeNode::start(move |mut peer: Peer| {
        if !peer.takes_a_plan() {
            return;
        }
        let mut frame = Vec::new();
        let batch = vec![0; MAX_FRAME / 2];
        let batch = &batch;
        let batch = ToController::Batch {
            to: SiteId(to),
            batch,
        };
        shared::wire::append_frame(&mut frame, &batch, MAX_FRAME).expect("fits");
        while peer.send_raw(&frame).is_ok() {}
    })
}

/// A run at its end, once it has said this, and the most memory that its controller had; 0 where the system does not
/// say.
fn watched(mut run: Run, words: Option<&str>) -> (Ended, u64, String) {
    let pid = run.pid();
    let watch = thread::spawn(move || {
        let mut peak = 0;
        // What has ended has no memory.
        while let Some(memory) = peak_memory(pid) {
            peak = peak.max(memory);
            thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    // What it says is read meanwhile.
    let said = words.map(|words| {
        let said = run.wait_to_say(words);
        run.signal("INT");
        said
    });
    let ended = run.finish().into();
    let peak = watch.join().expect("watched");
    (ended, peak, said.unwrap_or_default())
}

#[test]
fn a_node_that_takes_nothing_is_named_and_what_is_for_it_does_not_fill_the_controller() {
    let (over, ends) = channel();
    let (sender, receiver) = (flooding(2), stalled(ends));
    let places = [("Tank", sender.address), ("Cell", receiver.address)];
    let trial = Trial::new(&placed(&loop_scenario(50), &|model| {
        let (_, address) = places.iter().find(|(placed, _)| *placed == model)?;
        Some((address.ip().to_string(), address.port()))
    }));
    let lost = format!("note: lost node {}, which ran Cell", receiver.address);
    let why = "has taken nothing of what is sent to it for 3 s";
    let run = trial.start(&["--timeout", "3"]);
    let (ended, peak, said) = watched(run, Some(&lost));
    drop(over);
    assert!(said.contains(why), "{said}");
    ended.assert(130, &[]);
    assert!(peak < MEMORY_BOUND, "{peak} bytes");
}

/// A node that takes its plan and gives notices: large ones, more than the controller may have in memory,
/// then short ones, more than are ever printed.
fn talking(large: usize, short: usize) -> FakeNode {
    FakeNode::start(move |mut peer: Peer| {
        if !peer.takes_a_plan() {
            return;
        }
        for (count, length) in [(large, MAX_FRAME / 2), (short, 1)] {
            let mut frame = Vec::new();
            let notice = ToController::Notice(Notice {
                severity: Severity::Warning,
                model: ModelId(4),
                tick: 0,
                text: "x".repeat(length),
            });
            shared::wire::append_frame(&mut frame, &notice, MAX_FRAME).expect("fits");
            for _ in 0..count {
                peer.send_raw(&frame).expect("all of it is taken");
            }
        }
        peer.finish_sending();
        peer.wait_for_end();
    })
}

#[test]
fn notices_without_end_are_counted_and_do_not_fill_the_controller() {
    let (large, short) = (300, 3000);
    let node = talking(large, short);
    let trial = Trial::loop_on(node.address, 50);
    let (ended, peak, _) = watched(trial.start(&["--json", "--patience", "0"]), None);
    ended.assert(0, &["note: lost node"]);
    trial.assert_whole_loop(50);
    let printed = ended.stderr.matches("Cell at tick 0 (").count();
    let left_out = grouped((large + short - printed) as u64);
    let counted = format!("{left_out} more warnings of models left out here");
    assert!(
        ended.stderr.contains(&counted),
        "{printed} printed, no '{counted}'"
    );
    for said in [&ended.stdout, &ended.stderr] {
        assert!(said.len() < 1024 * 1024, "{} bytes", said.len());
    }
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
