//! What viewers may do with a run, and that all of it comes again from the journal.

use std::fs;

use rig::{Node, Trial, loop_scenario, placed, wait_for};
use serde_json::json;

use super::http::{Events, Server};
use super::{Numbers, Shown};

const CONTROL: &str = "/api/control";

/// No second tick comes by itself.
const HELD: [&str; 3] = ["--page-control", "--pace", "1/h"];

/// One step of a run that is paused; the tick after it.
fn step(server: Server, events: &mut Events, tick: u64) -> u64 {
    server.order(CONTROL, &json!({"do": "step"}));
    let state = events.wait("state", |state| state["tick"].as_u64() > Some(tick));
    assert_eq!(state["phase"], "paused");
    assert_eq!(state["tick"], tick + 1);
    tick + 1
}

#[test]
fn a_run_that_is_paused_stands_makes_a_row_a_step_and_goes_on() {
    let trial = Trial::new(&loop_scenario(500));
    let shown = Shown::of(&trial, &["--page-control", "--pace", "200/s"]);
    let server = shown.server;
    let mut events = server.events("a");
    events.wait("state", |state| state["tick"].as_u64() > Some(0));
    server.order(CONTROL, &json!({"do": "pause"}));
    let mut tick = events.wait_for_phase("paused");
    for _ in 0..3 {
        tick = step(server, &mut events, tick);
        let values = events.wait("values", |values| values["tick"] == tick - 1);
        let rows = wait_for("the row of a step", || {
            let result = Numbers::of(&trial.partial()?);
            (result.rows.len() as u64 == tick).then_some(result)
        });
        let level = rows.rows.last().expect("a row")[rows.column("Cell.soc")];
        assert_eq!(values["values"]["Cell.soc"], level);
    }
    server.order(CONTROL, &json!({"do": "pace", "rate": 50}));
    events.wait("state", |state| state["pace"]["rate"] == 50.0);
    server.order(CONTROL, &json!({"do": "faster"}));
    events.wait("state", |state| state["pace"]["rate"] == 100.0);
    server.order(CONTROL, &json!({"do": "resume"}));
    events.wait_for_phase("running");
    server.order(CONTROL, &json!({"do": "pace", "rate": null}));
    assert_eq!(events.wait_for_end()["rows"], 500);
    trial.assert_whole_loop(500);
    shown.interrupt().assert(0, &[]);
}

#[test]
fn a_run_that_a_viewer_stops_keeps_its_rows() {
    let trial = Trial::new(&loop_scenario(500));
    let shown = Shown::of(&trial, &HELD);
    let mut events = shown.server.events("a");
    events.wait("state", |state| state["tick"] == 1);
    shown.server.order(CONTROL, &json!({"do": "stop"}));
    let end = events.wait_for_end();
    assert_eq!(
        (&end["phase"], &end["rows"]),
        (&"stopped".into(), &1.into())
    );
    shown.interrupt().assert(130, &["1 of 500 rows"]);
}

/// A scenario in which the models of this list run on a node.
fn loop_on(node: Option<&Node>, ticks: u64) -> String {
    placed(&loop_scenario(ticks), &|model| {
        let node = node.filter(|_| ["Mill", "Homes"].contains(&model))?;
        Some((node.address.ip().to_string(), node.address.port()))
    })
}

/// What a journal gives with a scenario.
fn replay(scenario: &str, journal: &str) -> String {
    let trial = Trial::new(scenario);
    let before = trial.path("before.journal.csv");
    fs::write(&before, journal).expect("written");
    let ended = trial.run(&["--replay", before.to_str().expect("UTF-8")]);
    ended.assert(0, &[]);
    trial.csv().expect("a result")
}

