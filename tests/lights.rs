//! The lights of a node: what they show of real runs, written down by the output `sim`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rig::{Ended, Node, PATIENCE, Trial, assert_serves, loop_scenario, placed, wait_for};
use tempfile::TempDir;

/// More steps than any test waits for.
const FOREVER: u64 = 60_000_000;

/// The pins of the three lights, as arguments.
const THREE: [&str; 6] = [
    "--led-ready",
    "17",
    "--led-step",
    "27",
    "--led-fault",
    "22",
];

/// What is written down about the lights of a node.
struct Paper {
    folder: TempDir,
}

impl Paper {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("leds")
    }

    /// The argument that has a node write here.
    fn output(&self) -> String {
        format!("sim:{}", self.path().display())
    }

    /// A node with the three lights, and more arguments.
    fn node(&self, more: &[&str]) -> Node {
        let output = self.output();
        let arguments = [&THREE, &["--led-output", &output][..], more].concat();
        Node::start_with(&arguments)
    }

    /// What has happened to a light so far, with its times in seconds.
    fn of(&self, light: &str) -> Vec<(f64, String)> {
        let text = fs::read_to_string(self.path()).unwrap_or_default();
        // The last line may be on its way.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let events = whole.lines().filter_map(|line| {
            let (time, event) = line.split_once(" pin ").expect("a line of a light");
            let (lamp, what) = event.split_once(": ").expect("what it does");
            let is_asked = lamp == light;
            is_asked.then(|| (time.parse().expect("seconds"), what.to_owned()))
        });
        events.collect()
    }

    /// Waits until a light has been told this, after the first `seen` things that it was told.
    /// Returns how many it has been told then.
    fn wait(&self, light: &str, what: &str, seen: usize) -> usize {
        wait_for(&format!("'{light}' to be told '{what}'"), || {
            let told = self.of(light);
            let new = told.iter().skip(seen);
            let place = new.into_iter().position(|(_, told)| told == what)?;
            Some(seen + place + 1)
        })
    }
}

const READY: &str = "17 ready";
const STEP: &str = "27 step";
const FAULT: &str = "22 fault";

#[test]
fn a_node_breathes_until_it_has_a_session_and_again_after_it() {
    let paper = Paper::new();
    let mut node = paper.node(&[]);
    let seen = paper.wait(READY, "breathing", 0);
    assert_eq!(paper.wait(FAULT, "off", 0), 1);
    let trial = Trial::loop_on(node.address, FOREVER);
    let run = trial.start(&[]);
    let seen = paper.wait(READY, "steady", seen);
    trial.wait_for_rows();
    run.signal("INT");
    paper.wait(READY, "breathing", seen);
    trial.assert_interrupted(run.finish().into());
    assert_serves(&mut node);
    assert_eq!(paper.of(FAULT), [(0.0, "off".to_owned()), (0.0, "dark".to_owned())].map(|(_, what)| (paper.of(FAULT)[0].0, what)));
}
