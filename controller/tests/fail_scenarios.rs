//! The scenarios on which the Python Illuminator stops or goes wrong: ours refuses them when they
//! are loaded, with code and line, or loads them.
//!
//! The scenarios are in `tests/conformance`, or where `ILLUMINATOR_CONFORMANCE` says. Those with
//! types that are not in the catalogue are skipped, and counted.

use std::path::{Path, PathBuf};

use controller::scenario::{LoadError, Severity, load};
use shared::files::{Content, FileError, Files, WorkingDirectory};

/// What is expected of a scenario.
enum Expected {
    Loads,
    /// Refused with these errors, line and code, and no others. The line is that of the scenario, or
    /// of a data file where the code is one of those.
    Refused(&'static [(usize, &'static str)]),
}

use Expected::{Loads, Refused};

const SCENARIOS: &[(&str, Expected)] = &[
    ("f01_end_before_start", Refused(&[(5, "end_before_start")])),
    ("f02_unknown_key", Refused(&[(19, "unknown_key")])),
    (
        "f03_monitor_item_format",
        Refused(&[(38, "malformed_reference")]),
    ),
    ("f04_time_not_quoted", Refused(&[(4, "unquoted_time")])),
    ("f05_unknown_type", Refused(&[(18, "unknown_type")])),
    ("f06_unknown_model", Refused(&[(34, "unknown_model")])),
    (
        "f07_unknown_attribute",
        Refused(&[(35, "unknown_attribute")]),
    ),
    ("f08_split_output", Refused(&[(58, "split_output")])),
    ("f09_split_undeclared", Loads),
    ("f10_mixed_origins", Refused(&[(47, "mixed_origins")])),
    (
        "f11_algebraic_loop",
        Refused(&[(30, "missing_input:flow2b"), (77, "loop")]),
    ),
    ("f12_dst_spring_default", Loads),
    (
        "f13_dst_spring_wall",
        Refused(&[(107, "unexpected_time_stamp")]),
    ),
    (
        "f14_file_too_coarse",
        Refused(&[(4, "unexpected_time_stamp")]),
    ),
    (
        "f15_start_not_in_file",
        Refused(&[(12, "start_not_in_file")]),
    ),
    ("f16_bad_cell", Refused(&[(7, "bad_cell:load")])),
    (
        "f17_monitored_input",
        Refused(&[(39, "input_not_published")]),
    ),
    (
        "f18_monitored_never_set",
        Refused(&[(39, "never_published")]),
    ),
    ("f19_adder_watched", Loads),
    ("f20_adder_fed", Loads),
    (
        "f21_shift_without_initial",
        Refused(&[(46, "missing_initial:hp_load")]),
    ),
    ("f22_shift_source_undeclared", Loads),
    ("f23_self_loop", Refused(&[(45, "loop")])),
    ("f24_duplicate_name", Refused(&[(30, "duplicate_name")])),
    ("f25_slow_reader", Loads),
    ("f26_slow_source_shifted", Loads),
    ("f27_eof_after_900_steps", Loads),
    (
        "f28_input_not_connected",
        Refused(&[(30, "missing_input:u")]),
    ),
    ("f29_output_not_listed", Loads),
    ("f30_step_size_leaks", Loads),
    ("f31_no_time_resolution", Loads),
    ("f32_no_result_file", Loads),
    ("f33_no_steps", Loads),
    ("f34_step_size_zero", Refused(&[(30, "out_of_range")])),
    ("f35_blank_line", Loads),
    ("f36_first_pv", Loads),
    ("f37_column_like_output", Loads),
    ("f38_monitor_unknown", Refused(&[(39, "unknown_attribute")])),
    ("f39_result_dir_missing", Loads),
    (
        "f40_list_into_arithmetic",
        Refused(&[(42, "type_mismatch:load")]),
    ),
];

/// The data files of the scenarios, whose paths are relative to their folder.
struct Rooted(PathBuf);

impl Files for Rooted {
    fn open(&self, path: &str) -> Result<Box<dyn Content>, FileError> {
        WorkingDirectory.open(&self.0.join(path).to_string_lossy())
    }
}

fn folder() -> PathBuf {
    match std::env::var_os("ILLUMINATOR_CONFORMANCE") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance"),
    }
}

/// The types that a scenario of the set names and that are not there. `Loads` is one that does
/// not exist, on purpose.
fn missing_types(text: &str) -> Vec<&str> {
    let types = text
        .lines()
        .filter_map(|line| line.strip_prefix("  type: "));
    types
        .map(str::trim)
        .filter(|name| *name != "Loads" && models::CATALOGUE.find(name).is_none())
        .collect()
}

fn verdict(path: &Path, files: &dyn Files, expected: &Expected) -> Result<(), String> {
    let result = load(path, &models::CATALOGUE, files);
    match (result, expected) {
        (Ok(_), Loads) => Ok(()),
        (Ok(_), Refused(..)) => Err("accepted".to_owned()),
        (Err(LoadError::Refused(problems)), Refused(expected)) => {
            let errors = problems.iter().filter(|p| p.severity == Severity::Error);
            if errors
                .map(|error| (error.position.line, &*error.code))
                .eq(expected.iter().copied())
            {
                Ok(())
            } else {
                Err(format!("refused otherwise:\n{problems}"))
            }
        }
        (Err(error), _) => Err(error.to_string()),
    }
}

#[test]
fn each_is_refused_where_it_is_wrong_or_loads() {
    let folder = folder();
    let files = Rooted(folder.clone());
    let (mut failures, mut skipped) = (Vec::new(), 0);
    for (name, expected) in SCENARIOS {
        let path = folder.join("fail").join(format!("{name}.yaml"));
        let text = std::fs::read_to_string(&path).expect("a scenario of the set");
        if missing_types(&text).is_empty() {
            if let Err(what) = verdict(&path, &files, expected) {
                failures.push(format!("{name}: {what}"));
            }
        } else {
            skipped += 1;
        }
    }
    println!(
        "{skipped} of {} skipped, their types are not there",
        SCENARIOS.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
