//! The demonstration table without hardware: what is plugged in and pulled comes from a record.
//!
//! The scenarios are in `tests/conformance/table` and, with boards at models of the generation for
//! clusters, in `tests/conformance/cluster`; or where `ILLUMINATOR_CONFORMANCE` says.

mod forms;
mod hardware;
mod live;
mod one_process;
mod replay;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rig::{conformance_folder, difference};
use serde_json::Value as Json;
use shared::time::Tick;

use hardware::Hardware;
use one_process::{Ran, load, run};

/// What is allowed in columns that depend on `Wind` or `PV`.
const TOLERANCE: f64 = 1e-12;

/// A scenario with cables, and where its result and what its cables are told stand.
struct Case {
    scenario: PathBuf,
    hardware: Hardware,
    expected: PathBuf,
}

impl Case {
    fn new(folder: &str, name: &str, expected: &str) -> Self {
        let folder = conformance_folder().join(folder);
        Self {
            scenario: folder.join(format!("{name}.yaml")),
            hardware: Hardware::read(&folder.join(format!("{name}.hardware.json"))),
            expected: folder.join(expected).join(name),
        }
    }

    fn run(&self) -> Ran {
        run(load(&self.scenario).0, &|model| self.hardware.of(model))
    }

    /// Compares rows and what cables are told.
    fn assert_expected(&self, ran: &Ran, corrected: Corrected<'_>) {
        let expected = fs::read_to_string(self.expected.with_extension("csv")).expect("readable");
        let mut lines = expected
            .lines()
            .map(|line| line.split_once(',').expect("a date").1);
        // The header has been checked with the scenario.
        lines.next();
        let rows: String = lines.flat_map(|line| [line, "\n"]).collect();
        if let Some(difference) = difference(&ran.rows, &rows, TOLERANCE) {
            panic!("{}: {difference}", self.scenario.display());
        }
        let told = transcript(&self.expected.with_extension("transcript.json"), corrected);
        for (place, text) in &told {
            let got = ran
                .told
                .get(place)
                .unwrap_or_else(|| panic!("{place:?}: nothing"));
            assert!(
                text.as_ref().is_none_or(|text| text == got),
                "{place:?}: {got}"
            );
        }
        assert_eq!(ran.told.len(), told.len(), "nobody else is told anything");
    }
}

/// What a unit should be told in place of what stands in a file; `None` where that says nothing of it.
type Corrected<'a> = &'a dyn Fn(&str, String) -> Option<String>;

/// What sockets are told, of which the file has each text in hexadecimal.
fn transcript(
    path: &Path,
    corrected: Corrected<'_>,
) -> BTreeMap<(Tick, String, u8), Option<String>> {
    let text = fs::read_to_string(path).expect("readable");
    let steps: Vec<Json> = serde_json::from_str(&text).expect("a list of steps");
    let mut told = BTreeMap::new();
    for step in steps {
        let (tick, unit) = (step["time"].as_u64(), step["unit"].as_str());
        for serial in step["serial"].as_array().expect("a list of sockets") {
            let socket = serial["port"]
                .as_u64()
                .and_then(|port| u8::try_from(port).ok());
            let hex = serial["written_hex"].as_str().expect("a text");
            let bytes = (0..hex.len()).step_by(2).map(|at| {
                let byte = u8::from_str_radix(&hex[at..at + 2], 16);
                char::from(byte.expect("hexadecimal"))
            });
            let text: String = bytes.collect();
            let unit = unit.expect("a unit");
            let corrected = corrected(unit, text.trim_end().to_owned());
            let socket = socket.expect("a socket");
            told.insert((tick.expect("a tick"), unit.to_owned(), socket), corrected);
        }
    }
    told
}

#[test]
fn cables_that_are_plugged_and_pulled_give_the_expected_rows_and_texts() {
    for name in ["table_opening", "table_rewiring", "table_measured"] {
        let case = Case::new("table", name, "expected_fixed");
        let ran = case.run();
        case.assert_expected(&ran, &|_, text| Some(text));
        let again = run(load(&case.scenario).0, &|model| {
            ran.seen.get(model).cloned().unwrap_or_default()
        });
        assert_eq!((&again.rows, &again.told), (&ran.rows, &ran.told), "{name}");
    }
}

#[test]
fn lights_of_models_that_compute_show_their_flows() {
    let case = Case::new("cluster", "c03_cables", "expected");
    // There a direction of the story goes out as it is, and turns round to 2; and the end of the wind is
    // told nothing of its cable.
    let corrected = |unit: &str, text: String| match text.split_at(2) {
        _ if unit == "Wind_LED" => None,
        (stage, "-1") => Some(format!("{stage}0")),
        (stage, "2") => Some(format!("{stage}1")),
        _ => Some(text),
    };
    let ran = case.run();
    case.assert_expected(&ran, &corrected);
    let of_the_wind = ran
        .told
        .iter()
        .filter(|((_, unit, _), _)| unit == "Wind_LED");
    let stages = of_the_wind.map(|(_, text)| &text[..1]);
    assert!(stages.max() > Some("1"), "it shows its flow");
    let elsewhere = case.scenario.with_file_name("c03_cables_connect.yaml");
    let elsewhere = run(load(&elsewhere).0, &|model| case.hardware.of(model));
    assert_eq!((&elsewhere.rows, &elsewhere.told), (&ran.rows, &ran.told));
}

#[test]
fn journals_of_these_tables_say_what_was_plugged_in() {
    for (folder, name) in [
        ("table", "table_opening"),
        ("table", "table_rewiring"),
        ("table", "table_measured"),
        ("cluster", "c03_cables"),
    ] {
        let journal =
            rig::workspace().join(format!("tests/conformance/{folder}/{name}.journal.csv"));
        let expected = Case::new(folder, name, "expected").hardware.journal();
        if std::env::var_os("WRITE_JOURNALS").is_some() {
            fs::write(&journal, &expected).expect("written");
        }
        assert_eq!(fs::read_to_string(&journal).unwrap_or_default(), expected);
    }
}

#[test]
fn a_story_tells_what_is_missing_on_its_table() {
    let ran = Case::new("table", "table_rewiring", "expected_fixed").run();
    let said: Vec<(Tick, &str)> = ran
        .notices
        .iter()
        .map(|n| (n.tick, n.text.as_str()))
        .collect();
    let begins = |tick: Tick, beginning: &str| {
        let found = said
            .iter()
            .any(|(at, text)| *at == tick && text.starts_with(beginning));
        assert!(found, "{tick}: {beginning}\n{said:#?}");
    };
    begins(18, "cable 4 has one end only, at 'PV_LED'");
    begins(30, "cable 3 has one end only, at 'Load_house_LED'");
    begins(
        39,
        "cable 3 joins 'Load_house_LED' and 'Load_EWI_LED', which means nothing",
    );
    begins(44, "cable 5 has one end only, at 'Battery_LED'");
    assert_eq!(
        said.len(),
        5,
        "each once, and again when it changed: {said:#?}"
    );
}
