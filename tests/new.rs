//! `controller new`: each scenario to begin with is made, and what is said to type next does what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rig::{Ended, Node, controller_binary, run_bounded};
use tempfile::TempDir;

/// Each choice, with the number of nodes of its cluster.
const CHOICES: [(&str, usize); 10] = [
    ("power-balance", 2),
    ("congestion", 2),
    ("evs", 2),
    ("house", 2),
    ("feeder", 2),
    ("district", 2),
    ("hydrogen", 2),
    ("market", 2),
    ("table", 5),
    ("python-model", 2),
];

/// A folder for a beginner, who has the controller among the commands and nothing else.
struct Beginner {
    home: TempDir,
    /// The commands that what is printed says to type: here, and on nodes.
    here: Vec<String>,
    nodes: String,
}

impl Beginner {
    /// Has a scenario made in a new folder and reads what is to be typed next.
    fn with(choice: &str) -> Self {
        let mut beginner = Self {
            home: tempfile::tempdir().expect("a folder"),
            here: Vec::new(),
            nodes: String::new(),
        };
        let made = beginner.types(&format!("controller new {choice} 'my first'"));
        made.assert(0, &[]);
        assert_eq!(made.stderr, "");
        let commands = made.stdout.lines().filter_map(|l| l.strip_prefix("  "));
        let mut commands: Vec<String> = commands.map(str::to_owned).collect();
        beginner.nodes = commands.pop().expect("commands");
        assert_eq!(commands.len(), 3, "{}", made.stdout);
        beginner.here = commands;
        for path in made.stdout.lines().filter_map(|l| l.strip_prefix("made ")) {
            assert!(beginner.home.path().join(path).is_file(), "{path}");
        }
        beginner
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("my first")
    }

    /// Types lines into a shell, which ends at the first that fails.
    fn types(&self, lines: &str) -> Ended {
        let controller = Path::new(controller_binary().last().expect("a command"));
        let programs = controller.parent().expect("in a folder").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell
            .args(["-ec", lines])
            .current_dir(self.home.path())
            .env("PATH", format!("{programs}:{path}"))
            .env("XDG_CONFIG_HOME", self.home.path().join("config"));
        run_bounded(&mut shell).into()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder().join(path)).expect("there")
    }
}

/// Does all that the text says, and compares the results of this machine and of nodes.
fn assert_does_what_it_says(choice: &str, node_count: usize) {
    let beginner = Beginner::with(choice);
    for scenario in ["scenario.yaml", "cluster.yaml"] {
        let check = format!("cd 'my first'; controller check --strict --local {scenario}");
        beginner.types(&check).assert(0, &[]);
    }
    let [cd, run, report] = &beginner.here[..] else {
        panic!("{:?}", beginner.here);
    };
    let strict = format!("{run} --strict");
    beginner
        .types(&format!("{cd}\n{strict}\n{report}"))
        .assert(0, &[]);
    let result = report.rsplit(' ').next().expect("a word");
    let alone = beginner.read(result);
    assert!(alone.lines().count() > 24, "{choice}: {alone}");
    let page = beginner.read(&result.replace(".csv", ".html"));
    assert!(page.contains("</html>"), "{choice}");

    // On nodes: with their addresses in place of those that are there. The visit to the table comes again, since no
    // board is plugged in here, and at a pace for which no test has the time to wait.
    let nodes: Vec<Node> = (1..=node_count)
        .map(|number| Node::start_at(&format!("127.0.0.{number}")))
        .collect();
    let mut text = beginner.read("cluster.yaml");
    for node in &nodes {
        let (ip, port) = (node.address.ip(), node.address.port());
        let place = |port| format!("connect: {{ip: '{ip}', port: {port}}}");
        assert!(text.contains(&place(5123)), "{choice} uses {ip}");
        text = text.replace(&place(5123), &place(port));
    }
    fs::write(beginner.folder().join("cluster.yaml"), text).expect("written");
    let mut spread = beginner.nodes.clone();
    if choice == "table" {
        assert!(spread.contains(" --pace 2/s"), "{spread}");
        spread = spread.replace(
            " --pace 2/s",
            " --pace 2000/s --replay data/table.journal.csv",
        );
    }
    beginner
        .types(&format!("{cd}\n{spread} --output on-nodes.csv"))
        .assert(0, &[]);
    assert!(alone == beginner.read("on-nodes.csv"), "{choice} on nodes");
}

