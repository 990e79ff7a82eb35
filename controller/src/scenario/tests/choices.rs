//! Inputs that a model has in place of others, that tell their sources apart, and that take one only.

use super::{codes, load, only, scenario};

const LAMPS: &str = "- {name: A, type: Lamp}\n- {name: B, type: Lamp, parameters: {bytes: true}}\n\
                     - {name: P, type: Pipe, inputs: {x: 0}}";

const BORDERS: &str = "- {name: E, type: Border}\n- {name: P, type: Pipe, inputs: {x: 0}}";

/// Connections that leave nothing to say of the lamps.
const FED: &str = "- {from: Meter.u, to: P.x}\n- {from: Meter.u, to: A.plan}\n\
                   - {from: Meter.u, to: B.power}\n";

#[test]
fn what_a_model_does_not_have_as_it_is_configured_is_refused_with_the_reason() {
    assert_eq!(load(&scenario(LAMPS, FED, "")).1, [""; 0]);
    let text = scenario(LAMPS, &format!("{FED}- {{from: Meter.u, to: A.power}}"), "");
    assert_eq!(
        only(&text),
        "20:23: error: connection 'Meter.u' → 'A.power': this lamp shows 'speed'"
    );
    let text = scenario(LAMPS, &format!("{FED}- {{from: Meter.u, to: B.plan}}"), "");
    assert_eq!(codes(&text), ["20:wrong_variant:plan"]);
}

#[test]
fn what_a_model_needs_follows_its_configuration() {
    let text = scenario(LAMPS, "- {from: Meter.u, to: P.x}", "");
    assert_eq!(
        codes(&text),
        ["12:unconnected_input:plan", "13:missing_input:power"]
    );
}

#[test]
fn an_input_for_one_connection_takes_no_second_one() {
    let text = scenario(LAMPS, &format!("{FED}- {{from: P.level, to: A.plan}}"), "");
    assert_eq!(
        only(&text),
        "20:23: error: connection 'P.level' → 'A.plan': 'A.plan' takes one connection, and \
         'Meter.u' (line 18) leads there already; remove one of the two"
    );
}

#[test]
fn an_input_that_tells_its_sources_apart_takes_several_states_and_one_output() {
    let states = "- {from: P.level, to: A.speed}\n- {from: Meter.load, to: A.speed}";
    let (graph, warnings) = load(&scenario(LAMPS, &format!("{FED}{states}"), ""));
    assert_eq!(warnings, [""; 0]);
    let names = graph.models.iter().flat_map(|model| &model.inputs);
    let names: Vec<&String> = names.flat_map(|input| &input.names).collect();
    // The meter is at the model first, by way of the plan.
    assert_eq!(names, ["Meter", "P"]);
    let output = scenario(LAMPS, &format!("{FED}- {{from: P.y, to: A.speed}}"), "");
    assert_eq!(load(&output).1, [""; 0]);
    let outputs = "- {from: P.y, to: A.speed}\n- {from: Homes.load_dem, to: A.speed}";
    let message = only(&scenario(LAMPS, &format!("{FED}{outputs}"), ""));
    assert!(message.contains("tells its sources apart"), "{message}");
    assert!(message.ends_with("connect states"), "{message}");
}

#[test]
fn each_source_of_such_an_input_is_of_its_kind() {
    let models = format!("{LAMPS}\n- {{name: C, type: Company}}");
    let text = scenario(
        &models,
        &format!("{FED}- {{from: P.level, to: A.speed}}\n- {{from: C.bid, to: A.speed}}"),
        "",
    );
    assert_eq!(
        only(&text),
        "22:10: error: connection 'C.bid' → 'A.speed': 'A.speed' wants a number from each source \
         and 'C.bid' is a mapping"
    );
}

#[test]
fn one_of_two_names_of_an_input_is_connected() {
    let fed = "- {from: Meter.u, to: P.x}\n";
    for name in ["dump", "flow"] {
        let text = scenario(BORDERS, &format!("{fed}- {{from: P.y, to: E.{name}}}"), "");
        assert_eq!(load(&text).1, [""; 0], "{name}");
    }
    let text = scenario(BORDERS, fed, "");
    assert_eq!(load(&text).1, ["12:unconnected_input:dump"]);
    let both = "- {from: P.y, to: E.dump}\n- {from: P.level, to: E.flow}";
    assert_eq!(
        only(&scenario(BORDERS, &format!("{fed}{both}"), "")),
        "18:23: error: model 'E': 'dump' (line 17) and 'flow' (line 18) are two names of one \
         input, and both are connected; connect 'dump' or 'flow', not both"
    );
}

#[test]
fn who_wants_an_output_twice_is_told_of_the_state_that_repeats_it() {
    let models = format!("{LAMPS}\n- {{name: Q, type: Pipe}}\n- {{name: R, type: Pipe}}");
    let split = "- {from: A.light, to: Q.x}\n- {from: A.light, to: R.x}";
    let message = only(&scenario(&models, &format!("{FED}{split}"), ""));
    assert!(
        message.ends_with(
            "remove one of the two connections, or use 'shine', which may go to several"
        ),
        "{message}"
    );
}
