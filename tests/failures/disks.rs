//! Results that cannot be written, and files that are too large for a node.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use rig::{Disk, Node, Trial, assert_serves, grouped, loop_scenario, placed};
use shared::time::WallTime;

use super::FOREVER;

#[test]
fn a_full_device_is_named_with_the_remedy() {
    if !Path::new("/dev/full").exists() {
        eprintln!("SKIPPED: a test of /dev/full, which this system does not have");
        return;
    }
    let mut node = Node::start();
    for trial in [
        Trial::new(&loop_scenario(50)),
        Trial::loop_on(node.address, 5000),
    ] {
        trial.run(&["--output", "/dev/full"]).assert(
            5,
            &[
                "error: cannot write '/dev/full': No space left on device",
                "; free some space, or choose another place with --output",
                "no row of ",
            ],
        );
    }
    assert_serves(&mut node);
}

#[test]
fn a_disk_that_fills_up_in_mid_run_ends_the_run_with_whole_rows() {
    let mut node = Node::start();
    for trial in [
        Trial::new(&loop_scenario(3000)),
        Trial::loop_on(node.address, FOREVER),
    ] {
        let Some(ended) = trial.run_on(Disk::Small, &[]) else {
            return;
        };
        ended.assert(
            5,
            &[
                "error: cannot write 'disk/out.partial.csv': No space left on device",
                "; free some space, or choose another place with --output",
            ],
        );
        let csv = fs::read_to_string(trial.path("kept.csv")).expect("a result");
        assert!(csv.len() > 60_000, "the disk is full: {}", csv.len());
        let rows = Trial::assert_loop_prefix(&csv);
        let summary = format!("{} of ", grouped(rows));
        assert!(
            ended.stderr.contains(&summary),
            "{summary}: {}",
            ended.stderr
        );
    }
    assert_serves(&mut node);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let trial = Trial::new(&loop_scenario(50));
    fs::write(trial.path("file"), "").expect("written");
    let output = trial.path("file").join("out.csv");
    let output = output.to_str().expect("UTF-8");
    let said = format!("error: cannot write '{output}': ");
    trial.run(&["--output", output]).assert(5, &[&said]);
    let Some(ended) = trial.run_on(Disk::ReadOnly, &[]) else {
        return;
    };
    let said = [
        "error: cannot write 'disk/out.csv': Read-only file system",
        "; choose another file with --output",
    ];
    ended.assert(5, &said);
}

/// A reader's file of this size, of which a run needs the first rows only.
fn write_series(path: &Path, bytes: u64) {
    let start = WallTime::parse(rig::LOOP_START).expect("valid");
    let mut file = BufWriter::new(File::create(path).expect("created"));
    file.write_all(b"title\ntime,wind\n").expect("written");
    for tick in 0..3000 {
        writeln!(file, "{},50", start.plus(tick)).expect("written");
    }
    let mut file = file.into_inner().expect("written");
    let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
    for _ in 0..bytes / 1024 {
        file.write_all(&line).expect("written");
    }
}

/// The loop with readers of these files beside it, all on a node.
fn readers_on(node: &Node, files: &[(&str, u64)]) -> Trial {
    let readers = files.iter().enumerate().map(|(number, (file, _))| {
        format!("- name: Reader{number}\n  type: CSV\n  parameters: {{file_path: {file}}}\n")
    });
    let readers = format!("models:\n{}", readers.collect::<String>());
    let scenario = loop_scenario(50).replace("models:\n", &readers);
    let trial = Trial::new(&placed(&scenario, &|model| {
        let place = (node.address.ip().to_string(), node.address.port());
        model.starts_with("Reader").then_some(place)
    }));
    for (file, bytes) in files {
        write_series(&trial.path(file), *bytes);
    }
    trial
}

const MEBIBYTE: u64 = 1024 * 1024;

#[test]
fn files_over_the_limit_of_a_node_are_refused() {
    let mut node = Node::start();
    let address = node.address;
    let trial = readers_on(&node, &[("large.csv", 33 * MEBIBYTE)]);
    let said = [
        &*format!("error: cannot send a file to node {address}: 'large.csv': the files that its"),
        "are over the limit of 32 MiB; run these models on the controller (leave out `connect`), \
         or cut the files to the days of the scenario",
    ];
    trial.run(&[]).assert(4, &said);
    assert_eq!(trial.csv(), None);
    trial.run(&["--local"]).assert(0, &[]);
    let parts = ["a.csv", "b.csv", "c.csv"].map(|file| (file, 22 * MEBIBYTE));
    let trial = readers_on(&node, &parts);
    let said = [
        &*format!("error: cannot send a file to node {address}: 'c.csv': the files that its"),
        "are over the limit of 64 MiB",
    ];
    trial.run(&[]).assert(4, &said);
    assert_eq!(trial.csv(), None);
    assert_serves(&mut node);
}

#[test]
fn files_within_the_limit_of_a_node_are_read_there() {
    let node = Node::start();
    let trial = readers_on(&node, &[("a.csv", 8 * MEBIBYTE), ("b.csv", 8 * MEBIBYTE)]);
    trial.run(&[]).assert(0, &[]);
    let csv = trial.csv().expect("a result");
    assert_eq!(Trial::assert_loop_prefix(&csv), 50);
}
