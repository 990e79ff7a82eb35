//! One node that is lost, and is there again.

use rig::{Ended, Node, Trial, assert_serves, loop_scenario, peak_memory, placed};

use super::{TICKS, interruption, loop_over, start, whole};

#[test]
fn a_node_that_is_killed_and_started_anew_runs_its_models_again() {
    let node = Node::start();
    let address = node.address;
    let trial = loop_over(&[address], TICKS);
    let mut run = start(&trial, &[]);
    trial.wait_for_row(300);
    node.signal("KILL");
    let lost = format!("lost node {address}, which ran Homes, Cell and had done at least ");
    let said = run.wait_to_say(&lost);
    let remedy = "until the node, or another one in its place, is there; after 30 s this machine runs its models";
    assert!(
        said.contains("; the run holds at tick ") && said.contains(remedy),
        "{said}"
    );
    drop(node);
    let mut node = Node::start_at(&address.to_string());
    run.wait_to_say("the run goes on at tick ");
    let ended = whole(&trial, run, TICKS);
    let interruption = interruption(&ended);
    assert_eq!(interruption["node"], address.to_string());
    assert_eq!(interruption["takeovers"], serde_json::json!([]));
    node.wait_for_report("session over");
    assert_serves(&mut node);
}

/// Ten years of hours. What a run keeps for the case of a loss is what models have become, and no more the longer it is.
#[test]
fn what_is_kept_for_a_loss_does_not_grow_with_the_run() {
    const HOURS: u64 = 10 * 365 * 24;
    let mut node = Node::start();
    let address = node.address;
    let trial = loop_over(&[address], HOURS);
    let mut run = trial.start(&["--json"]);
    let mut peaks = Vec::new();
    for row in [8_000, 40_000, 75_000] {
        trial.wait_for_row(row);
        node.signal("KILL");
        drop(node);
        node = Node::start_at(&address.to_string());
        run.wait_to_say("the run goes on at tick ");
        peaks.extend(peak_memory(run.pid()));
    }
    whole(&trial, run, HOURS);
    let [first, .., last] = peaks[..] else {
        // This system does not say.
        return;
    };
    assert!(last < first + 4 * 1024 * 1024, "{peaks:?}");
}

#[test]
fn what_is_told_of_a_loss_is_what_happened() {
    let (first, second) = (Node::start(), Node::start());
    let trial = loop_over(&[first.address, second.address], TICKS);
    let mut run = start(&trial, &[]);
    trial.wait_for_row(300);
    second.signal("KILL");
    run.wait_to_say("the run holds at tick ");
    let rows = trial.rows();
    let ended = whole(&trial, run, TICKS);

    let interruption = interruption(&ended);
    let number = |key: &str| interruption[key].as_f64().expect("a number");
    assert_eq!(interruption["node"], second.address.to_string());
    let cause = interruption["cause"].as_str().expect("a text");
    let lost = format!("lost node {}, which ran Brain", second.address);
    assert!(cause.starts_with(&lost), "{cause}");
    // All rows that there could be are written before the run holds, some of them not yet to the file.
    let tick = number("tick");
    assert!(
        rows as f64 <= tick && (300.0..TICKS as f64).contains(&tick),
        "{rows} {tick}"
    );
    assert_eq!(number("ticks_computed_again"), tick, "from the start");
    // Two seconds are waited; the run takes two beside them.
    let (held, after) = (number("held_seconds"), number("after_seconds"));
    assert!((2.0..60.0).contains(&held), "{held}");
    assert!((0.25..60.0).contains(&after), "{after}");
    assert!((0.0..held).contains(&number("computing_seconds")));
    let takeover = &interruption["takeovers"][0];
    assert_eq!(takeover["from"], second.address.to_string());
    assert_eq!(takeover["by"], first.address.to_string());
    assert_eq!(takeover["models"], serde_json::json!(["Brain"]));
    let summary = super::summary(&ended);
    assert!(
        summary["seconds"].as_f64() > Some(held + after),
        "{summary:#}"
    );
    assert_eq!(summary["rows"], TICKS);
    assert_eq!(summary["error"], serde_json::Value::Null);
    // It is in the record of the run as well.
    let record: serde_json::Value =
        serde_json::from_slice(&super::bytes(&trial, "out.run.json")).expect("JSON");
    assert_eq!(record["interruptions"], summary["interruptions"]);
    assert_eq!(trial.partial(), None);
}

