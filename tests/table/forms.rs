//! Scenarios in the forms in which the branch for clusters publishes its own: they load and run.

use controller::scenario::{LoadError, load_text};
use shared::files::MemoryFiles;

use super::one_process::{Ran, run};

/// Six quarters of an hour.
const HEAD: &str = "\
scenario: {name: form, start_time: '2013-05-14 11:00:00', end_time: '2013-05-14 12:30:00', \
time_resolution: 900}
";

fn files() -> MemoryFiles {
    let table = |columns: &str, rows: [&str; 6]| {
        let row = |(quarter, row): (usize, &&str)| {
            let (hour, minute) = (11 + quarter / 4, 15 * (quarter % 4));
            format!("2013-05-14 {hour}:{minute:02}:00,{row}\n")
        };
        let rows: Vec<String> = rows.iter().enumerate().map(row).collect();
        format!("form\ndate,{columns}\n{}", rows.concat()).into_bytes()
    };
    let mut files = MemoryFiles::default();
    for (name, columns, rows) in [
        (
            "homes.csv",
            "load",
            ["0.25", "0.5", "0.75", "1", "1.25", "1.5"],
        ),
        ("gusts.csv", "u", ["0", "4", "8", "12", "16", "20"]),
        (
            "bright.csv",
            "G_Gh,G_Dh,G_Bn,Ta,hs,FF,Az",
            ["600,120,500,15,50,2,180"; 6],
        ),
        (
            "dark.csv",
            "G_Gh,G_Dh,G_Bn,Ta,hs,FF,Az",
            ["0,0,0,15,-5,2,180"; 6],
        ),
    ] {
        files.insert(name.to_owned(), table(columns, rows));
    }
    files
}

/// Runs a scenario; returns its columns, the codes of its warnings, and what it came to.
fn ran(text: &str) -> (Vec<Vec<String>>, Vec<String>, Ran) {
    let text = format!("{HEAD}{text}");
    let loaded = load_text("form.yaml", &text, &models::CATALOGUE, &files());
    let (graph, warnings) = loaded.unwrap_or_else(|error| panic!("{error}"));
    let codes = warnings.iter().map(|warning| warning.code.to_string());
    let codes = codes.filter(|code| code != "model").collect();
    let ran = run(graph, &|_| Vec::new());
    let mut columns: Vec<Vec<String>> = Vec::new();
    for row in ran.rows.lines() {
        for (place, cell) in row.split(',').enumerate() {
            if columns.len() == place {
                columns.push(Vec::new());
            }
            columns[place].push(cell.to_owned());
        }
    }
    (columns, codes, ran)
}

/// A reader of a file, with the sections that are not left out.
fn reader(name: &str, file: &str, rest: &str) -> String {
    format!(
        "- {{name: {name}, type: CSV, parameters: {{file_path: {file}, delimiter: ',', \
         date_format: 'YYYY-MM-DD HH:mm:ss'}}{rest}}}\n"
    )
}

const ROOF: &str = "\
- name: Roof
  type: PV
  parameters: {m_area: 1.5, NOCT: 45, m_efficiency_stc: 0.2, G_NOCT: 800, P_STC: 300, \
peak_power: 300, m_tilt: 20, m_az: 180, cap: 600, output_type: power}
  inputs: {G_Gh: 0, G_Dh: 0, G_Bn: 0, Ta: 0, hs: 0, FF: 0, Az: 0}
  outputs: {pv_gen: 0}
  states: {pv_genState: 0}
";

const MILL: &str = "\
\x20 type: Wind
  parameters: {p_rated: 0.5, u_rated: 9, u_cutin: 1, u_cutout: 25, cp: 0.4, diameter: 1.5, \
output_type: power}
  inputs: {u: 0}
  outputs: {wind_gen: 0, u: 0}
  states: {wind_genState: 0, u60: 0}
";

const CELL: &str = "\
- name: Cell
  type: Battery
  parameters: {max_p: 1, min_p: -1, max_energy: 4, charge_efficiency: 90, \
discharge_efficiency: 90, soc_min: 10, soc_max: 90}
  inputs: {flow2b: 0}
  outputs: {p_out: 0, p_in: 0}
