//! Data files with faults: refused before anything is written or sent. And what cannot be known
//! before the run.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;
use std::thread;

use rig::{HOMES, Scenario, Trial, conformance_folder, quarters};

fn failing(name: &str) -> Scenario {
    let path = conformance_folder().join(format!("fail/{name}.yaml"));
    Scenario {
        name: name.to_owned(),
        text: fs::read_to_string(path).expect("readable"),
        expected: String::new(),
        types: Vec::new(),
    }
}

#[test]
fn what_is_wrong_in_a_data_file_is_told_before_anything_is_written_or_sent() {
    // Nobody listens there; the run does not come so far.
    let nowhere = "127.0.0.1:9".parse().expect("an address");
    for (name, said) in [
        (
            "f13_dst_spring_wall",
            "./data/load_mar_wall.csv:107:1: error: the row for 2012-03-25 02:00:00 is due",
        ),
        (
            "f14_file_too_coarse",
            "./data/load_hourly.csv:4:1: error: the row for 2012-02-01 00:15:00 is due",
        ),
        (
            "f16_bad_cell",
            "./data/bad_cell.csv:7:21: error: 'n/a' in column 'load' is not a number",
        ),
    ] {
        let scenario = failing(name);
        let folder = conformance_folder();
        for text in [&scenario.text, &scenario.placed(&|_| Some(nowhere))] {
            let trial = Trial::with_data(&folder, text);
            fs::write(trial.path("out.csv"), "old").expect("written");
            trial.run(&["--quiet"]).assert(2, &[said]);
            assert_eq!(trial.csv().as_deref(), Some("old"), "{name}");
        }
    }
}

/// Five hours of homes.
fn homes(file: &str) -> Trial {
    let head = "scenario: {name: homes, start_time: '2012-02-01 00:00:00', end_time: '2012-02-01 \
                05:00:00'}\n";
    let models = HOMES.replace("FILE", file);
    Trial::new(&format!(
        "{head}{models}monitor: {{items: [Homes.load_dem]}}\n"
    ))
}

#[test]
fn what_comes_through_a_pipe_is_not_read_before_the_run_and_fails_at_its_row() {
    let trial = homes("pipe.csv");
    let pipe = trial.path("pipe.csv");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let writer = thread::spawn(move || {
        let mut file = OpenOptions::new().write(true).open(pipe).expect("a reader");
        let text = quarters("2012-02-01", 20, |row| match row {
            7 => "x".to_owned(),
            row => row.to_string(),
        });
        // The reader may be gone before the end.
        let _ = file.write_all(text.as_bytes());
    });
    let ended = trial.run(&[]);
    writer.join().expect("ended");
    ended.assert(
        3,
        &[
            "warning: this is no file that can be read twice",
            "failed at tick 7 (2012-02-01 01:45:00): pipe.csv:10: 'x' in column 'load'",
        ],
    );
}

#[test]
fn a_file_that_ends_early_is_told_once() {
    let trial = homes("short.csv");
    let file = quarters("2012-02-01", 12, |row| row.to_string());
    fs::write(trial.path("short.csv"), file).expect("written");
    let ended = trial.run(&[]);
    ended.assert(
        0,
        &["short.csv:14:1: warning: the file ends here, 8 steps before"],
    );
    assert!(
        !ended.stderr.contains("its last row holds"),
        "{}",
        ended.stderr
    );
}
