//! Nodes that hang, answer late or come later, beside others that are well: who is blamed, and that
//! nobody else loses its session.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use rig::{Ended, FakeNode, Node, Trial, assert_serves, loop_scenario, placed};

use super::unreachable::free_port;

const TICKS: u64 = 50;

/// The loop with `Mill` on a node that is well and `Cell` on one that is not.
fn trial(well: SocketAddr, other: SocketAddr) -> Trial {
    Trial::new(&placed(&loop_scenario(TICKS), &|model| {
        let address = match model {
            "Mill" => well,
            "Cell" => other,
            _ => return None,
        };
        Some((address.ip().to_string(), address.port()))
    }))
}

/// Checks that of two nodes one is blamed, and the other is free again and well.
#[track_caller]
fn assert_blamed(well: &mut Node, other: SocketAddr, said: &str) {
    let trial = trial(well.address, other);
    for ended in [trial.check(&[]), trial.run(&[])] {
        ended.assert(4, &[&format!("error: node {other} (for Cell): {said}")]);
        let healthy = well.address.to_string();
        assert!(!ended.stderr.contains(&healthy), "{}", ended.stderr);
    }
    assert_eq!(trial.csv(), None, "nothing ran");
    well.wait_for_report("session over");
    let log = well.log().join("\n");
    assert!(!log.contains("session lost"), "{log}");
    assert!(!log.contains("no session"), "{log}");
    assert_serves(well);
}

#[test]
fn a_node_that_accepts_connections_and_says_nothing_is_the_one_that_is_blamed() {
    let mut well = Node::start();
    // The system accepts connections for it.
    let hung = TcpListener::bind("127.0.0.2:0").expect("a free port");
    let address = hung.local_addr().expect("bound");
    let said = "no answer for 5 s: it accepts connections and then says nothing; it hangs, or \
                something else listens there; restart the node";
    assert_blamed(&mut well, address, said);
}

#[test]
fn a_node_that_greets_and_says_nothing_more_is_the_one_that_is_blamed() {
    let mut well = Node::start();
    let hung = FakeNode::start_at("127.0.0.2", |mut peer| {
        peer.greet();
        peer.wait_for_end();
    });
    let said = "no answer for 5 s: it greets and then says nothing; it hangs: restart it";
    assert_blamed(&mut well, hung.address, said);
}

#[test]
fn a_node_that_closes_connections_is_the_one_that_is_blamed() {
    let mut well = Node::start();
    let closing = FakeNode::start_at("127.0.0.2", drop);
    let port = closing.address.port();
    let said = format!("it accepts connections to port {port} and closes them without a word");
    assert_blamed(&mut well, closing.address, &said);
    let closing = FakeNode::start_at("127.0.0.2", |mut peer| peer.greet());
    let said = "it answers the greeting, and then closes the connection without a word";
    assert_blamed(&mut well, closing.address, said);
}

#[test]
fn other_servers_are_known_by_what_they_say() {
    let mut well = Node::start();
    let servers: [(&[u8], &str); 4] = [
        (
            b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n",
            ": it is an ssh server; see whether",
        ),
        (
            b"HTTP/1.0 400 Bad Request\r\n\r\n",
            ": it is a web server; see whether",
        ),
        (
            &[0x15, 3, 1, 0, 2, 2, 70],
            ": it is a server that speaks TLS; see whether",
        ),
        (b"220 mail.example ESMTP\r\n", "; see whether"),
    ];
    for (banner, what) in servers {
        let server = FakeNode::start_at("127.0.0.2", move |mut peer| {
            // The controller may have closed the connection already.
            let _ = peer.send_raw(banner);
            peer.wait_for_end();
        });
        let port = server.address.port();
        let said = format!(
            "what answers there is not part of an Illuminator cluster{what} {port} is the port of \
             the node"
        );
        assert_blamed(&mut well, server.address, &said);
    }
}

#[test]
fn a_node_that_answers_late_costs_the_others_nothing() {
    let (well, late) = (Node::start(), Node::start_at("127.0.0.2"));
    let trial = trial(well.address, late.address);
    late.signal("STOP");
    let run = trial.start(&[]);
    well.wait_for_report("session for 'loop'");
    late.signal("CONT");
    Ended::from(run.finish()).assert(0, &[]);
    trial.assert_whole_loop(TICKS);
}

