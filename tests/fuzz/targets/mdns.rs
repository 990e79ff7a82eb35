//! What others ask a node that announces itself. The first byte says from which port.

#![no_main]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use node::announce::{Network, Responder};

const SECOND: Duration = Duration::from_secs(1);

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, packet)) = bytes.split_first() else {
        return;
    };
    let network = Network {
        address: Ipv4Addr::new(192, 168, 0, 11),
        mask: Ipv4Addr::new(255, 255, 255, 0),
        port: 5123,
    };
    let port = if first == 0 { 5353 } else { 40_000 };
    let from = SocketAddrV4::new(Ipv4Addr::new(192, 168, 0, 99), port);
    let mut now = Instant::now();
    let mut node = Responder::new("pi1".to_owned());
    node.enter(&[network], now);
    // Both times that it says what it has to say at the start.
    for _ in 0..2 {
        now += SECOND;
        assert!(node.transmit(now).is_some());
    }
    now += SECOND;
    if let Some(answer) = node.receive(packet, from, now) {
        // No more than the question and what a node always says.
        assert!(answer.len() < packet.len() + 400);
    }
    let said = std::iter::from_fn(|| node.transmit(now + SECOND));
    assert!(said.count() <= 1);
});
