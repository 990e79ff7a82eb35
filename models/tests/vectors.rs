//! Runs the vectors: recorded steps of single models, one file a type or a variant of one.
//!
//! The files are those in `tests/vectors` of the workspace and in its folder `cluster`, or in the
//! directory that the environment variable `ILLUMINATOR_VECTORS` names. Files of types that the catalogue lacks are
//! skipped and counted. `cargo test --test vectors -- --nocapture` prints how many cases and
//! steps ran, and why others did not.

#[path = "vectors/case.rs"]
mod case;
#[path = "vectors/memory.rs"]
mod memory;
#[path = "vectors/own_cases.rs"]
mod own_cases;
#[path = "vectors/rules.rs"]
mod rules;
#[path = "vectors/run.rs"]
mod run;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use case::Case;
use run::Outcome;

/// What the names of files have behind the name of a type: the variants that have files of their own.
const VARIANTS: [&str; 2] = ["_table", "_bytes"];

/// What became of the cases of one file.
#[derive(Default)]
struct Tally {
    passed: usize,
    steps: usize,
    /// Reasons, and how many cases were skipped for each.
    skipped: BTreeMap<String, usize>,
    differences: Vec<String>,
    other_categories: Vec<String>,
}

#[derive(Default)]
struct Report {
    types: BTreeMap<String, Tally>,
    unknown_types: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, tally) in &self.types {
            let skipped: usize = tally.skipped.values().sum();
            writeln!(
                f,
                "{name}: {} cases with {} steps passed, {} failed, {skipped} skipped",
                tally.passed,
                tally.steps,
                tally.differences.len()
            )?;
            for (reason, count) in &tally.skipped {
                writeln!(f, "    skipped {count}: {reason}")?;
            }
            for other in &tally.other_categories {
                writeln!(f, "    another category: {other}")?;
            }
            for difference in &tally.differences {
                writeln!(f, "    FAILED {difference}")?;
            }
        }
        writeln!(
            f,
            "{} files of types that are not in the catalogue skipped: {}",
            self.unknown_types.len(),
            self.unknown_types.join(", ")
        )
    }
}

impl Report {
    fn of_directory(directory: &Path) -> Self {
        let mut report = Self::default();
        for (name, cases) in files(directory) {
            report.add(&name, &cases);
        }
        report
    }

    /// Adds the cases of a file.
    fn add(&mut self, file: &str, cases: &Json) {
        let type_name = type_of(file);
        let Some(model_type) = models::CATALOGUE.find(type_name) else {
            self.unknown_types.push(file.to_owned());
            return;
        };
        let tally = self.types.entry(file.to_owned()).or_default();
        let Some(rules) = rules::of(file) else {
            tally
                .differences
                .push("the type has no row in the rules of the vectors".into());
            return;
        };
        for case in cases_of(type_name, cases) {
            if let Some(reason) = rules.reason_to_skip(&case) {
                *tally.skipped.entry(reason).or_default() += 1;
                continue;
            }
            match run::run(model_type.clone(), rules, &case) {
                Outcome::Agrees { steps, other } => {
                    tally.passed += 1;
                    tally.steps += steps;
                    let named = other.map(|other| format!("{}: {other}", case.name));
                    tally.other_categories.extend(named);
                }
                Outcome::Differs(how) => tally.differences.push(format!("{}: {how}", case.name)),
            }
        }
    }

    fn passed(&self) -> usize {
        self.types.values().map(|tally| tally.passed).sum()
    }

    fn failed(&self) -> usize {
        self.types.values().map(|t| t.differences.len()).sum()
    }

    /// Whether cases ran, and all of them agreed.
    fn is_success(&self) -> bool {
        self.passed() > 0 && self.failed() == 0
    }
}

/// The name and the content of each file with vectors, also of those in the folder `cluster`.
fn files(directory: &Path) -> Vec<(String, Json)> {
    let paths_in = |directory: &Path| {
        let entries = std::fs::read_dir(directory).expect("a directory with vectors");
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "json"))
            .collect();
        paths.sort();
        paths
    };
    let mut paths = paths_in(directory);
    let cluster = directory.join("cluster");
    if cluster.is_dir() {
        paths.extend(paths_in(&cluster));
    }
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a readable file");
        let name = path.file_stem().map(|stem| stem.to_string_lossy());
        let cases = serde_json::from_str(&text).expect("cases");
        (name.expect("a name").into_owned(), cases)
    };
    paths.iter().map(read).collect()
}

