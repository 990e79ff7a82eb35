//! Scenarios that tests run.

use std::fs;

use shared::time::WallTime;

use crate::{Node, workspace};

/// The start of [`loop_scenario`].
pub const LOOP_START: &str = "2012-01-01 00:00:00";

/// Houses, wind and sun around a battery and its controller, in steps of a second, without any
/// data file: what the houses need follows the level of the battery, so no two steps are alike for
/// a long time. `Cell` and `Brain` need each other's values in every step.
pub fn loop_scenario(ticks: u64) -> String {
    let start = WallTime::parse(LOOP_START).expect("valid");
    let end = start.plus(i64::try_from(ticks).expect("small"));
    format!("{HEAD}  start_time: '{start}'\n  end_time: '{end}'\n{BODY}")
}

/// The visit of the demonstration table among the examples, from which cables come without hardware; seen from the
/// [`workspace`].
pub const TABLE_JOURNAL: &str = "scenarios/data/table.journal.csv";

/// The demonstration table with its units on two nodes, and here.
pub fn table_on(nodes: &[Node; 2]) -> String {
    let text = fs::read_to_string(workspace().join("scenarios/table-cluster.yaml"));
    (1..=5).fold(text.expect("readable"), |text, unit| {
        let address = nodes[unit % 2].address;
        let (ip, port) = (address.ip(), address.port());
        text.replace(
            &format!("{{ip: '127.0.0.{unit}', port: 5123}}"),
            &format!("{{ip: '{ip}', port: {port}}}"),
        )
        // A pin of one node has one light.
        .replacen("pin: 18,", &format!("pin: {},", 21 + unit), 1)
    })
}

const HEAD: &str = "scenario:\n  name: loop\n  time_resolution: 1\n";

const BODY: &str = "\
models:
- name: Tank
  type: Battery
  inputs: {flow2b: 0}
  states: {soc: 50}
- name: Mill
  type: Load
  parameters: {houses: 0.011, input_type: power, output_type: power}
- name: Roof
  type: Load
  parameters: {houses: 0.007, input_type: power, output_type: power}
- name: Homes
  type: Load
  parameters: {houses: 0.03, input_type: power, output_type: power}
- name: Cell
  type: Battery
  parameters: {max_p: 2, min_p: -2, max_energy: 0.5, charge_efficiency: 90,
    discharge_efficiency: 90, soc_min: 5, soc_max: 95}
  inputs: {flow2b: 0}
  states: {soc: 80}
- name: Brain
  type: Controller_T1
  parameters: {soc_min: 5, soc_max: 95, max_p: 2, battery_active: true}
connections:
- {from: Tank.p_out, to: Tank.flow2b, time_shifted: true}
- {from: Tank.soc, to: Mill.load}
- {from: Tank.soc, to: Roof.load}
- {from: Cell.soc, to: Homes.load}
- {from: Mill.load_dem, to: Brain.wind_gen}
- {from: Roof.load_dem, to: Brain.pv_gen}
- {from: Homes.load_dem, to: Brain.load_dem}
- {from: Cell.soc, to: Brain.soc}
- {from: Brain.flow2b, to: Cell.flow2b, time_shifted: true}
monitor:
  items: [Brain.flow2b, Brain.dump, Cell.soc, Cell.p_out, Homes.load_dem]
";

/// A data file with a column `load`, quarters of an hour from the midnight of a day on.
pub fn quarters(day: &str, count: u32, cell: impl Fn(u32) -> String) -> String {
    let rows = (0..count).map(|row| {
        let (hour, minute) = (row / 4, row % 4 * 15);
        format!("{day} {hour:02}:{minute:02}:00,{}\n", cell(row))
    });
    format!("title\ntime,load\n{}", rows.collect::<String>())
}

/// The demand of homes, from `FILE`, a data file with a column `load`.
pub const HOMES: &str = "\
models:
- {name: Data, type: CSV, parameters: {file_path: FILE}}
- {name: Homes, type: Load, parameters: {houses: 1, input_type: power, output_type: power}}
connections:
- {from: Data.load, to: Homes.load}
";
