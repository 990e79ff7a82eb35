//! Several processes that share a sweep.

use super::{Place, assert_same, expected};
use rig::run_bounded;

#[test]
fn parts_in_any_order_make_the_files_of_one_process() {
    for order in [&[1, 2][..], &[2, 1], &[7, 3, 1, 2, 6, 4, 5]] {
        let place = Place::with_conformance();
        for part in order {
            let part = format!("{part}/{}", order.len());
            place
                .sweep(&["p01_product.yaml", "--shard", &part])
                .assert(0, &[]);
        }
        assert_same(&place.files("res"), &expected("p01_product", "p01_"));
    }
}

#[test]
fn the_last_part_puts_the_table_together() {
    let place = Place::with_power_balance(&|text| text);
    let sweep = |more: &[&str]| {
        let options = [
            "scenario.yaml",
            "--set",
            "Storage.max_energy=range(1,31,1)",
            "--indicators",
            "totals",
            "-o",
        ];
        place.sweep(&[&options, more].concat())
    };
    sweep(&["whole.csv"]).assert(0, &[]);
    for part in ["3/4", "1/4", "4/4"] {
        sweep(&["t/table.csv", "--shard", part]).assert(0, &["when the other parts are there: "]);
        assert!(!place.path("t/table.csv").exists());
    }
    sweep(&["t/table.csv", "--shard", "2/4"]).assert(0, &["in t/table.csv"]);
    assert_eq!(place.read("t/table.csv"), place.read("whole.csv"));
    let names: Vec<_> = place.files("t").into_keys().collect();
    assert_eq!(
        names,
        [std::path::Path::new("table.csv")],
        "no part is left"
    );
    // Whoever starts all parts again, since one had failed, finds the table.
    let again = sweep(&["t/table.csv", "--shard", "3/4", "--resume"]);
    again.assert(0, &["0 variants in t/table.csv", "7 variants were there"]);
    assert_eq!(place.read("t/table.csv"), place.read("whole.csv"));
    assert_eq!(place.files("t").len(), 1, "no part is left");
}

#[test]
fn a_part_that_is_done_is_not_done_again_while_others_are_missing() {
    let place = Place::with_power_balance(&|text| text);
    let sweep = |part: &str| {
        let options = [
            "scenario.yaml",
            "--set",
            "Storage.max_energy=1,2,3,4",
            "--indicators",
            "totals",
            "-o",
            "table.csv",
            "--resume",
            "--shard",
            part,
        ];
        place.sweep(&options)
    };
    let missing = "when the other parts are there: 2/2";
    sweep("1/2").assert(0, &["2 variants in table.part-1-of-2.csv", missing]);
    sweep("1/2").assert(0, &["0 variants in table.part-1-of-2.csv", missing]);
    sweep("2/2").assert(0, &["2 variants in table.csv"]);
    assert_eq!(place.read("table.csv").lines().count(), 5);
    assert_eq!(place.names(), ["table.csv", "table.sweep.json"]);
}

#[test]
fn what_starts_a_process_says_which_part_it_does() {
    let place = Place::with_conformance();
    for rank in ["1", "0", "2"] {
        let mut command = place.command(&["sweep", "p01_product.yaml"]);
        command
            .env("OMPI_COMM_WORLD_RANK", rank)
            .env("OMPI_COMM_WORLD_SIZE", "3");
        let ended: rig::Ended = run_bounded(&mut command).into();
        let part = format!("part {}/3", rank.parse::<u32>().expect("a number") + 1);
        ended.assert(0, &[&part, "OMPI_COMM_WORLD_RANK"]);
    }
    assert_same(&place.files("res"), &expected("p01_product", "p01_"));
}

#[test]
fn a_part_of_another_sweep_is_no_part_of_this_one() {
    let place = Place::with_power_balance(&|text| text);
    let sweep = |values: &str, part: &str| {
        let set = format!("Storage.max_energy={values}");
        let options = [
            "scenario.yaml",
            "--set",
            &set,
            "--indicators",
            "totals",
            "-o",
            "t.csv",
            "--shard",
            part,
        ];
        place.sweep(&options)
    };
    sweep("1,2,3,4", "1/2").assert(0, &[]);
    sweep("5,6,7,8", "2/2").assert(0, &["when the other parts are there: 1/2"]);
    sweep("5,6,7,8", "1/2").assert(0, &["in t.csv"]);
    assert_eq!(place.read("t.csv").lines().count(), 5);
}
