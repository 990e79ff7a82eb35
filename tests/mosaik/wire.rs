//! Sessions, byte for byte.

use std::net::TcpListener;
use std::process::Command;

use rig::{Bridge, Run, bridge_binary};

use crate::mosaik::{BATTERY, Mosaik};

#[test]
fn a_session_of_an_ordinary_script() {
    let bridge = Bridge::start_with(&["run", "Battery", "127.0.0.1:0", "--remote"]);
    let mut mosaik = Mosaik::connect(bridge.address);
    let description =
        mosaik.ask(r#"["init", ["I-0"], {"time_resolution": 1.0, "step_size": 900}]"#);
    assert_eq!(
        description,
        concat!(
            r#"[1, 0, {"api_version": "3.0", "type": "time-based", "models": {"Battery": {"public": true, "#,
            r#""params": ["max_p", "min_p", "max_energy", "charge_efficiency", "discharge_efficiency", "#,
            r#""soc_min", "soc_max", "whole_step", "parameters", "states", "inputs", "outputs", "data", "#,
            r#""time_step_size"], "attrs": ["flow2b", "p_out", "p_in", "soc", "mod", "flag", "p_out_state", "p_in_state"]}}, "#,
            r#""extra_methods": []}]"#
        )
    );
    let created = mosaik.ask(&format!(r#"["create", [2, "Battery"], {BATTERY}]"#));
    let two =
        r#"[{"eid": "Battery_0", "type": "Battery"}, {"eid": "Battery_1", "type": "Battery"}]"#;
    assert_eq!(created, format!("[1, 1, {two}]"));
    assert_eq!(mosaik.ask(r#"["setup_done", [], {}]"#), "[1, 2, null]");
    // 3 kW for a quarter of an hour are 3.75 % of 20 kWh.
    let inputs = r#"{"Battery_0": {"flow2b": {"A-0.a": 1, "B-0.b": 2.0}}, "Battery_1": {"flow2b": {"A-0.a": 1}}}"#;
    let step = mosaik.ask(&format!(r#"["step", [0, {inputs}, 86399], {{}}]"#));
    assert_eq!(step, "[1, 3, 900]");
    let wanted = r#"{"Battery_1": ["soc", "p_in", "soc"], "Battery_0": ["soc", "p_out"]}"#;
    assert_eq!(
        mosaik.ask(&format!(r#"["get_data", [{wanted}], {{}}]"#)),
        r#"[1, 4, {"Battery_1": {"soc": 1.25, "p_in": 1}, "Battery_0": {"soc": 3.75, "p_out": 3.0}}]"#
    );
    // Of mosaik below 3, a step has two arguments.
    let step = mosaik.ask(&format!(r#"["step", [900, {inputs}], {{}}]"#));
    assert_eq!(step, "[1, 5, 1800]");
    mosaik.send(r#"["stop", [], {}]"#);
    assert_eq!(mosaik.hear(), None);
}

#[test]
fn a_session_of_the_illuminator() {
    let bridge = Bridge::start(&[]);
    let mut mosaik = Mosaik::connect(bridge.address);
    let entry = format!(
        r#"{{"name": "Store", "type": "Battery", "parameters": {}, "connect": {{"ip": "10.0.0.1"}}, "states": {{"soc": 10}}}}"#,
        BATTERY.replace(r#", "states": {"soc": 0}"#, "")
    );
    mosaik.gets(&format!(
        r#"["init", ["Store-0"], {{"time_resolution": 900, "sim_params": {{"Store": {entry}}}}}]"#
    ));
    let created = mosaik.gets(r#"["create", [1, "Battery"], {"max_p": 2}]"#);
    assert_eq!(created, r#"[{"eid": "time-based_0", "type": "Battery"}]"#);
    let envelope = |kw: &str| format!(r#"{{"message_origin": "output", "value": {kw}}}"#);
    let (one, four) = (envelope("1"), envelope("4"));
    let inputs = format!(
        r#"{{"time-based_0": {{"flow2b": {{"A-0.time-based_0": {one}, "B-0.time-based_0": {four}}}}}}}"#
    );
    assert_eq!(
        mosaik.gets(&format!(r#"["step", [0, {inputs}, 95], {{}}]"#)),
        "1"
    );
    // 2 kW at most.
    assert_eq!(
        mosaik.gets(r#"["get_data", [{"time-based_0": ["p_out", "soc"]}], {}]"#),
        concat!(
            r#"{"time-based_0": {"p_out": {"message_origin": "output", "value": 2}, "#,
            r#""soc": {"message_origin": "state", "value": 12.5}}}"#
        )
    );
    let bare = r#"["step", [1, {"time-based_0": {"flow2b": {"A-0.time-based_0": 1}}}, 95], {}]"#;
    let (exception, message) = mosaik.fails(bare);
    assert_eq!(exception, "ValueError");
    assert!(
        message.contains("message_origin") && message.contains("got 1"),
        "{message}"
    );
}

#[test]
fn one_type_dials_mosaik_and_ends_with_it() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let run = Run::start(Command::new(bridge_binary()).args(["run", "Battery", &address]));
    let (stream, _) = listener.accept().expect("it calls");
    let mut mosaik = Mosaik::over(stream);
    mosaik.gets(r#"["init", ["I-0"], {"time_resolution": 900.0}]"#);
    mosaik.gets(&format!(r#"["create", [1, "Battery"], {BATTERY}]"#));
    let (data, next) = mosaik.step_battery("Battery_0", 0, 1.0);
    assert_eq!((&*data, &*next), (r#"{"Battery_0": {"soc": 1.25}}"#, "1"));
    mosaik.send(r#"["stop", [], {}]"#);
    assert_eq!(mosaik.hear(), None);
    assert_eq!(run.finish().status.code(), Some(0));
}

#[test]
fn requests_that_come_together_are_answered_in_their_order() {
    let bridge = Bridge::start(&[]);
    let mut mosaik = Mosaik::with_battery(bridge.address);
    for tick in 0..10 {
        let time = tick * 900;
        mosaik.send(&format!(
            r#"["step", [{time}, {{"Battery_0": {{"flow2b": {{"S-0.s": 1.0}}}}}}, 9999], {{}}]"#
        ));
        mosaik.send(r#"["get_data", [{"Battery_0": ["soc"]}], {}]"#);
    }
    for tick in 0..10 {
        let step = mosaik.hear().expect("an answer");
        assert!(
            step.ends_with(&format!(", {}]", (tick + 1) * 900)),
            "{step}"
        );
        let data = mosaik.hear().expect("an answer");
        let level = 1.25 * f64::from(tick + 1);
        assert!(data.contains(&format!(r#""soc": {level:?}"#)), "{data}");
    }
}

#[test]
fn sessions_do_not_see_each_other() {
    let bridge = Bridge::start(&[]);
    let mut sessions: Vec<Mosaik> = (0..5)
        .map(|_| Mosaik::with_battery(bridge.address))
        .collect();
    for tick in 0..4 {
        for (session, kw) in sessions.iter_mut().zip([1.0, 2.0, 3.0, 4.0, 5.0]) {
            let (data, next) = session.step_battery("Battery_0", tick * 900, kw);
            let level = 1.25 * kw * (tick + 1) as f64;
            assert_eq!(data, format!(r#"{{"Battery_0": {{"soc": {level:?}}}}}"#));
            assert_eq!(next, ((tick + 1) * 900).to_string());
        }
    }
    drop(sessions);
    // One after the other as well.
    for _ in 0..3 {
        let mut session = Mosaik::with_battery(bridge.address);
        let (data, _) = session.step_battery("Battery_0", 0, 1.0);
        assert_eq!(data, r#"{"Battery_0": {"soc": 1.25}}"#);
    }
    bridge.wait_for_report("the session is over: 1 model(s), 1 step(s)");
    assert_eq!(bridge.stop(), Some(0));
}
