//! Runs the vectors: recorded steps of single models, one file a type.
//!
//! The files are those in `tests/vectors` of the workspace, or in the directory that the
//! environment variable `ILLUMINATOR_VECTORS` names. Files of types that the catalogue lacks are
//! skipped and counted. `cargo test --test vectors -- --nocapture` prints how many cases and
//! steps ran, and why others did not.

#[path = "vectors/case.rs"]
mod case;
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

/// What became of the cases of one type.
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
        let entries = std::fs::read_dir(directory).expect("a directory with vectors");
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "json"))
            .collect();
        files.sort();
        let mut report = Self::default();
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a readable file");
            let cases: Vec<Json> = serde_json::from_str(&text).expect("a list of cases");
            let name = file.file_stem().map(|stem| stem.to_string_lossy());
            report.add(&name.expect("a name"), &cases);
        }
        report
    }

    fn add(&mut self, type_name: &str, cases: &[Json]) {
        let Some(model_type) = models::CATALOGUE.find(type_name) else {
            self.unknown_types.push(type_name.to_owned());
            return;
        };
        let tally = self.types.entry(type_name.to_owned()).or_default();
        let Some(rules) = rules::of(type_name) else {
            tally
                .differences
                .push("the type has no row in the rules of the vectors".into());
            return;
        };
        for case in cases {
            let case = Case::new(type_name, case);
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

#[test]
fn vectors_of_all_types_in_the_catalogue_agree() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    let directory = std::env::var_os("ILLUMINATOR_VECTORS").unwrap_or(default.into());
    let report = Report::of_directory(Path::new(&directory));
    println!("{report}");
    assert!(report.is_success(), "no case ran, or some failed\n{report}");
}

/// A report on one case of an adder that starts from 10 and 20 and steps once.
fn of_one_step(expect: &Json) -> Report {
    let case = json!({
        "name": "one step", "parameters": null, "inputs0": null, "outputs0": null,
        "states0": null, "time_step_size": 1, "time_resolution": 900,
        "steps": [{"time": 0, "inputs": {}, "expect": expect}],
    });
    let mut report = Report::default();
    report.add("Adder", &[case]);
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
        report.add("JusticeAgent", &[case]);
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
