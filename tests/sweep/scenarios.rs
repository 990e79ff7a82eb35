//! The scenario of each variant as a file of its own.

use std::fs;

use super::Place;

#[test]
fn the_scenario_of_a_variant_has_its_result_in_a_single_run() {
    let place = Place::with_conformance();
    place
        .sweep(&["p01_product.yaml", "--write-scenarios"])
        .assert(0, &["12 variants in ./res"]);
    let results = place.files("res");
    assert_eq!(results.len(), 12 + 12 + 1);
    let third = place.read("res/p01_3.yaml");
    let title = "# variant 3 (Homes.houses = 2, Homes.output_type = 'energy', Cell.max_energy = 20) of p01_product.yaml";
    assert!(third.starts_with(title), "{third}");
    for id in 1..=12 {
        let (scenario, result) = (format!("res/p01_{id}.yaml"), format!("res/p01_{id}.csv"));
        let before = place.read(&result);
        fs::remove_file(place.path(&result)).expect("removed");
        let ended = place.controller(&["run", &scenario]);
        ended.assert(0, &[]);
        assert!(!ended.stderr.contains("ignores"), "{}", ended.stderr);
        assert_eq!(place.read(&result), before, "{scenario}");
    }
}

#[test]
fn values_of_options_and_samples_are_in_scenarios_as_what_they_are() {
    let place = Place::with_power_balance(&|text| text);
    place.write(
        "samples.csv",
        "Panels.output_type,Control.battery_active\npower,false\n",
    );
    let options = [
        "scenario.yaml",
        "--samples",
        "samples.csv",
        "--set",
        "Homes.houses=30.5",
        "--indicators",
        "totals",
        "--files",
        "--write-scenarios",
        "-o",
        "table.csv",
    ];
    place.sweep(&options).assert(0, &[]);
    let text = place.read("results/power-balance_1.yaml");
    for line in [
        "output_type: power",
        "battery_active: false",
        "houses: 30.5",
        "file: \"results/power-balance_1.csv\"",
    ] {
        let is_there = text.lines().any(|one| one.trim() == line);
        assert!(is_there, "no {line} in {text}");
    }
    let before = place.read("results/power-balance_1.csv");
    place
        .controller(&["run", "results/power-balance_1.yaml"])
        .assert(0, &[]);
    assert_eq!(place.read("results/power-balance_1.csv"), before);
}

#[test]
fn scenarios_that_have_no_place_are_refused() {
    let place = Place::with_conformance();
    let asked = |options: &[&str]| {
        let all = [&["p01_product.yaml", "--write-scenarios"], options].concat();
        place.sweep(&all)
    };
    asked(&["--indicators", "totals"]).assert(1, &["add --files"]);
    asked(&["-o", "out.yaml"]).assert(1, &["over their scenarios"]);
    asked(&["--ask"]).assert(1, &["writes no files"]);
    assert!(!place.path("res").exists(), "nothing ran");
    let text = place.read("p01_product.yaml");
    place.write("p01_3.yaml", &text.replace("./res/p01.csv", "./p01.csv"));
    place.sweep(&["p01_3.yaml", "--write-scenarios"]).assert(
        2,
        &["the scenario of variant 3 would be written over the scenario ('p01_3.yaml')"],
    );
    let programs = "simulators:\n  Late: {python: 'late:Late'}\n";
    place.write("programs.yaml", &(text + programs));
    let ended = place.sweep(&["programs.yaml", "--write-scenarios"]);
    ended.assert(1, &["in the folder of their scenario"]);
}
