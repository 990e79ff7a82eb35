//! What the keys of a scenario file are, and what their values have to be.

use super::{codes, load, only, refuse, scenario};
use shared::plan::ModelId;

const END: &str = "models: []\nconnections: []\nmonitor: {items: [A.b]}\n";

fn with_scenario(section: &str) -> String {
    format!("scenario: {section}\n{END}")
}

#[test]
fn the_smallest_scenario_has_defaults_for_the_rest() {
    let (graph, warnings) = load(&scenario("", "", ""));
    assert_eq!((graph.grid.resolution, graph.grid.ticks), (900, 12));
    assert_eq!(graph.monitor.file.to_str(), Some("./out.csv"));
    assert_eq!(graph.name, "s");
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn the_four_keys_at_the_top_are_required_and_no_others_are_known() {
    let problems = refuse("scenaro: {}\n");
    assert_eq!(problems.len(), 4);
    assert_eq!(
        problems[0],
        "s.yaml:1:1: error: the scenario file has an unknown key 'scenaro', did you mean \
         'scenario'? (keys: scenario, simulators, models, \
         connections, monitor, indicators)"
    );
    assert_eq!(
        problems[1],
        "s.yaml:1:1: error: the scenario file lacks the key 'models'; add it"
    );
}

#[test]
fn a_document_that_is_no_mapping_is_refused() {
    assert!(only("- a\n").contains("must be a mapping (key: value), not a list"));
    assert!(only("just text").contains("not the text 'just text'"));
    assert!(only("").contains("the file is empty"));
    assert!(only("# nothing\n").contains("the file is empty"));
}

#[test]
fn times_are_quoted_texts_of_one_form() {
    let text = with_scenario("{name: s, start_time: 2012-02-01 00:00:00, end_time: 2012-02-02}");
    let problems = refuse(&text);
    assert_eq!(
        problems[..2],
        [
            "s.yaml:1:33: error: 'start_time' of 'scenario' must be in quotes: \
             '2012-02-01 00:00:00'",
            "s.yaml:1:64: error: 'end_time' of 'scenario' must be in quotes: \
             '2012-02-02 00:00:00'"
        ]
    );
    let text =
        with_scenario("{name: s, start_time: 2012-02-30 1, end_time: '2012-02-30 00:00:00'}");
    let problems = refuse(&text);
    assert!(problems[0].contains("must have the form '2012-06-01 00:00:00', not '2012-02-30 1'"));
    assert!(problems[1].contains("there is no '2012-02-30 00:00:00' in the calendar"));
    assert!(
        refuse(&with_scenario("{name: s, start_time: 5, end_time: }"))[0].contains(
            "must be a date and time in quotes, such as '2012-06-01 00:00:00', not the integer 5"
        )
    );
}

#[test]
fn the_end_comes_after_the_start() {
    for end in ["2012-02-01 00:00:00", "2012-01-31 23:59:59"] {
        let text = with_scenario(&format!(
            "\n  name: s\n  start_time: '2012-02-01 00:00:00'\n  end_time: '{end}'"
        ));
        assert_eq!(codes(&text)[0], "4:end_before_start");
    }
}

#[test]
fn a_run_shorter_than_a_step_is_warned_of() {
    let text = scenario("", "", "").replace("03:00:00", "00:14:59");
    let (graph, warnings) = load(&text);
    assert_eq!(graph.grid.ticks, 0);
    assert_eq!(warnings, ["1:no_steps"]);
}

#[test]
fn the_resolution_is_a_positive_integer() {
    for (value, code) in [
        ("0", "out_of_range"),
        ("-900", "out_of_range"),
        ("4294967296", "out_of_range"),
        ("900.0", "wrong_kind"),
        ("'900'", "wrong_kind"),
        ("true", "wrong_kind"),
        ("", "wrong_kind"),
    ] {
        let text = scenario("", "", "").replace("'}", &format!("', time_resolution: {value}}}"));
        assert_eq!(codes(&text), [format!("1:{code}")], "{value}");
    }
    let text = scenario("", "", "").replace("'}", "', time_resolution: 0x384}");
    assert_eq!(load(&text).0.grid.resolution, 900);
}

#[test]
fn names_are_texts_that_are_not_empty() {
    let text = scenario("- {name: 5, type: ''}", "", "");
    let problems = refuse(&text);
    assert_eq!(
        problems,
        [
            "s.yaml:12:10: error: 'name' of model number 3 must be text, not the integer 5; put \
             it in quotes",
            "s.yaml:12:19: error: 'type' of model number 3 must not be empty"
        ]
    );
    assert_eq!(
        codes(&scenario("- {}", "", "")),
        ["12:missing_key", "12:missing_key"]
    );
}

#[test]
fn an_unknown_key_of_a_model_is_refused_with_what_could_be_meant() {
    let text = scenario("- {name: C, type: Company, parameter: {a: 1}}", "", "");
    assert_eq!(
        only(&text),
        "12:28: error: model 'C' has an unknown key 'parameter', did you mean 'parameters'? \
         (keys: name, type, parameters, inputs, outputs, states, time_step_size, triggers, \
         connect, leds, multi_parameters)"
    );
}

#[test]
fn a_section_has_at_least_one_entry() {
    for value in ["", "{}", "[]", "[a]", "5"] {
        let text = scenario(
            &format!("- {{name: C, type: Company, states: {value}}}"),
            "",
            "",
        );
        let message = only(&text);
        assert!(
            message.contains("a mapping with at least one entry (or be left out)"),
            "{message}"
        );
    }
}

#[test]
fn step_sizes_are_positive_integers() {
    for (value, code) in [
        ("0", "out_of_range"),
        ("-1", "out_of_range"),
        ("1.0", "wrong_kind"),
    ] {
        let text = scenario(
            &format!("- {{name: C, type: Company, time_step_size: {value}}}"),
            "",
            "  - C.bid",
        );
        assert_eq!(codes(&text), [format!("12:{code}")]);
    }
    let text = scenario("- {name: C, type: Company, time_step_size: 4}", "", "");
    assert_eq!(load(&text).0.models[ModelId(2)].instance.step_size, 4);
}

#[test]
fn what_a_single_run_ignores_is_checked_and_warned_of() {
    let text = scenario(
        "- name: C\n  type: Company\n  triggers: [a]\n  multi_parameters: {a: [1]}",
        "",
        "",
    )
    .replace("'}", "', align_parameters: false}");
    let (_, warnings) = load(&text);
    assert_eq!(
        warnings,
        ["1:ignored_key", "14:ignored_key", "15:ignored_key"]
    );
    let text = scenario(
        "- name: C\n  type: Company\n  triggers: []\n  multi_parameters: {a: 1}",
        "",
        "",
    )
    .replace("'}", "', align_parameters: no}");
    let problems = refuse(&text);
    assert!(
        problems[0].contains("a plain yes, no, on or off is text"),
        "{}",
        problems[0]
    );
    assert!(
        problems[1].contains("'triggers' of model 'C' must be a list with at least one element")
    );
}

#[test]
fn connections_may_be_empty_but_not_null() {
    let text = scenario("", "", "").replace("- {from: Meter.load, to: Homes.load}", "");
    let message = only(&text);
    assert!(
        message.contains("'connections' must be a list, not empty; for an empty list write []")
    );
}

#[test]
fn the_ends_of_a_connection_have_a_form() {
    let text = scenario(
        "",
        "- {from: Meter, to: Homes.load.x, time_shifted: 1, delay: 2}",
        "",
    );
    assert_eq!(
        codes(&text),
        [
            "15:malformed_reference",
            "15:malformed_reference",
            "15:wrong_kind",
            "15:unknown_key"
        ]
    );
    assert_eq!(
        codes(&scenario("", "- {from: Meter.u}", "")),
        ["15:missing_key"]
    );
}

#[test]
fn the_monitor_has_items() {
    for items in ["", "[]", "Homes.load_dem"] {
        let text = with_scenario("").replace("[A.b]", items);
        assert!(codes(&text).contains(&"4:wrong_kind".to_owned()), "{items}");
    }
    assert_eq!(
        codes(&scenario("", "", "  - Homes")),
        ["19:malformed_reference"]
    );
}

#[test]
fn the_result_is_a_file_in_a_folder_that_need_not_exist() {
    let with_file = |file: &str| scenario("", "", &format!("  file: {file}"));
    let (graph, warnings) = load(&with_file("./no_such_folder/out.csv"));
    assert_eq!(
        graph.monitor.file.to_str(),
        Some("./no_such_folder/out.csv")
    );
    assert_eq!(warnings, [""; 0]);
    for folder in ["./", "results/", "."] {
        assert!(only(&with_file(folder)).contains("is a folder; name a file in it"));
    }
    assert!(only(&with_file("''")).contains("'file' of 'monitor' must not be empty"));
    assert!(only(&with_file("5")).contains("put it in quotes"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    let text = "\
scenario:
  name: ''
  start_time: '2012-02-01 00:00:00'
  end_time: '2012-01-31 00:00:00'
  colour: red
models:
- name: A
  type: Huose
- name: A
  type: House
  time_step_size: 0
  parameters: {houses: -1}
connections:
- {from: A.load_dem, to: B.load}
- {from: A.load, to: A.lode}
monitor:
  items:
  - A.consumption
";
    assert_eq!(
        codes(text),
        [
            "2:empty_text",
            "4:end_before_start",
            "5:unknown_key",
            "8:unknown_type",
            "9:duplicate_name",
            "11:out_of_range",
            "12:invalid_parameter:houses",
            "14:unknown_model",
            "15:loop",
        ]
    );
}
