//! What goes wrong once steps are made.

use foreign::{Host, LocalHost};
use shared::progress::Failure;

use crate::bench::{Bench, published, spot, start, wiring};
use crate::faults::{asked, plain, server};
use crate::simulator::{Peer, Server};

/// The failure of a run where one answer is this.
fn failure(function: &'static str, answer: &'static str) -> Failure {
    let server = server(function, answer);
    let mut host = LocalHost::new();
    start(&mut host, asked(&server)).expect("described");
    let mut wiring = wiring(&[0]);
    wiring.published.push(published("0:g.x"));
    let mut bench = Bench::new(4);
    bench.add(host.wire(wiring).expect("wired"), &[]);
    let failure = bench.run().expect(answer);
    server.join();
    failure
}

#[test]
fn nonsense_in_a_step_ends_the_run_with_what_was_asked() {
    for (function, answer, words) in [
        (
            "step",
            "[1, #, 0]",
            "'step' at tick 0 should answer the next tick, an integer above 0, and answers 0",
        ),
        ("step", "[1, #, 1.0]", "and answers 1.0"),
        ("step", "[1, #, null]", "and answers null"),
        (
            "get_data",
            "[1, #, 5]",
            "'get_data' at tick 0 should answer a mapping, and answers 5",
        ),
        (
            "get_data",
            "[1, #, {}]",
            "gives no 'x' of 'g', which it was asked for",
        ),
        (
            "get_data",
            r#"[1, #, {"g": 5}]"#,
            "should have a mapping for 'g', and has 5",
        ),
        ("setup_done", "no", "this is no JSON"),
    ] {
        let failure = failure(function, answer);
        assert_eq!(
            (failure.code.as_str(), failure.tick),
            ("simulator_nonsense", 0),
            "{}",
            failure.message
        );
        let message = failure.message;
        assert!(
            message.contains(words) && message.contains("simulator 'G'"),
            "{message}"
        );
        assert!(message.contains(&format!(r#"["{function}""#)), "{message}");
    }
}

#[test]
fn what_is_long_is_shortened() {
    let long = format!("[1, #, {:?}]", "x".repeat(100_000));
    let failure = failure("step", long.leak());
    assert!(failure.message.len() < 1500, "{}", failure.message.len());
    assert!(failure.message.contains('…'));
}

#[test]
fn a_connection_that_is_cut_is_the_end_of_the_simulator() {
    for is_cut in [false, true] {
        let server = Server::new(move |stream| {
            let mut peer = Peer(stream);
            while let Some((number, call)) = peer.request() {
                if call.function == "step" {
                    if is_cut {
                        std::io::Write::write_all(&mut peer.0, b"\0\0\0\x09[1").expect("sent");
                    }
                    return;
                }
                let text = plain(&call);
                peer.answer(number, &text);
            }
        });
        let mut host = LocalHost::new();
        start(&mut host, asked(&server)).expect("described");
        let mut bench = Bench::new(4);
        bench.add(host.wire(wiring(&[0])).expect("wired"), &[]);
        let failure = bench.run().expect("a failure");
        assert_eq!(failure.code, "simulator_gone");
        let words = if is_cut {
            "the connection ended within a frame"
        } else {
            "it has closed its connection"
        };
        assert!(failure.message.contains(words), "{}", failure.message);
        server.join();
    }
}

#[test]
fn a_wiring_is_checked() {
    let server = server("", "");
    let mut host = LocalHost::new();
    start(&mut host, asked(&server)).expect("described");
    let fault = |host: &mut LocalHost, from: &str| {
        let mut wiring = wiring(&[0]);
        wiring.published.push(foreign::WiredPublished {
            from: spot(from),
            ..published("0:g.x")
        });
        let fault = host.wire(wiring).expect_err("refused");
        (fault.code.to_string(), fault.message)
    };
    for (from, code, words) in [
        (
            "0:h.x",
            "unknown_entity",
            "it has no entity 'h'; did you mean 'g'?",
        ),
        (
            "0:b.Vn",
            "unknown_attribute",
            "'b' has no attribute 'Vn'; did you mean 'Vm'?",
        ),
        (
            "1:g.x",
            "wiring",
            "simulator 1 is connected, and does not belong to it",
        ),
    ] {
        assert_eq!(fault(&mut host, from), (code.to_owned(), words.to_owned()));
    }
    let unit = host.wire(wiring(&[0])).expect("wired");
    let again = host.wire(wiring(&[0])).expect_err("twice");
    assert!(
        again.message.contains("belongs to a unit already"),
        "{again}"
    );
    drop(unit);
    drop(host);
    server.join();
}
