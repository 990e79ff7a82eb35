//! Parquet files, read by `PyArrow` and compared with the result.

use std::path::Path;
use std::process::Command;

use rig::{MOSAIK, Trial, environment, run_bounded, workspace};

use super::scenario;

pub(super) fn assert_same(python: &str, parquet: &Path, csv: &Path) {
    let script = workspace().join("tests/sinks/same_parquet.py");
    let mut command = Command::new(python);
    let compared = run_bounded(command.arg(script).args([parquet, csv]));
    let said = String::from_utf8_lossy(&compared.stderr);
    assert!(compared.status.success(), "{said}");
}

#[test]
fn a_parquet_file_has_the_rows_of_the_result_and_that_of_an_interrupted_run_those_so_far() {
    let Some(python) = environment(MOSAIK, &["pyarrow"]) else {
        return;
    };
    let trial = Trial::new(&scenario(70_000, "parquet: results/all.parquet"));
    trial.run(&[]).assert(0, &["70,000 of 70,000 rows"]);
    assert_same(&python, &trial.path("out.parquet"), &trial.path("out.csv"));
    assert!(!trial.path("results").exists(), "it goes with the result");

    let early = Trial::new(&scenario(1_000_000, "dates: whole"));
    let named = early.path("early.parquet");
    let named = named.to_str().expect("UTF-8");
    let mut run = early.start(&["--parquet", named, "--pace", "100/s"]);
    early.wait_for_rows();
    assert!(!run.is_over());
    run.signal("INT");
    assert_eq!(run.finish().status.code(), Some(130));
    let (parquet, csv) = (
        early.path("early.partial.parquet"),
        early.path("out.partial.csv"),
    );
    assert_same(&python, &parquet, &csv);
}

#[test]
fn places_that_cannot_be_are_refused_before_the_run_with_line_and_option() {
    let trial = Trial::new(&scenario(5, "parquet: out.parquet"));
    for (path, said) in [
        ("scenario.yaml", "the Parquet file"),
        ("out.csv", "the same file"),
        ("out.partial.csv", "the same file"),
        ("scenario.yaml/out.parquet", "--parquet"),
        ("disk", "--parquet"),
        ("/dev/null", "no ordinary file"),
    ] {
        let path = trial.path(path);
        let ended = trial.run(&["--parquet", path.to_str().expect("UTF-8")]);
        assert!(ended.code == Some(2) || ended.code == Some(5), "{ended:?}");
        assert!(ended.stderr.contains(said), "{path:?}: {}", ended.stderr);
    }
    assert!(trial.csv().is_none(), "nothing has run");
    for (monitor, said) in [
        (
            "parquet: disk/",
            "scenario.yaml:40:12: error: 'parquet' of 'monitor'",
        ),
        ("influx: {url: 'https://a', db: b}", "no TLS"),
        ("influx: {url: 'http://a'}", "'org' and 'bucket'"),
        (
            "influx: {url: 'http://a', db: b, tokenfile: c}",
            "token_file",
        ),
        ("mqtt: {url: 'mqtt://a:b@c'}", "password_file"),
        ("mqtt: {url: 'mqtt://a', topic: 'a/#'}", "a topic"),
        (
            "mqtt: {url: 'mqtt://a', password_file: b}",
            "mqtt://USER@HOST",
        ),
        ("parqet: a", "did you mean 'parquet'"),
    ] {
        let trial = Trial::new(&scenario(5, monitor));
        trial.check(&[]).assert(2, &["scenario.yaml:40:", said]);
    }
}
