//! Which variants there are, and that each is what a run of its own would be.

use std::fs;

use rig::Scenario;

use super::{Place, assert_same, each_of_the_conformance_set, expected};

#[test]
fn tables_and_results_are_those_of_the_python_illuminator() {
    let place = Place::with_conformance();
    place
        .sweep(&["p01_product.yaml"])
        .assert(0, &["12 variants in ./res", "2 models in each variant"]);
    assert_same(&place.files("res"), &expected("p01_product", "p01_"));
    std::fs::remove_dir_all(place.path("res")).expect("removed");
    let ended = place.sweep(&["p02_aligned.yaml", "--jobs", "1"]);
    ended.assert(0, &["3 variants in ./res"]);
    assert_same(&place.files("res"), &expected("p02_aligned", "p02."));
}

#[test]
fn values_on_the_command_line_and_in_tables_are_those_of_the_scenario() {
    let place = Place::with_conformance();
    place.sweep(&["p01_product.yaml"]).assert(0, &[]);
    let wanted = place.files("res");
    let options: [&[&str]; 3] = [
        &[
            "--set",
            "Homes.houses=2, 3.5,10",
            "--set",
            "Homes.output_type=power,'energy'",
            "--set",
            "Cell.max_energy=range(20, 4, -10)",
        ],
        // The table of combinations has the same variants, in the same order.
        &["--samples", "table.csv"],
        &["--samples", "short.csv", "--set", "Homes.output_type=power"],
    ];
    let table = place.read("res/scenariotable.csv");
    place.write("table.csv", &table);
    let semicolons: Vec<String> = table
        .lines()
        .enumerate()
        .filter(|(row, line)| *row == 0 || line.ends_with("power"))
        .map(|(_, line)| line.rsplit_once(',').expect("a column").0.replace(',', ";"))
        .collect();
    place.write("short.csv", &semicolons.join("\n"));
    for (number, options) in options.into_iter().enumerate() {
        std::fs::remove_dir_all(place.path("res")).expect("removed");
        place
            .sweep(&[&["p01_product.yaml"], options].concat())
            .assert(0, &[]);
        let got = place.files("res");
        if number < 2 {
            assert_same(&got, &wanted);
            continue;
        }
        assert_eq!(got.len(), 7, "{:?}", got.keys());
        // The first one with 'power' of each number of houses.
        for (own, all) in [(1, 1), (2, 2), (3, 5), (4, 6), (5, 9), (6, 10)] {
            let name = |id: u32| std::path::PathBuf::from(format!("p01_{id}.csv"));
            assert_eq!(got[&name(own)], wanted[&name(all)]);
        }
    }
}

/// What is computed once for all variants is what each would compute.
#[test]
fn each_variant_is_what_a_run_of_its_own_gives() {
    for (model, key, values) in [
        ("Storage", "max_energy", "10,90,400"),
        ("Panels", "cap", "0,40000"),
        ("Homes", "houses", "1,30,2.5"),
        ("Control", "battery_active", "true,false"),
        ("SunFile", "file_path", "scenarios/data/summer/sun.csv"),
    ] {
        let place = Place::with_power_balance(&|text| text);
        let set = format!("{model}.{key}={values}");
        place
            .sweep(&["scenario.yaml", "--set", &set])
            .assert(0, &[]);
        for (number, value) in values.split(',').enumerate() {
            let text = place.read("scenario.yaml");
            let (before, own) = text
                .split_once(&format!("name: {model}\n"))
                .expect("the model");
            let (line, after) = own
                .split_once(&format!("    {key}: "))
                .expect("the parameter");
            let (_, after) = after.split_once('\n').expect("a line");
            let changed = format!("{before}name: {model}\n{line}    {key}: {value}\n{after}");
            place.write("alone.yaml", &changed);
            let alone = ["run", "alone.yaml", "-o", "alone.csv", "--no-record", "-q"];
            place.controller(&alone).assert(0, &[]);
            let variant = format!("results/power-balance_{}.csv", number + 1);
            assert_eq!(
                place.read(&variant),
                place.read("alone.csv"),
                "{set}: {value}"
            );
        }
    }
}

#[test]
fn a_scenario_without_values_is_one_variant() {
    let place = Place::with_power_balance(&|text| text);
    let one = "1 variant in results";
    place.sweep(&["scenario.yaml"]).assert(0, &[one]);
    assert_eq!(
        place.read("results/scenariotable.csv"),
        "simulationID\r\n1\r\n"
    );
    let aligned = place.sweep(&["scenario.yaml", "--aligned"]);
    aligned.assert(2, &["no parameter has several"]);
}

