//! Requests that are refused, with the reason, and the session goes on.

use rig::Bridge;

use crate::mosaik::{BATTERY, Mosaik};

/// Requests in a session with a battery, and what exception and message say.
const REFUSED: &[(&str, &str, &[&str])] = &[
    (r#"["init", ["I-0"], {}]"#, "RuntimeError", &["once"]),
    (
        r#"["fly", [], {}]"#,
        "KeyError",
        &["no function 'fly'", "get_data"],
    ),
    (
        r#"["get_dat", [], {}]"#,
        "KeyError",
        &["did you mean 'get_data'?"],
    ),
    (
        r#"["create", [1, "Bettary"], {}]"#,
        "KeyError",
        &["no model type 'Bettary'", "did you mean 'Battery'?"],
    ),
    (
        r#"["create", [0, "Battery"], {}]"#,
        "ValueError",
        &["1 is the least"],
    ),
    (
        r#"["create", [9999999, "Battery"], {}]"#,
        "ValueError",
        &["10000 models are the most"],
    ),
    (
        r#"["create", ["Battery", 1], {}]"#,
        "TypeError",
        &["a number and the name"],
    ),
    (
        r#"["create", [1, "Battery"], {"max_pp": 1}]"#,
        "KeyError",
        &["no parameter of Battery 'max_pp'", "did you mean 'max_p'?"],
    ),
    (
        r#"["create", [1, "Battery"], {"max_p": 1, "parameters": {"max_p": 1}}]"#,
        "TypeError",
        &["'max_p' is given twice"],
    ),
    (
        r#"["create", [1, "Battery"], {"max_p": "a lot"}]"#,
        "ValueError",
        &["Battery: ", "max_p"],
    ),
    (
        r#"["create", [1, "Battery"], {"states": 5}]"#,
        "TypeError",
        &["'states' must be a mapping"],
    ),
    (
        r#"["create", [1, "Battery"], {"time_step_size": 0}]"#,
        "ValueError",
        &["from 1 on, not 0"],
    ),
    (
        r#"["create", [1, "CSV"], {"file_path": "sun.csv", "delimiter": ",", "date_format": "YYYY-MM-DD HH:mm:ss"}]"#,
        "ValueError",
        &["sun.csv", "data={PATH: CONTENT}"],
    ),
    (
        r#"["create", [1, "CSV"], {"data": {"a": 5}}]"#,
        "TypeError",
        &["content of 'a' must be a text"],
    ),
    (
        r#"["get_data", [{"Battery_0": ["soc"]}], {}]"#,
        "RuntimeError",
        &["before the first step"],
    ),
    (
        r#"["step", [0.0, {}, 9], {}]"#,
        "TypeError",
        &["must be an integer, not 0.0"],
    ),
    (r#"["step", [0], {}]"#, "TypeError", &["step takes a time"]),
    (
        r#"["step", [900, {}, 9], {}]"#,
        "ValueError",
        &["time 900 is beyond the next step", "at 0"],
    ),
    (
        r#"["step", [-900, {}, 9], {}]"#,
        "ValueError",
        &["time -900 is no step"],
    ),
    (
        r#"["step", [0, 7, 9], {}]"#,
        "TypeError",
        &["{entity: {attribute: {source: value}}}"],
    ),
    (
        r#"["step", [0, {"Battery_1": {}}, 9], {}]"#,
        "KeyError",
        &["no entity 'Battery_1'", "did you mean 'Battery_0'?"],
    ),
    (
        r#"["step", [0, {"Battery_0": {"flow2c": {"S-0.s": 1}}}, 9], {}]"#,
        "KeyError",
        &["no input of 'Battery_0' 'flow2c'", "did you mean 'flow2b'?"],
    ),
    (
        r#"["step", [0, {"Battery_0": {"flow2b": {"S-0.s": 1, "T-0.t": "x"}}}, 9], {}]"#,
        "ValueError",
        &["numbers to add"],
    ),
];

#[test]
fn what_is_wrong_is_refused_with_its_reason_and_the_session_goes_on() {
    let bridge = Bridge::start(&[]);
    let mut mosaik = Mosaik::connect(bridge.address);
    for (request, message) in [
        (
            r#"["create", [1, "Battery"], {}]"#,
            "'init' must come first",
        ),
        (
            r#"["init", ["I-0"], {"step_size": 900, "step_sice": 1}]"#,
            "did you mean 'step_size'?",
        ),
        (
            r#"["init", ["I-0"], {"time_resolution": 7.0, "step_size": 900}]"#,
            "no multiple of 7 s",
        ),
        (
            r#"["init", ["I-0"], {"time_resolution": 900.0, "step_size": 60}]"#,
            "no multiple of 900 s",
        ),
        (
            r#"["init", ["I-0"], {"time_resolution": 0.5}]"#,
            "give 'step_size' in seconds",
        ),
        (
            r#"["init", ["I-0"], {"step_size": "long"}]"#,
            "must be a number of seconds",
        ),
        (
            r#"["init", ["I-0"], {"start_time": "yesterday"}]"#,
            "2000-01-01 00:00:00",
        ),
        (
            r#"["init", ["I-0"], {"attributes": {"CVS": ["x"]}}]"#,
            "did you mean 'CSV'?",
        ),
        (r#"["init", ["I-0"], {"sim_params": {}}]"#, "one model"),
        (
            r#"["init", ["I-0"], {"sim_params": {"B": {"type": "Batery"}}}]"#,
            "did you mean 'Battery'?",
        ),
    ] {
        let (_, said) = mosaik.fails(request);
        assert!(said.contains(message), "{request}: {said}");
    }
    mosaik.gets(r#"["init", ["I-0"], {"step_size": 900}]"#);
    mosaik.gets(&format!(r#"["create", [1, "Battery"], {BATTERY}]"#));
    for (request, exception, words) in REFUSED {
        let (got, said) = mosaik.fails(request);
        assert_eq!(got, *exception, "{request}: {said}");
        for word in *words {
            assert!(said.contains(word), "{request}: {said}");
        }
    }
    let (data, next) = mosaik.step_battery("Battery_0", 0, 1.0);
    assert_eq!((&*data, &*next), (r#"{"Battery_0": {"soc": 1.25}}"#, "900"));
    for (request, message) in [
        (
            r#"["step", [0, {}, 9], {}]"#,
            "time 0 is no step: with steps of 900 s the next one is at 900",
        ),
        (r#"["create", [1, "Battery"], {}]"#, "before the first step"),
        (
            r#"["get_data", [{"Battery_0": ["socc"]}], {}]"#,
            "did you mean 'soc'?",
        ),
        (
            r#"["get_data", [{"Battery_9": ["soc"]}], {}]"#,
            "did you mean 'Battery_0'?",
        ),
        (
            r#"["get_data", [{"Battery_0": "soc"}], {}]"#,
            "{entity: [attribute, …]}",
        ),
    ] {
        let (_, said) = mosaik.fails(request);
        assert!(said.contains(message), "{request}: {said}");
    }
    let (data, _) = mosaik.step_battery("Battery_0", 900, 1.0);
    assert_eq!(data, r#"{"Battery_0": {"soc": 2.5}}"#);
}

#[test]
fn a_model_that_fails_is_named_and_stays_failed() {
    let bridge = Bridge::start(&[]);
    let mut mosaik = Mosaik::with_battery(bridge.address);
    let (exception, message) = mosaik.fails(r#"["step", [0, {}, 9], {}]"#);
    assert_eq!(exception, "RuntimeError");
    assert_eq!(
        message,
        "model 'Battery_0' (Battery) failed: input 'flow2b' is needed and nothing is connected to it"
    );
    let again = mosaik.fails(r#"["get_data", [{"Battery_0": ["soc"]}], {}]"#);
    assert_eq!(again.1, message);
    bridge.wait_for_report("input 'flow2b' is needed");
}

#[test]
fn models_of_different_step_sizes_step_when_they_are_due() {
    let bridge = Bridge::start(&[]);
    let mut mosaik = Mosaik::begin(bridge.address);
    for size in [2, 3] {
        let parameters = BATTERY.replacen('{', &format!(r#"{{"time_step_size": {size}, "#), 1);
        mosaik.gets(&format!(r#"["create", [1, "Battery"], {parameters}]"#));
    }
    let mut levels = Vec::new();
    let (mut time, mut times) = (0, Vec::new());
    while time < 7 * 900 {
        times.push(time / 900);
        let flow = r#"{"flow2b": {"S-0.s": 1.0}}"#;
        let next = mosaik.gets(&format!(
            r#"["step", [{time}, {{"Battery_0": {flow}, "Battery_1": {flow}}}, 9], {{}}]"#
        ));
        levels.push(
            mosaik.gets(r#"["get_data", [{"Battery_0": ["soc"], "Battery_1": ["soc"]}], {}]"#),
        );
        time = next.parse().expect("a time");
    }
    assert_eq!(times, [0, 2, 3, 4, 6]);
    let at = |place: usize, levels: &[String]| levels[place].clone();
    let of = |first: f64, second: f64| {
        format!(r#"{{"Battery_0": {{"soc": {first:?}}}, "Battery_1": {{"soc": {second:?}}}}}"#)
    };
    let expected = [
        (1.25, 1.25),
        (2.5, 1.25),
        (2.5, 2.5),
        (3.75, 2.5),
        (5.0, 3.75),
    ];
    for (place, (first, second)) in expected.into_iter().enumerate() {
        assert_eq!(at(place, &levels), of(first, second));
    }
}

#[test]
fn a_reader_gets_its_file_with_its_creation() {
    let bridge = Bridge::start(&[]);
    let mut mosaik = Mosaik::connect(bridge.address);
    let init = r#"{"step_size": 900, "start_time": "2012-06-01 00:00:00", "attributes": {"CSV": ["load"]}}"#;
    let said = mosaik.gets(&format!(r#"["init", ["I-0"], {init}]"#));
    assert!(
        said.contains(r#""attrs": ["file_index", "load"]"#),
        "{said}"
    );
    let file = "title\\ntime,load\\n2012-06-01 00:00:00,1.5\\n2012-06-01 00:15:00,2\\n";
    let parameters = format!(
        r#"{{"file_path": "a.csv", "delimiter": ",", "date_format": "YYYY-MM-DD HH:mm:ss", "data": {{"a.csv": "{file}"}}}}"#
    );
    mosaik.gets(&format!(r#"["create", [1, "CSV"], {parameters}]"#));
    for (time, load) in [(0, "1.5"), (900, "2.0")] {
        mosaik.gets(&format!(r#"["step", [{time}, {{}}, 9], {{}}]"#));
        let data = mosaik.gets(r#"["get_data", [{"CSV_0": ["load"]}], {}]"#);
        assert_eq!(data, format!(r#"{{"CSV_0": {{"load": {load}}}}}"#));
    }
    let other = parameters.replace("1.5", "7");
    let mut mosaik = Mosaik::begin(bridge.address);
    mosaik.gets(&format!(r#"["create", [1, "Constant"], {{"parameters": {{"x": 1}}, "data": {{"a.csv": "{file}"}}}}]"#));
    let (_, said) = mosaik.fails(&format!(r#"["create", [1, "CSV"], {other}]"#));
    assert!(said.contains("another content"), "{said}");
}
