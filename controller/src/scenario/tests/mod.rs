//! The rules of scenarios, each with what it refuses and what it lets through.

mod choices;
mod connections;
mod described;
mod following;
mod foreign;
mod form;
mod hostile;
mod leds;
mod merging;
mod models;
mod order;
mod paths;
mod places;
mod programs;
mod reading;
mod samples;
mod strips;
mod units;

use samples::{CATALOGUE, files, scenario};

use super::{Graph, LoadError, load_text};

/// The graph of a scenario, and its warnings as `line:code`.
fn load(text: &str) -> (Graph, Vec<String>) {
    let (graph, warnings) = load_text("s.yaml", text, &CATALOGUE, &files())
        .unwrap_or_else(|error| panic!("refused:\n{error}"));
    let shown = warnings
        .iter()
        .map(|w| format!("{}:{}", w.position.line, w.code));
    (graph, shown.collect())
}

/// The problems of a scenario that is refused, as they are shown.
fn refuse(text: &str) -> Vec<String> {
    match load_text("s.yaml", text, &CATALOGUE, &files()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(LoadError::Refused(problems)) => {
            assert!(problems.errors() > 0);
            problems.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

/// The codes of the problems of a scenario that is refused, as `line:code`.
fn codes(text: &str) -> Vec<String> {
    match load_text("s.yaml", text, &CATALOGUE, &files()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(LoadError::Refused(problems)) => problems
            .iter()
            .map(|p| format!("{}:{}", p.position.line, p.code))
            .collect(),
        Err(other) => panic!("{other}"),
    }
}

/// The message of the only problem of a scenario, with its place, without the file.
fn only(text: &str) -> String {
    let problems = refuse(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].trim_start_matches("s.yaml:").to_owned()
}
