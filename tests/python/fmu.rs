//! Functional mock-up units behind the class of `scenarios/fmu`, against `FMPy` alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use rig::{run_bounded, workspace};
use shared::value::Value;

use crate::session::{Session, json, published};

/// What `FMPy` alone makes of a unit: a column a variable, the values at the end of each step.
const ALONE: &str = "\
import json, sys, numpy
from fmpy import simulate_fmu
powers = json.loads(sys.argv[2])
times = [900.0 * step for step in range(len(powers))]
signal = numpy.array(list(zip(times, powers)), dtype=[('time', float), ('power', float)])
result = simulate_fmu(sys.argv[1], start_values=json.loads(sys.argv[3]), stop_time=900.0 * len(powers),
                      output_interval=900.0, input=signal, output=['temperature'])
print(json.dumps(result['temperature'][1:].tolist()))
";

const POWERS: [f64; 5] = [0.0, 150.5, 80.0, -20.25, 1.0];

/// Runs a program to its end, which must be a good one; returns what it printed.
fn output(command: &mut Command) -> String {
    let done = run_bounded(command);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "{command:?}: {}\n{said}",
        done.status
    );
    String::from_utf8(done.stdout).expect("UTF-8")
}

/// Steps a unit behind the class, and compares its temperatures with those of `FMPy` alone.
fn compare(interpreter: &str, folder: &Path, unit: &str, start: &str) -> (Session, Value) {
    let models = workspace().join("scenarios/fmu");
    let mut session = Session::start(interpreter, &[&models], "fmu:Fmu", folder).expect("served");
    let entry = json(&format!(
        r#"{{"parameters": {{"file": "{unit}", "start": {start}}}}}"#
    ));
    let description = session.make(&entry, 900).expect("made");
    let powers = format!("{POWERS:?}");
    let mut alone = Command::new(interpreter);
    alone
        .args(["-c", ALONE, unit, &powers, start])
        .current_dir(folder);
    let alone = json(&output(&mut alone));
    let Value::List(alone) = alone else {
        panic!("a list")
    };
    assert_eq!(alone.len(), POWERS.len());
    for (time, (power, expected)) in (0..).zip(POWERS.iter().zip(&*alone)) {
        let inputs =
            format!(r#"{{"power": {{"A": {{"message_origin": "state", "value": {power:?}}}}}}}"#);
        let (next, data) = session.step(time, &json(&inputs), &["temperature"]);
        assert_eq!(next.expect("stepped"), Value::Int(time + 1));
        assert_eq!(
            published(&data.expect("data"), "temperature").1,
            expected,
            "step {time}"
        );
    }
    (session, description)
}

#[test]
fn a_unit_of_fmi_2_gives_what_it_gives_without_us() {
    let Some(interpreter) = rig::environment(rig::MOSAIK, &["fmpy", "pythonfmu"]) else {
        return;
    };
    let scratch = tempfile::tempdir().expect("a folder");
    let script = workspace().join("scenarios/fmu/kettle.py");
    let mut build = Command::new(&interpreter);
    build
        .args(["-m", "pythonfmu", "build", "-f"])
        .arg(script)
        .current_dir(scratch.path());
    output(&mut build);
    let (mut session, description) = compare(
        &interpreter,
        scratch.path(),
        "Kettle.fmu",
        r#"{"volume": 0.25}"#,
    );
    let attributes = crate::session::at(&description, &["illuminator", "attributes"]);
    let expected = json(concat!(
        r#"{"power": {"role": "input", "initial": 0.0}, "temperature": {"role": "output", "initial": null}, "#,
        r#""steps": {"role": "output", "initial": null}, "warm": {"role": "state", "initial": null}}"#,
    ));
    assert_eq!(*attributes, expected);
    // Without a connection an input keeps what it starts from.
    let (_, data) = session.step(5, &json("{}"), &["warm", "steps"]);
    let data = data.expect("data");
    assert!(matches!(published(&data, "warm").1, Value::Bool(_)));
    assert_eq!(*published(&data, "steps").1, Value::Int(6));
    assert_eq!(session.stop().code, Some(0));

    let models = workspace().join("scenarios/fmu");
    let mut session =
        Session::start(&interpreter, &[&models], "fmu:Fmu", scratch.path()).expect("served");
    let wrong = json(r#"{"parameters": {"file": "Kettle.fmu", "start": {"volum": 1}}}"#);
    let failed = session.make(&wrong, 900).expect_err("no such variable");
    assert!(
        failed.message.ends_with("'Kettle' has no variable 'volum'"),
        "{failed:?}"
    );
    assert_eq!(session.end().code, Some(84));
}

#[test]
fn a_unit_of_fmi_3_gives_what_it_gives_without_us() {
    let Some(interpreter) = rig::environment(rig::MOSAIK, &["fmpy"]) else {
        return;
    };
    let scratch = tempfile::tempdir().expect("a folder");
    let unit = scratch.path().join("unit");
    let binaries = unit
        .join("binaries")
        .join(format!("{}-linux", std::env::consts::ARCH));
    fs::create_dir_all(&binaries).expect("made");
    let source = workspace().join("tests/python/models/fmi3.c");
    let description = workspace().join("tests/python/models/fmi3.xml");
    fs::copy(description, unit.join("modelDescription.xml")).expect("copied");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-o"])
        .arg(binaries.join("Basin.so"))
        .arg(source);
    output(&mut compiler);
    let zip = "import shutil; shutil.make_archive('Basin', 'zip', 'unit')";
    output(
        Command::new(&interpreter)
            .args(["-c", zip])
            .current_dir(scratch.path()),
    );
    fs::rename(
        scratch.path().join("Basin.zip"),
        scratch.path().join("Basin.fmu"),
    )
    .expect("renamed");
    let (mut session, _) = compare(
        &interpreter,
        scratch.path(),
        "Basin.fmu",
        r#"{"volume": 0.25}"#,
    );
    let (_, data) = session.step(5, &json("{}"), &["warm", "steps"]);
    let data = data.expect("data");
    assert!(matches!(published(&data, "warm").1, Value::Bool(_)));
    assert_eq!(*published(&data, "steps").1, Value::Int(6));
    assert_eq!(session.stop().code, Some(0));
}
