//! Types of the catalogue that merge their sections with what they declare: inputs that depend on parameters, inputs
//! that add, first values, and names that they do not have.

use shared::files::MemoryFiles;
use shared::plan::ModelId;
use shared::value::Value;

use crate::scenario::{Graph, LoadError, load_text};

fn text(models: &str, connections: &str) -> String {
    let connections = if connections.is_empty() {
        " []"
    } else {
        connections
    };
    format!(
        "scenario: {{name: s, start_time: '2012-02-01 00:00:00', \
         end_time: '2012-02-01 03:00:00', time_resolution: 900}}\n\
         models:\n{models}\nconnections:\n{connections}\n\
         monitor: {{file: out.csv, items: [Net.p_tot]}}\n"
    )
}

/// The graph, and the codes of its warnings.
fn load(models: &str, connections: &str) -> (Graph, Vec<String>) {
    let models = format!("- {{name: Net, type: ElectricityNetwork}}\n{models}");
    let text = text(&models, connections);
    let loaded = load_text("s.yaml", &text, &models::CATALOGUE, &MemoryFiles::default());
    let (graph, warnings) = loaded.unwrap_or_else(|error| panic!("refused:\n{error}"));
    (graph, warnings.iter().map(|w| w.code.to_string()).collect())
}

/// The problems, as `line:code`, and what they say.
fn refuse(models: &str, connections: &str) -> Vec<(String, String)> {
    let models = format!("- {{name: Net, type: ElectricityNetwork}}\n{models}");
    let text = text(&models, connections);
    match load_text("s.yaml", &text, &models::CATALOGUE, &MemoryFiles::default()) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(LoadError::Refused(problems)) => problems
            .iter()
            .map(|p| (format!("{}:{}", p.position.line, p.code), p.to_string()))
            .collect(),
        Err(other) => panic!("{other}"),
    }
}

const SOURCES: &str = "- {name: A, type: Constant, parameters: {power: 1, name: text}}\n\
                       - {name: B, type: Constant, parameters: {power: 2}}";

#[test]
fn several_states_are_added_and_an_input_with_one_source_takes_one() {
    let wires = "- {from: A.power, to: Net.p_in}\n- {from: B.power, to: Net.p_in}";
    let (graph, warnings) = load(SOURCES, wires);
    assert_eq!(warnings, [""; 0], "nothing has to be connected");
    assert_eq!(graph.models[ModelId(0)].inputs[0].sources.len(), 2);
    let pump = format!("{SOURCES}\n- {{name: P, type: HeatPump}}");
    let wires = "- {from: A.power, to: P.t_source}\n- {from: B.power, to: P.t_source}";
    let problems = refuse(&pump, wires);
    assert!(
        problems
            .iter()
            .any(|(code, _)| code == "9:several_sources:t_source"),
        "{problems:?}"
    );
    let problems = refuse(
        SOURCES,
        "- {from: A.name, to: Net.p_in}\n- {from: B.power, to: Net.p_in}",
    );
    assert_eq!(problems[0].0, "7:type_mismatch:p_in", "{problems:?}");
}

#[test]
fn inputs_that_depend_on_parameters_can_be_connected_and_others_cannot() {
    let valve = format!("{SOURCES}\n- {{name: V, type: H2Valve, parameters: {{outlets: 3}}}}");
    let (graph, _) = load(
        &valve,
        "- {from: A.power, to: V.limit_3}\n- {from: B.power, to: V.h2_in}",
    );
    let inputs = &graph.models[ModelId(3)].inputs;
    assert_eq!(inputs.len(), 2);
    let problems = refuse(&valve, "- {from: A.power, to: V.limit_4}");
    assert_eq!(problems[0].0, "8:unknown_attribute");
    assert!(problems[0].1.contains("limit_3"), "{problems:?}");
}

#[test]
fn where_an_input_is_null_a_shifted_source_begins_with_its_own_state() {
    let models = "- {name: S, type: H2Storage, parameters: {capacity: 10}, states: {soc: 20}}\n\
                  - {name: F, type: FuelCell}\n\
                  - {name: G, type: FuelCell, inputs: {h2_avail: 0.5}}";
    let wires = "- {from: S.h2_avail, to: F.h2_avail, time_shifted: true}\n\
                 - {from: S.h2_avail, to: G.h2_avail, time_shifted: true}\n\
                 - {from: S.h2_out, to: Net.p_in}";
    let (graph, _) = load(models, wires);
    let first = |model| {
        graph.models[ModelId(model)].inputs[0].sources[0]
            .initial
            .clone()
    };
    // 2 kg within a quarter of an hour.
    assert_eq!(first(2), Some(Value::Float(8.0)));
    assert_eq!(first(3), Some(Value::Float(0.5)));
}

#[test]
fn names_that_a_type_does_not_have_are_refused_with_what_is_meant() {
    let of = |entry: &str| refuse(&format!("- {{name: E, type: Electrolyser, {entry}}}"), "");
    for (entry, code, meant) in [
        (
            "parameters: {max_p_in: 2}",
            "4:unknown_parameter:max_p_in",
            "rated_power",
        ),
        ("inputs: {flow2e: 0}", "4:unknown_input:flow2e", "p_set"),
        ("outputs: {flow2c: 0}", "4:unknown_output:flow2c", "h2_gen"),
        ("states: {level: 0}", "4:unknown_state:level", "status"),
    ] {
        let problems = of(entry);
        let [(got, said)] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert_eq!(got, code);
        assert!(said.contains(meant), "{said}");
    }
}