/// Changes values of a run while it stands, and looks at one that is not recorded; its rows and its journal.
fn changed(trial: &Trial, ticks: u64, has_node: bool) -> (String, String) {
    let shown = Shown::of(trial, &HELD);
    let server = shown.server;
    let mut events = server.events("somebody");
    events.wait("state", |state| state["tick"] == 1);
    server.order(CONTROL, &json!({"do": "pause"}));
    let mut tick = events.wait_for_phase("paused");
    server.order(
        "/api/watch",
        &json!({"viewer": "somebody", "items": ["Mill.load_dem", "No.such"]}),
    );
    for (attribute, value) in [("houses", json!(0.05)), ("houses", json!(0.25))] {
        let adjust = json!({"model": "Homes", "attribute": attribute, "value": value});
        server.order("/api/adjust", &adjust);
        tick = step(server, &mut events, tick);
        // Whoever comes later hears it as well.
        let told = server
            .events("later")
            .wait("adjusted", |told| told["value"] == value);
        assert_eq!(
            (&told["model"], &told["tick"]),
            (&"Homes".into(), &(tick - 1).into())
        );
    }
    let seen = events.wait("values", |values| {
        values["values"]["Mill.load_dem"].is_number()
    });
    // 0.011 households, of each as many kW as the tank has percent.
    assert_eq!(seen["values"]["Mill.load_dem"], 0.011 * 50.0);
    let answer = server.get("/api/series?item=Mill.load_dem");
    assert_ne!(answer.content[4..8], [0; 4], "a value for charts");
    if has_node {
        // How the machine of the node is: every Linux knows its load.
        events.wait("sites", |sites| {
            sites[1]["site"] == 1 && sites[1]["load"].is_number()
        });
    }
    server.order(CONTROL, &json!({"do": "pace", "rate": null}));
    server.order(CONTROL, &json!({"do": "resume"}));
    assert_eq!(events.wait_for_end()["rows"], ticks);
    shown.interrupt().assert(0, &[]);
    let journal = fs::read_to_string(trial.path("out.journal.csv"));
    (trial.csv().expect("a result"), journal.expect("a journal"))
}

#[test]
fn what_a_viewer_changes_comes_again_from_the_journal_here_and_on_a_node() {
    const TICKS: u64 = 200;
    let node = Node::start();
    let (here, there) = (loop_on(None, TICKS), loop_on(Some(&node), TICKS));
    let plain = Trial::new(&here);
    plain.run(&[]).assert(0, &[]);
    for (scenario, has_node) in [(&here, false), (&there, true)] {
        let (rows, journal) = changed(&Trial::new(scenario), TICKS, has_node);
        assert_ne!(
            Some(&rows),
            plain.csv().as_ref(),
            "it has changed something"
        );
        assert_eq!(journal.matches(",Homes,").count(), 2, "{journal}");
        assert_eq!(replay(&here, &journal), rows);
        assert_eq!(replay(&there, &journal), rows);
    }
}

#[test]
fn what_viewers_change_is_not_lost_with_a_node() {
    const TICKS: u64 = 1_500;
    let mut node = Node::start();
    let address = node.address.to_string();
    let trial = Trial::new(&loop_on(Some(&node), TICKS));
    let shown = Shown::of(&trial, &["--page-control", "--pace", "500/s"]);
    let server = shown.server;
    let mut events = server.events("somebody");
    let mut changed = 0_i32;
    for round in 1..=4 {
        events.wait("state", |state| state["tick"].as_u64() > Some(round * 300));
        // Some have been in a step, some are on their way, and some come while the run holds.
        let mut change = || {
            changed += 1;
            let value = f64::from(changed) / 100.0;
            let adjust = json!({"model": "Homes", "attribute": "houses", "value": value});
            server.order("/api/adjust", &adjust);
        };
        (0..3).for_each(|_| change());
        node.signal("KILL");
        (0..2).for_each(|_| change());
        drop(node);
        // Lost again before there is a row.
        for _ in 0..3 {
            let early = Node::start_at(&address);
            early.wait_for_report(": 2 models");
            change();
        }
        node = Node::start_at(&address);
    }
    assert_eq!(events.wait_for_end()["rows"], TICKS);
    let ended = shown.interrupt();
    ended.assert(0, &["the run goes on at tick "]);
    let journal = fs::read_to_string(trial.path("out.journal.csv")).expect("a journal");
    let mut values = Vec::new();
    for line in journal.lines().filter(|line| line.contains(",Homes,")) {
        let value = line.rsplit(',').next().expect("a value");
        let value: f64 = value.parse().expect("a number");
        values.push(format!("{:.0}", value * 100.0));
    }
    let asked: Vec<String> = (1..=changed).map(|value| value.to_string()).collect();
    assert_eq!(values, asked, "each once, and in order: {journal}");
    let alone = replay(&loop_on(None, TICKS), &journal);
    assert!(Some(alone) == trial.csv(), "{journal}");
}