#[test]
fn people_are_told_of_a_loss_in_the_summary() {
    let (first, second) = (Node::start(), Node::start());
    let trial = loop_over(&[first.address, second.address], TICKS);
    let run = trial.start(&[&super::PACE[..], &["--patience", "0"]].concat());
    trial.wait_for_row(300);
    second.signal("KILL");
    let ended = whole(&trial, run, TICKS);
    let (first, second) = (first.address, second.address);
    let by = format!("note: {first} runs Brain in place of {second}");
    ended.assert(0, &[&by, "note: the run goes on at tick "]);
    let line = ended
        .stderr
        .lines()
        .find(|line| line.starts_with(&format!("  lost {second} at tick ")));
    let line = line.unwrap_or_else(|| panic!("no line on the loss: {}", ended.stderr));
    let ran = format!(" s; {first} ran Brain of {second} then");
    assert!(
        line.contains(", held for ") && line.ends_with(&ran),
        "{line}"
    );
}

#[test]
fn a_node_that_hangs_and_is_well_again_goes_on() {
    let mut node = Node::start();
    let trial = loop_over(&[node.address], TICKS);
    let mut run = start(&trial, &["--timeout", "2"]);
    trial.wait_for_row(300);
    node.signal("STOP");
    let said = run.wait_to_say("the run holds at tick ");
    assert!(said.contains("no sign of life for 2 s"), "{said}");
    node.signal("CONT");
    run.wait_to_say("the run goes on at tick ");
    let ended = whole(&trial, run, TICKS);
    assert_nothing_was_lost(&ended);
    assert_serves(&mut node);
}

#[test]
fn a_node_that_hangs_and_is_well_again_still_has_its_lights() {
    let folder = tempfile::tempdir().expect("a folder");
    let paper = folder.path().join("lights");
    let mut node = Node::start_with(&["--led-output", &format!("sim:{}", paper.display())]);
    let scenario = loop_scenario(TICKS).replace(
        "- name: Cell\n  type: Battery\n",
        "- name: Cell\n  type: Battery\n  leds: [{attribute: soc, pin: 18, below: 101}]\n",
    );
    let trial = Trial::new(&placed(&scenario, &|model| {
        (model == "Cell").then(|| (node.address.ip().to_string(), node.address.port()))
    }));
    let mut run = start(&trial, &["--timeout", "2"]);
    trial.wait_for_row(300);
    node.signal("STOP");
    run.wait_to_say("the run holds at tick ");
    node.signal("CONT");
    let ended = whole(&trial, run, TICKS);
    let shown = std::fs::read_to_string(&paper).expect("lights");
    assert_eq!(shown.matches(" pin 18 Cell: on").count(), 1, "{shown}");
    assert_nothing_was_lost(&ended);
    assert_serves(&mut node);
}

#[test]
fn a_node_that_is_stopped_and_started_anew_runs_its_models_again() {
    let mut node = Node::start();
    let address = node.address;
    let trial = loop_over(&[address], TICKS);
    let mut run = start(&trial, &[]);
    trial.wait_for_row(300);
    node.signal("TERM");
    let said = run.wait_to_say("the run holds at tick ");
    assert!(said.contains("somebody stopped the node"), "{said}");
    assert_eq!(node.wait(), Some(0));
    let _node = Node::start_at(&address.to_string());
    let ended = whole(&trial, run, TICKS);
    assert_eq!(interruption(&ended)["takeovers"], serde_json::json!([]));
}

#[test]
fn a_node_that_is_restarted_again_and_again_is_gone_on_with_each_time() {
    let mut node = Node::start();
    let address = node.address;
    let trial = loop_over(&[address], TICKS);
    let mut run = start(&trial, &[]);
    let mut held = Vec::new();
    for round in 1..=8 {
        trial.wait_for_row(round * 200);
        node.signal("KILL");
        run.wait_to_say("the run holds at tick ");
        drop(node);
        node = Node::start_at(&address.to_string());
        held.push(run.wait_to_say("the run goes on at tick "));
    }
    let ended = whole(&trial, run, TICKS);
    let interruptions = super::interruptions(&ended);
    assert_eq!(interruptions.len(), 8);
    // What was computed again once is not computed once more.
    let mut before = 0;
    for interruption in &interruptions {
        let tick = interruption["tick"].as_u64().expect("a number");
        assert_eq!(interruption["ticks_computed_again"], tick - before);
        before = tick;
        assert_eq!(interruption["takeovers"], serde_json::json!([]));
    }
    assert_eq!(held.len(), 8);
}

#[test]
fn a_node_that_is_lost_in_the_last_ticks_is_made_up_for() {
    let (node, other) = (Node::start(), Node::start());
    let trial = loop_over(&[node.address, other.address], 500);
    let run = trial.start(&["--json", "--pace", "100/s", "--patience", "0"]);
    trial.wait_for_row(495);
    node.signal("KILL");
    whole(&trial, run, 500);
}

/// Checks that a run was held up once, and nothing was computed again for that.
fn assert_nothing_was_lost(ended: &Ended) {
    let interruption = interruption(ended);
    assert_eq!(interruption["takeovers"], serde_json::json!([]));
    assert_eq!(interruption["ticks_computed_again"], 0, "{interruption:#}");
}
