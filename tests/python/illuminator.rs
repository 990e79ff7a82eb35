//! Models of the Python Illuminator as users write them, with the package and with the stand-in.

use shared::value::Value;

use crate::session::{Session, at, json, models, published};

/// Interpreters without the package and with it.
fn interpreters() -> Vec<String> {
    let with = rig::environment(rig::REFERENCE, &["illuminator"]);
    rig::python().into_iter().chain(with).collect()
}

fn start(interpreter: &str, class: &str) -> Session {
    let class = format!("of_illuminator:{class}");
    let started = Session::start(interpreter, &[&models()], &class, &models());
    started.unwrap_or_else(|ended| panic!("{class}: {ended:?}"))
}

#[test]
fn a_model_has_what_its_entry_says_and_what_its_class_declares() {
    for interpreter in interpreters() {
        let mut counter = start(&interpreter, "Counter");
        let entry = json(
            r#"{"type": "C", "parameters": {"start": 1, "more": 2}, "states": {"count": 10}, "time_step_size": 3}"#,
        );
        let description = counter.make(&entry, 900).expect("made");
        let said = at(&description, &["illuminator"]);
        let expected = json(concat!(
            r#"{"step_size": 3, "parameters": {"start": 1, "more": 2}, "attributes": {"#,
            r#""flow": {"role": "input", "initial": 0}, "news": {"role": "input", "initial": 0}, "#,
            r#""sum": {"role": "output", "initial": 0}, "never": {"role": "output", "initial": 0}, "#,
            r#""last": {"role": "state", "initial": null}, "count": {"role": "state", "initial": 10}, "#,
            r#""seen": {"role": "state", "initial": null}}}"#,
        ));
        assert_eq!(*said, expected);
        assert_eq!(*at(&description, &["api_version"]), Value::text("3.0"));

        let inputs = json(concat!(
            r#"{"flow": {"A-0.t": {"message_origin": "output", "value": 1e16}, "#,
            r#""B-0.t": {"message_origin": "output", "value": 1.0}, "#,
            r#""C-0.t": {"message_origin": "output", "value": -1e16}}, "#,
            r#""news": {"D-0.t": {"message_origin": "state", "value": {"a": [1, null]}}}}"#,
        ));
        let (next, data) = counter.step(6, &inputs, &["sum", "last", "count", "seen", "sum"]);
        assert_eq!(next.expect("stepped"), Value::Int(9));
        let data = data.expect("data");
        let value = |name: &str| published(&data, name).1.clone();
        // Python 3.12 itself would say 1.0.
        assert_eq!(value("sum"), Value::Float(0.0));
        assert_eq!(*published(&data, "sum").0, Value::text("output"));
        assert_eq!(value("last"), json(r#"{"a": [1, null]}"#));
        assert_eq!(
            (value("count"), published(&data, "count").0),
            (Value::Int(12), &Value::text("state"))
        );
        assert_eq!(
            value("seen"),
            json(r#"[["A-0.t", "B-0.t", "C-0.t"], 900, 900, 12]"#)
        );

        let (_, unset) = counter.step(9, &inputs, &["never"]);
        let message = unset.expect_err("not set").message;
        assert!(
            message.starts_with("'never' of class 'Counter' has not been set: "),
            "{message}"
        );
        let (next, _) = counter.step(9, &json("{}"), &[]);
        let message = next.expect_err("nothing is connected").message;
        assert_eq!(message, "input 'flow' of class 'Counter' is not connected");
        assert_eq!(counter.stop().code, Some(0));
    }
}

#[test]
fn a_sum_is_made_from_left_to_right_by_newer_versions_of_python_too() {
    let Some(interpreter) = rig::environment(rig::MOSAIK, &["mosaik"]) else {
        return;
    };
    let mut counter = start(&interpreter, "Counter");
    counter.make(&json("{}"), 900).expect("made");
    let flow = |values: [f64; 3]| {
        let [a, b, c] =
            values.map(|value| format!(r#"{{"message_origin": "output", "value": {value:?}}}"#));
        json(&format!(r#"{{"flow": {{"A": {a}, "B": {b}, "C": {c}}}}}"#))
    };
    let (_, data) = counter.step(0, &flow([0.1, 0.2, 0.3]), &["sum"]);
    assert_eq!(
        *published(&data.expect("data"), "sum").1,
        Value::Float(0.1 + 0.2 + 0.3)
    );
}

#[test]
fn a_model_may_find_out_what_it_has_while_it_is_built() {
    for interpreter in interpreters() {
        let mut reader = start(&interpreter, "Reader");
        let entry = json(r#"{"parameters": {"columns": ["u", "v"]}, "states": {"u": null}}"#);
        let description = reader.make(&entry, 900).expect("made");
        let attributes = at(&description, &["models", "Reader", "attrs"]);
        assert_eq!(*attributes, json(r#"["u", "v"]"#));
        let (_, data) = reader.step(0, &json("{}"), &["v"]);
        assert_eq!(*published(&data.expect("data"), "v").1, Value::Float(1.5));
    }
}

#[test]
fn mistakes_of_a_model_are_said_with_the_remedy() {
    for interpreter in interpreters() {
        let mut wrong = start(&interpreter, "Wrong");
        wrong.make(&json("{}"), 900).expect("made");
        let (undeclared, _) = wrong.step(0, &json("{}"), &[]);
        let failed = undeclared.expect_err("no output y");
        assert_eq!(failed.exception, "RuntimeError");
        assert!(failed.message.contains("'y'"), "{failed:?}");
        let (nothing, _) = wrong.step(1, &json("{}"), &[]);
        let expected = "'step' of class 'Wrong' returned None, and should return the next time: \
            time + self._model.time_step_size";
        assert_eq!(nothing.expect_err("no next time").message, expected);

        let mut twice = start(&interpreter, "Declares");
        let both = twice.make(&json(r#"{"outputs": {"x": 0}, "states": {"x": 0}}"#), 900);
        let failed = both.expect_err("one name for two");
        assert_eq!(failed.exception, "ValueError");
        let ended = twice.end();
        assert_eq!(ended.code, Some(84), "{ended:?}");
        let line = ended.stderr.lines().last().unwrap_or_default();
        assert!(
            line.starts_with("illuminator: class 'Declares' could not be made: ValueError: "),
            "{line}"
        );
    }
}