";

const HEAD_OF_HOUSE: &str = "\
- name: Keeper
  type: Controller_T1
  parameters: {soc_min: 10, soc_max: 90, max_p: 1, battery_active: true}
  inputs: {wind_gen: 0, pv_gen: 0, load_dem: 0, load_EV: 0, soc: 0}
  outputs: {flow2b: 0, res_load: 0, dump: 0}
  states: {flow2bState: 0}
";

/// What leads from the weather to the roof.
fn weather(reader: &str) -> String {
    let columns = ["G_Gh", "G_Dh", "G_Bn", "Ta", "hs", "FF", "Az"];
    let connection = |name: &str| format!("- {{from: {reader}.{name}, to: Roof.{name}}}\n");
    columns.map(connection).concat()
}

#[test]
fn a_household_whose_lights_have_no_mapping() {
    let text = [
        "models:\n",
        &reader("Meter", "homes.csv", ", states: {load: 0}"),
        // Its states are left out, and so are those of the battery and of the lights.
        "- {name: Homes, type: Load, parameters: {houses: 2, output_type: power}, inputs: {load: 0}, \
         outputs: {load_dem: 0}}\n",
        &reader("Sky", "bright.csv", ""),
        ROOF,
        &reader("Mast", "gusts.csv", ""),
        "- name: Mill\n  connect: {ip: 192.0.2.19, port: 5123}\n",
        MILL,
        "- name: Mill_LED\n  type: LED_connection\n  connect: {ip: 192.0.2.19, port: 5124}\n  \
         parameters: {min_speed: 0, max_speed: 0.2, direction: 1}\n  inputs: {speed: 0}\n",
        CELL,
        "  states: {mod: 0, soc: 50, flag: 0}\n",
        "- {name: Cell_LED, type: LED_connection, parameters: {min_speed: 0, max_speed: 0.1, \
         direction: 0}, inputs: {speed: 0}}\n",
        HEAD_OF_HOUSE,
        "connections:\n",
        "- {from: Meter.load, to: Homes.load}\n- {from: Homes.load_dem, to: Keeper.load_dem}\n",
        &weather("Sky"),
        "- {from: Roof.pv_gen, to: Keeper.pv_gen}\n- {from: Mast.u, to: Mill.u}\n\
         - {from: Mill.wind_gen, to: Keeper.wind_gen}\n\
         - {from: Mill.wind_genState, to: Mill_LED.speed}\n\
         - {from: Cell.soc, to: Keeper.soc}\n\
         - {from: Keeper.flow2b, to: Cell.flow2b, time_shifted: true}\n\
         - {from: Keeper.flow2bState, to: Cell_LED.speed}\n",
        "monitor: {file: form.csv, items: [Keeper.flow2bState, Keeper.flow2b, \
         Mill.wind_genState, Cell_LED.connections]}\n",
    ];
    let (columns, warnings, _) = ran(&text.concat());
    assert_eq!(columns[0], columns[1]);
    assert_eq!(columns[2][0], "0", "calm");
    assert_ne!(columns[2][2], "0");
    assert_eq!(columns[3], ["[]"; 6]);
    assert_eq!(warnings, ["unconnected_input:mapping"; 2]);
}

/// A light with all of its sections.
fn light(name: &str) -> String {
    format!(
        "- {{name: {name}, type: LED_connection, parameters: {{min_speed: 0, max_speed: 1, \
         direction: 1}}, inputs: {{speed: 0, mapping: []}}, states: {{connections: []}}}}\n"
    )
}

const BORDER: &str = "parameters: {connection_capacity: 2, tolerance_limit: 0.5, critical_limit: \
                      0.8}, inputs: {power_flow: 0}, outputs: {residual: 0}, states: \
                      {flag_warning: 0, flag_critical: 0}}\n";

