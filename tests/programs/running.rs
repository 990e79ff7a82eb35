//! What a run gives with other programs in it.

use std::fmt::Write;
use std::fs;

use rig::controller;
use serde_json::Value as Json;

use crate::toys::{assert_gone, scenario, write};

/// The rows of the scenario: A is 2 more than the tick, B is A and the tick.
fn expected(ticks: u64) -> String {
    let mut text = String::from(",A.y,B.y,Sum.out1\n");
    for tick in 0..ticks {
        let (minutes, t) = (tick * 15, tick as f64);
        let (a, b) = (t + 2.0, 2.0 * t + 2.0);
        let (hour, minute) = (minutes / 60, minutes % 60);
        let sum = a + b;
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "2012-01-01 {hour:02}:{minute:02}:00,{a:?},{b:?},{sum:?}"
        );
    }
    text
}

#[test]
fn values_go_through_programs_as_through_models() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &scenario(""));
    let run = controller(folder.path(), &["run", "toys.yaml", "--strict", "--json"]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let result = fs::read_to_string(folder.path().join("out.csv")).expect("a result");
    let (_, rows) = result.split_once(',').expect("a header");
    let wanted = expected(10);
    assert_eq!(rows, wanted.trim_start_matches(','), "{result}");
    assert!(said.contains("this machine: Source, A, B, Sum"), "{said}");
    assert_gone(folder.path());
    let summary: Json = serde_json::from_slice(&run.stdout).expect("JSON");
    let programs = &summary["sites"][0]["programs"];
    assert_eq!(programs[0]["models"], serde_json::json!(["A"]));
    assert!(
        programs[0]["run_by"][0]
            .as_str()
            .expect("a command")
            .contains("%(addr)s")
    );
}

#[test]
fn two_models_of_a_simulator_into_one_input_are_added() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = scenario("")
        .replace("type: First}", "type: First, outputs: {y: 0}}")
        .replace("type: Second.Toy}", "type: First, outputs: {y: 0}}")
        // An output goes to one place.
        .replace("- {from: A.y, to: B.x}\n", "")
        .replace("to: Sum.in2}", "to: Sum.in1}");
    write(folder.path(), &text);
    let run = controller(folder.path(), &["run", "toys.yaml"]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("simulator 'Second' is not started"), "{said}");
    let result = fs::read_to_string(folder.path().join("out.csv")).expect("a result");
    let last = result.lines().last().expect("rows");
    // 9 + 2 and 9.
    assert_eq!(last, "2012-01-01 02:15:00,11.0,9.0,20.0");
}

#[test]
fn a_check_asks_programs_and_ends_them() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &scenario(""));
    // Each scenario has programs of its own.
    let check = controller(folder.path(), &["check", "toys.yaml", "toys.yaml"]);
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{said}");
    let fine = said.matches("toys.yaml: 4 models, 10 ticks: fine").count();
    assert_eq!(fine, 2, "{said}");
    assert_gone(folder.path());
    write(
        folder.path(),
        &scenario("").replace("A.y, to: B.x", "A.z, to: B.x"),
    );
    let check = controller(folder.path(), &["check", "toys.yaml"]);
    let said = String::from_utf8_lossy(&check.stderr);
    assert_eq!(check.status.code(), Some(2), "{said}");
    assert!(
        said.contains("toys.yaml:12:10: error: connection 'A.z' → 'B.x': 'A' has no attribute 'z', did you mean 'x'? (attributes: x, y)"),
        "{said}"
    );
    assert_gone(folder.path());
}
