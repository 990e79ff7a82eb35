//! What follows from an error is not listed beside it.

use super::{codes, load, only, refuse, scenario};

#[test]
fn without_a_list_of_models_nobody_asks_for_them() {
    let whole = scenario("", "", "");
    let (before, rest) = whole.split_once("models:").expect("a list");
    let (_, after) = rest.split_once("connections:").expect("a list");
    let missing = format!("{before}connections:{after}");
    assert_eq!(
        only(&missing),
        "1:1: error: the scenario file lacks the key 'models'; add it"
    );
    for models in ["models: 5\n", "models:\n", "model: []\n", "models: [5]\n"] {
        let text = format!("{before}{models}connections:{after}");
        assert_eq!(refuse(&text).len(), 1, "{models} {:?}", refuse(&text));
    }
}

#[test]
fn without_the_name_of_a_model_nobody_misses_it() {
    let text = scenario("", "", "").replace("name: Homes", "nam: Homes");
    assert_eq!(codes(&text).len(), 1, "{:?}", refuse(&text));
}

#[test]
fn a_misspelt_key_is_not_missing_as_well() {
    let text = scenario("", "- {form: Meter.load, to: Homes.load}", "");
    assert!(only(&text).contains("unknown key 'form', did you mean 'from'?"));
    let text = scenario("- {name: P, type: Tank, connect: {host: pi1}}", "", "");
    let message = only(&text);
    assert!(
        message.contains("unknown key 'host', did you mean 'ip'? (keys: ip, port)"),
        "{message}"
    );
}

#[test]
fn a_connection_that_cannot_be_read_may_be_the_one_that_is_missing() {
    let connection = "{from: Meter.load, to: Homes.load}";
    for (wrong, code) in [
        ("{from: Meter.load}", "missing_key"),
        ("{from: Meter.load, too: Homes.load}", "unknown_key"),
        ("{from: Meter.load, to: Homes}", "malformed_reference"),
        ("{from: Meter.load, to: Home.load}", "unknown_model"),
        ("{from: Meter.load, to: Homes.laod}", "unknown_attribute"),
        ("5", "wrong_kind"),
    ] {
        let text = scenario("", "", "").replace(connection, wrong);
        let found = codes(&text);
        assert_eq!(found.len(), 1, "{wrong}: {:?}", refuse(&text));
        assert!(found[0].ends_with(code), "{found:?}");
    }
    let text = scenario("", "", "").replace(&format!("- {connection}"), "");
    let text = text.replace("connections:", "connection:");
    assert_eq!(codes(&text).len(), 1, "{:?}", refuse(&text));
}

#[test]
fn a_type_that_is_unknown_has_unknown_attributes() {
    let text = scenario("", "", "").replace("type: House", "type: Hose");
    assert_eq!(codes(&text).len(), 1, "{:?}", refuse(&text));
}

#[test]
fn a_misspelt_section_lacks_nothing() {
    let text = scenario("", "", "").replace("parameters:", "parameter:");
    assert_eq!(codes(&text).len(), 2, "{:?}", refuse(&text));
}

#[test]
fn misspelt_initial_values_are_warned_of() {
    let (_, warnings) = load(&scenario(
        "- {name: C, type: Company, states: {bidd: 5}}",
        "",
        "",
    ));
    assert_eq!(warnings, ["12:unknown_state:bidd"]);
    let (_, warnings) = load(&scenario(
        "- {name: C, type: Company, states: {spare: 5, dummy: 0}}",
        "",
        "",
    ));
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_step_as_long_as_the_run_is_warned_of() {
    let text = scenario(
        "- {name: C, type: Company, time_step_size: 12}",
        "",
        "  - C.bid",
    );
    assert_eq!(load(&text).1, ["12:single_step"]);
    let text = text.replace("time_step_size: 12", "time_step_size: 11");
    assert_eq!(load(&text).1, [""; 0]);
}

#[test]
fn an_end_inside_a_tick_is_warned_of_with_what_to_write() {
    let text = scenario("", "", "").replace("03:00:00", "02:59:59");
    assert_eq!(load(&text).1, ["1:end_inside_tick"]);
}
