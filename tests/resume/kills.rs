//! Controllers that are killed, and goes on with what they have left.

use std::env;
use std::thread;
use std::time::Duration;

use rig::{Node, Trial, assert_serves, loop_scenario, placed};

use super::{append, kill_at, names, rows_of, same};

/// A run of this takes about a second by itself.
const TICKS: u64 = 20_000;

const NODE_OPTIONS: [&str; 1] = ["--insecure"];

fn on_node(node: &Node, ticks: u64) -> Trial {
    Trial::new(&placed(&loop_scenario(ticks), &|model| {
        ["Cell", "Mill"]
            .contains(&model)
            .then(|| (node.address.ip().to_string(), node.address.port()))
    }))
}

#[test]
fn a_run_that_was_killed_goes_on_and_has_the_same_bytes_here_and_on_a_node() {
    let mut node = Node::start();
    for trial in [Trial::new(&loop_scenario(TICKS)), on_node(&node, TICKS)] {
        let paced = [&NODE_OPTIONS[..], &["--pace", "5000/s"]].concat();
        let left = kill_at(&trial, &paced, 1_000);
        // Killed again, on its way through what is there and beyond.
        let resumed = [&paced[..], &["--resume"]].concat();
        let more = kill_at(&trial, &resumed, left + 500);
        assert_eq!(names(&trial), ["out.partial.csv", "out.partial.run.json"]);
        let ended = trial.run(&[&NODE_OPTIONS[..], &["--resume"]].concat());
        ended.assert(0, &["they are computed again and compared", &same(more)]);
        trial.assert_whole_loop(TICKS);
        assert_eq!(names(&trial), ["out.csv", "out.run.json"]);
    }
    assert_serves(&mut node);
}

#[test]
fn a_run_that_is_interrupted_goes_on_and_keeps_its_pace_from_there() {
    let trial = Trial::new(&loop_scenario(600));
    let run = trial.start(&["--pace", "400/s"]);
    trial.wait_for_rows();
    run.signal("INT");
    run.finish();
    let left = rows_of(&trial.partial().expect("rows"));
    // What is there has no pace; so many ticks a second come after it.
    let begun = std::time::Instant::now();
    let ended = trial.run(&["--resume", "--pace", "400/s"]);
    ended.assert(0, &[&same(left)]);
    let least = Duration::from_secs_f64((600 - left) as f64 / 400.0 * 0.9);
    assert!(begun.elapsed() >= least, "{:?}", begun.elapsed());
    trial.assert_whole_loop(600);
}

#[test]
fn half_a_line_and_what_a_power_cut_makes_of_one_are_made_again() {
    let trial = Trial::new(&loop_scenario(TICKS));
    let left = kill_at(&trial, &["--pace", "5000/s"], 500);
    for rubbish in [&b"2012-01-0"[..], &[0; 5_000]] {
        append(&trial, rubbish);
    }
    trial.run(&["--resume"]).assert(0, &[&same(left)]);
    trial.assert_whole_loop(TICKS);
}

#[test]
fn where_nothing_is_there_the_run_begins() {
    let trial = Trial::new(&loop_scenario(50));
    let ended = trial.run(&["--resume"]);
    ended.assert(0, &["no rows in", "the run begins", "50 of 50 rows"]);
    trial.assert_whole_loop(50);
    // A result that is complete is made anew, like any other.
    trial.run(&["--resume"]).assert(0, &["the run begins"]);
    trial.assert_whole_loop(50);
}

/// How often controllers are killed: more where somebody asks for it.
fn kills() -> u64 {
    let asked = env::var("ILLUMINATOR_KILLS").ok();
    asked.map_or(30, |text| text.parse().expect("a number"))
}

#[test]
fn controllers_that_are_killed_at_random_lose_nothing() {
    let node = Node::start();
    let (mut seed, mut killed, mut in_comparison) = (0x9e37_79b9_u64, 0, 0);
    while killed < kills() {
        let trial = on_node(&node, TICKS);
        let mut left = 0;
        while killed < kills() {
            let run = trial.start(&[&NODE_OPTIONS[..], &["--resume", "--pace", "8000/s"]].concat());
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            thread::sleep(Duration::from_millis(20 + (seed >> 33) % 600));
            run.signal("KILL");
            run.finish();
            killed += 1;
            let now = trial.partial().map_or(0, |partial| rows_of(&partial));
            assert!(now >= left, "{now} rows after {left}, with seed {seed:x}");
            in_comparison += u64::from(now == left);
            left = now;
            if trial.path("out.csv").exists() {
                break;
            }
        }
        trial
            .run(&[&NODE_OPTIONS[..], &["--resume"]].concat())
            .assert(0, &[]);
        trial.assert_whole_loop(TICKS);
    }
    println!("{killed} kills, {in_comparison} of them before there was a new row");
}
