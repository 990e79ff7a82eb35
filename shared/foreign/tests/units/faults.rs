//! What a simulator says is looked at before it is believed.

use foreign::wire::Call;
use foreign::{EntityRequest, ExtraCall, Fault, LocalHost, SimulatorRequest};
use shared::value::Value;

use crate::bench::{request, start};
use crate::simulator::{Peer, Server};

const META: &str = r#"{"api_version": "3.0", "models": {"Grid": {"params": ["voltage"], "attrs": ["x"]},
    "Bus": {"public": false, "attrs": ["Vm"]}}, "extra_methods": ["reset"]}"#;

/// A plain simulator, except that one function is answered otherwise. The answer is a whole message with `#` for its
/// number.
pub(crate) fn server(function: &'static str, answer: &'static str) -> Server {
    Server::new(move |stream| {
        let mut peer = Peer(stream);
        while let Some((number, call)) = peer.request() {
            if call.function == function {
                peer.send(&answer.replace('#', &number.to_string()));
            } else {
                let text = plain(&call);
                peer.answer(number, &text);
            }
        }
    })
}

pub(crate) fn plain(call: &Call) -> String {
    match call.function.as_str() {
        "init" => META.to_owned(),
        "create" => r#"[{"eid": "g", "type": "Grid", "children": [{"eid": "b", "type": "Bus", "rel": ["g"]}]}]"#.to_owned(),
        "step" => (crate::simulator::time(call) + 1).to_string(),
        "get_data" => r#"{"g": {"x": 1}}"#.to_owned(),
        _ => "null".to_owned(),
    }
}

pub(crate) fn asked(server: &Server) -> SimulatorRequest {
    SimulatorRequest {
        pipeline: false,
        ..request(
            "G",
            &server.program,
            4,
            "{}",
            &[("Grid", r#"{"voltage": 230}"#)],
        )
    }
}

/// The fault of a start where one answer is this.
fn fault(function: &'static str, answer: &'static str) -> Fault {
    let server = server(function, answer);
    let fault = start(&mut LocalHost::new(), asked(&server)).expect_err(answer);
    server.join();
    fault
}

#[test]
fn nonsense_at_the_start_is_a_fault_with_what_was_asked() {
    for (function, answer, words) in [
        (
            "init",
            "[1, #, 5]",
            "what it says of itself should be a mapping, and is 5",
        ),
        (
            "init",
            r#"[1, #, {"api_version": "4.1", "models": {}}]"#,
            "version 4.1",
        ),
        (
            "init",
            "[1, 17, {}]",
            "it answers request 17 where 0 is next",
        ),
        (
            "init",
            "[7, #, {}]",
            "this is no message: its kind is none of 0, 1 and 2: [7, 0, {}]",
        ),
        (
            "init",
            "hello",
            "this is no JSON (at byte 0: this is no value): hello",
        ),
        (
            "create",
            "[1, #, {}]",
            "'create' should answer a list, and answers {}",
        ),
        (
            "create",
            "[1, #, []]",
            "it was to create 1 entity, and answers 0: []",
        ),
        (
            "create",
            r#"[1, #, [{"eid": 5, "type": "Grid"}]]"#,
            "an entity has no text as its 'eid'",
        ),
        (
            "create",
            r#"[1, #, [{"eid": "a", "type": "Net"}]]"#,
            "it was to create a 'Grid', and answers a 'Net'",
        ),
        (
            "create",
            r#"[1, #, [{"eid": "a", "type": "Grid", "rel": 1}]]"#,
            "'rel' of 'a' should be a list",
        ),
        (
            "create",
            r#"[1, #, [{"eid": "a", "type": "Grid", "children": 1}]]"#,
            "the children of 'a' are no list: 1",
        ),
    ] {
        let fault = fault(function, answer);
        assert_eq!(fault.code, "simulator_nonsense", "{fault}");
        assert!(fault.message.contains(words), "{fault}");
        assert!(
            fault.request.is_some_and(|asked| asked.contains(function)),
            "{answer}"
        );
    }
    let deep = format!("[1, #, {}1{}]", "[".repeat(100), "]".repeat(100));
    let fault = fault("init", deep.leak());
    assert!(fault.message.contains("nest too deep"), "{fault}");
}

#[test]
fn a_failure_at_the_start_is_told() {
    let fault = fault(
        "create",
        r#"[2, #, ["ValueError", "no such network", "line 1\n", "line 2\n"]]"#,
    );
    assert_eq!(fault.code, "simulator_failed");
    assert_eq!(fault.message, "it failed: ValueError: no such network");
    assert_eq!(fault.output, ["line 1", "line 2"]);
    let asked = r#"[0, 1, ["create", [1, "Grid"], {"voltage": 230}]]"#;
    assert_eq!(fault.request.as_deref(), Some(asked));
}

#[test]
fn names_that_are_not_there_are_not_asked_for() {
    let fault = |change: &dyn Fn(&mut SimulatorRequest)| {
        let server = server("create", "[1, #, null]");
        let mut asked = asked(&server);
        change(&mut asked);
        let fault = start(&mut LocalHost::new(), asked).expect_err("refused");
        server.join();
        (fault.code.to_string(), fault.message)
    };
    let model = |name: &str| {
        let name = Some(name.to_owned());
        fault(&|asked| asked.entities[0].model.clone_from(&name))
    };
    let code = "unknown_model".to_owned();
    assert_eq!(
        model("Gird"),
        (
            code.clone(),
            "it has no model 'Gird'; did you mean 'Grid'?".to_owned()
        )
    );
    assert_eq!(
        model("Bus"),
        (code.clone(), "it has no model 'Bus' (has: Grid)".to_owned())
    );
    let parameter = fault(&|asked| asked.entities[0].parameters[0].0 = "volts".into());
    let words = "the model 'Grid' has no parameter 'volts' (has: voltage)".to_owned();
    assert_eq!(parameter, ("unknown_parameter".to_owned(), words));
    let method = fault(&|asked| {
        asked.entities.clear();
        asked.calls = vec![ExtraCall {
            method: "rest".to_owned(),
            arguments: Vec::new(),
        }];
    });
    let words = "it has no extra method 'rest'; did you mean 'reset'?".to_owned();
    assert_eq!(method, ("unknown_method".to_owned(), words));
}

#[test]
fn the_only_model_needs_no_name_and_extra_methods_are_called() {
    let server = Server::new(|stream| {
        let mut called = false;
        Peer(stream).serve(|call| {
            if call.function == "reset" {
                called = true;
                assert_eq!(call.named, [("hard".into(), Value::Bool(true))]);
            }
            plain(call)
        });
        assert!(called);
    });
    let mut asked = asked(&server);
    asked.entities = vec![EntityRequest {
        name: "Net".to_owned(),
        model: None,
        parameters: Vec::new(),
    }];
    asked.calls = vec![ExtraCall {
        method: "reset".to_owned(),
        arguments: vec![("hard".into(), Value::Bool(true))],
    }];
    let described = start(&mut LocalHost::new(), asked).expect("described");
    let net = &described.entities[0];
    assert_eq!(
        net.descendant("b").map(|bus| bus.related.clone()),
        Some(vec!["g".to_owned()])
    );
    server.join();
}
