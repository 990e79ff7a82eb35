//! The conformance set, in one process and on real node processes.
//!
//! `ILLUMINATOR_CONFORMANCE=DIR` takes another set of the same layout.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rig::{Dice, Node, Scenario, conformance_folder, controller, difference, scenarios};
use shared::wire::Key;

/// What the specification allows in columns that depend on `Wind` or `PV`.
const TOLERANCE: f64 = 1e-12;

/// Runs a scenario text beside what is in the folder of the set, but not in it, since models may
/// write files; returns the result file, and those files by path.
fn result_of(folder: &Path, name: &str, text: &str, options: &[&str]) -> (String, Files) {
    let scratch = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("readable");
        symlink(entry.path(), scratch.path().join(entry.file_name())).expect("linked");
    }
    let (scenario, output) = (
        scratch.path().join("scenario.yaml"),
        scratch.path().join("out.csv"),
    );
    fs::write(&scenario, text).expect("written");
    let (scenario, output) = (
        scenario.to_str().expect("text"),
        output.to_str().expect("text"),
    );
    let mut arguments = vec![
        "run",
        scenario,
        "--output",
        output,
        "--quiet",
        "--no-record",
    ];
    arguments.extend(options);
    let run = controller(scratch.path(), &arguments);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{name}: {}\n{said}", run.status);
    let result = fs::read_to_string(output).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut side_files = Files::new();
    collect(scratch.path(), &mut side_files);
    // Lights of cables note that nothing was plugged in.
    let journal = scratch.path().join("out.journal.csv");
    let others = [Path::new(scenario), Path::new(output), &journal];
    side_files.retain(|path, _| !others.contains(&path.as_path()));
    let relative = side_files.into_iter().map(|(path, content)| {
        // With `--output` a run keeps its side files beside its result.
        let folder = scratch.path().join("out.files");
        let path = path.strip_prefix(folder).expect("below the folder");
        (path.to_owned(), content)
    });
    (result, relative.collect())
}

/// Contents by path.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Collects the files of a folder and of those in it, links aside.
fn collect(folder: &Path, files: &mut Files) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("readable");
        let kind = entry.file_type().expect("known");
        if kind.is_dir() {
            collect(&entry.path(), files);
        } else if kind.is_file() {
            files.insert(entry.path(), fs::read(entry.path()).expect("readable"));
        }
    }
}

/// The scenarios that need no hardware, each with the folder that it runs in.
fn sets() -> Vec<(PathBuf, Scenario)> {
    let folder = conformance_folder();
    let own = scenarios(&folder.join("scenarios"), &folder.join("expected"));
    let cluster = folder.join("cluster");
    let of_cluster = scenarios(&cluster, &cluster.join("expected"));
    let of_cluster: Vec<Scenario> = of_cluster
        .into_iter()
        .filter(|scenario| !needs_boards(&cluster, &scenario.name))
        .collect();
    assert!(
        !own.is_empty() && !of_cluster.is_empty(),
        "an empty set proves nothing"
    );
    let own = own.into_iter().map(|scenario| (folder.clone(), scenario));
    let of_cluster = of_cluster
        .into_iter()
        .map(|scenario| (cluster.clone(), scenario));
    own.chain(of_cluster).collect()
}

/// Whether boards are plugged in while a scenario runs: `table/main.rs` runs it.
fn needs_boards(folder: &Path, name: &str) -> bool {
    folder.join(format!("{name}.hardware.json")).exists()
}

