//! Classes that cannot be served: the exit code, and one line that says why.

use foreign::wire::Call;
use shared::value::Value;

use crate::session::{Ended, Session, json, models};

/// How the script ends for a class that it cannot serve.
fn refused(class: &str) -> Option<(Option<i32>, String)> {
    let interpreter = rig::python()?;
    match Session::start(&interpreter, &[&models()], class, &models()) {
        Ok(_) => panic!("{class} is served"),
        Err(ended) => Some((ended.code, last_line(&ended))),
    }
}

fn last_line(ended: &Ended) -> String {
    ended.stderr.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_class_that_is_not_there_is_named_with_the_remedy() {
    let folder = models();
    let folder = folder.display();
    for (class, code, line) in [
        (
            "smal:Tank",
            81,
            format!("there is no module 'smal': its file belongs into one of {folder}"),
        ),
        (
            "small.py:Tank",
            81,
            "there is no module 'small.py': write 'small:Tank'".to_owned(),
        ),
        (
            "small:Tenk",
            82,
            "module 'small' has no class 'Tenk': did you mean 'Tank'?".to_owned(),
        ),
        ("needs_more:X", 82, String::new()),
        (
            "small",
            82,
            "'small' is no class: write 'module:Class'".to_owned(),
        ),
        (
            "small:NoStep",
            83,
            "class 'NoStep' is no model: it has no method 'step'".to_owned(),
        ),
        (
            "small:OtherStep",
            83,
            "class 'OtherStep': write 'def step(self, time, inputs)'".to_owned(),
        ),
        (
            "small:function",
            83,
            "'function' is a function, and should be a class".to_owned(),
        ),
        (
            "of_illuminator:Abstract",
            83,
            "class 'Abstract' is no model: it has no method 'step'".to_owned(),
        ),
        (
            "no_python:X",
            84,
            "module 'no_python': SyntaxError: invalid syntax (no_python.py, line 1)".to_owned(),
        ),
    ] {
        let Some((ended, said)) = refused(class) else {
            return;
        };
        if class == "needs_more:X" {
            assert_eq!(ended, Some(81));
            let begin = "illuminator: module 'needs_more' needs 'a_library_that_nobody_has': '";
            assert!(
                said.starts_with(begin) && said.contains("-m pip install"),
                "{said}"
            );
        } else {
            assert_eq!(
                (ended, said),
                (Some(code), format!("illuminator: {line}")),
                "{class}"
            );
        }
    }
}

#[test]
fn a_class_that_cannot_be_made_fails_init_and_ends() {
    let Some(interpreter) = rig::python() else {
        return;
    };
    for (class, entry, code, line) in [
        ("Tank", "{}", 84, "class 'Tank' needs the parameter 'label'"),
        (
            "Tank",
            r#"{"parameters": {"label": "", "volum": 1}}"#,
            84,
            "class 'Tank' has no parameter 'volum': did you mean 'volume'?",
        ),
        (
            "Tank",
            r#"{"parameters": {"label": 3}}"#,
            84,
            "parameter 'label' of class 'Tank' is 3, and should be a text",
        ),
        (
            "Tank",
            r#"{"parameters": {"label": ""}, "states": {"warmth": 1}}"#,
            84,
            "class 'Tank' has no state 'warmth' (it has: temperature, steps)",
        ),
        (
            "Broken",
            "{}",
            84,
            "class 'Broken' could not be made: OSError: no such valve",
        ),
        (
            "List",
            "{}",
            83,
            "'outputs' of class 'List' should be a mapping of names and defaults, such as {'x': 0.0}",
        ),
        (
            "Twice",
            "{}",
            83,
            "class 'Twice' has 'x' as output and as state",
        ),
        (
            "Reserved",
            "{}",
            83,
            "class 'Reserved' cannot have a parameter or state 'inputs'",
        ),
    ] {
        let class = format!("small:{class}");
        let mut session =
            Session::start(&interpreter, &[&models()], &class, &models()).expect("served");
        let failed = session.make(&json(entry), 900).expect_err("no model");
        assert!(line.contains(&failed.message), "{class}: {failed:?}");
        let ended = session.end();
        assert_eq!(
            (ended.code, last_line(&ended)),
            (Some(code), format!("illuminator: {line}"))
        );
    }
}

#[test]
fn an_unknown_function_is_a_failure_and_not_the_end() {
    let Some(interpreter) = rig::python() else {
        return;
    };
    let mut session =
        Session::start(&interpreter, &[&models()], "small:Built", &models()).expect("served");
    let failed = session
        .one(Call::new("finalize", Vec::new()))
        .expect_err("unknown");
    assert_eq!(
        (&*failed.exception, &*failed.message),
        ("KeyError", "'finalize'")
    );
    session.make(&json("{}"), 900).expect("made");
    let many = Call::new("create", vec![Value::Int(2), Value::text("M")]);
    assert_eq!(
        session.one(many).expect_err("one").message,
        "a class serves one model"
    );
    assert_eq!(session.stop().code, Some(0));
}

#[test]
fn a_connection_that_is_lost_ends_it_quietly() {
    let Some(interpreter) = rig::python() else {
        return;
    };
    let session =
        Session::start(&interpreter, &[&models()], "small:Tank", &models()).expect("served");
    let ended = session.leave();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
}

#[test]
fn a_simulator_for_mosaik_is_refused_with_what_to_write() {
    let Some(interpreter) = rig::environment(rig::MOSAIK, &["mosaik_csv"]) else {
        return;
    };
    let refused = Session::start(&interpreter, &[], "mosaik_csv:CSV", &models());
    let ended = refused.expect_err("no model");
    let line =
        "illuminator: class 'CSV' is a simulator for mosaik: give 'command' in place of 'python'";
    assert_eq!((ended.code, &*last_line(&ended)), (Some(83), line));
}

#[test]
fn what_is_no_request_ends_it_with_a_word() {
    let Some(interpreter) = rig::python() else {
        return;
    };
    for (frame, reason) in [
        (&b"[0, 1"[..], "Expecting"),
        (b"7", "cannot unpack"),
        (b"[0, 1, [2]]", "not enough values"),
    ] {
        let mut session =
            Session::start(&interpreter, &[&models()], "small:Tank", &models()).expect("served");
        session.send(frame);
        let ended = session.end();
        let line = last_line(&ended);
        assert_eq!(ended.code, Some(2), "{line}");
        let begin = "illuminator: what arrives is no request of mosaik: ";
        assert!(line.starts_with(begin) && line.contains(reason), "{line}");
    }
}
