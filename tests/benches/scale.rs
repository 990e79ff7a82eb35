//! What a step of a model costs in one process, with 10 to 10,000 models: households of five models
//! each, with a battery in a time-shifted loop.
//!
//!     cargo bench -p illuminator-tests --bench scale
//!
//! For each size there is a run of one day and one of many; the cost of a step is their difference, so
//! that start-up, which is printed beside, is not in it. The sizes take turns, and medians are taken.

use std::f64::consts::TAU;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use rig::controller_binary;
use shared::time::{TimeGrid, WallTime};

const ROUNDS: usize = 7;

/// Number of models, and the days of the long run: about as many steps in all.
const SIZES: [(u32, u32); 4] = [(10, 360), (100, 180), (1000, 20), (10_000, 5)];

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_weather(folder);
    for (models, days) in SIZES {
        for days in [1, days] {
            let text = households(models / 5, days);
            fs::write(folder.join(name(models, days)), text).expect("written");
        }
    }
    let mut costs = [const { Vec::new() }; SIZES.len()];
    let mut starts = [const { Vec::new() }; SIZES.len()];
    for _ in 0..ROUNDS {
        for (size, &(models, days)) in SIZES.iter().enumerate() {
            let day = seconds(folder, &name(models, 1));
            let all = seconds(folder, &name(models, days));
            let steps = f64::from(models) * 96.0 * f64::from(days - 1);
            let cost = (all - day) / steps;
            costs[size].push(cost * 1e9);
            starts[size].push((day - cost * f64::from(models) * 96.0) * 1e3);
        }
    }
    let costs = costs.map(median);
    let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let mut table = String::from("models  ns a step  of the least  start-up in ms\n");
    for ((models, _), (cost, start)) in SIZES.iter().zip(costs.iter().zip(starts.map(median))) {
        // Writing into a string cannot fail.
        let _ = writeln!(
            table,
            "{models:>6}  {cost:>9.0}  {:>12.2}  {start:>14.1}",
            cost / least
        );
    }
    print!("{table}");
}

/// A year of made-up weather and demand in one file: waves with the periods of day and year.
fn write_weather(folder: &Path) {
    let grid = TimeGrid {
        start: WallTime::parse("2011-01-01 00:00:00").expect("a time"),
        resolution: 900,
        ticks: 35_040,
    };
    let mut text = String::from("weather\ntime,G_Gh,G_Dh,G_Bn,Ta,hs,FF,Az,u,load\n");
    for tick in 0..grid.ticks {
        let day = (tick % 96) as f64 / 96.0 * TAU;
        let year = tick as f64 / grid.ticks as f64 * TAU;
        let height = -day.cos() * 50.0 - year.cos() * 12.0;
        let light = height.max(0.0) * 14.0;
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{},{:.0},{:.0},{:.0},{:.1},{height:.1},{:.1},{:.1},{:.2},{:.3}",
            grid.at(tick),
            light * 0.9,
            light * 0.3,
            light * 0.7,
            10.0 - 8.0 * year.cos(),
            4.0 + day.sin(),
            day.to_degrees(),
            7.0 + 3.0 * (day + year * 9.0).sin(),
            0.35 + 0.2 * (day * 2.0).sin(),
        );
    }
    fs::write(folder.join("weather.csv"), text).expect("written");
}

/// A scenario of households: weather, roof, mill, battery and controller each.
fn households(count: u32, days: u32) -> String {
    let end = WallTime::parse("2011-01-01 00:00:00").expect("a time");
    let end = end.plus(i64::from(days) * 86_400);
    let mut models = String::new();
    let mut connections = String::new();
    for house in 0..count {
        models.push_str(&HOUSEHOLD.replace('#', &house.to_string()));
        connections.push_str(&WIRES.replace('#', &house.to_string()));
    }
    let last = count - 1;
    format!(
        "scenario: {{name: scale, start_time: '2011-01-01 00:00:00', end_time: '{end}', \
         time_resolution: 900}}\nmodels:\n{models}connections:\n{connections}monitor:\n  \
         file: scale.csv\n  items: [Balance0.dump, Battery{last}.soc]\n"
    )
}

/// The models of a household; # is its number.
const HOUSEHOLD: &str = "\
- {name: Data#, type: CSV, parameters: {file_path: weather.csv}}
- name: Roof#
  type: PV
  parameters: {m_area: 1.26, NOCT: 44, m_efficiency_stc: 0.198, G_NOCT: 800, P_STC: 250, m_tilt: 14, m_az: 180, cap: 500, output_type: power}
- name: Mill#
  type: Wind
  parameters: {p_rated: 0.3, u_rated: 7.3, u_cutin: 2.8, u_cutout: 25, cp: 0.40, diameter: 2, output_type: power}
- name: Battery#
  type: Battery
  parameters: {max_p: 0.8, min_p: -0.8, max_energy: 0.8, charge_efficiency: 90, discharge_efficiency: 90, soc_min: 10, soc_max: 90}
  inputs: {flow2b: 0}
  states: {soc: 10}
- name: Balance#
  type: Controller_T1
  parameters: {soc_min: 10, soc_max: 90, max_p: 0.8, battery_active: true}
";

/// What connects them.
const WIRES: &str = "\
- {from: Data#.G_Gh, to: Roof#.G_Gh}
- {from: Data#.G_Dh, to: Roof#.G_Dh}
- {from: Data#.G_Bn, to: Roof#.G_Bn}
- {from: Data#.Ta, to: Roof#.Ta}
- {from: Data#.hs, to: Roof#.hs}
- {from: Data#.FF, to: Roof#.FF}
- {from: Data#.Az, to: Roof#.Az}
- {from: Data#.u, to: Mill#.u}
- {from: Data#.load, to: Balance#.load_dem}
- {from: Mill#.wind_gen, to: Balance#.wind_gen}
- {from: Roof#.pv_gen, to: Balance#.pv_gen}
- {from: Battery#.soc, to: Balance#.soc}
- {from: Balance#.flow2b, to: Battery#.flow2b, time_shifted: true}
";

fn name(models: u32, days: u32) -> String {
    format!("{models}-{days}.yaml")
}

fn seconds(folder: &Path, scenario: &str) -> f64 {
    let start = Instant::now();
    let (program, first) = controller_binary().split_first().expect("a command");
    let status = Command::new(program)
        .args(first)
        .args(["run", "-q", scenario])
        .current_dir(folder)
        .stdin(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "{scenario} runs"
    );
    start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
