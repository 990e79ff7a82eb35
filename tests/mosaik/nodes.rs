//! Models on nodes, which are encrypted.

use rig::{Bridge, Node};
use shared::wire::Key;

use crate::mosaik::{BATTERY, Mosaik};

/// A file with a key.
pub(crate) struct KeyFile {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

impl KeyFile {
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }
}

/// Two nodes that have a key.
pub(crate) fn two_nodes() -> ([Node; 2], KeyFile) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cluster.key");
    Key::random().expect("random").create(&path).expect("made");
    let nodes = [Node::start_with_key(&path), Node::start_with_key(&path)];
    (
        nodes,
        KeyFile {
            _folder: folder,
            path,
        },
    )
}

pub(crate) fn bridge_over(nodes: &[Node; 2], key: &KeyFile) -> Bridge {
    let list = format!("{},{}", nodes[0].address, nodes[1].address);
    Bridge::start(&[
        "--nodes",
        &list,
        "--key",
        key.path().to_str().expect("a path"),
    ])
}

#[test]
fn models_are_dealt_to_the_nodes_and_give_the_values_that_they_give_here() {
    let (nodes, key) = two_nodes();
    let here = Bridge::start(&["-q"]);
    let there = bridge_over(&nodes, &key);
    let answers = |bridge: &Bridge| {
        let mut mosaik = Mosaik::begin(bridge.address);
        mosaik.gets(&format!(r#"["create", [3, "Battery"], {BATTERY}]"#));
        let slow = BATTERY.replacen('{', r#"{"time_step_size": 3, "#, 1);
        mosaik.gets(&format!(r#"["create", [1, "Battery"], {slow}]"#));
        mosaik.gets(r#"["create", [1, "Constant"], {"parameters": {"price": 0.3}}]"#);
        let mut answers = Vec::new();
        for tick in 0..50 {
            let time = tick * 900;
            let inputs: Vec<String> = (0..4)
                .map(|battery| {
                    format!(
                        r#""Battery_{battery}": {{"flow2b": {{"S-0.a": {}, "S-0.b": -0.5}}}}"#,
                        battery + tick % 7
                    )
                })
                .collect();
            answers.push(mosaik.gets(&format!(
                r#"["step", [{time}, {{{}}}, 9], {{}}]"#,
                inputs.join(", ")
            )));
            let wanted: Vec<String> = (0..4)
                .map(|battery| format!(r#""Battery_{battery}": ["soc", "p_out"]"#))
                .collect();
            let wanted = format!(r#"{{{}, "Constant_0": ["price"]}}"#, wanted.join(", "));
            answers.push(mosaik.gets(&format!(r#"["get_data", [{wanted}], {{}}]"#)));
        }
        answers
    };
    assert_eq!(answers(&there), answers(&here));
    for node in &nodes {
        node.wait_for_report("session for 'mosaik'");
        node.wait_for_report("session over");
    }
    assert_eq!(there.stop(), Some(0));
}

#[test]
fn sessions_run_on_the_nodes_at_the_same_time_and_end_with_their_connections() {
    let (nodes, key) = two_nodes();
    let bridge = bridge_over(&nodes, &key);
    let mut sessions: Vec<Mosaik> = (0..3)
        .map(|_| Mosaik::with_battery(bridge.address))
        .collect();
    for tick in 0..5 {
        for session in &mut sessions {
            let (data, _) = session.step_battery("Battery_0", tick * 900, 1.0);
            let level = 1.25 * (tick + 1) as f64;
            assert_eq!(data, format!(r#"{{"Battery_0": {{"soc": {level:?}}}}}"#));
        }
    }
    drop(sessions);
    rig::wait_for("the end of three sessions", || {
        let over = nodes
            .iter()
            .flat_map(Node::log)
            .filter(|line| line.contains("session over"));
        (over.count() == 3).then_some(())
    });
}

#[test]
fn a_node_that_is_killed_is_named_with_its_models() {
    let (nodes, key) = two_nodes();
    let bridge = bridge_over(&nodes, &key);
    let mut session = Mosaik::begin(bridge.address);
    session.gets(&format!(r#"["create", [2, "Battery"], {BATTERY}]"#));
    let inputs =
        r#"{"Battery_0": {"flow2b": {"S-0.s": 1}}, "Battery_1": {"flow2b": {"S-0.s": 1}}}"#;
    assert_eq!(
        session.gets(&format!(r#"["step", [0, {inputs}, 9], {{}}]"#)),
        "900"
    );
    nodes[1].signal("KILL");
    let (exception, message) = session.fails(&format!(r#"["step", [900, {inputs}, 9], {{}}]"#));
    assert_eq!(exception, "RuntimeError");
    let lost = format!("lost node {}, which ran Battery_1", nodes[1].address);
    assert!(message.contains(&lost), "{message}");
    let again = session.fails(r#"["get_data", [{"Battery_0": ["soc"]}], {}]"#);
    assert_eq!(again.1, message);
    // The other node is free again.
    nodes[0].wait_for_report("session over");
    bridge.wait_for_report(&lost);
}

#[test]
fn a_node_that_is_not_there_or_has_another_key_is_named_in_the_first_step() {
    let (nodes, key) = two_nodes();
    let (_, other) = two_nodes();
    for (bridge, said) in [
        (
            Bridge::start(&[
                "--nodes",
                "127.0.0.1:1",
                "--key",
                key.path().to_str().expect("a path"),
            ]),
            "node 127.0.0.1:1 (for Battery_0)",
        ),
        (bridge_over(&nodes, &other), "it has another cluster key"),
    ] {
        let mut session = Mosaik::with_battery(bridge.address);
        let (_, message) =
            session.fails(r#"["step", [0, {"Battery_0": {"flow2b": {"S-0.s": 1}}}, 9], {}]"#);
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn a_model_that_fails_on_a_node_is_named_with_it() {
    let (nodes, key) = two_nodes();
    let bridge = bridge_over(&nodes, &key);
    let mut session = Mosaik::with_battery(bridge.address);
    let (_, message) =
        session.fails(r#"["step", [0, {"Battery_0": {"flow2b": {"S-0.s": "much"}}}, 9], {}]"#);
    let said = format!("model 'Battery_0' (Battery) on node {}", nodes[0].address);
    assert!(message.contains(&said), "{message}");
    assert!(
        message.contains("input 'flow2b' wants a number"),
        "{message}"
    );
}

#[test]
fn what_is_connected_stays_so_on_nodes() {
    let (nodes, key) = two_nodes();
    let bridge = bridge_over(&nodes, &key);
    let mut session = Mosaik::with_battery(bridge.address);
    session.step_battery("Battery_0", 0, 1.0);
    let (_, message) = session.fails(r#"["step", [900, {}, 9], {}]"#);
    assert!(
        message.contains("input 'flow2b' of 'Battery_0' has other sources"),
        "{message}"
    );
}
