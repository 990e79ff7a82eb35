//! The small form: declarations, and `step(self, time, inputs)`.

use shared::value::Value;

use crate::session::{Session, at, json, models, published};

fn start(class: &str) -> Option<Session> {
    let interpreter = rig::python()?;
    let class = format!("small:{class}");
    let started = Session::start(&interpreter, &[&models()], &class, &models());
    Some(started.unwrap_or_else(|ended| panic!("{class}: {ended:?}")))
}

/// The inputs of a step of `Everything`.
fn what(word: &str) -> Value {
    json(&format!(
        r#"{{"what": {{"A-0.x": {{"message_origin": "state", "value": "{word}"}}}}}}"#
    ))
}

#[test]
fn a_class_says_what_it_has() {
    let Some(mut tank) = start("Tank") else {
        return;
    };
    let entry = json(
        r#"{"type": "Boiler", "parameters": {"label": "blue"}, "states": {"temperature": 55, "steps": null}}"#,
    );
    let description = tank.make(&entry, 900).expect("made");
    let expected = json(concat!(
        r#"{"api_version": "3.0", "type": "time-based", "models": {"Boiler": {"public": true, "#,
        r#""params": ["volume", "label"], "attrs": ["heat", "demand", "power", "temperature", "steps"]}}, "#,
        r#""extra_methods": [], "illuminator": {"step_size": 1, "#,
        r#""parameters": {"volume": 0.5, "label": "blue"}, "attributes": {"#,
        r#""heat": {"role": "input", "initial": null, "unit": "kW"}, "#,
        r#""demand": {"role": "input", "initial": 0.0}, "power": {"role": "output", "initial": 0.0}, "#,
        r#""temperature": {"role": "state", "initial": 55, "unit": "\u00b0C"}, "#,
        r#""steps": {"role": "state", "initial": 0}}}}"#,
    ));
    assert_eq!(description, expected);
}

