//! Simulators from elsewhere in a run, against what plain mosaik gives with them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rig::{Run, controller_binary, workspace};

/// A virtual environment with Python 3.12, mosaik 3.7.1 and these simulators.
const REQUIRE: &str = "ILLUMINATOR_REQUIRE_MOSAIK";

/// A hundred power flows take half a minute on a machine that has nothing else to do.
const BOUND: Duration = Duration::from_secs(300);

/// The environment; `None` where there is none, which is said.
fn environment() -> Option<PathBuf> {
    let path = env::var_os(REQUIRE).map(PathBuf::from);
    if path.is_none() {
        eprintln!("left out: {REQUIRE} names no environment with mosaik and its simulators");
    }
    path
}

/// A folder from which scenarios and scripts find what they name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let scenarios = workspace().join("scenarios");
    symlink(scenarios, folder.path().join("scenarios")).expect("linked");
    folder
}

fn with_environment(mut command: Command, environment: &Path, folder: &Path) -> String {
    let mut path = OsString::from(environment.join("bin"));
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let run = Run::start(command.env("PATH", path).current_dir(folder));
    let output = run.finish_within(BOUND);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}\n{said}", output.status);
    said
}

/// Runs a scenario of the folder `scenarios`.
fn run(scenario: &str, environment: &Path, folder: &Path) -> String {
    let (program, first) = controller_binary().split_first().expect("a command");
    let mut command = Command::new(program);
    command.args(first).args(["run", scenario]);
    with_environment(command, environment, folder)
}

/// Runs one of our scripts, such as that which does the same with plain mosaik.
fn run_script(script: &str, arguments: &[&str], environment: &Path, folder: &Path) {
    let script = workspace().join("tests/programs").join(script);
    let mut command = Command::new(environment.join("bin/python3"));
    command.arg(script).args(arguments);
    with_environment(command, environment, folder);
}

/// The rows of a table that has one for each of these seconds, as text without the date.
fn rows(path: &Path, every: usize) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("a result");
    let lines = text.lines().skip(1).step_by(every);
    let cells = |line: &str| line.split(',').skip(1).map(str::to_owned).collect();
    lines.map(cells).collect()
}

#[test]
fn a_network_gets_what_plain_mosaik_gives_it() {
    let Some(environment) = environment() else {
        return;
    };
    let folder = folder();
    run("scenarios/mosaik/grid.yaml", &environment, folder.path());
    run_script("grid.py", &[], &environment, folder.path());
    let ours = rows(&folder.path().join("grid.csv"), 900);
    let plain = rows(&folder.path().join("plain.csv"), 1);
    assert_eq!(ours.len(), 96);
    assert_eq!(
        ours[48][..3],
        [
            "0.2632374623535576",
            "1.0506762340722944",
            "1.0630369011272893"
        ]
    );
    assert_eq!(ours, plain);
}

#[test]
fn simulators_that_keep_results_keep_what_they_keep_with_plain_mosaik() {
    let Some(environment) = environment() else {
        return;
    };
    let (folder, plain) = (folder(), folder());
    run("scenarios/mosaik/records.yaml", &environment, folder.path());
    run_script("grid.py", &["records"], &environment, plain.path());
    let table = |folder: &Path| fs::read_to_string(folder.join("buses.csv")).expect("a table");
    assert_eq!(table(folder.path()).lines().count(), 97);
    assert_eq!(table(folder.path()), table(plain.path()));
    let stored = |folder: &Path| folder.join("records.h5").display().to_string();
    let (ours, theirs) = (stored(folder.path()), stored(plain.path()));
    run_script(
        "same_hdf5.py",
        &[&ours, &theirs],
        &environment,
        folder.path(),
    );
}
