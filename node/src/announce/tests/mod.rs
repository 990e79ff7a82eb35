//! What a node says in its networks, byte by byte.

mod hostile;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use super::networks::Network;
use super::responder::{PORT, Responder};

const NETWORK: Network = Network {
    address: Ipv4Addr::new(192, 168, 0, 11),
    mask: Ipv4Addr::new(255, 255, 255, 0),
    port: 5123,
};

/// The number of a node that is in this network alone.
const NUMBER: &str = "a23c7311";

/// Somebody in the network who speaks multicast DNS.
const NEIGHBOUR: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 168, 0, 99), PORT);

const SECOND: Duration = Duration::from_secs(1);

/// A name of these labels, in the form of DNS.
fn name(labels: &[&str]) -> Vec<u8> {
    let mut name = Vec::new();
    for label in labels {
        name.push(u8::try_from(label.len()).expect("short"));
        name.extend_from_slice(label.as_bytes());
    }
    name.push(0);
    name
}

fn service() -> Vec<u8> {
    name(&["_illuminator", "_tcp", "local"])
}

fn label() -> String {
    format!("Illuminator node on pi1 ({NUMBER})")
}

fn instance() -> Vec<u8> {
    name(&[&label(), "_illuminator", "_tcp", "local"])
}

fn host() -> Vec<u8> {
    name(&[&format!("illuminator-{NUMBER}"), "local"])
}

/// A query with this number, of questions and known answers.
fn query(questions: &[(Vec<u8>, u16)], known: &[Vec<u8>]) -> Vec<u8> {
    let counts = [questions.len(), known.len()].map(|count| u8::try_from(count).expect("few"));
    let mut packet = vec![0x12, 0x34, 0, 0, 0, counts[0], 0, counts[1], 0, 0, 0, 0];
    for (name, kind) in questions {
        packet.extend_from_slice(name);
        packet.extend_from_slice(&kind.to_be_bytes());
        packet.extend_from_slice(&[0, 1]);
    }
    for answer in known {
        packet.extend_from_slice(answer);
    }
    packet
}

fn browse() -> Vec<u8> {
    query(&[(service(), 12)], &[])
}

/// The answer that an asker has already, and for how many seconds it holds.
fn known(instance: &[u8], ttl: u32) -> Vec<u8> {
    let length = u16::try_from(instance.len()).expect("short").to_be_bytes();
    let head = [&[0, 12, 0, 1], &ttl.to_be_bytes()[..], &length].concat();
    [&service()[..], &head, instance].concat()
}

/// A node that has been there for a while, and the time.
fn settled(networks: &[Network]) -> (Responder, Instant) {
    let mut node = Responder::new("pi1".to_owned());
    let start = Instant::now();
    node.enter(networks, start);
    let now = start + 10 * SECOND;
    while node.transmit(now).is_some() {}
    let now = now + 10 * SECOND;
    while node.transmit(now).is_some() {}
    assert_eq!(node.deadline(), None);
    (node, now + 10 * SECOND)
}

/// Whether a node says something to all in its network once it has got a packet.
fn answers(packet: &[u8], from: SocketAddrV4) -> bool {
    let (mut node, now) = settled(&[NETWORK]);
    assert_eq!(node.receive(packet, from, now), None);
    node.transmit(now + SECOND).is_some()
}

