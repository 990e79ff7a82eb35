//! Recorded sessions of mosaik: what we say is the same, byte for byte.

use std::path::Path;

use foreign::{Host, InsideConnection, LocalHost, RelationGraph, SimulatorRequest};
use shared::value::Origin;

use crate::bench::{Bench, input, inside, published, request, start, text, wiring};
use crate::simulator::{Peer, Server, time};

/// A simulator that answers as in a recorded session, and wants to hear what was said there.
fn recorded(name: &str) -> Server {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sessions")
        .join(name);
    let session = std::fs::read_to_string(path).expect("a session");
    Server::new(move |stream| {
        let mut peer = Peer(stream);
        for line in session.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.splitn(3, ' ');
            let mut part = || parts.next().expect("three parts");
            let (direction, length, text) = (part(), part(), part());
            assert_eq!(length, format!("{:08x}", text.len()));
            if direction == "S>M" {
                peer.send(text);
            } else {
                let frame = peer.frame().expect("more");
                assert_eq!(String::from_utf8_lossy(&frame), text);
            }
        }
    })
}

/// Replays a session of one simulator of the Illuminator; the failure of the run.
fn replay(session: &str, pipeline: bool) -> Option<shared::progress::Failure> {
    let server = recorded(session);
    let mut host = LocalHost::new();
    let init = r#"{"sim_params": {"m": 1}}"#;
    let request = SimulatorRequest {
        resolution: 900,
        pipeline,
        ..request("R", &server.program, 4, init, &[("M", r#"{"p": 5}"#)])
    };
    let described = start(&mut host, request).expect("described");
    assert_eq!(described.entities[0].id, "e0");
    let mut wiring = wiring(&[0]);
    wiring
        .inputs
        .push(input("0:e0.y", Origin::Output, &["S-0.k"]));
    wiring.published.push(published("0:e0.x"));
    let unit = host.wire(wiring).expect("wired");
    let mut bench = Bench::new(4);
    let source = bench.script(&["7", "0.0", "0.1", "0.2"]);
    let unit = bench.add(unit, &[vec![(source, 0)]]);
    let seen = bench.watch(unit, 0);
    let failure = bench.run();
    let count = failure.as_ref().map_or(4, |failure| failure.tick);
    let count = usize::try_from(count).expect("few");
    assert_eq!(*seen.lock().expect("whole"), vec!["1.5"; count]);
    server.join();
    failure
}

#[test]
fn a_session_with_each_version_of_the_interface() {
    for session in ["api3.txt", "api2_2.txt", "api1_no_version.txt"] {
        for pipeline in [true, false] {
            assert_eq!(replay(session, pipeline), None, "{session}");
        }
    }
}

#[test]
fn a_session_that_ends_with_a_failure() {
    let failure = replay("failure.txt", false).expect("a failure");
    assert_eq!(
        (failure.code.as_str(), failure.tick),
        ("simulator_failed", 2)
    );
    let message = failure.message;
    for part in [
        "simulator 'R': it failed: MyError: something broke",
        r#"it was asked: [0, 7, ["step", [2, {"e0""#,
        "line1",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn two_hybrid_simulators_in_a_loop_of_one_tick() {
    let servers = [recorded("hybrid_0.txt"), recorded("hybrid_1.txt")];
    let mut host = LocalHost::new();
    for (name, server) in ["A", "B"].into_iter().zip(&servers) {
        let request = request(name, &server.program, 4, "{}", &[("E", "{}")]);
        start(&mut host, request).expect("described");
    }
    let mut wiring = wiring(&[0, 1]);
    wiring.inside.push(inside("0:e0.o", "1:e0.i", 0));
    wiring.inside.push(InsideConnection {
        weak: true,
        ..inside("1:e0.o", "0:e0.i", 1)
    });
    wiring.published.push(published("0:e0.o"));
    let unit = host.wire(wiring).expect("wired");
    let mut bench = Bench::new(4);
    let unit = bench.add(unit, &[]);
    let seen = bench.watch(unit, 0);
    assert_eq!(bench.run(), None);
    // Events are there at their tick only.
    assert_eq!(*seen.lock().expect("whole"), ["2", "null", "4", "null"]);
    servers.into_iter().for_each(Server::join);
}

#[test]
fn a_simulator_that_asks_and_sets_while_it_steps() {
    let asking = recorded("async_callbacks.txt");
    let asked = Server::new(|stream| {
        let (mut count, mut now) = (0, 0);
        let meta = r#"{"api_version": "3.0", "models": {"A": {"attrs": ["val_in", "val_out"]}}}"#;
        Peer(stream).serve(|call| match call.function.as_str() {
            "init" => meta.to_owned(),
            "create" => {
                count += 1;
                format!(r#"[{{"eid": "A{}", "type": "A"}}]"#, count - 1)
            }
            "step" => {
                now = time(call);
                let set = r#"{"A0": {"val_in": {"M-0.0": 23}}, "A1": {"val_in": {"M-0.0": 23}}}"#;
                assert_eq!(text(&call.arguments[1]), if now == 0 { "{}" } else { set });
                (now + 1).to_string()
            }
            "get_data" => {
                format!(
                    r#"{{"A0": {{"val_out": {0}}}, "A1": {{"val_out": {0}}}}}"#,
                    now * 10
                )
            }
            _ => "null".to_owned(),
        });
    });
    let mut host = LocalHost::new();
    let models = [("A", "{}"), ("A", "{}")];
    start(&mut host, request("S", &asked.program, 3, "{}", &models)).expect("described");
    let init = r#"{"step_size": 1}"#;
    let asks = request("M", &asking.program, 3, init, &[("Agent", "{}")]);
    start(&mut host, asks).expect("described");
    let mut wiring = wiring(&[0, 1]);
    for (rank, entity) in ["0:A0.", "0:A1."].into_iter().enumerate() {
        wiring.inside.push(InsideConnection {
            asynchronous: true,
            ..inside(entity, "1:0.", u32::try_from(rank).expect("few"))
        });
    }
    let text = str::to_owned;
    wiring.graph = RelationGraph {
        nodes: [("S-0.A0", "A"), ("S-0.A1", "A"), ("M-0.0", "Agent")]
            .map(|(id, kind)| (text(id), text(kind)))
            .into(),
        edges: ["S-0.A0", "S-0.A1"]
            .map(|id| (text(id), text("M-0.0")))
            .into(),
    };
    let unit = host.wire(wiring).expect("wired");
    let mut bench = Bench::new(3);
    bench.add(unit, &[]);
    assert_eq!(bench.run(), None);
    asking.join();
    asked.join();
}
