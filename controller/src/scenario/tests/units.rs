//! What a connection carries and what its target wants.

use shared::files::MemoryFiles;

use crate::scenario::load_text;

/// The warnings about units of a scenario with these connections.
fn warnings(load: &str, connections: &str) -> Vec<String> {
    let store = if connections.contains("Store") {
        "- {name: Store, type: Battery}"
    } else {
        ""
    };
    let text = format!(
        "scenario: {{name: u, start_time: '2012-02-01 00:00:00', end_time: '2012-02-01 00:30:00'}}
models:
- {{name: File, type: CSV, parameters: {{file_path: d.csv}}}}
- {{name: Homes, type: Load, parameters: {{houses: 1{load}}}}}
{store}
connections:
{connections}
monitor: {{items: [Homes.load_dem]}}
"
    );
    let mut files = MemoryFiles::default();
    let data = "title\ntime,load,Ta,x_kWh,soc,other\n2012-02-01 00:00:00,1,1,1,1,1\n\
                2012-02-01 00:15:00,1,1,1,1,1\n";
    files.insert("d.csv".to_owned(), data.as_bytes().to_vec());
    let (_, warnings) = load_text("u.yaml", &text, &models::CATALOGUE, &files)
        .unwrap_or_else(|error| panic!("refused:\n{error}"));
    let about_units = warnings.iter().filter(|w| w.code == "unit_mismatch");
    about_units.map(|w| w.message.clone()).collect()
}

const TO_STORE: &str = "- {from: Homes.load_dem, to: Store.flow2b}";

#[test]
fn what_fits_or_is_unknown_passes() {
    let other = "- {from: File.other, to: Homes.load}";
    for (load, connections) in [
        ("", "- {from: File.load, to: Homes.load}"),
        (", output_type: power", &format!("{other}\n{TO_STORE}")),
        ("", other),
        (
            ", input_type: energy",
            "- {from: File.x_kWh, to: Homes.load}",
        ),
    ] {
        assert_eq!(warnings(load, connections), [""; 0], "{connections}");
    }
}

#[test]
fn energy_where_power_is_wanted_is_warned_of_with_the_parameter_to_set() {
    let connections = format!("- {{from: File.load, to: Homes.load}}\n{TO_STORE}");
    assert_eq!(
        warnings(", output_type: energy", &connections),
        [
            "connection 'Homes.load_dem' → 'Store.flow2b': 'Homes.load_dem' is in kWh and \
             'Store.flow2b' wants kW; set 'output_type: power' for model 'Homes'"
        ]
    );
    let found = warnings(
        ", input_type: power",
        "- {from: File.x_kWh, to: Homes.load}",
    );
    assert!(
        found[0].ends_with("set 'input_type: energy' for model 'Homes'"),
        "{found:?}"
    );
}

#[test]
fn a_column_is_what_the_catalogue_calls_so() {
    let found = warnings(", input_type: power", "- {from: File.Ta, to: Homes.load}");
    assert!(found[0].contains("'File.Ta' is in °C and 'Homes.load' wants kW; connect what fits"));
    let other = "- {from: File.other, to: Homes.load}";
    let found = warnings(
        "",
        &format!("{other}\n- {{from: File.soc, to: Store.flow2b}}"),
    );
    assert!(
        found[0].contains("is in % and 'Store.flow2b' wants kW"),
        "{found:?}"
    );
}