#[test]
fn attributes_of_the_reference_say_what_is_there_in_their_place() {
    for (model_type, connection, meant) in [
        (
            "Electrolyser",
            "{from: Net.p_tot, to: E.flow2e}",
            "it takes 'p_set' in kW",
        ),
        (
            "FuelCell",
            "{from: Net.p_tot, to: E.h2_flow2f}",
            "'h2_set' in kg/h",
        ),
        (
            "FuelCell",
            "{from: E.p_out_fuelcell, to: Net.p_in}",
            "gives 'p_gen' in kW",
        ),
        (
            "H2Storage",
            "{from: Net.p_tot, to: E.eleh2_in}",
            "it takes 'h2_in'",
        ),
        (
            "H2Storage",
            "{from: E.h2_soc, to: Net.p_in}",
            "'soc' in place of",
        ),
        (
            "Compressor",
            "{from: E.eflow2c, to: Net.p_out}",
            "gives 'p_cons' in kW",
        ),
        (
            "HeatPump",
            "{from: Net.p_tot, to: E.heat_source_T}",
            "'t_source'",
        ),
        (
            "HeatStorage",
            "{from: Net.p_tot, to: E.flow2qs}",
            "it takes 'q_in' and 'q_out_set'",
        ),
        (
            "ElectricBoiler",
            "{from: Net.p_tot, to: E.eboiler_dem}",
            "it takes 'q_set'",
        ),
    ] {
        let problems = refuse(
            &format!("- {{name: E, type: {model_type}}}"),
            &format!("- {connection}"),
        );
        let [(code, said)] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert!(code.ends_with("unknown_attribute"), "{code}");
        let is_told = said.contains(", as it has in the Python Illuminator: it ");
        assert!(is_told && said.contains(meant), "{said}");
    }
    // Any other name has those that there are.
    let problems = refuse(
        "- {name: E, type: FuelCell}",
        "- {from: Net.p_tot, to: E.p_sett}",
    );
    assert!(
        problems[0].1.contains("did you mean 'p_set'? (inputs: "),
        "{problems:?}"
    );
}

#[test]
fn the_names_of_the_reference_say_what_differs() {
    for (there, here) in [
        ("Electrolyzer", "Electrolyser"),
        ("Fuelcell", "FuelCell"),
        ("Eboiler", "ElectricBoiler"),
        ("EleDisNetworkSim", "DistributionNetwork"),
        ("Hotwaterstorage", "HotWaterTank"),
        ("qstorage", "HeatStorage"),
    ] {
        let problems = refuse(&format!("- {{name: E, type: {there}}}"), "");
        assert_eq!(problems[0].0, "4:unknown_type");
        let said = &problems[0].1;
        let meant = format!("did you mean '{here}', whose interface differs: it ");
        assert!(said.contains(&meant), "{said}");
    }
}

const BILL: &str = "- {name: T, type: Tariff, parameters: {price: 0.3}}\n\
                    - {name: B, type: EnergyAccount}";

#[test]
fn prices_are_connected_or_given_and_nothing_else_is_made_of_them() {
    let meter = "- {from: Net.p_tot, to: B.p_export}";
    let problems = refuse(BILL, meter);
    let codes: Vec<&str> = problems.iter().map(|(code, _)| code.as_str()).collect();
    assert!(codes.contains(&"5:missing_input:price_buy"), "{codes:?}");
    assert!(codes.contains(&"5:missing_input:price_sell"), "{codes:?}");
    let said = problems
        .iter()
        .find(|(code, _)| code.ends_with("price_buy"));
    let remedy = "add a connection to 'B.price_buy', or 'price_buy: …' under 'inputs'";
    assert!(
        said.is_some_and(|(_, said)| said.contains(remedy)),
        "{said:?}"
    );
    let given = BILL.replace(
        "EnergyAccount}",
        "EnergyAccount, inputs: {price_buy: 0.3, price_sell: 0}}",
    );
    assert_eq!(load(&given, meter).1, [""; 0]);
    let wires = format!(
        "{meter}\n- {{from: T.price_buy, to: B.price_buy}}\n- {{from: T.price_sell, to: B.price_sell}}"
    );
    assert_eq!(load(BILL, &wires).1, [""; 0]);
}

#[test]
fn the_unit_of_a_market_price_is_compared() {
    let priced = "- {name: A, type: EnergyAccount, inputs: {price_buy: 0.3, price_sell: 0}}\n\
                  - {name: T, type: Tariff, parameters: {UNIT}}\n\
                  - {name: U, type: Tariff, parameters: {price: 0.2}}";
    let wire = "- {from: U.price_buy, to: T.market_price}";
    let in_kilowatt_hours = priced.replace("UNIT", "market_unit: €/kWh");
    assert_eq!(load(&in_kilowatt_hours, wire).1, [""; 0]);
    assert_eq!(
        load(&priced.replace("UNIT", "vat: 21"), wire).1,
        ["unit_mismatch"]
    );
    let without = refuse(&priced.replace("UNIT", "vat: 21"), "");
    assert_eq!(without[0].0, "5:missing_input:market_price", "{without:?}");
}

#[test]
fn what_a_type_assumes_in_the_first_step_is_said_unless_it_is_nothing() {
    let models = |inputs: &str| {
        format!("- {{name: P, type: HeatPump{inputs}}}\n- {{name: T, type: HotWaterTank}}")
    };
    let back = "- {from: T.charge_t_out, to: P.t_return, time_shifted: true}";
    let (_, warnings) = load(&models(""), back);
    assert_eq!(warnings, ["assumed_initial:t_return"]);
    let (_, warnings) = load(&models(", inputs: {t_return: 42}"), back);
    assert_eq!(warnings, [""; 0]);
    // No request and no flow, or what the source begins with.
    let nothing = "- {from: T.q_loss, to: P.q_set, time_shifted: true}\n\
                   - {from: T.t_mean, to: P.t_source}";
    assert_eq!(load(&models(""), nothing).1, [""; 0]);
}
