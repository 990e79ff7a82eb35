//! Steps that simulators ask for themselves with `set_event`, which come from outside: in real time, or from a record.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use engine::{Engine, NoRows, Turn};
use foreign::wire::Call;
use foreign::{Host, LocalHost};
use shared::journal::{Entry, Outside, What};
use shared::model::Severity;
use shared::plan::ModelId;

use crate::bench::{Bench, drive, wiring};
use crate::simulator::{PATIENCE, Peer, Server, time};
use crate::turns::{host, join, opening};

/// A run that keeps to a pace.
fn paced() -> Outside {
    Outside {
        paced: true,
        ..Outside::default()
    }
}

/// A run in which these steps come from a record.
fn replayed(asked: &[u64]) -> Outside {
    let step = |&tick: &u64| (tick, What::Asked { simulator: 0 });
    Outside {
        comes: asked.iter().map(step).collect(),
        recorded: shared::time::NEVER,
        ..Outside::default()
    }
}

/// The one model of a run in which it has asked for this step.
fn asked(tick: u64) -> Entry {
    let what = What::Asked { simulator: 0 };
    let model = ModelId(0);
    Entry { model, tick, what }
}

/// An engine with one simulator in it, and what wakes it.
fn engine(host: &mut LocalHost, ticks: u64, outside: Outside) -> (Engine, Receiver<()>) {
    let mut bench = Bench::new(ticks);
    bench.outside = outside;
    bench.add(host.wire(wiring(&[0])).expect("wired"), &[]);
    bench.engine()
}

/// Asks for something, and returns the answer.
fn ask(peer: &mut Peer, call: &str) -> String {
    peer.send(&format!("[0, 7, {call}]"));
    String::from_utf8(peer.frame().expect("an answer")).expect("text")
}

/// A simulator that notes its steps, makes one of its own every so many ticks, and asks in its first one.
fn asking(
    kind: &'static str,
    every: Option<i64>,
    steps: Sender<i64>,
    mut first: impl FnMut(&mut Peer) + Send + 'static,
) -> Server {
    Server::new(move |stream| {
        let mut peer = Peer(stream);
        while let Some((number, call)) = peer.request() {
            if let Some(answer) = opening(&call, kind) {
                peer.answer(number, &answer);
                continue;
            }
            let now = time(&call);
            steps.send(now).expect("heard");
            if now == 0 {
                first(&mut peer);
            }
            let next = every.map_or("null".to_owned(), |every| (now + every).to_string());
            peer.answer(number, &next);
        }
    })
}

const DONE: &str = "[1, 7, null]";

