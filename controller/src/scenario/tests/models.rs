//! Types, parameters and sections of models.

use super::{codes, load, only, refuse, scenario};
use shared::plan::ModelId;

fn company(rest: &str) -> String {
    scenario(&format!("- {{name: C, type: Company, {rest}}}"), "", "")
}

#[test]
fn an_unknown_type_is_refused_with_what_could_be_meant() {
    let of_type = |name: &str| only(&scenario(&format!("- {{name: C, type: {name}}}"), "", ""));
    assert_eq!(
        of_type("Hause"),
        "12:19: error: model 'C': there is no type 'Hause', did you mean 'House'? (types: Meter, \
         House, Pipe, Mill, Tank, Market, Company, Lamp, Border)"
    );
    assert!(of_type("Collector").contains("the monitor is built in"));
    for there in ["TopologyMaker", "USBtrigger", "PandaController"] {
        let why = of_type(there);
        assert!(why.contains("while the run goes on"), "{why}");
        assert!(why.contains("remove the model"), "{why}");
    }
}

#[test]
fn attributes_of_a_model_without_type_are_not_judged() {
    let text = scenario(
        "- {name: C, type: Nonsense}",
        "- {from: C.anything, to: C.whatever, time_shifted: true}",
        "  - C.some",
    );
    assert_eq!(codes(&text), ["12:unknown_type"]);
}

#[test]
fn names_of_models_are_unique() {
    let text = scenario("- {name: Homes, type: Company}", "", "");
    assert_eq!(
        only(&text),
        "12:10: error: model 'Homes' has the name of another model, in line 7; give it a name of \
         its own"
    );
}

#[test]
fn a_name_that_is_no_word_is_fine_until_something_refers_to_it() {
    let text = scenario("- {name: 'A company', type: Company}", "", "");
    assert_eq!(load(&text).1, [""; 0]);
    let text = scenario("- {name: 'A-1', type: Company}", "", "  - A-1.bid");
    assert_eq!(codes(&text), ["19:malformed_reference"]);
}

#[test]
fn a_wrong_parameter_is_told_at_its_key() {
    let text = scenario("", "", "").replace("houses: 2", "houses: yes");
    assert_eq!(
        only(&text),
        "9:16: error: model 'Homes': parameter 'houses' must be a number, not 'yes'"
    );
}

#[test]
fn a_missing_parameter_is_told_at_its_section() {
    let text = scenario("", "", "").replace("{houses: 2}", "{cats: 2}");
    assert_eq!(
        refuse(&text),
        [
            "s.yaml:9:3: error: model 'Homes': parameter 'houses' is missing under 'parameters'; \
             add 'houses: 1' for the default",
            "s.yaml:9:16: warning: model 'Homes': the type 'House' does not use a parameter \
             'cats' (parameters: houses)",
        ]
    );
}

#[test]
fn a_parameter_that_is_missing_because_it_is_misspelt_is_one_mistake() {
    let text = scenario("", "", "").replace("{houses: 2}", "{house: 2}");
    assert_eq!(
        only(&text),
        "9:16: error: model 'Homes': the type 'House' does not use a parameter 'house', did you \
         mean 'houses'? (parameters: houses); it needs 'houses'"
    );
    let both = scenario("", "", "").replace("{houses: 2}", "{house: 2, houses: 2}");
    assert_eq!(load(&both).1.len(), 1, "a warning");
}

#[test]
fn parameters_are_known_by_the_names_that_they_had() {
    let text = scenario("", "", "").replace("file_path:", "Datafile:");
    assert_eq!(
        only(&text),
        "6:5: error: model 'Meter': the type 'Meter' does not use a parameter 'Datafile', did you \
         mean 'file_path'? (parameters: file_path); it needs 'file_path'"
    );
}

#[test]
fn a_missing_section_that_is_needed_is_told_at_the_model() {
    let text = scenario("- {name: M, type: Meter}", "", "");
    assert_eq!(codes(&text), ["12:missing_parameter:file_path"]);
}

#[test]
fn a_missing_data_file_is_told_at_the_key_that_names_it() {
    let text = scenario("", "", "").replace("load.csv", "lod.csv");
    let message = only(&text);
    assert!(
        message.starts_with("6:5: error: model 'Meter': cannot read 'lod.csv': "),
        "{message}"
    );
}

