//! Sweeps whose variants run on nodes.

use std::fmt::Write;
use std::fs;

use super::combinations::assert_second_variants_are;
use super::{Place, assert_same, each_of_the_conformance_set, expected};
use rig::{Ended, Node, wait_for};

fn on(nodes: &[&Node]) -> String {
    let names: Vec<String> = nodes.iter().map(|node| node.address.to_string()).collect();
    names.join(",")
}

/// So many variants that they are not done before somebody ends a node.
const MANY: [&str; 7] = [
    "scenario.yaml",
    "--set",
    "Storage.max_energy=range(1,8001,1)",
    "--indicators",
    "totals",
    "-o",
    "table.csv",
];

fn many() -> Place {
    Place::with_power_balance(&|text| {
        text.replace("'2026-07-10 00:00:00'", "'2026-07-06 06:00:00'")
    })
}

fn wait_for_rows(place: &Place, rows: usize) {
    wait_for("rows of the table", || {
        let partial = fs::read_to_string(place.path("table.partial.csv")).ok()?;
        (partial.lines().count() > rows).then_some(())
    });
}

#[test]
fn results_and_tables_are_those_of_one_machine() {
    let place = Place::with_conformance();
    let (one, other) = (Node::start(), Node::start());
    let nodes = on(&[&one, &other]);
    for (scenario, results, variants) in [
        ("p01_product", "p01_", "12 variants in ./res"),
        ("p02_aligned", "p02.", "3 variants in ./res"),
    ] {
        let file = format!("{scenario}.yaml");
        let ended = place.sweep(&[&file, "--on", &nodes, "--insecure"]);
        ended.assert(0, &[variants, "variants/s on 2 nodes"]);
        assert_same(&place.files("res"), &expected(scenario, results));
        fs::remove_dir_all(place.path("res")).expect("removed");
    }
    let table = [
        "p01_product.yaml",
        "--indicators",
        "totals",
        "--indicators",
        "q=quantile(Cell.soc, 0.3)",
        "--indicators",
        "energy(Homes.load_dem)",
        "--files",
        "-o",
    ];
    place
        .sweep(&[&table[..], &["here.csv"]].concat())
        .assert(0, &[]);
    let wanted = place.files("res");
    fs::remove_dir_all(place.path("res")).expect("removed");
    let there = ["there.csv", "--on", &nodes, "--insecure", "--json"];
    let ended = place.sweep(&[&table[..], &there].concat());
    ended.assert(0, &[]);
    let said: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let done = |place: usize| said["nodes"][place]["done"].as_u64().expect("a number");
    assert_eq!(done(0) + done(1), 12, "{said}");
    assert_eq!(place.read("there.csv"), place.read("here.csv"));
    assert_same(&place.files("res"), &wanted);
}

/// Whatever is played back and whatever steps: one parameter of each model at a time.
#[test]
fn variants_of_the_conformance_set_are_its_runs_on_a_node() {
    let node = Node::start();
    let options = ["--on", &on(&[&node]), "--insecure", "-q"];
    let mut variants = 0;
    each_of_the_conformance_set(|place, wanted, scenario| {
        variants += assert_second_variants_are(place, wanted, scenario, &options);
    });
    assert!(variants > 100, "{variants}");
}

