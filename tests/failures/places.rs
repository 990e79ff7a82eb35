//! What a run would write over is refused before anything is written or sent.

use std::fs;
use std::os::unix::fs::symlink;

use rig::{Trial, workspace};
use serde_json::Value as Json;

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

/// The names in a folder, sorted.
fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.expect("readable").file_name();
        name.into_string().expect("text")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn side_files_go_with_a_result_that_is_put_elsewhere() {
    let trial = scenario_into("out.csv");
    let folder = trial.path("elsewhere");
    for name in ["a", "b"] {
        let output = folder.join(format!("{name}.csv"));
        let output = output.to_str().expect("text");
        let arguments = ["run", "scenarios/electricity-market.yaml", "-o", output];
        rig::Ended::from(rig::controller(workspace(), &arguments)).assert(0, &[]);
    }
    let side = |name: &str| names(&folder.join(name).join("results/electricity-market"));
    let files = side("a.files");
    assert!(
        files.iter().any(|file| file == "all_bids_sorted_0.csv"),
        "{files:?}"
    );
    assert_eq!(side("b.files"), files);
    let all = names(&folder);
    let expected = ["a.csv", "a.files", "b.csv", "b.files"];
    assert!(
        expected
            .iter()
            .all(|name| all.iter().any(|there| there == name)),
        "{all:?}"
    );
    assert!(!all.iter().any(|name| name.contains("partial")), "{all:?}");
}

#[test]
fn a_warning_that_comes_in_the_run_ends_a_strict_one_and_is_there_for_programs() {
    let trial = scenario_into("out.csv");
    let data = fs::read_to_string(trial.path("data.csv")).expect("there");
    let first: Vec<&str> = data.lines().take(12).collect();
    fs::write(trial.path("data.csv"), first.join("\n") + "\n").expect("written");
    run(&trial, &["--strict"]).assert(2, &["--strict treats"]);
    assert!(!trial.path("out.csv").exists());
    let quiet = run(&trial, &["--quiet", "--json"]);
    quiet.assert(0, &[]);
    assert_eq!(quiet.stderr, "");
    let summary: Json = serde_json::from_str(&quiet.stdout).expect("JSON");
    let problems = summary["problems"].as_array().expect("a list");
    assert!(
        problems
            .iter()
            .any(|problem| problem["severity"] == "warning"),
        "{summary:#}"
    );
}

#[test]
fn a_check_judges_each_scenario_and_ends_with_the_worst() {
    let trial = scenario_into("out.csv");
    fs::write(trial.path("wrong.yaml"), "scenario: 1\n").expect("written");
    fs::write(
        trial.path("over.yaml"),
        SCENARIO.replace("FILE", "data.csv"),
    )
    .expect("written");
    let check = |options: &[&str]| -> rig::Ended {
        let files = ["check", "scenario.yaml", "wrong.yaml", "over.yaml"];
        rig::controller(&trial.path(""), &[&files, options].concat()).into()
    };
    let told = check(&[]);
    told.assert(
        2,
        &[
            "wrong.yaml:1:",
            "would be written over the data file of model 'Data'",
        ],
    );
    assert!(
        told.stdout.contains("1 of 3 scenarios are fine"),
        "{}",
        told.stdout
    );
    let answer: Json = serde_json::from_str(&check(&["--json"]).stdout).expect("JSON");
    assert_eq!(answer["exit_code"], 2);
    let files = answer["files"].as_array().expect("a list");
    let codes: Vec<&Json> = files.iter().map(|file| &file["error"]["code"]).collect();
    assert_eq!(
        codes,
        [&Json::Null, &"scenario".into(), &"collision".into()]
    );
    let problem = &files[1]["problems"][0];
    assert_eq!(
        (&problem["severity"], &problem["file"]),
        (&"error".into(), &"wrong.yaml".into())
    );
    assert!(
        problem["line"].as_u64().is_some() && problem["code"].is_string(),
        "{problem}"
    );
    rig::Ended::from(rig::controller(&trial.path(""), &["check"])).assert(1, &["name a scenario"]);
}

#[test]
fn dates_are_whole_where_the_scenario_or_the_user_wants_them() {
    let trial = scenario_into("out.csv");
    let first = || {
        let csv = trial.csv().expect("a result");
        csv.lines().nth(1).expect("a row").to_owned()
    };
    run(&trial, &[]).assert(0, &[]);
    assert_eq!(first(), "2024-01-01,1.0");
    run(&trial, &["--whole-dates"]).assert(0, &[]);
    assert_eq!(first(), "2024-01-01 00:00:00,1.0");
    let whole = SCENARIO.replace("{file: FILE", "{dates: whole, file: out.csv");
    fs::write(trial.path("scenario.yaml"), whole).expect("written");
    run(&trial, &[]).assert(0, &[]);
    assert_eq!(first(), "2024-01-01 00:00:00,1.0");
    let wrong = SCENARIO.replace("{file: FILE", "{dates: full, file: out.csv");
    fs::write(trial.path("scenario.yaml"), wrong).expect("written");
    run(&trial, &[]).assert(2, &["'dates' of 'monitor' must be 'whole'"]);
}

#[test]
fn a_record_says_what_a_result_was_made_from_and_stays_with_its_rows() {
    let trial = scenario_into("out.csv");
    let record = |name: &str| -> Json {
        let text = fs::read_to_string(trial.path(name)).expect("a record");
        serde_json::from_str(&text).expect("JSON")
    };
    run(&trial, &[]).assert(0, &[]);
    let first = record("out.run.json");
    assert_eq!((&first["rows"], &first["error"]), (&24.into(), &Json::Null));
    let files = first["made_from"].as_array().expect("a list");
    let paths: Vec<&Json> = files.iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["scenario.yaml", "data.csv"]);
    let hashes = files
        .iter()
        .map(|file| file["sha256"].as_str().map(str::len));
    assert_eq!(hashes.collect::<Vec<_>>(), [Some(64), Some(64)]);
    let over = trial.path("out.run.json");
    fs::copy(&over, trial.path("own.yaml")).expect("copied");
    run(&trial, &["--no-record"]).assert(0, &[]);
    assert!(!over.exists(), "it was that of another result");
}