#[test]
fn a_step_gets_sums_and_defaults_and_publishes_attributes_and_what_it_returns() {
    let Some(mut tank) = start("Tank") else {
        return;
    };
    let entry =
        json(r#"{"parameters": {"label": ""}, "inputs": {"demand": 0.25}, "time_step_size": 4}"#);
    tank.make(&entry, 900).expect("made");
    // Rounded twice, from left to right: 0.6000000000000001.
    let inputs = json(concat!(
        r#"{"heat": {"A-0.x": {"message_origin": "output", "value": 0.1}, "#,
        r#""B-0.x": {"message_origin": "output", "value": 0.2}, "#,
        r#""C-0.x": {"message_origin": "output", "value": 0.3}}}"#,
    ));
    let (next, data) = tank.step(4, &inputs, &["power", "temperature", "steps"]);
    assert_eq!(next.expect("stepped"), Value::Int(8));
    let data = data.expect("data");
    let origin = |name: &str| published(&data, name).0.clone();
    assert_eq!(*published(&data, "power").1, Value::Float(0.1 + 0.2 + 0.3));
    assert_eq!(origin("power"), Value::text("output"));
    let temperature = 60.0 + (0.1 + 0.2 + 0.3 - 0.25) * 1.0 / 0.5;
    assert_eq!(
        *published(&data, "temperature").1,
        Value::Float(temperature)
    );
    assert_eq!(origin("temperature"), Value::text("state"));
    assert_eq!(*published(&data, "steps").1, Value::Int(1));

    let ended = tank.stop();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stderr, "step 4\n", "what it prints is to be seen");
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_class_may_find_out_what_it_has_and_is_finalized() {
    let Some(mut built) = start("Built") else {
        return;
    };
    let description = built.make(&json(r#"{"parameters": {"count": 3}}"#), 60);
    let description = description.expect("made");
    let attributes = at(&description, &["models", "Built", "attrs"]);
    assert_eq!(*attributes, json(r#"["in0", "in1", "in2", "total"]"#));
    assert_eq!(
        *at(&description, &["illuminator", "step_size"]),
        Value::Int(4)
    );
    let inputs = json(r#"{"in1": {"A-0.x": {"message_origin": "state", "value": 7}}}"#);
    let (next, data) = built.step(0, &inputs, &["total"]);
    assert_eq!(next.expect("stepped"), Value::Int(4));
    assert_eq!(*published(&data.expect("data"), "total").1, Value::Int(7));
    let ended = built.leave();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), "closed\n"));
}

#[test]
fn a_step_that_goes_wrong_is_a_failure_and_not_the_end() {
    let Some(mut class) = start("Everything") else {
        return;
    };
    class.make(&json("{}"), 900).expect("made");
    let mut failure = |word: &str| {
        let (next, _) = class.step(0, &what(word), &[]);
        next.expect_err(word)
    };
    let raised = failure("raise");
    assert_eq!(
        (&*raised.exception, &*raised.message),
        ("RuntimeError", "the pump has no oil")
    );
    let lines = raised.more.concat();
    assert!(
        lines.contains("in step") && lines.contains("small.py"),
        "{lines}"
    );
    assert!(!lines.contains("<stdin>"), "nothing of the script: {lines}");
    assert_eq!(failure("exit").exception, "SystemExit");
    for (word, message) in [
        (
            "nothing",
            "'step' of class 'Everything' returned None, and should return its outputs by name",
        ),
        (
            "less",
            "'step' of class 'Everything' did not return the output 'number'",
        ),
        (
            "more",
            "'step': class 'Everything' has no output 'numbr': did you mean 'number'?",
        ),
        (
            "text",
            "output 'number' of class 'Everything' is '1', and should be a number",
        ),
        (
            "truth",
            "output 'number' of class 'Everything' is True, and should be a number",
        ),
        (
            "null",
            "output 'number' of class 'Everything' is None, and should be a number",
        ),
    ] {
        assert_eq!(failure(word).message, message);
    }
    let (next, data) = class.step(0, &what("fine"), &["number", "any", "kept"]);
    assert_eq!(next.expect("stepped"), Value::Int(1));
    assert_eq!(*published(&data.expect("data"), "number").1, Value::Int(1));
}

#[test]
fn what_json_has_no_words_for_is_named() {
    let Some(mut class) = start("Everything") else {
        return;
    };
    class.make(&json("{}"), 900).expect("made");
    for (word, reason) in [
        ("set", "set is no number, text, boolean, list or mapping"),
        (
            "object",
            "object is no number, text, boolean, list or mapping",
        ),
        (
            "key",
            "keys must be str, int, float, bool or None, not tuple",
        ),
    ] {
        let (next, data) = class.step(0, &what(word), &["any", "number"]);
        next.expect("stepped");
        let message = data.expect_err(word).message;
        assert_eq!(
            message,
            format!("'any' of class 'Everything' cannot be sent: {reason}")
        );
    }
    let (_, data) = class.step(0, &what("infinite"), &["any"]);
    let Value::List(values) = published(&data.expect("data"), "any").1.clone() else {
        panic!("a list")
    };
    assert!(matches!(values[0], Value::Float(float) if float.is_nan()));
    assert_eq!(
        values[1..],
        [Value::Float(f64::INFINITY), Value::Float(f64::NEG_INFINITY)]
    );
}

#[test]
fn inputs_of_the_wrong_kind_are_refused() {
    let Some(mut tank) = start("Tank") else {
        return;
    };
    tank.make(&json(r#"{"parameters": {"label": ""}}"#), 900)
        .expect("made");
    for (inputs, message) in [
        ("{}", "input 'heat' of class 'Tank' is not connected"),
        (
            r#"{"heat": {"A": {"message_origin": "state", "value": "warm"}}}"#,
            "input 'heat' of class 'Tank' is 'warm', and should be a number",
        ),
        (
            r#"{"heat": {"A": {"message_origin": "state", "value": 1}, "B": {"message_origin": "state", "value": 2}}}"#,
            "input 'heat' of class 'Tank' is [1, 2], and should be a number",
        ),
        (
            r#"{"heat": {"A": {"message_origin": "state", "value": 1}, "B": {"message_origin": "output", "value": 2}}}"#,
            "input 'heat' receives outputs and states, which cannot be combined",
        ),
        (
            r#"{"heat": {"A": 1}}"#,
            "input 'heat' receives a bare value, and should receive an output or a state",
        ),
        (
            r#"{"het": {"A": {"message_origin": "state", "value": 1}}}"#,
            "class 'Tank' has no input 'het': did you mean 'heat'?",
        ),
    ] {
        let (next, _) = tank.step(0, &json(inputs), &[]);
        assert_eq!(next.expect_err(inputs).message, message);
    }
}

#[test]
fn numbers_of_numpy_come_out_as_numbers() {
    let modules = ["numpy"];
    let Some(interpreter) = rig::environment(rig::MOSAIK, &modules) else {
        return;
    };
    let started = Session::start(&interpreter, &[&models()], "small:Numpy", &models());
    let mut class = started.expect("started");
    class.make(&json("{}"), 900).expect("made");
    let inputs = json(r#"{"x": {"A": {"message_origin": "output", "value": 2}}}"#);
    let names = ["double", "single", "integer", "truth", "array"];
    let (_, data) = class.step(0, &inputs, &names);
    let data = data.expect("data");
    let values: Vec<Value> = names
        .iter()
        .map(|name| published(&data, name).1.clone())
        .collect();
    assert_eq!(
        values,
        [
            Value::Float(2.0),
            Value::Float(2.0),
            Value::Int(3),
            Value::Bool(true),
            json("[1, 2]")
        ]
    );
}

#[test]
fn garbage_is_looked_for_once_the_class_is_there_and_not_among_what_was_loaded() {
    let Some(mut class) = start("Garbage") else {
        return;
    };
    class.make(&json("{}"), 900).expect("made");
    let names = ["loading", "stepping", "left_out"];
    let (_, data) = class.step(0, &json("{}"), &names);
    let data = data.expect("data");
    assert_eq!(*published(&data, "loading").1, Value::Bool(false));
    assert_eq!(*published(&data, "stepping").1, Value::Bool(true));
    match published(&data, "left_out").1 {
        Value::Int(count) => assert!(*count > 1000, "{count}"),
        other => panic!("no count: {other}"),
    }
}
