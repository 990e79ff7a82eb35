//! The example scenarios for a cluster, through the loss of a node in mid-run.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;

use rig::{Ended, Node, Trial, workspace};

use super::bytes;
use super::sides::files;

/// The examples for a cluster.
fn examples() -> Vec<String> {
    let all = fs::read_dir(workspace().join("scenarios")).expect("a folder");
    let names = all.filter_map(|file| file.expect("readable").file_name().into_string().ok());
    let names = names.filter_map(|name| Some(name.strip_suffix("-cluster.yaml")?.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    names
}

/// A text of an example in a folder where it can be run.
fn laid_out(text: &str) -> Trial {
    let trial = Trial::new(text);
    symlink(workspace().join("scenarios"), trial.path("scenarios")).expect("linked");
    trial
}

/// What models said, line by line.
fn said_by_models(ended: &Ended) -> Vec<String> {
    let lines = ended
        .stderr
        .lines()
        .filter(|line| line.contains(" at tick "));
    let lines = lines.filter(|line| !line.contains("the run ") && !line.starts_with("  lost "));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Runs an example on this machine, and then on nodes, of which this one is killed and started anew.
fn lose_a_node_of(name: &str, number: usize) {
    let text = fs::read_to_string(workspace().join(format!("scenarios/{name}-cluster.yaml")));
    let mut text = text.expect("readable");
    // What came from outside when the example was made comes again.
    let journal = format!("scenarios/data/{name}.journal.csv");
    let has_journal = workspace().join(&journal).exists();
    let replay: &[&str] = if has_journal {
        &[
            "--replay",
            &journal,
            "--journal",
            "out.journal.csv",
            "--cable-log",
            "out.cables.csv",
        ]
    } else {
        &[]
    };
    let alone = laid_out(&text);
    let ended = alone.run(&[replay, &["--local"]].concat());
    ended.assert(0, &[]);
    let expected = alone.csv().expect("a result");
    let ticks = expected.lines().count() as u64 - 1;

    let mut nodes: Vec<Node> = Vec::new();
    for number in 1..=5 {
        let place = format!("{{ip: '127.0.0.{number}', port: 5123}}");
        if text.contains(&place) {
            let node = Node::start_at(&format!("127.0.0.{number}"));
            let (ip, port) = (node.address.ip(), node.address.port());
            text = text.replace(&place, &format!("{{ip: '{ip}', port: {port}}}"));
            nodes.push(node);
        }
    }
    assert!(!text.contains("port: 5123") && nodes.len() >= 2, "{name}");
    let trial = laid_out(&text);
    // For a second and a half.
    let pace = format!("{}/s", ticks as f64 / 1.5);
    let run = trial.start(&[replay, &["--pace", &pace, "--devices", "none"]].concat());
    trial.wait_for_row(ticks / 4);
    let node = nodes.swap_remove(number % nodes.len());
    let address = node.address.to_string();
    node.signal("KILL");
    drop(node);
    let _node = Node::start_at(&address);
    let lossy = Ended::from(run.finish());
    lossy.assert(0, &[&format!("  lost {address} at tick ")]);
    assert!(
        trial.csv().as_ref() == Some(&expected),
        "{name}: other rows"
    );
    let written = files(&trial);
    assert!(written == files(&alone), "{name}: {:?}", written.keys());
    let writes = text.contains("results_dir");
    assert_eq!(!written.is_empty(), writes, "{name}");
    if has_journal {
        for file in ["out.journal.csv", "out.cables.csv"] {
            let [through, expected] = [&trial, &alone].map(|trial| bytes(trial, file));
            assert!(expected.len() > 1_000, "{name}: {file}");
            assert!(through == expected, "{name}: {file}");
        }
    }
    assert_eq!(said_by_models(&lossy), said_by_models(&ended), "{name}");
}

#[test]
fn every_example_gives_the_same_bytes_through_a_loss_of_each_of_its_first_nodes() {
    let names = examples();
    for number in [0, 1] {
        thread::scope(|scope| {
            for name in &names {
                scope.spawn(move || lose_a_node_of(name, number));
            }
        });
    }
}
