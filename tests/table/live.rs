//! The table of the examples with boards behind pseudo-terminals, on five nodes: what is plugged in changes
//! the run, and what a run says is what cables show.

use std::fs;
use std::path::{Path, PathBuf};

use boards::{Setup, Shown, Table};
use rig::{Node, Run, controller, controller_in, wait_for, workspace};
use serde_json::Value as Json;
use tempfile::TempDir;

/// The units on nodes, in the order of their addresses in the scenario.
const UNITS: [&str; 5] = ["house", "sun", "wind", "battery", "grid"];

/// Five nodes and a controller, with sockets in folders called like their units.
struct Stage {
    folder: TempDir,
    nodes: Vec<Node>,
    table: Table,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for unit in UNITS.iter().chain(&["campus"]) {
            fs::create_dir(folder.path().join(unit)).expect("made");
        }
        let mut text =
            fs::read_to_string(workspace().join("scenarios/table-cluster.yaml")).expect("readable");
        let mut nodes = Vec::new();
        for (number, unit) in (1..).zip(UNITS) {
            let ip = format!("127.0.0.{number}");
            let (listen, devices) = (format!("{ip}:0"), folder.path().join(unit));
            let devices = devices.display().to_string();
            let node = Node::start_with(&["--listen", &listen, "--devices", &devices]);
            let port = node.address.port();
            let (from, to) = (
                format!("ip: '{ip}', port: 5123"),
                format!("ip: '{ip}', port: {port}"),
            );
            text = text.replace(&from, &to);
            nodes.push(node);
        }
        fs::write(folder.path().join("table.yaml"), text).expect("written");
        let table = Table::new(folder.path());
        Self {
            folder,
            nodes,
            table,
        }
    }

    /// Kills a node, and starts it anew.
    fn restart(&mut self, number: usize) {
        let address = self.nodes[number].address.to_string();
        self.nodes[number].signal("KILL");
        self.nodes[number].wait();
        let devices = self.path().join(UNITS[number]).display().to_string();
        self.nodes[number] = Node::start_with(&["--listen", &address, "--devices", &devices]);
    }

    fn plug(&mut self, device: &str, id: &str) {
        self.table
            .plug(device, Setup::text(id))
            .expect("plugged in");
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    fn run(&self, pace: &str) -> Run {
        controller_in(
            self.path(),
            &[
                "run",
                "table.yaml",
                "--insecure",
                "--devices",
                "campus",
                "--output",
                "out.csv",
                "--pace",
                pace,
                "--cable-log",
                "told.csv",
            ],
        )
    }

    /// What `controller cables` says of a unit's sockets, as JSON.
    fn cables(&self) -> Json {
        let arguments = [
            "cables",
            "table.yaml",
            "--insecure",
            "--devices",
            "campus",
            "--json",
        ];
        let asked = controller(self.path(), &arguments);
        let said = String::from_utf8_lossy(&asked.stderr);
        assert!(asked.status.success(), "{said}");
        serde_json::from_slice(&asked.stdout).expect("JSON")
    }

    /// What the strip behind a socket shows, in words.
    fn shown(&self, device: &str) -> Option<String> {
        self.table
            .log()
            .shown(device)
            .map(|shown: Shown| shown.to_string())
    }

    fn wait_to_show(&self, device: &str, words: &str) {
        wait_for(&format!("{device} shows {words}"), || {
            self.shown(device).filter(|shown| shown.starts_with(words))
        });
    }

    /// Checks that what a run has left comes again from its journal.
    #[track_caller]
    fn assert_comes_again(&self) {
        let rows = fs::read_to_string(self.file("out.partial.csv")).expect("rows");
        let again = controller(
            self.path(),
            &[
                "run",
                "table.yaml",
                "--local",
                "--quiet",
                "--replay",
                "out.journal.partial.csv",
                "--output",
                "again.csv",
                "--cable-log",
                "again.told.csv",
            ],
        );
        let said = String::from_utf8_lossy(&again.stderr);
        assert!(again.status.success(), "{said}");
        let again = fs::read_to_string(self.file("again.csv")).expect("a result");
        assert!(rows.lines().count() > 10 && again.starts_with(&rows));
        let told = fs::read_to_string(self.file("told.partial.csv")).expect("a log");
        let told_again = fs::read_to_string(self.file("again.told.csv")).expect("a log");
        assert!(told_again.starts_with(&told), "{told}\n\n{told_again}");
    }
}

/// What a unit has in its sockets.
fn in_sockets(cables: &Json, unit: &str) -> Vec<String> {
    let units = cables["units"].as_array().expect("units");
    let unit = units.iter().find(|known| known["model"] == unit);
    let sockets = unit.expect("a unit")["sockets"].as_array();
    let what = |socket: &Json| socket["what"].as_str().expect("words").to_owned();
    sockets.expect("sockets").iter().map(what).collect()
}

fn codes(cables: &Json) -> Vec<&str> {
    let remarks = cables["remarks"].as_array().expect("remarks");
    remarks
        .iter()
        .filter_map(|remark| remark["code"].as_str())
        .collect()
}

