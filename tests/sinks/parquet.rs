//! Parquet files, read by `PyArrow` and compared with the result.

use std::fs;
use std::path::Path;
use std::process::Command;

use rig::{MOSAIK, Trial, environment, run_bounded, workspace};

use super::scenario;

/// The same rows, with numbers as numbers.
pub(super) fn assert_same(python: &str, parquet: &Path, csv: &Path) {
    assert_same_with(python, parquet, csv, &["Cell.soc=double"]);
}

/// The same rows, in columns of these types.
fn assert_same_with(python: &str, parquet: &Path, csv: &Path, types: &[&str]) {
    let script = workspace().join("tests/sinks/same_parquet.py");
    let mut command = Command::new(python);
    let compared = run_bounded(command.arg(script).args([parquet, csv]).args(types));
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

/// Values that come only after more rows than are written at once.
const LATE: &str = "\
class Late:
    time_step_size = 100
    states = {'never': None, 'whole': None, 'half': None, 'flag': None, 'word': None}

    def step(self, time, inputs):
        if time % 70000 >= 67000:
            self.whole, self.half, self.flag, self.word = time, time / 2, time % 3 == 0, f'at {time}'
        else:
            self.whole = self.half = self.flag = self.word = None
        return {}
";

const LATE_SCENARIO: &str = "\
scenario: {name: late, start_time: '2012-01-01 00:00:00', end_time: '2012-01-02 14:00:00', time_resolution: 1}
simulators:
  Late: {python: 'late:Late', interpreter: PYTHON}
models:
- {name: A, type: Late}
connections: []
monitor:
  items: [A.never, A.whole, A.half, A.flag, A.word]
";

#[test]
fn a_column_that_is_empty_for_a_stretch_has_the_type_of_its_values() {
    let Some(python) = environment(MOSAIK, &["pyarrow"]) else {
        return;
    };
    let trial = Trial::new(&LATE_SCENARIO.replace("PYTHON", &python));
    fs::write(trial.path("late.py"), LATE).expect("written");
    let ended = trial.run(&["--parquet", "late.parquet"]);
    ended.assert(0, &["136,800 of 136,800 rows"]);
    let types = [
        "A.never=double",
        "A.whole=int64",
        "A.half=double",
        "A.flag=bool",
        "A.word=string",
    ];
    let parquet = trial.path("late.parquet");
    assert_same_with(&python, &parquet, &trial.path("out.csv"), &types);
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
