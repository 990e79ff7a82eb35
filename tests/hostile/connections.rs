//! Connections to a node that never become a session.

use rig::{Dice, Node, Peer, assert_serves};
use shared::plan::SiteId;
use shared::wire::{MAX_FRAME, MAX_HANDSHAKE_FRAME, Preamble, Refusal, ToNode, append_frame};

/// A preamble, and a wish for a session without types.
fn handshake() -> Vec<u8> {
    let mut bytes = Preamble::ours(false).to_bytes().to_vec();
    let open = ToNode::Open {
        release: "test",
        scenario: "a scenario",
        types: Vec::new(),
    };
    append_frame(&mut bytes, &open, MAX_FRAME).expect("fits");
    bytes
}

#[test]
fn connections_that_say_nothing_or_nonsense_are_closed() {
    let mut node = Node::start();
    drop(Peer::connect(node.address));
    let mut dice = Dice::new(7);
    let noise: Vec<u8> = (0..100_000)
        .map(|_| u8::try_from(dice.throw(256)).expect("a byte"))
        .collect();
    for garbage in [
        &b""[..],
        b"I",
        b"GET / HTTP/1.1\r\nHost: pi\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        &[0; 64],
        &[0xff; 64],
        &noise,
    ] {
        let mut peer = Peer::connect(node.address);
        // The node may have closed the connection before all is sent.
        let _ = peer.send_raw(garbage);
        peer.finish_sending();
        peer.wait_for_end();
    }
    assert_serves(&mut node);
}

#[test]
fn nonsense_after_the_preamble_is_dropped() {
    let mut node = Node::start();
    let length = |length: usize| u32::try_from(length).expect("small").to_le_bytes();
    for (garbage, said) in [
        (
            &[0xff; 8][..],
            "a frame of 4294967295 bytes is over the limit of 8192",
        ),
        (
            &length(MAX_HANDSHAKE_FRAME + 1),
            "a frame of 8193 bytes is over the limit of 8192",
        ),
        (&length(0), "a frame without content"),
        (&[1, 0, 0, 0, 99], "a frame whose content is no message"),
        (&[2, 0, 0, 0, 6, 0], "a frame whose content is no message"),
    ] {
        let mut peer = Peer::greeted(node.address);
        peer.send_raw(garbage).expect("the node listens");
        assert_eq!(peer.receive(), None, "the node closes: {said}");
        node.wait_for_report(&format!("no session: {said}"));
    }
    assert_serves(&mut node);
}

#[test]
fn a_handshake_that_is_cut_anywhere_does_no_harm() {
    let mut node = Node::start();
    let handshake = handshake();
    for cut in 0..handshake.len() {
        let mut peer = Peer::connect(node.address);
        peer.send_raw(&handshake[..cut]).expect("the node listens");
        peer.finish_sending();
        peer.wait_for_end();
    }
    assert_eq!(
        Peer::greeted(node.address).open(&[]),
        Ok(0),
        "no session is left"
    );
    assert_serves(&mut node);
}

#[test]
fn a_slow_sender_is_understood() {
    let mut node = Node::start();
    let mut peer = Peer::connect(node.address);
    for byte in handshake() {
        peer.send_raw(&[byte]).expect("the node listens");
    }
    assert_eq!(peer.preamble(), Some(Preamble::ours(false).to_bytes()));
    assert!(peer.receive().is_some(), "a welcome");
    assert_serves(&mut node);
}

#[test]
fn a_sender_that_does_not_finish_its_handshake_is_dropped_after_five_seconds() {
    let mut node = Node::start();
    assert_serves(&mut node);
    let handshake = handshake();
    let mut peers: Vec<Peer> = [0, 3, 8, handshake.len() - 1]
        .into_iter()
        .map(|cut| {
            let mut peer = Peer::connect(node.address);
            peer.send_raw(&handshake[..cut]).expect("the node listens");
            peer
        })
        .collect();
    assert_serves(&mut node);
    for peer in &mut peers {
        peer.wait_for_end();
    }
    node.wait_for_report("no session: no answer for 5 s");
}

#[test]
fn messages_before_a_session_is_open_are_refused() {
    let mut node = Node::start();
    for message in [
        ToNode::Limit(3),
        ToNode::File {
            path: "/etc/passwd",
            last: true,
            content: b"x",
        },
        ToNode::Batch {
            from: SiteId(0),
            batch: &[],
        },
    ] {
        let mut peer = Peer::greeted(node.address);
        peer.send(&message);
        assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder), "{message:?}");
    }
    assert_serves(&mut node);
}

#[test]
fn what_a_peer_says_does_not_reach_the_log_as_it_is() {
    let node = Node::start();
    let mut peer = Peer::greeted(node.address);
    peer.send(&ToNode::Open {
        release: "test",
        scenario: "\x1b[2J\nillusion",
        types: Vec::new(),
    });
    peer.receive().expect("a welcome");
    let line = node.wait_for_report("illusion");
    assert!(
        line.ends_with(r"session for '\u{1b}[2J\nillusion'"),
        "{line}"
    );
}
