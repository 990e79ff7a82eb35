//! Data files with faults: refused before anything is written or sent. And what cannot be known
//! before the run.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;
use std::thread;

use rig::{Scenario, Trial, conformance_folder};

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

const PIPE: &str = "\
scenario: {name: pipe, start_time: '2012-02-01 00:00:00', end_time: '2012-02-01 05:00:00'}
models:
- {name: Meter, type: CSV, parameters: {file_path: pipe.csv}}
- {name: Homes, type: Load, parameters: {houses: 1, input_type: power, output_type: power}}
connections:
- {from: Meter.load, to: Homes.load}
monitor: {items: [Homes.load_dem]}
";

#[test]
fn what_comes_through_a_pipe_is_not_read_before_the_run_and_fails_at_its_row() {
    let trial = Trial::new(PIPE);
    let pipe = trial.path("pipe.csv");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let writer = thread::spawn(move || {
        let mut file = OpenOptions::new().write(true).open(pipe).expect("a reader");
        let rows = (0..20).map(|row| {
            let cell = if row == 7 {
                "x".to_owned()
            } else {
                row.to_string()
            };
            format!("2012-02-01 {:02}:{:02}:00,{cell}\n", row / 4, row % 4 * 15)
        });
        let text = format!("title\ntime,load\n{}", rows.collect::<String>());
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