/// The type of which a file has cases.
fn type_of(file: &str) -> &str {
    let variant = VARIANTS.iter().find_map(|ending| file.strip_suffix(ending));
    variant.unwrap_or(file)
}

/// The cases of a file: a list, or values that boards are told.
fn cases_of(type_name: &str, cases: &Json) -> Vec<Case> {
    let of_bytes = cases["values"].as_array().into_iter().flatten();
    let of_bytes = of_bytes.map(|case| Case::of_bytes(type_name, case));
    let cases = cases.as_array().into_iter().flatten();
    let cases = cases.map(|case| Case::new(type_name, case));
    cases.chain(of_bytes).collect()
}

/// Where the vectors are.
fn directory() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    let directory = std::env::var_os("ILLUMINATOR_VECTORS").unwrap_or(default.into());
    directory.into()
}

#[test]
fn vectors_of_all_types_in_the_catalogue_agree() {
    let report = Report::of_directory(&directory());
    println!("{report}");
    assert!(report.is_success(), "no case ran, or some failed\n{report}");
}

#[test]
fn boards_that_are_told_something_else_are_noticed() {
    let report_on = |told: &str| {
        let value = json!({
            "name": "one value", "power": 5, "max_power": 10, "direction": 1,
            "expect": {"bytes_hex": told},
        });
        let mut report = Report::default();
        report.add("LED_connection_bytes", &json!({ "values": [value] }));
        report
    };
    assert!(report_on("7f01807f00").is_success());
    assert_eq!(report_on("7f00807f00").failed(), 1);
    assert_eq!(report_on("").failed(), 1);
}

/// A report on one case of an adder that starts from 10 and 20 and steps once.
fn of_one_step(expect: &Json) -> Report {
    let case = json!({
        "name": "one step", "parameters": null, "inputs0": null, "outputs0": null,
        "states0": null, "time_step_size": 1, "time_resolution": 900,
        "steps": [{"time": 0, "inputs": {}, "expect": expect}],
    });
    let mut report = Report::default();
    report.add("Adder", &json!([case]));
    report
}

#[test]
fn vectors_that_disagree_in_value_kind_or_next_step_are_noticed() {
    let expecting = |sum: Json, next: u64| {
        of_one_step(&json!({"outputs": {"out1": sum}, "states": {}, "next_time": next}))
    };
    assert!(expecting(json!(30), 1).is_success());
    assert_eq!(expecting(json!(31), 1).failed(), 1, "value");
    assert_eq!(expecting(json!(30.0), 1).failed(), 1, "kind");
    assert_eq!(expecting(json!(30), 2).failed(), 1, "next step");
    assert_eq!(of_one_step(&json!({"error": "any"})).failed(), 1, "error");
}

#[test]
fn vectors_with_side_files_that_are_not_written_fail() {
    let expect = json!({
        "outputs": {}, "states": {}, "next_time": 1, "files": {"out/a.csv": "a,b\n"},
    });
    assert_eq!(of_one_step(&expect).failed(), 1);
}

#[test]
fn vectors_whose_side_files_have_another_content_are_noticed() {
    let company = |cell: f64| json!({"Company": {"0": "A"}, "Supplied Capacity (MW)": {"0": cell}});
    let report_on = |files: Json| {
        let messages = |value: Json| json!([{"origin": "state", "value": value, "source": "m"}]);
        let case = json!({
            "name": "one step", "parameters": {
                "social_parameters": {"A": {}}, "justice_step": 0, "results_dir": "out",
            },
            "inputs0": null, "outputs0": null, "states0": null,
            "time_step_size": 1, "time_resolution": 900,
            "steps": [{
                "time": 0,
                "inputs": {"market_results": messages(company(2.0)), "demand": messages(json!(2))},
                "expect": {"outputs": {}, "states": {}, "next_time": 1, "files": files},
            }],
        });
        let mut report = Report::default();
        report.add("JusticeAgent", &json!([case]));
        report
    };
    let file = "out/betascores_0.csv";
    assert!(report_on(json!({file: "A\n1.0\n"})).is_success());
    assert_eq!(report_on(json!({file: "A\n1\n"})).failed(), 1, "content");
    assert_eq!(report_on(json!({})).failed(), 1, "surplus");
    let more = json!({file: "A\n1.0\n", "out/more.csv": ""});
    assert_eq!(report_on(more).failed(), 1, "missing");
}

#[test]
fn a_directory_without_vectors_is_no_success() {
    let report = Report::of_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    assert_eq!((report.passed(), report.failed()), (0, 0));
    assert!(!report.is_success());
}
