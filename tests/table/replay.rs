//! Journals on the command line: what comes again, on any placement, and what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rig::{Node, conformance_folder, controller, placed};

use super::transcript;

/// The scenarios with a journal: folder, name, and whether the transcript tells what is told here.
const TABLES: [(&str, &str, &str); 4] = [
    ("table", "table_opening", "expected_fixed"),
    ("table", "table_rewiring", "expected_fixed"),
    ("table", "table_measured", "expected_fixed"),
    ("cluster", "c03_cables", "expected"),
];

/// What a run wrote.
#[derive(Debug, PartialEq)]
struct Written {
    rows: String,
    journal: String,
    told: String,
}

/// Runs a scenario with a journal, in the folder of its data.
fn replay(folder: &Path, scenario: &Path, journal: &Path, scratch: &Path) -> Written {
    let path = |name: &str| scratch.join(name).display().to_string();
    let [out, seen, told] = ["out.csv", "seen.csv", "told.csv"].map(path);
    let (scenario, journal) = (
        scenario.display().to_string(),
        journal.display().to_string(),
    );
    let arguments = [
        "run",
        &scenario,
        "--quiet",
        "--insecure",
        "--replay",
        &journal,
        "--output",
        &out,
        "--journal",
        &seen,
        "--cable-log",
        &told,
    ];
    let run = controller(folder, &arguments);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{scenario}: {}\n{said}", run.status);
    let [rows, journal, told] =
        [out, seen, told].map(|file| fs::read_to_string(file).expect("written"));
    Written {
        rows,
        journal,
        told,
    }
}

#[test]
fn a_journal_gives_the_same_bytes_here_and_on_nodes() {
    let nodes = [Node::start(), Node::start(), Node::start()];
    for (folder, name, expected) in TABLES {
        let folder = conformance_folder().join(folder);
        let (scenario, journal) = (
            folder.join(format!("{name}.yaml")),
            folder.join(format!("{name}.journal.csv")),
        );
        let scratch = tempfile::tempdir().expect("a folder");
        let here = replay(&folder, &scenario, &journal, scratch.path());
        let stored = fs::read_to_string(folder.join(format!("{expected}/{name}.csv")));
        if name == "c03_cables" {
            // The result has columns of wind and sun, whose last digit may differ.
            assert_eq!(
                here.rows.lines().count(),
                stored.expect("readable").lines().count()
            );
        } else {
            assert_eq!(here.rows, stored.expect("readable"), "{name}");
            let told = transcript(
                &folder.join(format!("{expected}/{name}.transcript.json")),
                &|_, text| Some(text),
            );
            let lines = told.iter().map(|((tick, unit, socket), text)| {
                format!(
                    "{tick},{unit},{socket},{}",
                    text.as_deref().unwrap_or_default()
                )
            });
            let lines: BTreeSet<String> = lines.collect();
            let got: BTreeSet<String> = here.told.lines().skip(1).map(str::to_owned).collect();
            assert_eq!(got, lines, "{name}");
        }
        // A model that steps every second tick sees some of it a tick later.
        let changes = |text: &str| {
            let lines = text
                .lines()
                .map(|line| line.split_once(',').expect("a tick").1.to_owned());
            lines.collect::<BTreeSet<_>>()
        };
        let original = fs::read_to_string(&journal).expect("readable");
        assert_eq!(
            changes(&here.journal),
            changes(&original),
            "{name}: all of it was seen"
        );
        let again = scratch.path().join("again.journal.csv");
        fs::write(&again, &here.journal).expect("written");
        let again = replay(&folder, &scenario, &again, scratch.path());
        assert_eq!(again, here, "{name} again");

        let text = fs::read_to_string(&scenario).expect("readable");
        let names = text
            .lines()
            .filter_map(|line| line.strip_prefix("- name: "));
        let names: Vec<&str> = names.collect();
        let spread = placed(&text, &|model| {
            let number = names.iter().position(|name| *name == model)?;
            let node = nodes.get(number % (nodes.len() + 1))?;
            Some((node.address.ip().to_string(), node.address.port()))
        });
        let placed = scratch.path().join("placed.yaml");
        fs::write(&placed, spread).expect("written");
        assert_eq!(
            replay(&folder, &placed, &journal, scratch.path()),
            here,
            "{name} on nodes"
        );
    }
}

