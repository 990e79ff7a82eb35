//! Runs that go on after the loss of nodes, or of links between them: what they leave is, to the byte, what a
//! run on one machine leaves.

#![cfg(unix)]

mod bridges;
mod ends;
mod examples;
mod long;
mod nodes;
mod outages;
mod programs;
mod random;
mod several;
mod sides;
mod spares;

use std::fs;
use std::net::SocketAddr;

use rig::{Ended, Run, Trial, loop_scenario, placed};
use serde_json::Value as Json;

/// Two seconds of a run at [`PACE`].
const TICKS: u64 = 2_000;
const PACE: [&str; 2] = ["--pace", "1000/s"];

/// The loop over these nodes: each of the first two needs what the other one has in every step.
fn loop_over(nodes: &[SocketAddr], ticks: u64) -> Trial {
    Trial::new(&placed(&loop_scenario(ticks), &|model| {
        let node = match model {
            "Homes" | "Cell" => 0,
            "Brain" => 1,
            "Tank" | "Mill" => 2,
            _ => return None,
        };
        let address = nodes.get(node)?;
        Some((address.ip().to_string(), address.port()))
    }))
}

/// Starts a paced run whose summary is for programs.
fn start(trial: &Trial, options: &[&str]) -> Run {
    trial.start(&[&PACE[..], &["--json"], options].concat())
}

/// A run that has come to its end with the result of one on one machine, however it came there.
#[track_caller]
fn whole(trial: &Trial, run: Run, ticks: u64) -> Ended {
    let ended = Ended::from(run.finish());
    ended.assert(0, &[]);
    trial.assert_whole_loop(ticks);
    ended
}

/// What the summary of a run says.
fn summary(ended: &Ended) -> Json {
    serde_json::from_str(&ended.stdout).expect("a summary")
}

/// When a run was held up, as its summary has it.
fn interruptions(ended: &Ended) -> Vec<Json> {
    let interruptions = summary(ended)["interruptions"].clone();
    interruptions.as_array().expect("a list").clone()
}

/// The only time that a run was held up.
#[track_caller]
fn interruption(ended: &Ended) -> Json {
    let mut all = interruptions(ended);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Who took over, from whom, and what, in all of these.
fn takeovers(interruptions: &[Json]) -> Vec<(String, String, Vec<String>)> {
    let all = interruptions.iter().map(|one| &one["takeovers"]);
    let all = all.flat_map(|takeovers| takeovers.as_array().expect("a list"));
    all.map(|takeover| {
        let models = takeover["models"].as_array().expect("a list");
        let models = models.iter().map(text).collect();
        (text(&takeover["from"]), text(&takeover["by"]), models)
    })
    .collect()
}

/// Checks that one took over, and no other.
#[track_caller]
fn assert_taken_over(ended: &Ended, from: SocketAddr, by: &impl ToString, models: &[&str]) {
    let models = models.iter().map(|&model| model.to_owned()).collect();
    let expected = (from.to_string(), by.to_string(), models);
    assert_eq!(takeovers(&interruptions(ended)), [expected]);
}

fn text(json: &Json) -> String {
    json.as_str().expect("a text").to_owned()
}

/// What this machine is called where it takes over.
const THIS_MACHINE: &str = "this machine";

/// The bytes of a file beside a scenario.
fn bytes(trial: &Trial, name: &str) -> Vec<u8> {
    let path = trial.path(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
