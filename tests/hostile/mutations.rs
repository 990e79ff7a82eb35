//! Recorded sessions with random changes, played to both sides.

use rig::{Dice, FakeNode, Node, Peer, Recorder, Recording, Trial, assert_serves};

const TICKS: u64 = 50;

/// The two sides of a run with a reader and the battery of the loop on a node.
fn record(node: &Node) -> Recording {
    let recorder = Recorder::before(node.address);
    let trial = trial(recorder.address);
    trial.run(&[]).assert(0, &[]);
    recorder.finish()
}

fn trial(address: std::net::SocketAddr) -> Trial {
    let scenario = rig::loop_scenario(TICKS).replace(
        "models:\n",
        "models:\n- name: Meter\n  type: CSV\n  parameters: {file_path: a.csv}\n",
    );
    let trial = Trial::new(&rig::placed(&scenario, &|model| {
        let is_there = model == "Cell" || model == "Meter";
        is_there.then(|| (address.ip().to_string(), address.port()))
    }));
    let data = "title\ntime,x\n2012-01-01 00:00:00,1\n2012-01-01 00:00:01,2\n";
    std::fs::write(trial.path("a.csv"), data).expect("written");
    trial
}

/// Changes some bytes of a recording, at random.
fn mutate(recorded: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = recorded.to_vec();
    for _ in 0..=dice.throw(3) {
        let at = dice.throw(bytes.len().max(1)).min(bytes.len());
        let end = (at + dice.throw(20)).min(bytes.len());
        match dice.throw(6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let again = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, again));
            }
            3 => {
                let noise: Vec<u8> = (at..end).map(|_| any_byte(dice)).collect();
                drop(bytes.splice(at..end, noise));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = any_byte(dice);
                }
            }
        }
    }
    bytes
}

/// A byte; one of those that lengths and numbers break at more often than others.
fn any_byte(dice: &mut Dice) -> u8 {
    match dice.throw(4) {
        0 => [0, 1, 0x7f, 0x80, 0xfe, 0xff][dice.throw(6)],
        _ => u8::try_from(dice.throw(256)).expect("a byte"),
    }
}

#[test]
fn no_change_to_a_session_harms_a_node() {
    let mut node = Node::start();
    let Recording { to_node, .. } = record(&node);
    let mut dice = Dice::new(1);
    for round in 0..2000 {
        let bytes = mutate(&to_node, &mut dice);
        let mut peer = Peer::connect(node.address);
        // The node may have closed the connection before all is sent.
        let _ = peer.send_raw(&bytes);
        peer.finish_sending();
        peer.wait_for_end();
        if round % 500 == 499 {
            assert_serves(&mut node);
        }
    }
    assert_eq!(
        Peer::greeted(node.address).open(&[]),
        Ok(0),
        "no session is left"
    );
}

/// A node that says what was recorded, whatever the controller says.
fn parrot(bytes: Vec<u8>) -> FakeNode {
    FakeNode::start(move |mut peer| {
        // The controller may have closed the connection before all is sent.
        let _ = peer.send_raw(&bytes);
        peer.finish_sending();
        peer.wait_for_end();
    })
}

#[test]
fn no_change_to_a_session_harms_a_controller() {
    let node = Node::start();
    let Recording { to_controller, .. } = record(&node);
    let fake = parrot(to_controller.clone());
    let unchanged = trial(fake.address);
    unchanged.run(&[]).assert(0, &[]);
    unchanged.assert_whole_loop(TICKS);
    let mut dice = Dice::new(2);
    for _ in 0..200 {
        let bytes = mutate(&to_controller, &mut dice);
        let fake = parrot(bytes.clone());
        let trial = trial(fake.address);
        let ended = trial.run(&["--timeout", "2"]);
        // Values that arrive changed may be as good as others, or fail a model.
        assert!(
            matches!(ended.code, Some(0 | 3 | 4)),
            "{:?} {}\n{bytes:?}",
            ended.code,
            ended.stderr
        );
        if ended.code != Some(0) {
            assert!(ended.stderr.contains("error: "), "{bytes:?}");
        }
        if let Some(csv) = trial.csv() {
            let columns = |line: &str| line.split(',').count();
            assert!(csv.ends_with('\n') && csv.lines().all(|line| columns(line) >= 6));
        }
    }
}