#[test]
fn cables_are_known_before_any_run_and_what_is_missing_is_told() {
    let mut stage = Stage::new();
    stage.plug("house/ttyACM0", "3");
    stage.plug("grid/ttyACM1", "3");
    stage.plug("campus/ttyACM0", "4");
    let cables = wait_for("all cables are known", || {
        let cables = stage.cables();
        let known = in_sockets(&cables, "Load_house_LED")[0] == "cable 3"
            && in_sockets(&cables, "Grid_Ext_LED")[1] == "cable 3";
        known.then_some(cables)
    });
    assert_eq!(in_sockets(&cables, "Load_EWI_LED")[0], "cable 4");
    assert_eq!(in_sockets(&cables, "PV_LED"), ["none"; 4]);
    assert_eq!(codes(&cables), ["one_end"]);
    let people = controller(
        stage.path(),
        &["cables", "table.yaml", "--insecure", "--devices", "campus"],
    );
    let said = String::from_utf8_lossy(&people.stdout);
    assert!(said.contains("ttyACM0  cable 3"), "{said}");
    assert!(
        said.contains(
            "cable 4 has one end only, at 'Load_EWI_LED' (ttyACM0); plug in the other one"
        ),
        "{said}"
    );
    let node = stage.nodes[0].address.to_string();
    let asked = controller(stage.path(), &["nodes", &node, "--insecure", "--json"]);
    let nodes: Json = serde_json::from_slice(&asked.stdout).expect("JSON");
    assert_eq!(nodes[0]["sockets"][0]["cable"], "3", "{nodes:#}");
}

#[test]
fn whoever_plugs_a_cable_changes_the_run_and_a_replay_has_the_same_bytes() {
    let mut stage = Stage::new();
    let run = stage.run("20/s");
    stage.plug("grid/ttyACM0", "1");
    stage.wait_to_show("grid/ttyACM0", "dot 10 10 10");
    stage.plug("campus/ttyACM0", "1");
    // The campus draws from the grid: by day the cable is full.
    stage.wait_to_show("grid/ttyACM0", "dot 254 0 0");
    stage.plug("house/ttyACM2", "3");
    stage.plug("grid/ttyACM3", "3");
    stage.wait_to_show("house/ttyACM2", "dot 0 254 0");
    stage.table.pull("grid/ttyACM0");
    stage.plug("grid/ttyACM1", "1");
    stage.wait_to_show("grid/ttyACM1", "dot 254 0 0");
    stage.plug("wind/ttyACM0", "0");
    run.signal("INT");
    let ended = run.finish();
    assert_eq!(ended.status.code(), Some(130));
    // The run is over: cables are at rest.
    stage.wait_to_show("house/ttyACM2", "dot 10 10 10");
    stage.wait_to_show("campus/ttyACM0", "dot 10 10 10");

    let journal = fs::read_to_string(stage.file("out.journal.partial.csv")).expect("a journal");
    let seen = |model: &str, what: &str| {
        let ending = format!(",{model},{what}");
        journal.lines().any(|line| line.ends_with(&ending))
    };
    for (model, what) in [
        ("Grid_Ext_LED", "socket 0,1"),
        ("Grid_Ext_LED", "socket 0,"),
        ("Grid_Ext_LED", "socket 1,1"),
        ("Load_EWI_LED", "socket 0,1"),
        ("Load_house_LED", "socket 2,3"),
    ] {
        assert!(seen(model, what), "{model}: {what}\n{journal}");
    }
    let ticks = journal.lines().skip(1).map(|line| {
        let tick = line.split(',').next().expect("a tick");
        tick.parse::<u64>().expect("a number")
    });
    assert!(ticks.is_sorted(), "{journal}");

    stage.assert_comes_again();
}

#[test]
fn what_was_plugged_in_is_not_lost_with_a_node() {
    let mut stage = Stage::new();
    let mut run = stage.run("100/s");
    stage.plug("campus/ttyACM0", "1");
    for round in 0..6 {
        // Before, and while the run holds.
        let socket = format!("grid/ttyACM{}", round % 4);
        stage.plug(&socket, "1");
        stage.wait_to_show(&socket, "dot 254 0 0");
        stage.plug("house/ttyACM2", "3");
        let lost = [4, 0][round % 2];
        stage.restart(lost);
        run.wait_to_say("the run goes on at tick ");
        stage.table.pull("house/ttyACM2");
        stage.wait_to_show(&socket, "dot 254 0 0");
        stage.table.pull(&socket);
    }
    run.signal("INT");
    let ended = run.finish();
    assert_eq!(ended.status.code(), Some(130));
    stage.assert_comes_again();
}

#[test]
fn cables_are_at_rest_when_the_controller_is_gone_and_serve_the_next_run() {
    let mut stage = Stage::new();
    let run = stage.run("20/s");
    stage.plug("grid/ttyACM0", "1");
    stage.plug("campus/ttyACM0", "1");
    stage.wait_to_show("grid/ttyACM0", "dot 254 0 0");
    run.signal("KILL");
    run.finish();
    stage.wait_to_show("grid/ttyACM0", "dot 10 10 10");
    let run = stage.run("20/s");
    stage.wait_to_show("grid/ttyACM0", "dot 254 0 0");
    // What was killed left its journal as far as it came.
    assert!(stage.file("out.journal.partial.csv").exists());
    run.signal("INT");
    run.finish();
}
