//! Simulators from elsewhere in a run, against what plain mosaik gives with them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rig::{Run, controller_binary, wait_for, workspace};

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

/// The network as a simulator that waits for one connection, and where.
fn listening(environment: &Path, folder: &Path) -> (Run, String) {
    // A port that nobody has now, below those that the system hands out.
    let port = (20_000..30_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let address = format!("127.0.0.1:{}", port.expect("a free port"));
    let mut command = Command::new(environment.join("bin/python3"));
    let serve = "from mosaik_components.pandapower import main; main()";
    command
        .args(["-c", serve, &address, "--remote"])
        .current_dir(folder);
    let run = Run::start(&mut command);
    let place = format!(":{:04X} ", port.expect("a free port"));
    // It takes one connection, so nobody tries whether it is there.
    wait_for("the network to listen", || {
        let sockets = fs::read_to_string("/proc/net/tcp").ok()?;
        let is_there = |line: &str| line.contains(&place) && line.contains(" 0A ");
        sockets.lines().any(is_there).then_some(())
    });
    (run, address)
}

/// What a simulator heard in a step, and up to which tick nothing can come.
fn heard(folder: &Path, name: &str) -> Vec<(String, i64)> {
    let log = fs::read_to_string(folder.join(name)).expect("a log");
    let step = |line: &str| {
        let (rest, tick) = line.rsplit_once(", ").expect("three parts");
        let tick = tick.trim_end_matches(']').parse().expect("a number");
        (rest.to_owned(), tick)
    };
    log.lines().map(step).collect()
}

#[test]
fn loops_events_and_agents_hear_what_they_hear_with_plain_mosaik() {
    let Some(environment) = environment() else {
        return;
    };
    let (here, there) = (folder(), folder());
    let chatter = workspace().join("shared/foreign/tests/mosaik/chatter.py");
    let chatter = chatter.to_str().expect("plain text");
    let world = workspace().join("tests/programs/world.py");
    let text = format!(
        "scenario: {{name: world, start_time: '2012-01-01 00:00:00', end_time: '2012-01-01 00:00:09', time_resolution: 1}}
simulators:
  A: {{command: '%(python)s {chatter} %(addr)s', init: {{type: hybrid, step: 2, limit: 3, log: A}}}}
  B: {{command: '%(python)s {chatter} %(addr)s', init: {{type: hybrid, step: 3, limit: 2, log: B}}}}
  C: {{command: '%(python)s {chatter} %(addr)s', init: {{type: event-based, limit: 1, log: C}}}}
  Target: {{command: '%(python)s {world} target %(addr)s', init: {{log: Target}}}}
  Mas: {{command: 'pyexamplemas %(addr)s', init: {{step_size: 1}}}}
models:
- {{name: a, type: A, inputs: {{j: -1}}}}
- {{name: b, type: B}}
- {{name: c, type: C}}
- {{name: target, type: Target}}
- {{name: agent, type: Mas.Agent}}
connections:
- {{from: a.o, to: b.i}}
- {{from: b.o, to: a.i, weak: true}}
- {{from: b.p, to: a.j, weak: true}}
- {{from: a.o, to: c.i}}
- {{from: target, to: agent, async_requests: true}}
monitor: {{file: out.csv, items: [a.p, target.val_out]}}
",
        world = world.display()
    );
    fs::write(here.path().join("world.yaml"), text).expect("written");
    run("world.yaml", &environment, here.path());
    let into = there.path().to_str().expect("plain text");
    run_script("world.py", &[chatter, into], &environment, there.path());
    for name in ["A", "B", "C", "Target"] {
        let (ours, theirs) = (heard(here.path(), name), heard(there.path(), name));
        let steps = |steps: &[(String, i64)]| -> Vec<String> {
            steps.iter().map(|(step, _)| step.clone()).collect()
        };
        assert_eq!(steps(&ours), steps(&theirs), "{name} (left: here)");
        // In mosaik that depends on how far others happen to be. Here they are never further.
        let pairs = &mut ours.iter().zip(&theirs);
        assert!(pairs.all(|(own, other)| own.1 <= other.1), "{name}");
    }
    let set = r#"{"t": {"val_in": {"Mas-0.0": 23}}}"#;
    assert!(heard(here.path(), "Target")[1].0.contains(set));
    let result = fs::read_to_string(here.path().join("out.csv")).expect("a result");
    let count = heard(there.path(), "A").len();
    let last = result.lines().last().expect("rows");
    assert_eq!(last, format!("2012-01-01 00:00:08,{count},80"));
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
    // The last digits are those of the processor that the libraries of pandapower choose their code for.
    let known = [
        0.263_237_462_353_557_6,
        1.050_676_234_072_294_4,
        1.063_036_901_127_289_3,
    ];
    for (cell, known) in ours[48].iter().zip(known) {
        let number: f64 = cell.parse().expect("a number");
        assert!((number - known).abs() < 1e-12, "{number} {known}");
    }
    assert_eq!(ours, plain);
}

#[test]
fn simulators_that_keep_results_keep_what_they_keep_with_plain_mosaik() {
    let Some(environment) = environment() else {
        return;
    };
    let (folder, plain) = (folder(), folder());
    // The network listens, and hears of a run then.
    let (network, address) = listening(&environment, folder.path());
    let text =
        fs::read_to_string(workspace().join("scenarios/mosaik/records.yaml")).expect("readable");
    let command = text.lines().find(|line| line.contains("pandapower import"));
    let connect = format!("    connect: '{address}'");
    let text = text.replace(command.expect("a network"), &connect);
    fs::write(folder.path().join("records.yaml"), text).expect("written");
    run("records.yaml", &environment, folder.path());
    assert!(network.finish().status.success(), "it ends with the run");
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