/// All that a node says of itself: for how many seconds it holds, at the most, and the bit of what
/// takes the place of older records.
fn said(head: &[u8], limit: u32, flush: u8) -> Vec<u8> {
    let ttl = |seconds: u32| seconds.min(limit).to_be_bytes();
    // A question makes the packet longer, and pointers lead further.
    let question = head.len() - 12;
    let at = |place: usize| {
        let place = u16::try_from(0xc000 + question + place).expect("short");
        place.to_be_bytes()
    };
    let text = concat!("\x0dversion=", env!("CARGO_PKG_VERSION"));
    let own_label = &instance()[..=label().len()];
    let own_host = &host()[..1 + "illuminator-".len() + NUMBER.len()];
    let (service, instance, local) = (12, 47, 30);
    let target = instance + own_label.len() + 2 + 12 + 6;
    let mut expected = vec![
        head.to_vec(),
        // PTR: the service → the instance.
        self::service(),
        vec![0, 12, 0, 1],
        ttl(4500).to_vec(),
        vec![0, u8::try_from(own_label.len() + 2).expect("short")],
        own_label.to_vec(),
        at(service).to_vec(),
        // SRV: the instance → port and machine.
        at(instance).to_vec(),
        vec![0, 33, flush, 1],
        ttl(120).to_vec(),
        vec![0, u8::try_from(6 + own_host.len() + 2).expect("short")],
        vec![0, 0, 0, 0, 0x14, 0x03],
        own_host.to_vec(),
        at(local).to_vec(),
        // TXT: the release.
        at(instance).to_vec(),
        vec![0, 16, flush, 1],
        ttl(4500).to_vec(),
        vec![0, 14],
        text.as_bytes().to_vec(),
        // A: the machine → its address.
        at(target).to_vec(),
        vec![0, 1, flush, 1],
        ttl(120).to_vec(),
        vec![0, 4, 192, 168, 0, 11],
    ];
    if limit > 0 {
        // PTR: there is such a service.
        let services = name(&["_services", "_dns-sd", "_udp"]);
        expected.push(services[..services.len() - 1].to_vec());
        expected.push(
            [
                &at(local)[..],
                &[0, 12, 0, 1],
                &ttl(4500),
                &[0, 2],
                &at(service),
            ]
            .concat(),
        );
    }
    expected.concat()
}

#[test]
fn a_node_says_all_of_itself_twice_when_it_comes_and_once_when_it_goes() {
    let mut node = Responder::new("pi1".to_owned());
    assert_eq!(node.deadline(), None, "in no network");
    let start = Instant::now();
    node.enter(&[NETWORK], start);
    assert_eq!(node.label(), label());
    let all = said(&[0, 0, 0x84, 0, 0, 0, 0, 5, 0, 0, 0, 0], u32::MAX, 0x80);
    let first = node.deadline().expect("something to say");
    assert!(first < start + SECOND / 4);
    assert_eq!(node.transmit(start), None, "too early");
    assert_eq!(node.transmit(first), Some((NETWORK.address, all.clone())));
    assert_eq!(node.transmit(first), None, "at once");
    assert_eq!(node.deadline(), Some(first + SECOND));
    assert_eq!(
        node.transmit(first + SECOND),
        Some((NETWORK.address, all.clone()))
    );
    assert_eq!(node.deadline(), None);
    let goodbyes: Vec<_> = node.goodbyes().collect();
    let none = said(&[0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0], 0, 0x80);
    assert_eq!(goodbyes, [(NETWORK.address, none)]);
}

#[test]
fn whoever_asks_for_something_of_the_node_is_answered() {
    let services = name(&["_services", "_dns-sd", "_udp", "local"]);
    let loud = name(&["_ILLUMINATOR", "_Tcp", "LOCAL"]);
    let other = name(&["Illuminator node on pi2", "_illuminator", "_tcp", "local"]);
    let foreign = name(&["_http", "_tcp", "local"]);
    for (name, kind, answered) in [
        (service(), 12, true),
        (service(), 255, true),
        (loud, 12, true),
        (services, 12, true),
        (instance(), 33, true),
        (instance(), 16, true),
        (instance(), 255, true),
        (host(), 1, true),
        // These there are not.
        (service(), 33, false),
        (instance(), 1, false),
        (host(), 28, false),
        (other, 33, false),
        (foreign, 12, false),
    ] {
        let packet = query(&[(name.clone(), kind)], &[]);
        assert_eq!(answers(&packet, NEIGHBOUR), answered, "{kind} {name:?}");
    }
    let foreign = name(&["_http", "_tcp", "local"]);
    let both = query(&[(foreign, 12), (service(), 12)], &[]);
    assert!(answers(&both, NEIGHBOUR), "one of two");
}