#[test]
fn a_run_begins_anew_with_other_values_and_can_be_compared_with_the_one_before() {
    let trial = Trial::new(&loop_scenario(100));
    let shown = Shown::of(&trial, &["--page-control"]);
    let server = shown.server;
    let mut events = server.events("a");
    events.wait_for_end();
    let first = trial.csv().expect("a result");
    let restart = json!({"do": "restart", "parameters": {"Homes.houses": 0.25}});
    server.order(CONTROL, &restart);
    events.wait("run", |run| run["id"] == 2);
    events.wait_for_end();
    let second = trial.csv().expect("a result");
    let other = Trial::new(&loop_scenario(100).replace("houses: 0.03,", "houses: 0.25,"));
    other.run(&[]).assert(0, &[]);
    assert_eq!(Some(&second), other.csv().as_ref());
    let facts = server.get("/api/run").json();
    assert_eq!(
        (&facts["id"], &facts["others"][0]["id"]),
        (&2.into(), &1.into())
    );
    for (run, csv) in [(1, &first), (2, &second)] {
        let rows = Numbers::of(csv);
        let series = server.get(&format!("/api/series?run={run}&item=Cell.soc&from=99"));
        let last = rows.rows[99][rows.column("Cell.soc")].to_le_bytes();
        assert_eq!(series.content[20..28], last, "run {run}");
    }
    let journal = fs::read_to_string(trial.path("out.journal.csv")).expect("a journal");
    assert_eq!(replay(&loop_scenario(100), &journal), second);
    // One that goes on ends for the next.
    server.order(CONTROL, &json!({"do": "restart", "loop": false}));
    events.wait("run", |run| run["id"] == 3);
    events.wait_for_end();
    assert_eq!(trial.csv(), Some(first));
    shown.interrupt().assert(0, &[]);
}

#[test]
fn a_demonstration_begins_again_by_itself_until_somebody_ends_that() {
    let trial = Trial::new(&loop_scenario(100));
    let shown = Shown::of(&trial, &["--page-control"]);
    let mut events = shown.server.events("a");
    events.wait_for_end();
    let again = |again: bool| {
        let order = json!({"do": "restart", "parameters": {"Homes.houses": 0.25}, "loop": again});
        shown.server.order(CONTROL, &order);
    };
    again(true);
    // The third one is nobody's wish, and has the values of the second.
    for run in 2..=3 {
        events.wait("run", |known| known["id"] == run);
        assert_eq!(events.wait_for_end()["phase"], "ended");
    }
    let rows = trial.csv();
    let other = Trial::new(&loop_scenario(100).replace("houses: 0.03,", "houses: 0.25,"));
    other.run(&[]).assert(0, &[]);
    assert_eq!(rows, other.csv());
    again(false);
    events.wait("run", |known| known["id"] == 4);
    events.wait_for_end();
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert_eq!(
        shown.server.get("/api/run").json()["id"],
        4,
        "no other follows"
    );
    shown.interrupt().assert(0, &[]);
}