#[test]
fn each_scenario_runs_here_and_on_nodes_with_the_commands_that_are_printed() {
    for (choice, nodes) in CHOICES {
        if choice != "python-model" {
            assert_does_what_it_says(choice, nodes);
        }
    }
}

#[test]
fn the_class_in_python_runs_with_the_commands_that_are_printed() {
    if rig::python().is_some() {
        assert_does_what_it_says("python-model", 2);
    }
}

#[test]
fn the_table_runs_without_a_board_and_without_a_visit() {
    let beginner = Beginner::with("table");
    let run = "cd 'my first'; controller run --local --devices none cluster.yaml";
    beginner.types(run).assert(0, &[]);
    assert!(beginner.read("results/table-cluster.csv").lines().count() > 24);
}

#[test]
fn all_choices_are_listed_with_a_line_for_each() {
    let beginner = Beginner::with("market");
    let listed = beginner.types("controller new");
    listed.assert(0, &[]);
    let names: Vec<&str> = listed
        .stdout
        .lines()
        .filter_map(|line| line.split_once("  ").map(|(name, _)| name))
        .collect();
    assert_eq!(names, CHOICES.map(|(name, _)| name));
}

#[test]
fn in_the_folder_one_is_in_there_is_no_other_to_go_to() {
    let home = Beginner::with("market");
    let made = home.types("mkdir empty; cd empty; controller new market");
    made.assert(0, &[]);
    assert!(!made.stdout.contains("cd "), "{}", made.stdout);
    let folder = home.home.path().join("empty");
    assert!(folder.join("scenario.yaml").is_file());
    assert!(
        made.stdout.contains("made scenario.yaml\n"),
        "{}",
        made.stdout
    );
}

#[test]
fn what_is_there_is_not_written_over() {
    let beginner = Beginner::with("market");
    fs::write(beginner.folder().join("scenario.yaml"), "mine").expect("written");
    let again = beginner.types("controller new congestion 'my first'");
    again.assert(
        1,
        &[
            "error: 'my first/cluster.yaml' is there already, and nothing is written over it",
            "give a folder that does not have it, or take it away",
        ],
    );
    assert_eq!(again.stdout, "");
    assert_eq!(beginner.read("scenario.yaml"), "mine");
    assert!(!beginner.folder().join("data/winter").exists());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let beginner = Beginner::with("market");
    // Not even the administrator makes folders there.
    let refused = beginner.types("controller new market /proc/mine");
    refused.assert(
        1,
        &["error: cannot make '/proc/mine'; give a folder in which you may write"],
    );
    let refused = beginner.types("controller new market 'my first/scenario.yaml'");
    refused.assert(1, &["'my first/scenario.yaml' is a file"]);
    assert_eq!(refused.stdout, "");
}

#[test]
fn a_misspelt_choice_is_met_with_the_right_one() {
    let beginner = Beginner::with("market");
    for (word, near) in [
        ("powerbalance", ", did you mean 'power-balance'?"),
        ("EVs", ", did you mean 'evs'?"),
        ("ammonia", ""),
    ] {
        let said = format!(
            "error: there is no scenario '{word}' to begin with{near}; 'controller new' lists them\n"
        );
        let refused = beginner.types(&format!("controller new {word} other"));
        refused.assert(1, &[]);
        assert_eq!(refused.stderr, said);
        assert!(!beginner.home.path().join("other").exists());
    }
}
