//! Runs over many years.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use rig::{controller_binary, run_bounded};
use shared::time::{TimeGrid, WallTime};

/// Quarters of an hour in ten years.
const TICKS: u64 = 350_640;

/// What the controller may take for its data, in KiB. The file that it reads, the one that it writes,
/// and the values that flow between the models are each larger for ten years.
const LIMIT: u32 = 8 * 1024;

const MODELS: &str = "\
models:
- {name: Demand, type: CSV, parameters: {file_path: demand.csv}}
- {name: Homes, type: Load, parameters: {houses: 5, input_type: power, output_type: power}}
- name: Cell
  type: Battery
  parameters: {max_p: 2, min_p: -2, max_energy: 5, charge_efficiency: 90, discharge_efficiency: 90,
    soc_min: 5, soc_max: 95}
  inputs: {flow2b: 0}
  states: {soc: 50}
connections:
- {from: Demand.load, to: Homes.load}
- {from: Homes.load_dem, to: Cell.flow2b, time_shifted: true}
monitor:
  file: result.csv
  items: [Demand.load, Cell.p_out, Cell.soc]
";

fn write_demand(folder: &Path, grid: TimeGrid) {
    let mut text = String::from("demand\ntime,load\n");
    for tick in 0..grid.ticks {
        let load = (tick % 97) as f64 / 100.0 - 0.4;
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{},{load:.2}", grid.at(tick));
    }
    fs::write(folder.join("demand.csv"), text).expect("written");
}

#[test]
fn memory_does_not_grow_with_the_number_of_steps() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let grid = TimeGrid {
        start: WallTime::parse("2001-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: TICKS,
    };
    write_demand(folder, grid);
    let (start, end) = (grid.start, grid.at(TICKS));
    let head = format!(
        "scenario: {{name: ten years, start_time: '{start}', end_time: '{end}', \
         time_resolution: 900}}\n"
    );
    fs::write(folder.join("years.yaml"), head + MODELS).expect("written");
    let read = fs::metadata(folder.join("demand.csv"))
        .expect("there")
        .len();
    assert!(read > u64::from(LIMIT) * 1024, "{read} bytes are no test");
    let command = format!("ulimit -d {LIMIT} && exec \"$@\" run -q years.yaml");
    let mut limited = Command::new("sh");
    limited.args(["-c", &command, "sh"]);
    limited.args(controller_binary()).current_dir(folder);
    let run = run_bounded(&mut limited);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "within {LIMIT} KiB: {said}");
    let result = fs::read_to_string(folder.join("result.csv")).expect("there");
    assert!(result.len() > LIMIT as usize * 1024);
    let rows = result.lines().count() - 1;
    assert_eq!(rows as u64, TICKS);
}
