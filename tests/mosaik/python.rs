//! With mosaik itself, and with the Python Illuminator.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rig::{Bridge, Ended, Run, bridge_binary, workspace};

use crate::nodes::{bridge_over, two_nodes};
use crate::vectors::for_scripts;

/// The environment with mosaik 3.7.1, and that with the Python Illuminator and mosaik 3.6.0.
const ENVIRONMENTS: [&str; 2] = [
    "ILLUMINATOR_REQUIRE_MOSAIK",
    "ILLUMINATOR_REQUIRE_REFERENCE",
];

/// What Python may take to start, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(180);

/// The interpreter of an environment; where the variable is not set, a test is left out.
fn interpreter(variable: &str) -> Option<PathBuf> {
    let folder = env::var_os(variable);
    if folder.is_none() {
        eprintln!("SKIPPED: a test with mosaik, because {variable} is not set");
    }
    Some(PathBuf::from(folder?).join("bin/python"))
}

/// Runs one of the scripts to its end.
fn script(interpreter: &Path, name: &str, arguments: &[&str]) -> Ended {
    let scripts = workspace().join("tests/mosaik/scripts");
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(interpreter);
    command
        .arg(scripts.join(name))
        .args(arguments)
        .env("PYTHONPATH", &scripts)
        // Kept, as it takes seconds to make, and not beside the scripts.
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .env(
            "PYTHONPYCACHEPREFIX",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/bytecode"),
        )
        .current_dir(folder.path());
    let ended: Ended = Run::start(&mut command).finish_within(PATIENCE).into();
    ended.assert(0, &[]);
    ended
}

/// What a script prints behind a word.
fn printed<'a>(ended: &'a Ended, word: &str) -> &'a str {
    let line = ended
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix(word));
    line.unwrap_or_else(|| panic!("no '{word}' in {}\n{}", ended.stdout, ended.stderr))
}

#[test]
fn ordinary_scripts_use_the_models_in_every_way_of_starting_them() {
    for variable in ENVIRONMENTS {
        let Some(python) = interpreter(variable) else {
            continue;
        };
        let (nodes, key) = two_nodes();
        let here = Bridge::start(&[]);
        let there = bridge_over(&nodes, &key);
        let connect = |bridge: &Bridge| format!(r#"{{"connect": "{}"}}"#, bridge.address);
        let command = format!(r#"{{"cmd": "{} run Battery %(addr)s"}}"#, bridge_binary());
        for starter in [connect(&here), connect(&there), command, connect(&here)] {
            let ended = script(&python, "ordinary.py", &[&starter]);
            let refused = printed(&ended, "refused:");
            assert!(refused.contains("max_pp"), "{refused}");
            // 1 kW for a quarter of an hour are 1.25 % of 20 kWh.
            let row = |[one, two]: [&str; 2], [p, q]: [&str; 2]| {
                let both = |a: &str, b: &str| {
                    format!(r#"{{"Illuminator-0.Battery_0": {a}, "Illuminator-0.Battery_1": {b}}}"#)
                };
                format!(r#"{{"p_out": {}, "soc": {}}}"#, both(p, q), both(one, two))
            };
            let rows = [
                row(["51.25", "51.875"], ["1", "1.5"]),
                row(["48.125", "49.375"], ["-2.5", "-2.0"]),
                row(["51.875", "59.375"], ["3", "8"]),
            ];
            assert_eq!(printed(&ended, "rows: "), format!("[{}]", rows.join(", ")));
        }
    }
}

#[test]
fn all_types_give_the_values_of_their_vectors_in_a_world_of_mosaik() {
    for variable in ENVIRONMENTS {
        let Some(python) = interpreter(variable) else {
            continue;
        };
        let (nodes, key) = two_nodes();
        let bridge = bridge_over(&nodes, &key);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("cases.json");
        let cases = for_scripts();
        std::fs::write(&file, serde_json::to_vec(&cases).expect("JSON")).expect("written");
        let file = file.to_str().expect("a path");
        let ended = script(&python, "vectors.py", &[&bridge.address.to_string(), file]);
        assert!(!ended.stdout.contains("DIFFERS"), "{}", ended.stdout);
        assert_eq!(printed(&ended, "cases: "), cases.len().to_string());
    }
}

#[test]
fn the_world_of_the_python_illuminator_connects_to_a_model() {
    let Some(python) = interpreter(ENVIRONMENTS[1]) else {
        return;
    };
    let bridge = Bridge::start_with(&["run", "Battery", "127.0.0.1:0", "--remote"]);
    for _ in 0..2 {
        let ended = script(
            &python,
            "illuminator_world.py",
            &[&bridge.address.to_string()],
        );
        let (ours, theirs) = (printed(&ended, "ours: "), printed(&ended, "theirs: "));
        assert!(ours.contains("message_origin"), "{ours}");
        assert_eq!(ours, theirs);
    }
}
