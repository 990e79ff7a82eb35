//! What is not gone on with, and why.

use std::fs;

use rig::{Trial, controller, loop_scenario, wait_for};

use super::kill_at;

const TICKS: u64 = 20_000;

/// A run that has left some rows and its record.
fn left() -> Trial {
    let trial = Trial::new(&loop_scenario(TICKS));
    let run = trial.start(&["--pace", "5000/s"]);
    trial.wait_for_rows();
    wait_for("the record", || {
        trial.path("out.partial.run.json").exists().then_some(())
    });
    run.signal("KILL");
    run.finish();
    trial
}

/// Has the run go on, which is refused with this, and leaves everything as it was.
#[track_caller]
fn refused(trial: &Trial, code: i32, said: &[&str]) {
    let before = trial.partial().expect("rows");
    trial.run(&["--resume"]).assert(code, said);
    assert!(trial.partial() == Some(before), "the rows are as they were");
}

#[test]
fn another_scenario_or_release_is_named() {
    let trial = left();
    let scenario = trial.path("scenario.yaml");
    let text = fs::read_to_string(&scenario).expect("readable");
    fs::write(&scenario, text.replace("houses: 0.03", "houses: 0.04")).expect("written");
    refused(
        &trial,
        2,
        &["scenario.yaml' has changed since", "without --resume"],
    );
    fs::write(&scenario, text).expect("written");

    let record = trial.path("out.partial.run.json");
    let text = fs::read_to_string(&record).expect("readable");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    fs::write(&record, text.replace(&version, "\"version\": \"0.0.9\"")).expect("written");
    refused(&trial, 2, &["made by release 0.0.9"]);
    fs::write(&record, &text[..text.len() / 2]).expect("written");
    refused(
        &trial,
        2,
        &["out.partial.run.json' of the earlier run cannot be read"],
    );
    let known = text.find("\"sha256\": \"").expect("a hash") + 11;
    let other = format!("{}0000{}", &text[..known], &text[known + 4..]);
    fs::write(&record, other.replace("scenario.yaml", "other.yaml")).expect("written");
    refused(&trial, 2, &["scenario.yaml' was no part of it"]);
    fs::write(&record, text).expect("written");
    // The same scenario by another name is the same.
    let (other, result) = (trial.path("other.yaml"), trial.path("out.csv"));
    fs::copy(&scenario, &other).expect("copied");
    let [other, result] = [other, result].map(|path| path.display().to_string());
    let ended = controller(&trial.path(""), &["run", &other, "--resume", "-o", &result]);
    assert!(ended.status.success(), "{ended:?}");
    trial.assert_whole_loop(TICKS);
}

#[test]
fn data_that_have_changed_are_named() {
    let data = "data\ntime,value\n2012-01-01 00:00:00,1\n2012-01-01 00:15:00,2\n2012-01-01 00:30:00,3\n2012-01-01 00:45:00,4\n";
    let trial = Trial::new(
        "scenario: {name: data, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 01:00:00', time_resolution: 900}
models:
- {name: Data, type: CSV, parameters: {file_path: DATA}, states: {value: 0}}
connections: []
monitor: {file: out.csv, items: [Data.value]}
",
    );
    let file = trial.path("data.csv");
    fs::write(&file, data).expect("written");
    let scenario = trial.path("scenario.yaml");
    let text = fs::read_to_string(&scenario).expect("readable");
    fs::write(&scenario, text.replace("DATA", &file.display().to_string())).expect("written");
    kill_at(&trial, &["--pace", "1/s"], 2);
    fs::write(&file, data.replace(",1\n", ",9\n")).expect("written");
    refused(&trial, 2, &["data.csv' has changed since"]);
    // Without the record the rows tell.
    fs::remove_file(trial.path("out.partial.run.json")).expect("removed");
    refused(
        &trial,
        5,
        &["line 2 of", "is another one when it is computed again"],
    );
    fs::write(&file, data).expect("written");
    trial.run(&["--resume"]).assert(0, &[]);
}

#[test]
fn a_row_that_somebody_has_changed_is_named_and_stays() {
    let trial = left();
    let partial = trial.path("out.partial.csv");
    let text = fs::read_to_string(&partial).expect("readable");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[100].push('1');
    fs::write(&partial, lines.join("\n") + "\n").expect("written");
    refused(
        &trial,
        5,
        &["line 101 of", "without --resume all is made anew"],
    );
    trial.run(&[]).assert(0, &[]);
    trial.assert_whole_loop(TICKS);
}

#[test]
fn a_scenario_that_has_fewer_ticks_is_none_of_the_run() {
    let trial = left();
    fs::remove_file(trial.path("out.partial.run.json")).expect("removed");
    fs::write(trial.path("scenario.yaml"), loop_scenario(1)).expect("written");
    refused(&trial, 2, &["and the scenario has 1 tick"]);
}

#[test]
fn a_journal_without_rows_is_that_of_nothing() {
    let trial = Trial::new(&loop_scenario(50));
    let journal = trial.path("out.journal.csv").display().to_string();
    fs::write(
        trial.path("out.journal.partial.csv"),
        "tick,model,what,value\n3,Homes,parameter houses,9\n",
    )
    .expect("written");
    trial
        .run(&["--resume", "--journal", &journal])
        .assert(0, &["the run begins"]);
    assert_eq!(
        fs::read_to_string(journal).expect("a journal"),
        "tick,model,what,value\n"
    );
    trial.assert_whole_loop(50);
}

#[test]
fn rows_that_go_into_no_file_cannot_be_gone_on_with() {
    let trial = Trial::new(&loop_scenario(50));
    let ended = trial.run(&["--resume", "--output", "-"]);
    ended.assert(2, &["--resume goes on with a result in a file", "--output"]);
}