#[test]
fn a_variant_that_fails_is_named_as_it_is_here() {
    let place = Place::with_conformance();
    let text = place.read("p01_product.yaml");
    place.write("bad.yaml", &text.replace("[2, 3.5, 10]", "[2, -1, 10]"));
    let here = place.sweep(&["bad.yaml"]);
    let wanted = place.files("res");
    fs::remove_dir_all(place.path("res")).expect("removed");
    let node = Node::start();
    let there = place.sweep(&["bad.yaml", "--on", &on(&[&node]), "--insecure"]);
    there.assert(3, &["4 variants failed; the others are done"]);
    let failed = |ended: &Ended| {
        let lines = ended.stderr.lines();
        let lines = lines.filter(|line| line.contains("variant "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(failed(&there), failed(&here));
    assert_same(&place.files("res"), &wanted);
}

/// So many that most of them go together, and that it shows where one of those is refused.
#[test]
fn variants_that_go_into_one_engine_of_a_node_are_what_they_are_here() {
    let place = many();
    let mut samples = "Storage.max_energy,Storage.max_p\n".to_owned();
    for row in 1..=12_000 {
        let energy = if row % 97 == 0 { -1 } else { row };
        writeln!(samples, "{energy},{}", row % 7 + 1).expect("room");
    }
    place.write("samples.csv", &samples);
    let table = [
        "scenario.yaml",
        "--samples",
        "samples.csv",
        "--indicators",
        "totals",
        "--indicators",
        "quantile(Storage.soc, 0.3)",
        "-o",
    ];
    let here = place.sweep(&[&table[..], &["here.csv"]].concat());
    here.assert(3, &["123 variants failed"]);
    let node = Node::start();
    let there = ["there.csv", "--on", &on(&[&node]), "--insecure"];
    let there = place.sweep(&[&table[..], &there].concat());
    there.assert(3, &["123 variants failed"]);
    assert_eq!(place.read("there.csv"), place.read("here.csv"));
}

#[test]
fn variants_of_a_node_that_is_lost_go_elsewhere() {
    let place = many();
    place.sweep(&[&MANY[..], &["-q"]].concat()).assert(0, &[]);
    let wanted = place.read("table.csv");
    // One of two, and then the only one, whose variants this machine runs.
    for lonely in [false, true] {
        fs::remove_file(place.path("table.csv")).expect("removed");
        let (lost, other) = (Node::start(), Node::start());
        let nodes = if lonely {
            on(&[&lost])
        } else {
            on(&[&lost, &other])
        };
        let run = place.start(&[&MANY[..], &["--on", &nodes, "--insecure"]].concat());
        wait_for_rows(&place, 100);
        lost.signal("KILL");
        let ended = Ended::from(run.finish());
        let said = format!("lost node {}, which had", lost.address);
        ended.assert(0, &[&said, "8,000 variants in table.csv"]);
        let here = ended.stderr.contains("this machine runs them");
        assert_eq!(here, lonely, "{ended:?}");
        assert!(place.read("table.csv") == wanted);
    }
}

#[test]
fn a_node_that_hangs_is_given_up() {
    let place = many();
    let (hangs, other) = (Node::start(), Node::start());
    let nodes = on(&[&hangs, &other]);
    let run = place.start(&[&MANY[..], &["--on", &nodes, "--insecure"]].concat());
    wait_for_rows(&place, 100);
    hangs.signal("STOP");
    let ended = Ended::from(run.finish());
    hangs.signal("CONT");
    ended.assert(
        0,
        &[
            "no sign of life for 10 s; see whether the node hangs or the network is down\n",
            "8,000 variants in table.csv",
        ],
    );
}

#[test]
fn a_sweep_that_is_ended_goes_on_and_nodes_are_free_at_once() {
    let place = many();
    let node = Node::start();
    let nodes = ["--on", &on(&[&node]), "--insecure", "-q"];
    let options = [&MANY[..], &nodes].concat();
    place.sweep(&options).assert(0, &[]);
    let wanted = place.read("table.csv");
    for signal in ["KILL", "INT"] {
        fs::remove_file(place.path("table.csv")).expect("removed");
        let run = place.start(&options);
        wait_for_rows(&place, 100);
        run.signal(signal);
        run.finish();
        node.wait_for_report(if signal == "KILL" {
            "session lost"
        } else {
            "session over"
        });
        let resumed = place.sweep(&[&options[..], &["--resume"]].concat());
        resumed.assert(0, &[]);
        assert!(place.read("table.csv") == wanted, "{signal}");
    }
}

#[test]
fn a_node_serves_others_meanwhile() {
    let place = many();
    let node = Node::start();
    let run = place.start(&[&MANY[..], &["--on", &on(&[&node]), "--insecure"]].concat());
    wait_for_rows(&place, 100);
    let text = place.read("scenario.yaml");
    let (host, port) = (node.address.ip(), node.address.port());
    let connect = format!("type: Battery\n  connect: {{ip: {host}, port: {port}}}");
    let placed = text.replace("type: Battery", &connect);
    assert_ne!(placed, text);
    place.write("placed.yaml", &placed);
    let beside = place.controller(&["run", "placed.yaml", "--insecure", "-o", "there.csv"]);
    beside.assert(0, &[]);
    place
        .controller(&["run", "scenario.yaml", "-o", "here.csv"])
        .assert(0, &[]);
    assert_eq!(place.read("there.csv"), place.read("here.csv"));
    Ended::from(run.finish()).assert(0, &["8,000 variants"]);
}

#[test]
fn nodes_that_cannot_be_used_are_all_named_and_nothing_runs() {
    let place = Place::with_conformance();
    let node = Node::start_for("PV");
    let nodes = format!("{},127.0.0.1:1", node.address);
    let ended = place.sweep(&["p01_product.yaml", "--on", &nodes, "--insecure"]);
    ended.assert(
        4,
        &[
            "node 127.0.0.1:1 (for variants): nothing listens there",
            &format!("node {} (for variants): ", node.address),
        ],
    );
    assert!(!place.path("res").exists(), "nothing is written");
    place
        .sweep(&["p01_product.yaml", "--on", " , "])
        .assert(1, &["--on wants nodes"]);
    place
        .sweep(&["p01_product.yaml", "--on", "pi:none"])
        .assert(1, &["--on: "]);
    place
        .sweep(&["p01_product.yaml", "--ask", "--on", "pi"])
        .assert(1, &["leave --on out"]);
}

#[test]
fn data_that_only_a_variant_reads_are_there() {
    let place = Place::with_conformance();
    let node = Node::start();
    fs::copy(place.path("data/load.csv"), place.path("other.csv")).expect("copied");
    let set = "Meter.file_path=./data/load.csv,other.csv";
    let options = ["p01_product.yaml", "--set", set];
    place.sweep(&options).assert(0, &["24 variants"]);
    let wanted = place.files("res");
    fs::remove_dir_all(place.path("res")).expect("removed");
    let nodes = ["--on", &on(&[&node]), "--insecure"];
    let ended = place.sweep(&[&options[..], &nodes].concat());
    ended.assert(0, &["24 variants"]);
    assert!(!ended.stderr.contains("this machine"), "{ended:?}");
    assert_same(&place.files("res"), &wanted);
}

#[test]
fn what_no_node_can_run_runs_here() {
    let place = Place::with_conformance();
    // A file that nobody could know of beforehand, for a table says which it is.
    fs::copy(place.path("data/load.csv"), place.path("other.csv")).expect("copied");
    place.write(
        "samples.csv",
        "Meter.file_path,Homes.houses,Cell.max_energy\n./data/load.csv,2,20\nother.csv,3,20\n",
    );
    let options = ["p02_aligned.yaml", "--samples", "samples.csv"];
    place.sweep(&options).assert(0, &["2 variants"]);
    let wanted = place.files("res");
    fs::remove_dir_all(place.path("res")).expect("removed");
    let node = Node::start();
    let nodes = ["--on", &on(&[&node]), "--insecure"];
    let ended = place.sweep(&[&options[..], &nodes].concat());
    ended.assert(0, &[&format!("{} 1, this machine 1", node.address)]);
    assert_same(&place.files("res"), &wanted);
}
