//! The vectors of the model types, through the classes of the Python Illuminator: as they are installed, and as
//! files alone, with the base class of the script.

use std::fs;
use std::path::Path;

use rig::workspace;
use shared::value::Value;

use crate::session::{Session, at, json, published};

/// The types that the package has. Its adder cannot be connected.
const TYPES: [&str; 18] = [
    "Battery",
    "Controller",
    "ControllerEV",
    "ControllerT3Congestion",
    "Controller_StoryMode",
    "Controller_T1",
    "Controller_T4",
    "EV",
    "GenerationCompanyAgent",
    "GridConnection",
    "JusticeAgent",
    "Load",
    "LoadEV",
    "LoadHeatpump",
    "Operator_Market",
    "PV",
    "Wind",
    "CSV",
];

/// Whether a case is not what the class does: corrections of it, and attributes that a scenario leaves out, which
/// are there all the same.
fn is_of_ours(case: &Value) -> bool {
    match field(case, "policy") {
        Value::Null => false,
        Value::Text(policy) => {
            let error = last_error(case).unwrap_or_default();
            !(&**policy == "strict-sections" && error.starts_with("missing_parameter"))
        }
        other => panic!("a policy is a text: {other}"),
    }
}

fn last_error(case: &Value) -> Option<String> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    };
    let of_step = items(field(case, "steps")).last();
    let of_step = of_step.and_then(|step| text(field(at(step, &["expect"]), "error")));
    text(field(case, "construct_error")).or(of_step)
}

/// What a mapping has under a key; null where it has nothing.
fn field<'a>(value: &'a Value, key: &str) -> &'a Value {
    let Value::Map(entries) = value else {
        return &Value::Null;
    };
    let found = entries.iter().find(|(name, _)| **name == *key);
    found.map_or(&Value::Null, |(_, value)| value)
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}

fn entries(value: &Value) -> &[(std::sync::Arc<str>, Value)] {
    match value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Int(int) => *int,
        other => panic!("no integer: {other}"),
    }
}

/// A value with the floats that JSON lacks, which vectors write as a mapping.
fn with_specials(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(with_specials).collect()),
        Value::Map(entries) => match (field(value, "$f64"), field(value, "float")) {
            (Value::Text(special), _) | (_, Value::Text(special)) => {
                Value::Float(special.parse().expect("nan, inf or -inf"))
            }
            _ => Value::Map(
                entries
                    .iter()
                    .map(|(name, value)| (name.clone(), with_specials(value)))
                    .collect(),
            ),
        },
        other => other.clone(),
    }
}

/// The entry of a scenario.
fn entry(model_type: &str, case: &Value) -> Value {
    let sections = [
        ("parameters", "parameters"),
        ("inputs0", "inputs"),
        ("outputs0", "outputs"),
        ("states0", "states"),
        ("time_step_size", "time_step_size"),
    ];
    let given = sections.iter().map(|(from, to)| (*to, field(case, from)));
    let given = given.filter(|(_, value)| **value != Value::Null);
    let given = given.map(|(name, value)| (name.into(), value.clone()));
    let model_type = ("type".into(), Value::text(model_type));
    Value::Map(std::iter::once(model_type).chain(given).collect())
}

/// The inputs of a step as they go over the wire.
fn messages(step: &Value) -> Value {
    let inputs = entries(field(step, "inputs")).iter().map(|(name, list)| {
        let sources = items(list).iter().enumerate().map(|(place, message)| {
            let source = match field(message, "source") {
                Value::Text(source) => source.to_string(),
                _ => format!("Source{place}-0.time-based_0"),
            };
            let envelope = [
                ("message_origin".into(), field(message, "origin").clone()),
                ("value".into(), field(message, "value").clone()),
            ];
            (source.into(), Value::Map(envelope.into()))
        });
        (name.clone(), Value::Map(sources.collect()))
    });
    Value::Map(inputs.collect())
}

