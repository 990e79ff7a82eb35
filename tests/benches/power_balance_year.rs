//! Power balance for a year, 35,040 ticks of a quarter of an hour: alone in one process, and on two
//! nodes over loopback, with and without a cluster key; and
//! one day of it as a whole process. Prints medians of five runs.
//!
//!     cargo bench -p illuminator-tests --bench power_balance_year

mod year;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rig::{Node, controller};
use shared::wire::Key;
use year::{SCENARIO, YEAR, write_data};

const RUNS: usize = 5;

/// The scenario up to an end, with `connect` where the comments of the template want it.
fn write_scenario(folder: &Path, name: &str, end: &str, nodes: &[Node]) {
    let mut text = SCENARIO.replace("END", end);
    for (index, node) in nodes.iter().enumerate() {
        let (ip, port) = (node.address.ip(), node.address.port());
        let place = format!("connect: {{ip: '{ip}', port: {port}}}");
        text = text.replace(&format!("# on node {}", index + 1), &place);
    }
    fs::write(folder.join(name), text).expect("written");
}

fn median(folder: &Path, arguments: &[&str]) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let run = controller(folder, arguments);
            let time = start.elapsed();
            assert!(
                run.status.success(),
                "{}",
                String::from_utf8_lossy(&run.stderr)
            );
            time
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

/// Resident memory of a process in KiB.
fn resident(node: &Node) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.unwrap_or("VmRSS: ?").to_owned()
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_data(folder);
    let nodes = [Node::start_at("127.0.0.1"), Node::start_at("127.0.0.2")];
    let key = folder.join("cluster.key");
    let made = Key::random().expect("random").create(&key);
    made.expect("written");
    let keyed = [Node::start_with_key(&key), Node::start_with_key(&key)];
    write_scenario(folder, "year.yaml", "2012-01-01", &[]);
    write_scenario(folder, "day.yaml", "2011-01-02", &[]);
    write_scenario(folder, "cluster.yaml", "2012-01-01", &nodes);
    write_scenario(folder, "keyed.yaml", "2012-01-01", &keyed);
    println!("node at rest: {}", resident(&nodes[0]));
    let day = median(folder, &["run", "day.yaml", "-q", "-o", "day.csv"]);
    let alone = median(folder, &["run", "year.yaml", "-q", "-o", "alone.csv"]);
    let spread = median(folder, &["run", "cluster.yaml", "-q", "-o", "spread.csv"]);
    let with_key = [
        "run",
        "keyed.yaml",
        "-q",
        "-o",
        "keyed.csv",
        "--key",
        "cluster.key",
    ];
    let encrypted = median(folder, &with_key);
    println!("node after a year: {}", resident(&nodes[0]));
    let rate = |time: Duration| f64::from(YEAR) / time.as_secs_f64();
    println!("one day, whole process:   {day:?}");
    println!(
        "year, one process:        {alone:?}, {:.0} ticks/s",
        rate(alone)
    );
    println!(
        "year, two nodes:          {spread:?}, {:.0} ticks/s, {:.1} times as long",
        rate(spread),
        spread.as_secs_f64() / alone.as_secs_f64()
    );
    println!(
        "the same, encrypted:      {encrypted:?}, {:.2} times as long",
        encrypted.as_secs_f64() / spread.as_secs_f64()
    );
    let result = |name: &str| fs::read(folder.join(name)).expect("there");
    let alone = result("alone.csv");
    let same = alone == result("spread.csv") && alone == result("keyed.csv");
    println!("same bytes: {same}");
    assert!(same);
}
