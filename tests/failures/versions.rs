//! Controllers and nodes of different releases.

use rig::{FakeNode, Node, Peer, Trial, assert_serves, loop_scenario, placed, type_ids};
use shared::wire::{PROTOCOL_VERSION, Preamble, Refusal, ToController, TypeId};

/// What a controller says of a node that plays this part.
fn said_of(play: impl FnMut(Peer) + Send + 'static) -> String {
    let fake = FakeNode::start(play);
    let port = fake.address.port();
    let scenario = placed(&loop_scenario(50), &|model| {
        (model == "Cell").then(|| ("127.0.0.1".to_owned(), port))
    });
    let trial = Trial::new(&scenario);
    let ended = trial.run(&["--quiet"]);
    ended.assert(4, &[&format!("error: node 127.0.0.1:{port} (for Cell): ")]);
    assert_eq!(trial.csv(), None, "nothing ran");
    ended.stderr
}

#[test]
fn a_controller_says_which_side_of_another_version_is_to_be_updated() {
    for (version, remedy) in [
        (
            PROTOCOL_VERSION + 1,
            "update this side to the release of the peer",
        ),
        (0, "update the peer to the release of this side"),
    ] {
        let said = said_of(move |mut peer| {
            let preamble = Preamble {
                version,
                ..Preamble::ours(false)
            }
            .to_bytes();
            peer.send_raw(&preamble).expect("the controller listens");
            peer.wait_for_end();
        });
        let versions = format!(
            "the peer speaks version {version} of the protocol and this side version \
             {PROTOCOL_VERSION}"
        );
        assert!(said.contains(&versions), "{said}");
        assert!(said.contains(remedy), "{said}");
    }
}

#[test]
fn a_node_tells_its_version_to_a_controller_of_another_one_and_closes() {
    let mut node = Node::start();
    for version in [0, 1, 258] {
        let mut peer = Peer::connect(node.address);
        let preamble = Preamble {
            version,
            ..Preamble::ours(false)
        }
        .to_bytes();
        peer.send_raw(&preamble).expect("the node listens");
        assert_eq!(peer.preamble(), Some(Preamble::ours(false).to_bytes()));
        assert_eq!(peer.receive(), None, "the node closes");
        node.wait_for_report(&format!("not let in: the peer speaks version {version}"));
    }
    assert_serves(&mut node);
}

#[test]
fn a_node_refuses_types_that_it_lacks_or_that_differ() {
    let mut node = Node::start();
    let [battery, load] = type_ids(&["Battery", "Load"]).try_into().expect("two");
    let different = TypeId {
        fingerprint: load.fingerprint ^ 1,
        ..load
    };
    let missing = TypeId {
        name: "Reactor".into(),
        fingerprint: 7,
    };
    let mut peer = Peer::greeted(node.address);
    let refusal = peer.open(&[battery.clone(), different.clone()]);
    assert_eq!(refusal, Err(Refusal::DifferentTypes(vec!["Load".into()])));
    assert_eq!(peer.receive(), None, "the node closes");
    let refusal = Peer::greeted(node.address).open(&[different, missing, battery]);
    assert_eq!(refusal, Err(Refusal::MissingTypes(vec!["Reactor".into()])));
    assert_serves(&mut node);
}

#[test]
fn a_controller_names_the_types_that_a_node_refuses() {
    let refuse_with = |refusal: Refusal| {
        said_of(move |mut peer| {
            peer.greet();
            peer.receive().expect("a wish");
            peer.send(&ToController::Refused(refusal.clone()));
            peer.wait_for_end();
        })
    };
    let said = refuse_with(Refusal::DifferentTypes(vec!["Battery".into()]));
    assert!(
        said.contains(
            "its model type Battery has another interface; install the same release on node and \
             controller"
        ),
        "{said}"
    );
    let said = refuse_with(Refusal::MissingTypes(vec!["Battery".into(), "PV".into()]));
    assert!(
        said.contains("it has no model type Battery, PV; update illuminator-node there"),
        "{said}"
    );
}
