//! The power balance for a year in one process, against a loop written by hand for this scenario
//! alone: the same reading, arithmetic and writing, to the same bytes.
//!
//!     cargo bench -p illuminator-tests --bench hand_written
//!
//! Each is a process of its own, and they run in turns. `plain` writes numbers with the standard
//! library, `tuned` with the crate that the controller uses. Prints medians, and ours as a multiple
//! of each loop; also a day of ours as a process.

#[path = "../year/mod.rs"]
mod year;

mod by_hand;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use by_hand::{Digits, run};
use rig::controller_binary;
use year::{SCENARIO, YEAR, write_data};

const ROUNDS: usize = 15;

/// What a process of this binary is asked to do when it is to be the loop.
const LOOP: &str = "by-hand";

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.as_slice() {
        [_, word, digits] if word == LOOP => {
            let (digits, file) = match digits.as_str() {
                "tuned" => (Digits::Tuned, "tuned.csv"),
                _ => (Digits::Plain, "plain.csv"),
            };
            run(Path::new(file), digits).expect("the files are there");
        }
        _ => compare(),
    }
}

fn compare() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_data(folder);
    for (name, end) in [("year.yaml", "2012-01-01"), ("day.yaml", "2011-01-02")] {
        fs::write(folder.join(name), SCENARIO.replace("END", end)).expect("written");
    }
    let itself = env::current_exe().expect("a path").display().to_string();
    let ours = controller_binary().first().expect("a command");
    let commands = [
        [ours, "run", "year.yaml", "-q"],
        [&itself, LOOP, "plain", ""],
        [&itself, LOOP, "tuned", ""],
        [ours, "run", "day.yaml", "-q"],
    ];
    let mut times = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (command, times) in commands.iter().zip(&mut times) {
            times.push(time_of(folder, command));
        }
    }
    let [ours, plain, tuned, day] = times.map(median);
    let check = [
        ours_bytes(folder, &commands[0]),
        read(folder, "plain.csv"),
        read(folder, "tuned.csv"),
    ];
    assert!(
        check[0] == check[1] && check[0] == check[2],
        "the same bytes"
    );
    let step = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(YEAR);
    let ratio = |other: Duration| ours.as_secs_f64() / other.as_secs_f64();
    println!("year, ours:           {:.3} µs/step", step(ours));
    println!(
        "year, by hand, plain: {:.3} µs/step; ours {:.2} times as long",
        step(plain),
        ratio(plain)
    );
    println!(
        "year, by hand, tuned: {:.3} µs/step; ours {:.2} times as long",
        step(tuned),
        ratio(tuned)
    );
    println!("day, ours:            {:.2} ms", day.as_secs_f64() * 1e3);
}

fn time_of(folder: &Path, command: &[&str]) -> Duration {
    let [program, arguments @ ..] = command else {
        return Duration::ZERO;
    };
    let arguments = arguments.iter().filter(|argument| !argument.is_empty());
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .status();
    let time = start.elapsed();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{program} does its work"
    );
    time
}

/// The result of ours for the year; the day has written to the same file since.
fn ours_bytes(folder: &Path, command: &[&str]) -> Vec<u8> {
    time_of(folder, command);
    read(folder, "year.csv")
}

fn read(folder: &Path, file: &str) -> Vec<u8> {
    fs::read(folder.join(file)).expect("there")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
