//! Worlds of simulators that note what they hear.

use std::path::Path;
use std::process::{Command, Stdio};

use foreign::{Host, InsideConnection, LocalHost, Program};
use shared::value::Value;

use crate::bench::{Bench, inside, json, request, text, wiring};
use crate::{beside, python};

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(items)) => items,
        other => panic!("no list: {other:?}"),
    }
}

fn word(value: Option<&Value>) -> &str {
    value.and_then(Value::as_text).expect("a text")
}

/// Runs a world here.
fn run_here(python: &Path, world: &str, folder: &Path) {
    let world = json(world);
    let Some(&Value::Int(until)) = world.get("until") else {
        panic!("no end");
    };
    let until = until.cast_unsigned();
    let sims = list(world.get("sims"));
    let program = Program::Command {
        line: format!("%(python)s '{}' %(addr)s", beside("chatter.py")),
        interpreter: python.to_str().map(str::to_owned),
    };
    let requests = sims.iter().map(|sim| {
        let name = word(sim.get("name"));
        let mut request = request(
            name,
            &program,
            until,
            &text(sim.get("init").expect("init")),
            &[("E", "{}")],
        );
        let log = folder.join(name);
        request
            .init
            .push(("log".into(), Value::text(log.to_str().expect("plain text"))));
        request
    });
    let mut host = LocalHost::new();
    for described in host.start(requests.collect(), &mut |_| {}) {
        described.expect("described");
    }
    let place = |name: &str| {
        sims.iter()
            .position(|sim| word(sim.get("name")) == name)
            .expect("known")
    };
    let numbers: Vec<u16> = (0..u16::try_from(sims.len()).expect("few")).collect();
    let mut wiring = wiring(&numbers);
    for (rank, connection) in list(world.get("connections")).iter().enumerate() {
        let parts = list(Some(connection));
        let spot = |at: usize| {
            format!(
                "{}:e.{}",
                place(word(parts.get(at))),
                word(parts.get(at + 1))
            )
        };
        let how = &parts[4];
        wiring.inside.push(InsideConnection {
            weak: how.get("weak").is_some(),
            shifted: how.get("time_shifted").is_some(),
            initial: how.get("initial_data").cloned(),
            ..inside(&spot(0), &spot(2), u32::try_from(rank).expect("few"))
        });
    }
    let unit = host.wire(wiring).expect("wired");
    let mut bench = Bench::new(until);
    bench.add(unit, &[]);
    assert_eq!(bench.run(), None);
}

/// What a simulator heard in a step, and up to which tick nothing can come.
fn without_max_advance(line: &str) -> (String, i64) {
    let (rest, tick) = line.rsplit_once(", ").expect("three parts");
    let tick = tick.trim_end_matches(']').parse().expect("a number");
    (rest.to_owned(), tick)
}

/// Runs a world under mosaik and here, and compares what each simulator has heard.
fn compare(world: &str) {
    let Some(python) = python() else { return };
    let (there, here) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let run = Command::new(&python)
        .arg(beside("worlds.py"))
        .arg(world)
        .arg(there.path())
        .stdin(Stdio::null())
        .output()
        .expect("mosaik");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    run_here(&python, world, here.path());
    for sim in list(json(world).get("sims")) {
        let name = word(sim.get("name"));
        let heard = |folder: &Path| std::fs::read_to_string(folder.join(name)).expect("a log");
        let (there, here) = (heard(there.path()), heard(here.path()));
        let steps = |log: &str| log.lines().map(without_max_advance).collect::<Vec<_>>();
        let (those, these) = (steps(&there), steps(&here));
        let lines = |steps: &[(String, i64)]| {
            steps
                .iter()
                .map(|(line, _)| line.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            lines(&these),
            lines(&those),
            "{name} (left: here; right: mosaik) in {world}"
        );
        // What a simulator of mosaik hears there depends on how far others happen to be. Here they are never further.
        for (this, that) in these.iter().zip(&those) {
            assert!(
                this.1 <= that.1,
                "{name}: {this:?} here, {that:?} in mosaik"
            );
        }
        assert!(!there.is_empty(), "{name} is never asked in {world}");
    }
}

#[test]
fn a_loop_of_a_tick_beside_one_that_listens() {
    compare(concat!(
        r#"{"until": 9, "sims": ["#,
        r#"{"name": "A", "group": true, "init": {"type": "hybrid", "step": 2, "limit": 3}}, "#,
        r#"{"name": "B", "group": true, "init": {"type": "hybrid", "step": 3, "limit": 2}}, "#,
        r#"{"name": "C", "init": {"type": "event-based", "limit": 1}}], "connections": ["#,
        r#"["A", "o", "B", "i", {}], ["B", "o", "A", "i", {"weak": true}], ["B", "p", "A", "j", {"weak": true, "initial_data": -1}], "#,
        r#"["A", "o", "C", "i", {}]]}"#
    ));
}

#[test]
fn time_based_simulators_that_trigger_others() {
    compare(concat!(
        r#"{"until": 10, "sims": ["#,
        r#"{"name": "T", "init": {"type": "time-based", "step": 2}}, "#,
        r#"{"name": "H", "init": {"type": "hybrid", "step": 3}}, "#,
        r#"{"name": "U", "init": {"type": "time-based", "step": 1}}], "connections": ["#,
        r#"["T", "p", "H", "i", {}], ["T", "p", "H", "j", {}], ["H", "p", "U", "j", {}], ["T", "p", "U", "j", {}]]}"#
    ));
}

#[test]
fn events_that_come_later() {
    compare(concat!(
        r#"{"until": 12, "sims": ["#,
        r#"{"name": "T", "init": {"type": "time-based", "step": 3}}, "#,
        r#"{"name": "E", "init": {"type": "event-based", "ahead": 2}}, "#,
        r#"{"name": "F", "init": {"type": "event-based", "ahead": 1}}, "#,
        r#"{"name": "G", "init": {"type": "event-based"}}], "connections": ["#,
        r#"["T", "p", "E", "i", {}], ["E", "o", "F", "i", {}], ["F", "o", "G", "i", {}], ["E", "o", "G", "i", {}]]}"#
    ));
}

#[test]
fn loops_over_a_tick() {
    compare(concat!(
        r#"{"until": 7, "sims": ["#,
        r#"{"name": "A", "init": {"type": "hybrid", "step": 4}}, "#,
        r#"{"name": "B", "init": {"type": "hybrid", "step": 5}}], "connections": ["#,
        r#"["A", "o", "B", "i", {}], ["A", "p", "B", "j", {}], ["B", "o", "A", "i", {"time_shifted": 1}], "#,
        r#"["B", "p", "A", "j", {"time_shifted": 1, "initial_data": -1}]]}"#
    ));
}

#[test]
fn an_event_where_nothing_triggers() {
    compare(concat!(
        r#"{"until": 7, "sims": ["#,
        r#"{"name": "A", "init": {"type": "hybrid", "step": 2}}, "#,
        r#"{"name": "B", "init": {"type": "hybrid", "step": 3}}], "connections": ["#,
        r#"["A", "o", "B", "j", {}], ["B", "o", "A", "j", {"time_shifted": 1, "initial_data": -1}]]}"#
    ));
}