#[test]
fn a_street_with_two_grid_connections_and_a_story_that_changes_a_file() {
    let two = "['dark.csv', 'bright.csv']";
    let text = [
        "models:\n",
        &reader("Meter", "homes.csv", ", states: {load: 0}"),
        "- {name: Homes, type: Load, parameters: {houses: 1, output_type: power}, inputs: {load: 0}, \
         outputs: {load_dem: 0}, states: {load_dem_state: 0}}\n",
        &reader("Sky", two, ", inputs: {file_index: 0}"),
        ROOF,
        &reader("Mast", "gusts.csv", ""),
        "- name: Mill\n",
        MILL,
        CELL,
        "  states: {mod: 0, soc: 50, flag: 0, p_out_state: 0}\n",
        &format!("- {{name: Near, type: GridConnection, {BORDER}"),
        &format!("- {{name: Far, type: GridConnection, {BORDER}"),
        HEAD_OF_HOUSE,
        &light("Homes_LED"),
        &light("Roof_LED"),
        &light("Mill_LED"),
        // States of an earlier story, which nobody reads.
        "- {name: Teller, type: Controller_StoryMode, inputs: {physical_connections: []}, states: \
         {file_index_Load: 0, EWI_LED_mapping: [], house_LED_mapping: []}}\n",
        "connections:\n",
        "- {from: Meter.load, to: Homes.load}\n- {from: Homes.load_dem, to: Near.power_flow}\n\
         - {from: Homes.load_dem_state, to: Keeper.load_dem}\n\
         - {from: Homes.load_dem_state, to: Homes_LED.speed}\n",
        &weather("Sky"),
        "- {from: Roof.pv_gen, to: Near.power_flow}\n- {from: Roof.pv_genState, to: Keeper.pv_gen}\n\
         - {from: Roof.pv_genState, to: Roof_LED.speed}\n- {from: Mast.u, to: Mill.u}\n\
         - {from: Mill.wind_gen, to: Far.power_flow}\n\
         - {from: Mill.wind_genState, to: Keeper.wind_gen}\n\
         - {from: Mill.wind_genState, to: Mill_LED.speed}\n\
         - {from: Cell.p_out, to: Near.power_flow}\n\
         - {from: Cell.p_in_state, to: Roof_LED.speed}\n\
         - {from: Near.residual, to: Far.power_flow}\n\
         - {from: Cell.soc, to: Keeper.soc}\n\
         - {from: Keeper.flow2b, to: Cell.flow2b, time_shifted: true}\n\
         - {from: Teller.file_index_Load, to: Sky.file_index, time_shifted: true}\n",
        "- {from: Homes_LED.connections, to: Teller.physical_connections}\n\
         - {from: Roof_LED.connections, to: Teller.physical_connections}\n\
         - {from: Mill_LED.connections, to: Teller.physical_connections}\n",
        "monitor: {file: form.csv, items: [Keeper.flow2bState, Near.residual, Far.residual, \
         Roof.pv_genState, Homes.load_dem_state, Mill.wind_genState, Cell.p_out_state]}\n",
    ];
    let (columns, warnings, ran) = ran(&text.concat());
    let numbers = columns.iter().map(|column| {
        let numbers = column
            .iter()
            .map(|cell| cell.parse::<f64>().expect("a number"));
        numbers.collect::<Vec<f64>>()
    });
    let numbers: Vec<Vec<f64>> = numbers.collect();
    let [_, near, far, sun, homes, wind, cell] = numbers.as_slice() else {
        panic!("{columns:?}");
    };
    assert_eq!(columns[3], ["0.0"; 6], "the dark file");
    let same = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    for row in 0..6 {
        same(near[row], homes[row] + sun[row] + cell[row]);
        same(far[row], wind[row] + near[row]);
    }
    let [mappings @ .., first, second] = warnings.as_slice() else {
        panic!("{warnings:?}");
    };
    assert_eq!(mappings, ["unconnected_input:mapping"; 3]);
    let states = ["EWI_LED_mapping", "house_LED_mapping"];
    assert!(
        first.ends_with(states[0]) && second.ends_with(states[1]),
        "{warnings:?}"
    );
    let missing = ran
        .notices
        .iter()
        .filter(|n| n.text.contains("the story knows a unit"));
    assert_eq!(missing.count(), 6, "no light has a name of the story");
}

