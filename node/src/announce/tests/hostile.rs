//! What a node does not let itself be made to say, nor be stopped by.

use std::net::SocketAddrV4;
use std::time::Duration;

use proptest::prelude::*;

use super::{
    NEIGHBOUR, NETWORK, PORT, SECOND, answers, browse, instance, known, query, service, settled,
};

#[test]
fn nobody_outside_of_its_networks_is_answered() {
    for octets in [[192, 168, 1, 99], [8, 8, 8, 8], [127, 0, 0, 1], [0; 4]] {
        let mut from = NEIGHBOUR;
        from.set_ip(octets.into());
        assert!(!answers(&browse(), from), "{from}");
        from.set_port(40_000);
        assert!(!answers(&browse(), from), "{from}");
    }
}

#[test]
fn however_often_it_is_asked_a_node_says_everything_once_a_second() {
    let (mut node, start) = settled(&[NETWORK]);
    let mut times = Vec::new();
    for milliseconds in 0..3000 {
        let now = start + Duration::from_millis(milliseconds);
        node.receive(&browse(), NEIGHBOUR, now);
        if node.transmit(now).is_some() {
            times.push(now);
        }
    }
    assert_eq!(times.len(), 3);
    assert!(times[0] >= start + Duration::from_millis(20), "not at once");
    assert!(times.is_sorted_by(|a, b| *b >= *a + SECOND));
}

#[test]
fn malformed_packets_are_not_answered() {
    let whole = browse();
    for length in 0..whole.len() {
        assert!(!answers(&whole[..length], NEIGHBOUR), "{length} bytes");
    }
    let with_name = |bytes: &[u8]| query(&[(bytes.to_vec(), 12)], &[]);
    for (what, packet) in [
        ("points to itself", with_name(&[0xc0, 12])),
        ("points ahead", with_name(&[0xc0, 40])),
        ("points into the head", with_name(&[0xc0, 0])),
        ("points behind the end", with_name(&[0xff, 0xff])),
        ("points around", with_name(&[1, b'a', 0xc0, 12])),
        ("half a pointer", with_name(&[0xc0])[..13].to_vec()),
        ("a label of another kind", with_name(&[0x40, b'a', 0])),
        ("too long a label", with_name(&[63, b'a', 0])),
        (
            "too long a name",
            with_name(&[&[1, b'a'].repeat(128)[..], &[0]].concat()),
        ),
    ] {
        assert!(!answers(&packet, NEIGHBOUR), "{what}");
    }
    for (flags, what) in [
        (0x8000_u16, "an answer"),
        (0x2800, "an update"),
        (0x0003, "an error"),
    ] {
        let mut packet = browse();
        packet[2..4].copy_from_slice(&flags.to_be_bytes());
        assert!(!answers(&packet, NEIGHBOUR), "{what}");
    }
}

#[test]
fn more_questions_than_there_are_and_answers_that_are_cut_are_no_matter() {
    let mut packet = browse();
    packet[4..6].copy_from_slice(&[0xff, 0xff]);
    assert!(!answers(&packet, NEIGHBOUR), "questions");
    let mut packet = query(&[(service(), 12)], &[known(&instance(), 4500)]);
    packet[6..8].copy_from_slice(&[0xff, 0xff]);
    assert!(
        !answers(&packet, NEIGHBOUR),
        "it is known, whatever else is"
    );
    packet.truncate(packet.len() - 1);
    assert!(answers(&packet, NEIGHBOUR), "what is cut is not known");
}

proptest! {
    #[test]
    fn no_bytes_stop_a_node(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        place in 0_usize..100,
        port in prop_oneof![Just(PORT), any::<u16>()],
    ) {
        let (mut node, now) = settled(&[NETWORK]);
        let from = SocketAddrV4::new(*NEIGHBOUR.ip(), port);
        node.receive(&bytes, from, now);
        // The same after a good beginning, and in the middle of something good.
        let start = query(&[(service(), 12)], &[known(&instance(), 4500)]);
        node.receive(&[&start[..place], &bytes].concat(), from, now);
        let mut changed = start;
        let end = changed.len().min(place + bytes.len());
        changed[place..end].copy_from_slice(&bytes[..end - place]);
        if let Some(answer) = node.receive(&changed, from, now) {
            prop_assert!(answer.len() < 700);
        }
        while node.transmit(now + SECOND).is_some() {}
    }
}
