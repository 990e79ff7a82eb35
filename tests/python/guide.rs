//! Pages of the guide and examples, as they stand.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use rig::{controller, controller_binary, run_page, workspace};
use shared::value::Value;

use crate::session::{Session, json, published};

#[test]
fn the_page_about_models_in_python_runs_as_it_stands() {
    let Some(_) = rig::python() else { return };
    let binary = controller_binary().last().expect("a command");
    let folder = PathBuf::from(binary)
        .parent()
        .expect("in a folder")
        .to_owned();
    run_page(&workspace().join("docs/python-models.md"), &[folder], &[]);
}

#[test]
fn the_example_with_a_class_runs() {
    let Some(_) = rig::python() else { return };
    let scratch = tempfile::tempdir().expect("a folder");
    symlink(
        workspace().join("scenarios"),
        scratch.path().join("scenarios"),
    )
    .expect("linked");
    let arguments = ["run", "scenarios/python/diesel.yaml", "--quiet", "--strict"];
    let run = controller(scratch.path(), &arguments);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}\n{said}", run.status);
    let result = fs::read_to_string(scratch.path().join("results/diesel.csv")).expect("a result");
    assert_eq!(result.lines().count(), 1 + 4 * 96);
}

#[test]
fn the_diesel_set_runs_for_a_while_at_its_least_load() {
    let Some(interpreter) = rig::python() else {
        return;
    };
    let folder = workspace().join("scenarios/python");
    let started = Session::start(&interpreter, &[&folder], "diesel:DieselSet", &folder);
    let mut diesel = started.expect("served");
    let entry = json(r#"{"parameters": {"least_hours": 0.5, "rated": 10.0}}"#);
    diesel.make(&entry, 900).expect("made");
    let names = ["power", "surplus", "starts", "fuel"];
    // Demand, and what it then generates: least load, rated power, off again once its half hour is over.
    for (time, demand, power, fuel) in [
        (0, 0.0, 0.0, 0.0),
        (1, 1.0, 3.0, 0.3875),
        (2, 12.0, 10.0, 0.3875 + 0.825),
        (3, -1.0, 0.0, 0.3875 + 0.825),
    ] {
        let inputs = format!(
            r#"{{"demand": {{"A": {{"message_origin": "output", "value": {demand:?}}}}}}}"#
        );
        let (_, data) = diesel.step(time, &json(&inputs), &names);
        let data = data.expect("data");
        assert_eq!(*published(&data, "power").1, Value::Float(power));
        assert_eq!(*published(&data, "surplus").1, Value::Float(power - demand));
        assert_eq!(
            *published(&data, "starts").1,
            Value::Int(i64::from(time > 0))
        );
        assert_eq!(*published(&data, "fuel").1, Value::Float(fuel));
    }
}