#[test]
fn in_a_run_with_a_pace_a_step_is_made_at_the_tick_that_is_asked_for() {
    for (kind, every, all) in [
        ("hybrid", None, &[0, 3, 5][..]),
        // What it asks for comes beside its own steps.
        ("time-based", Some(4), &[0, 3, 4, 5, 7]),
    ] {
        let (sender, steps) = mpsc::channel();
        let servers = vec![asking(kind, every, sender, |peer| {
            for tick in [5, 3, 3] {
                assert_eq!(
                    ask(peer, &format!(r#"["set_event", [{tick}], {{}}]"#)),
                    DONE
                );
            }
        })];
        let mut host = host(&servers, 8);
        let (mut engine, answers) = engine(&mut host, 8, paced());
        drive(&mut engine, &answers);
        assert_eq!(engine.failure(), None);
        assert_eq!(engine.take_entries(), [asked(3), asked(5)]);
        drop(engine);
        assert_eq!(steps.iter().collect::<Vec<_>>(), all);
        join(servers);
    }
}

#[test]
fn what_cannot_be_is_refused_or_told() {
    let (sender, steps) = mpsc::channel();
    let servers = vec![asking("hybrid", None, sender, |peer| {
        for (at, words) in [
            ("0", "at tick 0, which is over; tick 1 is the next one"),
            ("-1", "at tick -1, which is over"),
            (r#""soon""#, "takes a tick, an integer, and gets"),
        ] {
            let answer = ask(peer, &format!(r#"["set_event", [{at}], {{}}]"#));
            assert!(
                answer.starts_with("[2, 7, ") && answer.contains(words),
                "{answer}"
            );
        }
        for at in [8, 9] {
            assert_eq!(ask(peer, &format!(r#"["set_event", [{at}], {{}}]"#)), DONE);
        }
    })];
    let mut host = host(&servers, 8);
    let (mut engine, answers) = engine(&mut host, 8, paced());
    drive(&mut engine, &answers);
    assert_eq!(engine.failure(), None);
    let notices = engine.take_notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0].severity, Severity::Note);
    let words = "'S0' asks for a step at tick 8 by 'set_event', and the run has 8 ticks";
    assert!(notices[0].text.contains(words), "{notices:?}");
    assert_eq!(engine.take_entries(), []);
    drop(engine);
    assert_eq!(steps.iter().collect::<Vec<_>>(), [0]);
    join(servers);
}

#[test]
fn a_record_brings_the_steps_and_nobody_else_does() {
    let (sender, steps) = mpsc::channel();
    let servers = vec![asking("time-based", Some(4), sender, |peer| {
        assert_eq!(ask(peer, r#"["set_event", [2], {}]"#), DONE);
    })];
    let mut host = host(&servers, 8);
    let (mut engine, answers) = engine(&mut host, 8, replayed(&[3, 5]));
    drive(&mut engine, &answers);
    assert_eq!(engine.failure(), None);
    assert_eq!(engine.take_entries(), [asked(3), asked(5)]);
    drop(engine);
    assert_eq!(steps.iter().collect::<Vec<_>>(), [0, 3, 4, 5, 7]);
    join(servers);
}

/// An event-based simulator that waits between two ticks, and does this then.
fn waiting(then: impl FnOnce(Peer) + Send + 'static) -> (Server, Sender<()>) {
    let (happen, happens) = mpsc::channel();
    let server = Server::new(move |stream| {
        let mut peer = Peer(stream);
        let mut is_set_up = false;
        while !is_set_up {
            let (number, call) = peer.request().expect("an opening");
            let answer = opening(&call, "event-based").expect("no step");
            is_set_up = call.function == "setup_done";
            peer.answer(number, &answer);
        }
        happens.recv_timeout(PATIENCE).expect("something happens");
        then(peer);
    });
    (server, happen)
}

/// Makes tick 0, has something happen to the simulator, and takes what it says of it, which makes no step.
fn happen_after_tick_0(engine: &mut Engine, answers: &Receiver<()>, happen: &Sender<()>) {
    engine.release(1);
    let turn = |engine: &mut Engine| {
        answers.recv_timeout(PATIENCE).expect("a call");
        engine.retry();
        assert_eq!(engine.run(10, &mut NoRows).expect("none"), Turn::Blocked);
    };
    engine.run(10, &mut NoRows).expect("no rows to write");
    while engine.steps() == 0 {
        turn(engine);
    }
    happen.send(()).expect("it waits");
    turn(engine);
    assert_eq!((engine.steps(), engine.failure()), (1, None));
    engine.release(4);
}

/// A simulator for which something happens asks while nobody steps, and the answer does not wait for a step.
#[test]
fn a_step_can_be_asked_for_between_two_ticks() {
    let (sender, told) = mpsc::channel();
    let (server, happen) = waiting(move |mut peer| {
        let answer = ask(&mut peer, r#"["set_event", [1], {}]"#);
        sender.send(answer).expect("heard");
        peer.serve(|call: &Call| {
            sender.send(format!("step {}", time(call))).expect("heard");
            "null".to_owned()
        });
    });
    let servers = vec![server];
    let mut host = host(&servers, 4);
    let (mut engine, answers) = engine(&mut host, 4, paced());
    happen_after_tick_0(&mut engine, &answers, &happen);
    let answer = loop {
        // The call that was heard may have been a late one of the tick before.
        if let Ok(answer) = told.recv_timeout(Duration::from_secs(1)) {
            break answer;
        }
        answers.recv_timeout(PATIENCE).expect("a call");
        engine.retry();
    };
    assert_eq!(answer, DONE);
    drive(&mut engine, &answers);
    assert_eq!(engine.take_entries(), [asked(1)]);
    drop(engine);
    assert_eq!(told.iter().collect::<Vec<_>>(), ["step 1"]);
    join(servers);
}

#[test]
fn who_leaves_between_two_ticks_is_missed_at_the_next_one() {
    let (server, happen) = waiting(drop);
    let servers = vec![server];
    let mut host = host(&servers, 4);
    let (mut engine, answers) = engine(&mut host, 4, paced());
    happen_after_tick_0(&mut engine, &answers, &happen);
    drive(&mut engine, &answers);
    let failure = engine.failure().expect("a failure");
    assert_eq!((failure.tick, failure.code.as_str()), (1, "simulator_gone"));
    join(servers);
}
