//! The scenarios of the conformance set with some of their models, or all of them, as classes of the Python
//! Illuminator: the same results.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rig::{Dice, Scenario, conformance_folder, controller, difference, scenarios};

/// What the specification allows in columns that depend on `Wind` or `PV`.
const TOLERANCE: f64 = 1e-12;

/// Types that stay ours in a scenario, because the classes themselves do not run there as ours do, and why.
const OURS: [(&str, &str, &str); 3] = [
    (
        "e35_no_turbine",
        "Wind",
        "theirs gives power whatever it is rated for",
    ),
    ("e36_constants", "Constant", "they have none"),
    (
        "e36_constants",
        "Adder",
        "theirs adds what comes to it as it came, which are mappings",
    ),
];

/// A scenario's text with the classes of `modules`, by type, in place of the types of some of its models.
fn with_classes(
    scenario: &Scenario,
    chosen: &[usize],
    modules: &BTreeMap<String, String>,
    interpreter: &str,
) -> String {
    let mut section = String::from("simulators:\n");
    for name in scenario
        .types
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
    {
        let Some(module) = modules.get(name) else {
            continue;
        };
        let entry =
            format!("  Their{name}: {{python: '{module}:{name}', interpreter: '{interpreter}'}}\n");
        section.push_str(&entry);
    }
    let mut model = 0;
    let mut text = String::new();
    for line in scenario.text.lines() {
        let trimmed = line.trim_start().trim_start_matches("- ");
        let is_type = trimmed.starts_with("type:");
        if is_type && chosen.contains(&model) {
            let name = &scenario.types[model];
            text.push_str(&line.replacen(name.as_str(), &format!("Their{name}"), 1));
        } else if line.starts_with("models:") {
            text.push_str(&section);
            text.push_str(line);
        } else {
            text.push_str(line);
        }
        text.push('\n');
        model += usize::from(is_type);
    }
    text
}

/// Runs a scenario beside what is in the folder of the set, and beside a package where one is given.
fn result_of(name: &str, text: &str, package: Option<&Path>) -> String {
    let scratch = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(conformance_folder()).expect("a folder") {
        let entry = entry.expect("readable");
        symlink(entry.path(), scratch.path().join(entry.file_name())).expect("linked");
    }
    if let Some(package) = package {
        symlink(
            package.join("illuminator"),
            scratch.path().join("illuminator"),
        )
        .expect("linked");
    }
    fs::write(scratch.path().join("scenario.yaml"), text).expect("written");
    let arguments = [
        "run",
        "scenario.yaml",
        "--output",
        "out.csv",
        "--quiet",
        "--no-record",
    ];
    let run = controller(scratch.path(), &arguments);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        run.status.success(),
        "{name}: {}\n{said}\n{text}",
        run.status
    );
    fs::read_to_string(scratch.path().join("out.csv")).expect("a result")
}

/// Where each class is, by the type: what a package of models imports.
fn modules(init: &str) -> BTreeMap<String, String> {
    let imports = init.lines().filter_map(|line| line.strip_prefix("from ."));
    let pairs = imports.filter_map(|line| line.split_once(" import "));
    let pairs = pairs.map(|(module, name)| {
        let module = format!("illuminator.models.{}", module.trim());
        (name.trim().to_owned(), module)
    });
    pairs.collect()
}

#[test]
fn scenarios_give_the_same_bytes_with_some_or_all_models_in_python() {
    let Some(interpreter) = rig::environment(rig::REFERENCE, &["illuminator"]) else {
        return;
    };
    // The package imports all models for each of them; of files alone, only what is needed is loaded.
    let alone = rig::models_alone(&interpreter);
    let init = alone.path().join("illuminator/models/__init__.py");
    let files = modules(&fs::read_to_string(&init).expect("readable"));
    fs::write(&init, "").expect("written");
    let package: BTreeMap<String, String> = files
        .keys()
        .map(|name| (name.clone(), "illuminator.models".to_owned()))
        .collect();

    let folder = conformance_folder();
    let scenarios = scenarios(&folder.join("scenarios"), &folder.join("expected"));
    let mut dice = Dice::new(0x0ddb_a115);
    let mut cases = Vec::new();
    for scenario in &scenarios {
        let name = &scenario.name;
        let count = scenario.models().len();
        let is_exact = !scenario
            .types
            .iter()
            .any(|name| name == "Wind" || name == "PV");
        let tolerance = if is_exact { 0.0 } else { TOLERANCE };
        let one = vec![dice.throw(count)];
        let three = (0..3).map(|_| dice.throw(count)).collect();
        for (chosen, modules, package) in [
            (one, &package, None),
            (three, &files, Some(alone.path())),
            ((0..count).collect(), &files, Some(alone.path())),
        ] {
            let is_theirs = |model: &usize| {
                let own = &scenario.types[*model];
                let is_ours = |(other, kind, _): &(&str, &str, &str)| other == name && kind == own;
                !OURS.iter().any(is_ours)
            };
            let chosen: Vec<usize> = chosen.into_iter().filter(is_theirs).collect();
            if chosen.is_empty() {
                continue;
            }
            let text = with_classes(scenario, &chosen, modules, &interpreter);
            cases.push((scenario, chosen, text, package, tolerance));
        }
    }
    assert!(cases.len() > 90, "an empty set proves nothing");
    // Most of the time goes into a hundred starts of Python, each on one core.
    let next = AtomicUsize::new(0);
    let run = || {
        let mut differences = Vec::new();
        while let Some((scenario, chosen, text, package, tolerance)) =
            cases.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let name = &scenario.name;
            let got = result_of(name, text, *package);
            if let Some(difference) = difference(&got, &scenario.expected, *tolerance) {
                let what = format!("{name} with models {chosen:?} in Python: {difference}");
                differences.push(what);
            }
        }
        differences
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let differences: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(run)).collect();
        let found = threads.into_iter().map(|it| it.join().expect("no panic"));
        found.flatten().collect()
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