#[test]
fn what_is_no_journal_of_the_scenario_is_refused_with_its_line() {
    let folder = conformance_folder().join("table");
    let scratch = tempfile::tempdir().expect("a folder");
    let journal = scratch.path().join("table.journal.csv");
    let header = "tick,model,what,value\n";
    for (text, said) in [
        (
            "",
            "table.journal.csv:1: it is empty; a journal begins with 'tick,model,what,value'",
        ),
        (
            "date,a\n",
            ":1: 'date,a' is not the first line of a journal",
        ),
        (
            "3,PV_LED,socket 0\n",
            ":2: 3 fields, and a journal has four",
        ),
        (
            "x,PV_LED,socket 0,3\n",
            ":2: 'x' is no tick: a whole number from 0 on",
        ),
        (
            "40,PV_LED,socket 0,3\n",
            ":2: tick 40 lies behind the end of the scenario, which has 40",
        ),
        (
            "3,PW_LED,socket 0,3\n",
            ":2: the scenario has no model 'PW_LED'",
        ),
        ("3,PV,socket 0,3\n", ":2: model 'PV' has no sockets"),
        (
            "3,PV_LED,socket 4,3\n",
            ":2: model 'PV_LED' has no socket 4, but 0 to 3",
        ),
        (
            "3,PV_LED,slider,3\n",
            ":2: 'slider' is nothing that this version knows",
        ),
        ("3,PV_LED,socket 0,33\n", ":2: '33' is no id of a cable"),
    ] {
        let is_whole = text.is_empty() || text.starts_with("date");
        let text = if is_whole {
            text.to_owned()
        } else {
            format!("{header}{text}")
        };
        fs::write(&journal, &text).expect("written");
        let path = journal.display().to_string();
        let arguments = [
            "run",
            "table_opening.yaml",
            "--replay",
            &path,
            "--output",
            "-",
        ];
        let run = controller(&folder, &arguments);
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{text}\n{stderr}");
        assert!(stderr.contains(said), "{said}\n{stderr}");
        assert_eq!(run.stdout, b"", "nothing is computed");
    }
    let missing = scratch.path().join("none.csv").display().to_string();
    let arguments = [
        "run",
        "table_opening.yaml",
        "--replay",
        &missing,
        "--output",
        "-",
    ];
    let run = controller(&folder, &arguments);
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("none.csv' cannot be read"), "{stderr}");
}

#[test]
fn a_run_does_not_write_over_the_journal_that_it_replays() {
    let folder = conformance_folder().join("table");
    let scratch = tempfile::tempdir().expect("a folder");
    let journal = scratch.path().join("a.csv");
    fs::copy(folder.join("table_opening.journal.csv"), &journal).expect("copied");
    let path = journal.display().to_string();
    for option in ["--output", "--journal", "--cable-log"] {
        let mut arguments = vec![
            "run",
            "table_opening.yaml",
            "--replay",
            &path,
            option,
            &path,
        ];
        if option != "--output" {
            arguments.extend(["--output", "/dev/null"]);
        }
        let run = controller(&folder, &arguments);
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{option}\n{stderr}");
        assert!(
            stderr.contains("the journal of an earlier run"),
            "{option}\n{stderr}"
        );
    }
    let arguments = [
        "run",
        "table_opening.yaml",
        "--output",
        "-",
        "--journal",
        "-",
    ];
    let run = controller(&folder, &arguments);
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("the rows and the journal cannot both go to standard output"),
        "{stderr}"
    );
}