/// A stand-in with its light, on nodes of their own.
fn unit(name: &str, first: &str, ports: [u16; 2]) -> String {
    let connect = |port: u16| format!("  connect: {{ip: 192.0.2.{}, port: {port}}}\n", port % 200);
    format!(
        "- name: {name}\n  type: Dummy\n  inputs: {{in1: {first}}}\n  states: {{state1: {first}}}\n{}\
         - name: {name}_LED\n  type: LED_connection\n  parameters: {{min_speed: 0, max_speed: 1.0, \
         direction: 1}}\n  inputs: {{speed: 0, mapping: []}}\n  states: {{connections: []}}\n{}",
        connect(ports[0]),
        connect(ports[1])
    )
}

#[test]
fn a_table_of_stand_ins_with_a_port_for_each_model() {
    let names = ["Load_house", "PV", "Wind", "Battery"];
    let mut text = "models:\n".to_owned();
    for (number, name) in (0..).zip(names) {
        text += &unit(name, "0.6", [5122 + 2 * number, 5123 + 2 * number]);
    }
    text += "- {name: Story, type: Controller_StoryMode, inputs: {physical_connections: []}, states: \
             {file_index_Load_EWI: 0, file_index_Load_house: 0, file_index_PV: 0, \
             file_index_Battery: 0, file_index_Wind: 0, Load_EWI_LED_mapping: [], \
             Grid_Ext_LED_mapping: [], Load_house_LED_mapping: [], PV_LED_mapping: [], \
             Battery_LED_mapping: [], Wind_LED_mapping: []}}\nconnections:\n";
    let connections = names.map(|name| {
        format!(
            "- {{from: {name}.state1, to: {name}_LED.speed}}\n\
             - {{from: {name}_LED.connections, to: Story.physical_connections}}\n\
             - {{from: Story.{name}_LED_mapping, to: {name}_LED.mapping, time_shifted: true}}\n\
             - {{from: Story.file_index_{name}, to: {name}.in1, time_shifted: true}}\n"
        )
    });
    text += &connections.concat();
    text += "monitor: {file: form.csv, items: [Load_house.state1, Wind.state1]}\n";
    let (columns, warnings, _) = ran(&text);
    let levels = ["0.6", "0", "0", "0", "0", "0"];
    assert_eq!(columns, [levels, levels], "nothing is plugged in");
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn stand_ins_that_pass_on_what_they_start_with() {
    let text = "\
models:
- {name: First, type: Dummy, inputs: {in1: 0.6}, states: {state1: 0.6}}
- {name: Second, type: Dummy, inputs: {in1: 0.6}, states: {state1: 0.6}}
- {name: Third, type: Dummy, parameters: {param1: 0.6}, states: {state1: 0}}
connections:
- {from: Second.state1, to: First.in1, time_shifted: true}
- {from: First.state1, to: Second.in1}
monitor: {file: form.csv, items: [First.state1, Second.state1, Third.state1]}
";
    let (columns, warnings, _) = ran(text);
    assert_eq!(columns, [["0.6"; 6]; 3]);
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn both_names_of_a_flow_are_refused_with_what_to_connect() {
    let text = format!(
        "{HEAD}models:\n\
         - {{name: Level, type: Dummy}}\n- {{name: Near, type: GridConnection, {BORDER}\
         connections:\n- {{from: Level.state1, to: Near.dump}}\n\
         - {{from: Level.state1, to: Near.power_flow}}\n\
         monitor: {{file: form.csv, items: [Near.residual]}}\n"
    );
    let loaded = load_text("form.yaml", &text, &models::CATALOGUE, &files());
    let Err(LoadError::Refused(problems)) = loaded else {
        panic!("accepted");
    };
    let said = problems.to_string();
    assert!(
        said.contains("connect 'dump' or 'power_flow', not both"),
        "{said}"
    );
}
