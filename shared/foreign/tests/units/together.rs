//! Simulators that work at the same time, and what happens where one does not read or not stop.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Instant;

use engine::{NoRows, Turn};
use foreign::Host;

use crate::bench::{Bench, drive, wiring};
use crate::simulator::{PATIENCE, Peer, Server, time};
use crate::turns::{host, join, opening, server};

/// A simulator that says when a step has come, and answers once it may.
fn held(came: Sender<usize>, go: Receiver<()>, number: usize) -> Server {
    server("time-based", move |call| match call.function.as_str() {
        "step" => {
            came.send(number).expect("heard");
            go.recv_timeout(PATIENCE).expect("allowed");
            (time(call) + 1).to_string()
        }
        _ => r#"{"e": {"p": 1}}"#.to_owned(),
    })
}

#[test]
fn simulators_that_do_not_depend_on_each_other_step_at_the_same_time() {
    for are_one_unit in [false, true] {
        let (sender, came) = mpsc::channel();
        let (mut servers, mut goes) = (Vec::new(), Vec::new());
        for number in 0..4 {
            let (go, may) = mpsc::channel();
            servers.push(held(sender.clone(), may, number));
            goes.push(go);
        }
        let mut host = host(&servers, 2);
        let mut bench = Bench::new(2);
        if are_one_unit {
            bench.add(host.wire(wiring(&[0, 1, 2, 3])).expect("wired"), &[]);
        } else {
            for number in 0..4 {
                bench.add(host.wire(wiring(&[number])).expect("wired"), &[]);
            }
        }
        let (mut engine, answers) = bench.engine();
        for _ in 0..2 {
            // All of them work, and the engine waits for none.
            let until = Instant::now() + PATIENCE;
            let mut working: Vec<usize> = Vec::new();
            while working.len() < 4 {
                assert_ne!(
                    engine.run(1000, &mut NoRows).expect("no rows"),
                    Turn::Finished
                );
                let left = until.saturating_duration_since(Instant::now());
                if let Ok(number) = came.try_recv() {
                    working.push(number);
                } else if answers.recv_timeout(left.min(PATIENCE / 6000)).is_ok() {
                    engine.retry();
                }
                assert!(!left.is_zero(), "only {working:?} work");
            }
            for go in &goes {
                go.send(()).expect("there");
            }
        }
        drive(&mut engine, &answers);
        drop(engine);
        join(servers);
    }
}

#[test]
fn one_that_sends_without_end_is_not_read_without_end() {
    let servers = vec![Server::new(|stream| {
        let mut peer = Peer(stream);
        peer.0.set_write_timeout(Some(PATIENCE / 120)).expect("set");
        while let Some((number, call)) = peer.request() {
            let answer = opening(&call, "time-based").expect("no step");
            peer.answer(number, &answer);
            if call.function == "create" {
                break;
            }
        }
        let frame = format!("\0\0\u{10}\0{}", " ".repeat(4096));
        let mut count = 0;
        while std::io::Write::write_all(&mut peer.0, frame.as_bytes()).is_ok() {
            count += 1;
            assert!(count < 100_000, "all of it is taken");
        }
    })];
    let host = host(&servers, 1);
    join(servers);
    drop(host);
}
