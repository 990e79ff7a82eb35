//! What a run would write over is refused before anything is written or sent.

use std::fs;
use std::os::unix::fs::symlink;

use rig::{Ended, HOMES, Run, Trial, controller_in, quarters, workspace};
use serde_json::Value as Json;

/// Six hours of homes with this result.
fn scenario(result: &str) -> String {
    let head = "scenario: {name: over, start_time: '2024-01-01 00:00:00', end_time: '2024-01-01 \
                06:00:00'}\n";
    let models = HOMES.replace("FILE", "data.csv");
    format!("{head}{models}monitor: {{file: {result}, items: [Homes.load_dem]}}\n")
}

/// A scenario beside its data, with this result.
fn scenario_into(result: &str) -> Trial {
    let trial = Trial::new(&scenario(result));
    let data = quarters("2024-01-01", 24, |_| "1".to_owned());
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
    // Each table is there as JSON as well.
    let path = folder.join("a.files/results/electricity-market");
    for table in files.iter().filter_map(|file| file.strip_suffix(".csv")) {
        let read = |end: &str| fs::read_to_string(path.join(format!("{table}.{end}")));
        let (csv, json) = (
            read("csv").expect("a table"),
            read("json").expect("beside it"),
        );
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(&json).expect("a list of objects");
        assert_eq!(rows.len() + 1, csv.lines().count(), "{table}");
        let names = csv.lines().next().expect("a header");
        let keys: Vec<&str> = rows[0].keys().map(String::as_str).collect();
        assert_eq!(keys.join(","), names, "{table}");
        assert!(rows.iter().all(|row| row["Company"].is_string()), "{table}");
        let is_number = |row: &serde_json::Map<_, serde_json::Value>| {
            row.values().any(serde_json::Value::is_f64)
        };
        assert!(rows.iter().all(is_number), "{table}");
    }
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

/// A market of so many hours, whose side files go to the folder `market`.
fn market(hours: u32, result: &str) -> String {
    format!(
        "scenario: {{name: market, start_time: '2024-01-01 00:00:00', end_time: '2024-01-01 \
         {hours:02}:00:00', time_resolution: 3600}}\nmodels:\n- {{name: Need, type: CSV, \
         parameters: {{file_path: data.csv}}, time_step_size: 1}}\n- name: Company\n  type: \
         GenerationCompanyAgent\n  parameters: {{company_name: A, automated_bids: true, \
         bids_manual: null}}\n  inputs:\n    portfolio: [{{Technology: Gas, 'Capacity (MW)': 9, \
         'Cost (€/MWh)': 50, Availability: 1}}]\n- {{name: Market, type: Operator_Market, \
         parameters: {{results_dir: market}}}}\nconnections:\n- {{from: Company.bids, to: \
         Market.bids}}\n- {{from: Need.need, to: Market.demand}}\nmonitor: {{file: {result}, items: \
         [Market.market_clearing_price]}}\n"
    )
}

/// Writes the scenario of a market beside its data.
fn write_market(trial: &Trial, hours: u32, result: &str) {
    fs::write(trial.path("scenario.yaml"), market(hours, result)).expect("written");
    let rows = (0..24).map(|hour| format!("2024-01-01 {hour:02}:00:00,1\n"));
    let data = format!("need\ntime,need\n{}", rows.collect::<String>());
    fs::write(trial.path("data.csv"), data).expect("written");
}

#[test]
fn two_runs_do_not_share_a_folder_of_side_files_at_a_time() {
    let trial = scenario_into("out.csv");
    write_market(&trial, 6, "first.csv");
    let pipe = trial.path("pipe");
    let made = rig::run_bounded(std::process::Command::new("mkfifo").arg(&pipe));
    assert!(made.status.success(), "{made:?}");
    // It waits for somebody who reads its rows.
    let first: Run = controller_in(&trial.path(""), &["run", "scenario.yaml", "-o", "pipe"]);
    while !trial.path("market").exists() {
        std::thread::yield_now();
    }
    write_market(&trial, 6, "second.csv");
    symlink("market", trial.path("link")).expect("linked");
    let second = market(6, "second.csv").replace("results_dir: market", "results_dir: link");
    fs::write(trial.path("second.yaml"), second).expect("written");
    for name in ["scenario.yaml", "second.yaml"] {
        let refused = rig::controller(&trial.path(""), &["run", name]);
        Ended::from(refused).assert(5, &["is being written by another run"]);
    }
    assert!(!trial.path("second.csv").exists());
    run(&trial, &["-o", "other.csv"]).assert(0, &[]);
    let rows = fs::read_to_string(&pipe).expect("rows");
    assert_eq!(rows.lines().count(), 7);
    Ended::from(first.finish()).assert(0, &[]);
    run(&trial, &[]).assert(0, &[]);
    assert_eq!(names(&trial.path("market")).len(), 24);
}

#[test]
fn side_files_of_an_earlier_run_do_not_pass_for_those_of_this_one() {
    let trial = scenario_into("out.csv");
    let check = || {
        Ended::from(rig::controller(
            &trial.path(""),
            &["check", "scenario.yaml"],
        ))
    };
    for options in [&[][..], &["-o", "new.csv"]] {
        write_market(&trial, 8, "out.csv");
        run(&trial, options).assert(0, &[]);
    }
    write_market(&trial, 6, "out.csv");
    let said = "market/all_bids_sorted_6.csv:1:1: warning: 8 files of an earlier run would stay";
    check().assert(0, &[said, "give 'results_dir' another folder"]);
    run(&trial, &["--strict"]).assert(2, &[said]);
    run(&trial, &[]).assert(0, &[said]);
    assert_eq!(
        names(&trial.path("market")).len(),
        32,
        "nothing is taken from the user"
    );
    run(&trial, &["-o", "new.csv", "--strict"]).assert(0, &[]);
    assert_eq!(names(&trial.path("new.files/market")).len(), 24);
    for name in names(&trial.path("market")) {
        if name.contains("_6.") || name.contains("_7.") {
            fs::remove_file(trial.path("market").join(name)).expect("removed");
        }
    }
    run(&trial, &["--strict"]).assert(0, &[]);
}

#[test]
fn an_output_with_backslashes_is_refused_with_the_path_that_is_meant() {
    let trial = scenario_into("out.csv");
    for option in [
        &["-o", r"results\out.csv"][..],
        &[r"--output=results\out.csv"],
    ] {
        run(&trial, option).assert(1, &["write 'results/out.csv'"]);
    }
    assert!(
        names(&trial.path(""))
            .iter()
            .all(|name| !name.contains('\\'))
    );
}

#[test]
fn a_check_tells_programs_what_would_run_where() {
    let trial = scenario_into("out.csv");
    let answer = |options: &[&str]| -> Json {
        let arguments = [&["check", "scenario.yaml", "--json"], options].concat();
        let ended = Ended::from(rig::controller(&trial.path(""), &arguments));
        ended.assert(0, &[]);
        let answer: Json = serde_json::from_str(&ended.stdout).expect("JSON");
        answer["files"][0].clone()
    };
    let file = answer(&[]);
    assert_eq!(
        (&file["scenario"], &file["ticks"]),
        (&"over".into(), &24.into())
    );
    let homes = serde_json::json!({"name": "Homes", "type": "Load", "place": "this machine"});
    assert_eq!(file["models"][1], homes);
    assert_eq!(
        file["sites"][0]["models"],
        serde_json::json!(["Data", "Homes"])
    );
    let node = rig::Node::start();
    let (ip, port) = (node.address.ip(), node.address.port());
    let placed = scenario("out.csv").replace(
        "output_type: power}",
        &format!("output_type: power}}, connect: {{ip: {ip}, port: {port}}}"),
    );
    fs::write(trial.path("scenario.yaml"), placed).expect("written");
    let file = answer(&[]);
    let place = node.address.to_string();
    assert_eq!(file["models"][1]["place"], *place);
    assert_eq!(file["sites"][1]["name"], *place);
    assert_eq!(file["sites"][1]["models"], serde_json::json!(["Homes"]));
    assert!(file["sites"][1]["release"].is_string());
    assert_eq!(answer(&["--local"])["models"][1]["place"], "this machine");
    let lit =
        scenario("out.csv").replace("file_path: data.csv}", "file_path: data.csv}, leds: LIGHTS");
    let lit = lit.replace("LIGHTS", "[{attribute: load, pin: 18, above: 1}]");
    fs::write(trial.path("scenario.yaml"), lit).expect("written");
    let problem = &answer(&[])["problems"][0];
    assert_eq!(problem["severity"], "note");
    let said = problem["message"].as_str().expect("text");
    assert!(said.starts_with("the LEDs of Data stay dark"), "{said}");
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
    fs::write(trial.path("over.yaml"), scenario("data.csv")).expect("written");
    let check = |options: &[&str]| -> rig::Ended {
        let files = ["check", "scenario.yaml", "wrong.yaml", "over.yaml"];
        rig::controller(&trial.path(""), &[&files, options].concat()).into()
    };
    let checked = check(&[]);
    checked.assert(
        2,
        &[
            "wrong.yaml:1:",
            "would be written over the data file of model 'Data'",
        ],
    );
    assert!(
        checked.stdout.contains("1 of 3 scenarios are fine"),
        "{}",
        checked.stdout
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
    let whole = scenario("out.csv").replace("{file", "{dates: whole, file");
    fs::write(trial.path("scenario.yaml"), whole).expect("written");
    run(&trial, &[]).assert(0, &[]);
    assert_eq!(first(), "2024-01-01 00:00:00,1.0");
    let wrong = scenario("out.csv").replace("{file", "{dates: full, file");
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
