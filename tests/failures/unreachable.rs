//! Nodes that cannot be reached, and the names by which they can.

use std::net::{SocketAddr, TcpListener};

use rig::{FakeNode, Node, Peer, Trial, assert_serves, loop_scenario, placed};

/// A port of loopback where nothing listens.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// A short loop with some of its models on other hosts.
fn placed_loop(places: &[(&str, &str, u16)]) -> Trial {
    let scenario = loop_scenario(50);
    Trial::new(&placed(&scenario, &|model| {
        let place = places.iter().find(|(placed, ..)| *placed == model);
        place.map(|&(_, host, port)| (host.to_owned(), port))
    }))
}

#[test]
fn all_nodes_on_which_nothing_listens_are_named_at_once_with_the_remedy() {
    let mut node = Node::start();
    let (a, b) = (free_port(), free_port());
    let good = node.address.port();
    let trial = placed_loop(&[
        ("Cell", "127.0.0.2", a),
        ("Mill", "127.0.0.1", good),
        ("Roof", "127.0.0.3", b),
        ("Homes", "127.0.0.3", b),
    ]);
    let ended = trial.run(&[]);
    ended.assert(
        4,
        &[
            &format!("node 127.0.0.2:{a} (for Cell): nothing listens there"),
            &format!("node 127.0.0.3:{b} (for Roof, Homes): nothing listens there"),
            "start 'illuminator-node serve' on it, or run with --local",
        ],
    );
    assert!(!ended.stderr.contains("Mill):"), "{}", ended.stderr);
    assert_eq!(trial.csv(), None, "nothing ran");
    trial.run(&["--local"]).assert(0, &[]);
    trial.assert_whole_loop(50);
    assert_serves(&mut node);
}

#[test]
fn a_port_that_does_not_answer_is_replaced_by_one_of_the_same_machine_that_does() {
    let node = Node::start_at("127.0.0.1");
    let (port, silent) = (node.address.port(), free_port());
    let trial = placed_loop(&[("Cell", "127.0.0.1", port), ("Mill", "127.0.0.1", silent)]);
    let note =
        format!("note: 127.0.0.1:{silent} does not answer; the node at 127.0.0.1:{port} runs Mill");
    trial.run(&[]).assert(0, &[&note]);
    trial.assert_whole_loop(50);
    let checked = trial.check(&[]);
    checked.assert(0, &[]);
    assert!(checked.stdout.contains(&note), "{}", checked.stdout);
}

#[test]
fn a_node_is_found_by_its_name() {
    let node = Node::start_at("127.0.0.1");
    let trial = placed_loop(&[("Cell", "localhost", node.address.port())]);
    trial.run(&[]).assert(0, &[]);
    trial.assert_whole_loop(50);
}

#[test]
fn two_names_of_one_node_make_one_session() {
    let node = Node::start_at("127.0.0.1");
    let port = node.address.port();
    let trial = placed_loop(&[("Cell", "localhost", port), ("Mill", "127.0.0.1", port)]);
    let ended = trial.run(&[]);
    ended.assert(0, &[&format!("127.0.0.1:{port}: 2 models")]);
    trial.assert_whole_loop(50);
}

#[test]
fn a_name_that_does_not_exist_is_told_with_its_models() {
    let trial = placed_loop(&[("Cell", "no-such-host.invalid", 5123)]);
    let said = [
        "node no-such-host.invalid:5123 (for Cell): ",
        "cannot find the address of 'no-such-host.invalid'",
    ];
    trial.run(&[]).assert(4, &said);
}

#[test]
fn a_node_is_found_by_an_address_of_ip_version_6() {
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: a test of IPv6; this machine has no ::1");
        return;
    }
    let node = Node::start_at("[::1]");
    let port = node.address.port();
    let trial = placed_loop(&[("Cell", "::1", port)]);
    trial
        .run(&[])
        .assert(0, &[&format!("[::1]:{port}: 1 model")]);
    trial.assert_whole_loop(50);
    let silent = free_port();
    let other = placed_loop(&[("Cell", "::1", port), ("Mill", "::1", silent)]);
    let note = format!("[::1]:{silent} does not answer; the node at [::1]:{port} runs Mill");
    other.run(&[]).assert(0, &[&note]);
    other.assert_whole_loop(50);
}

#[test]
fn a_node_that_is_full_says_so_and_serves_again_when_a_session_ends() {
    let mut node = Node::start();
    let mut sessions: Vec<Peer> = (0..node::MAX_SESSIONS)
        .map(|_| Peer::with_session(node.address, &["Battery"]))
        .collect();
    let trial = placed_loop(&[("Cell", "127.0.0.1", node.address.port())]);
    let full = trial.run(&[]);
    full.assert(
        4,
        &[
            &format!(
                "node {} (for Cell): it already has 16 sessions",
                node.address
            ),
            "wait for one to end",
        ],
    );
    assert_eq!(trial.csv(), None);
    sessions.pop();
    node.wait_for_report("session lost");
    let checked = trial.check(&[]);
    checked.assert(0, &[]);
    assert!(
        checked.stdout.contains("(15 other sessions)"),
        "{}",
        checked.stdout
    );
    drop(sessions);
    assert_serves(&mut node);
}

#[test]
fn what_is_no_node_is_told_apart() {
    let web = FakeNode::start(|mut peer| {
        // The controller may have closed the connection already.
        let _ = peer.send_raw(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        peer.wait_for_end();
    });
    let SocketAddr::V4(address) = web.address else {
        panic!("listens on IPv4")
    };
    let trial = placed_loop(&[("Cell", "127.0.0.1", address.port())]);
    let said = format!(
        "node {address} (for Cell): what answers there is not part of an Illuminator cluster"
    );
    trial.run(&[]).assert(4, &[&said]);
    trial.check(&[]).assert(4, &[&said]);
}
