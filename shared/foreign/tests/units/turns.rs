//! Simulators of a unit, and units beside each other.

use std::sync::mpsc;

use foreign::wire::Call;
use foreign::{Host, InsideConnection, LocalHost, WiredPublished};
use shared::value::Origin;

use crate::bench::{Bench, input, inside, json, published, request, start, text, wiring};
use crate::simulator::{Peer, Server, time};

/// Answers what is asked before the first step, for a simulator of this kind.
pub(crate) fn opening(call: &Call, kind: &str) -> Option<String> {
    let more = if kind == "hybrid" {
        r#", "trigger": ["i"], "non-persistent": ["o"]"#
    } else {
        ""
    };
    match call.function.as_str() {
        "init" => Some(format!(
            r#"{{"api_version": "3.0", "type": "{kind}", "models": {{"E": {{"attrs": ["i", "j", "o", "p"]{more}}}}}}}"#
        )),
        "create" => Some(r#"[{"eid": "e", "type": "E"}]"#.to_owned()),
        "setup_done" => Some("null".to_owned()),
        _ => None,
    }
}

/// A simulator of this kind that does this with steps and questions for data.
pub(crate) fn server(
    kind: &'static str,
    mut answer: impl FnMut(&Call) -> String + Send + 'static,
) -> Server {
    Server::new(move |stream| {
        Peer(stream).serve(|call| opening(call, kind).unwrap_or_else(|| answer(call)));
    })
}

/// A host with these simulators.
pub(crate) fn host(servers: &[Server], ticks: u64) -> LocalHost {
    let mut host = LocalHost::new();
    for (number, server) in servers.iter().enumerate() {
        let asked = request(
            &format!("S{number}"),
            &server.program,
            ticks,
            "{}",
            &[("E", "{}")],
        );
        start(&mut host, asked).expect("described");
    }
    host
}

pub(crate) fn join(servers: Vec<Server>) {
    servers.into_iter().for_each(Server::join);
}

#[test]
fn values_keep_their_kind_on_both_ways() {
    let values = [
        "1",
        "1.0",
        "NaN",
        "-Infinity",
        "null",
        "true",
        r#""é""#,
        r#"{"a": [1, 2.0]}"#,
    ];
    let ticks = values.len() as u64;
    let echo = server("time-based", {
        let mut last = String::new();
        move |call| match call.function.as_str() {
            "step" => {
                let inputs = &call.arguments[1];
                let value = inputs
                    .get("e")
                    .and_then(|e| e.get("i"))
                    .and_then(|i| i.get("A-0.a"));
                last = text(value.expect("a value"));
                (time(call) + 1).to_string()
            }
            _ => format!(r#"{{"e": {{"p": {last}}}}}"#),
        }
    });
    let servers = vec![echo];
    let mut host = host(&servers, ticks);
    let mut wiring = wiring(&[0]);
    wiring
        .inputs
        .push(input("0:e.i", Origin::State, &["A-0.a"]));
    wiring.published.push(published("0:e.p"));
    let mut bench = Bench::new(ticks);
    let source = bench.script(&values);
    let unit = bench.add(host.wire(wiring).expect("wired"), &[vec![(source, 0)]]);
    let seen = bench.watch(unit, 0);
    assert_eq!(bench.run(), None);
    let sent: Vec<String> = values.iter().map(|value| text(&json(value))).collect();
    assert_eq!(*seen.lock().expect("whole"), sent);
    join(servers);
}

#[test]
fn inputs_are_listed_in_the_order_of_the_connections_and_only_where_something_is_connected() {
    let servers = vec![
        server("time-based", |call| match call.function.as_str() {
            "step" => (time(call) + 1).to_string(),
            _ => r#"{"e": {"p": 5}}"#.to_owned(),
        }),
        server("time-based", |call| {
            let tick = time(call);
            let before = if tick == 0 { -1 } else { 5 };
            let expected = format!(
                r#"{{"e": {{"i": {{"A-0.a": 1, "S0-0.e": 5, "B-0.b": 2}}, "j": {{"S0-0.e": {before}}}}}}}"#
            );
            assert_eq!(text(&call.arguments[1]), expected);
            (tick + 1).to_string()
        }),
    ];
    let mut host = host(&servers, 3);
    let mut wiring = wiring(&[0, 1]);
    let mut sources = input("1:e.i", Origin::State, &["A-0.a", "B-0.b"]);
    sources.sources[1].rank = 2;
    wiring.inputs.push(sources);
    wiring.inside.push(inside("0:e.p", "1:e.i", 1));
    wiring.inside.push(InsideConnection {
        shifted: true,
        initial: Some(json("-1")),
        ..inside("0:e.p", "1:e.j", 3)
    });
    let mut bench = Bench::new(3);
    let (a, b) = (bench.script(&["1"]), bench.script(&["2"]));
    bench.add(host.wire(wiring).expect("wired"), &[vec![(a, 0), (b, 0)]]);
    assert_eq!(bench.run(), None);
    join(servers);
}

#[test]
fn a_step_size_is_what_a_simulator_says_and_its_values_hold_meanwhile() {
    let servers = vec![server("time-based", {
        let mut now = 0;
        move |call| match call.function.as_str() {
            "step" => {
                now = time(call);
                (now + 3).to_string()
            }
            _ => format!(r#"{{"e": {{"p": {now}}}}}"#),
        }
    })];
    let mut host = host(&servers, 7);
    let mut wiring = wiring(&[0]);
    wiring.published.push(published("0:e.p"));
    let mut bench = Bench::new(7);
    let unit = bench.add(host.wire(wiring).expect("wired"), &[]);
    let seen = bench.watch(unit, 0);
    assert_eq!(bench.run(), None);
    assert_eq!(
        *seen.lock().expect("whole"),
        ["0", "0", "0", "3", "3", "3", "6"]
    );
    join(servers);
}

/// Runs an event-based simulator for eight ticks with a source from outside that steps at each third. Returns the
/// ticks of its steps with what they might go up to, and what was seen of it.
fn triggered_from_outside(shifted: bool) -> (Vec<(i64, String)>, Vec<String>) {
    let (sender, steps) = mpsc::channel();
    let servers = vec![server("event-based", move |call| {
        match call.function.as_str() {
            "step" => {
                sender
                    .send((time(call), text(&call.arguments[2])))
                    .expect("heard");
                "null".to_owned()
            }
            _ => r#"{"e": {"o": 1}}"#.to_owned(),
        }
    })];
    let mut host = host(&servers, 8);
    let mut wiring = wiring(&[0]);
    let mut source = input("0:e.i", Origin::State, &["A-0.a"]);
    source.sources[0].every = 3;
    source.sources[0].shifted = shifted;
    wiring.inputs.push(source);
    wiring.published.push(WiredPublished {
        initial: Some(json("0")),
        ..published("0:e.o")
    });
    let mut bench = Bench::new(8);
    let source = bench.script(&["1"]);
    let unit = bench.add(host.wire(wiring).expect("wired"), &[vec![(source, 0)]]);
    let seen = bench.watch(unit, 0);
    assert_eq!(bench.run(), None);
    join(servers);
    let seen = seen.lock().expect("whole").clone();
    (steps.iter().collect(), seen)
}

/// An event-based simulator is asked when something new comes from outside, and at no other tick.
#[test]
fn what_comes_from_outside_triggers_when_it_is_new() {
    let (steps, seen) = triggered_from_outside(false);
    let text = str::to_owned;
    assert_eq!(steps, [(0, text("2")), (3, text("5")), (6, text("8"))]);
    let (event, none) = ("1", "null");
    assert_eq!(seen, [event, none, none, event, none, none, event, none]);
}

/// The ticks and limits are those of mosaik 3.7.1.
#[test]
fn what_comes_from_outside_a_tick_later_triggers_a_tick_later() {
    let (steps, seen) = triggered_from_outside(true);
    let text = str::to_owned;
    assert_eq!(steps, [(1, text("3")), (4, text("6")), (7, text("8"))]);
    let (event, none) = ("1", "null");
    assert_eq!(seen, [none, event, none, none, event, none, none, event]);
}

#[test]
fn a_loop_without_rest_is_a_failure_that_names_it() {
    let endless = || {
        server("hybrid", |call| match call.function.as_str() {
            "step" => "null".to_owned(),
            _ => r#"{"e": {"o": 1}}"#.to_owned(),
        })
    };
    let servers = vec![endless(), endless()];
    let mut host = host(&servers, 4);
    let mut wiring = wiring(&[0, 1]);
    wiring.inside.push(inside("0:e.o", "1:e.i", 0));
    wiring.inside.push(InsideConnection {
        weak: true,
        ..inside("1:e.o", "0:e.i", 1)
    });
    let mut bench = Bench::new(4);
    bench.add(host.wire(wiring).expect("wired"), &[]);
    let failure = bench.run().expect("a failure");
    assert_eq!(
        (failure.code.as_str(), failure.tick),
        ("simulator_failed", 0)
    );
    let words = "gone through 100 times, over the weak connection from 'S1' to 'S0'";
    assert!(failure.message.contains(words), "{}", failure.message);
    join(servers);
}

#[test]
fn requests_that_cannot_be_met_are_answered_with_a_failure() {
    let servers = vec![
        Server::new(|stream| {
            let mut peer = Peer(stream);
            while let Some((number, call)) = peer.request() {
                if let Some(answer) = opening(&call, "time-based") {
                    peer.answer(number, &answer);
                    continue;
                }
                for (asked, words) in [
                    (r#"["set_event", [3], {}]"#, "real time only"),
                    (
                        r#"["get_data", [{"S1-0.e": ["p"]}], {}]"#,
                        "no connection for asynchronous requests",
                    ),
                    (
                        r#"["set_data", [{"S0-0.e": {"S1-0.e": {"i": 1}}}], {}]"#,
                        "no connection for asynchronous requests",
                    ),
                    (r#"["set_data", [5], {}]"#, "should be a mapping, and is 5"),
                    (
                        r#"["get_related_entities", ["nobody"], {}]"#,
                        "there is no entity 'nobody'",
                    ),
                    (r#"["make_tea", [], {}]"#, "there is no request 'make_tea'"),
                ] {
                    peer.send(&format!("[0, 7, {asked}]"));
                    let answer = String::from_utf8(peer.frame().expect("an answer")).expect("text");
                    assert!(
                        answer.starts_with("[2, 7, ") && answer.contains(words),
                        "{answer}"
                    );
                }
                peer.send(r#"[0, 8, ["get_related_entities", [], {}]]"#);
                let answer = peer.frame().expect("an answer");
                let graph =
                    br#"[1, 8, {"nodes": {"S0-0.e": {"sid": "S0-0", "type": "E"}}, "edges": []}]"#;
                assert_eq!(answer, graph);
                peer.answer(number, &(time(&call) + 1).to_string());
            }
        }),
        server("hybrid", |call| (time(call) + 1).to_string()),
    ];
    let mut host = host(&servers, 1);
    let mut wiring = wiring(&[0, 1]);
    wiring
        .graph
        .nodes
        .push(("S0-0.e".to_owned(), "E".to_owned()));
    let mut bench = Bench::new(1);
    bench.add(host.wire(wiring).expect("wired"), &[]);
    assert_eq!(bench.run(), None);
    join(servers);
}
