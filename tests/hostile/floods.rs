//! Peers that send or connect without end.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rig::{Node, Peer, assert_serves, binary_is_native, peak_memory};
use shared::wire::{
    FILE_PIECE, MAX_FILE, MAX_MODELS, PROTOCOL_VERSION, Refusal, ToNode, append_frame,
};

use crate::session::{plan, running};

/// What a node may have in memory at most that has sessions with small plans only, built for
/// debugging.
const MEMORY_BOUND: u64 = 16 * 1024 * 1024;

/// Checks the memory of a node, where it is known and its own.
#[track_caller]
fn assert_small(node: &Node) {
    match peak_memory(node.pid()).filter(|_| binary_is_native("ILLUMINATOR_NODE")) {
        Some(memory) => assert!(memory < MEMORY_BOUND, "{memory} bytes"),
        None => eprintln!("SKIPPED: a look at the memory of a node, which is not known here"),
    }
}

#[test]
fn two_hundred_connections_neither_keep_a_run_out_nor_take_memory() {
    let mut node = Node::start();
    let connections: Vec<Peer> = (0..200).map(|_| Peer::connect(node.address)).collect();
    assert_serves(&mut node);
    let half_open: Vec<Peer> = (0..200)
        .map(|_| {
            let mut peer = Peer::connect(node.address);
            // One that makes room for newer ones is closed.
            let version = PROTOCOL_VERSION.to_le_bytes();
            let bytes = [&b"ILLU"[..], &version, b"\0\0\xff\x1f\0\0half a wish"].concat();
            let _ = peer.send_raw(&bytes);
            peer
        })
        .collect();
    assert_serves(&mut node);
    assert_small(&node);
    drop((connections, half_open));
    assert_serves(&mut node);
}

#[test]
fn connections_that_come_and_go_without_end_do_not_keep_a_run_out() {
    let mut node = Node::start();
    let over = AtomicBool::new(false);
    let address = node.address;
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                drop(TcpStream::connect(address));
            }
        });
        for _ in 0..3 {
            assert_serves(&mut node);
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_small(&node);
}

/// Ends a flood, also where a check fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Sends bytes over and over until it is told to stop or nobody takes them any more.
fn flood(peer: &mut Peer, bytes: &[u8], over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) && peer.send_raw(bytes).is_ok() {}
}

#[test]
fn a_session_that_sends_without_end_does_not_keep_others_from_running() {
    let mut node = Node::start();
    let mut alive = Vec::new();
    for _ in 0..10_000 {
        append_frame(&mut alive, &ToNode::Alive, 10).expect("fits");
    }
    let mut in_plan = Peer::with_session(node.address, &["Load"]);
    let mut in_run = running(node.address, &plan(10));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = Stop(&over);
        scope.spawn(|| flood(&mut in_plan, &alive, &over));
        scope.spawn(|| flood(&mut in_run, &alive, &over));
        assert_serves(&mut node);
        assert_eq!(Peer::greeted(node.address).open(&[]), Ok(2));
    });
    assert_small(&node);
}

#[test]
fn a_session_that_does_not_read_what_the_node_says_takes_no_memory() {
    let mut node = Node::start();
    let mut endless = plan(100_000_000);
    // Without an input it runs ahead as far as it may.
    endless.models[0].inputs.clear();
    endless.imports.clear();
    let stalled = running(node.address, &endless);
    assert_serves(&mut node);
    assert_small(&node);
    drop(stalled);
}

#[test]
fn files_and_models_without_end_are_refused() {
    let mut node = Node::start();
    let content = vec![b'x'; FILE_PIECE];
    let mut peer = Peer::with_session(node.address, &[]);
    for _ in 0..=MAX_FILE / FILE_PIECE {
        peer.send(&ToNode::File {
            path: "endless.csv",
            last: false,
            content: &content,
        });
    }
    let limit = MAX_FILE as u64;
    assert_eq!(peer.refusal(), Some(Refusal::FilesTooLarge { limit }));

    let mut peer = Peer::with_session(node.address, &["Load"]);
    let mut model = plan(1).models.remove(0);
    model.config.name = "x".repeat(100_000);
    for _ in 0..=MAX_MODELS / 100_000 {
        peer.send(&ToNode::Model(Box::new(model.clone())));
    }
    let limit = MAX_MODELS as u64;
    assert_eq!(peer.refusal(), Some(Refusal::ModelsTooLarge { limit }));
    assert_serves(&mut node);
}

#[test]
fn a_reason_arrives_although_the_peer_goes_on_sending() {
    let mut node = Node::start();
    let mut peer = Peer::with_session(node.address, &["Load"]);
    let mut bytes = Vec::new();
    append_frame(&mut bytes, &ToNode::Limit(0), 100).expect("fits");
    bytes.resize(4 * 1024 * 1024, 0);
    peer.send_raw(&bytes).expect("the node takes it all");
    peer.finish_sending();
    assert_eq!(peer.refusal(), Some(Refusal::OutOfOrder));
    assert_serves(&mut node);
}
