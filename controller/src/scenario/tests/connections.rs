//! Connections and monitor items: what may lead where.

use shared::plan::ModelId;
use shared::value::{Origin, Value};

use super::{codes, load, only, refuse, scenario};

const PIPES: &str = "\
- {name: P, type: Pipe, inputs: {x: 5}}
- {name: Q, type: Pipe, inputs: {x: 6}}
- {name: R, type: Pipe, inputs: {x: 7}}";

fn pipes(connections: &str) -> String {
    scenario(PIPES, connections, "")
}

#[test]
fn an_unknown_model_is_refused() {
    let text = scenario("", "- {from: Meters.u, to: Home.load}", "  - Homs.load_dem");
    assert_eq!(
        refuse(&text),
        [
            "s.yaml:15:10: error: connection 'Meters.u' → 'Home.load': there is no model \
             'Meters', did you mean 'Meter'? (models: Meter, Homes)",
            "s.yaml:15:24: error: connection 'Meters.u' → 'Home.load': there is no model 'Home', \
             did you mean 'Homes'? (models: Meter, Homes)",
            "s.yaml:19:5: error: monitor item 'Homs.load_dem': there is no model 'Homs', did you \
             mean 'Homes'? (models: Meter, Homes)"
        ]
    );
}

#[test]
fn an_unknown_attribute_is_refused() {
    let text = scenario(
        "",
        "- {from: Meter.lod, to: Homes.lode}",
        "  - Homes.load_dm",
    );
    assert_eq!(
        refuse(&text),
        [
            "s.yaml:15:10: error: connection 'Meter.lod' → 'Homes.lode': 'Meter' has no attribute \
             'lod', did you mean 'load'? (it publishes: load, u)",
            "s.yaml:15:25: error: connection 'Meter.lod' → 'Homes.lode': 'Homes' has no input \
             'lode', did you mean 'load'? (inputs: load)",
            "s.yaml:19:5: error: monitor item 'Homes.load_dm': 'Homes' has no attribute \
             'load_dm', did you mean 'load_dem'? (it publishes: load_dem)"
        ]
    );
}

#[test]
fn an_input_cannot_be_read() {
    let text = scenario("", "", "  - Homes.load");
    assert_eq!(
        only(&text),
        "19:5: error: monitor item 'Homes.load': 'load' is an input of 'Homes' and cannot be \
         read (it publishes: load_dem)"
    );
    let text = scenario(
        "- {name: P, type: Pipe}",
        "- {from: Homes.load, to: P.x}",
        "",
    );
    assert_eq!(codes(&text), ["15:input_not_published"]);
    let text = scenario("", "", "  - Homes.extra").replace("load: 0", "extra: 0");
    assert_eq!(codes(&text), ["19:input_not_published"]);
}

#[test]
fn what_is_never_published_cannot_be_read_even_if_it_is_listed() {
    let text = scenario("", "", "  - Homes.consumption");
    assert_eq!(
        only(&text),
        "19:5: error: monitor item 'Homes.consumption': 'Homes' never publishes a value of \
         'consumption' (it publishes: load_dem)"
    );
    let text = scenario(
        "- {name: C, type: Company, states: {mood: 1}}",
        "",
        "  - C.mood",
    );
    assert_eq!(codes(&text), ["19:never_published"]);
}

#[test]
fn a_name_that_is_input_and_output_is_read_as_the_output() {
    let (graph, _) = load(&scenario(
        "- {name: Mill, type: Mill}",
        "- {from: Meter.u, to: Mill.u}\n- {from: Meter.u, to: Mill.sun}",
        "  - Mill.u",
    ));
    assert_eq!(graph.monitor.items[1].source.slot.index(), 1);
}

#[test]
fn a_connection_into_a_name_that_is_not_used_delivers_nothing() {
    for (models, target) in [
        ("- {name: C, type: Company, states: {mood: 0}}", "C.mood"),
        ("- {name: C, type: Company}", "C.bid"),
        ("", "Homes.consumption"),
    ] {
        let text = scenario(models, &format!("- {{from: Meter.load, to: {target}}}"), "");
        let (graph, warnings) = load(&text);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].ends_with(":unused_target"), "{warnings:?}");
        let fed: usize = graph.models.iter().map(|m| m.inputs.len()).sum();
        assert_eq!(fed, 1);
    }
}

#[test]
fn an_output_goes_to_one_place_only() {
    let text = pipes(
        "- {from: Homes.load_dem, to: P.x}\n- {from: P.y, to: Q.x}\n\
         - {from: P.y, to: R.x, time_shifted: true}",
    );
    assert_eq!(
        only(&text),
        "19:10: error: connection 'P.y' → 'R.x': 'P.y' is an output, a physical flow that goes to \
         one input only, and it goes to 'Q.x' already (line 18); remove one of the two connections"
    );
    let repeated = pipes(
        "- {from: Homes.load_dem, to: P.x}\n- {from: Homes.load_dem, to: P.x}\n\
         - {from: P.y, to: Q.x}\n- {from: Q.y, to: R.x}",
    );
    assert_eq!(codes(&repeated), ["18:split_output"]);
}

