//! Runs that go on with what an earlier one has left, whatever ended that.

#![cfg(unix)]

mod kills;
mod outside;
mod refusals;

use std::fs::{self, OpenOptions};
use std::io::Write;

use rig::{Trial, grouped, wait_for};

/// The rows of what a run has left; half a line is none.
fn rows_of(partial: &str) -> u64 {
    (partial.matches('\n').count() as u64).saturating_sub(1)
}

/// Kills a run once it has left this many rows; returns how many it has left then.
fn kill_at(trial: &Trial, options: &[&str], rows: u64) -> u64 {
    let run = trial.start(options);
    wait_for("rows of the run", || {
        (rows_of(&trial.partial()?) >= rows).then_some(())
    });
    run.signal("KILL");
    run.finish();
    rows_of(&trial.partial().expect("rows"))
}

/// Adds something to what a run has left.
fn append(trial: &Trial, bytes: &[u8]) {
    let file = OpenOptions::new()
        .append(true)
        .open(trial.path("out.partial.csv"));
    file.expect("opened").write_all(bytes).expect("written");
}

/// The files beside a result.
fn names(trial: &Trial) -> Vec<String> {
    let all = fs::read_dir(trial.path("")).expect("a folder");
    let mut names: Vec<String> = all
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| name.starts_with("out"))
        .collect();
    names.sort();
    names
}

/// What is said of rows that were there.
fn same(rows: u64) -> String {
    format!(
        "{} rows are from an earlier run, and the same",
        grouped(rows)
    )
}