#[test]
fn more_than_a_thousand_results_have_folders_of_a_thousand() {
    let place = Place::with_conformance();
    let text = place
        .read("p02_aligned.yaml")
        .replace("09:00:00", "06:15:00");
    place.write("short.yaml", &text);
    let set = [
        "short.yaml",
        "--set",
        "Cell.max_energy=range(1,1002,1)",
        "--set",
        "Homes.houses=1",
    ];
    let unequal = place.sweep(&set);
    unequal.assert(2, &["must be equally many"]);
    place.write("samples.csv", &{
        let rows: Vec<String> = (1..=1001).map(|row| row.to_string()).collect();
        format!("Cell.max_energy\n{}\n", rows.join("\n"))
    });
    place
        .sweep(&["short.yaml", "--samples", "samples.csv", "-q"])
        .assert(0, &[]);
    let files = place.files("res");
    assert_eq!(files.len(), 1002);
    for name in [
        "p02.result_000/p02.result_1000.csv",
        "p02.result_001/p02.result_1001.csv",
    ] {
        assert!(files.contains_key(std::path::Path::new(name)), "{name}");
    }
}

/// The first parameter of each model that has a number, as `Model.parameter` and its value.
fn numbers(text: &str) -> Vec<(String, String)> {
    let (mut found, mut model, mut is_open) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("- name: ") {
            name.trim().trim_matches('\'').clone_into(&mut model);
            is_open = false;
        } else if line.starts_with("  ") && !line.starts_with("   ") {
            is_open = line.trim_end() == "  parameters:";
        } else if let (true, Some((key, value))) = (is_open, line.trim().split_once(": ")) {
            let value = value.split(" #").next().unwrap_or_default().trim();
            if value.parse::<f64>().is_ok() && key != "unused" {
                found.push((format!("{model}.{key}"), value.to_owned()));
                is_open = false;
            }
        }
    }
    found
}

/// Whatever is played back and whatever steps: multirate, loops, files that end, market and story.
#[test]
fn variants_of_the_conformance_set_are_its_runs() {
    let mut variants = 0;
    each_of_the_conformance_set(|place, wanted, scenario| {
        place
            .sweep(&["scenario.yaml", "-q", "-o", "out.csv"])
            .assert(0, &[]);
        assert_eq!(place.read("out_1.csv"), wanted, "{}", scenario.name);
        variants += assert_second_variants_are(place, wanted, scenario, &["-q"]);
    });
    assert!(variants > 100, "{variants}");
}

/// The room of a store in the beginning, which the electrolyser before it gets in its first step.
const STORE: &str = "
scenario: {name: s, start_time: '2026-07-06 00:00:00', end_time: '2026-07-06 06:00:00', time_resolution: 3600}
models:
- {name: Maker, type: Electrolyser, inputs: {p_set: 100}}
- {name: Tank, type: H2Storage, parameters: {capacity: 50}, states: {soc: 90}}
connections:
- {from: Maker.h2_gen, to: Tank.h2_in}
- {from: Tank.h2_room, to: Maker.h2_room, time_shifted: true}
monitor: {file: out.csv, items: [Maker.h2_gen, Tank.mass]}
";

#[test]
fn a_connection_begins_with_what_its_source_begins_with_in_each_variant() {
    let place = Place::new();
    place.write("scenario.yaml", STORE);
    let set = [
        "scenario.yaml",
        "-o",
        "all.csv",
        "--set",
        "Tank.capacity=1,50",
    ];
    place.sweep(&set).assert(0, &[]);
    let mut runs = Vec::new();
    for (number, capacity) in ["1", "50"].into_iter().enumerate() {
        let one = STORE.replace("capacity: 50", &format!("capacity: {capacity}"));
        place.write("one.yaml", &one);
        let run = place.controller(&["run", "one.yaml", "-o", "one.csv"]);
        run.assert(0, &[]);
        let variant = place.read(&format!("all_{}.csv", number + 1));
        assert_eq!(variant, place.read("one.csv"), "{capacity}");
        runs.push(variant);
    }
    // The first step is the one in which it shows.
    let firsts = runs.iter().map(|rows| rows.lines().nth(1));
    let firsts: Vec<_> = firsts.collect();
    assert_ne!(firsts[0], firsts[1]);
}

/// Gives each of the parameters of a scenario its value twice, and compares the second variant with a run. Returns how many
/// those were.
pub(super) fn assert_second_variants_are(
    place: &Place,
    wanted: &str,
    scenario: &Scenario,
    options: &[&str],
) -> usize {
    let numbers = numbers(&scenario.text);
    for (parameter, value) in &numbers {
        let set = format!("{parameter}={value},{value}");
        let sweep = ["scenario.yaml", "-o", "out.csv", "--set", &set];
        place.sweep(&[&sweep, options].concat()).assert(0, &[]);
        assert_eq!(place.read("out_2.csv"), wanted, "{}: {set}", scenario.name);
        fs::remove_file(place.path("out_2.csv")).expect("removed");
    }
    numbers.len()
}