#[test]
fn a_session_is_held_as_long_as_the_user_waits_for_another_node() {
    let (well, hung) = (Node::start(), Node::start_at("127.0.0.2"));
    let trial = trial(well.address, hung.address);
    hung.signal("STOP");
    let mut run = trial.start(&["--wait", "60"]);
    let waiting = format!(
        "note: waiting up to 60 s for node {} (for Cell): ",
        hung.address
    );
    let said = run.wait_to_say(&waiting);
    assert!(said.contains("no answer for 5 s"), "{said}");
    hung.signal("CONT");
    Ended::from(run.finish()).assert(0, &[]);
    trial.assert_whole_loop(TICKS);
    let sessions = well.log();
    let sessions = sessions.iter().filter(|line| line.contains("session for"));
    assert_eq!(sessions.count(), 1);
}

#[test]
fn a_node_that_comes_later_is_waited_for() {
    for command in ["run", "check"] {
        let well = Node::start();
        let later = SocketAddr::from(([127, 0, 0, 2], free_port()));
        let trial = trial(well.address, later);
        let mut controller = trial.start_command(command, &["--wait", "60"]);
        controller.wait_to_say("(for Cell): nothing listens there");
        let _later = Node::start_at(&later.to_string());
        Ended::from(controller.finish()).assert(0, &[]);
        if command == "run" {
            trial.assert_whole_loop(TICKS);
        }
    }
}

#[test]
fn a_wait_in_vain_ends_with_the_reason() {
    let well = Node::start();
    let never = SocketAddr::from(([127, 0, 0, 2], free_port()));
    let ended = trial(well.address, never).run(&["--wait", "1"]);
    let said = format!("error: node {never} (for Cell): nothing listens there");
    ended.assert(4, &[&said]);
    assert!(!ended.stderr.contains(&well.address.to_string()));
}

#[test]
fn nobody_waits_for_a_node_beside_one_that_can_never_be_used() {
    let server = FakeNode::start(|mut peer| {
        let _ = peer.send_raw(b"SSH-2.0-OpenSSH_9.2p1\r\n");
        peer.wait_for_end();
    });
    let never = SocketAddr::from(([127, 0, 0, 2], free_port()));
    // Longer than a test may take.
    let ended = trial(server.address, never).run(&["--wait", "100000"]);
    let ssh = format!("node {} (for Mill): what answers there", server.address);
    ended.assert(
        4,
        &[
            &ssh,
            &format!("node {never} (for Cell): nothing listens there"),
        ],
    );
}

/// Passes what comes on either side on, until one of them ends it.
fn join(one: &TcpStream, other: &TcpStream) {
    let pass = |mut from: &TcpStream, mut to: &TcpStream| {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Write);
    };
    thread::scope(|scope| {
        scope.spawn(|| pass(one, other));
        pass(other, one);
    });
}

#[test]
fn a_service_that_starts_anew_is_waited_for_without_being_asked() {
    let (well, node) = (Node::start(), Node::start());
    let address = SocketAddr::from(([127, 0, 0, 2], free_port()));
    let trial = trial(well.address, address);
    let run = trial.start(&[]);
    // Only once the first attempt at the other one has failed.
    well.wait_for_report("session for 'loop'");
    let listener = TcpListener::bind(address).expect("still free");
    let target = node.address;
    let passing = thread::spawn(move || {
        let (from, _) = listener.accept().expect("a connection");
        join(
            &from,
            &TcpStream::connect(target).expect("the node listens"),
        );
    });
    Ended::from(run.finish()).assert(0, &[]);
    trial.assert_whole_loop(TICKS);
    passing.join().expect("passed on");
}

#[test]
fn a_link_local_address_needs_its_interface() {
    let node = Node::start();
    let scenario = |ip: &str| {
        let ip = ip.to_owned();
        placed(&loop_scenario(TICKS), &move |model| {
            (model == "Cell").then(|| (ip.clone(), 5123))
        })
    };
    let without = Trial::new(&scenario("fe80::1"));
    without.check(&[]).assert(
        2,
        &["'fe80::1' needs the network interface", "fe80::1%eth0"],
    );
    let unknown = Trial::new(&scenario("fe80::1%nosuch0"));
    let said =
        "node [fe80::1%nosuch0]:5123 (for Cell): this machine has no network interface 'nosuch0'";
    unknown.check(&[]).assert(4, &[said, "lo"]);
    drop(node);
}
