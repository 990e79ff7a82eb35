//! LEDs, and cables of a demonstration table, as a page has them: what shines is what boards were told.

use std::fs;

use rig::{Node, TABLE_JOURNAL, Trial, table_on, wait_for, workspace};
use serde_json::{Value as Json, json};

use super::Shown;

/// What a strip shows that was told this, in the words of the boards that read text.
fn shows(text: &str) -> Json {
    let [stage, colour, direction] = text.as_bytes() else {
        panic!("{text:?} is no picture");
    };
    let colour = match (stage, colour) {
        (b'0', _) => "#0a0a0a",
        (_, b'r') => "#ff0000",
        (_, b'g') => "#00ff00",
        _ => panic!("no colour of a table: {text:?}"),
    };
    let milliseconds = match stage {
        b'1' => 500,
        b'2' => 100,
        b'3' => 50,
        b'0' | b'4' => 10,
        _ => panic!("no stage of a table: {text:?}"),
    };
    json!({"colour": colour, "pixel_ms": milliseconds, "away": *direction == b'1'})
}

/// Compares all sockets with what the log says of one tick.
fn assert_told(lights: &Json, facts: &Json, log: &str, tick: u64) -> usize {
    let mut cables = 0;
    for model in lights.as_array().expect("a list") {
        let number = usize::try_from(model["model"].as_u64().expect("a number")).expect("small");
        let name = facts["models"][number]["name"].as_str().expect("a name");
        let sockets = model["sockets"].as_array().expect("a list");
        for (place, socket) in sockets.iter().enumerate() {
            let begin = format!("{tick},{name},{place},");
            let told = log.lines().find_map(|line| line.strip_prefix(&begin));
            assert_eq!(
                socket["shows"],
                told.map_or(Json::Null, shows),
                "{begin}{socket}"
            );
            cables += usize::from(told.is_some());
        }
    }
    cables
}

#[test]
fn cables_on_a_page_show_what_their_boards_were_told_and_leds_their_values() {
    let nodes = [Node::start(), Node::start()];
    let trial = Trial::with_data(workspace(), &table_on(&nodes));
    let told = trial.path("told.csv").display().to_string();
    let options = [
        "--insecure",
        "--replay",
        TABLE_JOURNAL,
        "--cable-log",
        &told,
        "--page-control",
        "--pace",
        "40/s",
    ];
    let shown = Shown::of(&trial, &options);
    let server = shown.server;
    server.order("/api/watch", &json!({"viewer": "a", "items": []}));
    let mut events = server.events("a");
    events.wait("state", |state| state["tick"].as_u64() > Some(60));
    server.order("/api/control", &json!({"do": "pause"}));
    let tick = events.wait_for_phase("paused");
    let facts = server.get("/api/run").json();
    let models = facts["models"].as_array().expect("a list");
    let shown_levels = models.iter().filter(|model| {
        let level = format!("{}.state1", model["name"].as_str().expect("a name"));
        model["leds"][0]["item"] == level.as_str()
    });
    assert_eq!(shown_levels.count(), 4, "four units have a light");

    // A node answers a moment after it was asked.
    let log = wait_for("the log up to the tick", || {
        let log = fs::read_to_string(trial.path("told.partial.csv")).ok()?;
        log.lines()
            .any(|line| line.starts_with(&format!("{},", tick - 1)))
            .then_some(log)
    });
    let mut viewer = server.events("late");
    server.order("/api/watch", &json!({"viewer": "late", "items": []}));
    let lights = viewer.wait("lights", |lights| !lights.is_null());
    let values = viewer.wait("values", |values| values["tick"] == tick - 1);
    let cables = assert_told(&lights, &facts, &log, tick - 1);
    assert!(cables >= 4, "{cables} ends of cables at tick {tick}");
    for light in lights.as_array().expect("a list") {
        let number = usize::try_from(light["model"].as_u64().expect("a number")).expect("small");
        let Some(item) = models[number]["leds"][0]["item"].as_str() else {
            continue;
        };
        let level = values["values"][item].as_f64().expect("a level");
        let is_dark = light["leds"][0]["colour"] == "#000000";
        assert_eq!(is_dark, level <= 0.0045, "{item} is {level}: {light}");
    }

    server.order("/api/control", &json!({"do": "stop"}));
    let rest = events.wait("lights", |lights| {
        let sockets = lights.as_array().into_iter().flatten();
        let sockets = sockets.flat_map(|model| model["sockets"].as_array().into_iter().flatten());
        let mut plugged = sockets.filter(|socket| !socket.is_null());
        plugged.all(|socket| socket["shows"]["colour"] == "#0a0a0a")
    });
    assert_eq!(rest[0]["leds"][0]["colour"], "#000000");
    shown.interrupt();
}
