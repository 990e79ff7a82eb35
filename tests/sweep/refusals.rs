//! What is wrong with values, before anything runs and in the middle.

use super::{Place, assert_same, expected};

#[test]
fn a_variant_that_fails_does_not_stop_the_others() {
    let place = Place::with_conformance();
    // The data end in the night: whoever plays them from there on fails in the middle.
    let text = place.read("p01_product.yaml");
    place.write("bad.yaml", &text.replace("[2, 3.5, 10]", "[2, -1, 10]"));
    let ended = place.sweep(&["bad.yaml"]);
    ended.assert(
        3,
        &[
            "variant 5 (Homes.houses = -1, ",
            "4 variants failed; the others are done",
        ],
    );
    let mut wanted = expected("p01_product", "p01_");
    for failed in 5..=8 {
        wanted.remove(std::path::Path::new(&format!("p01_{failed}.csv")));
    }
    let mut got = place.files("res");
    let table = std::path::Path::new("scenariotable.csv");
    let all = String::from_utf8(got.remove(table).expect("a table")).expect("UTF-8");
    assert_eq!(
        all.lines().count(),
        13,
        "it lists those that failed as well"
    );
    wanted.remove(table);
    assert_same(&got, &wanted);
}

#[test]
fn what_is_wrong_with_a_value_is_said_at_once_and_with_its_place() {
    let place = Place::with_conformance();
    let text = place.read("p01_product.yaml");
    place.write("bad.yaml", &text.replace("[2, 3.5, 10]", "[2, -1, many]"));
    let ended = place.sweep(&["bad.yaml"]);
    ended.assert(
        3,
        &[
            "bad.yaml:23:17: error: model 'Homes'",
            "bad.yaml:23:21: error: model 'Homes'",
        ],
    );
    let before = ended.stderr.find("bad.yaml:23:21").expect("said");
    assert!(
        before < ended.stderr.find("variant ").expect("said"),
        "{}",
        ended.stderr
    );
    std::fs::remove_dir_all(place.path("res")).expect("removed");
    let strict = place.sweep(&["bad.yaml", "--strict"]);
    strict.assert(2, &["and --strict runs nothing then"]);
    assert!(!place.path("res").exists(), "nothing ran");

    let set = ["p01_product.yaml", "--set", "Homes.houses=2,-1"];
    place
        .sweep(&set)
        .assert(3, &["--set 'Homes.houses=2,-1':1:16: error: model 'Homes'"]);
    place.write("samples.csv", "Homes.houses\n2\n-1\n");
    let samples = [
        "p01_product.yaml",
        "--samples",
        "samples.csv",
        "--set",
        "Cell.max_energy=5",
    ];
    place
        .sweep(&samples)
        .assert(3, &["samples.csv:3:1: error: model 'Homes'"]);
}

#[test]
fn where_all_values_are_wrong_each_is_told_once() {
    let place = Place::with_conformance();
    let ended = place.sweep(&["p01_product.yaml", "--set", "Homes.houses=-1,-2"]);
    ended.assert(2, &[]);
    for position in ["1:14", "1:17"] {
        let told = format!("{position}: error: model 'Homes'");
        assert_eq!(ended.stderr.matches(&told).count(), 1, "{}", ended.stderr);
    }
    assert!(!place.path("res").exists(), "nothing ran");
}

#[test]
fn a_table_of_a_spreadsheet_or_of_pandas_is_taken_as_it_is() {
    let place = Place::with_conformance();
    let table = |name: &str| {
        let samples = ["p01_product.yaml", "--samples", name, "-o", "res/out.csv"];
        place.sweep(&samples).assert(0, &[]);
        place.bytes("res/scenariotable.csv")
    };
    place.write("plain.csv", "Homes.houses,Cell.max_energy\n2,5.5\n3,10\n");
    let wanted = table("plain.csv");
    for text in [
        "\u{feff}Homes.houses;Cell.max_energy\r\n2;5,5\r\n3;10\r\n",
        "Homes.houses\tCell.max_energy\n2\t5,5\n3\t10\n",
        ",Homes.houses,Cell.max_energy\n0,2,5.5\n1,3,10\n",
    ] {
        place.write("other.csv", text);
        assert_eq!(table("other.csv"), wanted, "{text}");
    }
    for text in [&b"Homes.houses\n2\n\xe9\n"[..], b"\xff\xfeH\0o\0m\0e\0s\0"] {
        std::fs::write(place.path("bad.csv"), text).expect("written");
        let ended = place.sweep(&["p01_product.yaml", "--samples", "bad.csv"]);
        ended.assert(2, &["error: not UTF-8; save the table as UTF-8"]);
    }
}

