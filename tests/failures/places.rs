//! What a run would write over is refused before anything is written or sent.

use std::fs;
use std::os::unix::fs::symlink;

use rig::Trial;

const SCENARIO: &str = "\
scenario: {name: over, start_time: '2024-01-01 00:00:00', end_time: '2024-01-01 06:00:00'}
models:
- {name: Data, type: CSV, parameters: {file_path: data.csv}}
- {name: Homes, type: Load, parameters: {houses: 1, input_type: power, output_type: power}}
connections:
- {from: Data.load, to: Homes.load}
monitor: {file: FILE, items: [Homes.load_dem]}
";

/// A scenario beside its data, with this result.
fn scenario_into(result: &str) -> Trial {
    let trial = Trial::new(&SCENARIO.replace("FILE", result));
    let rows = (0..24).map(|row| format!("2024-01-01 {:02}:{:02}:00,1\n", row / 4, row % 4 * 15));
    let data = format!("load\ntime,load\n{}", rows.collect::<String>());
    fs::write(trial.path("data.csv"), data).expect("written");
    trial
}

/// What a run says that has its result where the scenario says, or where the options say.
fn run(trial: &Trial, options: &[&str]) -> rig::Ended {
    let arguments = [&["run", "scenario.yaml"], options].concat();
    rig::controller(&trial.path(""), &arguments).into()
}

#[test]
fn a_result_over_what_the_run_reads_is_refused_by_whatever_name() {
    let trial = scenario_into("out.csv");
    let path = |name: &str| trial.path(name);
    let kept = |name: &str| fs::read_to_string(path(name)).expect("there");
    let (data, scenario) = (kept("data.csv"), kept("scenario.yaml"));
    symlink("data.csv", path("soft.csv")).expect("linked");
    fs::hard_link(path("data.csv"), path("hard.csv")).expect("linked");
    symlink(".", path("here")).expect("linked");
    for name in ["data.csv", "soft.csv", "hard.csv", "here/data.csv"] {
        let both = format!(
            "error: the result ('{name}') would be written over the data file of model 'Data' ('data.csv')"
        );
        run(&trial, &["-o", name]).assert(2, &[&both, "choose another file with --output"]);
    }
    let own = "error: the result ('here/scenario.yaml') would be written over the scenario";
    run(&trial, &["-o", "here/scenario.yaml"]).assert(2, &[own]);
    assert_eq!((kept("data.csv"), kept("scenario.yaml")), (data, scenario));
    run(&trial, &["-o", "data2.csv"]).assert(0, &[]);
}

#[test]
fn the_growing_result_is_not_written_over_what_the_run_reads_either() {
    let trial = scenario_into("out.csv");
    symlink("data.csv", trial.path("out.partial.csv")).expect("linked");
    let said = "error: the growing result ('out.partial.csv') would be written over the data file";
    run(&trial, &[]).assert(2, &[said]);
}

#[test]
fn the_monitor_file_of_a_scenario_is_looked_at_as_well() {
    for (result, read) in [
        ("data.csv", "the data file of model 'Data'"),
        ("./scenario.yaml", "the scenario"),
    ] {
        let trial = scenario_into(result);
        let said = format!("error: the result ('{result}') would be written over {read}");
        run(&trial, &[]).assert(2, &[&said]);
    }
}