#[test]
fn a_state_goes_anywhere_and_the_monitor_reads_without_splitting() {
    let (_, warnings) = load(&scenario(
        PIPES,
        "- {from: Homes.load_dem, to: P.x}\n- {from: P.level, to: Q.x}\n- {from: P.level, to: R.x}",
        "  - P.level\n  - R.y",
    ));
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn outputs_and_states_do_not_mix() {
    let text = pipes(
        "- {from: Meter.u, to: P.x}\n- {from: P.y, to: R.x}\n- {from: Q.level, to: R.x}\n\
         - {from: Meter.u, to: Q.x}",
    );
    assert_eq!(
        only(&text),
        "19:10: error: connection 'Q.level' → 'R.x': 'Q.level' is a state and 'P.y' (line 18) is \
         an output; into one input go either outputs, which are added, or states"
    );
}

#[test]
fn several_states_need_an_input_that_takes_a_list() {
    let text = scenario(
        "- {name: M2, type: Meter, parameters: {file_path: load.csv}}",
        "- {from: M2.load, to: Homes.load}",
        "",
    );
    assert_eq!(
        only(&text),
        "15:10: error: connection 'M2.load' → 'Homes.load': 'Homes.load' wants a number, and \
         together with 'Meter.load' (line 14) it gets a list, because several states arrive as a \
         list; connect one of them only"
    );
    let companies =
        "- {name: A, type: Company}\n- {name: B, type: Company}\n- {name: M, type: Market}";
    let bids = "- {from: A.bid, to: M.bids}\n- {from: B.bid, to: M.bids}";
    assert_eq!(load(&scenario(companies, bids, "")).1, [""; 0]);
}

#[test]
fn an_input_gets_the_kind_of_value_that_it_wants() {
    let models = "- {name: C, type: Company}\n- {name: M, type: Market}\n- {name: P, type: Pipe}";
    let one = |connection: &str| {
        only(&scenario(
            models,
            &format!("- {{from: Meter.u, to: P.x}}\n{connection}"),
            "",
        ))
    };
    let connection = "- {from: C.bid, to: M.bids}";
    assert!(one(connection).contains("'M.bids' wants a list and 'C.bid' is a mapping"));
    let connection = "- {from: P.y, to: M.bids}";
    assert!(
        one(connection).contains("'M.bids' wants a list and gets an output, which is a number")
    );
    let connection = "- {from: C.slogan, to: M.anything}";
    assert!(one(connection).contains("outputs are added, and 'C.slogan' is a text"));
    let text = scenario(models, "- {from: C.bid, to: P.x}", "");
    assert_eq!(codes(&text), ["17:type_mismatch:x"]);
    let text = scenario(
        models,
        "- {from: Meter.u, to: P.x}\n- {from: C.bid, to: M.anything}\n- {from: Meter.u, to: M.anything}",
        "",
    );
    assert_eq!(load(&text).1, [""; 0]);
}

#[test]
fn a_needed_input_that_nobody_feeds_is_refused() {
    assert_eq!(
        only(&pipes(
            "- {from: Meter.load, to: P.x}\n- {from: Meter.load, to: R.x}"
        )),
        "13:10: error: model 'Q': nothing is connected to its input 'x' (something, kW), which it \
         needs; add a connection to 'Q.x'"
    );
    let text =
        pipes("- {from: Nobody.y, to: P.x}\n- {from: Meter.load, to: Q.x}\n- {from: Q.y, to: R.x}");
    assert_eq!(codes(&text), ["17:unknown_model"]);
}

#[test]
fn an_input_that_is_taken_for_something_else_is_warned_of() {
    let text = scenario(
        "- {name: Mill, type: Mill}",
        "- {from: Meter.u, to: Mill.u}",
        "",
    );
    assert_eq!(load(&text).1, ["12:unconnected_input:sun"]);
}

#[test]
fn a_shifted_connection_starts_from_the_value_under_inputs_of_its_target() {
    let text = pipes(
        "- {from: Meter.load, to: P.x}\n- {from: P.y, to: Q.x, time_shifted: true}\n\
         - {from: Q.y, to: R.x}",
    );
    let (graph, _) = load(&text);
    let source = &graph.models[ModelId(3)].inputs[0].sources[0];
    assert_eq!((source.from.model, source.shifted), (ModelId(2), true));
    assert_eq!(source.initial, Some(Value::Int(6)));
    assert_eq!(graph.models[ModelId(4)].inputs[0].sources[0].initial, None);
}

#[test]
fn a_shifted_connection_without_initial_value_is_refused() {
    let text = scenario(
        "- {name: P, type: Pipe}",
        "- {from: Homes.load_dem, to: P.x, time_shifted: true}",
        "",
    );
    assert_eq!(
        only(&text),
        "15:30: error: connection 'Homes.load_dem' → 'P.x' is time-shifted and needs a value for \
         the first step; add 'x: 0' under 'inputs' of model 'P'"
    );
    let text = scenario(
        "- {name: T, type: Tank}",
        "- {from: Homes.load_dem, to: T.heat, time_shifted: true}",
        "",
    );
    let (graph, _) = load(&text);
    assert_eq!(
        graph.models[ModelId(2)].inputs[0].sources[0].initial,
        Some(Value::Float(0.5))
    );
}

#[test]
fn initial_values_are_of_the_right_kind() {
    let shifted = |value: &str, source: &str| {
        scenario(
            &format!("- {{name: P, type: Pipe, inputs: {{x: {value}}}}}"),
            &format!("- {{from: {source}, to: P.x, time_shifted: true}}"),
            "",
        )
    };
    for value in ["", "[1]", "one"] {
        assert_eq!(
            codes(&shifted(value, "Homes.load_dem")),
            ["12:type_mismatch:x"],
            "{value}"
        );
    }
    assert_eq!(load(&shifted("", "Meter.load")).1, ["12:type_mismatch:x"]);
    assert_eq!(codes(&shifted("one", "Meter.load")), ["12:type_mismatch:x"]);
    assert_eq!(load(&shifted("true", "Homes.load_dem")).1, [""; 0]);
}

#[test]
fn a_shifted_column_needs_no_entry_under_states() {
    let text =
        scenario("", "", "").replace("to: Homes.load}", "to: Homes.load, time_shifted: true}");
    assert_eq!(load(&text).1, [""; 0]);
}

#[test]
fn a_direct_loop_is_refused_with_the_connection_to_shift() {
    let text = pipes(
        "- {from: P.y, to: Q.x}\n- {from: Q.level, to: R.x}\n- {from: R.level, to: P.x}\n\
         - {from: Q.y, to: Q.x}",
    );
    assert_eq!(
        refuse(&text),
        [
            "s.yaml:19:10: error: loop without a time-shifted connection: P → Q → R → P; add \
             'time_shifted: true' to connection 'R.level' → 'P.x' (line 19)"
                .to_owned(),
            "s.yaml:20:10: error: loop without a time-shifted connection: Q → Q; add \
             'time_shifted: true' to connection 'Q.y' → 'Q.x' (line 20)"
                .to_owned(),
        ]
    );
    let text = scenario(
        "- {name: P, type: Pipe}",
        "- {from: Homes.load_dem, to: P.x}\n- {from: P.y, to: Homes.load}",
        "",
    )
    .replace("- {from: Meter.load, to: Homes.load}\n", "")
    .replace("inputs:\n    load: 0\n", "inputs:\n    other: 0\n");
    assert_eq!(
        only(&text),
        "15:10: error: loop without a time-shifted connection: Homes → P → Homes; add \
         'time_shifted: true' to connection 'P.y' → 'Homes.load' (line 15), and 'load: 0' under \
         'inputs' of model 'Homes'"
    );
}

#[test]
fn a_shifted_connection_makes_a_loop_legal() {
    let text = pipes(
        "- {from: P.y, to: Q.x}\n- {from: Q.y, to: R.x}\n\
         - {from: R.y, to: P.x, time_shifted: true}",
    );
    let (graph, warnings) = load(&text);
    assert_eq!(warnings, [""; 0]);
    assert_eq!(graph.order, [0, 1, 2, 3, 4].map(ModelId));
    let own = scenario(
        "- {name: P, type: Pipe, inputs: {x: 1}}",
        "- {from: P.y, to: P.x, time_shifted: true}",
        "",
    );
    assert_eq!(
        load(&own).0.models[ModelId(2)].inputs[0].sources[0]
            .from
            .model,
        ModelId(2)
    );
}

#[test]
fn a_superseded_connection_is_warned_of_and_counts_for_loops_all_the_same() {
    let text = pipes(
        "- {from: Meter.u, to: P.x}\n- {from: P.y, to: Q.x}\n- {from: P.level, to: Q.x}\n\
         - {from: Meter.load, to: R.x}\n- {from: Meter.u, to: R.x, time_shifted: true}",
    );
    let (graph, warnings) = load(&text);
    assert_eq!(
        warnings,
        ["18:superseded_connection", "20:superseded_connection"]
    );
    let sources = &graph.models[ModelId(3)].inputs[0].sources;
    assert_eq!((sources.len(), sources[0].from.slot.index()), (1, 1));
    assert_eq!(graph.models[ModelId(3)].inputs[0].origin, Origin::State);
    let text = pipes(
        "- {from: Q.level, to: P.x}\n- {from: Q.y, to: P.x, time_shifted: true}\n\
         - {from: P.level, to: Q.x}\n- {from: Meter.u, to: R.x}",
    );
    assert_eq!(codes(&text), ["17:superseded_connection", "19:loop"]);
}

#[test]
fn a_column_is_recorded_twice_with_a_warning() {
    let (graph, warnings) = load(&scenario("", "", "  - Meter.u\n  - Homes.load_dem"));
    assert_eq!(warnings, ["20:duplicate_item"]);
    let texts: Vec<&str> = graph.monitor.items.iter().map(|item| &*item.text).collect();
    assert_eq!(texts, ["Homes.load_dem", "Meter.u", "Homes.load_dem"]);
}