#[test]
fn a_name_may_end_where_another_one_does() {
    // The second question is ours: its name is a label, and the rest of the first one.
    let mut packet = query(&[(service(), 33)], &[]);
    packet[5] = 2;
    packet.extend_from_slice(&instance()[..=label().len()]);
    packet.extend_from_slice(&[0xc0, 12, 0, 33, 0, 1]);
    assert!(answers(&packet, NEIGHBOUR));
}

#[test]
fn who_knows_the_node_is_not_answered() {
    let asks = |known: &[Vec<u8>]| answers(&query(&[(service(), 12)], known), NEIGHBOUR);
    assert!(!asks(&[known(&instance(), 4500)]));
    assert!(!asks(&[known(&instance(), 2250)]), "half of it is left");
    assert!(asks(&[known(&instance(), 2249)]), "it may run out");
    let other = name(&["Illuminator node on pi2", "_illuminator", "_tcp", "local"]);
    assert!(asks(&[known(&other, 4500)]), "another node");
    assert!(!asks(&[known(&other, 4500), known(&instance(), 4500)]));
    let more = [(service(), 12), (host(), 1)];
    let packet = query(&more, &[known(&instance(), 4500)]);
    assert!(answers(&packet, NEIGHBOUR), "asks for more than that");
}

#[test]
fn a_node_answers_in_the_network_that_is_asked_in() {
    let other = Network {
        address: Ipv4Addr::new(10, 0, 0, 7),
        mask: Ipv4Addr::new(255, 0, 0, 0),
        port: 5124,
    };
    let (mut node, now) = settled(&[NETWORK, other]);
    assert!(node.is_in(&[NETWORK, other]) && !node.is_in(&[NETWORK]));
    assert_eq!(node.receive(&browse(), NEIGHBOUR, now), None);
    let (address, _) = node.transmit(now + SECOND).expect("an answer");
    assert_eq!(address, NETWORK.address);
    assert_eq!(node.transmit(now + SECOND), None);
}

#[test]
fn a_client_of_ordinary_dns_is_answered_alone_and_ten_of_them_a_second() {
    let (mut node, now) = settled(&[NETWORK]);
    let client = SocketAddrV4::new(*NEIGHBOUR.ip(), 40_000);
    let question = [&service()[..], &[0, 12, 0, 1]].concat();
    let head = [
        &[0x12, 0x34, 0x84, 0, 0, 1, 0, 5, 0, 0, 0, 0],
        &question[..],
    ]
    .concat();
    let expected = said(&head, 10, 0);
    assert_eq!(node.receive(&browse(), client, now), Some(expected));
    assert_eq!(node.transmit(now + SECOND), None, "nobody else hears of it");
    let answered = (1..1000).filter(|&milliseconds| {
        let now = now + Duration::from_millis(milliseconds);
        node.receive(&browse(), client, now).is_some()
    });
    assert_eq!(answered.count(), 9);
    assert!(node.receive(&browse(), client, now + SECOND).is_some());
}

#[test]
fn nodes_have_different_names_and_a_long_name_of_a_machine_is_cut() {
    let label = |host: &str, networks: &[Network]| {
        let mut node = Responder::new(host.to_owned());
        node.enter(networks, Instant::now());
        node.label().to_owned()
    };
    let (mut second, mut third) = (NETWORK, NETWORK);
    second.port = 5124;
    third.address = Ipv4Addr::new(192, 168, 0, 12);
    let labels = [NETWORK, second, third].map(|network| label("raspberrypi", &[network]));
    assert!(labels[0] != labels[1] && labels[1] != labels[2] && labels[0] != labels[2]);
    let long = label(&"ü".repeat(40), &[NETWORK]);
    assert_eq!(
        long,
        format!("Illuminator node on {} ({NUMBER})", "ü".repeat(16))
    );
    assert!(long.len() <= 63, "a label");
}