/// Runs the steps of a case; why it differs, where it does.
fn difference(session: &mut Session, case: &Value, working: &Path) -> Option<String> {
    for step in items(field(case, "steps")) {
        let expect = at(step, &["expect"]);
        let expected: Vec<_> = ["outputs", "states"]
            .iter()
            .flat_map(|section| entries(field(expect, section)))
            .collect();
        let names: Vec<&str> = expected.iter().map(|(name, _)| &**name).collect();
        let time = integer(field(step, "time"));
        let (next, data) = session.step(time, &messages(step), &names);
        match (next, field(expect, "error")) {
            (Err(_), Value::Text(_)) => return None,
            (Ok(_), Value::Text(error)) => return Some(format!("tick {time}: no {error}")),
            (Err(failed), _) => return Some(format!("tick {time}: {failed:?}")),
            (Ok(next), _) if next != *field(expect, "next_time") => {
                return Some(format!("tick {time}: the next is {next}"));
            }
            (Ok(_), _) => {}
        }
        let data = match data {
            Ok(data) => data,
            Err(failed) => return Some(format!("tick {time}: {failed:?}")),
        };
        for (name, expected) in expected {
            let (got, expected) = (published(&data, name).1, with_specials(expected));
            if *got != expected {
                return Some(format!("tick {time}: {name} is {got}, and not {expected}"));
            }
        }
        for (path, content) in entries(field(expect, "files")) {
            let written = fs::read_to_string(working.join(&**path)).unwrap_or_default();
            if Value::text(&written) != *content {
                return Some(format!("tick {time}: {path} holds {written}"));
            }
        }
    }
    None
}

/// Runs all cases of a type in one process, as long as it can be made again; the number that agreed.
fn run(interpreter: &str, folders: &[&Path], model_type: &str) -> usize {
    let file = workspace().join(format!("tests/vectors/{model_type}.json"));
    let cases = json(&fs::read_to_string(file).expect("vectors"));
    let class = format!("illuminator.models:{model_type}");
    let mut running: Option<(Session, tempfile::TempDir)> = None;
    let mut agreed = 0;
    for case in items(&cases).iter().filter(|case| !is_of_ours(case)) {
        let (mut session, working) = running.take().unwrap_or_else(|| {
            let working = tempfile::tempdir().expect("a folder");
            let session = Session::start(interpreter, folders, &class, working.path());
            (session.expect("served"), working)
        });
        let name = field(case, "name");
        let resolution = integer(field(case, "time_resolution"));
        let made = session.make(&entry(model_type, case), resolution);
        if *field(case, "construct_error") != Value::Null {
            made.expect_err("it cannot be made");
            assert_eq!(session.end().code, Some(84), "{model_type} {name}");
            agreed += 1;
            continue;
        }
        if let Err(failed) = made {
            panic!("{model_type} {name}: {failed:?}");
        }
        if let Some(difference) = difference(&mut session, case, working.path()) {
            panic!("{model_type} {name}: {difference}");
        }
        agreed += 1;
        // What a case has written is not there for the next one.
        for written in fs::read_dir(working.path()).expect("a folder") {
            let path = written.expect("readable").path();
            if path.is_dir() {
                fs::remove_dir_all(path).expect("removed");
            } else {
                fs::remove_file(path).expect("removed");
            }
        }
        running = Some((session, working));
    }
    agreed
}

/// Runs all types on two threads: most of the time goes into the start of interpreters.
fn run_all(interpreter: &str, folders: &[&Path]) {
    let (with_vectors, others): (Vec<&str>, Vec<&str>) = TYPES.iter().partition(|name| {
        workspace()
            .join(format!("tests/vectors/{name}.json"))
            .exists()
    });
    assert_eq!(others, ["CSV"], "a reader has files for vectors");
    let (one, other) = with_vectors.split_at(with_vectors.len() / 2);
    std::thread::scope(|scope| {
        for half in [one, other] {
            scope.spawn(move || {
                for name in half {
                    assert!(run(interpreter, folders, name) > 5, "{name} has cases");
                }
            });
        }
    });
}

#[test]
fn the_classes_of_the_package_give_the_values_of_their_vectors() {
    let Some(interpreter) = rig::environment(rig::REFERENCE, &["illuminator"]) else {
        return;
    };
    run_all(&interpreter, &[]);
}

#[test]
fn the_same_classes_do_so_with_nothing_of_the_package() {
    let Some(interpreter) = rig::environment(rig::REFERENCE, &["illuminator"]) else {
        return;
    };
    let folder = rig::models_alone(&interpreter);
    run_all(&interpreter, &[folder.path()]);
}