#[test]
fn the_paths_that_a_model_reads_are_known() {
    let (graph, _) = load(&scenario("", "", ""));
    assert_eq!(graph.models[ModelId(0)].paths, ["load.csv"]);
    assert_eq!(graph.models[ModelId(1)].paths, [""; 0]);
}

#[test]
fn what_a_type_warns_of_is_told_at_the_model() {
    let text = scenario("", "", "").replace("'}", "', time_resolution: 7}");
    assert_eq!(load(&text).1, ["1:end_inside_tick", "3:model"]);
}

#[test]
fn an_attribute_stands_in_its_own_section() {
    assert_eq!(
        codes(&company("outputs: {bid: 0}")),
        ["12:wrong_section:bid"]
    );
    assert!(only(&company("states: {slogan: 0}")).contains(
        "'slogan' is an output of the type 'Company'; move it from 'states' to 'outputs'"
    ));
    assert_eq!(
        codes(&company("outputs: {x: 0}, states: {x: 0}")),
        ["12:duplicate_attribute:x"]
    );
    assert_eq!(
        codes(&company("outputs: {bid: 0}, states: {bid: 0}")),
        ["12:duplicate_attribute:bid"]
    );
    let text = scenario("", "", "").replace("  type: Meter", "  type: Meter\n  outputs: {load: 0}");
    assert_eq!(codes(&text), ["5:wrong_section:load"]);
}

#[test]
fn names_that_the_type_does_not_know_do_no_harm() {
    let (graph, warnings) = load(&company("inputs: {a: 1}, outputs: {b: 2}, states: {c: 3}"));
    assert_eq!(warnings, [""; 0]);
    let config = &graph.models[ModelId(2)].config;
    assert_eq!(config.outputs.as_ref().map(Vec::len), Some(1));
}

#[test]
fn a_model_that_cannot_be_built_does_not_hide_other_errors() {
    let text = scenario("", "- {from: Meter.lod, to: Homes.lode}", "  - Homes.load")
        .replace("load.csv", "lod.csv");
    assert_eq!(
        codes(&text),
        [
            "6:missing_file",
            "15:unknown_attribute",
            "19:input_not_published"
        ]
    );
}

#[test]
fn parameters_are_checked_even_where_the_time_is_not_known() {
    let text = scenario("", "", "")
        .replace("start_time: '2012-02-01 00:00:00'", "start_time: soon")
        .replace("houses: 2", "houses: -1");
    assert_eq!(
        codes(&text),
        ["1:invalid_time", "9:invalid_parameter:houses"]
    );
}

#[test]
fn an_unquoted_time_in_a_section_becomes_text_with_a_warning() {
    let (_, warnings) = load(&company("states: {x: 2012-01-01}"));
    assert_eq!(warnings, ["12:unquoted_time"]);
}

#[test]
fn anchors_and_merge_keys_give_models_what_they_share() {
    let text = scenario(
        "- &one\n  name: One\n  type: House\n  parameters: &p {houses: 3}\n\
         - {<<: *one, name: Two}\n- {name: Three, type: House, parameters: *p}",
        "- {from: Meter.load, to: One.load}\n- {from: Meter.load, to: Two.load}\n\
         - {from: Meter.load, to: Three.load}",
        "",
    );
    let (graph, warnings) = load(&text);
    assert_eq!(warnings, [""; 0]);
    let configs: Vec<_> = graph.models.iter().skip(2).map(|m| &m.config).collect();
    assert_eq!((&*configs[0].name, &*configs[1].name), ("One", "Two"));
    assert_eq!(configs[0].parameters, configs[1].parameters);
    assert_eq!(configs[0].parameters, configs[2].parameters);
}

#[test]
fn a_model_goes_to_the_node_that_connect_names() {
    let (graph, warnings) = load(&company("connect: {ip: 192.168.0.7, port: 5200}"));
    let connect = graph.models[ModelId(2)].connect.as_ref().expect("placed");
    assert_eq!((&*connect.host, connect.port), ("192.168.0.7", 5200));
    assert_eq!(connect.place.line, 12);
    assert_eq!(warnings, [""; 0]);
}