#[test]
fn wrong_use_is_explained() {
    let place = Place::with_conformance();
    let scenario = "p01_product.yaml";
    for (options, code, said) in [
        (
            &["--set", "Homes"][..],
            1,
            "--set is Model.parameter=VALUES",
        ),
        (&["--set", "Home.houses=1"], 1, "did you mean 'Homes'"),
        (&["--set", "Homes.house=1"], 1, "did you mean 'houses'"),
        (
            &["--set", "Homes.houses=range(1,2,0)"],
            2,
            "step must not be 0",
        ),
        (&["--set", "Homes.houses=range(1,2)"], 2, "three integers"),
        (
            &["--set", "Homes.houses=1", "--set", "Homes.houses=2"],
            1,
            "--set gives 'Homes.houses' values twice",
        ),
        (&["--aligned"], 2, "must be equally many"),
        (&["--shard", "3/2"], 1, "counted from 1"),
        (
            &["--shard", "1/2", "--shards", "2"],
            1,
            "leave --shards out",
        ),
        (&["--jobs", "0"], 1, "at least 1"),
        (&["--samples", "none.csv"], 2, "cannot read 'none.csv'"),
        (
            &["--indicators", "max(Cell)"],
            2,
            "must be 'model.attribute'",
        ),
        (&["--indicators", "max(Cell.level)"], 2, "'Cell' has no"),
        (
            &["--indicators", "energy(Cell.soc)"],
            1,
            "neither a power nor an energy",
        ),
        (
            &[
                "--indicators",
                "a=max(Cell.soc)",
                "--indicators",
                "a=min(Cell.soc)",
            ],
            1,
            "two indicators",
        ),
    ] {
        let ended = place.sweep(&[&[scenario], options].concat());
        assert_eq!(ended.code, Some(code), "{options:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{options:?}: {}", ended.stderr);
    }
    assert!(!place.path("res").exists(), "nothing ran");
}

#[test]
fn a_scenario_that_is_wrong_is_refused_as_a_run_refuses_it() {
    let place = Place::with_conformance();
    let text = place
        .read("p01_product.yaml")
        .replace("to: Cell.flow2b", "to: Cell.flow");
    place.write("bad.yaml", &text);
    place
        .sweep(&["bad.yaml"])
        .assert(2, &["bad.yaml:", "'Cell' has no input 'flow'"]);
}

#[test]
fn nothing_is_written_over_what_is_read() {
    let place = Place::with_conformance();
    let text = place
        .read("p02_aligned.yaml")
        .replace("./data/load.csv", "./p02.result_2.csv");
    let text = text.replace("./res/p02.result.csv", "./p02.result.csv");
    place.write("scenario.yaml", &text);
    let data = place.read("data/load.csv");
    place.write("p02.result_2.csv", &data);
    let said = "the result of variant 2 would be written over the data file of model 'Meter'";
    place.sweep(&["scenario.yaml"]).assert(2, &[said]);
    assert_eq!(place.read("p02.result_2.csv"), data);
}

#[test]
fn a_single_run_ignores_the_values_and_says_so() {
    let place = Place::with_conformance();
    let text = place.read("p02_aligned.yaml");
    place.write(
        "scenario.yaml",
        &text.replace("    max_p: 4\n", "    max_p: 4\n    max_energy: 5\n"),
    );
    let run = place.controller(&["run", "scenario.yaml"]);
    run.assert(
        0,
        &["a single run ignores 'multi_parameters', which 'controller sweep' follows"],
    );
}