#[test]
fn every_scenario_gives_its_expected_result_wherever_its_models_run() {
    // Two nodes with the cluster's key and two without one.
    let keys = tempfile::tempdir().expect("a folder");
    let key = keys.path().join("cluster.key");
    let made = Key::random().expect("random").create(&key);
    made.expect("written");
    let key = key.to_str().expect("text");
    let nodes = [
        Node::start_with(&["--listen", "127.0.0.1:0", "--key", key]),
        Node::start_at("127.0.0.2"),
        Node::start_with(&["--listen", "127.0.0.3:0", "--key", key]),
        Node::start_at("127.0.0.4"),
    ];
    let addresses: Vec<SocketAddr> = nodes.iter().map(|node| node.address).collect();
    let mut dice = Dice::new(0x1ab1_e5ee);
    for (folder, scenario) in &sets() {
        let name = &scenario.name;
        let alone = result_of(folder, name, &scenario.text, &["--local"]);
        let is_exact = !scenario
            .types
            .iter()
            .any(|name| name == "Wind" || name == "PV");
        let tolerance = if is_exact { 0.0 } else { TOLERANCE };
        if let Some(difference) = difference(&alone.0, &scenario.expected, tolerance) {
            panic!("{name}: {difference}");
        }
        for count in [1, 2, 4] {
            // One more side than nodes: some models stay with the controller.
            let places: Vec<usize> = scenario
                .models()
                .iter()
                .map(|_| dice.throw(count + 1))
                .collect();
            let text = scenario.placed(&|model| addresses[..count].get(places[model]).copied());
            let spread = result_of(folder, name, &text, &["--key", key]);
            assert!(
                alone == spread,
                "{name} on {count} nodes, placed {places:?}"
            );
        }
    }
}

#[test]
fn a_pace_changes_no_result() {
    let folder = conformance_folder();
    let nodes = ["127.0.0.1", "127.0.0.2"].map(Node::start_at);
    let mut dice = Dice::new(0x0005_7e95);
    for scenario in scenarios(&folder.join("scenarios"), &folder.join("expected")) {
        let name = &scenario.name;
        let freely = result_of(&folder, name, &scenario.text, &["--local"]);
        let paced = ["--local", "--pace", "100000/s"];
        let paced = result_of(&folder, name, &scenario.text, &paced);
        assert!(freely == paced, "{name}");
        let places: Vec<usize> = scenario.models().iter().map(|_| dice.throw(3)).collect();
        let text = scenario.placed(&|model| Some(nodes.get(places[model])?.address));
        let spread = result_of(&folder, name, &text, &["--pace", "5000/s"]);
        assert!(freely == spread, "{name}, placed {places:?}");
    }
}

#[test]
fn scenarios_that_fail_in_the_reference_run_where_they_make_sense() {
    let folder = conformance_folder();
    let fixed = folder.join("fail/expected_fixed");
    for scenario in scenarios(&folder.join("fail"), &fixed) {
        let name = &scenario.name;
        let (got, _) = result_of(&folder, name, &scenario.text, &[]);
        if let Some(difference) = difference(&got, &scenario.expected, TOLERANCE) {
            panic!("{name}: {difference}");
        }
    }
}

#[test]
fn scenarios_that_name_a_port_for_each_model_give_the_same_result_in_one_process_and_on_nodes() {
    let folder = conformance_folder().join("cluster");
    let nodes = ["127.0.0.2", "127.0.0.3"].map(Node::start_at);
    let addresses = nodes.each_ref().map(|node| node.address);
    let mut ran = 0;
    for scenario in scenarios(&folder, &folder.join("expected")) {
        let name = format!("{}_connect", scenario.name);
        let text = fs::read_to_string(folder.join(format!("{name}.yaml"))).expect("readable");
        if needs_boards(&folder, &scenario.name) {
            continue;
        }
        let alone = result_of(&folder, &name, &text, &["--local"]);
        if let Some(difference) = difference(&alone.0, &scenario.expected, TOLERANCE) {
            panic!("{name}: {difference}");
        }
        let spread = result_of(&folder, &name, &at(&text, &addresses), &[]);
        assert!(alone == spread, "{name} on nodes");
        ran += 1;
    }
    assert!(ran > 0, "an empty set proves nothing");
}

/// A scenario with other addresses in its `connect` entries, in turn.
fn at(text: &str, addresses: &[SocketAddr]) -> String {
    let mut addresses = addresses.iter().cycle();
    let mut address = None;
    let mut lines = String::new();
    for line in text.lines() {
        let entry = line.trim_start();
        let indent = &line[..line.len() - entry.len()];
        let replaced = if entry.starts_with("ip:") {
            address = addresses.next();
            address.map(|address| format!("{indent}ip: '{}'", address.ip()))
        } else if entry.starts_with("port:") {
            address.map(|address| format!("{indent}port: {}", address.port()))
        } else {
            None
        };
        lines += replaced.as_deref().unwrap_or(line);
        lines.push('\n');
    }
    lines
}
