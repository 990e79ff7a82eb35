//! Many models on many nodes.

use std::fs;
use std::path::Path;

use rig::{CROWD_NODES, Node, controller, crowd_drive, crowd_scenario};

const TICKS: u32 = 12;

/// Runs the scenario; returns its result, and what was said.
fn result_of(folder: &Path, options: &[&str]) -> (String, String) {
    let mut arguments = vec!["run", "crowd.yaml", "--output", "out.csv"];
    arguments.extend(options);
    let run = controller(folder, &arguments);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{}\n{said}", run.status);
    let result = fs::read_to_string(folder.join("out.csv")).expect("a result");
    (result, said)
}

#[test]
fn a_thousand_models_on_32_nodes_give_the_result_of_one_process() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    let mut nodes: [Node; CROWD_NODES] = std::array::from_fn(|_| Node::start());
    let addresses = nodes.each_ref().map(|node| node.address);
    let scenario = crowd_scenario(&addresses, TICKS);
    assert_eq!(scenario.matches("type: ").count(), 1000);
    fs::write(folder.join("crowd.yaml"), scenario).expect("written");
    fs::write(folder.join("drive.csv"), crowd_drive(TICKS)).expect("written");

    let (alone, _) = result_of(folder, &["--local"]);
    assert_eq!(alone.lines().count(), TICKS as usize + 1);
    let (spread, said) = result_of(folder, &[]);
    assert!(alone == spread, "another result on nodes");
    assert!(!said.contains("have no link"), "{said}");
    for node in &mut nodes {
        node.assert_running();
    }
}
